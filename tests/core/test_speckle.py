"""Speckle filters, looks, border noise and incidence angles: on simulated speckle of known truth, and real images."""

import numpy as np
import pytest
import rasterio
from helpers import SHARED, write_raster
from landsketch.core.errors import Cancelled, SceneError, SpecError
from landsketch.core.grids import Grid
from landsketch.core.jobs import run_job
from landsketch.core.preparing import sar, windows
from landsketch.core.preparing.border_noise import border_noise
from landsketch.core.preparing.incidence import normalising_factor
from landsketch.core.preparing.local_statistics import local_mean
from landsketch.core.preparing.looks import log_variations, looks_of
from landsketch.core.preparing.speckle import FILTERS, gamma_map, lee, multitemporal, refined_lee
from landsketch.core.preparing.stacks import DatedRaster, write_rasters_stack
from landsketch.core.progress import Reporter
from landsketch.core.stack_file import read_stack
from scipy.ndimage import uniform_filter

LOOKS = 4.4
"""Of Sentinel-1 ground range products at 10 m."""

REAL = {
    "brazil": ("s1s2_lulc_brazil/282D_485L_3_3_S1RTC.tif", 1),
    "denmark": ("s1s2_lulc_denmark/637U_59R_1_3_S1RTC.tif", 1),
    "ontario": ("s1s2_snow_ontario_1class/609U_541L_3_0_S1RTC.tif", 2),  # VV has no patch without texture
    "camargue": ("s1_vv_pyrosar_camargue_unlabelled/S1A__IW___A_20150309T173017_VV_grd_mli_geo_norm_db.tif", 1),
}


def speckle(shape, looks=LOOKS, seed=0):
    return np.random.default_rng(seed).gamma(looks, 1 / looks, shape)


def boxcar(power, looks, size):
    """The mean in the window: what every filter is measured against."""
    return local_mean(power, size)


def looks_in(power):
    return power.mean() ** 2 / power.var()


def inner(image):
    return image[..., 8:-8, 8:-8]


def gain_of_mean(patch, size):
    """By how much a mean of size × size pixels raises the looks of a patch whose speckle is correlated.

    The variance of a mean is the mean of the correlations of all pairs of its pixels; pixels of real images are smaller
    than what the radar resolves.
    """
    deviations = patch - patch.mean()
    height, width = patch.shape
    total = 0.0
    for dy in range(1 - size, size):
        for dx in range(1 - size, size):
            one = deviations[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)]
            other = deviations[max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)]
            total += (size - abs(dy)) * (size - abs(dx)) * (one * other).mean() / deviations.var()
    return size**4 / total


def real_power(name):
    path, band = SHARED / REAL[name][0], REAL[name][1]
    if not path.exists():
        pytest.skip("the shared real images are not there")
    with rasterio.open(path) as dataset:
        return 10 ** (dataset.read(band).astype(float) / 10)


def homogeneous_patch(power, side=31):
    """The place of the square with the most looks, some pixels from the edges."""
    mean, squares = uniform_filter(power, side), uniform_filter(power * power, side)
    looks = mean**2 / (squares - mean**2)
    cut = side // 2 + 4
    row, column = np.unravel_index(looks[cut:-cut, cut:-cut].argmax(), np.subtract(power.shape, 2 * cut))
    return slice(row + 4, row + 4 + side), slice(column + 4, column + 4 + side)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("looks", [1.0, LOOKS, 20.0])
def test_filters_keep_the_mean_of_pure_speckle(name, looks):
    power = 0.05 * speckle((300, 300), looks)
    assert inner(FILTERS[name](power, looks, 7)).mean() == pytest.approx(inner(power).mean(), rel=0.01)


@pytest.mark.parametrize("name", FILTERS)
def test_filters_raise_the_looks_of_pure_speckle_nearly_as_a_mean_does(name):
    """A homogeneous window becomes its mean: 49 times the looks; chance makes 1 window in 20 look like texture."""
    power = speckle((300, 300))
    gain = looks_in(inner(FILTERS[name](power, LOOKS, 7))) / looks_in(power)
    assert 0.7 * 49 < gain < 49


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("place", REAL)
def test_filters_on_a_homogeneous_patch_of_a_real_image(name, place):
    power = real_power(place)
    patch = homogeneous_patch(power)
    looks = looks_of(log_variations(power, 7))
    assert looks_in(power[patch]) > looks
    # Alone, since windows in the image reach beyond a patch, and see what is there.
    assert FILTERS[name](power[patch], looks, 7).mean() == pytest.approx(power[patch].mean(), rel=0.01)
    gain = looks_in(FILTERS[name](power, looks, 7)[patch]) / looks_in(power[patch])
    assert gain > 0.55 * gain_of_mean(power[patch], 7)
    assert gain < 1.05 * looks_in(boxcar(power, looks, 7)[patch]) / looks_in(power[patch])


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("place", REAL)
def test_filters_keep_the_mean_of_a_whole_real_image(name, place):
    """As published, refined Lee and Gamma-MAP darken towns and shores by one to three per cent."""
    power = real_power(place)
    assert np.nanmean(FILTERS[name](power, 6.0, 7)) == pytest.approx(np.nanmean(power), rel=0.001)


