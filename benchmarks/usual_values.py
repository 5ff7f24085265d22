"""The usual values of the bands of Sentinel-1 and Sentinel-2 over land: the numbers of `core.usual_values`.

    ./dev shell benchmarks/usual_values.py --data FOLDER

Printed is, for each band, the median over places of the 2nd and of the 98th percentile at that place.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import rasterio
from landsketch.core.errors import LandSketchError
from landsketch.core.plausibility import MIN_PIXELS
from landsketch.core.rasters import resolve_raster, spread_sample
from landsketch.core.specs import SourceSpec
from landsketch.core.spectral_order import shows_land
from numpy.typing import NDArray
from plausibility import real_scenes

PERCENTILES = (2, 98)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the scenes")
    data = parser.parse_args().data
    places: dict[tuple[str, str], dict[str, list[NDArray[np.float32]]]] = defaultdict(lambda: defaultdict(list))
    for sensor, band, place, values in [*optical(data), *radar(data)]:
        places[sensor, band][place].append(values)
    for (sensor, band), values_of in places.items():
        ranges = [np.percentile(np.concatenate(parts), PERCENTILES) for parts in values_of.values()]
        low, high = np.median(ranges, axis=0)
        print(f"{sensor:15} {band:4} {low:8.1f} {high:8.1f}  ({len(ranges)} places)")


def optical(data: Path) -> Iterator[tuple[str, str, str, NDArray[np.float32]]]:
    """Yields sensor, band, place and values of Sentinel-2 scenes that show land, reflectance × 10 000."""
    for scene in real_scenes(data):
        enough = scene.calibrated and scene.pixels.shape[1] >= MIN_PIXELS
        if enough and shows_land(scene.order.sensor, scene.pixels, calibrated=True):
            for band, row in zip(scene.order.bands, scene.pixels, strict=True):
                yield scene.order.sensor, band, scene.place, _thinned(row)


def radar(data: Path) -> Iterator[tuple[str, str, str, NDArray[np.float32]]]:
    """Yields sensor, band, data set and values of Sentinel-1 images, dB."""
    for path in sorted(path for path in data.rglob("*.tif") if "s1" in path.name.lower()):
        try:
            source = resolve_raster(SourceSpec("sar", str(path)))
        except LandSketchError:
            continue  # angles, labels, dates
        with rasterio.open(path) as dataset:
            values = source.values(spread_sample(dataset, source.indexes), source.bands)
        for band, row in zip(source.bands, values, strict=True):
            yield "sentinel-1", band, path.relative_to(data).parts[0], _thinned(row[np.isfinite(row)])


def _thinned(row: NDArray[np.float32]) -> NDArray[np.float32]:
    """At most a few thousand values, so that no image of a place outweighs the others."""
    return row[:: max(row.size // 2000, 1)]


if __name__ == "__main__":
    main()
