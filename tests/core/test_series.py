"""Time stacks as sources of a scene: each date is read as the raster it is."""

import os
import random
import shutil
import threading

import numpy as np
import pytest
from helpers import SHARED, write_raster
from landsketch.core.errors import SceneError
from landsketch.core.fingerprints import files_of
from landsketch.core.open_files import OpenFiles
from landsketch.core.scenes import describe, open_scene
from landsketch.core.specs import SourceSpec
from rasterio.windows import Window
from stacks import image_item, item, write_stack

BANDS = ("B02", "B03", "B04", "B08")
SIDE = 48


def land(seed=0, side=SIDE, bands=4):
    """(band, y, x) uint16 with dark pixels, as reflectance × 10 000."""
    return np.random.default_rng(seed).integers(100, 3000, (bands, side, side)).astype(np.uint16)


def dated(tmp_path, date, image, *, name="", **options):
    """Writes an image of a date and returns its item."""
    written = {key: options.pop(key) for key in ("gsd", "crs", "origin", "nodata", "compress") if key in options}
    path = write_raster(tmp_path / (name or f"S2_{date}.tif"), image, names=BANDS[: len(image)], **written)
    return image_item(date, path, BANDS[: len(image)], **options)


def opened(tmp_path, items, *others, role="optical"):
    return open_scene([SourceSpec(role, write_stack(tmp_path / "stack.json", items)), *others])


def whole(scene, role="optical"):
    """(date, band, y, x) of the whole grid."""
    window = Window(0, 0, scene.grid.width, scene.grid.height)
    image = scene.read(window, {role: scene.source(role).bands})[role]
    return image.reshape(len(scene.source(role).dates), -1, *image.shape[1:])


def test_dates_follow_each_other_each_with_all_bands(tmp_path):
    images = [land(seed) for seed in range(3)]
    days = ("2020-05-01", "2020-06-11", "2020-06-11")  # two of one day
    items = [dated(tmp_path, day, image, name=f"{i}.tif") for i, (day, image) in enumerate(zip(days, images))]
    with opened(tmp_path, items) as scene:
        assert scene.source("optical").dates == days
        assert np.array_equal(whole(scene), np.stack(images))
        assert scene.month == 6
        assert describe(scene) == [
            "optical: 'stack.json' read as 3 dates from 2020-05-01 to 2020-06-11 of sentinel-2-l2a in dn, bands B02 "
            "B03 B04 B08."
        ]


def test_a_window_over_the_edge_and_some_bands(tmp_path):
    items = [dated(tmp_path, f"2020-0{i}-01", land(i)) for i in (1, 2)]
    with opened(tmp_path, items) as scene:
        all_of_it = whole(scene)
        part = scene.read(Window(-8, 40, 16, 16), {"optical": ["B08", "B02"]})["optical"].reshape(2, 2, 16, 16)
        beyond = scene.read(Window(100, 100, 8, 8), {"optical": ["B08"]})["optical"]
    assert np.array_equal(part[:, :, :8, 8:], all_of_it[:, [3, 0], 40:, :8])
    assert np.isnan(part[:, :, :, :8]).all()
    assert np.isnan(part[:, :, 8:]).all()
    assert beyond.shape == (2, 8, 8)
    assert np.isnan(beyond).all()


def test_shuffling_the_items_changes_nothing(tmp_path):
    items = [dated(tmp_path, f"2020-0{i}-01", land(i)) for i in range(1, 9)]
    with opened(tmp_path, items) as scene:
        expected, cards = whole(scene), scene.sample("optical", BANDS)
    random.Random(3).shuffle(items)
    with opened(tmp_path, items) as scene:
        assert np.array_equal(whole(scene), expected)
        assert np.array_equal(scene.sample("optical", BANDS), cards)


def test_each_date_has_its_own_units_and_offset(tmp_path):
    image = land()
    items = [
        dated(tmp_path, "2021-05-01", image),
        dated(tmp_path, "2022-05-01", image + 1000),
        dated(tmp_path, "2023-05-01", (image / 10_000).astype(np.float32)),
    ]
    with opened(tmp_path, items) as scene:
        conversions = [one.raster.conversion for one in scene.source("optical").images]
        assert np.allclose(whole(scene), image, atol=0.01)
    assert [(c.stored, c.offset) for c in conversions] == [("dn", 0), ("dn", 1000), ("reflectance", 0)]


