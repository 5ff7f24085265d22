"""Runs inside a real QGIS (`qgis --code`): clicks through fine-tuning and classifying as an analyst does.

What to do comes from the JSON file that LANDSKETCH_E2E names; what happened goes into `outcome.json` beside it, and the
test that started QGIS judges it.
"""

import json
import os
import time
import traceback

from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsContrastEnhancement,
    QgsFillSymbol,
    QgsMultiBandColorRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject, Qt, QTimer
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QWidget
from qgis.utils import iface

with open(os.environ["LANDSKETCH_E2E"], encoding="utf-8") as file:
    TASK = json.load(file)
FOLDER = TASK["folder"]


class Failed(Exception):
    """Something on screen was not as expected."""


def steps():
    """The whole session, as a generator that yields conditions to wait for."""
    window = iface.mainWindow()
    window.showMaximized()
    close_docks(window)
    image, radar, labels = add_layers()
    iface.mapCanvas().setExtent(image.extent())
    yield drawn()
    shoot("1-labels")

    images = {"OPTICAL": image.id(), "SAR": radar.id()}
    model = os.path.join(FOLDER, "model.safetensors")
    report = os.path.join(FOLDER, "report.html")
    yield from run_dialog("finetune", {**images, "LABELS": labels.id(), "OUTPUT": model, "REPORT": report})
    outputs = {"OUTPUT": os.path.join(FOLDER, "map.tif"), "CONFIDENCE": os.path.join(FOLDER, "confidence.tif")}
    yield from run_dialog("classify", {**images, "CHECKPOINT": model, **outputs})

    close_docks(window)
    show_results(labels)
    yield after(1)
    iface.mapCanvas().setExtent(image.extent())
    yield drawn()
    shoot("4-map")
    OUTCOME["layers"] = {layer.name(): describe(layer) for layer in QgsProject.instance().mapLayers().values()}


def close_docks(window):
    for dock in window.findChildren(QDockWidget):
        if dock.objectName() != "Layers":
            dock.close()
    window.resizeDocks([window.findChild(QDockWidget, "Layers")], [330], Qt.Orientation.Horizontal)


def add_layers():
    image = QgsRasterLayer(TASK["optical"], "Sentinel-2")
    show_in_colour(image)
    radar = QgsRasterLayer(TASK["sar"], "Sentinel-1")
    labels = QgsVectorLayer(TASK["labels"], "Labels", "ogr")
    renderer = QgsCategorizedSymbolRenderer("class", [])
    for entry in TASK["legend"]:
        symbol = QgsFillSymbol.createSimple(
            {"color": entry["colour"], "outline_color": "white", "outline_width": "0.5"}
        )
        renderer.addCategory(QgsRendererCategory(entry["name"], symbol, entry["name"]))
    labels.setRenderer(renderer)
    project = QgsProject.instance()
    project.setCrs(image.crs())
    for layer in (radar, image, labels):
        if not layer.isValid():
            raise Failed(f"layer {layer.name()} is not valid")
        project.addMapLayer(layer)
    project.layerTreeRoot().findLayer(radar).setItemVisibilityChecked(False)
    project.layerTreeRoot().findLayer(radar).setExpanded(False)
    return image, radar, labels


def show_in_colour(image):
    renderer = QgsMultiBandColorRenderer(image.dataProvider(), 4, 3, 2)
    for band, setter in ((4, "Red"), (3, "Green"), (2, "Blue")):
        stretch = QgsContrastEnhancement(image.dataProvider().dataType(band))
        stretch.setContrastEnhancementAlgorithm(
            QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
        )
        stretch.setMinimumValue(0)
        stretch.setMaximumValue(2500)
        getattr(renderer, f"set{setter}ContrastEnhancement")(stretch)
    image.setRenderer(renderer)


