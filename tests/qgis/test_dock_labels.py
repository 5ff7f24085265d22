"""Labels and classes in the dock, by its real widgets: drawn, named, coloured, counted."""

from dock_parts import draw, draw_two_classes, wait
from qgis.core import (
    QgsProject,
)
from qgis.PyQt.QtGui import QColor

pytest_plugins = ["dock_parts"]


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
