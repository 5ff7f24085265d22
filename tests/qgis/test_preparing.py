"""Preparing images from QGIS: what the engine is asked, what is refused beforehand, and each tool for real."""

import json
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal


@pytest.fixture
def preparing_engine(recording_engine, build):
    """The recorder, which prepares too: small files of the right kind."""

    def image(path):
        build.write_raster(path, np.ones((2, 8, 8), "float32"), ("VV", "VH"))
        return path

    def composite(spec, feedback):
        Path(spec.output).write_text("{}", encoding="utf-8")
        return {"output": spec.output, "images": [image(spec.output[:-5] + "_optical.tif")]}

    def preparesar(spec, feedback):
        if not spec.is_stack:
            return {"output": spec.output, "images": [image(spec.output)], "looks": 4.4}
        Path(spec.output).write_text("{}", encoding="utf-8")
        return {"output": spec.output, "images": [image(spec.output[:-5] + "_20240712.tif")], "looks": 4.4}

    def scale3sigma(spec, feedback):
        image(spec.output)
        for path in spec.outputs()[1:]:
            Path(path).write_text("{}", encoding="utf-8")
        return {"output": spec.output, "statistics": spec.statistics_output, "bands": []}

    recording_engine._composite = composite
    recording_engine._preparesar = preparesar
    recording_engine._scale3sigma = scale3sigma
    return recording_engine


@pytest.fixture
def stack(scene, build, tmp_path):
    """A time stack of the optical and the radar image, twice each."""
    features = []
    for day in ("2024-07-13", "2024-08-12"):
        for role, sensor, bands in (
            ("optical", "sentinel-2-l2a", build.bands),
            ("sar", "sentinel-1-rtc", ("VV", "VH")),
        ):
            names = [{"name": name} for name in bands]
            features.append(
                {
                    "type": "Feature",
                    "stac_version": "1.0.0",
                    "id": f"{role}-{day}",
                    "geometry": None,
                    "properties": {
                        "datetime": f"{day}T00:00:00Z",
                        "landsketch:sensor": sensor,
                        "landsketch:role": role,
                    },
                    "assets": {"image": {"href": str(scene[role]), "bands": names, "roles": ["data"]}},
                    "links": [],
                }
            )
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(path)


@pytest.fixture
def check(algorithm, context):
    """Checks an algorithm's parameters; returns the sentence, '' where all is well."""

    def run(name, **parameters):
        valid, message = algorithm(name).checkParameterValues(parameters, context)
        assert valid == (message == "")
        return message

    return run


def run(name, **parameters):
    import processing

    return processing.run(f"landsketch:{name}", parameters)


def bands(path):
    dataset = gdal.Open(str(path))
    return dataset.ReadAsArray()


def test_the_compositing_job_is_handed_over(provider, preparing_engine, stack, tmp_path):
    output = str(tmp_path / "monthly.json")
    results = run(
        "composite",
        STACK=stack,
        EVERY="days",
        DAYS=15,
        METHOD="medoid",
        SAR_METHOD="median",
        FILL=True,
        START="2024-07-01",
        END="2024-08-31",
        COUNTS=True,
        OUTPUT=output,
    )
    (spec,) = preparing_engine.specs
    assert (spec.stack, spec.output, spec.every, spec.days) == (stack, output, "days", 15)
    assert (spec.method, spec.sar_method, spec.fill, spec.counts) == ("medoid", "median", True, True)
    assert (spec.start, spec.end) == ("2024-07-01", "2024-08-31")
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert results["OUTPUT"] == output
    assert results["IMAGES"] == [str(tmp_path / "monthly_optical.tif")]


def test_composites_are_monthly_medians_unless_asked_otherwise(provider, preparing_engine, stack, tmp_path):
    run("composite", STACK=stack, OUTPUT=str(tmp_path / "out.json"))
    (spec,) = preparing_engine.specs
    assert (spec.every, spec.method, spec.sar_method, spec.fill) == ("month", "median", "mean", False)
    assert (spec.start, spec.end) == ("", "")


def test_what_cannot_be_composited_is_named_beforehand(check, scene, stack, tmp_path):
    good = {"STACK": stack, "OUTPUT": str(tmp_path / "out.json")}
    assert check("composite", **good) == ""
    assert check("composite", **{**good, "STACK": scene["optical"]}).endswith("Choose the .json file of a time stack.")
    assert "cannot be read" in check("composite", **{**good, "STACK": str(tmp_path / "none.json")})
    assert "wrong file type" in check("composite", **{**good, "OUTPUT": str(tmp_path / "out.tif")})
    assert "already in use" in check("composite", **{**good, "OUTPUT": stack})
    assert "from 2024-07-13 to 2024-08-12 only" in check("composite", **good, START="2025-01-01")
    assert "after the end" in check("composite", **good, START="2024-08-01", END="2024-07-20")


def test_the_radar_job_is_handed_over(provider, preparing_engine, scene, tmp_path):
    output = str(tmp_path / "out.tif")
    results = run(
        "preparesar",
        INPUT=scene["sar"],
        SPECKLE="gamma-map",
        WINDOW=9,
        LOOKS=3.5,
        UNITS="linear",
        BORDER=True,
        BORDER_THRESHOLD=-25,
        BORDER_REACH=60,
        ANGLE=33.5,
        REFERENCE_ANGLE=40,
        EXPONENT=1,
        OUTPUT=output,
    )
    (spec,) = preparing_engine.specs
    assert (spec.source.role, spec.source.path) == ("sar", scene["sar"])
    assert (spec.speckle, spec.window, spec.looks, spec.units) == ("gamma-map", 9, 3.5, "linear")
    assert (spec.border, spec.border_threshold, spec.border_reach) == (True, -25.0, 60)
    assert (spec.incidence, spec.reference_angle, spec.exponent) == (33.5, 40.0, 1.0)
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert results == {"OUTPUT": output, "IMAGES": [output]}


