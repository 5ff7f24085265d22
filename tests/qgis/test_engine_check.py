"""The check of the devices in QGIS's options: in the background, in tables, and as text."""

import threading

import pytest
from options_parts import shown, wait_until
from patience import idle
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QGuiApplication

pytest_plugins = ["options_parts"]

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


@pytest.fixture
def engine(monkeypatch):
    from landsketch.bridge import client

    engine = FakeEngine()
    monkeypatch.setattr(client, "Engine", lambda: engine)
    yield engine
    engine.may_answer.set()


def check(page, engine):
    """Checks to the end."""
    engine.may_answer.set()
    page.devices.check_button.click()
    wait_until(lambda: page.devices.check_button.text() == "Check devices")


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


def test_closing_the_options_ends_the_check(page, options, engine):
    page.devices.check_button.click()
    wait_until(lambda: engine.specs)
    sip.delete(options)
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
