"""3-sigma scaling: known values, exact statistics, missing values and outliers, and statistics used again."""

import json

import numpy as np
import pytest
import rasterio
from helpers import SHARED, write_raster
from landsketch.core.errors import Cancelled, SceneError, SpecError
from landsketch.core.jobs import run_job
from landsketch.core.preparing import windows
from landsketch.core.preparing.scale3sigma import scaled
from landsketch.core.progress import Reporter


def scale(image, output, reporter=None, **changes):
    return run_job("scale3sigma", {"image": str(image), "output": str(output)} | changes, reporter or Reporter())


def read(path):
    with rasterio.open(path) as dataset:
        return dataset.read()


def profile(path):
    with rasterio.open(path) as dataset:
        return dataset.profile


@pytest.fixture
def image(tmp_path):
    """Three bands with different means, a hole in the middle, and missing columns."""
    rng = np.random.default_rng(0)
    values = rng.normal([[[1000.0]], [[50.0]], [[-3.0]]], [[[80.0]], [[4.0]], [[0.5]]], (3, 140, 150)).astype(
        np.float32
    )
    values[:, 60:66, 70:80] = -9999
    values[0, :, :5] = -9999
    return write_raster(tmp_path / "image.tif", values, names=("one", "two", "three"), nodata=-9999)


def test_three_sigma_to_255_of_the_seed():
    values = scaled(np.array([40.0, 100, 160, 200, 0]), 100, 20, 3, 255)
    np.testing.assert_allclose(values, [0, 127.5, 255, 255, 0], atol=1e-5)


def test_two_sigma_to_1_of_the_seed():
    np.testing.assert_allclose(scaled(np.array([60.0, 100, 140, 150]), 100, 20, 2, 1), [0, 0.5, 1, 1], atol=1e-5)


def test_a_band_without_deviation_becomes_the_middle():
    np.testing.assert_array_equal(scaled(np.array([7.0, np.nan]), 7, 0, 3, 255), [127.5, np.nan])


def test_statistics_are_those_of_all_valid_pixels(image, tmp_path, monkeypatch):
    monkeypatch.setattr(windows, "SIDES", (64,))
    result = scale(image, tmp_path / "out.tif")
    values = np.where(read(image) == -9999, np.nan, read(image)).astype(float)
    for band, layer in zip(result["bands"], values, strict=True):
        assert band["mean"] == pytest.approx(np.nanmean(layer), rel=1e-12)
        assert band["deviation"] == pytest.approx(np.nanstd(layer), rel=1e-9)
    assert [band["name"] for band in result["bands"]] == ["one", "two", "three"]


def test_large_means_lose_no_digits(tmp_path):
    values = 1e7 + np.random.default_rng(0).normal(0, 1, (1, 200, 200))
    result = scale(write_raster(tmp_path / "image.tif", values), tmp_path / "out.tif")
    assert result["bands"][0]["deviation"] == pytest.approx(values.std(), rel=1e-9)


@pytest.mark.parametrize("missing", ["leave", "interpolate"])
def test_tiles_change_nothing(image, tmp_path, monkeypatch, missing):
    outputs = []
    for side in (64, 512):
        monkeypatch.setattr(windows, "SIDES", (side,))
        outputs.append(tmp_path / f"{side}.tif")
        scale(image, outputs[-1], missing=missing, reach=20, outliers="remove", dtype="float32")
    np.testing.assert_allclose(*map(read, outputs), rtol=1e-5)


def test_missing_values_are_left(image, tmp_path):
    scale(image, tmp_path / "out.tif")
    missing = read(image) == -9999
    np.testing.assert_array_equal(read(tmp_path / "out.tif") == 0, missing)
    assert profile(tmp_path / "out.tif")["nodata"] == 0
    assert profile(tmp_path / "out.tif")["dtype"] == "uint8"


@pytest.mark.parametrize(("dtype", "fill"), [("int16", -1), ("uint16", 65535), ("float32", np.nan)])
def test_other_types_keep_the_whole_range(image, tmp_path, dtype, fill):
    scale(image, tmp_path / "out.tif", dtype=dtype, sigmas=1.0)
    values, missing = read(tmp_path / "out.tif"), read(image) == -9999
    np.testing.assert_array_equal(values[missing], np.full(missing.sum(), fill, dtype))
    assert values[~missing].min() == 0
    assert values[~missing].max() == 255


def test_an_image_without_gaps_has_no_value_for_them(tmp_path):
    values = np.random.default_rng(0).normal(0, 1, (1, 100, 100))
    scale(write_raster(tmp_path / "image.tif", values), tmp_path / "out.tif", sigmas=1.0)
    assert profile(tmp_path / "out.tif")["nodata"] is None
    assert read(tmp_path / "out.tif").min() == 0


