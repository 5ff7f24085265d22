"""The dock, by its real widgets on a real canvas: labels are drawn, and the map follows them."""

import os
import threading
import time

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorFileWriter,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QGuiApplication
from qgis.PyQt.QtWidgets import QAbstractButton, QLabel, QMainWindow

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
    wait(lambda: QgsApplication.taskManager().countActiveTasks() == 0)


def wait(condition, seconds=5.0):
    """Lets QGIS' event loop run until something is so."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        QgsApplication.processEvents()
        time.sleep(0.005)


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


def test_the_scene_is_recognised_and_can_be_corrected_in_place(dock, scene):
    from landsketch.algorithms.readings import Reading, keep_reading

    assert dock.scene.optical.layer().name() == "s2_l2a"
    assert "Sentinel-2" in dock.scene.optical.found.text() and "10 bands" in dock.scene.optical.found.text()
    assert dock.scene.done
    keep_reading(dock.scene.optical.layer(), Reading("optical", "generic"))
    assert dock.scene.parameters()["OPTICAL_SENSOR"] == "generic"
    assert dock.scene.sources()[0].spec.sensor == "generic"
    assert "as you stated" in dock.scene.optical.found.text()
    radar = QgsRasterLayer(scene["sar"], "s1")
    QgsProject.instance().addMapLayer(radar)
    dock.scene.sar.combo.setLayer(radar)
    assert [source.spec.role for source in dock.scene.sources()] == ["optical", "sar"]
    keep_reading(radar, Reading("sar", bands=("VV",)))
    assert not dock.scene.done and "1 band names are stated" in dock.scene.sar.found.text()


def test_labels_are_drawn_with_the_class_of_the_pencil(dock, iface, build):
    layer = draw_two_classes(dock, build)
    assert iface.drawing == [layer, layer]
    assert layer.isEditable() and layer.crs().authid() == "EPSG:32632"
    assert sorted(feature["class"] for feature in layer.getFeatures()) == [1, 1, 1, 2, 2, 2]
    assert dock.labels.done
    layer.undoStack().undo()
    wait(lambda: [entry.count for entry in dock.labels.classes()] == [3, 2])


def test_classes_are_named_coloured_added_and_removed_in_the_table(dock, build):
    from landsketch.ui.dock.class_table import COLOUR, NAME

    draw_two_classes(dock, build)
    table = dock.labels.table
    table.item(0, NAME).setText("Lake")
    table.cellWidget(0, COLOUR).setColor(QColor("#123456"))
    dock.labels.add_button.click()
    assert [entry.name for entry in dock.labels.classes()] == ["Lake", "Class 2", "Class 3"]
    legend = [(category.name, category.colour) for category in dock.labels.labels().reader.categories]
    assert legend[0] == ("Lake", "#123456")
    table.selectRow(0)
    assert not dock.labels.remove_button.isEnabled()  # it has labels
    table.selectRow(2)
    dock.labels.remove_button.click()
    assert [entry.name for entry in dock.labels.classes()] == ["Lake", "Class 2"]


def test_a_label_file_keeps_names_and_colours(dock, tmp_path, build):
    from qgis.core import QgsVectorLayer

    path = str(tmp_path / "drawn.gpkg")
    dock.labels.new_layer(points=True, path=path)
    dock.labels.table.item(1, 2).setText("Meadow")
    again = QgsVectorLayer(f"{path}|layername=labels", "again", "ogr")
    again.loadDefaultStyle()
    assert [category.label() for category in again.renderer().categories()] == ["Class 1", "Meadow"]
    QgsProject.instance().removeAllMapLayers()


def test_many_labels_are_counted_in_the_background(dock, build):
    layer = build.categorise(
        build.memory_layer([(1 + row % 2, build.square(6, 4)) for row in range(5001)], "class:integer"),
        "class",
        [(value, f"Class {value}", "#123456") for value in (1, 2, 3)],
    )
    QgsProject.instance().addMapLayer(layer)
    dock.labels.combo.setLayer(layer)
    assert [entry.count for entry in dock.labels.classes()] == [0, 0, 0]  # QGIS has answered before they are counted
    dock.labels.table.selectRow(2)
    assert not dock.labels.remove_button.isEnabled()
    wait(lambda: [entry.count for entry in dock.labels.classes()] == [2501, 2500, 0])
    assert dock.labels.done and dock.labels.remove_button.isEnabled()
    layer.startEditing()
    layer.deleteFeature(next(layer.getFeatures()).id())
    wait(lambda: [entry.count for entry in dock.labels.classes()] == [2500, 2500, 0])


def test_an_existing_layer_gets_its_classes_from_a_field(dock, build):
    squares = [(build.names[index], wkt) for index, wkt in build.stripe_squares()]
    layer = build.memory_layer(squares)
    QgsProject.instance().addMapLayer(layer)
    dock.labels.combo.setLayer(layer)
    assert not dock.labels.done
    dock.labels.field.setField("kind")
    assert [entry.name for entry in dock.labels.classes()] == sorted(build.names)
    assert dock.labels.done


def test_drawing_asks_the_engine_and_shows_its_map(dock, engine, build):
    layer = sketch(dock, engine, build)
    spec = engine.specs[-1]
    assert [source.path for source in spec.sources] == [dock.scene.sources()[0].spec.path]
    assert [entry["name"] for entry in spec.labels.legend] == ["Class 1", "Class 2"]
    assert spec.extent.crs == "EPSG:32632"
    assert os.path.exists(spec.output)
    preview = dock.preview.layer("preview")
    assert preview.source() == spec.output
    assert [entry.label for entry in preview.renderer().classes()] == ["Class 1", "Class 2"]
    colours = [entry.color.name() for entry in preview.renderer().classes()]
    assert colours == [entry.colour for entry in dock.labels.classes()]
    assert "Sketched in 1.0 s" in dock.map.state.text()
    assert "90 %" in dock.map.accuracy.text() and "70–97 %" in dock.map.accuracy.text()
    asked = len(engine.specs)
    draw(layer, build.square(60, 80))
    wait(lambda: len(engine.specs) == asked + 1 and preview.source() != spec.output)
    assert dock.preview.layer("preview") is preview
    assert not os.path.exists(spec.output) and not os.path.exists(spec.labels.path)  # no longer needed


def test_many_changes_make_one_request(dock, engine, build):
    layer = sketch(dock, engine, build)
    asked = len(engine.specs)
    for row in range(4, 84, 10):
        draw(layer, build.square(40, row))
    wait(lambda: not dock.sketcher.busy)
    assert len(engine.specs) == asked + 1


def test_the_table_tells_how_many_labels_were_held_out(dock, engine, build):
    from landsketch.ui.dock.class_table import HELD_OUT

    table = dock.labels.table
    layer = draw_two_classes(dock, build)
    assert table.isColumnHidden(HELD_OUT)
    dock.map.live_box.setChecked(True)
    wait(lambda: dock.map.done)
    assert [table.item(place, HELD_OUT).text() for place in (0, 1)] == ["3", "3"]
    assert table.item(0, HELD_OUT).toolTip() == "3 of 3 labels were held out, in 2 rounds: 1 + 2."
    engine.may_answer.clear()
    draw(layer, build.square(60, 80))
    wait(lambda: table.item(1, HELD_OUT).text() == "…")
    assert table.item(0, HELD_OUT).text() == "3"
    engine.may_answer.set()
    wait(lambda: table.item(1, HELD_OUT).text() == "3")
    assert "3 of 4 labels" in table.item(1, HELD_OUT).toolTip()


def test_panning_asks_for_what_is_on_screen_then(dock, engine, build, iface):
    sketch(dock, engine, build)
    before = engine.specs[-1].extent.bounds
    iface.canvas.setExtent(QgsRectangle(WEST + 200, NORTH - 500, WEST + 500, NORTH - 200))
    wait(lambda: engine.specs[-1].extent.bounds != before)
    west, south, east, north = engine.specs[-1].extent.bounds
    assert (west + east) / 2 == pytest.approx(WEST + 350) and (south + north) / 2 == pytest.approx(NORTH - 350)
    iface.canvas.setExtent(QgsRectangle(0, 0, 100, 100))
    wait(lambda: "does not lie on" in dock.map.state.text())


def test_newer_labels_cancel_the_sketch_that_runs(dock, engine, build):
    layer = sketch(dock, engine, build)
    engine.may_answer.clear()
    asked = len(engine.specs)
    draw(layer, build.square(60, 80))
    wait(lambda: len(engine.specs) == asked + 1)
    wait(lambda: dock.map.bar.isVisibleTo(dock) and "Computing features" in dock.map.doing.text())
    draw(layer, build.square(6, 80))
    wait(lambda: engine.cancelled == 1 and len(engine.specs) == asked + 2)
    engine.may_answer.set()
    wait(lambda: not dock.sketcher.busy)
    assert dock.preview.layer("preview").source() == engine.specs[-1].output
    assert not dock.map.bar.isVisibleTo(dock)


def test_the_engines_error_is_shown_in_the_dock(dock, engine, build, iface):
    from landsketch.core.errors import EngineError

    layer = sketch(dock, engine, build)
    engine.error = EngineError("The engine ended unexpectedly.", "Try again.")
    draw(layer, build.square(60, 80))
    wait(lambda: "ended unexpectedly" in dock.map.state.text())
    assert not dock.map.done
    dock.map.engine_button.click()
    assert iface.pages == ["LandSketchOptions"]
    engine.error = None
    draw(layer, build.square(6, 80))
    wait(lambda: dock.map.done)
    assert not dock.map.engine_button.isVisibleTo(dock)


def test_without_an_engine_the_dock_says_so_and_leads_there(dock, engine, build, iface, monkeypatch):
    from landsketch.bridge import environment

    monkeypatch.setattr(environment, "missing_reason", lambda: "There is no engine yet.")
    draw_two_classes(dock, build)
    dock.map.live_box.setChecked(True)
    wait(lambda: "There is no engine yet." in dock.map.state.text())
    assert engine.specs == [] and dock.map.engine_button.isVisibleTo(dock)


def test_closing_in_the_middle_leaves_no_task_and_no_label_is_lost(dock, engine, build):
    layer = draw_two_classes(dock, build)
    engine.may_answer.clear()
    dock.map.live_box.setChecked(True)
    wait(lambda: len(engine.specs) == 1)
    dock.close()
    wait(lambda: engine.cancelled == 1 and QgsApplication.taskManager().countActiveTasks() == 0)
    assert not dock.sketcher.busy and not dock.map.live_box.isChecked()
    draw(layer, build.square(60, 80))
    wait(lambda: sum(entry.count for entry in dock.labels.classes()) == 7)
    assert len(engine.specs) == 1 and layer.featureCount() == 7


def test_deleted_layers_stop_the_sketch_with_a_sentence(dock, engine, build):
    layer = sketch(dock, engine, build)
    QgsProject.instance().removeMapLayer(layer.id())
    wait(lambda: "no label layer" in dock.map.state.text())
    assert not dock.labels.done and dock.labels.classes() == ()


def test_features_are_computed_before_there_are_labels(dock, engine):
    dock.labels.new_layer(points=False, path="")
    dock.map.live_box.setChecked(True)
    wait(lambda: "Draw labels of another class." in dock.map.state.text())
    assert len(engine.specs) == 1 and dock.preview.group() is None


def test_views_opacity_and_the_image_under_the_preview(dock, engine, build):
    layer = sketch(dock, engine, build)

    def seen():
        return [node.layer().name() for node in dock.preview.group().findLayers() if node.isVisible()]

    assert seen() == ["Sketch"]
    dock.map.views.setCurrentIndex(2)
    assert seen() == ["Uncertainty of the sketch"]
    dock.map.opacity_slider.setOpacity(0.4)
    assert dock.preview.layer("preview").opacity() == pytest.approx(0.4)
    before = dock.preview.layer("preview").source()
    draw(layer, build.square(60, 80))
    wait(lambda: dock.preview.layer("preview").source() != before)
    assert dock.preview.layer("preview").opacity() == pytest.approx(0.4)
    dock.map.hold.setDown(True)
    dock.map.hold.pressed.emit()
    assert seen() == []
    dock.map.hold.released.emit()
    assert seen() == ["Uncertainty of the sketch"]


def test_a_key_hides_the_preview_and_shows_it_again(dock, engine, build):
    sketch(dock, engine, build)
    group = dock.preview.group()
    assert dock.flicker.shortcut().toString() == "Ctrl+Alt+I"
    dock.flicker.trigger()
    assert not group.isVisible() and dock.map.hold.isDown()
    dock.flicker.trigger()
    assert group.isVisible() and not dock.map.hold.isDown()


def test_the_swipe_begins_with_its_button_and_ends_with_the_dock(dock, engine, build, iface):
    sketch(dock, engine, build)
    dock.map.swipe_button.click()
    assert iface.canvas.mapTool() is dock.swipe
    dock.swipe.switch(False)
    assert not dock.map.swipe_button.isChecked()
    dock.map.swipe_button.click()
    dock.close()
    assert iface.canvas.mapTool() is None and not dock.map.swipe_button.isChecked()


def test_suggested_places_become_labels_one_by_one(dock, engine, build, iface):
    layer = sketch(dock, engine, build)
    dock.map.suggestions.suggest.click()
    wait(lambda: dock.places.count == 10)
    spec = next(spec for spec in reversed(engine.specs) if spec.places)
    assert spec.suggestions == 10
    assert "Place 1 of 10" in dock.map.suggestions.text.text() and "Forest" in dock.map.suggestions.text.text()
    assert iface.canvas.center().x() == pytest.approx(WEST + 50)
    dock.map.suggestions.next.click()
    assert iface.canvas.center().x() == pytest.approx(WEST + 100)
    assert "Place 2 of 10" in dock.map.suggestions.text.text()
    before = layer.featureCount()
    dock.map.suggestions.buttons()[1].click()
    assert layer.featureCount() == before + 1 and dock.places.count == 9
    newest = max(layer.getFeatures(), key=lambda feature: -feature.id())
    assert newest["class"] == 2
    assert newest.geometry().area() == pytest.approx(100)  # a pixel of 10 m
    assert newest.geometry().centroid().asPoint().x() == pytest.approx(WEST + 100)
    assert layer.undoStack().undoText() == "Label a suggested place"
    assert iface.canvas.center().x() == pytest.approx(WEST + 150)  # the next one


def test_the_whole_image_is_mapped_with_what_the_sketch_learned(dock, engine, build, dialogs):
    sketch(dock, engine, build)
    dock.map.whole_button.click()
    wait(lambda: dialogs)
    ((algorithm, parameters),) = dialogs
    assert algorithm == "landsketch:classify"
    assert parameters["CHECKPOINT"] == engine.specs[-1].classifier != ""
    assert parameters["OPTICAL"] == dock.scene.optical.layer().id()


def test_training_opens_with_scene_labels_and_encoder(dock, build, dialogs):
    layer = draw_two_classes(dock, build)
    checkpoint = build.checkpoint()
    dock.model.own.setChecked(True)
    assert not dock.model.done
    dock.model.file.setFilePath(checkpoint)
    assert dock.model.done and "An encoder for Sentinel-2" in dock.model.card.text()
    dock.model.train_button.click()
    assert dialogs[0][0] == "landsketch:finetune"
    assert dialogs[0][1]["LABELS"] == layer.id() and dialogs[0][1]["CHECKPOINT"] == checkpoint


def test_the_command_runs_the_same_without_a_window(dock, build, tmp_path, scene):
    draw_two_classes(dock, build)
    dock.map.copy_button.click()
    assert "exist in QGIS alone" in dock.map.state.text()
    path = str(tmp_path / "my labels.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.layerName = "labels"
    dock.labels.new_layer(points=False, path=path)
    dock.map.copy_button.click()
    first, second = QGuiApplication.clipboard().text().splitlines()
    assert first.startswith("qgis_process run landsketch:finetune --")
    assert f"--OPTICAL={scene['optical']}" in first and f"'--LABELS={path}|layername=labels'" in first
    assert "--CHECKPOINT=classifier.safetensors" in second and "--OUTPUT=map.tif" in second
    QgsProject.instance().removeAllMapLayers()


def test_the_keyboard_reaches_the_controls_in_their_order(dock):
    order = []
    widget = dock.scene.optical.combo
    for _ in range(200):
        order.append(widget)
        widget = widget.nextInFocusChain()
    wanted = [dock.scene.optical.combo, dock.labels.combo, dock.model.default, dock.map.live_box]
    places = [order.index(widget) for widget in wanted]
    assert places == sorted(places)


def test_the_dock_is_never_too_narrow_for_what_is_in_it(dock, iface):
    iface.window.resizeDocks([dock], [10], Qt.Orientation.Horizontal)
    wait(lambda: not dock.widget().horizontalScrollBar().isVisible() and dock.widget().viewport().width() > 100)
    assert dock.widget().viewport().width() >= dock.widget().widget().minimumSizeHint().width()


def test_each_letter_of_the_keyboard_means_one_thing(dock):
    texts = [widget.text() for kind in (QLabel, QAbstractButton) for widget in dock.findChildren(kind)]
    letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text.replace("&&", "")]
    assert len(letters) > 15 and len(letters) == len(set(letters)), sorted(letters)


@pytest.fixture
def own_engine(real_engine, monkeypatch, tmp_path):
    """A process of the real engine whose features go into a folder of the test."""
    from landsketch.bridge import client, environment

    monkeypatch.setenv("LANDSKETCH_PYTHON", environment.find_python())
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path / "home"))
    engine = client.Engine()
    monkeypatch.setattr(client, "engine", lambda: engine)
    yield
    engine.close()


@pytest.mark.slow
def test_the_real_engine_follows_the_labels_without_blocking_qgis(own_engine, dock, build, dialogs):
    from osgeo import gdal

    dock.labels.new_layer(points=False, path="")
    dock.labels.add_button.click()
    layer = dock.labels.layer()
    squares = build.stripe_squares()
    for index in (0, 1):
        dock.labels.draw(index)
        for _, wkt in (pair for pair in squares if pair[0] == index):
            draw(layer, wkt)
    longest = 0.0

    def follow():
        nonlocal longest
        while not dock.map.done or dock.sketcher.busy:
            started = time.thread_time()  # of this thread alone: other programs may be busy too
            QgsApplication.processEvents()
            longest = max(longest, time.thread_time() - started)
            assert not dock.map.engine_button.isVisibleTo(dock), dock.map.state.text()
            time.sleep(0.002)

    def mapped():
        return gdal.Open(dock.preview.layer("preview").source()).ReadAsArray()

    dock.map.live_box.setChecked(True)
    follow()
    assert set(np.unique(mapped())) <= {1, 2}
    dock.labels.draw(2)
    for _, wkt in (pair for pair in squares if pair[0] == 2):
        draw(layer, wkt)
    follow()
    values = mapped()
    assert values.shape == (build.side, build.side)
    assert (values == build.truth() + 1).mean() > 0.9
    assert "Estimated accuracy" in dock.map.accuracy.text()
    dock.map.suggestions.suggest.click()
    wait(lambda: dock.places.count > 0, 60)
    dock.map.whole_button.click()
    wait(lambda: not dock.sketcher.busy, 60)
    ((algorithm, parameters),) = dialogs
    assert algorithm == "landsketch:classify" and os.path.getsize(parameters["CHECKPOINT"]) > 0
    assert longest < 0.1
