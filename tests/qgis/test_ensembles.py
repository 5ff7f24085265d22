"""Several checkpoints in one map: what is refused beforehand, and what the engine is asked."""

import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
from landsketch.core.legend import ClassLegend, LegendClass
from osgeo import gdal


@pytest.fixture
def checkpoints(build, legend):
    """Paths of checkpoints for the optical image, for other bands of it, and for radar."""
    return [
        build.checkpoint("optical.safetensors", legend=legend),
        build.checkpoint("visible.safetensors", legend=legend, bands=("B04", "B03", "B02")),
        build.checkpoint("radar.safetensors", legend=legend, roles=("sar",)),
    ]


@pytest.fixture
def parameters(scene, checkpoints, tmp_path):
    return {
        "OPTICAL": scene["optical"],
        "SAR": scene["sar"],
        "CHECKPOINT": checkpoints[0],
        "CHECKPOINTS": checkpoints[1:],
        "OUTPUT": str(tmp_path / "map.tif"),
    }


@pytest.fixture
def check(algorithm, parameters, context):
    """Checks a classification with some parameters changed; returns the sentence, '' where all is well."""

    def run(**changes):
        valid, message = algorithm("classify").checkParameterValues({**parameters, **changes}, context)
        assert valid == (message == "")
        return message

    return run


def test_members_that_fit_pass(check, checkpoints):
    assert check() == ""
    assert check(WEIGHTS="2; 1,0.5") == ""
    assert check(CHECKPOINTS=checkpoints[1], SAR=None) == ""
    for none in (None, [], ""):
        assert check(CHECKPOINTS=none, SAR=None) == ""


def test_an_image_that_a_member_needs_is_named_with_it(check, checkpoints):
    assert check(SAR=None) == f"Checkpoint '{checkpoints[2]}' needs a SAR layer. Choose it as well."
    assert check(CHECKPOINTS=checkpoints[1:2]).startswith(
        "Checkpoint 'optical.safetensors + visible.safetensors' does not use a SAR layer."
    )
    assert check(WEIGHTS="1,1,0").startswith("Checkpoint 'optical.safetensors + visible.safetensors' does not use a S")


def test_bands_that_a_member_needs_are_named_with_it(check, build, legend):
    aerosol = build.checkpoint("aerosol.safetensors", legend=legend, bands=("B01", "B02"))
    message = check(CHECKPOINTS=[aerosol], SAR=None)
    assert f"checkpoint '{aerosol}' needs B01, B02 (2) of Sentinel-2" in message
    assert "missing: B01" in message


def test_different_classes_are_named(check, build, checkpoints, legend):
    classes = [replace(legend.classes[0], name="Lake"), *legend.classes[1:]]
    other = build.checkpoint("other.safetensors", legend=ClassLegend(tuple(classes)))
    assert f"2 is 'Water' in '{checkpoints[0]}' and 'Lake' in '{other}'." in check(CHECKPOINTS=[other], SAR=None)
    more = ClassLegend((*legend.classes, LegendClass(77, "Rock", "#777777")))
    larger = build.checkpoint("larger.safetensors", legend=more)
    assert f"77 (Rock) is only in '{larger}'" in check(CHECKPOINTS=[larger], SAR=None)
    recoloured = ClassLegend(tuple(replace(entry, colour="#000000") for entry in legend))
    assert check(CHECKPOINTS=[build.checkpoint("grey.safetensors", legend=recoloured)], SAR=None) == ""


def test_what_cannot_classify_is_refused(check, build, checkpoints, tmp_path):
    assert "knows no classes" in check(CHECKPOINTS=[build.checkpoint("encoder.safetensors")], SAR=None)
    assert "does not exist" in check(CHECKPOINTS=[str(tmp_path / "none.onnx")], SAR=None)
    assert f"'{checkpoints[0]}' was given twice" in check(CHECKPOINTS=checkpoints[:1], SAR=None)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ("2, 1", "2 weights were given for 3 checkpoints"),
        ("1, 2, x", "The weights of the checkpoints are '1, 2, x'. Write numbers of 0 or more"),
        ("1, -2, 1", "Write numbers of 0 or more"),
        ("0, 0, 0", "not all of them 0"),
        ("1, nan, 1", "Write numbers of 0 or more"),
    ],
)
def test_weights_that_make_no_mean_are_named(check, weights, words):
    assert words in check(WEIGHTS=weights)


