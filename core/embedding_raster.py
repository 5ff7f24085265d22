"""Writing embeddings: parts that survive a kill, and the finished GeoTIFF."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from rasterio.enums import Resampling

from .apart import run_apart
from .mapping.layers import Layer
from .mapping.parts import PartStore
from .mapping.strips import BLOCK
from .mosaics import Band, Piece, vrt_of
from .progress import Reporter
from .quantisation import NO_DATA, LinearCodes
from .sensors import SENSORS

_AT_ONCE = 1 << 24
"""Rasters of fewer values are written at once, sooner than a process starts that could be stopped."""

_SMALLEST_OVERVIEW = 256


def embedding_layer(path: str, bands: int, stored: str) -> Layer:
    """Returns the one raster of an embedding job; its parts hold what is stored.

    Args:
        path: The finished file.
        bands: Number of features.
        stored: One of `core.specs.STORED`.
    """
    letter = SENSORS["landsketch-embedding"].numbered
    names = tuple(f"{letter}{index:03d}" for index in range(bands))
    # The mean of codes with a scale and an offset is the code of the mean.
    mean = Resampling.average
    if stored == "int8":
        return Layer("embedding", path, names, "int8", NO_DATA, mean, _as_they_are)
    return Layer("embedding", path, names, "float32", np.nan, mean, _as_they_are)


def _as_they_are(stored: NDArray[np.generic]) -> NDArray[np.generic]:
    return stored


def coded(features: NDArray[np.float32], codes: LinearCodes | None) -> NDArray[np.generic]:
    """Returns what is stored of features: codes, or values rounded to half precision."""
    if codes is not None:
        return codes.encode(features)
    largest = np.finfo(np.float16).max
    return features.clip(-largest, largest).astype(np.float16).astype(np.float32)


def has_data(stored: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Returns (row, column), True where there is data."""
    known: NDArray[np.bool_] = stored[0] != NO_DATA if stored.dtype == np.int8 else ~np.isnan(stored[0])
    return known


def join_embedding(
    store: PartStore, layer: Layer, codes: LinearCodes | None, target: str, tags: Mapping[str, str], threads: int,
    reporter: Reporter,
) -> None:  # fmt: skip
    """Writes the finished raster from its parts, with overviews.

    Args:
        store: The parts, all finished.
        layer: The raster.
        codes: What its codes stand for; None: it holds values.
        target: Where to write; a temporary name that the caller puts in place.
        tags: Dataset tags.
        threads: Threads that compress.
        reporter: Stops the work at once.
    """
    pieces = [Piece(str(store.path(layer, p)), p.column, p.row, p.width, p.height) for p in store.finished()]
    scales = codes.scales if codes else (1.0,) * len(layer.bands)
    offsets = codes.offsets if codes else (0.0,) * len(layer.bands)
    bands = [
        Band(layer.dtype, layer.no_data, name, scale, offset=offset)
        for name, scale, offset in zip(layer.bands, scales, offsets, strict=True)
    ]
    vrt = store.folder / f"{layer.name}.vrt"
    vrt.write_text(vrt_of(pieces, store.grid, bands, str(store.folder), tags=tags, block=BLOCK), encoding="utf-8")
    if store.grid.width * store.grid.height * len(bands) < _AT_ONCE:
        reporter.check()
        _copy(str(vrt), target, codes is None, threads)
    else:
        run_apart(_copy, str(vrt), target, codes is None, threads, reporter=reporter)
    Path(target + ".aux.xml").unlink(missing_ok=True)


def _copy(vrt: str, target: str, half: bool, threads: int) -> None:
    options = {
        "TILED": "YES", "BLOCKXSIZE": str(BLOCK), "BLOCKYSIZE": str(BLOCK), "INTERLEAVE": "BAND",
        "COMPRESS": "DEFLATE", "ZLEVEL": "5", "PREDICTOR": "3" if half else "2", "BIGTIFF": "IF_SAFER",
        "NUM_THREADS": str(threads),
    }  # fmt: skip
    if half:
        # Half precision; GDAL before 3.11 has no type of that name, and reads it as float32.
        options["NBITS"] = "16"
    with rasterio.Env(GDAL_NUM_THREADS=str(threads)):
        rasterio.shutil.copy(vrt, target, driver="GTiff", **options)
        with rasterio.open(target, "r+") as dataset:
            levels = math.ceil(math.log2(max(*dataset.shape, 1) / _SMALLEST_OVERVIEW))
            if levels > 0:
                dataset.build_overviews([2**level for level in range(1, levels + 1)], Resampling.average)
