"""Patches from QGIS: what the engine is asked, what is refused beforehand, and what becomes of the layer."""

import json
from pathlib import Path

import pytest
from landsketch.core.cards import SCENE_HEAD
from landsketch.core.legend import ClassLegend
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsPalettedRasterRenderer,
    QgsProcessingFeatureSourceDefinition,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor


@pytest.fixture
def scene_checkpoint(build):
    """A checkpoint that classifies patches of the optical image."""
    card = build.card_of(legend=ClassLegend.from_names(("Water", "Forest", "Town")))
    head = {"multilabel": False, "side": 16, "context": True, "spread": True, "norm": False}
    return build.written("patches.safetensors", build.replace(card, architecture={SCENE_HEAD: head}))


@pytest.fixture
def patch_engine(recording_engine):
    """The recorder, which learns from and classifies patches too."""

    def learn(spec, feedback):
        for path in spec.outputs():
            Path(path).write_text("{}", encoding="utf-8")
        return {"checkpoint": spec.output, "report": spec.report, "json": spec.json, "metrics": {}}

    def classify(spec, feedback):
        Path(spec.output).write_text("", encoding="utf-8")
        return {"output": spec.output, "patches": 1, "empty": 0}

    recording_engine._finetunescenes = learn
    recording_engine._classifyscenes = classify
    return recording_engine


def run(name, **parameters):
    import processing

    return processing.run(f"landsketch:{name}", parameters)


@pytest.fixture
def check(algorithm, context):
    """Checks parameters; returns the sentence, '' where all is well."""

    def checked(name, **parameters):
        valid, message = algorithm(name).checkParameterValues(parameters, context)
        assert valid == (message == "")
        return message

    return checked


def test_drawn_patches_are_handed_over_with_their_legend(provider, patch_engine, scene, labels, tmp_path):
    outputs = {
        "OUTPUT": str(tmp_path / "m.safetensors"), "REPORT": str(tmp_path / "r.html"), "JSON": str(tmp_path / "r.json"),
    }  # fmt: skip
    results = run(
        "finetunescenes", OPTICAL=scene["optical"], SAR=scene["sar"], PATCHES=labels, SIDE=8, MULTILABEL=True, SEED=4,
        MODE="full", EPOCHS=7, SHARE=25, DEVICE="cpu", **outputs,
    )  # fmt: skip
    (spec,) = patch_engine.specs
    assert [source.role for source in spec.sources] == ["optical", "sar"]
    assert spec.labels.class_legend().names == ("Water", "Forest", "Town")
    assert (spec.side, spec.multilabel, spec.share, spec.mode, spec.epochs, spec.seed) == (8, True, 0.25, "full", 7, 4)
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert results == outputs


def test_names_and_colours_of_a_class_raster_are_those_on_screen(
    provider, patch_engine, scene, build, project, tmp_path
):
    layer = build.layer(scene["truth"], "truth")
    classes = [QgsPalettedRasterRenderer.Class(9, QColor("#123456"), "Lake"),
               QgsPalettedRasterRenderer.Class(0, QColor("#000000"), "nothing")]  # fmt: skip
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    project.addMapLayer(layer)
    run("finetunescenes", OPTICAL=scene["optical"], PATCHES=layer.id(), OUTPUT=str(tmp_path / "m.safetensors"))
    (spec,) = patch_engine.specs
    assert spec.labels == scene["truth"]
    assert spec.legend == ({"value": 9, "name": "Lake", "colour": "#123456"},)
    assert spec.side == 16


def test_several_classes_are_text_with_semicolons(provider, patch_engine, scene, build, tmp_path):
    shapes = build.stripe_squares()
    layer = build.memory_layer([("forest; water" if index else "town", wkt) for index, wkt in shapes])
    run("finetunescenes", OPTICAL=scene["optical"], PATCHES=layer, CLASS_FIELD="kind", MULTILABEL=True,
        OUTPUT=str(tmp_path / "m.safetensors"))  # fmt: skip
    written = QgsVectorLayer(patch_engine.specs[0].labels.path, "written")
    assert {feature["class"] for feature in written.getFeatures()} == {"forest; water", "town"}


def test_what_cannot_be_learned_is_named_beforehand(check, build, scene, labels, tmp_path):
    good = {"OPTICAL": scene["optical"], "PATCHES": labels, "OUTPUT": str(tmp_path / "m.safetensors")}
    assert check("finetunescenes", **good) == ""
    assert check("finetunescenes", **{**good, "PATCHES": scene["truth"]}) == ""
    assert check("finetunescenes", **{**good, "OPTICAL": None}).startswith("No image was given.")
    away = build.raster("away.tif", 1, dtype="uint8", west=900_000)
    assert "do not overlap" in check("finetunescenes", **{**good, "PATCHES": away})
    assert "cannot be opened" in check("finetunescenes", **{**good, "PATCHES": str(tmp_path / "none.gpkg")})
    assert "wrong file type" in check("finetunescenes", **{**good, "OUTPUT": str(tmp_path / "m.txt")})


