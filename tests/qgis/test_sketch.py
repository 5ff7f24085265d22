"""Sketching from QGIS: what the engine is asked, what is refused beforehand, and what becomes of the preview."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsVectorLayer

EXTENT = "600000,600480,5199000,5200000 [EPSG:32632]"


@pytest.fixture
def sketch_engine(recording_engine, build):
    """The recorder, which sketches too: the three stripes."""

    def sketch(spec, feedback):
        build.write_raster(spec.output, (build.truth()[None] + 1).astype("uint8"), no_data=0)
        for path in spec.rasters()[1:]:
            build.write_raster(path, build.truth()[None].astype("float32") / 2, no_data=-1)
        if spec.places:
            shutil.copy(spec.labels.path, spec.places)
        if spec.classifier:
            Path(spec.classifier).write_bytes(b"")
        accuracy = {"value": 0.9, "low": 0.7, "high": 0.97, "held_out": 12, "words": "90% of 12 labels."}
        classes = [{"name": "Water", "value": 1, "features": 1, "pixels": 9}]
        return {"preview": spec.output, "accuracy": accuracy, "words": accuracy["words"], "classes": classes}

    recording_engine._sketch = sketch
    return recording_engine


@pytest.fixture
def check(algorithm, scene, labels, context, tmp_path):
    """Checks a sketch with some parameters changed; returns the sentence, '' where all is well."""
    parameters = {"OPTICAL": scene["optical"], "LABELS": labels, "OUTPUT": str(tmp_path / "preview.tif")}

    def run(**changes):
        valid, message = algorithm("sketch").checkParameterValues({**parameters, **changes}, context)
        assert valid == (message == "")
        return message

    return run


def run(**parameters):
    import processing

    return processing.run("landsketch:sketch", parameters)


def test_the_whole_job_is_handed_over(provider, sketch_engine, scene, build, labels, tmp_path):
    outputs = {
        "OUTPUT": str(tmp_path / "preview.tif"),
        "CONFIDENCE": str(tmp_path / "confidence.tif"),
        "MARGIN": str(tmp_path / "margin.tif"),
        "PLACES": str(tmp_path / "places.gpkg"),
        "CLASSIFIER": str(tmp_path / "sketch.safetensors"),
    }
    checkpoint = build.checkpoint(roles=("optical", "sar"))
    results = run(
        OPTICAL=scene["optical"], SAR=scene["sar"], LABELS=labels, EXTENT=EXTENT, CHECKPOINT=checkpoint, SUGGESTIONS=7,
        SEED=3, SIDE=256, CACHE=str(tmp_path), CACHE_MB=50, DEVICE="cpu", **outputs,
    )  # fmt: skip
    (spec,) = sketch_engine.specs
    assert [source.role for source in spec.sources] == ["optical", "sar"]
    assert spec.labels.class_legend().names == ("Water", "Forest", "Town")
    assert spec.extent.bounds == (600_000, 5_199_000, 600_480, 5_200_000)
    assert (spec.checkpoint, spec.suggestions, spec.seed, spec.side) == (checkpoint, 7, 3, 256)
    assert (spec.cache, spec.cache_mb, spec.device) == (str(tmp_path), 50, "cpu")
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
    numbers = {"ACCURACY": 0.9, "ACCURACY_LOW": 0.7, "ACCURACY_HIGH": 0.97}
    assert results == {**outputs, **numbers}


def test_the_preview_opens_with_the_classes_of_the_labels(provider, sketch_engine, scene, build, labels, tmp_path):
    results = run(OPTICAL=scene["optical"], LABELS=labels, OUTPUT=str(tmp_path / "preview.tif"))
    spec = sketch_engine.specs[0]
    assert (spec.suggestions, spec.places) == (0, ""), "without a file there is nothing to suggest"
    drawn = spec.labels.class_legend()
    layer = build.layer(results["OUTPUT"])
    assert [(entry.value, entry.label, entry.color.name()) for entry in layer.renderer().classes()] == [
        (entry.value, entry.name, entry.colour) for entry in drawn
    ]


def test_without_a_rectangle_the_extent_is_that_of_the_image(provider, sketch_engine, scene, build, labels, tmp_path):
    run(OPTICAL=scene["optical"], LABELS=labels, OUTPUT=str(tmp_path / "preview.tif"))
    layer = build.layer(scene["optical"])
    image = layer.extent()
    found = sketch_engine.specs[0].extent
    assert found.crs == "EPSG:32632"
    assert found.bounds == (image.xMinimum(), image.yMinimum(), image.xMaximum(), image.yMaximum())


def test_a_sketch_without_a_map_is_an_error_that_says_what_to_do(provider, sketch_engine, scene, labels, tmp_path):
    from qgis.core import QgsProcessingException

    sketch_engine._sketch = lambda spec, feedback: {"preview": "", "words": "Draw labels where there is data."}
    with pytest.raises(QgsProcessingException, match="Draw labels where there is data"):
        run(OPTICAL=scene["optical"], LABELS=labels, OUTPUT=str(tmp_path / "preview.tif"))


def test_what_cannot_be_done_is_named_beforehand(check, build, scene, labels, tmp_path):
    assert check() == ""
    assert check(EXTENT=EXTENT) == ""
    assert check(OPTICAL=None).startswith("No image was given.")
    assert "'Labels' is missing" in check(LABELS=None)
    assert "does not lie on" in check(EXTENT="900000,900480,5199000,5200000 [EPSG:32632]")
    assert "does not exist" in check(CHECKPOINT=str(tmp_path / "none.safetensors"))
    assert "already in use" in check(OUTPUT=scene["optical"])
    assert "wrong file type" in check(PLACES=str(tmp_path / "places.shp"))


@pytest.mark.slow
@pytest.mark.usefixtures("real_engine")
def test_the_real_engine_finds_the_stripes(provider, scene, build, labels, tmp_path):
    parameters = {
        "OPTICAL": scene["optical"],
        "SAR": scene["sar"],
        "LABELS": labels,
        "CACHE": str(tmp_path / "cache"),
        "OUTPUT": str(tmp_path / "preview.tif"),
        "PLACES": str(tmp_path / "places.gpkg"),
        "SUGGESTIONS": 4,
        "CLASSIFIER": str(tmp_path / "sketch.safetensors"),
    }
    (tmp_path / "cache").mkdir()
    results = run(**parameters)
    preview = gdal.Open(results["OUTPUT"]).ReadAsArray()
    assert (preview == build.truth() + 1).mean() > 0.9
    assert results["ACCURACY_LOW"] <= results["ACCURACY"] <= results["ACCURACY_HIGH"]
    places = QgsVectorLayer(results["PLACES"], "places", "ogr")
    assert [field.name() for field in places.fields()][-3:] == ["rank", "class", "margin"]
    assert 0 < places.featureCount() <= 4
    import processing

    mapped = processing.run(
        "landsketch:classify",
        {
            "CHECKPOINT": results["CLASSIFIER"],
            "OPTICAL": scene["optical"],
            "SAR": scene["sar"],
            "OUTPUT": str(tmp_path / "map.tif"),
        },
    )
    assert (np.asarray(gdal.Open(mapped["OUTPUT"]).ReadAsArray()) == preview).mean() > 0.995
