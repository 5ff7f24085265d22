"""The page in QGIS's options: the engine's state, a check of the devices in the background, and preferences."""

import threading

import pytest
from patience import idle, waiting
from qgis.core import QgsSettings
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QGuiApplication
from qgis.PyQt.QtWidgets import QWidget

REPORT = {
    "system": {"landsketch": "0.1.0", "platform": "Linux", "python": "3.11.2"},
    "summary": "Runs on GPU <X> (cuda:0), 3.0 of 8.0 GiB free.",
    "device": "cuda:0",
    "devices": [
        {
            "id": "cuda:0",
            "name": "GPU <X>",
            "capability": "8.9",
            "memory": "3.0 of 8.0 GiB free",
            "runs": True,
            "taken": True,
            "why": "This is the one that 'auto' takes.",
        },
        {
            "id": "",
            "name": "Old GPU",
            "capability": "",
            "memory": "",
            "runs": False,
            "taken": False,
            "why": "Cannot be used: it is too old.",
        },
    ],
    "processor": {
        "name": "Chip",
        "physical": 4,
        "logical": 8,
        "usable": 2,
        "instructions": {"AVX2": True, "SVE": False},
    },
    "runtimes": [{"name": "torch", "version": "2.15.0", "runs": True, "notes": "Built with CUDA 13.2."}],
    "problems": ["Looking at the weather failed."],
    "text": "the report as text\n",
}


class FakeEngine:
    """Stands for the engine's process; runs in the thread that asks it, as the real client does."""

    def __init__(self, answer=REPORT):
        self.answer = answer
        self.specs = []
        self.threads = []
        self.closed = threading.Event()
        self.may_answer = threading.Event()
        self.was_cancelled = False

    def run(self, spec, feedback):
        from landsketch.core.errors import Cancelled

        self.specs.append(spec)
        self.threads.append(threading.current_thread())
        while not self.may_answer.wait(0.01):
            if feedback.is_cancelled():
                self.was_cancelled = True
                raise Cancelled()
        if isinstance(self.answer, Exception):
            raise self.answer
        return dict(self.answer)

    def close(self):
        self.closed.set()


@pytest.fixture(autouse=True)
def no_preferences(qgis_app):
    QgsSettings().remove("landsketch")
    yield
    QgsSettings().remove("landsketch")


@pytest.fixture
def python(monkeypatch, tmp_path):
    """The engine's Python, as far as the page looks at it."""
    path = tmp_path / "environment" / "bin" / "python"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(2_500_000_000)  # takes no space on the disk
    monkeypatch.setenv("LANDSKETCH_PYTHON", str(path))
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path))
    return str(path)


@pytest.fixture
def engine(monkeypatch):
    from landsketch.bridge import client

    engine = FakeEngine()
    monkeypatch.setattr(client, "Engine", lambda: engine)
    yield engine
    engine.may_answer.set()


@pytest.fixture
def window(qgis_app):
    window = QWidget()
    window.installed_over = []
    yield window
    if not sip.isdeleted(window):
        sip.delete(window)


@pytest.fixture
def page(window, python):
    from landsketch.ui.engine_page import EnginePageFactory

    return EnginePageFactory(window.installed_over.append).createWidget(window)


wait_until = waiting(10)


def check(page, engine):
    """Checks to the end."""
    engine.may_answer.set()
    page.devices.check_button.click()
    wait_until(lambda: page.devices.check_button.text() == "Check devices")


def shown(widget):
    return widget.isVisibleTo(widget.window())


# --- The engine's state -----------------------------------------------------------------------------------------------


def test_an_installed_engine_is_shown_with_its_place(page, python):
    assert page.engine.state.text() == "The engine is installed."
    assert page.engine.place.text() == python
    assert not shown(page.engine.install_button)
    assert page.devices.check_button.isEnabled()


def test_a_missing_engine_is_explained_and_can_be_installed(page, window, monkeypatch, python):
    monkeypatch.delenv("LANDSKETCH_PYTHON")
    page.refresh()
    assert "not installed yet" in page.engine.state.text()
    assert shown(page.engine.install_button)
    assert not page.devices.check_button.isEnabled()
    assert page.engine.place.text() == ""

    monkeypatch.setenv("LANDSKETCH_PYTHON", python)  # what installing leads to
    page.engine.install_button.click()
    assert window.installed_over == [window]
    assert page.devices.check_button.isEnabled()
    assert not shown(page.engine.install_button)


# --- Another Python ---------------------------------------------------------------------------------------------------


