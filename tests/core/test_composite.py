"""Composites of time stacks: what a pixel's value is made of, periods, gaps, and new stacks."""

import json
from datetime import date

import numpy as np
import pytest
import rasterio
from helpers import SHARED, write_raster
from landsketch.core.errors import Cancelled, SceneError, SpecError
from landsketch.core.grids import Grid
from landsketch.core.jobs import run_job
from landsketch.core.preparing import composites, compositing, windows
from landsketch.core.preparing.gaps import filled_in_time
from landsketch.core.preparing.periods import periods_of
from landsketch.core.preparing.stacks import DatedRaster, write_rasters_stack
from landsketch.core.progress import Reporter
from landsketch.core.scenes import open_scene
from landsketch.core.specs import SourceSpec
from landsketch.core.stack_file import read_stack

BANDS = ("B02", "B03", "B04", "B08")
NAN = np.nan


def pixels(*dates):
    """(date, band, 1, 1) float32 of one pixel; a date is a list of bands, or None for missing."""
    width = len(next(value for value in dates if value is not None))
    rows = [[NAN] * width if value is None else value for value in dates]
    return np.array(rows, np.float32)[:, :, None, None]


def test_the_median_of_an_even_number_lies_between():
    assert composites.median(pixels([1], [9], None, [2], [4]))[0, 0, 0] == 3
    assert composites.median(pixels([1], [9], None, [2]))[0, 0, 0] == 2


def test_the_mean_leaves_out_what_is_missing():
    assert composites.mean(pixels([1, 10], None, [3, 30])).ravel().tolist() == [2, 20]


def test_the_medoid_is_a_date_that_was_seen():
    series = pixels([0, 0], [10, 0], [0, 9], [4, 3], None)
    assert composites.medoid(series).ravel().tolist() == [4, 3]


def test_the_medoid_is_the_date_nearest_to_all_others():
    series = np.random.default_rng(0).normal(0, 1, (9, 4, 8, 8)).astype(np.float32)
    series[3, :, 2, 2] = NAN
    distance = np.sqrt(np.square(series[:, None] - series[None]).sum(axis=2))
    nearest = np.where(np.isnan(series[:, 0]), np.inf, np.nansum(distance, axis=1)).argmin(axis=0)
    expected = np.take_along_axis(series, nearest[None, None], axis=0)[0]
    np.testing.assert_array_equal(composites.medoid(series), expected)


def test_the_greenest_date_has_the_largest_ndvi():
    assert composites.greenest(pixels([500, 2000], [300, 3000], None, [0, 0]), 0, 1).ravel().tolist() == [300, 3000]


def test_the_best_date_is_near_the_middle_unless_clouds_are_near():
    series = np.ones((2, 1, 200, 200), np.float32) * np.array([1, 2], np.float32)[:, None, None, None]
    series[0, :, :, :20] = NAN
    chosen = composites.best(series, offsets=[0, 4], spread=5)[0]
    assert (chosen[:, :35] == 2).all()  # next to clouds of the first date
    assert (chosen[:, 80:] == 1).all()  # far from them, the middle of the period decides
    assert (composites.best(series, offsets=[0, 0], spread=5)[0][:, 80:] == 1).all()


@pytest.mark.parametrize("method", ["median", "mean", "medoid"])
def test_what_no_date_shows_stays_missing(method):
    assert np.isnan(getattr(composites, method)(pixels(None, [1, 2], None)[[0, 2]])).all()


def test_gaps_lie_on_the_line_in_time():
    days = [date(2020, 1, 1), date(2020, 1, 11), date(2020, 1, 21), date(2020, 3, 1), date(2020, 3, 11)]
    filled = filled_in_time(pixels(None, [10], None, [50], None), days)
    assert filled[:, 0, 0, 0].tolist() == [10, 10, 18, 50, 50]


