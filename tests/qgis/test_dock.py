"""The dock as a whole: the scene, the model, commands, the keyboard, and its size."""

from dock_parts import draw_two_classes, sketch, wait
from landsketch.ui.dock.class_table import HELD_OUT, NAME
from mnemonics import leading_nowhere
from qgis.core import (
    QgsProject,
    QgsRasterLayer,
    QgsVectorFileWriter,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QGuiApplication
from qgis.PyQt.QtWidgets import QAbstractButton, QLabel, QSlider

pytest_plugins = ["dock_parts"]


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


def test_a_frame_that_a_theme_draws_does_not_make_the_dock_scroll_sideways(dock, iface):
    dock.widget().setStyleSheet("QScrollArea { border: 3px solid red }")
    iface.window.resizeDocks([dock], [1], Qt.Orientation.Horizontal)
    wait(lambda: dock.widget().viewport().width() == dock.widget().widget().minimumSizeHint().width())
    assert dock.widget().frameWidth() == 3 and not dock.widget().horizontalScrollBar().isVisible()


def test_in_the_narrowest_dock_the_names_of_classes_and_the_slider_have_room(dock, engine, build, iface):
    iface.window.resizeDocks([dock], [1], Qt.Orientation.Horizontal)
    sketch(dock, engine, build)
    table = dock.labels.table
    assert not table.isColumnHidden(HELD_OUT) and not table.horizontalScrollBar().isVisible()
    assert table.columnWidth(NAME) > table.fontMetrics().horizontalAdvance("Class 1")
    slider = dock.map.opacity_slider.findChild(QSlider)
    assert slider.width() > 10 * dock.fontMetrics().averageCharWidth()
    slider.setValue(slider.maximum() // 2)
    assert dock.map.opacity_slider.toolTip() == "50 %"


def test_a_table_without_classes_takes_no_more_room_than_one_class(dock):
    empty = dock.labels.table.height()
    dock.labels.new_layer(points=False, path="")
    row = dock.labels.table.rowHeight(0)
    assert dock.labels.table.height() == empty + row  # of two classes


def test_the_page_is_no_higher_than_what_is_in_it(dock):
    page, view = dock.widget().widget(), dock.widget().viewport()
    wait(lambda: view.width() > 100)
    wait(lambda: page.height() == max(page.layout().heightForWidth(page.width()), view.height()))
    needed = page.layout().heightForWidth(page.width())
    assert needed < 50 * dock.fontMetrics().height()


def test_each_letter_of_the_keyboard_means_one_thing(dock):
    texts = [widget.text() for kind in (QLabel, QAbstractButton) for widget in dock.findChildren(kind)]
    letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text.replace("&&", "")]
    assert len(letters) > 15 and len(letters) == len(set(letters)), sorted(letters)
    assert not leading_nowhere(dock)