@pytest.fixture
def own(monkeypatch, tmp_path, python):
    """LandSketch's own environment, and no variable that names another one."""
    from landsketch.bridge import environment

    monkeypatch.delenv("LANDSKETCH_PYTHON")
    folder = tmp_path / "environments" / f"py3.12-{environment.lock_key()}"
    path = folder / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.touch()
    (folder / "landsketch-ready").touch()
    return str(path)


@pytest.fixture
def other(tmp_path):
    """A Python of the user's own, as far as looking at it goes."""
    path = tmp_path / "other" / "python"
    path.parent.mkdir()
    return path


def answers(path, lacks=""):
    """Makes a program that answers as a Python with the engine's packages, all but some."""
    import json

    from landsketch.bridge.checked_python import PACKAGES

    found = {name: "" if name == lacks else "2.8.0" for name in PACKAGES}
    path.write_text(f"#!/bin/sh\necho '{json.dumps({'python': [3, 12, 1], 'packages': found})}'\n")
    path.chmod(0o755)
    return str(path)


def choose(page, path):
    page.engine.choose(path)
    assert page.engine.choose_button.text() == "Cancel" and shown(page.engine.waiting)
    wait_until(lambda: page.engine.choose_button.text() == "Choose…")


def test_a_python_of_the_users_own_is_tried_and_taken_with_ok(own, page, other):
    from landsketch.bridge import environment

    page.refresh()
    assert page.engine.place.text() == own and not shown(page.engine.own_button)
    path = answers(other)
    choose(page, path)
    assert "Python 3.12.1 with PyTorch 2.8.0" in page.engine.verdict.text()
    assert page.engine.place.text() == path
    assert environment.find_python() == own, "nothing is stored before the options are closed with OK"
    assert not page.devices.check_button.isEnabled(), "it would check another one than is shown"
    page.apply()
    assert environment.find_python() == path

    page.engine.own_button.click()
    assert page.engine.place.text() == own
    page.apply()
    assert environment.find_python() == own


def test_a_python_that_lacks_packages_is_refused_with_what_to_do(own, page, other):
    from landsketch.bridge import environment

    page.refresh()
    path = answers(other, lacks="rasterio")
    choose(page, path)
    assert f"'{path}' (Python 3.12.1) lacks rasterio." in page.engine.verdict.text()
    assert "-m pip install -r" in page.engine.verdict.text() and "engine.lock" in page.engine.verdict.text()
    assert page.engine.place.text() == own
    page.apply()
    assert environment.find_python() == own


def test_trying_a_python_can_be_cancelled(own, page, other):
    page.refresh()
    other.write_text("#!/bin/sh\nsleep 60\n")
    other.chmod(0o755)
    page.engine.choose(str(other))
    page.engine.choose_button.click()
    wait_until(lambda: page.engine.choose_button.text() == "Choose…")
    assert not shown(page.engine.verdict) and page.engine.place.text() == own


def test_the_variable_comes_before_the_choice(page, python):
    from landsketch.algorithms import preferences

    preferences.save_python("/some/python")
    page.refresh()
    assert page.engine.place.text() == python
    assert not page.engine.choose_button.isEnabled()
    assert "LANDSKETCH_PYTHON" in page.engine.choose_button.toolTip()


def test_a_chosen_python_that_is_gone_is_named_and_installing_leads_back(own, page, window):
    from landsketch.algorithms import preferences
    from landsketch.bridge import environment

    preferences.save_python("/gone/python")
    page.refresh()
    assert "options of LandSketch name '/gone/python'" in page.engine.state.text()
    page.engine.install_button.click()
    assert window.installed_over == [window]
    assert environment.find_python() == own and page.engine.place.text() == own


# --- Kept features ----------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path, python):
    """The folder of features, with two blocks."""
    space = tmp_path / "features" / ("0" * 32)
    space.mkdir(parents=True)
    for name in ("0-0.npy", "64-0.npy"):
        with (space / name).open("wb") as file:
            file.truncate(700_000_000)  # takes no space on the disk
    return space


def test_kept_features_are_measured_in_the_background_and_cleared(kept, page):
    assert page.cache.kept.text() == "Measuring …" and not page.cache.clear_button.isEnabled()
    wait_until(lambda: page.cache.kept.text() == "1.4 GB are kept now.")
    assert page.cache.clear_button.isEnabled()
    page.cache.clear()
    wait_until(lambda: page.cache.kept.text() == "Nothing is kept now.")
    assert not page.cache.clear_button.isEnabled() and not kept.exists()


