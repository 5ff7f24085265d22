"""Time stacks in QGIS: as input of the algorithms, built from layers and folders, and shown in the project."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from landsketch.algorithms.corrections import corrections_text, read_corrections
from landsketch.algorithms.stack_layers import add_images, date_footprints
from landsketch.core.errors import LandSketchError
from landsketch.core.specs import CorrectionSpec
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime, Qt

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
DAYS = ("2020-05-14", "2020-06-01", "2020-07-10")
FOUR = ("B02", "B03", "B04", "B08")


def run(name, **parameters):
    import processing

    return processing.run(f"landsketch:{name}", parameters)


def item(path, day, sensor="sentinel-2-l2a", bands=FOUR, role="optical", **properties):
    """A STAC item of an image."""
    own = {"landsketch:sensor": sensor, "landsketch:role": role, **properties}
    return {
        "type": "Feature", "stac_version": "1.1.0", "id": Path(path).stem, "links": [],
        "bbox": [10.3, 46.9, 10.4, 47.0], "geometry": None, "properties": {"datetime": f"{day}T00:00:00Z", **own},
        "assets": {"image": {"href": Path(path).name, "bands": [{"name": name} for name in bands]}},
    }  # fmt: skip


@pytest.fixture
def stack(build, tmp_path):
    """Makes a stack of small images: three optical dates and two radar ones."""

    def make(name="stack.json", days=DAYS, radar=("2020-05-11", "2020-06-04")):
        items = [item(build.raster(f"S2_{day}.tif", 4, FOUR), day) for day in days]
        pair = ("VV", "VH")
        items += [
            item(build.raster(f"S1_{day}.tif", 2, pair, "float32"), day, "sentinel-1-rtc", pair, "sar") for day in radar
        ]
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": items}), encoding="utf-8")
        return str(path)

    return make


@pytest.fixture
def stack_engine(recording_engine, stack):
    """The recorder, which writes stacks and clusters too."""

    def build_stack(spec, feedback):
        shutil.copy(stack("made.json"), spec.output)
        return {"output": spec.output, "items": [], "left_out": {}, "findings": []}

    def finetune(spec, feedback):
        return {"checkpoint": spec.output, "report": ""}

    recording_engine._buildstack = build_stack
    recording_engine._finetune = finetune
    return recording_engine


@pytest.fixture
def check(algorithm, context, tmp_path):
    """Checks parameters of an algorithm; returns the sentence, '' where all is well."""

    def run(name, **parameters):
        valid, message = algorithm(name).checkParameterValues(
            {"OUTPUT": str(tmp_path / "out.tif"), **parameters}, context
        )
        assert valid == (message == "")
        return message

    return run


def sources_of(engine):
    return [(source.role, Path(source.path).name) for source in engine.specs[-1].sources]


def test_a_stack_fills_the_roles_that_no_layer_fills(provider, stack_engine, stack, build, tmp_path):
    path, output = stack(), str(tmp_path / "features.tif")
    checkpoint = build.checkpoint(roles=("optical", "sar"), bands=FOUR)
    run("embed", CHECKPOINT=checkpoint, STACK=path, OUTPUT=output)
    assert sources_of(stack_engine) == [("optical", "stack.json"), ("sar", "stack.json")]
    radar = build.raster("S1_now.tif", 2, ("VV", "VH"), "float32")
    run("embed", CHECKPOINT=checkpoint, STACK=path, SAR=radar, OUTPUT=output)
    assert sources_of(stack_engine) == [("optical", "stack.json"), ("sar", "S1_now.tif")]


def test_beside_an_optical_layer_the_optical_dates_are_a_series(provider, stack_engine, stack, build, labels, tmp_path):
    aerial = build.raster("aerial.tif", 4, ("red", "green", "blue", "nir"), "uint8", pixel=5)
    run("finetune", OPTICAL=aerial, STACK=stack(), LABELS=labels, OUTPUT=str(tmp_path / "model.safetensors"))
    assert sources_of(stack_engine) == [("optical", "aerial.tif"), ("sar", "stack.json"), ("series", "stack.json")]
    spec = stack_engine.specs[-1]
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_how_dates_become_one_is_chosen(provider, stack_engine, stack, labels, check, tmp_path):
    path = stack(radar=())
    given = {"STACK": path, "LABELS": labels, "OUTPUT": str(tmp_path / "model.safetensors")}
    run("finetune", **given)
    run("finetune", **given, POOLING="concatenate")
    assert [spec.pooling for spec in stack_engine.specs] == ["auto", "concatenate"]
    assert "attention over dates has to be trained" in check("finetune", **given, POOLING="attention")
    assert check("finetune", **given, POOLING="attention", MODE="decoder") == ""


def test_a_network_of_single_images_refuses_a_stack(stack, labels, check, tmp_path):
    given = {"STACK": stack(radar=()), "LABELS": labels, "MODE": "full", "OUTPUT": str(tmp_path / "m.safetensors")}
    assert "Swin-UNet reads single images; 'stack' is a time stack" in check("finetune", **given, NETWORK="swin-unet")
    assert check("finetune", **given, NETWORK="utae") == ""


def test_the_card_is_checked_against_the_stack(check, stack, build, legend):
    path = stack()
    images = build.checkpoint("images.safetensors", roles=("optical",), bands=FOUR, legend=legend)
    assert "looks at single images; 'optical' is a time stack of 3 dates" in check(
        "classify", CHECKPOINT=images, STACK=stack("optical.json", radar=())
    )
    card = build.card_of(roles=("optical", "sar"), bands=FOUR, legend=legend)
    dated = replace(card, sources=tuple(replace(source, dates=("2019-05-01",)) for source in card.sources))
    over_time = build.written("time.safetensors", dated)
    assert check("classify", CHECKPOINT=over_time, STACK=path) == ""
    optical = build.raster("s2_l2a.tif", 4, FOUR)
    assert "looks at time stacks; 's2_l2a' is a single image" in check(
        "classify", CHECKPOINT=over_time, OPTICAL=optical, SAR=build.raster("s1_rtc.tif", 2, ("VV", "VH"), "float32")
    )
    ten = build.written("ten.safetensors", replace(dated, sources=(replace(dated.sources[0], bands=build.bands),)))
    assert "missing: B05" in check("classify", CHECKPOINT=ten, STACK=path.replace("stack.json", "optical.json"))
    assert "needs" in check("classify", CHECKPOINT=over_time, STACK=path.replace("stack.json", "optical.json"))


def test_a_stack_that_cannot_be_used_is_named(check, stack, tmp_path, build):
    checkpoint = build.checkpoint(roles=("optical", "sar"))
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    assert "'bad.json' is not JSON" in check("embed", CHECKPOINT=checkpoint, STACK=str(bad))
    assert "is not a time stack" in check("embed", CHECKPOINT=checkpoint, STACK=build.raster("s2.tif", 4, FOUR))
    radar = stack("radar.json", days=())
    layer = build.raster("s1_rtc.tif", 2, ("VV", "VH"), "float32")
    assert "holds radar images only" in check("embed", CHECKPOINT=checkpoint, SAR=layer, STACK=radar)
    path = stack()
    (tmp_path / "S2_2020-05-14.tif").unlink()
    assert "cannot be opened as a raster. A time stack and its images have to be moved together" in check(
        "embed", CHECKPOINT=checkpoint, STACK=path
    )


def test_the_dates_of_a_stack_are_a_series_to_learn_from(provider, stack_engine, stack, tmp_path):
    stack_engine._pretrain = lambda spec, feedback: {"checkpoint": spec.output, "report": ""}
    path = stack()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("landsketch.algorithms.pretrain.read_card", lambda path: None)
        patch.setattr("landsketch.algorithms.pretrain.headline", lambda card: "")
        run("pretrain", STACK=path, METHOD="3DMAE", OUTPUT=str(tmp_path / "encoder.safetensors"))
    (spec,) = stack_engine.specs
    (scene,) = spec.scenes
    assert [(source.role, source.path) for source in scene.sources] == [("optical", path), ("sar", path)]


def test_a_stack_is_a_series_beside_images_for_a_network_of_two_branches(stack_engine, stack, check, build, tmp_path):
    stack_engine._pretrain = lambda spec, feedback: {"checkpoint": spec.output, "report": ""}
    aerial = build.raster("aerial.tif", 4, ("red", "green", "blue", "nir"), "uint8", pixel=5)
    away = build.raster("away.tif", 4, ("red", "green", "blue", "nir"), "uint8", pixel=5, west=900_000)
    given = {"LAYERS": [aerial, away], "METHOD": "SimCLR", "NETWORK": "two-branch", "STACK": stack()}
    given["OUTPUT"] = str(tmp_path / "encoder.safetensors")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("landsketch.algorithms.pretrain.read_card", lambda path: None)
        patch.setattr("landsketch.algorithms.pretrain.headline", lambda card: "")
        run("pretrain", **given)
    (spec,) = stack_engine.specs
    (scene,) = spec.scenes
    assert [(source.role, Path(source.path).name) for source in scene.sources] == [
        ("optical", "aerial.tif"), ("series", "stack.json")
    ]  # fmt: skip
    needed = "SimCLR learns from an optical image and a time stack beside it, without radar, together"
    assert check("pretrain", **given | {"STACK": ""}).startswith(needed)
    assert "holds radar images only" in check("pretrain", **given | {"STACK": stack("radar.json", days=())})


def test_building_hands_over_all_that_was_chosen(provider, stack_engine, build, stack, tmp_path):
    layer = QgsRasterLayer(build.raster("S2_20200801.tif", 4, FOUR), "august")
    folder = tmp_path / "images"
    folder.mkdir()
    results = run(
        "buildstack", INPUTS=[layer], FOLDER=str(folder), COLLECTION=stack(), MASKS="*_clouds.tif",
        MASK_KIND="probability", MIN_CLEAR=25, DATE_BANDS=True, OUTPUT=str(tmp_path / "new.json"),
        CORRECTIONS="july.tif: 2020-07-11, sensor=landsat-8; S2_20200801: drop",
    )  # fmt: skip
    (spec,) = stack_engine.specs
    assert [Path(path).name for path in spec.inputs] == ["S2_20200801.tif", "images", "stack.json"]
    assert (spec.masks, spec.mask_kind, spec.min_clear, spec.date_bands) == ("*_clouds.tif", "probability", 0.25, True)
    assert spec.corrections == (
        CorrectionSpec("july.tif", date="2020-07-11", sensor="landsat-8"), CorrectionSpec("S2_20200801", use=False)
    )  # fmt: skip
    assert results["OUTPUT"] == str(tmp_path / "new.json")
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec


def test_what_cannot_be_built_is_named_beforehand(check, build, tmp_path):
    image, output = build.raster("S2_20200801.tif", 4, FOUR), str(tmp_path / "new.json")
    assert check("buildstack", INPUTS=[image], OUTPUT=output) == ""
    assert "No image was given" in check("buildstack", OUTPUT=output)
    assert "'july' is no correction" in check("buildstack", INPUTS=[image], CORRECTIONS="july", OUTPUT=output)
    assert "Write it as 2020-05-14" in check(
        "buildstack", INPUTS=[image], CORRECTIONS="july: 2020-13-01", OUTPUT=output
    )
    assert "is not a time stack" in check("buildstack", COLLECTION=image, OUTPUT=output)
    assert "cannot be opened" in check("buildstack", INPUTS=[str(tmp_path / "none.tif")], OUTPUT=output)


def test_corrections_are_read_as_they_are_written():
    corrections = (
        CorrectionSpec("a.tif", date="2020-05-14", sensor="sentinel-2-l1c", units="dn", offset=1000.0, use=True),
        CorrectionSpec("C:\\data\\b 1.tif", use=False),
    )
    assert read_corrections(corrections_text(corrections)) == corrections
    assert read_corrections(" a.tif: date=2020-05-14\n b: keep ;") == (
        CorrectionSpec("a.tif", date="2020-05-14"), CorrectionSpec("b", use=True)
    )  # fmt: skip
    assert corrections_text([CorrectionSpec("a.tif")]) == ""
    for text in ("a.tif", "a.tif: soon", ": drop", "a: offset=much"):
        with pytest.raises(LandSketchError, match="is no correction"):
            read_corrections(text)


def test_the_stack_opens_as_footprints_and_its_images_play(project, stack):
    path = stack()
    footprints = QgsVectorLayer(path, "stack", "ogr")
    assert footprints.isValid()
    assert footprints.featureCount() == 5
    date_footprints(footprints)
    assert footprints.temporalProperties().isActive()
    group = add_images(path, project)
    assert [child.name() for child in group.children()] == ["Optical images", "Radar images"]
    layers = [child.layer() for child in group.children()[0].children()]
    assert [layer.name() for layer in layers] == [
        f"{day} S2_{day}" for day in ("2020-05-14", "2020-06-01", "2020-07-10")
    ]
    assert [layers[0].renderer().redBand(), layers[0].renderer().blueBand()] == [3, 1]
    spans = [layer.temporalProperties().fixedTemporalRange() for layer in layers]
    assert all(layer.temporalProperties().isActive() for layer in layers)
    assert spans[0].begin() == QDateTime.fromString("2020-05-14T00:00:00Z", Qt.DateFormat.ISODate)
    assert spans[0].end() == spans[1].begin()
    assert not spans[0].includeEnd()


@pytest.mark.slow
@pytest.mark.usefixtures("real_engine")
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real data is not here")
def test_the_real_engine_builds_a_stack_that_opens_and_moves(algorithm, context, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(SHARED / "sits_s2_lulc_slovenia", folder)
    output = str(folder / "stack.json")
    feedback = QgsProcessingFeedback()
    parameters = {"FOLDER": str(folder), "LOAD": "footprints and images", "OUTPUT": output}
    _, succeeded = algorithm("buildstack").run(parameters, context, feedback)
    assert succeeded, feedback.textLog()
    assert "S2L1C_2015-07-31 (nothing clear)" in feedback.textLog()
    assert context.willLoadLayerOnCompletion(output)
    shutil.move(folder, tmp_path / "moved")
    footprints = QgsVectorLayer(str(tmp_path / "moved" / "stack.json"), "stack", "ogr")
    assert footprints.isValid()
    assert footprints.crs() == QgsCoordinateReferenceSystem("EPSG:4326")
    assert footprints.fields().indexOf("datetime") >= 0
    image = QgsRasterLayer(str(tmp_path / "moved" / "S2L1C_2015-07-11.tif"), "image")
    bounds = [feature.geometry().boundingBox() for feature in footprints.getFeatures()]
    assert len(bounds) == 5
    to_degrees = QgsCoordinateTransform(image.crs(), footprints.crs(), context.transformContext())
    middle = to_degrees.transform(image.extent().center())
    assert all(box.contains(middle) and box.width() * 77_500 == pytest.approx(1000, rel=0.03) for box in bounds)
    group = add_images(str(tmp_path / "moved" / "stack.json"), context.project())
    assert len(group.children()) == 3
    assert all(child.layer().isValid() for child in group.children())
