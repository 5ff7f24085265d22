"""From finished parts to the finished rasters."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import rasterio
import rasterio.shutil
from rasterio.enums import Resampling

from ..apart import run_apart
from ..class_rasters import LEGEND_TAG
from ..grids import Grid
from ..legend import ClassLegend
from ..mosaics import Band, Piece, class_band, vrt_of
from ..progress import Reporter
from .layers import CLASS, Layer
from .parts import PartStore
from .strips import BLOCK

_AT_ONCE = 1 << 25
"""Rasters of fewer values are joined in half a second, about as long as a process takes to start that could be stopped.
"""

_SMALLEST_OVERVIEW = 256


def join_parts(
    store: PartStore, layer: Layer, target: str, legend: ClassLegend, tags: Mapping[str, str], layout: str,
    threads: int, reporter: Reporter,
) -> None:  # fmt: skip
    """Writes one raster of the map from its parts, with overviews.

    Args:
        store: The parts, all finished.
        layer: Which raster.
        target: Where to write; a temporary name that the caller puts in place.
        legend: The classes.
        tags: Dataset tags.
        layout: One of `core.specs.FORMATS`.
        threads: Threads that compress.
        reporter: Stops the work at once.
    """
    whole = [Piece(str(store.path(layer, p)), p.column, p.row, p.width, p.height) for p in store.finished()]
    if layer.name == CLASS:
        tags = {**tags, LEGEND_TAG: json.dumps(legend.to_json())}
    vrt = store.folder / f"{layer.name}.vrt"
    text = vrt_of(whole, store.grid, _bands(layer, legend), str(store.folder), tags=tags, block=BLOCK)
    vrt.write_text(text, encoding="utf-8")
    work = (str(vrt), target, layout, layer.overviews.name, layer.dtype, threads)
    _run(work, store.grid.width * store.grid.height * len(layer.bands), reporter)
    if layer.name == CLASS:
        write_category_names(target, legend)


def rename_classes(
    path: str, target: str, legend: ClassLegend, tags: Mapping[str, str], layout: str, threads: int, reporter: Reporter
) -> None:
    """Copies a class map with other names and colours of its classes, and other tags.

    Args:
        path: The map; a VRT is written beside it.
        target: Where to write; a temporary name that the caller puts in place.
        legend: The classes.
        tags: Dataset tags.
        layout: One of `core.specs.FORMATS`.
        threads: Threads that compress.
        reporter: Stops the work at once.
    """
    with rasterio.open(path) as dataset:
        grid = Grid.of(dataset)
    tags = {**tags, LEGEND_TAG: json.dumps(legend.to_json())}
    vrt = Path(path).with_suffix(".vrt")
    whole = [Piece(path, 0, 0, grid.width, grid.height)]
    vrt.write_text(vrt_of(whole, grid, [class_band(legend)], str(vrt.parent), tags=tags, block=BLOCK), encoding="utf-8")
    work = (str(vrt), target, layout, Resampling.mode.name, "uint8", threads)
    _run(work, grid.width * grid.height, reporter)
    write_category_names(target, legend)


def _run(work: tuple[str, str, str, str, str, int], values: int, reporter: Reporter) -> None:
    """Runs `_join`, apart from this process where it takes long."""
    if values < _AT_ONCE:
        reporter.check()
        _join(*work)
    else:
        run_apart(_join, *work, reporter=reporter)
    Path(work[1] + ".aux.xml").unlink(missing_ok=True)


def _bands(layer: Layer, legend: ClassLegend) -> Sequence[Band]:
    if layer.name == CLASS:
        return [class_band(legend)]
    # The first band's colour is not gray's if the others are undefined: three classes are not red, green and blue.
    return [Band(layer.dtype, layer.no_data, name, layer.scale) for name in layer.bands]


def _join(vrt: str, target: str, layout: str, overviews: str, dtype: str, threads: int) -> None:
    # Level 6, the usual one, takes more than twice as long as 5 for files that are some per cent smaller.
    level = {"LEVEL": "5"} if layout == "cog" else {"ZLEVEL": "5"}
    options = {**level, "COMPRESS": "DEFLATE", "BIGTIFF": "IF_SAFER", "NUM_THREADS": str(threads)}
    floating = dtype == "float32"
    with rasterio.Env(GDAL_NUM_THREADS=str(threads)):
        if layout == "cog":
            options |= {"BLOCKSIZE": str(BLOCK), "OVERVIEW_RESAMPLING": overviews.upper()}
            predictor = "FLOATING_POINT" if floating else "NO"
            rasterio.shutil.copy(vrt, target, driver="COG", PREDICTOR=predictor, **options)
            return
        options |= {"TILED": "YES", "BLOCKXSIZE": str(BLOCK), "BLOCKYSIZE": str(BLOCK), "INTERLEAVE": "BAND"}
        rasterio.shutil.copy(vrt, target, driver="GTiff", PREDICTOR="3" if floating else "1", **options)
        with rasterio.open(target, "r+") as dataset:
            levels = math.ceil(math.log2(max(*dataset.shape, 1) / _SMALLEST_OVERVIEW))
            if levels > 0:
                dataset.build_overviews([2**level for level in range(1, levels + 1)], Resampling[overviews])


def write_category_names(path: str, legend: ClassLegend) -> None:
    """Writes the class names where GDAL looks for them: in the `.aux.xml` beside the raster."""
    names = {entry.value: entry.name for entry in legend}
    lines = "".join(f"<Category>{escape(names.get(v, ''))}</Category>" for v in range(max(names) + 1))
    text = f'<PAMDataset><PAMRasterBand band="1"><CategoryNames>{lines}</CategoryNames></PAMRasterBand></PAMDataset>\n'
    with open(path + ".aux.xml", "w", encoding="utf-8") as file:
        file.write(text)
