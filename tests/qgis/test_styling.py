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


def test_doubt_is_dark_in_entropy_and_in_margin(build, qgis_app, tmp_path):
    from landsketch.algorithms import styling

    values = np.linspace(0.3, 0.9, build.side**2, dtype="float32").reshape(1, build.side, build.side)
    for style, doubt, certain in ((styling.style_entropy, 1.0, 0.0), (styling.style_margin, 0.0, 1.0)):
        path = build.write_raster(tmp_path / f"{style.__name__}.tif", values)
        assert style(path)
        layer = QgsRasterLayer(path, "share")
        renderer = layer.renderer()
        lightness = {
            item.value: item.color.lightness() for item in renderer.shader().rasterShaderFunction().colorRampItemList()
        }
        assert lightness[certain] == 255
        assert lightness[doubt] == min(lightness.values())
        assert sorted(lightness, key=lightness.get) == sorted(lightness, reverse=doubt > certain)
        assert (renderer.classificationMin(), renderer.classificationMax()) == (0.0, 1.0)


def test_all_rasters_of_a_classification_are_styled(build, legend, map_path, qgis_app, tmp_path):
    from landsketch.algorithms.styling import style_rasters
    from landsketch.core.specs import ClassifySpec, SourceSpec

    names = ("confidence", "entropy", "margin", "probabilities")
    share = np.full((1, build.side, build.side), 0.5, "float32")
    paths = {name: build.write_raster(tmp_path / f"{name}.tif", share) for name in names}
    spec = ClassifySpec("model", (SourceSpec("optical", "image"),), map_path, **paths)
    assert style_rasters(spec, legend)
    styled = {path.stem for path in tmp_path.glob("*.qml")}
    assert styled == {"map", "confidence", "entropy", "margin"}
    (tmp_path / "margin.qml").unlink()
    (tmp_path / "margin.qml").mkdir()
    assert not style_rasters(spec, legend)


def test_saving_where_no_style_can_be_saved_is_told(map_path, legend, qgis_app):
    import os

    from landsketch.algorithms.styling import style_class_map, style_path

    os.mkdir(style_path(map_path))
    assert not style_class_map(map_path, legend)
