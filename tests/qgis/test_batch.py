"""Classifying many images: which images, which pairs, what is refused beforehand, and what becomes of the results."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsPalettedRasterRenderer, QgsProcessingFeedback, QgsRasterLayer
from qgis.gui import QgsLayerTreeView
from qgis.PyQt import sip


@pytest.fixture
def folder(scene, tmp_path):
    """Two optical images in a folder, one in its subfolder, and a file that is no image."""
    images = tmp_path / "images"
    (images / "more").mkdir(parents=True)
    for name in ("s2_b.tif", "s2_a.TIF", "more/s2_c.tif", ".s2_hidden.tif"):
        shutil.copy(scene["optical"], images / name)
    (images / "notes.txt").write_text("no image")
    return images


@pytest.fixture
def checkpoint(build, legend):
    return build.checkpoint(legend=legend)


@pytest.fixture
def batch_engine(recording_engine):
    """The recorder, which takes batches too; names in `fails` get no map."""
    recording_engine.fails = ()

    def classifybatch(spec, feedback):
        done = [job for job in spec.jobs if os.path.basename(job.output) not in recording_engine.fails]
        for job in done:
            recording_engine._classify(job, feedback)
        maps = [job.output for job in done]
        if spec.mosaic:
            gdal.BuildVRT(spec.mosaic, maps).FlushCache()
        with open(spec.manifest, "w", encoding="utf-8") as file:
            json.dump({}, file)
        return {"manifest": spec.manifest, "mosaic": spec.mosaic, "outputs": maps}

    recording_engine._classifybatch = classifybatch
    return recording_engine


@pytest.fixture
def check(algorithm, checkpoint, folder, context, tmp_path):
    """Checks a batch with some parameters changed; returns the sentence, '' where all is well."""
    parameters = {"CHECKPOINT": checkpoint, "INPUT_FOLDER": str(folder), "OUTPUT_FOLDER": str(tmp_path / "maps")}

    def run(**changes):
        valid, message = algorithm("classifybatch").checkParameterValues({**parameters, **changes}, context)
        assert valid == (message == "")
        return message

    return run


def run(**parameters):
    import processing

    return processing.run("landsketch:classifybatch", parameters)


def names_of(spec):
    return [os.path.basename(job.sources[0].path) for job in spec.jobs]


# --- What the engine is asked -----------------------------------------------------------------------------------------


def test_layers_and_a_folder_become_one_job_and_an_image_in_both_is_taken_once(
    provider, batch_engine, checkpoint, folder, scene, build, project, tmp_path
):
    layer = build.layer(scene["optical"], "July")
    project.addMapLayer(layer)
    output = tmp_path / "new" / "maps"
    results = run(
        CHECKPOINT=checkpoint,
        LAYERS=[layer, str(folder / "s2_b.tif")],
        INPUT_FOLDER=str(folder),
        OPTICAL_SENSOR="Sentinel-2 L2A",
        CONFIDENCE=True,
        DEVICE="cpu",
        OUTPUT_FOLDER=str(output),
    )
    (spec,) = batch_engine.specs
    assert names_of(spec) == ["s2_l2a_20240713.tif", "s2_b.tif", "s2_a.TIF"]
    job = spec.jobs[2]
    assert (job.output, job.confidence, job.probabilities) == (
        str(output / "s2_a.tif"),
        str(output / "s2_a-confidence.tif"),
        "",
    )
    assert (job.checkpoint, job.device, job.sources[0].sensor) == (checkpoint, "cpu", "sentinel-2-l2a")
    assert not spec.again
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert results == {
        "OUTPUT_FOLDER": str(output),
        "MANIFEST": str(output / "landsketch-batch.json"),
        "MOSAIC": str(output / "mosaic.vrt"),
    }


def test_subfolders_are_looked_through_on_request_but_the_output_folder_is_not(
    provider, batch_engine, checkpoint, folder
):
    output = folder / "maps"
    for again in (False, True):
        run(
            CHECKPOINT=checkpoint,
            INPUT_FOLDER=str(folder),
            RECURSIVE=True,
            MOSAIC=False,
            AGAIN=again,
            OUTPUT_FOLDER=str(output),
        )
    first, second = batch_engine.specs
    assert names_of(first) == names_of(second) == ["s2_c.tif", "s2_a.TIF", "s2_b.tif"]
    assert (first.mosaic, first.again, second.again) == ("", False, True)
    assert (output / "s2_c.tif").exists()


def test_a_temporary_output_folder_is_one_folder(provider, batch_engine, checkpoint, folder):
    results = run(CHECKPOINT=checkpoint, INPUT_FOLDER=str(folder), OUTPUT_FOLDER="TEMPORARY_OUTPUT")
    (spec,) = batch_engine.specs
    assert {os.path.dirname(path) for path in spec.outputs()} == {results["OUTPUT_FOLDER"]}


def test_radar_images_go_with_the_optical_ones_of_their_name(
    provider, batch_engine, build, folder, scene, legend, tmp_path
):
    radar = tmp_path / "radar"
    radar.mkdir()
    for name in ("s2_b.tif", "s2_a.tiff"):
        shutil.copy(scene["sar"], radar / name)
    run(
        CHECKPOINT=build.checkpoint(legend=legend, roles=("optical", "sar")),
        INPUT_FOLDER=str(folder),
        SAR_FOLDER=str(radar),
        SAR_UNITS="dB",
        OUTPUT_FOLDER=str(tmp_path / "maps"),
    )
    (spec,) = batch_engine.specs
    assert [[(s.role, s.path, s.units) for s in job.sources] for job in spec.jobs] == [
        [("optical", str(folder / "s2_a.TIF"), "auto"), ("sar", str(radar / "s2_a.tiff"), "db")],
        [("optical", str(folder / "s2_b.tif"), "auto"), ("sar", str(radar / "s2_b.tif"), "db")],
    ]


def test_the_images_of_a_radar_checkpoint_are_radar_images(provider, batch_engine, build, scene, legend, tmp_path):
    run(
        CHECKPOINT=build.checkpoint(legend=legend, roles=("sar",)),
        LAYERS=[scene["sar"]],
        OUTPUT_FOLDER=str(tmp_path / "maps"),
    )
    assert batch_engine.specs[0].jobs[0].sources[0].role == "sar"


def test_a_mask_is_handed_over_once_for_all(provider, batch_engine, build, checkpoint, folder, tmp_path):
    area = build.memory_layer([("", build.square(1, 1))], name="area")
    run(CHECKPOINT=checkpoint, INPUT_FOLDER=str(folder), MASK=area, OUTPUT_FOLDER=str(tmp_path / "maps"))
    assert len({job.mask.path for job in batch_engine.specs[0].jobs}) == 1


# --- What becomes of the results --------------------------------------------------------------------------------------


def test_maps_and_mosaic_are_styled_and_a_failed_scene_is_left_alone(
    provider, batch_engine, checkpoint, folder, build, tmp_path
):
    batch_engine.fails = ("s2_b.tif",)
    run(CHECKPOINT=checkpoint, INPUT_FOLDER=str(folder), CONFIDENCE=True, OUTPUT_FOLDER=str(tmp_path / "maps"))
    styles = sorted(name for name in os.listdir(tmp_path / "maps") if name.endswith(".qml"))
    assert styles == ["mosaic.qml", "s2_a-confidence.qml", "s2_a.qml"]
    layer = build.layer(tmp_path / "maps" / "mosaic.vrt")
    assert [entry.label for entry in layer.renderer().classes()] == ["Water", "Forest", "Town"]


@pytest.fixture
def layer_tree_view(qgis_iface, monkeypatch):
    """A real one in pytest-qgis's interface, whose mock QGIS 3.44 does not take."""
    view = QgsLayerTreeView()
    monkeypatch.setattr(qgis_iface, "layerTreeView", lambda: view, raising=False)
    yield view
    sip.delete(view)