def run_dialog(name, parameters):
    """Opens an algorithm from the toolbar, fills in its dialog, clicks Run, waits for its end and closes it."""
    action = iface.mainWindow().findChild(QObject, f"LandSketch_{name}")
    if action is None or not any(
        action in bar.actions() for bar in iface.mainWindow().findChildren(QWidget, "LandSketchToolbar")
    ):
        raise Failed(f"the toolbar has no action for {name}")
    action.trigger()
    yield lambda: dialog_of(name) is not None
    dialog = dialog_of(name)
    dialog.setParameters(parameters)
    yield after(1)
    shoot(f"{'2' if name == 'finetune' else '3'}-{name}-parameters")
    dialog.runButton().click()
    yield lambda: dialog.wasExecuted() or dialog.runButton().isEnabled()
    yield after(1)
    shoot(f"{'2' if name == 'finetune' else '3'}-{name}-log")
    OUTCOME[name] = {key: value for key, value in (dialog.results() or {}).items() if isinstance(value, str)}
    dialog.close()
    yield after(1)


def dialog_of(name):
    """The open dialog of an algorithm, or None."""
    for widget in QApplication.topLevelWidgets():
        algorithm = getattr(widget, "algorithm", None)
        if widget.isVisible() and callable(algorithm) and algorithm().id() == f"landsketch:{name}":
            return widget
    return None


def show_results(labels):
    """The map over the image, and the labels it comes from as outlines on top."""
    root = QgsProject.instance().layerTreeRoot()
    for layer in QgsProject.instance().mapLayers().values():
        is_map = layer.name().startswith("Class map")
        root.findLayer(layer).setExpanded(is_map)
        root.findLayer(layer).setItemVisibilityChecked(is_map or layer.name() in ("Sentinel-2", "Labels"))
    node = root.findLayer(labels)
    root.insertChildNode(0, node.clone())
    root.removeChildNode(node)


def describe(layer):
    renderer = layer.renderer()
    entries = renderer.classes() if hasattr(renderer, "classes") else []
    return {"renderer": renderer.type(), "classes": [[e.value, e.label, e.color.name()] for e in entries]}


def drawn():
    """True once the map has been drawn after now."""
    canvas = iface.mapCanvas()
    finished = []
    canvas.mapCanvasRefreshed.connect(lambda: finished.append(True))
    canvas.refreshAllLayers()
    settled = after(2)
    return lambda: bool(finished) and not canvas.isDrawing() and settled()


def after(seconds):
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def shoot(name):
    screen = QApplication.primaryScreen()
    screen.grabWindow(0).save(os.path.join(FOLDER, f"{name}.png"))


OUTCOME = {"error": ""}


class Driver:
    """Runs `steps` from QGIS's event loop, so that everything else goes on as with a person at the screen."""

    def __init__(self):
        self.steps = steps()
        self.condition = after(2)
        self.deadline = time.monotonic() + TASK["timeout"]
        self.timer = QTimer()
        self.timer.timeout.connect(self.tick)
        self.timer.start(100)
        self.problems = []
        QgsApplication.messageLog().messageReceived.connect(self.hear)

    def hear(self, *message):
        """QGIS catches the exceptions of plugins and writes them into its message log."""
        if message[1] == "Python error":
            self.problems.append(message[0])

    def tick(self):
        try:
            if time.monotonic() > self.deadline:
                raise Failed("it took too long")
            if self.problems:
                raise Failed(self.problems[0])
            if self.condition():
                self.condition = next(self.steps)
        except StopIteration:
            self.finish()
        except Exception:  # the test has to hear of any failure
            OUTCOME["error"] = traceback.format_exc()
            shoot("failure")
            self.finish()

    def finish(self):
        self.timer.stop()
        with open(os.path.join(FOLDER, "outcome.json"), "w", encoding="utf-8") as file:
            json.dump(OUTCOME, file, indent=1)
        QTimer.singleShot(0, leave)


def leave():
    QgsProject.instance().clear()  # else QGIS asks whether to save the project and to lose layers in temporary folders
    QgsProject.instance().setDirty(False)
    iface.actionExit().trigger()


driver = Driver()
