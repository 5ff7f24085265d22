"""The live preview of the dock: labels are drawn on a real canvas, and the map follows them."""

import os
import tempfile
import time

import numpy as np
import pytest
from dock_parts import NORTH, WEST, draw, draw_two_classes, sketch, wait
from landsketch.ui.dock import preview_files
from patience import idle
from qgis.core import (
    QgsApplication,
    QgsProject,
    QgsRectangle,
)

pytest_plugins = ["dock_parts"]


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


def test_a_preview_is_no_layer_that_qgis_asks_about_when_it_is_closed(dock, engine, build, tmp_path, monkeypatch):
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(preview_files, "_own", "")
    # QGIS asks about layers in the system's temporary folder, where tests work.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    killed, recent = (tmp_path / "home" / "previews" / name for name in ("killed", "recent"))
    for folder in (killed, recent):
        folder.mkdir(parents=True)
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(killed, (two_days_ago, two_days_ago))
    sketch(dock, engine, build)
    assert dock.preview.layer("preview").source().startswith(str(tmp_path / "home" / "previews"))
    assert not killed.exists() and recent.exists()


def test_many_changes_make_one_request(dock, engine, build):
    layer = sketch(dock, engine, build)
    asked = len(engine.specs)
    for row in range(4, 84, 10):
        draw(layer, build.square(40, row))
    wait(lambda: not dock.sketcher.busy)
    assert len(engine.specs) == asked + 1


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
    wait(lambda: engine.cancelled == 1 and idle())
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
