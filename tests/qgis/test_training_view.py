"""The training view, by its real widgets: a real training is watched, ended by hand, cancelled and compared."""

import os
import time
from pathlib import Path

import pytest
from patience import waiting
from qgis.core import QgsApplication, QgsProcessingAlgRunnerTask, QgsProcessingFeedback
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtGui import QColor, QGuiApplication, QImage, QPalette
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QMainWindow, QPushButton

PATIENCE = 300


class Interface:
    """The part of QGIS's window interface that the training view uses."""

    def __init__(self):
        self.window = QMainWindow()
        self.bar = QgsMessageBar(self.window)

    def mainWindow(self):
        return self.window

    def messageBar(self):
        return self.bar


wait = waiting(PATIENCE)


@pytest.fixture
def opened():
    """Dialogs that were asked for."""
    return []


@pytest.fixture
def training(qgis_app, provider, project, opened):
    from landsketch.ui.toolbar import _icon
    from landsketch.ui.training.training import Training

    interface = Interface()
    result = Training(interface, _icon(""), lambda name, parameters: opened.append((name, parameters)))
    yield result
    result.remove()
    interface.window.close()


def kept(folder, name, losses, ending="finished", f1=(0.5, 0.9), **values):
    """Writes a run into the history."""
    from landsketch.bridge.history import Call, Measures, Run, RunFile

    call = Call(
        "landsketch:finetune",
        "Fine-tune",
        {"EPOCHS": 9, "OUTPUT": "a.safetensors"},
        f"qgis_process run {name}",
        values.pop("note", ""),
    )
    run = Run(f"20260101-00000{name}", "finetune", "2026-01-01T00:00:00+00:00", call, {"mode": "full"} | values)
    file = RunFile(run, folder)
    for epoch, loss in enumerate(losses, 1):
        scores = {"held_out_macro_f1": f1[0], "held_out_oa": f1[1]} if f1 else {}
        file.measured(Measures({"epoch": epoch, "loss": loss, "held_out_loss": 2 * loss} | scores, {"Water": 0.8}))
    if ending:
        file.end(ending, "No labels." if ending == "failed" else "", {"report": values.get("report", "")})
    return run.id


def shown(training, count):
    window = training.show()
    wait(lambda: window.runs.topLevelItemCount() == count)
    return window


class Going:
    """A fine-tuning that goes on as Processing's dialogs run it: in a background thread."""

    def __init__(self, algorithm, context, parameters):
        self.feedback = QgsProcessingFeedback()
        self.outcome = []
        given = {"MODE": "full", "EPOCHS": 500, "DEVICE": "cpu", **parameters}
        fine, words = algorithm("finetune").checkParameterValues(given, context)
        assert fine, words
        self._parts = algorithm("finetune"), context
        self.task = QgsProcessingAlgRunnerTask(self._parts[0], given, context, self.feedback)
        self.task.executed.connect(lambda fine, results: self.outcome.append((fine, results)))
        QgsApplication.taskManager().addTask(self.task)


def test_a_real_training_is_watched_and_ended_with_its_best(
    real_engine, training, algorithm, context, scene, labels, tmp_path, where
):
    from landsketch.bridge import client, history

    window = shown(training, 0)
    assert not window.finish_button.isEnabled()
    assert "No training yet" in window.details.title.text()
    output, report = str(tmp_path / "m.safetensors"), str(tmp_path / "r.html")
    going = Going(
        algorithm, context, {"OPTICAL": scene["optical"], "LABELS": labels, "OUTPUT": output, "REPORT": report}
    )
    wait(lambda: window.runs.topLevelItemCount() == 1)
    assert window.cancel_button.isEnabled()
    assert not window.report_button.isEnabled()
    wait(lambda: len(window.details.scores.lines) == 2 and len(window.details.scores.lines[0].points) > 1)
    assert set(window.details.bars.names) <= {"Water", "Forest", "Town"}
    assert window.details.bars.names
    wait(lambda: not window.details.examples.is_empty)
    assert window.runs.topLevelItem(0).text(3).startswith("running")
    QTest.mouseClick(window.finish_button, Qt.MouseButton.LeftButton)
    assert not window.finish_button.isEnabled()
    wait(lambda: going.outcome)
    wait(lambda: window.runs.topLevelItem(0).text(3) == "ended by hand")
    fine, results = going.outcome[0]
    assert fine and results["OUTPUT"] == output
    (run,) = history.read_runs(where)
    assert run.ending == history.STOPPED
    losses = [measures.values["held_out_loss"] for measures in run.metrics]
    assert len(losses) < 500
    best = run.metrics[losses.index(min(losses))]
    assert run.result["metrics"]["oa"] == pytest.approx(best.values["held_out_oa"])
    assert "by hand in epoch" in Path(report).read_text(encoding="utf-8")
    assert window.report_button.isEnabled()
    made = algorithm("classify").run(
        {"OPTICAL": scene["optical"], "CHECKPOINT": output, "OUTPUT": str(tmp_path / "map.tif")},
        context, QgsProcessingFeedback(),
    )  # fmt: skip
    assert made[1] and os.path.getsize(tmp_path / "map.tif")
    client.engine().close()


