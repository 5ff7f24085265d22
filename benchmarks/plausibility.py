"""How often wrong band orders are noticed, and whether right ones ever are: the numbers behind `core.spectral_order`.

    ./dev shell benchmarks/plausibility.py --data FOLDER [--write]

The spectral model is fitted to all Sentinel-2 scenes but those of one place, and judges that place: in the right order
and in wrong ones. Landsat and aerial images are never fitted. With `--write`, the model of all places replaces
`core/spectral_model.json`.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import rasterio
from landsketch.core import spectral_model
from landsketch.core.band_orders import Order
from landsketch.core.plausibility import MIN_PIXELS
from landsketch.core.spectral_model import BANDS, SpectralModel
from landsketch.core.spectral_order import (
    WIDE,
    better_than,
    pair_statistics,
    shows_land,
)
from numpy.typing import NDArray

FIT_PIXELS = 1000
"""Scenes with fewer pixels are judged, but nothing is learned from them."""

TAIL = 4.0
LEAST_PLACES = 2.0
"""Nothing is said of pairs of bands seen at fewer places than this."""

LEAST_SPREADS = (0.15, 0.15, 0.1)
"""No statistic is believed to be known better than this; few places have been seen."""

ETM = ("B1", "B2", "B3", "B4", "B5", "B7", "B6")
OLI = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B10", "B11")
RGBN = ("red", "green", "blue", "nir")
S2_4 = ("B04", "B03", "B02", "B08")


@dataclass(frozen=True)
class RealScene:
    """Pixels whose bands are known. `pixels`: (band, pixel), Sentinel-2 as reflectance × 10 000 without offset."""

    name: str
    place: str
    order: Order
    pixels: NDArray[np.float32]

    @property
    def calibrated(self) -> bool:
        """Whether values are reflectance × 10 000."""
        return self.order.sensor.startswith("sentinel-2")

    def of(self, bands: Sequence[str]) -> RealScene:
        """Returns the scene with some of its bands."""
        rows = [self.order.bands.index(band) for band in bands]
        return RealScene(self.name, self.place, Order(self.order.sensor, tuple(bands)), self.pixels[rows])


def main() -> None:
    """Prints the table; writes the model on request."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the scenes")
    parser.add_argument("--write", action="store_true", help="replace the model that LandSketch uses")
    arguments = parser.parse_args()
    scenes = [scene for scene in real_scenes(arguments.data) if scene.pixels.shape[1] >= MIN_PIXELS]
    tables: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for place in dict.fromkeys(scene.place for scene in scenes):
        model = fitted([scene for scene in scenes if scene.place != place])
        for scene in scenes:
            if scene.place == place:
                judge(scene, model, tables)
    for kind, rows in tables.items():
        print(f"\n{kind}")
        for name, found in rows.items():
            print(f"    {name:28} {sum(found):4} of {len(found)}")
    if arguments.write:
        text = json.dumps(fitted(scenes).to_json(), indent=1)
        text = re.sub(r"\s+(?=[-\d])|(?<=\d)\s+(?=\])", " ", text)  # one line per row
        spectral_model.PATH.write_text(text + "\n", encoding="utf-8")


def judge(scene: RealScene, model: SpectralModel, tables: dict[str, dict[str, list[bool]]]) -> None:
    """Judges a scene, and parts of its bands, in the right order and in wrong ones."""
    for kind, view in views(scene):
        if len(view.order.bands) < 3:
            continue
        land = shows_land(view.order.sensor, view.pixels, view.calibrated)
        tables[kind]["judged: shows land"].append(land)
        if not land:
            continue
        statistics = pair_statistics(view.pixels, view.calibrated)
        for name, true in {"right order": view.order, **mistakes(view.order)}.items():
            rows = [view.order.bands.index(band) for band in true.bands]
            found = better_than(view.order, statistics[:, np.array(rows)[:, None], rows], model)
            tables[kind][name].append(found is not None)
            if name == "right order" and "B09" in view.order.bands and view.calibrated:
                level = {"sentinel-2-l1c": "sentinel-2-l2a", "sentinel-2-l2a": "sentinel-2-l1c"}[view.order.sensor]
                other = better_than(Order(level, view.order.bands), statistics, model)
                tables[kind]["read at the other level"].append(other is not None)
            if name == "right order" and found is not None:
                print(f"FALSE ALARM {view.name} {' '.join(view.order.bands)}: {found}")


