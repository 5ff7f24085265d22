"""Co-registration: known shifts are found, nothing is found where there is nothing, and files stay as they are."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
import rasterio
from helpers import SHARED, write_raster
from landsketch.core.coregistration.agreement import Evidence, changing_shift, one_shift
from landsketch.core.coregistration.field import shift_field
from landsketch.core.coregistration.matching import evened, peak, phase_shift, similarity, structure
from landsketch.core.errors import Cancelled, SceneError, SpecError
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.scenes import open_scene
from landsketch.core.simulate import simulate
from landsketch.core.specs import CoregisterSpec, SourceSpec
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.ndimage import shift as moved_by

ORIGIN = (500_000, 5_000_000)
SHIFTS = ((-3.7, 4.2), (0.0, 0.0), (4.2, -3.7))
"""Rows and columns."""


def scene_of(place):
    folder = SHARED / f"s1s2_lulc_{place}"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return {kind: str(next(folder.glob(f"*{kind}.tif"))) for kind in ("S1RTC", "S2L2A")}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    return simulate(str(tmp_path_factory.mktemp("simulated")), seed=3, size=320)


def bands_of(path, names=("B02", "B03", "B04", "B08")):
    with rasterio.open(path) as dataset:
        return dataset.read([dataset.descriptions.index(name) + 1 for name in names]).astype(np.float32)


def displaced(source, path, shift, names=("B02", "B03", "B04", "B08")):
    """Writes bands of a file, resampled by cubic splines so that what they show lies elsewhere."""
    with rasterio.open(source) as dataset:
        transform, crs = dataset.transform, dataset.crs
    image = np.stack([moved_by(band, shift, order=3, mode="reflect") for band in bands_of(source, names)])
    return write_raster(path, image, names=names, transform=transform, crs=crs)


def coregister(image, reference, output, reporter=None, roles=("optical", "optical"), **changes):
    spec = {
        "image": {"role": roles[0], "path": str(image)},
        "reference": {"role": roles[1], "path": str(reference)},
        "output": str(output),
    }
    return run_job("coregister", spec | changes, reporter or Reporter())


def found_shift(result, pixel=10.0):
    """Rows and columns by which the image was moved."""
    moved = result["found"]["moved"]
    return np.array([-moved["north"], moved["east"]]) / pixel


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def detailed(side=300, seed=0):
    """(1, y, x): blurred noise, which has detail of every size."""
    noise = np.random.default_rng(seed).normal(size=(2, side, side))
    return (1000 + 300 * gaussian_filter(noise[0], 1.5) + 900 * gaussian_filter(noise[1], 6))[None].astype(np.float32)


# --- Windows ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shift", SHIFTS)
def test_phase_correlation_finds_a_resampled_copy_to_hundredths(shift):
    (image,) = evened(detailed())
    copy = moved_by(image, shift, order=3, mode="reflect")
    window = slice(100, 184)
    found = phase_shift(image[window, window], copy[window, window], 10)
    assert found == pytest.approx([-shift[0], -shift[1]], abs=0.03)


def test_phase_correlation_cuts_the_window_as_far_off_as_it_may():
    (image,) = evened(detailed())
    copy = np.roll(image, (-10, 10), (0, 1))
    found = phase_shift(image[100:184, 100:184], copy[100:184, 100:184], 10)
    assert found == pytest.approx([10, -10], abs=0.01)


@pytest.mark.parametrize("contrast", [1.0, -1.0])
def test_structure_finds_a_shift_whatever_side_of_an_edge_is_brighter(contrast):
    image = detailed()
    copy = contrast * np.roll(image, (3, -5), (1, 2))
    window = (slice(None), slice(100, 184), slice(100, 184))
    surface = similarity(structure(image)[window], structure(copy)[window], 10)
    assert peak(surface) == pytest.approx([-3, 5], abs=0.05)
    assert surface.max() == pytest.approx(1.0, abs=0.02)


def test_similarity_is_the_correlation_of_what_lies_on_each_other():
    generator = np.random.default_rng(0)
    reference, image = generator.normal(size=(2, 3, 20, 20))
    inside = image[:, 2:-2, 2:-2]
    there = reference[:, 1:17, 4:20]
    there, inside = (part - part.mean(axis=(1, 2), keepdims=True) for part in (there, inside))
    expected = (there * inside).sum() / np.sqrt((there**2).sum() * (inside**2).sum())
    assert similarity(reference, image, 2)[1, 4] == pytest.approx(expected, abs=1e-9)


def test_a_top_on_the_rim_is_no_top():
    surface = np.add.outer(np.arange(9.0), np.zeros(9)) + 1
    assert np.isnan(peak(surface)).all()


def test_a_top_between_pixels_is_found():
    y, x = np.mgrid[-4:5, -4:5]
    surface = 1 - 0.01 * ((y - 1.3) ** 2 + (x + 0.4) ** 2 + 0.5 * (y - 1.3) * (x + 0.4))
    assert peak(surface) == pytest.approx([1.3, -0.4], abs=1e-6)


# --- Agreement --------------------------------------------------------------------------------------------------------


def evidence_of(shifts, tolerance=0.75, reach=10):
    side = int(np.sqrt(len(shifts)))
    places = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1).reshape(-1, 2) * 50.0
    return Evidence(places, np.array(shifts), None, tolerance, reach, float(len(shifts)))


def test_a_shift_of_the_majority_stands_whatever_the_others_say():
    generator = np.random.default_rng(0)
    shifts = generator.uniform(-10, 10, (25, 2))
    shifts[:15] = np.array([2.3, -1.1]) + generator.normal(0, 0.1, (15, 2))
    verdict = one_shift(evidence_of(shifts))
    assert verdict.shift == pytest.approx([2.3, -1.1], abs=0.1)
    assert verdict.share == pytest.approx(0.6, abs=0.05)
    assert verdict.error < 0.1


@pytest.mark.parametrize("judge", [one_shift, changing_shift])
def test_chance_is_told_from_agreement(judge):
    """Of twenty made-up images that have nothing in common, none is moved."""
    generator = np.random.default_rng(1)
    verdicts = [judge(evidence_of(generator.uniform(-10, 10, (25, 2)))) for _ in range(20)]
    assert not [verdict for verdict in verdicts if verdict.shift is not None]


def test_windows_that_overlap_count_for_less():
    shifts = np.random.default_rng(0).uniform(-10, 10, (25, 2))
    shifts[:7] = 1.0
    apart = one_shift(evidence_of(shifts))
    overlapping = one_shift(Evidence(evidence_of(shifts).places, shifts, None, 0.75, 10, 8.0))
    assert overlapping.chance > 100 * apart.chance


def test_a_changing_shift_is_smooth_and_leaves_outliers_out():
    generator = np.random.default_rng(0)
    base = evidence_of(np.zeros((64, 2)))
    true = (1.0, -2.0) + base.places @ np.array([[0.004, 0.0], [-0.002, 0.006]])
    shifts = true + generator.normal(0, 0.05, true.shape)
    shifts[::7] = generator.uniform(-10, 10, shifts[::7].shape)
    evidence = evidence_of(shifts)
    verdict = changing_shift(evidence)
    assert verdict.agreeing[[1, 2, 3]].all()
    assert verdict.agreeing.mean() > 0.8
    field = shift_field(evidence, verdict)
    assert np.abs(field(base.places) - true).max() < 0.15
    far = field(np.array([[-5000.0, -5000.0]]))
    assert np.abs(far - true[0]).max() < 0.15, "beyond the windows it stays as it is there"


# --- Real images ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["brazil", "denmark"])
@pytest.mark.parametrize(("band", "other"), [("B02", "B03"), ("B03", "B04"), ("B04", "B08")])
def test_known_shifts_between_real_bands_are_found_within_a_tenth_of_a_pixel(place, band, other, tmp_path):
    """Beyond what the bands themselves lie apart, which the unmoved pair tells (up to 0.2 pixels here)."""
    path = scene_of(place)["S2L2A"]
    reference = displaced(path, tmp_path / "reference.tif", (0, 0), (band,))
    found = {}
    for shift in SHIFTS:
        image = displaced(path, tmp_path / "image.tif", shift, (other,))
        result = coregister(image, reference, tmp_path / "moved.vrt", matching="values")
        found[shift] = found_shift(result) + shift
    assert np.abs(found[0.0, 0.0]).max() < 0.2
    assert max(np.abs(error - found[0.0, 0.0]).max() for error in found.values()) < 0.1


@pytest.mark.parametrize("place", ["brazil", "denmark"])
def test_known_shifts_between_radar_and_optical_are_found_within_half_a_pixel(place, tmp_path):
    """Beyond what the files themselves lie apart, which the unmoved pair tells."""
    paths = scene_of(place)
    found = {}
    for shift in SHIFTS:
        image = displaced(paths["S2L2A"], tmp_path / "s2.tif", shift)
        result = coregister(image, paths["S1RTC"], tmp_path / "moved.vrt", roles=("optical", "sar"))
        assert result["found"]["matching"] == "structure"
        found[shift] = found_shift(result) + shift
    assert max(np.abs(error - found[0.0, 0.0]).max() for error in found.values()) < 0.5


def test_radar_moves_onto_optical_as_far_as_optical_onto_radar(tmp_path):
    paths = scene_of("denmark")
    there = coregister(paths["S2L2A"], paths["S1RTC"], tmp_path / "a.vrt", roles=("optical", "sar"))
    back = coregister(paths["S1RTC"], paths["S2L2A"], tmp_path / "b.vrt", roles=("sar", "optical"))
    assert found_shift(there) == pytest.approx(-found_shift(back), abs=0.3)


@pytest.mark.parametrize("matching", ["values", "structure"])
def test_scenes_of_different_places_are_refused(matching, tmp_path):
    brazil, denmark = (bands_of(scene_of(place)["S2L2A"]) for place in ("brazil", "denmark"))
    image = write_raster(tmp_path / "image.tif", brazil, names=("B02", "B03", "B04", "B08"))
    reference = write_raster(tmp_path / "reference.tif", denmark, names=("B02", "B03", "B04", "B08"))
    with pytest.raises(SceneError, match=r"It cannot be told how 'image.tif' lies on 'reference.tif'"):
        coregister(image, reference, tmp_path / "moved.vrt", matching=matching)


def test_a_turned_radar_image_is_refused(tmp_path):
    paths = scene_of("brazil")
    with rasterio.open(paths["S1RTC"]) as dataset:
        turned, transform, crs = dataset.read()[:, ::-1], dataset.transform, dataset.crs
    radar = write_raster(tmp_path / "s1.tif", turned, names=("VV", "VH"), transform=transform, crs=crs)
    with pytest.raises(SceneError, match="as they may by chance"):
        coregister(paths["S2L2A"], radar, tmp_path / "moved.vrt", roles=("optical", "sar"))


# --- Made-up images ---------------------------------------------------------------------------------------------------


def test_simulated_radar_and_optical_images_lie_on_each_other(simulated, tmp_path):
    """Their grids differ by parts of a pixel on purpose; both are right."""
    result = coregister(simulated.sar, simulated.optical, tmp_path / "moved.vrt", roles=("sar", "optical"))
    assert np.abs(found_shift(result)).max() < 0.35


@pytest.mark.parametrize("shift", [(-3.7, 4.2), (2.4, 1.1)])
def test_known_shifts_of_a_simulated_image_are_found(simulated, shift, tmp_path):
    image = displaced(simulated.optical, tmp_path / "image.tif", shift)
    result = coregister(image, simulated.optical, tmp_path / "moved.vrt")
    assert found_shift(result) == pytest.approx([-shift[0], -shift[1]], abs=0.1)
    assert result["found"]["share"] > 0.9


@pytest.mark.parametrize("matching", ["values", "structure"])
def test_noise_is_refused(simulated, matching, tmp_path):
    for seed in range(2):
        noise = np.random.default_rng(seed).normal(1000, 100, (4, 320, 320)).astype(np.float32)
        with rasterio.open(simulated.optical) as dataset:
            image = write_raster(tmp_path / "noise.tif", noise, transform=dataset.transform, crs=dataset.crs)
        with pytest.raises(SceneError, match="cannot be told"):
            coregister(image, simulated.optical, tmp_path / "moved.vrt", matching=matching)
    assert os.listdir(tmp_path) == ["noise.tif"]


def test_an_image_without_detail_is_refused(tmp_path):
    reference = write_raster(tmp_path / "reference.tif", detailed())
    flat = write_raster(tmp_path / "flat.tif", np.full((1, 300, 300), 7, np.float32))
    with pytest.raises(SceneError, match="show too little to compare: 0 of"):
        coregister(flat, reference, tmp_path / "moved.vrt")


def test_too_little_common_ground_is_named(tmp_path):
    reference = write_raster(tmp_path / "reference.tif", detailed())
    image = write_raster(tmp_path / "image.tif", detailed(), origin=(ORIGIN[0] + 2600, ORIGIN[1]))
    with pytest.raises(SceneError, match="share 40 × 300 pixels"):
        coregister(image, reference, tmp_path / "moved.vrt")
    away = write_raster(tmp_path / "away.tif", detailed(), origin=(ORIGIN[0] + 90_000, ORIGIN[1]))
    with pytest.raises(SceneError, match="do not overlap"):
        coregister(away, reference, tmp_path / "moved.vrt")


def test_holes_in_an_image_do_not_count_as_detail(tmp_path):
    generator = np.random.default_rng(0)
    image, reference = detailed(seed=1), detailed(seed=2)
    for row, column in generator.integers(0, 290, (40, 2)):
        for one in (image, reference):
            one[:, row : row + 6, column : column + 6] = np.nan
    paths = [write_raster(tmp_path / f"{i}.tif", one) for i, one in enumerate((image, reference))]
    with pytest.raises(SceneError):
        coregister(*paths, tmp_path / "moved.vrt")


def test_a_coarser_image_and_another_coordinate_system(simulated, tmp_path):
    """30 m in UTM zone 32 on 10 m in zone 31: the correction is in the image's own system."""
    from rasterio.enums import Resampling
    from rasterio.vrt import WarpedVRT

    with (
        rasterio.open(simulated.optical) as dataset,
        WarpedVRT(dataset, crs="EPSG:32632", resampling=Resampling.average, nodata=0) as warped,
    ):
        coarse = warped.read(
            [2, 3, 4, 8], out_shape=(4, warped.height // 3, warped.width // 3), resampling=Resampling.average
        )
        transform = warped.transform @ warped.transform.scale(
            warped.width / coarse.shape[2], warped.height / coarse.shape[1]
        )
    off = transform.translation(45.0, -60.0) @ transform
    image = write_raster(
        tmp_path / "s2_coarse.tif",
        coarse,
        names=("B02", "B03", "B04", "B08"),
        transform=off,
        crs="EPSG:32632",
        nodata=0,
    )
    coregister(image, simulated.optical, tmp_path / "moved.vrt", reach=4)
    with rasterio.open(tmp_path / "moved.vrt") as moved:
        assert moved.crs.to_epsg() == 32632
        assert (moved.transform.c - transform.c, moved.transform.f - transform.f) == pytest.approx((0, 0), abs=6)


# --- Files ------------------------------------------------------------------------------------------------------------


def test_no_pixel_is_resampled_and_no_input_is_changed(simulated, tmp_path):
    image = displaced(simulated.optical, tmp_path / "image.tif", (2.0, -3.0))
    before = digest(image), digest(simulated.optical)
    outputs = {"html": str(tmp_path / "found.html"), "json": str(tmp_path / "found.json")}
    result = coregister(image, simulated.optical, tmp_path / "moved.vrt", **outputs)
    assert (digest(image), digest(simulated.optical)) == before
    with rasterio.open(tmp_path / "moved.vrt") as moved, rasterio.open(image) as original:
        assert np.array_equal(moved.read(), original.read())
        assert moved.descriptions == original.descriptions
        assert moved.crs == original.crs
        by = moved.transform.c - original.transform.c, moved.transform.f - original.transform.f
    assert by == pytest.approx((30, 20), abs=1)
    document = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert document["moved"] == result["found"]["moved"]
    assert len(document["windows"]) == len(result["found"]["windows"])
    page = (tmp_path / "found.html").read_text(encoding="utf-8")
    assert "to the east" in page
    assert page.count("data:image/png") == 3
    assert set(os.listdir(tmp_path)) == {"image.tif", "moved.vrt", "found.html", "found.json"}


def test_image_and_result_can_be_moved_together(simulated, tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    image = displaced(simulated.optical, folder / "image.tif", (2.0, -3.0))
    coregister(image, simulated.optical, folder / "moved.vrt")
    coregister(image, simulated.optical, folder / "warped.vrt", local=True)
    folder.rename(tmp_path / "there")
    for name in ("moved.vrt", "warped.vrt"):
        with rasterio.open(tmp_path / "there" / name) as moved:
            assert moved.read(1).any()


def test_a_bent_image_is_straightened_onto_the_pixels_of_the_reference(tmp_path):
    side = 400
    reference = detailed(side)
    rows, columns = np.mgrid[:side, :side].astype(float)
    down = 2.0 + 1.5 * np.sin(columns / 90)
    across = -1.0 + rows / 200
    bent = map_coordinates(reference[0], (rows - down, columns - across), order=3, mode="reflect")[None]
    paths = write_raster(tmp_path / "bent.tif", bent), write_raster(tmp_path / "reference.tif", reference)
    coregister(*paths, tmp_path / "moved.vrt", local=True)
    inside = slice(40, -40)
    with rasterio.open(tmp_path / "moved.vrt") as moved:
        assert moved.transform == rasterio.open(paths[1]).transform, "nothing is resampled again when it is read"
        straight = moved.read(1)[inside, inside]
    wrong = np.abs(bent[0] - reference[0])[inside, inside].mean()
    assert np.abs(straight - reference[0][inside, inside]).mean() < 0.15 * wrong


def test_a_local_result_reads_as_a_scene(simulated, tmp_path):
    image = displaced(simulated.optical, tmp_path / "s2.tif", (2.0, -3.0))
    coregister(image, simulated.optical, tmp_path / "moved_s2.vrt", local=True)
    sources = [SourceSpec("optical", str(tmp_path / "moved_s2.vrt")), SourceSpec("sar", simulated.sar)]
    with open_scene(sources) as scene:
        assert scene.source("optical").bands == ("B02", "B03", "B04", "B08")


def test_a_cancelled_run_leaves_nothing(simulated, tmp_path):
    reporter = Reporter()
    reporter._emit = lambda event: event.get("message", "").startswith("Comparing") and reporter.cancel()
    with pytest.raises(Cancelled):
        coregister(simulated.sar, simulated.optical, tmp_path / "moved.vrt", reporter, roles=("sar", "optical"))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reach": 1}, "reach is 1"),
        ({"matching": "eyes"}, "matching is 'eyes'"),
        ({"output": "moved.tif"}, r"end in \.vrt"),
        ({"output": "image.vrt"}, "is an input"),
        ({"image": {"role": "embedding", "path": "image.vrt"}}, "image.role is 'embedding'"),
    ],
)
def test_wrong_settings_are_named(changes, words):
    spec = {
        "image": {"role": "optical", "path": "image.vrt"},
        "reference": {"role": "optical", "path": "reference.tif"},
        "output": "moved.vrt",
    }
    with pytest.raises(SpecError, match=words):
        CoregisterSpec.from_json(spec | changes)
