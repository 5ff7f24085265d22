"""Class names and colours travel from the checkpoint to the map."""

import numpy as np
import pytest
from qgis.core import QgsPalettedRasterRenderer, QgsRasterLayer, QgsSingleBandPseudoColorRenderer


@pytest.fixture
def map_path(build, legend, tmp_path):
    values = np.array(legend.values, "uint8")[build.truth()][None]
    return build.write_raster(tmp_path / "map.tif", values, no_data=0)


def entries(layer):
    return [(entry.value, entry.label, entry.color.name()) for entry in layer.renderer().classes()]


def test_a_class_map_opens_with_names_and_colours(map_path, legend, qgis_app):
    from landsketch.algorithms.styling import style_class_map

    assert style_class_map(map_path, legend)
    opened = QgsRasterLayer(map_path, "opened later")
    assert isinstance(opened.renderer(), QgsPalettedRasterRenderer)
    assert entries(opened) == [(c.value, c.name, c.colour) for c in legend]


def test_a_new_run_replaces_the_style_of_an_earlier_one(map_path, legend, build, qgis_app):
    from landsketch.algorithms.styling import style_class_map

    style_class_map(map_path, legend)
    earlier = QgsRasterLayer(map_path, "brightened by the user")
    earlier.brightnessFilter().setBrightness(50)
    earlier.saveNamedStyle(map_path.replace(".tif", ".qml"))
    fewer = build.replace(legend, classes=legend.classes[:2])
    style_class_map(map_path, fewer)
    again = QgsRasterLayer(map_path, "again")
    assert len(entries(again)) == 2
    assert again.brightnessFilter().brightness() == 0


def test_confidence_opens_from_dark_to_bright(build, qgis_app, tmp_path):
    from landsketch.algorithms.styling import style_confidence

    values = np.linspace(0.3, 0.9, build.side**2, dtype="float32").reshape(1, build.side, build.side)
    path = build.write_raster(tmp_path / "confidence.tif", values)
    assert style_confidence(path)
    layer = QgsRasterLayer(path, "confidence")
    renderer = layer.renderer()
    assert isinstance(renderer, QgsSingleBandPseudoColorRenderer)
    items = renderer.shader().rasterShaderFunction().colorRampItemList()
    assert [(items[0].value, items[0].color.name()), (items[-1].value, items[-1].label)] == [
        (0.0, "#440154"),
        (1.0, "100 %"),
    ]
    assert (renderer.classificationMin(), renderer.classificationMax()) == (0.0, 1.0)


def test_saving_where_no_style_can_be_saved_is_told(map_path, legend, qgis_app):
    import os

    from landsketch.algorithms.styling import style_class_map, style_path

    os.mkdir(style_path(map_path))
    assert not style_class_map(map_path, legend)
