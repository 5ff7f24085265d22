"""Runs inside a real QGIS (`qgis --code`): from an empty label layer to an assessed map, in the dock."""

import json
import os
import sys
import time

with open(os.environ["LANDSKETCH_E2E"], encoding="utf-8") as told:
    sys.path.insert(0, json.load(told)["tools"])

import marked
from dock_hands import (
    add_images,
    add_label,
    begin_long_training,
    click,
    counts,
    dialog_of,
    dock,
    draw_with_mouse,
    open_dock,
    press_pencil,
    preview_file,
    said,
    sketched_since,
    start_labels,
)
from driving import FOLDER, OUTCOME, TASK, Driver, Until, after, drawn, leave, shoot
from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QMessageBox
from qgis.utils import iface

TASK_FILE = os.environ[marked.MARK]
FIRST, SECOND = TASK["squares"]


def steps():
    """The whole session."""
    add_images()
    open_dock()
    yield drawn()
    OUTCOME["scene"] = [source.spec.role for source in dock().scene.sources()]
    yield from without_engine()
    yield from draw()
    yield from sketch()
    yield from change()
    yield from kill_engine()
    yield from stop_sketch()
    yield from train()
    yield from stop_training()
    yield from map_whole()
    yield from assess()


def without_engine():
    """Asks for a preview where no engine is installed."""
    python = os.environ.pop("LANDSKETCH_PYTHON")
    dock().labels.new_layer(points=False, path="")
    click(dock().map.live_box)
    yield Until(lambda: dock().map.engine_button.isVisible(), lambda: f"the way to the engine; the dock says: {said()}")
    OUTCOME["no_engine"] = said()
    shoot("dock-no-engine")
    os.environ["LANDSKETCH_PYTHON"] = python
    click(dock().map.live_box)
    QgsProject.instance().removeMapLayer(dock().labels.layer().id())


def draw():
    """Makes a label layer, and draws with the mouse what comes after the first labels."""
    yield from start_labels()
    press_pencil(1)
    yield Until(lambda: iface.mapCanvas().mapTool() is not None, "a tool to draw with")
    draw_with_mouse(*SECOND[3])
    yield Until(lambda: counts() == [3, 4], lambda: f"the drawn label is counted, but {counts()}")
    layer = dock().labels.layer()
    newest = next(feature for feature in layer.getFeatures() if feature.id() < 0)
    OUTCOME["drawn"] = {
        "class": newest["class"],
        "area": newest.geometry().area(),
        "undo": layer.undoStack().undoText(),
    }


def sketch():
    """Switches the live preview on."""
    click(dock().map.live_box)
    yield sketched_since("")
    yield drawn()
    OUTCOME["sketch"] = {"said": said(), "exists": os.path.isfile(preview_file())}
    shoot("dock-sketch")


def change():
    """Draws another label; the preview follows."""
    last = preview_file()
    add_label(1, FIRST[3])
    yield sketched_since(last)
    OUTCOME["change"] = {"renewed": preview_file() != last, "removed": not os.path.exists(last)}


def kill_engine():
    """Kills the engine in the middle of a sketch, and draws on."""
    last, (before,) = preview_file(), marked.engines(TASK_FILE)
    marked.send(TASK_FILE, marked.signal.SIGSTOP)  # so that the sketch cannot end before the engine does
    add_label(2, SECOND[4])
    yield Until(lambda: dock().map.bar.isVisible(), "a sketch runs")
    marked.send(TASK_FILE)
    yield Until(lambda: not dock().sketcher.busy, "the dock notices that the engine is gone")
    OUTCOME["killed"] = {"said": said(), "preview": preview_file() == last and os.path.isfile(last)}
    shoot("dock-killed")
    add_label(1, FIRST[4])
    yield sketched_since(last)
    (after_that,) = marked.engines(TASK_FILE)
    OUTCOME["killed"]["restarted"] = after_that != before


def stop_sketch():
    """Cancels a sketch that an engine which does not answer runs."""
    marked.send(TASK_FILE, marked.signal.SIGSTOP)
    add_label(2, SECOND[5])
    yield Until(lambda: dock().map.bar.isVisible(), "a sketch runs")
    marked.send(TASK_FILE, marked.signal.SIGCONT)
    started = time.monotonic()
    click(dock().map.cancel_button)
    yield Until(lambda: not dock().sketcher.busy, "the sketch stops")
    live = dock().map.live_box.isChecked()
    OUTCOME["stopped"] = {"seconds": time.monotonic() - started, "live": live, "bar": dock().map.bar.isVisible()}


def train():
    """Trains through the dialog that the dock opens, quickly."""
    yield from open_dialog("finetune", dock().model.train_button)
    dialog = dialog_of("finetune")
    given = dialog.createProcessingParameters()
    layers = {"OPTICAL": "Sentinel-2", "SAR": "Sentinel-1", "LABELS": "drawn"}
    project = QgsProject.instance()
    OUTCOME["filled_in"] = {name: project.mapLayer(given[name]).name() == layer for name, layer in layers.items()}
    model = os.path.join(FOLDER, "model.safetensors")
    yield from run(dialog, {"MODE": "frozen", "OUTPUT": model, "REPORT": os.path.join(FOLDER, "report.html")})
    OUTCOME["trained"] = os.path.isfile(model)
    dialog.close()


def stop_training():
    """Cancels a long training in the middle."""
    yield from begin_long_training(os.path.join(FOLDER, "stopped.safetensors"))
    dialog = dialog_of("finetune")
    started = time.monotonic()
    dialog.cancelButton().click()
    yield Until(lambda: dialog.runButton().isEnabled(), "the training stops")
    left = [name for name in os.listdir(FOLDER) if name.startswith(("stopped", "."))]
    OUTCOME["cancelled"] = {"seconds": time.monotonic() - started, "left": left}
    dialog.close()


def map_whole():
    """Maps the whole image with what the sketch has learned."""
    yield from open_dialog("classify", dock().map.whole_button)
    dialog = dialog_of("classify")
    OUTCOME["classifier"] = os.path.getsize(dialog.createProcessingParameters()["CHECKPOINT"])
    yield from run(dialog, {"OUTPUT": os.path.join(FOLDER, "map.tif")})
    dialog.close()
    yield Until(lambda: layer_named("Class map of Sentinel-2") is not None, "the map is in the project")
    OUTCOME["map"] = layer_named("Class map of Sentinel-2").renderer().type()


def assess():
    """Assesses the map."""
    yield from open_dialog("assess", dock().map.assess_button)
    dialog = dialog_of("assess")
    given = {"MAP": layer_named("Class map of Sentinel-2").id(), "REFERENCE": dock().labels.layer().id()}
    yield from run(dialog, {**given, "JSON": os.path.join(FOLDER, "accuracy.json")})
    dialog.close()
    yield after(0.5)
    shoot("dock-end")


def open_dialog(name, button):
    """Presses a button of the dock that opens the dialog of an algorithm."""
    click(button)
    yield Until(lambda: dialog_of(name) is not None, lambda: f"the dialog of {name} opens; the dock says: {said()}")


def run(dialog, parameters):
    """Runs a dialog to its end."""
    dialog.setParameters(parameters)
    dialog.runButton().click()
    yield Until(dialog.wasExecuted, "the algorithm ends", 120)


def layer_named(name):
    """Returns a layer of the project, or None."""
    return next(iter(QgsProject.instance().mapLayersByName(name)), None)


Button = QMessageBox.StandardButton
ANSWERS = {"Stop Editing": Button.Save, "Close Project": Button.Yes, "Save Project": Button.Discard}
driver = Driver(steps(), ANSWERS, leave)