def test_a_real_training_is_cancelled_from_the_window(
    real_engine, training, algorithm, context, scene, labels, tmp_path, where
):
    from landsketch.bridge import client, history

    window = shown(training, 0)
    output = tmp_path / "out"
    output.mkdir()
    going = Going(
        algorithm, context,
        {"OPTICAL": scene["optical"], "LABELS": labels, "OUTPUT": str(output / "m.safetensors")},
    )  # fmt: skip
    wait(lambda: window.finish_button.isEnabled())
    QTest.mouseClick(window.cancel_button, Qt.MouseButton.LeftButton)
    start = time.monotonic()
    wait(lambda: going.outcome)
    assert time.monotonic() - start < 10
    assert not going.outcome[0][0]
    wait(lambda: window.runs.topLevelItem(0).text(3) == "cancelled")
    assert not window.cancel_button.isEnabled()
    assert os.listdir(output) == []
    assert history.read_runs(where)[0].ending == history.CANCELLED
    client.engine().close()


def test_several_runs_are_compared(training, where):
    kept(where, "1-a", (0.9, 0.5, 0.4), output="/x/first.safetensors")
    kept(where, "2-b", (0.8, 0.3), output="/x/second.safetensors", f1=(0.7, 0.8))
    window = shown(training, 2)
    assert [window.runs.topLevelItem(row).text(1) for row in (0, 1)] == ["second.safetensors", "first.safetensors"]
    assert len(window.details.losses.lines) == 2
    window.runs.selectAll()
    lines = window.details.losses.lines
    assert len(lines) == 4
    assert len({line.colour.name() for line in lines}) == 2
    assert {line.name for line in lines} >= {"first.safetensors: held-out loss", "second.safetensors: training loss"}
    assert "first.safetensors: held-out loss: 0.8" in window.details.losses.words(3)
    assert {run.text(2) for run in window.runs.selectedItems()} == {"F1 0.500", "F1 0.700"}
    first = next(line for line in lines if line.name.startswith("first") and not line.dashed)
    assert first.points == ((1, 1.8), (2, 1.0), (3, 0.8))


