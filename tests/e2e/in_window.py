"""Runs inside a real QGIS (`qgis --code`): clicks through fine-tuning and classifying as an analyst does.

What to do comes from the JSON file that LANDSKETCH_E2E names; what happened goes into `outcome.json` beside it, and the
test that started QGIS judges it.
"""

import json
import os
import sys

with open(os.environ["LANDSKETCH_E2E"], encoding="utf-8") as told:
    sys.path.insert(0, json.load(told)["tools"])

from dock_hands import dialog_of
from driving import FOLDER, OUTCOME, TASK, Driver, Failed, after, drawn, shoot
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsContrastEnhancement,
    QgsFillSymbol,
    QgsMultiBandColorRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtWidgets import QDockWidget, QWidget
from qgis.utils import iface


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


driver = Driver(steps())