def test_missing_values_are_interpolated_from_around_them(tmp_path):
    ramp = np.tile(np.arange(100, dtype=np.float32), (100, 1))[None]
    holes = ramp.copy()
    holes[:, 40:44, 40:44] = -9999
    holes[:, :, 90:] = -9999
    path = write_raster(tmp_path / "image.tif", holes, nodata=-9999)
    result = scale(path, tmp_path / "out.tif", missing="interpolate", reach=5, dtype="float32", range="0-1")
    band = result["bands"][0]
    back = read(tmp_path / "out.tif") * 6 * band["deviation"] + band["mean"] - 3 * band["deviation"]
    np.testing.assert_allclose(back[0, 40:44, 40:44], ramp[0, 40:44, 40:44], atol=1.2)
    assert np.isfinite(back[0, :, :94]).all()
    assert np.isnan(back[0, :, 96:]).all()  # farther from data than the reach


def test_outliers_are_left_out_of_the_statistics(tmp_path):
    values = np.random.default_rng(0).normal(100, 10, (1, 200, 200)).astype(np.float32)
    values[0, 5, 5], values[0, 100:104, 50] = 1e6, -1e6
    path = write_raster(tmp_path / "image.tif", values)
    clipped = scale(path, tmp_path / "clipped.tif", dtype="float32")["bands"][0]
    removed = scale(path, tmp_path / "removed.tif", dtype="float32", outliers="remove")["bands"][0]
    assert clipped["deviation"] > 5000
    assert removed["deviation"] == pytest.approx(10, rel=0.02)
    assert np.isnan(read(tmp_path / "removed.tif")[0, 5, 5])
    assert read(tmp_path / "clipped.tif")[0, 5, 5] == 255


def test_statistics_are_stored_and_used_for_another_image(image, tmp_path):
    stored = str(tmp_path / "statistics.json")
    first = scale(image, tmp_path / "first.tif", dtype="float32", statistics_output=stored)
    assert json.loads((tmp_path / "statistics.json").read_text())["image"] == "image.tif"
    # Bands in another order are matched by their names.
    swapped = write_raster(tmp_path / "swapped.tif", read(image)[::-1] + 1, names=("three", "two", "one"), nodata=-9998)
    second = scale(swapped, tmp_path / "second.tif", dtype="float32", statistics=stored)
    assert second["bands"] == first["bands"][::-1]
    shift = read(tmp_path / "second.tif")[1] - read(tmp_path / "first.tif")[1]
    expected = 255 / 6 / first["bands"][1]["deviation"]
    assert np.nanmedian(shift) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "message"),
    [("[]", "holds no band statistics"), ('{"format": "x"}', "its format is 'x'"), (None, "holds no band statistics")],
)
def test_statistics_that_are_none_are_named(image, tmp_path, text, message):
    if text is not None:
        (tmp_path / "s.json").write_text(text)
    with pytest.raises(SceneError, match=message):
        scale(image, tmp_path / "out.tif", statistics=str(tmp_path / "s.json"))


def test_statistics_of_other_bands_are_refused(image, tmp_path):
    other = write_raster(tmp_path / "other.tif", np.random.default_rng(0).normal(0, 1, (2, 50, 50)))
    scale(other, tmp_path / "o.tif", statistics_output=str(tmp_path / "s.json"))
    with pytest.raises(SceneError, match="are of 2 bands, the image has 3"):
        scale(image, tmp_path / "out.tif", statistics=str(tmp_path / "s.json"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"range": "0-1"}, "dtype is uint8 for values from 0 to 1"),
        ({"sigmas": 0.0}, "sigmas is 0"),
        ({"reach": 0}, "reach is 0"),
        ({"dtype": "float64"}, "dtype is 'float64'"),
    ],
)
def test_contradictions_are_refused(image, tmp_path, changes, message):
    with pytest.raises(SpecError, match=message):
        scale(image, tmp_path / "out.tif", **changes)


def test_an_image_without_data_is_refused_and_leaves_nothing(tmp_path):
    path = write_raster(tmp_path / "image.tif", np.full((1, 50, 50), np.nan, np.float32))
    with pytest.raises(SceneError, match="has no valid pixels"):
        scale(path, tmp_path / "out.tif", statistics_output=str(tmp_path / "s.json"))
    assert [p.name for p in tmp_path.iterdir()] == ["image.tif"]


def test_a_cancelled_job_leaves_nothing(image, tmp_path):
    reporter = Reporter()
    reporter.cancel()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        scale(image, tmp_path / "out.tif", reporter)
    assert sorted(tmp_path.iterdir()) == before


def test_a_real_image_fills_the_range(tmp_path):
    path = SHARED / "s1s2_lulc_denmark" / "637U_59R_1_3_S2L2A.tif"
    if not path.exists():
        pytest.skip("the shared real images are not there")
    scale(path, tmp_path / "out.tif")
    values = read(tmp_path / "out.tif")
    assert values.dtype == np.uint8
    np.testing.assert_allclose(values.mean(axis=(1, 2)), 127.5, atol=8)
    assert (values.max(axis=(1, 2)) > 220).all()