def test_the_curves_are_drawn_in_the_colours_of_the_runs_and_of_the_theme(training, where):
    kept(where, "1-a", (0.9, 0.5, 0.4))
    window = shown(training, 1)
    chart = window.details.losses
    for base in ("#ffffff", "#202020"):
        palette = QPalette(window.palette())
        palette.setColor(QPalette.ColorRole.Base, QColor(base))
        for widget in (chart, window.runs):
            widget.setPalette(palette)
        window.runs.chosen.emit()
        image = chart.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        pixels = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
        assert base in pixels
        assert window.runs.colour(window.runs.current_id()).name() in pixels
    QTest.mouseMove(chart, QPoint(chart.width() // 2, chart.height() // 2))
    assert "held-out loss: 1" in chart.words(2)


def test_buttons_are_about_the_run_that_is_selected(training, where, opened, tmp_path):
    report = tmp_path / "report.html"
    report.write_text("<html></html>", encoding="utf-8")
    kept(where, "1-a", (0.9,), report=str(report))
    kept(where, "2-b", (), "failed")
    kept(where, "3-c", (0.9, 0.8), "")
    window = shown(training, 3)
    states = [window.runs.topLevelItem(row).text(3) for row in range(3)]
    assert states == ["interrupted", "failed", "finished"]
    window.runs.select("20260101-000002-b")
    assert "No labels." in window.details.progress.text()
    assert not window.report_button.isEnabled()
    window.runs.select("20260101-000001-a")
    assert window.report_button.isEnabled()
    window.copy_button.click()
    assert QGuiApplication.clipboard().text() == "qgis_process run 1-a"
    window.again_button.click()
    assert opened == [("landsketch:finetune", {"EPOCHS": 9})]
    assert not window.finish_button.isEnabled() and not window.cancel_button.isEnabled()


def test_a_training_in_the_background_is_offered_to_be_watched(training, where, call_of_test):
    import threading

    from landsketch.bridge import runs
    from landsketch.core.specs import FinetuneSpec, SourceSpec, VectorSpec

    spec = FinetuneSpec(
        (SourceSpec("optical", "a.tif"),), VectorSpec("l.gpkg", field="c"), os.path.join(where, "..", "m")
    )
    begun, may_end = threading.Event(), threading.Event()

    class Engine:
        def run(self, spec, feedback):
            begun.set()
            assert may_end.wait(PATIENCE)
            return {}

    class Quiet:
        progress = log = metric = artifact = is_cancelled = lambda self, *values: False

    bar = training._iface.messageBar()
    may_end.set()
    runs.run_recorded(Engine(), spec, Quiet(), call_of_test)
    QgsApplication.processEvents()
    assert bar.items() == [], "a script that holds the window up is not interrupted"
    may_end.clear()
    thread = threading.Thread(target=runs.run_recorded, args=(Engine(), spec, Quiet(), call_of_test))
    thread.start()
    wait(lambda: bar.items())
    (watch,) = bar.items()[0].findChildren(QPushButton)
    watch.click()
    window = training._window
    assert window.isVisible()
    wait(lambda: window.runs.topLevelItemCount() == 2)
    assert window.cancel_button.isEnabled()
    may_end.set()
    thread.join(PATIENCE)
    wait(lambda: not window.cancel_button.isEnabled())


@pytest.fixture
def call_of_test():
    from landsketch.bridge.history import Call

    return Call("landsketch:finetune", "Fine-tune a classifier", {})


def test_everything_is_reached_by_keyboard_and_named(training, where):
    kept(where, "1-a", (0.9, 0.5))
    window = shown(training, 1)
    buttons = window.finish_button, window.cancel_button, window.copy_button, window.report_button, window.again_button
    letters = [one.text()[one.text().index("&") + 1].lower() for one in buttons]
    assert len(set(letters)) == len(letters)
    details = window.details
    for widget in (window.runs, details.losses, details.scores, details.bars, details.examples):
        assert widget.accessibleName()
    assert "held-out loss: 1" in details.losses.accessibleDescription()
    assert details.bars.accessibleDescription() == "Water 0.80"


def test_a_pretraining_shows_its_losses_and_the_spread_of_its_features(training, where):
    from landsketch.bridge.history import Call, Measures, Run, RunFile

    run = Run("20260101-000001-p", "pretrain", "", Call("landsketch:pretrain", "Pretrain", {}), {"method": "3dmae"})
    file = RunFile(run, where)
    for step in (10, 20):
        file.measured(Measures({"step": step, "loss": 3.0, "optical": 1.0, "sar": 2.0, "spread": 0.4}))
    window = shown(training, 1)
    details = window.details
    assert [(line.name, line.dashed) for line in details.losses.lines] == [
        ("training loss", False), ("optical", True), ("sar", True)
    ]  # fmt: skip
    assert details.scores.accessibleName() == "Spread of features"
    assert "update 20" in details.scores.words(20)
    assert not details.about_classes.isVisible()
    assert window.runs.topLevelItem(0).text(2) == "loss 3"


def test_runs_of_others_appear_when_the_window_is_shown_again(training, where):
    window = shown(training, 0)
    window.close()
    kept(where, "1-a", (0.9, 0.5))
    assert shown(training, 1) is window
    assert window.details.losses.lines


def test_round_ticks():
    from landsketch.ui.training.curves import ticks_of

    assert ticks_of(0, 1) == [0, 0.25, 0.5, 0.75, 1]
    assert ticks_of(0, 2.3) == [0, 1, 2]
    assert ticks_of(-1, 0) == [-1, -0.75, -0.5, -0.25, 0]
    assert ticks_of(0, 0.004)[1] == 0.001