@pytest.mark.parametrize("agreed", [True, False])
def test_features_are_cleared_only_where_the_user_agrees(kept, page, agreed):
    from qgis.PyQt.QtCore import QTimer
    from qgis.PyQt.QtWidgets import QApplication, QMessageBox

    def answer():
        question = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible())
        buttons = {button.text().replace("&", ""): button for button in question.buttons()}
        buttons["Clear" if agreed else "Cancel"].click()

    wait_until(page.cache.clear_button.isEnabled)
    QTimer.singleShot(100, answer)
    page.cache.clear_button.click()
    wait_until(page.cache.clear_button.isEnabled if not agreed else lambda: not kept.exists())
    assert kept.exists() is not agreed


def test_another_folder_is_measured_and_stored_with_ok(kept, page, tmp_path, window):
    from landsketch.algorithms import preferences
    from landsketch.ui.engine_page import EnginePage

    assert page.cache.folder.lineEdit().placeholderText() == str(kept.parent)
    page.cache.folder.setFilePath(str(tmp_path / "elsewhere"))
    page.cache.most.setValue(300)
    wait_until(lambda: page.cache.kept.text() == "Nothing is kept now.")
    assert preferences.cache_folder() == "" and preferences.cache_megabytes() == 2000
    page.apply()
    assert (preferences.cache_folder(), preferences.cache_megabytes()) == (str(tmp_path / "elsewhere"), 300)
    again = EnginePage(window, print)
    assert again.cache.folder.filePath() == str(tmp_path / "elsewhere") and again.cache.most.value() == 300


# --- The check --------------------------------------------------------------------------------------------------------


def test_a_check_runs_in_the_background_and_the_window_stays_alive(page, engine):
    page.devices.check_button.click()
    wait_until(lambda: engine.specs)
    assert [spec.job for spec in engine.specs] == ["inspect"]
    assert engine.threads[0] is not threading.main_thread()
    assert page.devices.check_button.text() == "Cancel"
    assert shown(page.devices.waiting)
    assert not page.devices.copy_button.isEnabled()

    engine.may_answer.set()
    wait_until(lambda: page.devices.check_button.text() == "Check devices")
    assert not shown(page.devices.waiting)
    assert engine.closed.is_set()


def test_the_report_is_shown_in_tables(page, engine):
    check(page, engine)
    text = page.devices.result.text()
    for words in ("3.0 of 8.0 GiB free", "✗ no", "Cannot be used: it is too old.", "compute capability 8.9", "2.15.0"):
        assert words in text
    assert "Chip with 8 cores, 2 of them for LandSketch. Instruction sets: AVX2. Not there: SVE." in text
    assert "Looking at the weather failed." in text
    assert shown(page.devices.result)


def test_names_from_the_machine_are_no_html(page, engine):
    check(page, engine)
    assert "<X>" not in page.devices.result.text()
    assert "GPU &lt;X&gt;" in page.devices.result.text()


def test_the_environments_size_is_told(page, engine):
    check(page, engine)
    assert page.engine.state.text() == "The engine is installed and takes 2.5 GB."


def test_an_environment_of_the_users_own_is_not_measured(page, engine, monkeypatch, tmp_path):
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path / "elsewhere"))
    check(page, engine)
    assert page.engine.state.text() == "The engine is installed."


def test_the_report_is_copied_as_text(page, engine, python):
    check(page, engine)
    page.devices.copy_button.click()
    copied = QGuiApplication.clipboard().text()
    assert "the report as text" in copied
    assert "QGIS 3" in copied or "QGIS 4" in copied
    assert python in copied


def test_an_engine_that_does_not_start_is_said_and_can_be_copied(page, engine):
    from landsketch.core.errors import EngineError

    engine.answer = EngineError("The engine's process ended <unexpectedly>.", "Try again.")
    check(page, engine)
    assert page.devices.result.text() == "The engine's process ended <unexpectedly>. Try again."
    assert page.devices.result.textFormat() == Qt.TextFormat.PlainText
    page.devices.copy_button.click()
    assert "ended <unexpectedly>" in QGuiApplication.clipboard().text()


def test_a_fault_in_the_check_ends_it_with_a_sentence(page, engine):
    engine.answer = ValueError("nobody expected this")
    check(page, engine)
    assert "nobody expected this" in page.devices.result.text()


def test_cancelling_ends_the_check_and_its_process(page, engine):
    page.devices.check_button.click()
    wait_until(lambda: engine.specs)
    page.devices.check_button.click()
    wait_until(lambda: page.devices.check_button.text() == "Check devices")
    assert engine.was_cancelled
    assert engine.closed.is_set()
    assert not shown(page.devices.result)
    page.devices.copy_button.click()
    assert "The engine is installed." in QGuiApplication.clipboard().text()


