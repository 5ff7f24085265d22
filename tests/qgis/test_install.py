"""Installing the engine from inside QGIS, by the button of the options page, into an empty folder.

The quick tests run the real uv on an engine of one small package, made here. The slow one installs the real engine,
which takes 6 GB, and runs where LANDSKETCH_TEST_INSTALL is set.
"""

import base64
import hashlib
import os
import shutil
import time
import zipfile
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtGui import QGuiApplication
from qgis.PyQt.QtWidgets import QApplication, QMainWindow, QProgressBar, QTextEdit

ROOT = Path(__file__).resolve().parents[2]


class Interface:
    """The part of QGIS's window interface that the plugin uses, on a real window."""

    def __init__(self):
        self.window = QMainWindow()
        self.options = []

    def mainWindow(self):
        return self.window

    def addToolBar(self, name):
        return self.window.addToolBar(name)

    def registerOptionsWidgetFactory(self, factory):
        self.options.append(factory)

    def __getattr__(self, name):
        """What else the plugin asks of the window is no matter here."""
        return lambda *arguments, **options: None


def wheel(folder):
    """Writes a wheel of one module, and returns its requirement with the hash."""
    parts = {
        "tiny_engine.py": "VERSION = 1\n",
        "tiny_engine-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny-engine\nVersion: 1.0\n",
        "tiny_engine-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, text in parts.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(text)}\n"
    path = folder / "tiny_engine-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        for name, text in {**parts, "tiny_engine-1.0.dist-info/RECORD": record}.items():
            file.writestr(name, text)
    return f"tiny-engine==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def home(monkeypatch, tmp_path, qgis_app):
    """An empty folder for all that is installed, and no engine anywhere else."""
    QgsSettings().remove("landsketch")
    monkeypatch.delenv("LANDSKETCH_PYTHON", raising=False)
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    shutil.rmtree(tmp_path / "home", ignore_errors=True)  # pytest keeps the folders of the last tests


@pytest.fixture
def small(home, monkeypatch, tmp_path):
    """Makes an engine of one small package of what is installed; the installer itself is not downloaded again."""
    from landsketch.bridge import environment

    tools = environment._digest(str(ROOT / "requirements" / "uv.txt"))
    found = ROOT / ".dev" / "home" / "tools" / f"uv-{tools}"
    if not found.is_dir():
        pytest.skip("There is no installer in .dev/home/tools; './dev test' fetches it.")
    (home / "tools").mkdir(parents=True)
    (home / "tools" / f"uv-{tools}").symlink_to(found, target_is_directory=True)
    requirements, wheels = tmp_path / "requirements", tmp_path / "wheels"
    requirements.mkdir()
    wheels.mkdir()
    shutil.copy(ROOT / "requirements" / "uv.txt", requirements)
    (requirements / "engine.lock").write_text(wheel(wheels))
    monkeypatch.setattr(environment, "_REQUIREMENTS", str(requirements))
    monkeypatch.setattr(environment, "_NEEDED_BYTES", 0)
    monkeypatch.setattr(environment, "_VERIFY", "import tiny_engine; print('version', tiny_engine.VERSION)")
    monkeypatch.setenv("LANDSKETCH_WHEELS", str(wheels))
    return requirements


@pytest.fixture
def page(home, qgis_app, qgis_processing, qgis_iface, monkeypatch):
    """The page of the options, as the plugin makes it."""
    import landsketch

    monkeypatch.setattr(qgis_iface, "browserModel", lambda: None, raising=False)  # Processing's dialog asks for it
    interface = Interface()
    plugin = landsketch.classFactory(interface)
    plugin.initGui()
    (factory,) = interface.options
    yield factory.createWidget(interface.window)
    plugin.unload()
    interface.window.deleteLater()


class Driver:
    """Works the dialog that the button opens, from within its own event loop.

    Args:
        until: Told the dialog a hundred times a second once it runs; returns whether to press Cancel.
    """

    def __init__(self, until=lambda dialog: False, seconds=30):
        self.until = until
        self.end = time.monotonic() + seconds
        self.shares = []
        self.log = ""
        self.started = False
        self.beat = QTimer()
        self.beat.timeout.connect(self.look)
        self.beat.start(10)

    def look(self):
        dialogs = [w for w in QApplication.topLevelWidgets() if w.isVisible() and hasattr(w, "runButton")]
        if not dialogs:
            return
        (dialog,) = dialogs
        if not self.started:
            self.started = True
            dialog.findChild(QProgressBar).valueChanged.connect(self.shares.append)
            dialog.runButton().click()
        elif time.monotonic() > self.end or QgsApplication.taskManager().countActiveTasks() == 0:
            self.log = self.text_of(dialog)
            self.beat.stop()
            dialog.close()
        elif self.until(dialog):
            self.until = lambda dialog: False
            dialog.cancelButton().click()

    def text_of(self, dialog):
        return "\n".join(box.toPlainText() for box in dialog.findChildren(QTextEdit))


def left(home):
    """Names of what is left of environments."""
    return os.listdir(home / "environments")


def test_the_button_installs_into_an_empty_folder(small, home, page):
    from landsketch.bridge import environment

    assert "not installed yet" in page.engine.state.text()
    driver = Driver()
    page.engine.install_button.click()
    python = environment.find_python()
    assert python and python.startswith(str(home)), driver.log
    assert page.engine.state.text() == "The engine is installed." and page.engine.place.text() == python
    assert page.devices.check_button.isEnabled()
    assert "+ tiny-engine==1.0" in driver.log and "version 1" in driver.log
    shares = driver.shares[: driver.shares.index(100) + 1]  # the dialog then sets its bar back
    assert shares == sorted(shares) and len(set(shares)) > 3
    assert left(home) == [Path(python).parents[1].name]


def test_cancelling_leaves_nothing_half_made_and_the_next_try_works(small, home, page, monkeypatch):
    from landsketch.bridge import environment

    verify = environment._VERIFY
    monkeypatch.setattr(environment, "_VERIFY", "import time; print('slow', flush=True); time.sleep(60)")
    driver = Driver(until=lambda dialog: "slow" in driver.text_of(dialog))
    started = time.monotonic()
    page.engine.install_button.click()
    assert time.monotonic() - started < 20
    assert environment.find_python() is None and left(home) == []
    assert "not installed yet" in page.engine.state.text()
    monkeypatch.setattr(environment, "_VERIFY", verify)
    again = Driver()
    page.engine.install_button.click()
    assert page.engine.state.text() == "The engine is installed.", again.log


def test_a_failure_is_explained_and_the_report_tells_how_it_went(small, home, page):
    (small / "engine.lock").write_text("tiny-engine==1.0 --hash=sha256:" + "0" * 64 + "\n")
    driver = Driver()
    page.engine.install_button.click()
    assert "not the file that LandSketch was tested with" in driver.log
    assert left(home) == []
    page.devices.copy_button.click()
    report = QGuiApplication.clipboard().text()
    assert "QGIS " in report and "not installed yet" in report
    assert "not the file that LandSketch was tested with" in report and "tiny-engine" in report


def test_nothing_pops_up_and_nothing_is_written_at_start(home, page):
    for _ in range(20):
        QgsApplication.processEvents()
        time.sleep(0.01)
    windows = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    assert windows == [] and QApplication.activeModalWidget() is None
    assert not home.exists()


@pytest.mark.slow
@pytest.mark.skipif("LANDSKETCH_TEST_INSTALL" not in os.environ, reason="LANDSKETCH_TEST_INSTALL is not set: 6 GB")
def test_the_real_engine_is_installed_and_runs(home, page, record_property):
    started = time.monotonic()
    driver = Driver(seconds=3600)
    page.engine.install_button.click()
    record_property("seconds", round(time.monotonic() - started))
    assert page.engine.state.text() == "The engine is installed.", driver.log
    page.devices.check_button.click()
    end = time.monotonic() + 120
    while page.devices.check_button.text() == "Cancel":
        assert time.monotonic() < end
        QgsApplication.processEvents()
        time.sleep(0.01)
    assert "Runs on" in page.devices.result.text() and "GB" in page.engine.state.text()
    assert len(set(driver.shares)) > 5