def test_squares_are_classified_without_a_layer(provider, patch_engine, scene, scene_checkpoint, tmp_path):
    output = str(tmp_path / "patches.gpkg")
    results = run(
        "classifyscenes", CHECKPOINT=scene_checkpoint, OPTICAL=scene["optical"], SIDE=4, THRESHOLD=0.3,
        EXTENT="600000,600480,5199000,5200000 [EPSG:32632]", OUTPUT=output, DEVICE="cpu",
    )  # fmt: skip
    (spec,) = patch_engine.specs
    assert (spec.patches, spec.side, spec.threshold, spec.device) == (None, 4, 0.3, "cpu")
    assert spec.extent.bounds[0] == 600_000
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert results == {"OUTPUT": output}


def test_drawn_patches_go_with_their_number(provider, patch_engine, scene, scene_checkpoint, labels, tmp_path):
    run("classifyscenes", CHECKPOINT=scene_checkpoint, OPTICAL=scene["optical"], PATCHES=labels,
        OUTPUT=str(tmp_path / "patches.gpkg"))  # fmt: skip
    spec = patch_engine.specs[0].patches
    assert (spec.field, spec.legend, spec.keys) == ("class", (), ())
    written = QgsVectorLayer(spec.path, "written")
    assert {f["class"] for f in written.getFeatures()} == {str(f.id()) for f in labels.getFeatures()}


def test_only_selected_patches_where_the_user_says_so(
    provider, patch_engine, scene, scene_checkpoint, labels, project, tmp_path
):
    chosen = [feature.id() for feature in labels.getFeatures()][:2]
    labels.selectByIds(chosen)
    copy = labels.clone()
    project.addMapLayer(copy)
    copy.selectByIds(chosen)
    run("classifyscenes", CHECKPOINT=scene_checkpoint, OPTICAL=scene["optical"],
        PATCHES=QgsProcessingFeatureSourceDefinition(copy.id(), True), OUTPUT=str(tmp_path / "p.gpkg"))  # fmt: skip
    assert QgsVectorLayer(patch_engine.specs[0].patches.path, "written").featureCount() == 2


def test_what_cannot_be_classified_is_named_beforehand(check, build, scene, scene_checkpoint, legend, tmp_path):
    good = {"CHECKPOINT": scene_checkpoint, "OPTICAL": scene["optical"], "OUTPUT": str(tmp_path / "p.gpkg")}
    assert check("classifyscenes", **good) == ""
    pixels = build.checkpoint("pixels.safetensors", legend=legend)
    assert "does not classify patches" in check("classifyscenes", **{**good, "CHECKPOINT": pixels})
    assert "needs an optical layer" in check("classifyscenes", **{**good, "OPTICAL": None, "SAR": scene["sar"]})
    assert "does not exist" in check("classifyscenes", **{**good, "CHECKPOINT": str(tmp_path / "none.safetensors")})
    assert "wrong file type" in check("classifyscenes", **{**good, "OUTPUT": str(tmp_path / "p.shp")})
    map_output = {**good, "OUTPUT": str(tmp_path / "map.tif")}
    assert "classifies patches" in check("classify", **map_output)


@pytest.mark.slow
@pytest.mark.usefixtures("real_engine")
def test_the_real_engine_learns_and_classifies_patches(provider, scene, labels, build, tmp_path):
    checkpoint, output = str(tmp_path / "m.safetensors"), str(tmp_path / "patches.gpkg")
    run("finetunescenes", OPTICAL=scene["optical"], PATCHES=labels, OUTPUT=checkpoint, REPORT=str(tmp_path / "r.html"),
        SIDE=8, DEVICE="cpu")  # fmt: skip
    run("classifyscenes", CHECKPOINT=checkpoint, OPTICAL=scene["optical"], SIDE=16, OUTPUT=output, DEVICE="cpu")
    layer = QgsVectorLayer(f"{output}|layername=patches", "patches")
    layer.loadDefaultStyle()
    assert isinstance(layer.renderer(), QgsCategorizedSymbolRenderer)
    assert [category.label() for category in layer.renderer().categories()] == ["Water", "Forest", "Town"]
    features = sorted(layer.getFeatures(), key=lambda feature: feature["id"])
    found = [feature["class"] for feature in features[:6]]
    # Squares beside a border may go to either side: what an encoder makes of them reaches over it.
    assert found[0] == "Water" and "Forest" in found[1:5] and found[5] == "Town"
    assert layer.featureCount() == 36
