"""What tests of the dock share: an engine, a window and the dock in it, and drawing."""

import threading

import numpy as np
import pytest
from patience import idle, waiting
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QMainWindow

WEST, NORTH = 600_000, 5_200_000


class FakeEngine:
    """Stands for the engine's process; runs in the thread that asks it, as the real client does."""

    def __init__(self, build, tmp_path):
        self.build = build
        self.folder = tmp_path
        self.specs = []
        self.cancelled = 0
        self.error = None
        self.may_answer = threading.Event()
        self.may_answer.set()

    def run(self, spec, feedback):
        from landsketch.core.errors import Cancelled

        self.specs.append(spec)
        feedback.progress(0.4, "Computing features", None)
        while not self.may_answer.wait(0.01):
            if feedback.is_cancelled():
                self.cancelled += 1
                raise Cancelled()
        if self.error:
            raise self.error
        told = {"features": 3, "pixels": 40, "held_out": [1, 2] if len(spec.labels.legend) > 1 else []}
        classes = [{"name": c["name"], "value": c["value"], **told} for c in spec.labels.legend]
        if len(classes) < 2:
            return {"preview": "", "classes": classes, "accuracy": None, "words": "Draw labels of another class."}
        values = np.array([c["value"] for c in classes], "uint8")
        self.build.write_raster(spec.output, values[self.build.truth() % len(classes)][None], no_data=0)
        for path in spec.rasters()[1:]:
            self.build.write_raster(path, np.full((1, self.build.side, self.build.side), 0.8, "float32"))
        if spec.places:
            self._suggest(spec)
        accuracy = {"value": 0.9, "low": 0.7, "high": 0.97, "held_out": 6, "words": "On labels held out."}
        seconds = {"features": 0.5, "fit": 0.2, "preview": 0.3}
        written = {name: getattr(spec, name) for name in ("confidence", "margin", "places", "classifier")}
        told = {"classes": classes, "accuracy": accuracy, "seconds": seconds, "cached": 1.0, "words": "Well."}
        return {"preview": spec.output, **written, **told}

    def _suggest(self, spec):
        from osgeo import ogr, osr

        system = osr.SpatialReference()
        system.ImportFromEPSG(32632)
        dataset = ogr.GetDriverByName("GPKG").CreateDataSource(spec.places)
        layer = dataset.CreateLayer("places", system, ogr.wkbPoint)
        for name, kind in (("rank", ogr.OFTInteger), ("class", ogr.OFTString), ("margin", ogr.OFTReal)):
            layer.CreateField(ogr.FieldDefn(name, kind))
        for rank in range(spec.suggestions, 0, -1):
            row = ogr.Feature(layer.GetLayerDefn())
            row.SetField("rank", rank)
            row.SetField("class", "Forest")
            row.SetGeometry(ogr.CreateGeometryFromWkt(f"POINT({WEST + 50 * rank} {NORTH - 50 * rank})"))
            layer.CreateFeature(row)

    def close(self):
        pass


class Interface:
    """The part of QGIS's window interface that the dock uses, on a real window and a real canvas."""

    def __init__(self):
        self.window = QMainWindow()
        self.canvas = QgsMapCanvas(self.window)
        self.window.setCentralWidget(self.canvas)
        self.active = None
        from landsketch.algorithms.compat import QAction

        self.add = QAction(self.window)
        self.drawing = []
        self.add.triggered.connect(lambda: self.drawing.append(self.active))
        self.pages = []

    def mainWindow(self):
        return self.window

    def mapCanvas(self):
        return self.canvas

    def actionAddFeature(self):
        return self.add

    def setActiveLayer(self, layer):
        self.active = layer

    def addDockWidget(self, area, dock):
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock):
        self.window.removeDockWidget(dock)

    def showOptionsDialog(self, parent, currentPage):
        self.pages.append(currentPage)


@pytest.fixture
def engine(monkeypatch, build, tmp_path):
    from landsketch.bridge import client, environment

    fake = FakeEngine(build, tmp_path)
    monkeypatch.setattr(client, "engine", lambda: fake)
    monkeypatch.setattr(environment, "missing_reason", lambda: "")
    return fake


@pytest.fixture
def iface(qgis_app, project):
    result = Interface()
    yield result
    result.window.close()


@pytest.fixture
def dialogs():
    return []


@pytest.fixture
def dock(iface, provider, dialogs, scene):
    """The dock with an optical layer in the project, beside a canvas that shows it."""
    from landsketch.ui.dock.dock import Dock

    image = QgsRasterLayer(scene["optical"], "s2_l2a")
    QgsProject.instance().addMapLayer(image)
    QgsProject.instance().setCrs(image.crs())
    iface.canvas.setDestinationCrs(image.crs())
    iface.canvas.resize(300, 300)
    iface.canvas.setExtent(image.extent())
    result = Dock(iface, lambda algorithm, parameters: dialogs.append((algorithm, parameters)))
    iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, result)
    iface.window.show()
    result.setUserVisible(True)
    yield result
    result.remove()
    wait(idle)


wait = waiting(5.0)


def draw(layer, wkt):
    """Adds a feature as the add-feature tool does: with default values, into the edit buffer."""
    from qgis.core import QgsVectorLayerUtils

    row = QgsVectorLayerUtils.createFeature(layer, QgsGeometry.fromWkt(wkt))
    assert layer.addFeature(QgsFeature(row))


def draw_two_classes(dock, build):
    dock.labels.new_layer(points=False, path="")
    layer = dock.labels.layer()
    for place in (0, 1):
        dock.labels.draw(place)
        for row in (4, 30, 60):
            draw(layer, build.square(6 + 60 * place, row))
    wait(lambda: [entry.count for entry in dock.labels.classes()] == [3, 3])
    return layer


def sketch(dock, engine, build):
    layer = draw_two_classes(dock, build)
    dock.map.live_box.setChecked(True)
    wait(lambda: dock.map.done)
    return layer
