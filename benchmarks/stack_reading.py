"""How long windows of a time stack take, against reading the same windows of the same files with plain rasterio.

    ./dev shell benchmarks/stack_reading.py [--dates 24] [--size 1536] [--side 512] [--pairs 5]

Each pair reads the same windows in the same order: a scene gives (date × band, y, x) float32 in canonical units, clouds
cut out; plain rasterio the stored numbers of all bands and masks, with all files open beforehand, once in a single
thread and once with as many as there are cores, a date each. The ratio is that of their times, the median over the
pairs; and of the processor's time, which tells more on a machine that others use, too. The files are deflated and
tiled, and made from noise that deflate finds as hard as a real image. GDAL keeps few blocks, so that all are decoded in
each pass, as those of a large scene are.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

os.environ["GDAL_CACHEMAX"] = "16"  # megabytes; read when GDAL opens its first file

import numpy as np
import rasterio
from landsketch.core.processor import usable_cores
from landsketch.core.scenes import open_scene
from landsketch.core.specs import SourceSpec
from rasterio.transform import from_origin
from rasterio.windows import Window

BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
LAYOUTS = ("one file a date", "with masks of 10 m", "a file for each band")
_ORIGIN = (500_000, 5_000_000)

Reads = list[tuple[str, list[int]]]
"""Files and bands of a date."""


def main() -> None:
    """Prints the ratios of each layout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dates", type=int, default=24)
    parser.add_argument("--size", type=int, default=1536, help="side of the images in pixels")
    parser.add_argument("--side", type=int, default=512, help="of the windows in pixels")
    parser.add_argument("--pairs", type=int, default=5)
    arguments = parser.parse_args()
    for layout in LAYOUTS:
        with tempfile.TemporaryDirectory() as folder:
            stack, dates = write(Path(folder), layout, arguments.dates, arguments.size)
            compare(layout, stack, dates, windows(arguments.size, arguments.side), arguments.pairs)


def compare(layout: str, stack: str, dates: Sequence[Reads], places: Sequence[Window], pairs: int) -> None:
    """Prints how the times of one layout compare."""
    started = time.perf_counter()
    with open_scene([SourceSpec("optical", stack, offset=0.0)]) as scene, ThreadPoolExecutor(usable_cores()) as pool:
        opening = time.perf_counter() - started
        handles = [[(rasterio.open(path), indexes) for path, indexes in reads] for reads in dates]

        def plain(window: Window) -> None:
            for reads in handles:
                _read(reads, window)

        def threaded(window: Window) -> None:
            list(pool.map(lambda reads: _read(reads, window), handles))

        def ours(window: Window) -> None:
            scene.read(window, {"optical": BANDS})

        times: dict[str, list[list[float]]] = {"ours": [], "plain": [], "threaded": []}
        ours(places[0])  # opens the files
        for _ in range(pairs):
            for name, read in (("ours", ours), ("plain", plain), ("threaded", threaded)):
                times[name].append(_timed(read, places))
        for reads in handles:
            for handle, _ in reads:
                handle.close()
    ratios = {other: np.median(np.divide(times["ours"], times[other]), axis=0) for other in ("plain", "threaded")}
    seconds, _ = np.median(times["ours"], axis=0)
    pixels = len(places) * places[0].width * places[0].height * len(BANDS) * len(dates)
    print(
        f"{layout}: {len(dates)} dates of {len(BANDS)} bands, {pixels / seconds / 1e6:.1f} million "
        f"values a second; {ratios['plain'][0]:.2f} × plain rasterio, {ratios['threaded'][0]:.2f} × in "
        f"{usable_cores()} threads, {ratios['plain'][1]:.2f} × in processor time; opening took {opening:.1f} s."
    )


def _read(reads: Sequence[tuple[Any, list[int]]], window: Window) -> None:
    for handle, indexes in reads:
        handle.read(indexes, window=window)


def _timed(read: Callable[[Window], None], places: Sequence[Window]) -> list[float]:
    """Returns the seconds on the clock and of the processor."""
    started = time.perf_counter(), time.process_time()
    for window in places:
        read(window)
    return [time.perf_counter() - started[0], time.process_time() - started[1]]


def windows(size: int, side: int) -> list[Window]:
    """Returns windows side by side over an image."""
    return [Window(x, y, side, side) for y in range(0, size - side + 1, side) for x in range(0, size - side + 1, side)]


def write(folder: Path, layout: str, count: int, size: int) -> tuple[str, list[Reads]]:
    """Writes a stack, and returns it with the files of its dates."""
    items, dates = [], []
    for number in range(count):
        day = date(2020, 1, 1) + timedelta(days=10 * number)
        image = _image(number, size)
        split = layout == LAYOUTS[2]
        groups = [(band,) for band in BANDS] if split else [BANDS]
        reads: Reads = []
        assets: dict[str, Any] = {}
        for group in groups:
            path = str(folder / f"S2_{day}_{'_'.join(group) if split else 'all'}.tif")
            _write(path, image[[BANDS.index(band) for band in group]])
            reads.append((path, list(range(1, len(group) + 1))))
            assets[path] = {"href": path, "eo:bands": [{"name": band} for band in group], "roles": ["data"]}
        if layout == LAYOUTS[1]:
            path = str(folder / f"CLOUD_{day}.tif")
            _write(path, (image[:1] > 2900).astype(np.uint8))
            reads.append((path, [1]))
            assets["mask"] = {"href": path, "landsketch:mask": "mask"}
        properties = {"datetime": f"{day}T10:00:00Z", "landsketch:sensor": "sentinel-2-l2a"}
        items.append({"type": "Feature", "id": str(day), "properties": properties, "assets": assets})
        dates.append(reads)
    stack = folder / "stack.json"
    stack.write_text(json.dumps({"type": "FeatureCollection", "features": items}), encoding="utf-8")
    return str(stack), dates


def _image(seed: int, size: int) -> np.ndarray:
    """(band, y, x) uint16: fields of one brightness, with noise in some bits, as real images have it."""
    random = np.random.default_rng(seed)
    fields = random.integers(200, 3000, (len(BANDS), size // 16, size // 16)).repeat(16, 1).repeat(16, 2)
    return np.asarray(fields + random.integers(0, 64, fields.shape), np.uint16)


def _write(path: str, image: np.ndarray) -> None:
    options = {"driver": "GTiff", "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}
    shape = {"count": image.shape[0], "height": image.shape[1], "width": image.shape[2], "dtype": image.dtype}
    place = {"crs": "EPSG:32632", "transform": from_origin(*_ORIGIN, 10, 10)}
    with rasterio.open(path, "w", **options, **shape, **place) as dataset:
        dataset.write(image)


if __name__ == "__main__":
    main()