def test_a_date_of_clouds_has_the_offset_of_its_neighbour(tmp_path):
    clouds = land() + 5000
    items = [
        dated(tmp_path, "2021-05-01", land()),
        dated(tmp_path, "2022-05-01", land() + 1000),
        dated(tmp_path, "2022-05-06", clouds),
        dated(tmp_path, "2022-05-11", clouds, offset=0.0),
    ]
    with opened(tmp_path, items) as scene:
        offsets = [one.raster.conversion.offset for one in scene.source("optical").images]
    assert offsets == [0, 1000, 1000, 0]


def test_radar_dates_in_power_and_in_decibel_are_alike(tmp_path):
    decibel = np.random.default_rng(0).normal(-12, 2, (2, SIDE, SIDE)).astype(np.float32)
    decibel[1] -= 6
    items = []
    for day, values in (("2020-01-01", decibel), ("2020-01-13", 10 ** (decibel / 10))):
        path = write_raster(tmp_path / f"{day}.tif", values, names=("VV", "VH"))
        items.append(image_item(day, path, ("VV", "VH"), sensor="sentinel-1-rtc"))
    with opened(tmp_path, items, role="sar") as scene:
        first, second = whole(scene, "sar")
    assert np.allclose(first, second, atol=1e-3)


def test_clouds_are_cut_out_by_masks_on_their_own_grid(tmp_path):
    scl = np.full((1, SIDE // 2, SIDE // 2), 4, np.uint8)
    scl[0, 3:7, 5:9] = 9
    mask = write_raster(tmp_path / "scl.tif", scl, gsd=20.0)
    items = [dated(tmp_path, "2020-05-01", land(1), mask=(mask, 1, "scl")), dated(tmp_path, "2020-06-01", land(2))]
    with opened(tmp_path, items) as scene:
        first, second = whole(scene)
        sampled = scene.sample("optical", BANDS)
    expected = np.zeros((SIDE, SIDE), bool)
    expected[6:14, 10:18] = True
    assert np.array_equal(np.isnan(first), np.broadcast_to(expected, first.shape))
    assert np.isfinite(second).all()
    assert sampled.shape[1] == 2 * SIDE**2 - 64


def test_bands_in_several_files_of_different_pixels(tmp_path):
    blue, swir = land(1, bands=1), land(2, SIDE // 2, 1)
    fine = write_raster(tmp_path / "T32_B02_10m.tif", blue)
    coarse = write_raster(tmp_path / "T32_B11_20m.tif", swir, gsd=20.0)
    with opened(tmp_path, [item("2020-05-01", [("B02", fine, 1), ("B11", coarse, 1)], id="T32")]) as scene:
        assert scene.grid.shape == (SIDE, SIDE)
        image = whole(scene)[0]
        assert scene.source("optical").images[0].raster.layer == "T32"
    assert np.array_equal(image[0], blue[0])
    assert np.array_equal(image[1], swir[0].repeat(2, 0).repeat(2, 1))


def test_bands_of_one_file_that_are_dates(tmp_path):
    values = np.random.default_rng(0).random((6, SIDE, SIDE)).astype(np.float32)
    path = write_raster(tmp_path / "ndvi.tif", values)
    items = [item(f"2020-0{i}-01", [("NDVI", path, i)], id=str(i), sensor="generic") for i in range(1, 7)]
    with opened(tmp_path, items) as scene:
        assert scene.source("optical").bands == ("NDVI",)
        assert np.array_equal(whole(scene)[:, 0], values)


def test_dates_in_another_system_and_on_another_grid_are_warped(tmp_path):
    from rasterio.warp import transform

    (x,), (y,) = transform("EPSG:32632", "EPSG:4326", [499_900], [5_000_100])
    even = np.full((4, 45, 60), 1500, np.uint16)
    items = [
        dated(tmp_path, "2020-05-01", land()),
        dated(tmp_path, "2020-06-01", even, gsd=0.0002, crs="EPSG:4326", origin=(x, y), offset=0.0),
    ]
    with opened(tmp_path, items) as scene:
        assert scene.grid.gsd == 10.0
        all_of_it = whole(scene)
        part = scene.read(Window(10, 20, 16, 12), {"optical": BANDS})["optical"].reshape(2, 4, 12, 16)
    assert np.allclose(all_of_it[1], 1500, atol=0.5)
    assert np.allclose(part, all_of_it[:, :, 20:32, 10:26], atol=0.01)


def test_the_finest_date_gives_the_grid(tmp_path):
    items = [
        dated(tmp_path, "2020-05-01", land(side=SIDE // 2), gsd=20.0),
        dated(tmp_path, "2020-06-01", land(1)),
    ]
    with opened(tmp_path, items) as scene:
        assert (scene.grid.gsd, scene.grid.shape) == (10.0, (SIDE, SIDE))


def test_a_date_without_data_is_left_out_and_named(tmp_path):
    hides = write_raster(tmp_path / "cloud.tif", np.ones((1, SIDE, SIDE), np.uint8))
    items = [
        dated(tmp_path, "2020-05-01", land()),
        dated(tmp_path, "2020-06-01", np.full((4, SIDE, SIDE), 65535, np.uint16), nodata=65535),
        dated(tmp_path, "2020-07-01", land(1), mask=(hides, 1, "mask")),
    ]
    with opened(tmp_path, items) as scene:
        assert scene.source("optical").dates == ("2020-05-01",)
        assert any("'S2_2020-06-01.tif' of 2020-06-01 has no data" in line for line in scene.doubts)
        assert any("'S2_2020-07-01.tif' of 2020-07-01 is hidden by its mask" in line for line in scene.doubts)
    with pytest.raises(SceneError, match=r"No date of time stack 'stack\.json' has data"):
        opened(tmp_path, items[1:])


def test_dates_of_another_place_are_left_out(tmp_path):
    optical = SourceSpec("optical", write_raster(tmp_path / "s2.tif", land(), names=BANDS), offset=0.0)
    radar = np.full((2, SIDE, SIDE), -12, np.float32)
    items = []
    for day, x in (("2020-01-01", 500_100), ("2020-01-13", 700_000)):
        path = write_raster(tmp_path / f"{day}.tif", radar, origin=(x, 5_000_000))
        items.append(image_item(day, path, ("VV", "VH"), sensor="sentinel-1-grd"))
    with opened(tmp_path, items, optical, role="sar") as scene:
        assert scene.source("sar").dates == ("2020-01-01",)
        assert np.isfinite(whole(scene, "sar")[0, 0, :, 10:]).all()
    with pytest.raises(SceneError, match=r"'s2\.tif' and 'stack\.json' do not overlap"):
        opened(tmp_path, items[1:], optical, role="sar")


def test_a_missing_and_a_truncated_file_are_named(tmp_path):
    items = [dated(tmp_path, f"2020-0{i}-01", land(i), compress="deflate") for i in (1, 2)]
    content = (tmp_path / "S2_2020-02-01.tif").read_bytes()
    (tmp_path / "S2_2020-02-01.tif").write_bytes(content[: len(content) // 2])
    with pytest.raises(SceneError, match=r"2020-02-01 of time stack 'stack\.json': Layer 'S2_2020-02-01\.tif' cannot"):
        opened(tmp_path, items)
    os.remove(tmp_path / "S2_2020-02-01.tif")
    with pytest.raises(SceneError, match=r"Layer 'S2_2020-02-01\.tif' cannot be read") as found:
        opened(tmp_path, items)
    assert "copy it again" in found.value.hint


def test_a_missing_mask_is_named(tmp_path):
    items = [dated(tmp_path, "2020-05-01", land(), mask=(str(tmp_path / "gone.tif"), 1, "scl"))]
    with pytest.raises(SceneError, match=r"Layer 'gone\.tif' cannot be read"):
        opened(tmp_path, items)


def test_bands_that_some_dates_lack_are_not_read_and_named(tmp_path):
    items = [dated(tmp_path, "2020-05-01", land()), dated(tmp_path, "2020-06-01", land(1, bands=3))]
    with opened(tmp_path, items) as scene:
        assert scene.source("optical").bands == BANDS[:3]
        (note,) = scene.doubts
    assert note.startswith("'S2_2020-06-01.tif' of 2020-06-01 lacks B08, which other dates have")
    other = image_item("2020-07-01", items[0]["assets"].popitem()[0], ("B05", "B06", "B07", "B8A"))
    with pytest.raises(SceneError, match="have no band in common"):
        opened(tmp_path, [items[1], other])


def test_a_band_that_the_file_lacks_is_named(tmp_path):
    path = write_raster(tmp_path / "x.tif", land(), names=BANDS)
    with pytest.raises(SceneError, match=r"'x\.tif' has 4 bands; the time stack takes B11 from band 7"):
        opened(tmp_path, [item("2020-05-01", [("B02", path, 1), ("B11", path, 7)])])


def test_a_stack_without_images_of_the_role(tmp_path):
    with pytest.raises(SceneError, match=r"'stack\.json' has no sar images, only optical"):
        opened(tmp_path, [dated(tmp_path, "2020-05-01", land())], role="sar")


def test_a_picture_is_the_median_of_clear_dates(tmp_path):
    values = (300, 400, 9000)
    items = [dated(tmp_path, f"2020-0{i + 1}-01", land(i) * 0 + v, offset=0.0) for i, v in enumerate(values)]
    with opened(tmp_path, items) as scene:
        picture = scene.coarse("optical", ("B04", "B02"), 12)
    assert picture.shape == (2, 12, 12)
    assert (picture == 400).all()


def test_few_files_are_kept_open(tmp_path):
    paths = [write_raster(tmp_path / f"{i}.tif", land(i)) for i in range(9)]
    files, opened_paths = OpenFiles(most=4), []

    def open_it(path):
        import rasterio

        opened_paths.append(path)
        return [rasterio.open(path)]

    for path in [*paths, paths[-1], paths[0]]:
        with files.lent("x", path, lambda path=path: open_it(path)) as handle:
            assert handle.read(1).shape == (SIDE, SIDE)
        assert sum(map(len, files._idle.values())) <= 4
    files.close()
    assert opened_paths == [*paths, paths[0]], "the last one was still open, the first one no longer"


def test_a_stack_is_closed_only_when_nothing_is_read_from_it(tmp_path):
    items = [dated(tmp_path, f"2020-0{i}-01", land(i, 256), compress="deflate") for i in range(1, 7)]
    scene = opened(tmp_path, items)
    started, problems = threading.Event(), []

    def read():
        try:
            while True:
                whole(scene)
                started.set()
        except SceneError as error:
            problems.append(str(error))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    started.wait()
    scene.close()
    for thread in threads:
        thread.join(10)
    assert len(problems) == 3
    assert all("was closed" in problem for problem in problems)


def test_reading_stops_between_dates(tmp_path):
    class StoppedError(Exception):
        pass

    def stop():
        raise StoppedError

    with opened(tmp_path, [dated(tmp_path, f"2020-0{i}-01", land(i)) for i in (1, 2)]) as scene:
        scene.check_in = stop
        with pytest.raises(StoppedError):
            whole(scene)


def test_all_files_of_a_stack_count_for_resuming(tmp_path):
    mask = write_raster(tmp_path / "scl.tif", np.full((1, SIDE, SIDE), 4, np.uint8))
    items = [dated(tmp_path, "2020-05-01", land(), mask=(mask, 1, "scl")), dated(tmp_path, "2020-06-01", land(1))]
    stack = write_stack(tmp_path / "stack.json", items)
    names = [os.path.basename(path) for path in files_of(stack)]
    assert names == ["stack.json", "S2_2020-05-01.tif", "S2_2020-06-01.tif", "scl.tif"]
    assert files_of(str(tmp_path / "scl.tif")) == [str(tmp_path / "scl.tif")]
    (tmp_path / "stack.json").write_text("{")
    assert files_of(stack) == [stack]


def test_a_moved_stack_still_opens(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    one = dated(home, "2020-05-01", land())
    one["assets"] = {"a": {**next(iter(one["assets"].values())), "href": "S2_2020-05-01.tif"}}
    write_stack(home / "stack.json", [one])
    shutil.move(home, tmp_path / "away")
    with open_scene([SourceSpec("optical", str(tmp_path / "away" / "stack.json"))]) as scene:
        assert np.array_equal(whole(scene)[0], land())


@pytest.mark.skipif(not SHARED.exists(), reason="the real scenes are not at hand")
def test_the_real_series_of_slovenia(tmp_path):
    folder = SHARED / "sits_s2_lulc_slovenia"
    names = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
    items = []
    for day in ("2015-07-11", "2015-07-31", "2015-08-20", "2015-08-30", "2015-09-09"):
        mask = (str(folder / f"CLOUD_{day}.tif"), 1, "mask")
        items.append(image_item(day, str(folder / f"S2L1C_{day}.tif"), names, sensor="sentinel-2-l1c", mask=mask))
    with opened(tmp_path, items) as scene:
        assert scene.source("optical").dates == ("2015-07-11", "2015-08-30", "2015-09-09"), "two are clouds all over"
        assert np.isfinite(whole(scene)).all()
        assert [one.raster.conversion.offset for one in scene.source("optical").images] == [0, 0, 0]