def test_the_engine_is_asked_for_the_ensemble(provider, recording_engine, parameters, checkpoints):
    import processing

    processing.run("landsketch:classify", {**parameters, "WEIGHTS": "1, 0, 2.5"})
    processing.run("landsketch:classify", {**parameters, "CHECKPOINTS": None, "SAR": None})
    together, alone = recording_engine.specs
    assert (together.checkpoint, together.members) == (checkpoints[0], tuple(checkpoints[1:]))
    assert together.weighted() == ((checkpoints[0], 1.0), (checkpoints[2], 2.5))
    assert (alone.members, alone.weights) == ((), ())
    assert type(together).from_json(together.to_json()) == together


@pytest.fixture
def radar_folder(scene, tmp_path):
    """Folders with an optical image, and with the radar image of the same name."""
    for kind in ("optical", "sar"):
        (tmp_path / kind).mkdir()
        shutil.copy(scene[kind], tmp_path / kind / "a.tif")
    return tmp_path


def test_a_batch_pairs_the_images_of_members_with_different_sensors(
    algorithm, provider, recording_engine, checkpoints, radar_folder, context, monkeypatch
):
    import processing

    def classifybatch(spec, feedback):
        for job in spec.jobs:
            recording_engine._classify(job, feedback)
        open(spec.manifest, "w", encoding="utf-8").close()
        return {"outputs": [job.output for job in spec.jobs]}

    monkeypatch.setattr(recording_engine, "_classifybatch", classifybatch, raising=False)
    batch = {
        "CHECKPOINT": checkpoints[2],
        "CHECKPOINTS": [checkpoints[0]],
        "WEIGHTS": "3,1",
        "INPUT_FOLDER": str(radar_folder / "optical"),
        "SAR_FOLDER": str(radar_folder / "sar"),
        "MOSAIC": False,
        "OUTPUT_FOLDER": str(radar_folder / "maps"),
    }
    processing.run("landsketch:classifybatch", batch)
    (spec,) = recording_engine.specs
    (job,) = spec.jobs
    assert [(source.role, os.path.basename(source.path)) for source in job.sources] == [
        ("optical", "a.tif"),
        ("sar", "a.tif"),
    ]
    assert job.weighted() == ((checkpoints[2], 3.0), (checkpoints[0], 1.0))
    valid, message = algorithm("classifybatch").checkParameterValues({**batch, "SAR_FOLDER": None}, context)
    assert (valid, message) == (
        False,
        "Checkpoint 'radar.safetensors + optical.safetensors' needs a radar image with each optical one. Choose the "
        "folder with the radar images.",
    )


@pytest.mark.slow
def test_radar_and_optical_checkpoints_make_one_map(provider, real_engine, scene, labels, build, tmp_path):
    import processing

    images = {"OPTICAL": scene["optical"], "SAR": scene["sar"]}
    made = []
    for name, path in images.items():
        model = {name: path, "LABELS": labels, "OUTPUT": str(tmp_path / f"{name}.safetensors")}
        made.append(processing.run("landsketch:finetune", model)["OUTPUT"])
    together = {"CHECKPOINT": made[0], "CHECKPOINTS": made[1:], "WEIGHTS": "1,2", "OUTPUT": str(tmp_path / "map.tif")}
    output = processing.run("landsketch:classify", {**images, **together})["OUTPUT"]
    values = gdal.Open(output).ReadAsArray()
    assert np.mean(values == build.truth() + 1) > 0.9
    assert gdal.Open(output).GetMetadataItem("LANDSKETCH_CHECKPOINT") == "OPTICAL.safetensors, SAR.safetensors"