@pytest.mark.parametrize("angle", [0, 30, 45, 90])
def test_filters_keep_edges_that_a_mean_blurs(angle):
    """Within three pixels of an edge from 1 to 10, the two sides are told apart by more."""
    y, x = np.indices((200, 200)) - 99.5
    distance = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    power = np.where(distance > 0, 10.0, 1.0) * speckle((200, 200))

    def step(image):
        near, far = (inner(distance) > -3) & (inner(distance) < 0), (inner(distance) > 0) & (inner(distance) < 3)
        return inner(image)[far].mean() - inner(image)[near].mean()

    steps = {name: step(function(power, LOOKS, 7)) for name, function in {"boxcar": boxcar, **FILTERS}.items()}
    assert steps["boxcar"] < 0.55 * 9
    assert steps["lee"] > 0.7 * 9
    assert steps["refined-lee"] > 0.88 * 9
    assert steps["gamma-map"] > 0.88 * 9


def test_refined_lee_smooths_along_an_edge():
    """Lee's filter leaves pixels beside an edge as they are; the refined one takes the half window on their side."""
    truth = np.broadcast_to(np.where(np.arange(200) < 100, 1.0, 10.0), (200, 200))
    power = truth * speckle((200, 200))
    beside = (slice(10, -10), slice(97, 103))
    wrong = [np.abs(image / truth - 1)[beside].mean() for image in (lee(power, LOOKS, 7), refined_lee(power, LOOKS))]
    assert wrong[1] < 0.5 * wrong[0]


def test_gamma_map_keeps_point_targets():
    power = speckle((60, 60), 50.0)
    power[30, 30] = 200.0
    assert gamma_map(power, 50.0, 7)[30, 30] == 200.0
    assert boxcar(power, 50.0, 7)[30, 30] < 10


@pytest.mark.parametrize("dates", [3, 12])
def test_the_multitemporal_filter_raises_looks_as_its_authors_say(dates):
    powers = speckle((dates, 200, 200)) * np.linspace(0.02, 0.3, dates)[:, None, None]
    filtered = inner(multitemporal(powers, 7))
    expected = 49 * dates / (49 + dates - 1)
    for before, after in zip(inner(powers), filtered, strict=True):
        assert after.mean() == pytest.approx(before.mean(), rel=0.01)
        assert looks_in(after) / looks_in(before) == pytest.approx(expected, rel=0.1)


def test_the_multitemporal_filter_on_a_real_series():
    paths = sorted((SHARED / "sits_s1s2_monthly_belgium_unlabelled").glob("S1_*.tif"))
    if not paths:
        pytest.skip("the shared real images are not there")
    powers = np.stack([10 ** (read(path)[0].astype(float) / 10) for path in paths])
    for before, after in zip(powers, multitemporal(powers, 7), strict=True):
        assert after.mean() == pytest.approx(before.mean(), rel=0.01)


def test_the_multitemporal_filter_on_a_stand_of_one_species():
    paths = sorted((SHARED / "aerial_sits_treesat_abies" / "S1asc").glob("*.tif"))
    if not paths:
        pytest.skip("the shared real images are not there")
    powers = np.stack([read(path)[0].astype(float) for path in paths])
    filtered = multitemporal(powers, 5)
    assert filtered.mean() == pytest.approx(powers.mean(), rel=0.01)
    gains = [looks_in(after) / looks_in(before) for before, after in zip(powers, filtered, strict=True)]
    assert np.median(gains) > 3


def test_what_moves_between_dates_stays_where_it_was():
    powers = speckle((6, 60, 60))
    powers[2, 20:40, 20:40] *= 20
    filtered = multitemporal(powers, 7)
    assert filtered[2, 25:35, 25:35].mean() == pytest.approx(20, rel=0.15)
    assert filtered[3, 25:35, 25:35].mean() == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize("name", [*FILTERS, "multitemporal"])