def test_gaps_are_filled_as_numpy_does_it_pixel_by_pixel():
    rng = np.random.default_rng(0)
    days = [date.fromordinal(737_000 + day) for day in np.cumsum(rng.integers(1, 40, 20)).tolist()]
    series = rng.normal(0, 1, (20, 2, 9, 9)).astype(np.float32)
    series[rng.random((20, 1, 9, 9)).repeat(2, axis=1) < 0.6] = NAN
    times = np.array([day.toordinal() for day in days])
    expected = series.copy()
    for place in np.ndindex(2, 9, 9):
        values = series[(slice(None), *place)]
        known = np.isfinite(values)
        if known.any():
            expected[(slice(None), *place)] = np.interp(times, times[known], values[known])
    np.testing.assert_allclose(filled_in_time(series, days), expected, atol=1e-4)


def test_what_was_never_seen_stays_missing():
    days = [date(2020, 1, 1), date(2020, 2, 1)]
    assert np.isnan(filled_in_time(pixels(None, [1], None)[[0, 2]], days)).all()


def test_months_begin_with_the_month_and_empty_ones_are_there():
    periods = periods_of(["2019-12-30", "2020-02-01", "2020-02-29"], "2019-12-30", "2020-03-02", "month")
    assert [(str(p.start), str(p.end), p.members) for p in periods] == [
        ("2019-12-01", "2019-12-31", (0,)),
        ("2020-01-01", "2020-01-31", ()),
        ("2020-02-01", "2020-02-29", (1, 2)),
        ("2020-03-01", "2020-03-31", ()),
    ]


def test_days_are_counted_from_the_start_and_others_are_left_out():
    days = ["2020-01-01", "2020-01-05", "2020-01-14", "2020-01-15", "2020-02-01"]
    periods = periods_of(days, "2020-01-05", "2020-01-15", "days", 10)
    assert [(str(p.start), p.members) for p in periods] == [("2020-01-05", (1, 2)), ("2020-01-15", (3,))]
    assert str(periods[0].middle) == "2020-01-09"


def test_each_day_is_a_period_of_its_own_and_images_of_one_day_are_joined():
    periods = periods_of(["2020-01-01", "2020-01-01", "2020-01-09"], "2020-01-01", "2020-01-09", "date")
    assert [p.members for p in periods] == [(0, 1), (2,)]


DAYS = ("2020-05-04", "2020-05-14", "2020-05-24", "2020-07-03", "2020-07-13")


