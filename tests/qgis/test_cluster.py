"""Clustering from QGIS: what the engine is asked, what is refused beforehand, and what becomes of the map."""

import json
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal


@pytest.fixture
def cluster_engine(recording_engine, build):
    """The recorder, which clusters too: into the three stripes."""

    def cluster(spec, feedback):
        build.write_raster(spec.output, (build.truth()[None] + 1).astype("uint8"), no_data=0)
        for path in spec.outputs()[1:]:
            Path(path).write_text("{}", encoding="utf-8")
        found = [{"value": i + 1, "name": f"cluster {i + 1}", "colour": f"#0000{i}f", "pixels": 1} for i in range(3)]
        return {"output": spec.output, "clusters": found}

    recording_engine._cluster = cluster
    return recording_engine


@pytest.fixture
def check(algorithm, scene, context, tmp_path):
    """Checks a clustering with some parameters changed; returns the sentence, '' where all is well."""
    parameters = {"OPTICAL": scene["optical"], "OUTPUT": str(tmp_path / "map.tif")}

    def run(**changes):
        valid, message = algorithm("cluster").checkParameterValues({**parameters, **changes}, context)
        assert valid == (message == "")
        return message

    return run


def run(**parameters):
    import processing

    return processing.run("landsketch:cluster", parameters)


def test_the_whole_job_is_handed_over(provider, cluster_engine, scene, build, labels, tmp_path):
    outputs = {
        "OUTPUT": str(tmp_path / "map.tif"),
        "CLASSIFIER": str(tmp_path / "clusters.safetensors"),
        "HTML": str(tmp_path / "found.html"),
        "JSON": str(tmp_path / "found.json"),
    }
    checkpoint = build.checkpoint(roles=("optical", "sar"))
    results = run(
        OPTICAL=scene["optical"],
        SAR=scene["sar"],
        CLUSTERS=12,
        CHECKPOINT=checkpoint,
        REFERENCE=labels,
        NAMED=True,
        EXTENT="600000,600480,5199000,5200000 [EPSG:32632]",
        SMOOTHING="majority",
        SEED=3,
        DEVICE="cpu",
        **outputs,
    )
    (spec,) = cluster_engine.specs
    assert [source.role for source in spec.sources] == ["optical", "sar"]
    assert (spec.clusters, spec.checkpoint, spec.named, spec.seed, spec.device) == (12, checkpoint, True, 3, "cpu")
    assert spec.reference.class_legend().names == ("Water", "Forest", "Town")
    assert spec.extent.bounds[0] == 600_000
    assert spec.smoothing.method == "majority"
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert results == outputs


def test_the_map_opens_with_names_that_can_be_changed(provider, cluster_engine, scene, build, tmp_path):
    results = run(OPTICAL=scene["optical"], OUTPUT=str(tmp_path / "map.tif"))
    assert cluster_engine.specs[0].reference is None
    layer = build.layer(results["OUTPUT"])
    classes = layer.renderer().classes()
    assert [(entry.value, entry.label) for entry in classes] == [(i, f"cluster {i}") for i in (1, 2, 3)]
    assert classes[1].color.name() == "#00001f"


def test_a_raster_is_a_reference_too(provider, cluster_engine, scene, tmp_path):
    run(OPTICAL=scene["optical"], REFERENCE=scene["truth"], OUTPUT=str(tmp_path / "map.tif"))
    assert cluster_engine.specs[0].reference == scene["truth"]


def test_what_cannot_be_done_is_named_beforehand(check, build, scene, legend, tmp_path):
    assert check() == ""
    assert check(OPTICAL=None).startswith("No image was given.")
    assert check(NAMED=True).startswith("There is no reference to name clusters after.")
    assert check(NAMED=True, REFERENCE=scene["truth"]) == ""
    away = build.raster("reference.tif", 1, dtype="uint8", west=900_000)
    assert "do not overlap" in check(REFERENCE=away)
    assert "does not exist" in check(CHECKPOINT=str(tmp_path / "none.safetensors"))
    assert "already in use" in check(REFERENCE=scene["truth"], OUTPUT=scene["truth"])
    radar_only = build.checkpoint("sar.safetensors", roles=("sar",), legend=legend)
    assert check(CHECKPOINT=radar_only) != ""


@pytest.mark.slow
@pytest.mark.usefixtures("real_engine")
def test_the_real_engine_finds_the_stripes(provider, scene, build, tmp_path):
    results = run(
        OPTICAL=scene["optical"],
        SAR=scene["sar"],
        CLUSTERS=3,
        REFERENCE=scene["truth"],
        NAMED=True,
        OUTPUT=str(tmp_path / "map.tif"),
        CLASSIFIER=str(tmp_path / "clusters.safetensors"),
        HTML=str(tmp_path / "found.html"),
        JSON=str(tmp_path / "found.json"),
    )
    found = json.loads(Path(results["JSON"]).read_text(encoding="utf-8"))
    assert found["agreement"]["oa"] > 0.9
    layer = build.layer(results["OUTPUT"])
    names = {entry.value: entry.label for entry in layer.renderer().classes()}
    mapped = gdal.Open(results["OUTPUT"]).ReadAsArray()
    stripes = np.vectorize(lambda value: int(names[value]))(mapped)
    assert (stripes == build.truth() + 1).mean() > 0.9
    import processing

    again = processing.run(
        "landsketch:classify",
        {
            "CHECKPOINT": results["CLASSIFIER"],
            "OPTICAL": scene["optical"],
            "SAR": scene["sar"],
            "OUTPUT": str(tmp_path / "again.tif"),
        },
    )
    assert np.array_equal(gdal.Open(again["OUTPUT"]).ReadAsArray(), mapped)