def test_the_mosaic_is_loaded(provider, batch_engine, checkpoint, folder, project, layer_tree_view, tmp_path):
    import processing

    processing.runAndLoadResults(
        "landsketch:classifybatch",
        {"CHECKPOINT": checkpoint, "INPUT_FOLDER": str(folder), "OUTPUT_FOLDER": str(tmp_path / "maps")},
    )
    (layer,) = project.mapLayers().values()
    assert layer.name() == "Class map of 2 images"
    assert layer.source() == str(tmp_path / "maps" / "mosaic.vrt")
    assert [entry.label for entry in layer.renderer().classes()] == ["Water", "Forest", "Town"]


# --- What is refused before anything runs -----------------------------------------------------------------------------


def test_good_parameters_pass(check, scene):
    assert check() == ""
    assert check(INPUT_FOLDER=None, LAYERS=[scene["optical"]]) == ""
    assert check(OUTPUT_FOLDER="TEMPORARY_OUTPUT") == ""


def test_no_image_is_said(check, tmp_path):
    (tmp_path / "empty").mkdir()
    assert check(INPUT_FOLDER=None).startswith("No image was given.")
    assert check(INPUT_FOLDER=str(tmp_path / "none")).endswith("none' does not exist. Choose another one.")
    assert "empty' holds no image (.tif, .tiff, .vrt, .jp2)." in check(INPUT_FOLDER=str(tmp_path / "empty"))