def test_closing_the_options_ends_the_check(page, window, engine):
    page.devices.check_button.click()
    wait_until(lambda: engine.specs)
    sip.delete(window)
    assert sip.isdeleted(page)
    wait_until(engine.closed.is_set)
    assert engine.was_cancelled
    wait_until(idle)


def test_a_long_report_scrolls_and_does_not_make_the_dialog_higher(page, engine):
    before = page.minimumSizeHint().height()
    engine.answer = {**REPORT, "devices": REPORT["devices"] * 20}
    check(page, engine)
    assert page.minimumSizeHint().height() == before


def test_a_long_path_does_not_make_the_page_wider(page, monkeypatch, tmp_path):
    contents = page.engine.parentWidget()
    before = contents.minimumSizeHint().width()
    path = tmp_path / ("long" * 40) / "python"
    path.parent.mkdir()
    path.touch()
    monkeypatch.setenv("LANDSKETCH_PYTHON", str(path))
    page.refresh()
    assert page.engine.place.text() == str(path)
    assert contents.minimumSizeHint().width() == before


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path):
    from landsketch.core.errors import Cancelled
    from landsketch.ui.engine_check import folder_size

    (tmp_path / "inner").mkdir()
    (tmp_path / "one").write_bytes(bytes(10))
    (tmp_path / "inner" / "two").write_bytes(bytes(5))
    (tmp_path / "inner" / "link").symlink_to(tmp_path / "gone")
    links = (tmp_path / "inner" / "link").lstat().st_size
    assert folder_size(str(tmp_path), lambda: False) == 15 + links
    with pytest.raises(Cancelled):
        folder_size(str(tmp_path), lambda: True)


@pytest.mark.slow
def test_the_real_engine_describes_this_machine(qgis_app, real_engine):
    from landsketch.ui.engine_check import inspect
    from landsketch.ui.machine_tables import report_html

    report = inspect(lambda: False)
    assert report["devices"][-1]["id"] == "cpu"
    assert report["summary"].split()[0] == "Runs"
    assert "torch" in report_html(report)


# --- Preferences ------------------------------------------------------------------------------------------------------


def test_without_preferences_all_is_automatic(qgis_app):
    from landsketch.algorithms import preferences

    assert (preferences.device(), preferences.threads()) == ("auto", 0)
    assert (preferences.runtime(), preferences.precision()) == ("auto", "auto")


def test_the_page_stores_what_was_chosen_and_shows_it_again(page, window, python):
    from landsketch.algorithms import preferences
    from landsketch.ui.engine_page import EnginePage

    page.preferences.device.setCurrentIndex(page.preferences.device.findData("cpu"))
    page.preferences.threads.setValue(3)
    page.preferences.runtime.setCurrentIndex(page.preferences.runtime.findData("openvino"))
    page.preferences.precision.setCurrentIndex(page.preferences.precision.findData("bf16"))
    assert preferences.device() == "auto", "nothing is stored before the options are closed with OK"
    page.apply()
    chosen = ("cpu", 3, "openvino", "bf16")
    assert (
        preferences.device(),
        preferences.threads(),
        preferences.runtime(),
        preferences.precision(),
    ) == chosen
    again = EnginePage(window, print)
    assert (
        again.preferences.device.currentData(),
        again.preferences.threads.value(),
        again.preferences.runtime.currentData(),
        again.preferences.precision.currentData(),
    ) == chosen


def test_the_page_offers_all_that_the_engine_takes(page):
    from landsketch.core.specs import DEVICES, PRECISIONS, RUNTIMES

    for box, choices in (
        (page.preferences.device, DEVICES),
        (page.preferences.runtime, RUNTIMES),
        (page.preferences.precision, PRECISIONS),
    ):
        assert [box.itemData(index) for index in range(box.count())] == list(choices)


@pytest.mark.parametrize(("stored", "threads"), [("4", 4), (2, 2), ("many", 0), (-3, 0), ("99999", 1024), (None, 0)])
def test_settings_that_somebody_has_edited_do_no_harm(qgis_app, stored, threads):
    from landsketch.algorithms import preferences

    QgsSettings().setValue("landsketch/threads", stored)
    QgsSettings().setValue("landsketch/device", "quantum")
    assert preferences.threads() == threads
    assert preferences.device() == "auto"


def test_algorithms_start_with_the_preferred_device(algorithm):
    from landsketch.algorithms import preferences

    preferences.save("cpu", 0, "auto", "auto")
    for name in ("finetune", "classify"):
        assert algorithm(name).parameterDefinition("DEVICE").defaultValue() == "cpu"