def test_no_data_stays_and_does_not_spread(name):
    power = np.full((40, 40), 0.1)
    power[10:14, 10:30] = np.nan
    power[:, 39] = np.nan
    if name == "multitemporal":
        filtered = multitemporal(np.stack([power, power]), 7)[0]
    else:
        filtered = FILTERS[name](power, LOOKS, 7)
    np.testing.assert_array_equal(np.isnan(filtered), np.isnan(power))
    np.testing.assert_allclose(filtered[~np.isnan(power)], 0.1)


def test_a_date_without_data_is_left_out_of_the_others():
    powers = speckle((4, 60, 60))
    powers[1] = np.nan
    np.testing.assert_allclose(multitemporal(powers, 7)[[0, 2, 3]], multitemporal(powers[[0, 2, 3]], 7))


@pytest.mark.parametrize("looks", [1.0, LOOKS, 20.0])
def test_looks_are_estimated_although_half_of_the_image_is_textured(looks):
    power = speckle((300, 300), looks)
    power[:, 150:] *= speckle((300, 150), 2.0, seed=1)
    assert looks_of(log_variations(power, 7)) == pytest.approx(looks, rel=0.2)


def test_looks_of_too_few_pixels_are_unknown():
    assert looks_of(log_variations(speckle((8, 8)), 7)) is None


def test_border_noise_is_removed_and_water_stays():
    power = 0.1 * speckle((2, 80, 80))
    power[:, :, :10] = np.nan
    power[:, :, 10:18] = 1e-4 * speckle((2, 80, 8))
    power[:, 30:50, 40:60] = 1e-4
    noise = border_noise(power, np.ones((80, 80), bool), threshold=1e-3, reach=20)
    assert noise[:, 11:15].all()
    # The mean that decides reaches two pixels: the last ones before land stay.
    assert not noise[:, 18:].any()
    assert not noise[:, :10].any()


def test_the_edge_of_the_file_and_what_lies_far_inside_are_no_border():
    power = np.full((1, 60, 60), 1e-4)
    whole = np.ones((60, 60), bool)
    assert not border_noise(power, whole, 1e-3, 20).any()
    power[:, :, :5] = np.nan
    assert border_noise(power, whole, 1e-3, 20)[30].nonzero()[0].tolist() == list(range(5, 25))


def test_the_cosine_model():
    assert normalising_factor(np.array([38.0]), 38.0, 2.0) == pytest.approx(1)
    assert normalising_factor(np.array([60.0]), 0.0, 2.0) == pytest.approx(4)
    assert normalising_factor(np.array([60.0]), 0.0, 1.0) == pytest.approx(2)


@pytest.fixture
def image(tmp_path):
    """Two polarisations in dB with no data at one side."""
    power = np.stack([0.1 * speckle((150, 170)), 0.02 * speckle((150, 170), seed=1)])
    power[:, :, 90:] *= 5
    decibels = (10 * np.log10(power)).astype(np.float32)
    decibels[:, :, :7] = np.nan
    return write_raster(tmp_path / "s1.tif", decibels, names=("VV", "VH"), nodata=np.nan)


def prepare(image, output, reporter=None, **changes):
    source = {"role": "sar", "path": str(image)} | changes.pop("source", {})
    return run_job("preparesar", {"source": source, "output": str(output)} | changes, reporter or Reporter())


def read(path):
    with rasterio.open(path) as dataset:
        return dataset.read()


@pytest.mark.parametrize("name", ["none", *FILTERS])
def test_tiles_change_nothing(image, tmp_path, monkeypatch, name):
    """Windows of 64 and of 512 pixels give the same image, to the last bit."""
    outputs = []
    for side in (64, 512):
        monkeypatch.setattr(windows, "SIDES", (side,))
        outputs.append(tmp_path / f"{side}.tif")
        prepare(image, outputs[-1], speckle=name, looks=LOOKS, border=True, border_threshold=-20.0, border_reach=9)
    np.testing.assert_array_equal(*map(read, outputs))


def test_units_are_converted_and_come_back(image, tmp_path):
    prepare(image, tmp_path / "linear.tif", speckle="none", units="linear")
    prepare(tmp_path / "linear.tif", tmp_path / "db.tif", speckle="none", units="db")
    np.testing.assert_allclose(read(tmp_path / "linear.tif"), 10 ** (read(image) / 10), rtol=1e-5)
    np.testing.assert_allclose(read(tmp_path / "db.tif"), read(image), atol=1e-4)
    with rasterio.open(tmp_path / "linear.tif") as dataset:
        assert dataset.descriptions == ("VV", "VH")
        assert dataset.units == ("linear power",) * 2


