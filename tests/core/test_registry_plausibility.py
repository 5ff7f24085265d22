"""For every encoder of the registry: swapped bands, wrong units and an offset left in are noticed on a real scene."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import rasterio
from helpers import SHARED, write_raster
from landsketch.core.cards import ANY_SENSOR
from landsketch.core.encoder_registry import encoders
from landsketch.core.errors import SceneError
from landsketch.core.fit import strange_values
from landsketch.core.scenes import open_scene
from landsketch.core.specs import SourceSpec

pytestmark = pytest.mark.skipif(not (SHARED / "s1s2_lulc_brazil").is_dir(), reason="real scenes are not here")

REAL = {
    "sentinel-2-l1c": "s1s2_lulc_brazil/282D_485L_3_3_S2L1C.tif",
    "sentinel-2-l2a": "s1s2_lulc_denmark/637U_59R_1_3_S2L2A.tif",
    "sentinel-1-grd": "s1s2_lulc_brazil/282D_485L_3_3_S1RTC.tif",
    "sentinel-1-rtc": "s1s2_lulc_denmark/637U_59R_1_3_S1RTC.tif",
    "landsat-7": "landsat_polygons_chiapas/ETM_1999-11-18.tif",
    "landsat-8": "l8_naip_virginia/L8_Elkton.tif",
    "aerial": "l8_naip_virginia/NAIP_VA_4b.tif",
}
ANY = {"optical": "sentinel-2-l2a", "sar": "sentinel-1-grd"}
"""A sensor on which encoders for any sensor are tried."""

WRONG_UNITS = {
    "sentinel-2-l1c": (lambda image: (image / 10_000 * 100).clip(0, 255).astype(np.uint8), {"units": "dn"}),
    "sentinel-2-l2a": (lambda image: (image * 6.5).clip(0, 65535).astype(np.uint16), {}),
    "sentinel-1-grd": (lambda image: 10 ** (image / 10), {"units": "db"}),
    "sentinel-1-rtc": (lambda image: (image * 100).astype(np.int16), {}),
    "landsat-7": (lambda image: image / np.float32(10_000), {}),
    "landsat-8": (lambda image: image / np.float32(50_000) - np.float32(0.1), {}),
    "aerial": (lambda image: image / np.float32(255), {}),
}
"""Sensor: values as other products or tools store them, and what the user states."""


def entries(sentinel_2=False):
    return [
        pytest.param(entry, id=entry.id)
        for entry in encoders()
        if not sentinel_2 or any(sensor_of(source).startswith("sentinel-2") for source in entry.sources)
    ]


def sensor_of(source):
    return ANY[source.role] if source.sensor == ANY_SENSOR else source.sensor


@cache
def real(sensor):
    """The image as float32, its band names in file order, and its grid."""
    with rasterio.open(SHARED / REAL[sensor]) as dataset:
        names = tuple(dataset.descriptions)
        grid = {"crs": dataset.crs, "transform": dataset.transform, "nodata": dataset.nodata}
        image = dataset.read().astype(np.float32)
    if sensor == "landsat-7":
        names = tuple("B6" if name == "B6T" else name for name in names)
    if sensor == "landsat-8":
        # The file lacks the panchromatic band, which covers green and red.
        image, names = np.insert(image, 7, image[2:4].mean(axis=0), axis=0), (*names[:7], "B8", *names[7:])
    if sensor == "aerial":
        names = ("red", "green", "blue", "nir")
    return image, names, grid


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Judges a source on a corrupted scene; scenes are made once for all entries."""
    folder = tmp_path_factory.mktemp("scenes")
    scenes = {}

    def scene_of(sensor, corruption):
        if (sensor, corruption) not in scenes:
            scenes[sensor, corruption] = corrupted(Path(folder), sensor, corruption)
        return scenes[sensor, corruption]

    def judge(source, corruption):
        scene = scene_of(sensor_of(source), corruption)
        if isinstance(scene, str):
            return [scene]
        return [*scene.doubts, *strange_values([source], scene)]

    yield judge
    for scene in scenes.values():
        if not isinstance(scene, str):
            scene.close()


def corrupted(folder, sensor, corruption):
    """Opens a corrupted copy of a real scene; a refusal is returned as text."""
    image, names, grid = real(sensor)
    stated = {"sensor": sensor, "bands": names}
    if corruption == "swapped":
        image = image[::-1]
    elif corruption == "units":
        change, units = WRONG_UNITS[sensor]
        image, stated = change(image), stated | units
    elif corruption == "offset":
        image, stated = image + 1000 * (sensor == "sentinel-2-l2a"), stated | {"offset": 0.0}
    role = "sar" if sensor.startswith("sentinel-1") else "optical"
    path = write_raster(folder / f"{sensor}_{corruption}.tif", np.ascontiguousarray(image), **grid)
    try:
        return open_scene([SourceSpec(role, path, **stated)])
    except SceneError as error:
        return str(error)


@pytest.mark.parametrize("entry", entries())
def test_bands_in_another_order_are_noticed(judged, entry):
    for source in entry.sources:
        assert any("look" in sentence for sentence in judged(source, "swapped")), source


@pytest.mark.parametrize("entry", entries())
def test_wrong_units_are_noticed(judged, entry):
    for source in entry.sources:
        assert judged(source, "units"), source


@pytest.mark.parametrize("entry", entries(sentinel_2=True))
def test_an_offset_left_in_is_noticed(judged, entry):
    for source in entry.sources:
        if sensor_of(source).startswith("sentinel-2"):
            assert any("offset 1000" in sentence for sentence in judged(source, "offset")), source


@pytest.mark.parametrize("sensor", REAL)
def test_real_scenes_as_they_are_raise_no_doubt(tmp_path, sensor):
    with corrupted(tmp_path, sensor, "") as scene:
        assert not scene.doubts


@pytest.mark.parametrize("entry", entries(sentinel_2=True))
def test_real_scenes_lie_where_normalisations_expect_them(judged, entry):
    for source in entry.sources:
        assert not judged(source, ""), source
