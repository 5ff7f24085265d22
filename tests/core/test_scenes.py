import threading

import numpy as np
import pytest
from helpers import S2_12, SHARED, two_class_s2, write_raster
from landsketch.core.errors import SceneError
from landsketch.core.scenes import open_scene
from landsketch.core.specs import SourceSpec
from rasterio.windows import Window

ORIGIN = (500_000, 5_000_000)


def radar(size=96, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal((-10, -16), 1, (size, size, 2)).transpose(2, 0, 1).astype(np.float32)


def read(scene, band="B02", role="optical", window=None):
    return scene.read(window or Window(0, 0, scene.grid.width, scene.grid.height), {role: [band]})[role][0]


def optical(tmp_path, image, name="s2.tif", **options):
    return SourceSpec("optical", write_raster(tmp_path / name, image, names=S2_12, **options))


def test_the_offset_of_new_sentinel_2_products_is_removed(tmp_path):
    image = two_class_s2()
    with open_scene([optical(tmp_path, image)]) as old, open_scene([optical(tmp_path, image + 1000, "new.tif")]) as new:
        assert old.source("optical").conversion.offset == 0
        assert new.source("optical").conversion.offset == 1000
        assert np.array_equal(read(old), read(new))


def test_reflectance_from_zero_to_one_becomes_digital_numbers(tmp_path):
    image = two_class_s2()
    with open_scene([optical(tmp_path, (image / 10_000).astype(np.float32))]) as scene:
        assert np.allclose(read(scene), image[1], atol=0.01)


def test_linear_backscatter_becomes_decibel(tmp_path):
    decibel = radar()
    linear = write_raster(tmp_path / "lin.tif", 10 ** (decibel / 10), names=("VV", "VH"))
    with open_scene([SourceSpec("sar", linear)]) as scene:
        assert scene.source("sar").conversion.stored == "linear"
        assert np.allclose(read(scene, "VH", "sar"), decibel[1], atol=1e-4)


@pytest.mark.parametrize(("units", "image"), [("linear", radar()), ("db", 10 ** (radar() / 10))])
def test_contradicting_radar_units_are_refused(tmp_path, units, image):
    path = write_raster(tmp_path / "s1.tif", image, names=("VV", "VH"))
    with pytest.raises(SceneError, match=r"'s1.tif' was stated as"):
        open_scene([SourceSpec("sar", path, units=units)])


def test_uncalibrated_radar_is_refused(tmp_path):
    path = write_raster(tmp_path / "dn.tif", np.full((2, 32, 32), 180, np.uint16), names=("VV", "VH"))
    with pytest.raises(SceneError, match="neither backscatter in dB nor in linear power"):
        open_scene([SourceSpec("sar", path)])


def test_an_eight_bit_picture_is_no_reflectance(tmp_path):
    path = write_raster(tmp_path / "rgb.tif", np.full((12, 32, 32), 90, np.uint8))
    with pytest.raises(SceneError, match="8-bit picture"):
        open_scene([SourceSpec("optical", path, sensor="sentinel-2-l2a")])


def test_no_data_is_nan_and_one_dark_band_is_not(tmp_path):
    image = two_class_s2()
    image[:, :10] = 0
    image[3, 20:30] = 0
    with open_scene([optical(tmp_path, image)]) as scene:
        assert np.isnan(read(scene, "B04")[:10]).all()
        assert (read(scene, "B04")[20:30] == 0).all()


def test_declared_no_data_and_nan_are_nan(tmp_path):
    image = radar()
    image[:, :5] = -99
    image[0, 10:12] = np.nan
    path = write_raster(tmp_path / "s1.tif", image, names=("VV", "VH"), nodata=-99)
    with open_scene([SourceSpec("sar", path)]) as scene:
        missing = np.isnan(read(scene, "VH", "sar"))
    assert missing[:5].all()
    assert missing[10:12].all()
    assert missing.sum() == 7 * 96


def test_a_window_over_the_edge_is_padded_with_nan(tmp_path):
    with open_scene([optical(tmp_path, two_class_s2())]) as scene:
        image = read(scene, window=Window(-8, 90, 16, 16))
        assert image.shape == (16, 16)
        assert np.isnan(image[:, :8]).all()
        assert np.isnan(image[6:]).all()
        assert np.isfinite(image[:6, 8:]).all()


def test_a_coarser_shifted_radar_grid_is_aligned_to_the_optical_one(tmp_path):
    size = 96
    ramp = np.linspace(-20, -5, size // 2)[None, None, :].repeat(2, 0).repeat(size // 2, 1).astype(np.float32)
    path = write_raster(tmp_path / "s1.tif", ramp, names=("VV", "VH"), gsd=20.0)
    with open_scene([optical(tmp_path, two_class_s2(size)), SourceSpec("sar", path)]) as scene:
        aligned = read(scene, "VV", "sar")
        part = read(scene, "VV", "sar", Window(31, 17, 20, 20))
    expected = np.interp((np.arange(size) + 0.5) / 2 - 0.5, np.arange(size // 2), ramp[0, 0])
    assert np.allclose(aligned[48], expected, atol=0.02)
    assert np.allclose(part, aligned[17:37, 31:51], atol=1e-4)


def test_another_crs_and_a_partial_overlap_are_aligned(tmp_path):
    from rasterio.warp import transform

    (x,), (y,) = transform("EPSG:32632", "EPSG:4326", [500_000], [5_000_000 - 480])
    path = write_raster(tmp_path / "s1.tif", radar(200), names=("VV", "VH"), crs="EPSG:4326", origin=(x, y), gsd=0.0001)
    with open_scene([optical(tmp_path, two_class_s2()), SourceSpec("sar", path)]) as scene:
        aligned = read(scene, "VV", "sar")
        part = read(scene, "VV", "sar", Window(30, 50, 33, 40))
    assert np.allclose(part, aligned[50:90, 30:63], atol=0.01), "a pixel depends on the window it is read with"
    assert np.isnan(aligned[:40]).all()
    assert np.isfinite(aligned[55:90, 10:90]).all()
    assert abs(np.nanmean(aligned) + 10) < 0.3


def test_layers_of_different_places_are_refused(tmp_path):
    path = write_raster(tmp_path / "s1.tif", radar(), names=("VV", "VH"), origin=(700_000, 5_000_000))
    with pytest.raises(SceneError, match=r"'s2.tif' and 's1.tif' do not overlap"):
        open_scene([optical(tmp_path, two_class_s2()), SourceSpec("sar", path)])


def test_a_truncated_file_is_named(tmp_path):
    whole = optical(tmp_path, two_class_s2(), compress="deflate")
    content = (tmp_path / "s2.tif").read_bytes()
    (tmp_path / "cut.tif").write_bytes(content[: len(content) // 2])
    with (
        pytest.raises(SceneError, match=r"'cut.tif' cannot be read"),
        open_scene([SourceSpec("optical", str(tmp_path / "cut.tif"))]) as scene,
    ):
        read(scene)
    assert whole.path.endswith("s2.tif")


def test_a_missing_file_and_a_text_file_are_named(tmp_path):
    (tmp_path / "note.tif").write_text("no raster")
    for name in ("none.tif", "note.tif"):
        with pytest.raises(SceneError, match=f"'{name}' cannot be read"):
            open_scene([SourceSpec("optical", str(tmp_path / name))])


def test_a_raster_without_crs_is_refused(tmp_path):
    path = write_raster(tmp_path / "x.tif", two_class_s2(), crs=None)
    with pytest.raises(SceneError, match="no coordinate reference system"):
        open_scene([SourceSpec("optical", path)])


def test_an_empty_raster_is_refused(tmp_path):
    with pytest.raises(SceneError, match="no valid pixels"):
        open_scene([optical(tmp_path, np.zeros((12, 32, 32), np.uint16))])


@pytest.mark.skipif(not SHARED.exists(), reason="the real scenes are not at hand")
@pytest.mark.parametrize(
    ("path", "sensor", "offset", "month"),
    [
        ("s1s2_lulc_brazil/282D_485L_3_3_S2L1C.tif", "sentinel-2-l1c", 1000, 7),
        ("s1s2_lulc_brazil/282D_485L_3_3_S2L2A.tif", "sentinel-2-l2a", 0, 7),
        ("s1s2_lulc_denmark/637U_59R_1_3_S2L1C.tif", "sentinel-2-l1c", 0, 10),
        ("s1s2_lulc_denmark/637U_59R_1_3_S2L2A.tif", "sentinel-2-l2a", 0, 10),
        ("sits_s2_lulc_slovenia/S2L1C_2015-08-30.tif", "sentinel-2-l1c", 0, 8),
        ("s2_points_leipzig/leipzig_S2.tif", "sentinel-2-l2a", 0, None),
    ],
)
def test_real_scenes_are_read_rightly(path, sensor, offset, month):
    with open_scene([SourceSpec("optical", str(SHARED / path))]) as scene:
        source = scene.source("optical")
    assert (source.match.sensor, source.conversion.offset, source.month) == (sensor, offset, month)


def test_a_scene_is_closed_only_when_nothing_is_read_from_it(tmp_path):
    path = write_raster(tmp_path / "S2.tif", np.full((12, 512, 512), 900, np.uint16), names=S2_12)
    scene = open_scene((SourceSpec("optical", path),))
    window = Window(0, 0, 512, 512)
    started, problems = threading.Event(), []

    def read():
        try:
            while True:
                scene.read(window, {"optical": S2_12})
                started.set()
        except SceneError as error:
            problems.append(str(error))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    started.wait()
    scene.close()  # ended the process
    for thread in threads:
        thread.join(10)
    assert problems == ["Layer 'S2.tif' was closed."] * 3


def test_bands_that_are_stated_as_unused_are_not_read(tmp_path):
    image = two_class_s2()
    stated = ("-", "B03", "B02", *S2_12[3:])
    path = write_raster(tmp_path / "s2.tif", image)
    with open_scene([SourceSpec("optical", path, "sentinel-2-l2a", bands=stated, offset=0.0)]) as scene:
        assert scene.source("optical").bands == ("B03", "B02", *S2_12[3:])
        assert np.array_equal(read(scene, "B02"), image[2])
        assert np.array_equal(read(scene, "B03"), image[1])
