"""Swapped bands, wrong units and offsets: what is noticed on real scenes, and that right ones raise no doubt."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from helpers import SHARED, write_raster
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.core.errors import SceneError
from landsketch.core.input_range import out_of_range
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.scenes import open_scene
from landsketch.core.simulate import LEGEND, simulate
from landsketch.core.specs import SourceSpec
from landsketch.core.units import detected_offset, product_baseline

pytestmark = pytest.mark.skipif(not (SHARED / "s1s2_lulc_brazil").is_dir(), reason="real scenes are not here")

BRAZIL, DENMARK = "s1s2_lulc_brazil/282D_485L_3_3", "s1s2_lulc_denmark/637U_59R_1_3"
S2_13 = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
S2_12 = tuple(band for band in S2_13 if band != "B10")
FINE_FIRST = ("B02", "B03", "B04", "B08", "B05", "B06", "B07", "B8A", "B11", "B12", "B01", "B09")


def real(name):
    with rasterio.open(SHARED / name) as dataset:
        return dataset.read()


def doubts(tmp_path, image, role="optical", name="x.tif", tags=(), **stated):
    path = write_raster(tmp_path / name, image)
    if tags:
        with rasterio.open(path, "r+") as dataset:
            dataset.update_tags(**dict(tags))
    with open_scene([SourceSpec(role, path, **stated)]) as scene:
        return " ".join(scene.doubts), scene.sources[0].conversion


def reordered(image, bands, order):
    return image[[bands.index(band) for band in order]]


def files(*patterns):
    return [pytest.param(path, id=path.name) for pattern in patterns for path in sorted(SHARED.glob(pattern))]


@pytest.mark.parametrize(
    "path",
    files(
        "s1s2_*/*_S1RTC.tif",
        "s1s2_*/*_S2L??.tif",
        "s2_s1_bigearthnet_tiny/*.tif",
        "sits_s2_lulc_slovenia/S2L1C_*.tif",
        "sits_s1s2_monthly_belgium_unlabelled/S?_2021-0[2-6]*.tif",
    ),
)
def test_real_scenes_raise_no_doubt_in_clouds_and_snow_either(path):
    role = "sar" if "S1" in path.name.split("_")[0] or path.stem.endswith(("S1", "S1RTC")) else "optical"
    with open_scene([SourceSpec(role, str(path))]) as scene:
        assert not scene.doubts


@pytest.mark.parametrize("stem", [BRAZIL, DENMARK])
def test_swapped_polarisations_are_noticed(tmp_path, stem):
    found, _ = doubts(tmp_path, real(f"{stem}_S1RTC.tif")[::-1], "sar")
    assert "VV and VH of 'x.tif' look swapped" in found
    assert "state the band names" in found


def test_one_polarisation_twice_is_noticed(tmp_path):
    found, _ = doubts(tmp_path, real(f"{DENMARK}_S1RTC.tif")[[0, 0]], "sar")
    assert "or are the same" in found


def test_amplitude_read_as_power_is_noticed(tmp_path):
    found, conversion = doubts(tmp_path, 10 ** (real(f"{DENMARK}_S1RTC.tif") / 20), "sar")
    assert conversion.stored == "linear"
    assert "looks like amplitude" in found


@pytest.mark.parametrize("change", [lambda db: db * 100, lambda db: -db, lambda db: 10 ** (db / 20) * 400])
def test_scaled_decibel_positive_decibel_and_uncalibrated_amplitude_are_refused(tmp_path, change):
    with pytest.raises(SceneError, match="backscatter in dB"):
        doubts(tmp_path, change(real(f"{DENMARK}_S1RTC.tif")), "sar")


def test_backscatter_calibrated_wrongly_is_noticed(tmp_path):
    found, _ = doubts(tmp_path, real(f"{DENMARK}_S1RTC.tif") - 40, "sar")
    assert "Check that it is calibrated" in found


@pytest.mark.parametrize(
    "order",
    [S2_12[::-1], FINE_FIRST, (*S2_12[:8], *S2_12[9:], "B8A"), S2_12[1:] + S2_12[:1]],
    ids=["reversed", "finest first", "B8A last", "one late"],
)
@pytest.mark.parametrize("stem", [BRAZIL, DENMARK])
def test_another_band_order_is_noticed(tmp_path, stem, order):
    found, _ = doubts(tmp_path, reordered(real(f"{stem}_S2L2A.tif"), S2_12, order), sensor="sentinel-2-l2a")
    assert "The bands of 'x.tif' are read as" in found
    assert " ".join(order) in found


@pytest.mark.parametrize("pair", [("B02", "B04"), ("B04", "B08"), ("B08", "B11")])
def test_two_swapped_bands_are_named(tmp_path, pair):
    order = [pair[1 - pair.index(band)] if band in pair else band for band in S2_12]
    found, _ = doubts(tmp_path, reordered(real(f"{DENMARK}_S2L2A.tif"), S2_12, order), sensor="sentinel-2-l2a")
    assert f"Bands {pair[0]} and {pair[1]} of 'x.tif' look swapped" in found


def test_red_first_is_noticed_in_four_bands(tmp_path):
    image = reordered(real(f"{DENMARK}_S2L2A.tif"), S2_12, ("B04", "B03", "B02", "B08"))
    found, _ = doubts(tmp_path, image, sensor="sentinel-2-l2a")
    assert "Bands B02 and B04 of 'x.tif' look swapped" in found


def test_level_1_with_the_cirrus_band_but_without_b8a_is_no_level_2(tmp_path):
    image = reordered(real(f"{DENMARK}_S2L1C.tif"), S2_13, [band for band in S2_13 if band != "B8A"])
    found, _ = doubts(tmp_path, image, sensor="sentinel-2-l2a")
    assert "look like Sentinel-2 L1C B01 B02 B03 B04 B05 B06 B07 B08 B09 B10 B11 B12" in found


@pytest.mark.parametrize(("stem", "file", "read_as"), [(BRAZIL, "S2L2A", "l1c"), (DENMARK, "S2L1C", "l2a")])
def test_the_other_level_is_noticed(tmp_path, stem, file, read_as):
    image = real(f"{stem}_{file}.tif")
    image = image if len(image) == 12 else reordered(image, S2_13, S2_12)
    found, _ = doubts(tmp_path, image, sensor=f"sentinel-2-{read_as}", bands=S2_12)
    assert f"but looks like Sentinel-2 {file[2:]}" in found


def test_landsat_numbers_of_another_generation_are_noticed(tmp_path):
    image = real("l8_naip_virginia/L8_Elkton.tif")[:7]
    found, _ = doubts(tmp_path, image, sensor="landsat-7")
    assert "read as Landsat 4/5/7, but looks like Landsat 8/9" in found


def test_the_offset_is_found_among_dark_pixels_of_edges(tmp_path):
    image = real(f"{BRAZIL}_S2L1C.tif").copy()
    image[:, 0, ::2] = 37
    image[3, 5:9] = 0
    found, conversion = doubts(tmp_path, image)
    assert conversion.offset == 1000
    assert not found


def test_the_offset_is_found_in_reflectance_from_zero_to_one(tmp_path):
    image = real(f"{BRAZIL}_S2L1C.tif")
    _, conversion = doubts(tmp_path, (image / 10_000).astype(np.float32))
    assert (conversion.stored, conversion.offset) == ("reflectance", 1000)
    converted = (image / 10_000).astype(np.float32)
    conversion.apply(converted)
    assert np.allclose(converted, np.maximum(image - 1000.0, 0), atol=0.01)


def test_the_offset_of_dark_water_is_found():
    chip = np.load(SHARED / "unlabelled_chips/hydro_ricohdl/patch_100000.npz")["s2"]
    assert detected_offset(chip.reshape(12, -1).astype(np.float32)) == 1000


def test_an_offset_that_is_not_removed_is_noticed(tmp_path):
    found, _ = doubts(tmp_path, real(f"{BRAZIL}_S2L1C.tif"), offset=0.0)
    assert "State the offset 1000" in found


def test_an_offset_removed_from_values_without_it_is_noticed(tmp_path):
    found, _ = doubts(tmp_path, real(f"{DENMARK}_S2L2A.tif"), offset=1000.0)
    assert "State the offset 0" in found


@pytest.mark.parametrize("least", [0, -1000])
def test_an_offset_removed_twice_is_noticed(tmp_path, least):
    image = np.maximum(real(f"{DENMARK}_S2L2A.tif").astype(np.int16) - 1000, least)
    found, _ = doubts(tmp_path, image, offset=0.0)
    assert "removed twice" in found


def test_the_product_name_tells_where_values_cannot(tmp_path):
    clouds = real("sits_s2_lulc_slovenia/S2L1C_2015-08-20.tif")[[1, 2, 3, 7]] * 1.2
    names = {"bands": ("B02", "B03", "B04", "B08"), "sensor": "sentinel-2-l1c"}
    old, new = ({"product": f"S2A_MSIL1C_20200820T100728_N{baseline}_R022"} for baseline in ("0209", "0510"))
    assert doubts(tmp_path, clouds.astype(np.uint16), tags=old, **names)[1].offset == 0
    assert doubts(tmp_path, clouds.astype(np.uint16), tags=new, **names)[1].offset == 1000
    assert product_baseline(["S2A_MSIL2A_20170613T101031_N9999_R022_T33UUP"]) is None


@pytest.mark.parametrize("change", [lambda image: image / 40, lambda image: image / 100])
def test_eight_bits_and_per_cent_are_no_digital_numbers(tmp_path, change):
    image = change(real(f"{DENMARK}_S2L2A.tif")).clip(0, 255).astype(np.uint8)
    assert "8-bit picture or per cent" in doubts(tmp_path, image, units="dn")[0]


def test_reflectance_scaled_to_sixteen_bits_is_noticed(tmp_path):
    image = (real(f"{DENMARK}_S2L2A.tif") * 6.5535).astype(np.uint16)
    assert "reflectance of" in doubts(tmp_path, image)[0]


def card(offset, scale, method="constant", clip=(0.0, 1.0), sensor="landsat-8", bands=("B4", "B5")):
    scaling = Normalisation(method, (offset,) * len(bands), (scale,) * len(bands), clip)
    return SourceCard("optical", sensor, bands, "raw", 30.0, scaling)


def test_values_that_a_normalisation_cuts_off_are_named_with_numbers():
    pixels = np.stack([np.linspace(200, 900, 500), np.linspace(2000, 4000, 500)]).astype(np.float32)
    (sentence,) = out_of_range(card(7272.7, 10866.5), "l8.tif", pixels)
    assert "2 of 2 bands of 'l8.tif'" in sentence
    assert "expected is about 7273 to 1.814e+04" in sentence
    assert not out_of_range(card(0, 10_000), "l8.tif", pixels)


def test_values_far_from_the_mean_are_named():
    pixels = np.stack([np.linspace(200, 900, 500), np.linspace(2000, 4000, 500)]).astype(np.float32)
    scaling = {"method": "z-score", "clip": None}
    assert not out_of_range(card(1500, 1000, **scaling), "x.tif", pixels)
    assert out_of_range(card(120, 50, **scaling), "x.tif", pixels)


def test_reflectance_in_place_of_eight_bits_looks_like_one_colour():
    pixels = np.random.default_rng(0).uniform(0, 1, (3, 500)).astype(np.float32)
    colours = {"sensor": "aerial", "bands": ("red", "green", "blue")}
    assert "one colour" in out_of_range(card(0, 255, **colours), "x.tif", pixels)[0]
    assert "one colour" in out_of_range(card(120, 58, "z-score", None, **colours), "x.tif", pixels)[0]
    assert not out_of_range(card(0, 255, **colours), "x.tif", pixels * 200)


def test_jobs_warn_of_what_looks_wrong(tmp_path):
    scene = simulate(str(tmp_path), seed=1, size=192)
    with rasterio.open(scene.sar) as dataset:
        grid = {"crs": dataset.crs, "transform": dataset.transform}
        swapped = write_raster(tmp_path / "swapped.tif", dataset.read()[::-1], **grid)
    sources = [{"role": "optical", "path": scene.optical}, {"role": "sar", "path": swapped}]
    labels = {"path": scene.labels, "field": "class", "legend": LEGEND.to_json(), "keys": list(LEGEND.names)}
    checkpoint, heard = str(tmp_path / "m.safetensors"), []
    reporter = Reporter(lambda event: heard.append(event.get("message", "")) if event.get("level") == "warning" else 0)
    run_job("finetune", {"sources": sources, "labels": labels, "output": checkpoint}, reporter)
    assert sum("VV and VH of 'swapped.tif' look swapped" in line for line in heard) == 1
    heard.clear()
    run_job("classify", {"checkpoint": checkpoint, "sources": sources, "output": str(tmp_path / "map.tif")}, reporter)
    assert sum("VV and VH of 'swapped.tif' look swapped" in line for line in heard) == 1


def test_clouds_in_four_bands_leave_the_offset_open(tmp_path):
    clouds = real("sits_s1_s2_irregular_belgium_unlabelled/be_2023-10/S2_2023-11-11.tif")[:4]
    found, _ = doubts(tmp_path, clouds, sensor="sentinel-2-l2a", bands=("B04", "B03", "B02", "B08"))
    assert "cannot be told" in found
    assert "state the offset" in found