def test_decibels_are_filtered_as_power(image, tmp_path):
    """The mean of the power is kept; that of the decibels would come out lower."""
    prepare(image, tmp_path / "out.tif", speckle="lee")
    power = [10 ** (read(path)[:, 20:-20, 20:80] / 10) for path in (image, tmp_path / "out.tif")]
    np.testing.assert_allclose(power[1].mean(axis=(1, 2)), power[0].mean(axis=(1, 2)), rtol=0.01)


def test_the_number_of_looks_is_estimated_and_told(image, tmp_path):
    told = []
    result = prepare(image, tmp_path / "out.tif", Reporter(told.append))
    assert result["looks"] == pytest.approx(LOOKS, rel=0.2)
    assert any("looks" in event.get("message", "") for event in told)
    assert prepare(image, tmp_path / "out.tif", looks=3.0)["looks"] == 3.0


def test_a_raster_of_incidence_angles_on_another_grid(image, tmp_path):
    angles = write_raster(tmp_path / "angles.tif", np.full((1, 60, 60), 60, np.float32), gsd=30.0)
    prepare(image, tmp_path / "out.tif", speckle="none", incidence=angles, reference_angle=0.0)
    change = read(tmp_path / "out.tif") - read(image)
    np.testing.assert_allclose(change[:, :, 7:], 10 * np.log10(4), atol=1e-3)


@pytest.mark.parametrize(("value", "message"), [(0.6, "hold 0.6 to 0.6; degrees"), (95, "95 to 95; degrees")])
def test_angles_that_are_no_degrees_are_refused(image, tmp_path, value, message):
    angles = write_raster(tmp_path / "angles.tif", np.full((1, 150, 170), value, np.float32))
    with pytest.raises(SceneError, match=message):
        prepare(image, tmp_path / "out.tif", speckle="none", incidence=angles)
    assert not (tmp_path / "out.tif").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"window": 8}, "window is 8; an odd number"),
        ({"window": 9}, "window is 9; the refined Lee filter is laid out for 7"),
        ({"speckle": "multitemporal"}, "asked for one image"),
        ({"speckle": "frost"}, "speckle is 'frost'"),
        ({"incidence": 95.0}, "incidence is 95"),
        ({"source": {"role": "optical"}}, "given as optical"),
    ],
)
def test_contradictions_are_refused(image, tmp_path, changes, message):
    with pytest.raises(SpecError, match=message):
        prepare(image, tmp_path / "out.tif", **changes)


def test_nothing_half_written_stays_after_a_cancel(image, tmp_path, monkeypatch):
    reporter = Reporter()
    original = sar.prepared

    def cancelling(run, window):
        reporter.cancel()
        return original(run, window)

    monkeypatch.setattr(sar, "prepared", cancelling)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        prepare(image, tmp_path / "out.tif", reporter)
    assert sorted(tmp_path.iterdir()) == before


def test_a_stack_becomes_a_stack(tmp_path):
    made = []
    for month in (1, 2, 3):
        power = month * 0.1 * speckle((2, 90, 100), seed=month)
        path = write_raster(tmp_path / f"S1_20200{month}05.tif", (10 * np.log10(power)).astype(np.float32))
        with rasterio.open(path) as dataset:
            grid = Grid.of(dataset)
        made.append(DatedRaster(path, "sar", "sentinel-1-grd", "db", ("VV", "VH"), f"2020-0{month}-05", grid))
    stack = tmp_path / "stack.json"
    write_rasters_stack(str(stack), str(stack), made)
    (tmp_path / "out").mkdir()
    result = prepare(stack, tmp_path / "out" / "new.json", speckle="multitemporal")
    items = read_stack(result["output"]).items
    assert [item.date for item in items] == ["2020-01-05", "2020-02-05", "2020-03-05"]
    assert [item.bands[0].path for item in items] == result["images"]
    (tmp_path / "out").rename(tmp_path / "moved")
    moved = read_stack(str(tmp_path / "moved" / "new.json")).items
    power = [10 ** (read(item.bands[0].path)[0] / 10) for item in moved]
    assert [image.mean() for image in power] == pytest.approx([0.1, 0.2, 0.3], rel=0.02)
    assert looks_in(power[0]) == pytest.approx(LOOKS * 49 * 3 / 51, rel=0.15)