def test_all_misfits_are_named_at_once(check, build, folder, tmp_path):
    build.raster("images/rgb.tif", 3, ("B04", "B03", "B02"))
    (folder / "broken.tif").write_text("no raster")
    message = check()
    assert message.startswith("2 of 4 images cannot be classified:\n")
    assert "'" + str(folder / "broken.tif") + "' cannot be opened as a raster." in message
    assert "'rgb.tif' has 3 bands (B04, B03, B02); checkpoint 'model.safetensors' needs B02, B03" in message
    assert message.endswith("Leave them out, or choose another checkpoint, sensor or band names.")


def test_very_many_misfits_are_counted(check, build, folder):
    for i in range(12):
        build.raster(f"images/rgb{i:02}.tif", 3, ("B04", "B03", "B02"))
    message = check()
    assert message.startswith("12 of 14 images")
    assert "'rgb09.tif'" in message
    assert "'rgb10.tif'" not in message
    assert "... and 2 more." in message


def test_layers_that_are_no_files_are_named(check, project, tmp_path):
    tiles = QgsRasterLayer("type=xyz&url=http://127.0.0.1:9/{z}/{x}/{y}.png&zmax=1&zmin=0", "Web tiles", "wms")
    project.addMapLayer(tiles)
    message = check(LAYERS=[tiles, str(tmp_path / "gone.tif")])
    assert "Layer 'Web tiles' comes from the provider 'wms'" in message
    assert "gone.tif' cannot be opened as a raster." in message


def test_images_of_the_same_name_are_refused(check, folder, scene):
    shutil.copy(scene["optical"], folder / "more" / "S2_B.tiff")
    message = check(RECURSIVE=True)
    assert f"'{folder / 'more' / 'S2_B.tiff'}', '{folder / 's2_b.tif'}' would have the same map." in message


def test_maps_do_not_go_among_the_images(check, folder, scene, tmp_path):
    (tmp_path / "file").write_text("")
    assert "is that of the images" in check(OUTPUT_FOLDER=str(folder))
    assert "is that of the images" in check(
        INPUT_FOLDER=None, LAYERS=[scene["optical"]], OUTPUT_FOLDER=str(scene["folder"])
    )
    assert "is a file" in check(OUTPUT_FOLDER=str(tmp_path / "file"))


def test_the_roles_of_the_checkpoint_decide_on_the_radar_folder(check, build, legend, scene, tmp_path):
    radar = tmp_path / "radar"
    radar.mkdir()
    shutil.copy(scene["sar"], radar / "s2_a.tif")
    both = build.checkpoint("both.safetensors", legend=legend, roles=("optical", "sar"))
    assert "'both.safetensors' needs a radar image with each optical one." in check(CHECKPOINT=both)
    assert "uses one image at a time" in check(SAR_FOLDER=str(radar))
    assert "'s2_b.tif' has no radar image." in check(CHECKPOINT=both, SAR_FOLDER=str(radar))


def test_a_pair_of_different_places_is_named(check, build, folder, legend, scene, tmp_path):
    (tmp_path / "radar").mkdir()
    shutil.copy(scene["sar"], tmp_path / "radar" / "s2_a.tif")
    build.raster("radar/s2_b.tif", 2, ("VV", "VH"), "float32", west=900_000)
    both = build.checkpoint("both.safetensors", legend=legend, roles=("optical", "sar"))
    message = check(CHECKPOINT=both, SAR_FOLDER=str(tmp_path / "radar"))
    assert message.startswith("1 of 2 images cannot be classified:\nLayers 's2_b.tif' and 's2_b.tif' do not overlap.")


def test_a_mask_has_to_lie_on_one_image_at_least(check, build, folder):
    build.raster("images/s2_away.tif", 10, build.bands, west=900_000)
    far = build.memory_layer([("", build.square(30_001, 5))], name="far")
    nowhere = build.memory_layer([("", build.square(-9000, 5))], name="nowhere")
    assert check(MASK=far) == ""
    assert "'nowhere'" in check(MASK=nowhere)


def test_a_checkpoint_without_classes_is_refused(check, build):
    assert "knows no classes" in check(CHECKPOINT=build.checkpoint("encoder.safetensors"))


# --- Pairs by name ----------------------------------------------------------------------------------------------------

