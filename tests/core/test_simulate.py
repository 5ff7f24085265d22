"""The simulated scene: the same for a seed, plausible in its numbers, and neither trivial nor hopeless to map."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
from landsketch.core.legend import ClassLegend
from landsketch.core.sensors import match_bands
from landsketch.core.simulate import LEGEND, SimulatedScene, simulate
from landsketch.core.specs import VectorSpec
from landsketch.core.vectors import burn_window, read_features
from rasterio.vrt import WarpedVRT
from scipy.ndimage import binary_erosion
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score

SIZE = 320


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> SimulatedScene:
    return simulate(str(tmp_path_factory.mktemp("scene")), seed=1, size=SIZE)


@pytest.fixture(scope="module")
def truth(scene: SimulatedScene) -> np.ndarray:
    with rasterio.open(scene.reference) as raster:
        return raster.read(1)


def drawn(scene: SimulatedScene, shape: tuple[int, int]) -> np.ndarray:
    """Class values of the drawn labels on the optical grid, 0 elsewhere."""
    features = read_features(VectorSpec(scene.labels, field="value"))
    with rasterio.open(scene.optical) as raster:
        return burn_window(features.geometries, np.array(features.keys, np.int32), raster.transform, shape)


def digest(scene: SimulatedScene) -> list[str]:
    return [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in astuple(scene)]


def test_same_seed_gives_the_same_bytes_and_another_seed_another_scene(tmp_path: Path) -> None:
    scenes = []
    for folder, seed in (("a", 3), ("b", 3), ("c", 4)):
        (tmp_path / folder).mkdir()
        scenes.append(digest(simulate(str(tmp_path / folder), seed=seed, size=192)))
    assert scenes[0] == scenes[1]
    assert not set(scenes[0]) & set(scenes[2])


def test_every_raster_says_that_it_is_simulated(scene: SimulatedScene) -> None:
    for path in (scene.optical, scene.sar, scene.reference):
        with rasterio.open(path) as raster:
            assert "not a real image" in raster.tags()["SIMULATED"]


def test_bands_are_recognised_as_sentinel_2_l2a_and_sentinel_1(scene: SimulatedScene) -> None:
    with rasterio.open(scene.optical) as raster:
        assert match_bands("optical", raster.descriptions, scene.optical).sensor == "sentinel-2-l2a"
        assert raster.count == 12
    with rasterio.open(scene.sar) as raster:
        assert match_bands("sar", raster.descriptions, scene.sar).bands == ("VV", "VH")


def test_reflectance_is_plausible_and_has_no_offset(scene: SimulatedScene, truth: np.ndarray) -> None:
    with rasterio.open(scene.optical) as raster:
        bands = {name: raster.read(i) for i, name in enumerate(raster.descriptions, start=1)}
    assert all(band.dtype == np.uint16 and band.min() >= 1 and band.max() < 6000 for band in bands.values())
    water, forest = truth == 1, truth == 2
    assert np.median(bands["B11"][water]) < 300
    index = (bands["B08"].astype(float) - bands["B04"]) / (bands["B08"].astype(float) + bands["B04"])
    assert np.median(index[forest]) > 0.7
    assert np.median(index[water]) < 0


def test_coarse_bands_are_coarse(scene: SimulatedScene) -> None:
    with rasterio.open(scene.optical) as raster:
        swir, blue = raster.read(11), raster.read(2)
    assert (swir[0::2] == swir[1::2]).all()
    assert (swir[:, 0::2] == swir[:, 1::2]).all()
    assert (blue[0::2] != blue[1::2]).any()


def test_sar_lies_on_its_own_larger_grid(scene: SimulatedScene) -> None:
    with rasterio.open(scene.optical) as optical, rasterio.open(scene.sar) as sar:
        shift = (sar.transform.c - optical.transform.c) / 10
        assert shift % 1 not in (0, 0.5)
        assert sar.bounds.left < optical.bounds.left
        assert sar.bounds.bottom < optical.bounds.bottom
        assert sar.bounds.right > optical.bounds.right
        assert sar.bounds.top > optical.bounds.top


def test_speckle_has_the_looks_of_a_ground_range_product(tmp_path: Path) -> None:
    scene = simulate(str(tmp_path), seed=0, size=SIZE, sar_units="linear")
    with rasterio.open(scene.reference) as reference:
        with (
            rasterio.open(scene.sar) as sar,
            WarpedVRT(sar, crs=reference.crs, transform=reference.transform, width=SIZE, height=SIZE) as aligned,
        ):
            power = aligned.read()
        open_water = binary_erosion(reference.read(1) == 1, iterations=3)
    for band in power:
        pixels = band[open_water]
        assert pixels.size > 300
        assert pixels.mean() ** 2 / pixels.var() == pytest.approx(4.4, rel=0.2)


def test_decibel_and_linear_power_are_the_same_backscatter(tmp_path: Path) -> None:
    values = {}
    for units in ("db", "linear"):
        with rasterio.open(simulate(str(tmp_path), size=192, sar_units=units).sar) as raster:
            values[units] = raster.read()
            assert raster.dtypes == ("float32", "float32")
    np.testing.assert_allclose(10 ** (values["db"] / 10), values["linear"], rtol=1e-4)
    assert -40 < np.percentile(values["db"], 1) < np.percentile(values["db"], 99) < 10


def test_all_classes_are_there_in_truth_and_labels(scene: SimulatedScene, truth: np.ndarray) -> None:
    shares = np.bincount(truth.ravel(), minlength=7)[1:] / truth.size
    assert (shares > 0.01).all()
    assert shares.sum() == 1
    with rasterio.open(scene.reference) as raster:
        assert ClassLegend.from_json(json.loads(raster.tags()["LANDSKETCH_LEGEND"])) == LEGEND
    keys = read_features(VectorSpec(scene.labels, field="class")).keys
    counts = {name: keys.count(name) for name in LEGEND.names}
    assert all(3 <= count <= 6 for count in counts.values()), counts
    assert set(pyogrio.read_info(scene.labels)["fields"]) == {"class", "value", "colour"}


def test_labels_are_small_and_right(scene: SimulatedScene, truth: np.ndarray) -> None:
    labels = drawn(scene, truth.shape)
    assert 0.001 < (labels > 0).mean() < 0.03
    assert (labels == truth)[labels > 0].mean() > 0.99


def test_random_forest_on_raw_pixels_is_neither_perfect_nor_lost(scene: SimulatedScene, truth: np.ndarray) -> None:
    with rasterio.open(scene.optical) as raster:
        pixels = raster.read().reshape(12, -1).T
    labels = drawn(scene, truth.shape).ravel()
    known = labels > 0
    forest = RandomForestClassifier(50, random_state=0).fit(pixels[known], labels[known])
    score = f1_score(truth.ravel()[~known], forest.predict(pixels[~known]), average="macro")
    assert 0.6 < score < 0.95


def test_a_scene_too_small_for_a_landscape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 192"):
        simulate(str(tmp_path), size=64)
    with pytest.raises(ValueError, match="'watts'"):
        simulate(str(tmp_path), sar_units="watts")