def views(scene: RealScene) -> Iterator[tuple[str, RealScene]]:
    """Yields a scene as it is, and with fewer bands."""
    bands = scene.order.bands
    yield f"{scene.order.sensor}, {len(bands)} bands", scene
    if scene.calibrated:
        for part in (BANDS[1:9] + BANDS[11:13], S2_4[::-1], S2_4[2::-1]):
            if set(part) < set(bands):
                yield f"{scene.order.sensor}, {len(part)} of its bands", scene.of(part)
    if scene.order.sensor == "aerial":
        yield "aerial, RGB", scene.of(RGBN[:3])
        yield "aerial, red, green, blue, nir", scene.of(RGBN)


def mistakes(order: Order) -> dict[str, Order]:
    """Wrong orders of a file whose bands are taken for `order`, by name: what the file really holds."""
    bands = order.bands
    found = {"reversed": Order(order.sensor, bands[::-1])}
    swaps = [("B04", "B02"), ("B04", "B08"), ("B02", "B08"), ("B08", "B11"), ("B11", "B12"), ("B02", "B03")]
    swaps += [("B04", "B05"), ("B8A", "B09"), ("B09", "B11"), ("B10", "B11"), ("B09", "B10"), ("B01", "B02")]
    swaps += [("B08", "B8A"), ("B07", "B08"), ("B06", "B07"), ("red", "blue"), ("red", "nir"), ("blue", "nir")]
    if order.sensor.startswith("landsat"):
        swaps = [(f"B{i}", f"B{j}") for i, j in combinations(range(1, 8), 2) if (i, j) in _LANDSAT_SWAPS]
    for first, second in swaps:
        if first in bands and second in bands:
            swap = {first: second, second: first}
            found[f"{first} and {second} swapped"] = Order(order.sensor, tuple(swap.get(b, b) for b in bands))
    found["one band late"] = Order(order.sensor, bands[1:] + bands[:1])
    if "B8A" in bands:
        found["B8A last"] = Order(order.sensor, tuple(sorted(bands, key=lambda band: band == "B8A")))
        finest = ("B02", "B03", "B04", "B08", "B05", "B06", "B07", "B8A", "B11", "B12")
        found["10 m, 20 m, 60 m"] = Order(
            order.sensor, tuple(sorted(bands, key=lambda band: finest.index(band) if band in finest else 99))
        )
        found["RGB first"] = Order(order.sensor, tuple(sorted(bands, key=lambda b: S2_4.index(b) if b in S2_4 else 99)))
    return {name: other for name, other in found.items() if other.bands != bands}


_LANDSAT_SWAPS = {(1, 3), (2, 4), (3, 4), (3, 5), (4, 5), (5, 6), (6, 7), (5, 7)}


def fitted(scenes: Sequence[RealScene]) -> SpectralModel:
    """Fits the model to the Sentinel-2 scenes that show land; each place weighs as the root of its scenes."""
    scenes = [
        scene
        for scene in scenes
        if scene.calibrated
        and scene.pixels.shape[1] >= FIT_PIXELS
        and shows_land(scene.order.sensor, scene.pixels, True)
    ]
    count = Counter(scene.place for scene in scenes)
    statistics = np.full((len(scenes), 3, len(BANDS), len(BANDS)), np.nan)
    for one, scene in zip(statistics, scenes, strict=True):
        rows = np.array(scene.order.readings[0])
        one[:, rows[:, None], rows] = pair_statistics(scene.pixels, True)
    weights = np.array([count[scene.place] ** -0.5 for scene in scenes])[:, None, None, None]
    weights = np.where(np.isnan(statistics), 0, weights)
    statistics = np.nan_to_num(statistics)
    total = np.maximum(weights.sum(0), 1e-9)
    least = np.array(LEAST_SPREADS)[:, None, None]
    trust = weights
    for _ in range(30):  # expectation and maximisation for a t-distribution
        means = (trust * statistics).sum(0) / np.maximum(trust.sum(0), 1e-9)
        by_band = [_per_band(means[kind], total[kind]) for kind in (0, 1)]
        means[:2] = [values[:, None] - values for values in by_band]
        spreads = np.maximum(np.sqrt((trust * (statistics - means) ** 2).sum(0) / total), least)
        trust = weights * (TAIL + 1) / (TAIL + ((statistics - means) / spreads) ** 2)
    seen = total > LEAST_PLACES
    means[2] = np.where(seen[2], means[2], WIDE[2, 0])
    return SpectralModel(by_band[0], by_band[1], means[2], np.where(seen, spreads, WIDE[:, 1, None, None]))


