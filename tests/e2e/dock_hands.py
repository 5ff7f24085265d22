"""Inside a real QGIS: what an analyst does with the dock, by its real widgets."""

import os

from driving import FOLDER, TASK, Failed, Until, iface
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProject, QgsRasterLayer, QgsRectangle, QgsVectorLayerUtils
from qgis.PyQt.QtCore import QObject, QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QProgressBar

LABELS = os.path.join(FOLDER, "drawn.gpkg")
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def add_images():
    """Adds the images to the project."""
    project = QgsProject.instance()
    images = [QgsRasterLayer(TASK["sar"], "Sentinel-1"), QgsRasterLayer(TASK["optical"], "Sentinel-2")]
    project.setCrs(images[0].crs())
    project.addMapLayers(images)
    window = iface.mainWindow()
    window.showMaximized()
    for panel in window.findChildren(QDockWidget):
        if panel.objectName() != "Layers":
            panel.close()
    iface.mapCanvas().setExtent(images[1].extent())


def open_dock():
    """Opens the dock by its button in the toolbar."""
    iface.mainWindow().findChild(QObject, "LandSketch_dock").trigger()


def dock():
    """Returns the dock."""
    found = iface.mainWindow().findChild(QDockWidget, "LandSketchDock")
    if found is None:
        raise Failed("there is no dock")
    return found


def click(widget):
    """Clicks on a widget that can be clicked on."""
    if not widget.isEnabled() or not widget.isVisible():
        raise Failed(f"'{widget.objectName() or widget}' cannot be clicked on")
    QTest.mouseClick(widget, LEFT)


def press_pencil(place):
    """Presses the pencil of a class."""
    table = dock().labels.table
    table.scrollTo(table.model().index(place, 0))
    click(table.cellWidget(place, 0))


def draw_with_mouse(west, south, east, north):
    """Draws a rectangle with QGIS's own tool: four corners, and the right button."""
    canvas = iface.mapCanvas()
    to_pixels = canvas.getCoordinateTransform()
    for x, y in ((west, south), (east, south), (east, north), (west, north)):
        pixel = to_pixels.transform(QgsPointXY(x, y))
        point = QPoint(round(pixel.x()), round(pixel.y()))
        QTest.mouseMove(canvas.viewport(), point)
        QTest.mouseClick(canvas.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, point)
    QTest.mouseClick(canvas.viewport(), RIGHT, Qt.KeyboardModifier.NoModifier, point)


def add_label(value, bounds):
    """Adds a label to the edit buffer, as the tool does: with the layer's default values."""
    layer = dock().labels.layer()
    geometry = QgsGeometry.fromRect(QgsRectangle(*bounds))
    geometry.convertToMultiType()
    row = QgsVectorLayerUtils.createFeature(layer, geometry, {layer.fields().lookupField("class"): value})
    if not layer.addFeature(QgsFeature(row)):
        raise Failed("the label layer took no feature")
    layer.triggerRepaint()


def start_labels(saved=True):
    """Makes a label layer of two classes with some labels each."""
    dock().labels.new_layer(points=False, path=LABELS)
    press_pencil(0)
    yield Until(dock().labels.layer().isEditable, "the label layer can be drawn into")
    for value, squares in enumerate(TASK["squares"], start=1):
        for bounds in squares[:3]:
            add_label(value, bounds)
    if saved and not dock().labels.layer().commitChanges(False):
        raise Failed("the labels could not be saved")
    yield Until(lambda: counts() == [3, 3], lambda: f"three labels of each class are counted, but {counts()}")


def counts():
    """Returns the numbers of labels that the dock shows."""
    return [entry.count for entry in dock().labels.classes()]


def said():
    """Returns what step 4 says."""
    return str(dock().map.state.text())


def sketched_since(last, seconds=120):
    """Waits for a newer preview than that of a file."""
    return Until(
        lambda: dock().map.done and not dock().sketcher.busy and preview_file() not in ("", last),
        lambda: f"a new preview; the dock says: {said()}",
        seconds,
    )


def preview_file():
    """Returns the file of the preview on screen; empty where there is none."""
    layer = dock().preview.layer("preview")
    return str(layer.source()) if layer is not None else ""


def dialog_of(name):
    """Returns the open dialog of an algorithm, or None."""
    for widget in QApplication.topLevelWidgets():
        algorithm = getattr(widget, "algorithm", None)
        if widget.isVisible() and callable(algorithm) and algorithm().id() == f"landsketch:{name}":
            return widget
    return None


def begin_long_training(output):
    """Starts a training that would take hours, and waits until it is in the middle."""
    click(dock().model.train_button)
    yield Until(lambda: dialog_of("finetune") is not None, "the dialog opens")
    dialog = dialog_of("finetune")
    dialog.setParameters({"MODE": "decoder", "EPOCHS": 5000, "OUTPUT": output})
    dialog.runButton().click()
    bar = dialog.findChild(QProgressBar)
    yield Until(lambda: bar.value() > 0, "the training has begun")
