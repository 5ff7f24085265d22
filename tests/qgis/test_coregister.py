"""Co-registration from QGIS: what the engine is asked, what is refused beforehand, and what comes back."""

import json
from pathlib import Path

import numpy as np
import pytest
from landsketch.algorithms.coregister import looks_like_radar
from osgeo import gdal


@pytest.fixture
def moving_engine(recording_engine):
    """The recorder, which writes empty outputs."""

    def coregister(spec, feedback):
        for path in spec.outputs():
            Path(path).write_text("{}", encoding="utf-8")
        return {"output": spec.output, "found": {}}

    recording_engine._coregister = coregister
    return recording_engine


@pytest.fixture
def check(algorithm, scene, context, tmp_path):
    """Checks a co-registration with some parameters changed; returns the sentence, '' where all is well."""
    parameters = {"IMAGE": scene["sar"], "REFERENCE": scene["optical"], "OUTPUT": str(tmp_path / "moved.vrt")}

    def run(**changes):
        valid, message = algorithm("coregister").checkParameterValues({**parameters, **changes}, context)
        assert valid == (message == "")
        return message

    return run


def run(**parameters):
    import processing

    return processing.run("landsketch:coregister", parameters)


def test_the_whole_job_is_handed_over(provider, moving_engine, scene, tmp_path):
    outputs = {
        "OUTPUT": str(tmp_path / "moved.vrt"),
        "HTML": str(tmp_path / "found.html"),
        "JSON": str(tmp_path / "found.json"),
    }
    results = run(
        IMAGE=scene["sar"], REFERENCE=scene["optical"], REACH=6, LOCAL=True, MATCHING="structure", **outputs
    )  # fmt: skip
    (spec,) = moving_engine.specs
    assert (spec.image.role, spec.image.path) == ("sar", scene["sar"])
    assert (spec.reference.role, spec.reference.path) == ("optical", scene["optical"])
    assert (spec.reach, spec.local, spec.matching) == (6, True, "structure")
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert results == outputs


def test_the_user_may_say_what_an_image_is(provider, moving_engine, scene, tmp_path):
    run(IMAGE=scene["sar"], IMAGE_KIND="optical", REFERENCE=scene["optical"], OUTPUT=str(tmp_path / "moved.vrt"))
    assert moving_engine.specs[0].image.role == "optical"


def test_radar_is_told_by_band_names_and_else_by_the_file_name():
    assert looks_like_radar(("VV", "VH"), "a.tif")
    assert looks_like_radar(("", ""), "/data/S1A_IW_GRDH_20200514.tif")
    assert not looks_like_radar(("B02", "B03"), "S1A_IW_GRDH_20200514.tif")
    assert not looks_like_radar(("",), "dem.tif")


def test_what_cannot_be_done_is_named_beforehand(check, build, scene, tmp_path):
    assert check() == ""
    assert "'Image to move' is missing" in check(IMAGE=None)
    assert "same file" in check(IMAGE=scene["optical"])
    assert "do not overlap" in check(IMAGE=build.raster("away.tif", 1, west=900_000))
    assert "wrong file type" in check(OUTPUT=str(tmp_path / "moved.tif"))
    assert "no coordinate system" in check(IMAGE=build.raster("bare.tif", 1, epsg=None))


@pytest.mark.slow
@pytest.mark.usefixtures("real_engine")
def test_the_real_engine_moves_an_image(provider, build, tmp_path):
    detail = np.random.default_rng(0).normal(1000, 200, (1, 208, 208))
    detail = (detail[:, :-8] + detail[:, 8:])[..., :200].astype("float32")
    reference = build.write_raster(tmp_path / "reference.tif", detail)
    image = build.write_raster(tmp_path / "image.tif", detail, west=600_030, north=5_199_950)
    results = run(
        IMAGE=image, REFERENCE=reference, OUTPUT=str(tmp_path / "moved.vrt"), JSON=str(tmp_path / "found.json")
    )
    moved = gdal.Open(results["OUTPUT"]).GetGeoTransform()
    assert (moved[0], moved[3]) == pytest.approx((600_000, 5_200_000), abs=0.5)
    assert json.loads(Path(results["JSON"]).read_text(encoding="utf-8"))["share"] == 1.0
    assert gdal.Open(image).GetGeoTransform()[0] == 600_030