def test_a_stack_of_radar_images_becomes_a_stack(provider, preparing_engine, stack, tmp_path):
    output = str(tmp_path / "out.json")
    results = run("preparesar", STACK=stack, SPECKLE="multi-temporal", OUTPUT_STACK=output)
    (spec,) = preparing_engine.specs
    assert (spec.source.path, spec.output, spec.speckle) == (stack, output, "multitemporal")
    assert spec.incidence is None
    assert results == {"OUTPUT_STACK": output, "IMAGES": [str(tmp_path / "out_20240712.tif")]}


def test_what_cannot_be_prepared_is_named_beforehand(check, build, scene, stack, tmp_path):
    good = {"INPUT": scene["sar"], "OUTPUT": str(tmp_path / "out.tif")}
    assert check("preparesar", **good) == ""
    assert check("preparesar", OUTPUT=good["OUTPUT"]).startswith("No image was given.")
    assert check("preparesar", **good, STACK=stack).startswith("A radar image and a time stack were given.")
    assert check("preparesar", STACK=stack, OUTPUT=good["OUTPUT"]).startswith("'Prepared time stack' is missing.")
    assert "Give a time stack" in check("preparesar", **good, SPECKLE="multi-temporal")
    assert "odd number" in check("preparesar", **good, SPECKLE="Lee", WINDOW=8)
    assert "Leave it at 7" in check("preparesar", **good, WINDOW=9)
    assert check("preparesar", INPUT=build.raster("rgb.tif", 3), OUTPUT=good["OUTPUT"]) != ""
    assert "already in use" in check("preparesar", INPUT=scene["sar"], OUTPUT=scene["sar"])


def test_the_scaling_job_is_handed_over(provider, preparing_engine, scene, tmp_path):
    (tmp_path / "given.json").write_text("{}")
    outputs = {"OUTPUT": str(tmp_path / "out.tif"), "STATISTICS_OUTPUT": str(tmp_path / "out.json")}
    results = run(
        "scale3sigma",
        INPUT=scene["optical"],
        SIGMAS=2,
        RANGE="0-1",
        TYPE="float32",
        MISSING="interpolate",
        REACH=9,
        OUTLIERS="remove",
        STATISTICS=str(tmp_path / "given.json"),
        **outputs,
    )
    (spec,) = preparing_engine.specs
    assert (spec.image, spec.sigmas, spec.range, spec.dtype) == (scene["optical"], 2.0, "0-1", "float32")
    assert (spec.missing, spec.reach, spec.outliers) == ("interpolate", 9, "remove")
    assert spec.statistics == str(tmp_path / "given.json")
    assert type(spec).from_json(json.loads(json.dumps(spec.to_json()))) == spec
    assert results == outputs


def test_what_cannot_be_scaled_is_named_beforehand(check, scene, tmp_path):
    good = {"INPUT": scene["optical"], "OUTPUT": str(tmp_path / "out.tif")}
    assert check("scale3sigma", **good) == ""
    assert "Choose float32" in check("scale3sigma", **good, RANGE="0-1")
    assert "do not exist" in check("scale3sigma", **good, STATISTICS=str(tmp_path / "none.json"))
    assert "already in use" in check("scale3sigma", INPUT=scene["optical"], OUTPUT=scene["optical"])


def test_choices_are_those_of_the_engine(algorithm):
    from landsketch.algorithms import prepare_sar
    from landsketch.core import specs

    assert tuple(prepare_sar.SPECKLE_CHOICES.values()) == specs.SPECKLE_FILTERS
    assert tuple(prepare_sar.OUTPUT_UNIT_CHOICES.values()) == specs.SAR_OUTPUT_UNITS
    defaults = specs.PrepareSarSpec(specs.SourceSpec("sar", "a.tif"), "b.tif")
    for name, value in (
        ("WINDOW", defaults.window),
        ("BORDER_THRESHOLD", defaults.border_threshold),
        ("BORDER_REACH", defaults.border_reach),
        ("REFERENCE_ANGLE", defaults.reference_angle),
        ("EXPONENT", defaults.exponent),
    ):
        assert algorithm("preparesar").parameterDefinition(name).defaultValue() == value
    assert algorithm("scale3sigma").parameterDefinition("REACH").defaultValue() == specs.Scale3SigmaSpec("a", "b").reach


@pytest.mark.slow
@pytest.mark.usefixtures("real_engine")
def test_the_real_engine_prepares(provider, scene, stack, tmp_path):
    scaled = run("scale3sigma", INPUT=scene["optical"], OUTPUT=str(tmp_path / "scaled.tif"))["OUTPUT"]
    assert abs(bands(scaled).mean() - 127.5) < 5
    prepared = run("preparesar", INPUT=scene["sar"], LOOKS=8, OUTPUT=str(tmp_path / "sar.tif"))["OUTPUT"]
    inside = (slice(None), slice(8, -8), slice(40, 56))
    assert bands(prepared)[inside].std(axis=(1, 2)).max() < 0.5 * bands(scene["sar"])[inside].std(axis=(1, 2)).min()
    results = run("composite", STACK=stack, OUTPUT=str(tmp_path / "monthly.json"))
    optical = [path for path in results["IMAGES"] if "optical" in path]
    assert len(optical) == 2
    np.testing.assert_array_equal(bands(optical[0]), bands(scene["optical"]))
