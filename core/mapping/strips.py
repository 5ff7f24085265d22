"""Writing rasters strip by strip, from top to bottom."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from ..grids import Grid

BLOCK = 256


class StripWriter:
    """Writes a raster from top to bottom in whole rows of blocks, so that no block is compressed twice.

    Args:
        path: Where to write; a temporary name that the caller puts in place.
        grid: The raster's grid.
        bands: Names of its bands.
        dtype: `uint8` or `float32`.
        no_data: Value of pixels without data.
    """

    def __init__(self, path: str, grid: Grid, bands: tuple[str, ...], dtype: str, no_data: float) -> None:
        self.grid = grid
        # Level 1, since these files are read once and thrown away.
        self._dataset = rasterio.open(
            path, "w", driver="GTiff", width=grid.width, height=grid.height, count=len(bands), dtype=dtype,
            crs=grid.crs, transform=grid.transform, nodata=no_data, tiled=True, blockxsize=BLOCK, blockysize=BLOCK,
            compress="deflate", zlevel=1, predictor=3 if dtype == "float32" else 1, BIGTIFF="IF_SAFER",
            interleave="band", photometric="minisblack",  # three classes are not red, green and blue
        )  # fmt: skip
        self._row = 0
        self._pending: list[NDArray[Any]] = []

    def __enter__(self) -> StripWriter:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._dataset.close()

    def write(self, rows: NDArray[Any]) -> None:
        """Appends rows: (band, y, x)."""
        self._pending.append(rows)
        waiting = sum(part.shape[1] for part in self._pending)
        last = self._row + waiting == self.grid.height
        whole = waiting if last else waiting - waiting % BLOCK
        if not whole:
            return
        joined = np.concatenate(self._pending, axis=1)
        self._dataset.write(joined[:, :whole], window=Window(0, self._row, self.grid.width, whole))
        self._row += whole
        self._pending = [joined[:, whole:]] if whole < waiting else []