S2 = "S2A_MSIL2A_20240713T101031_N0510_R022_T32UPU_20240713T170159.jp2"


@pytest.mark.parametrize(
    ("optical", "radar", "expected"),
    [
        ("a/x.tif", ["b/X.TIFF", "b/y.tif"], "b/X.TIFF"),
        (S2, ["S1A_20240713_T32UPU.tif", "S1A_20240713_T32UPV.tif", "S1A_20240725_T32UPU.tif"], 0),
        (S2, ["s1_32upu.tif", "s1_32upv.tif"], "s1_32upu.tif"),
        ("s2-2024-07-13.tif", ["s1_20240712.tif", "s1_2024_07_13.tif"], "s1_2024_07_13.tif"),
    ],
)
def test_a_pair_has_the_same_name_or_else_the_same_date_and_tile(optical, radar, expected, qgis_app):
    from landsketch.algorithms.folders import pair_by_name

    assert pair_by_name([optical], radar) == {optical: radar[0] if expected == 0 else expected}


def test_doubtful_and_missing_pairs_are_all_named(qgis_app):
    from landsketch.algorithms.folders import pair_by_name
    from landsketch.core.errors import SceneError

    radar = ["s1_20240713_a.tif", "s1_20240713_b.tif", "s1_20240720_32UPV.tif"]
    with pytest.raises(SceneError) as raised:
        pair_by_name(["s2_20240713.tif", "s2_20240720_32UPU.tif", "plain.tif"], radar)
    assert raised.value.message.split("\n") == [
        "'s2_20240713.tif' could belong to each of s1_20240713_a.tif, s1_20240713_b.tif.",
        "'s2_20240720_32UPU.tif' has no radar image.",
        "'plain.tif' has no radar image.",
    ]


# --- The real engine --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_true_batch_becomes_a_styled_mosaic_and_goes_on_where_it_was(
    provider, real_engine, scene, labels, build, tmp_path
):
    import processing

    checkpoint = processing.run(
        "landsketch:finetune",
        {"OPTICAL": scene["optical"], "LABELS": labels, "OUTPUT": str(tmp_path / "m.safetensors")},
    )["OUTPUT"]
    images = tmp_path / "images"
    images.mkdir()
    values = gdal.Open(scene["optical"]).ReadAsArray()
    for i, name in enumerate(("west", "east")):
        build.write_raster(images / f"{name}.tif", values, build.bands, west=600_000 + 960 * i, no_data=0)
    cut = (images / "west.tif").read_bytes()
    (images / "cut.tif").write_bytes(cut[: len(cut) // 2])
    # Everywhere: QGIS writes it to a new file for each run, which must not make the maps look outdated.
    mask = build.memory_layer([("", build.square(-10, -10, 400))])
    parameters = {
        "CHECKPOINT": checkpoint,
        "INPUT_FOLDER": str(images),
        "MASK": mask,
        "OUTPUT_FOLDER": str(tmp_path / "maps"),
    }
    feedback = QgsProcessingFeedback(False)
    results = processing.run("landsketch:classifybatch", parameters, feedback=feedback)
    assert "1 of 3 scenes could not be classified: cut.tif." in feedback.textLog()

    mosaic = gdal.Open(results["MOSAIC"])
    classes = np.concatenate([build.truth() + 1] * 2, axis=1)
    assert mosaic.RasterXSize == 2 * build.side
    assert (mosaic.ReadAsArray() == classes).mean() > 0.9
    band = mosaic.GetRasterBand(1)
    assert band.GetCategoryNames() == ["", "Water", "Forest", "Town"]
    assert band.GetColorTable().GetColorEntry(1)[:3] == (0x00, 0x44, 0xCC)
    assert band.GetNoDataValue() == 0
    layer = build.layer(results["MOSAIC"])
    assert [entry.label for entry in layer.renderer().classes()] == ["Water", "Forest", "Town"]
    # Without our style, QGIS finds the colours in the file itself.
    os.remove(tmp_path / "maps" / "mosaic.qml")
    plain = build.layer(results["MOSAIC"])
    assert isinstance(plain.renderer(), QgsPalettedRasterRenderer)

    manifest = json.loads(Path(results["MANIFEST"]).read_text(encoding="utf-8"))
    assert [record["status"] for record in manifest["scenes"]] == ["failed", "done", "done"]
    feedback = QgsProcessingFeedback(False)
    processing.run("landsketch:classifybatch", parameters, feedback=feedback)
    assert "2 of 3 maps are already there." in feedback.textLog()
