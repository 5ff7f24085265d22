"""Writing result rasters strip by strip: tiled, compressed, with overviews, under their final name only when whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from types import TracebackType
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Resampling
from rasterio.windows import Window

from .grids import Grid
from .legend import NO_DATA, ClassLegend
from .progress import Reporter

BLOCK = 256
LEGEND_TAG = "LANDSKETCH_LEGEND"
_SMALLEST_OVERVIEW = 256


class StripWriter:
    """Writes a raster from top to bottom in whole rows of blocks, so that no block is compressed twice.

    Args:
        path: Where to write; a temporary name that the caller puts in place.
        grid: The raster's grid.
        bands: Names of its bands.
        dtype: `uint8` or `float32`.
        no_data: Value of pixels without data.
        tags: Dataset tags.
        scale: Factor from stored to true values.
    """

    def __init__(
        self, path: str, grid: Grid, bands: tuple[str, ...], dtype: str, no_data: float, tags: Mapping[str, str],
        scale: float = 1.0,
    ) -> None:  # fmt: skip
        self.grid = grid
        self._dataset = rasterio.open(
            path, "w", driver="GTiff", width=grid.width, height=grid.height, count=len(bands), dtype=dtype,
            crs=grid.crs, transform=grid.transform, nodata=no_data, tiled=True, blockxsize=BLOCK, blockysize=BLOCK,
            compress="deflate", predictor=3 if dtype == "float32" else 1, BIGTIFF="IF_SAFER", interleave="band",
            photometric="minisblack",  # three classes are not red, green and blue
        )  # fmt: skip
        for index, name in enumerate(bands, 1):
            self._dataset.set_band_description(index, name)
        self._dataset.update_tags(**tags)
        if scale != 1.0:
            self._dataset.scales = (scale,) * len(bands)
        self._row = 0
        self._pending: list[NDArray[Any]] = []

    def __enter__(self) -> StripWriter:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._dataset.close()

    def set_legend(self, legend: ClassLegend) -> None:
        """Writes the classes' colours as the colour table, and their names and colours as a tag."""
        colours = {entry.value: (*bytes.fromhex(entry.colour[1:]), 255) for entry in legend}
        self._dataset.write_colormap(1, {NO_DATA: (0, 0, 0, 0), **colours})
        self._dataset.colorinterp = (ColorInterp.palette,)
        self._dataset.update_tags(**{LEGEND_TAG: json.dumps(legend.to_json())})

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


def add_overviews(path: str, resampling: Resampling, reporter: Reporter) -> None:
    """Adds overviews by halves until a side is small, one level at a time so that a cancel is heard."""
    factor = 2
    with rasterio.open(path, "r+") as dataset:
        while max(dataset.width, dataset.height) / factor * 2 > _SMALLEST_OVERVIEW:
            reporter.check()
            dataset.build_overviews([factor], resampling)
            factor *= 2


def write_category_names(path: str, legend: ClassLegend) -> None:
    """Writes the class names where GDAL looks for them: in the `.aux.xml` beside the raster."""
    names = {entry.value: entry.name for entry in legend}
    lines = "".join(f"<Category>{escape(names.get(v, ''))}</Category>" for v in range(max(names) + 1))
    text = f'<PAMDataset><PAMRasterBand band="1"><CategoryNames>{lines}</CategoryNames></PAMRasterBand></PAMDataset>\n'
    with open(path + ".aux.xml", "w", encoding="utf-8") as file:
        file.write(text)