def _per_band(differences: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least squares: one number per band whose differences are those of pairs."""
    pairs = [(i, j) for i, j in combinations(range(len(BANDS)), 2) if weights[i, j] > 1e-6]
    matrix = np.zeros((len(pairs) + 1, len(BANDS)))
    matrix[-1] = 1
    for row, (i, j) in zip(matrix, pairs, strict=False):
        row[i], row[j] = 1, -1
    scale = np.sqrt([*(weights[pair] for pair in pairs), 1.0])
    wanted = np.array([*(differences[pair] for pair in pairs), 0.0])
    solution: NDArray[np.float64] = np.linalg.lstsq(matrix * scale[:, None], wanted * scale, rcond=None)[0]
    return solution


def real_scenes(data: Path) -> Iterator[RealScene]:
    """Yields all optical scenes in the folder whose bands are known."""
    for folder, offset in (("s1s2_lulc_brazil", 1000), ("s1s2_lulc_denmark", 0), ("s1s2_snow_ontario_1class", 1000)):
        yield raster(next((data / folder).glob("*_S2L1C.tif")), folder, "sentinel-2-l1c", offset=offset)
        yield raster(next((data / folder).glob("*_S2L2A.tif")), folder, "sentinel-2-l2a")
    for path in sorted((data / "s2_s1_bigearthnet_tiny").glob("*_S2L2A.tif")):
        yield raster(path, path.name, "sentinel-2-l2a")
    for path in sorted((data / "sits_s2_lulc_slovenia").glob("S2L1C_*.tif")):
        yield raster(path, "slovenia", "sentinel-2-l1c")
    for folder in ("sits_s1s2_monthly_belgium_unlabelled", "sits_s1_s2_irregular_belgium_unlabelled"):
        for path in sorted((data / folder).rglob("S2_*.tif")):
            yield raster(path, path.parent.name, "sentinel-2-l2a")
    yield raster(data / "s2_points_leipzig/leipzig_S2.tif", "leipzig", "sentinel-2-l2a")
    austria = data / "s2_ftw_austria_unlabelled/inference-img.tif"
    yield raster(austria, "austria", "sentinel-2-l2a", (*S2_4, "", "", "", ""))
    yield raster(austria, "austria", "sentinel-2-l2a", ("", "", "", "", *S2_4))
    for path in sorted((data / "landsat_polygons_chiapas").glob("ETM*.tif")):
        yield raster(path, "chiapas", "landsat-7", ETM)
    yield raster(data / "l8_naip_virginia/L8_Elkton.tif", "virginia", "landsat-8")
    yield raster(data / "l8_naip_virginia/NAIP_VA_4b.tif", "virginia", "aerial", RGBN)
    for season in ("leafon", "leafoff"):
        patches = [read(path) for path in sorted((data / "aerial_lc_chesapeake_sw").glob(f"*L8_{season}*.tif"))]
        yield RealScene(season, "chesapeake", Order("landsat-8", OLI), np.concatenate(patches, axis=1))
    for path in sorted((data / "aerial_lc_chesapeake_sw").glob("*NAIP*.tif")):
        yield raster(path, "chesapeake", "aerial", RGBN)
    yield raster(data / "aerial_sits_treesat_abies/aerial.tif", "treesat", "aerial", ("nir", "green", "blue", "red"))
    for entry in json.loads((data / "unlabelled_chips/index.json").read_text(encoding="utf-8")):
        if entry["s2_shape"]:
            chip = np.load(data / "unlabelled_chips" / entry["file"])["s2"].astype(np.float32)
            order = Order(f"sentinel-2-{entry['s2_level'].lower()}", tuple(entry["s2_bands"]))
            place = "ssl4eo" if "ssl4eo" in entry["file"] else re.sub(r"_\d{8}\.npz$", "", entry["file"])
            pixels = valid(chip.reshape(len(chip), -1)) - (0 if entry["offset_removed"] else 1000)
            yield RealScene(entry["file"], place, order, pixels)


def raster(path: Path, place: str, sensor: str, bands: Sequence[str] = (), offset: float = 0) -> RealScene:
    """Reads the valid pixels of a file's bands; without `bands`, those that its descriptions name as bands."""
    with rasterio.open(path) as dataset:
        names = bands or [name if re.fullmatch(r"B\w\w?", name or "") else "" for name in dataset.descriptions]
    rows = [row for row, name in enumerate(names) if name]
    order = Order(sensor, tuple(names[row] for row in rows))
    return RealScene(path.name, place, order, valid(read(path)[rows]) - np.float32(offset))


def read(path: Path) -> NDArray[np.float32]:
    """Returns (band, pixel), NaN for declared no data."""
    with rasterio.open(path) as dataset:
        image = dataset.read().astype(np.float32)
        if dataset.nodata is not None:
            image[image == dataset.nodata] = np.nan
    pixels: NDArray[np.float32] = image.reshape(len(image), -1)
    return pixels


def valid(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Keeps pixels with data in all bands."""
    return pixels[:, np.isfinite(pixels).all(axis=0) & ~(pixels == 0).all(axis=0)]


if __name__ == "__main__":
    main()