@pytest.fixture
def stack(tmp_path):
    """Five optical images, each cloudy somewhere: a mask beside each; and three radar images."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "images"
    folder.mkdir()
    ground = rng.uniform(200, 4000, (4, 130, 140))
    made = []
    for number, day in enumerate(DAYS):
        image = (ground * (1 + 0.05 * number) + rng.normal(0, 20, ground.shape)).clip(50)
        covered = np.zeros((1, 130, 140), np.uint8)
        covered[:, 20 * number : 20 * number + 30] = 1
        image[:, covered[0] > 0] = 9000
        image[:, :, :3] = 0
        path = write_raster(folder / f"s2_{day}.tif", image.astype(np.uint16), names=BANDS, nodata=0)
        write_raster(folder / f"mask_{day}.tif", covered)
        with rasterio.open(path) as dataset:
            grid = Grid.of(dataset)
        made.append(DatedRaster(path, "optical", "sentinel-2-l2a", "dn", BANDS, day, grid))
    for day in DAYS[:3]:
        power = rng.gamma(4.4, 0.1 / 4.4, (2, 130, 140))
        decibels = (10 * np.log10(power)).astype(np.float32)
        path = write_raster(folder / f"s1_{day}.tif", decibels, names=("VV", "VH"), nodata=NAN)
        made.append(DatedRaster(path, "sar", "sentinel-1-grd", "db", ("VV", "VH"), day, grid))
    path = tmp_path / "stack.json"
    write_rasters_stack(str(path), str(path), made)
    collection = json.loads(path.read_text())
    for feature in collection["features"]:
        if feature["properties"]["landsketch:role"] == "optical":
            href = feature["assets"]["image"]["href"].replace("s2_", "mask_")
            feature["assets"]["mask"] = {"href": href, "landsketch:mask": "mask", "roles": ["data-mask"]}
    path.write_text(json.dumps(collection))
    return path


def composite(stack, output, reporter=None, **changes):
    return run_job("composite", {"stack": str(stack), "output": str(output)} | changes, reporter or Reporter())


def read(path):
    with rasterio.open(path) as dataset:
        return dataset.read()


def series(stack, role):
    """(date, band, y, x) of a stack, as every job reads it."""
    with open_scene((SourceSpec(role, str(stack)),)) as scene:
        source = scene.source(role)
        whole = windows.Window(0, 0, scene.grid.width, scene.grid.height)
        stored = scene.read(whole, {role: source.bands})[role]
        return stored.reshape(len(source.dates), len(source.bands), *stored.shape[1:])


def test_composites_leave_out_clouds_and_become_a_stack(stack, tmp_path):
    result = composite(stack, tmp_path / "monthly.json")
    assert result["periods"]["optical"] == [["2020-05-01", "2020-05-31", 3], ["2020-07-01", "2020-07-31", 2]]
    expected = np.nanmedian(series(stack, "optical")[:3, :, :, 3:], axis=0)
    made = series(tmp_path / "monthly.json", "optical")
    assert made.shape == (2, 4, 130, 140)
    np.testing.assert_allclose(made[0, :, :, 3:], expected, atol=0.51)  # stored as whole numbers
    assert np.nanmax(made) < 6000
    items = read_stack(result["output"]).of("optical")
    assert [item.date for item in items] == ["2020-05-16", "2020-07-16"]
    assert read(items[0].bands[0].path).dtype == np.uint16


def test_radar_is_averaged_in_linear_power(stack, tmp_path):
    composite(stack, tmp_path / "out.json")
    made = series(tmp_path / "out.json", "sar")
    power = 10 ** (series(stack, "sar") / 10)
    np.testing.assert_allclose(made[0], 10 * np.log10(power.mean(axis=0)), atol=1e-3)


def test_gaps_are_filled_from_the_periods_around_them(stack, tmp_path):
    result = composite(stack, tmp_path / "out.json", every="days", days=10, fill=True)
    made = series(tmp_path / "out.json", "optical")
    assert len(made) == len(result["periods"]["optical"]) == 8
    assert np.isfinite(made[:, :, :, 3:]).all()
    assert np.isnan(made[:, :, :, :3]).all()  # never seen
    before, between, after = (made[place][:, 125, 10:] for place in (2, 4, 6))
    np.testing.assert_allclose(between, (before + after) / 2, atol=1.1)


def test_the_numbers_of_dates_are_told(stack, tmp_path):
    result = composite(stack, tmp_path / "out.json", counts=True)
    counts = read(next(path for path in result["counts"] if "optical" in path))
    expected = np.isfinite(series(stack, "optical")[:, 0])
    np.testing.assert_array_equal(counts, [expected[:3].sum(axis=0), expected[3:].sum(axis=0)])


@pytest.mark.parametrize("method", ["median", "medoid", "best", "greenest"])
def test_tiles_change_nothing(stack, tmp_path, monkeypatch, method):
    outputs = []
    for side in (64, 512):
        monkeypatch.setattr(windows, "SIDES", (side,))
        outputs.append(composite(stack, tmp_path / f"{side}.json", method=method, fill=True)["images"])
    for one, other in zip(*outputs, strict=True):
        np.testing.assert_array_equal(read(one), read(other))


def test_a_stack_that_moved_still_opens(stack, tmp_path):
    (tmp_path / "out").mkdir()
    composite(stack, tmp_path / "out" / "monthly.json")
    before = series(tmp_path / "out" / "monthly.json", "optical")
    (tmp_path / "out").rename(tmp_path / "elsewhere")
    np.testing.assert_array_equal(series(tmp_path / "elsewhere" / "monthly.json", "optical"), before)


def test_the_order_of_a_stack_s_items_changes_nothing(stack, tmp_path):
    one = composite(stack, tmp_path / "one.json", method="medoid")["images"]
    collection = json.loads(stack.read_text())
    collection["features"].reverse()
    stack.write_text(json.dumps(collection))
    other = composite(stack, tmp_path / "other.json", method="medoid")["images"]
    for first, second in zip(one, other, strict=True):
        np.testing.assert_array_equal(read(first), read(second))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"every": "year"}, "every is 'year'"),
        ({"method": "mode"}, "method is 'mode'"),
        ({"start": "yesterday"}, "start is 'yesterday'; a day"),
        ({"start": "2020-06-01", "end": "2020-05-01"}, "after the end"),
        ({"every": "days", "days": 0}, "days is 0"),
        ({"start": "2021-06-01", "end": "2021-07-01"}, "No optical image was taken"),
    ],
)
def test_contradictions_are_refused(stack, tmp_path, changes, message):
    with pytest.raises(SpecError, match=message):
        composite(stack, tmp_path / "out.json", **changes)


def test_the_greenest_pixel_needs_its_bands(stack, tmp_path):
    text = stack.read_text().replace('"B08"', '"B11"')
    stack.write_text(text)
    with pytest.raises(SpecError, match="greenest pixel needs red and near infrared"):
        composite(stack, tmp_path / "out.json", method="greenest")


def test_an_output_that_is_no_stack_is_refused(stack, tmp_path):
    with pytest.raises(SpecError, match=r"should end in \.json"):
        composite(stack, tmp_path / "out.tif")


def test_a_missing_image_is_named(stack, tmp_path):
    (tmp_path / "images" / "s2_2020-05-14.tif").unlink()
    with pytest.raises(SceneError, match=r"2020-05-14"):
        composite(stack, tmp_path / "out.json")


def test_a_cancelled_job_leaves_nothing(stack, tmp_path, monkeypatch):
    reporter = Reporter()
    original = compositing.composites_of

    def cancelling(run, window):
        reporter.cancel()
        return original(run, window)

    monkeypatch.setattr(compositing, "composites_of", cancelling)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Cancelled):
        composite(stack, tmp_path / "out.json", reporter)
    assert sorted(tmp_path.rglob("*")) == before


def test_windows_shrink_with_the_number_of_dates():
    assert windows.window_side(10) == 512
    assert windows.window_side(146 * 10) == 64
    assert [windows.window_side(layers) for layers in (50, 100, 1000)] == sorted(
        [windows.window_side(layers) for layers in (50, 100, 1000)], reverse=True
    )


def test_a_real_series_with_empty_months_becomes_complete(tmp_path):
    folder = SHARED / "sits_s1s2_monthly_belgium_unlabelled"
    if not folder.exists():
        pytest.skip("the shared real images are not there")
    made = []
    for path in sorted(folder.glob("S[12]_*.tif")):
        with rasterio.open(path) as dataset:
            grid, names = Grid.of(dataset), dataset.descriptions
        role, sensor = ("sar", "sentinel-1-grd") if "S1_" in path.name else ("optical", "sentinel-2-l2a")
        made.append(DatedRaster(str(path), role, sensor, "auto", tuple(names), path.stem[3:], grid))
    stack = str(tmp_path / "stack.json")
    write_rasters_stack(stack, stack, made)
    result = composite(stack, tmp_path / "out.json", fill=True)
    assert [period[2] for period in result["periods"]["optical"]].count(0) == 2
    optical = series(tmp_path / "out.json", "optical")
    assert optical.shape[0] == 12
    assert np.isfinite(optical).all()
    np.testing.assert_allclose(
        series(tmp_path / "out.json", "sar"), series(stack, "sar"), atol=1e-3
    )  # a month of one image is that image
