"""The GeoTIFFs that preparing writes: tiled, compressed, with overviews and where they come from."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

import rasterio
from rasterio.enums import Resampling
from rasterio.io import DatasetWriter

from ..apart import run_apart
from ..grids import Grid
from ..processor import usable_cores
from ..progress import Reporter
from ..specs import JobSpec
from ..version import version
from .windows import overview_levels

BLOCK = 256

_AT_ONCE = 1 << 24
"""Overviews of rasters with fewer values are made sooner than a process starts that could be stopped."""


def create(
    path: str, grid: Grid, bands: Sequence[str], dtype: str, no_data: float | None, tags: Mapping[str, str],
    block: int = BLOCK, unit: str = "",
) -> DatasetWriter:  # fmt: skip
    """Opens a new raster for writing.

    Args:
        path: Where; a temporary name that the caller puts in place.
        grid: Its grid.
        bands: Descriptions of its bands.
        dtype: As numpy names it.
        no_data: Value of pixels without data; None: every value is data.
        tags: Dataset tags.
        block: Side of its blocks; windows that are written should be whole blocks.
        unit: Of the values of all bands, for people.
    """
    dataset = rasterio.open(
        path, "w", driver="GTiff", width=grid.width, height=grid.height, count=len(bands), dtype=dtype,
        crs=grid.crs, transform=grid.transform, nodata=no_data, tiled=True, blockxsize=min(block, BLOCK),
        blockysize=min(block, BLOCK), compress="deflate", predictor=3 if dtype.startswith("float") else 2,
        interleave="band", photometric="minisblack", BIGTIFF="IF_SAFER", num_threads=usable_cores(),
    )  # fmt: skip
    dataset.update_tags(**tags)
    for index, name in enumerate(bands, 1):
        dataset.set_band_description(index, name)
        if unit:
            dataset.set_band_unit(index, unit)
    return dataset


def add_overviews(path: str, grid: Grid, bands: int, reporter: Reporter) -> None:
    """Adds reduced images to a finished raster, for drawing it from afar; a cancel stops that, too."""
    levels = overview_levels(grid)
    if not levels:
        return
    if grid.width * grid.height * bands < _AT_ONCE:
        reporter.check()
        _add(path, levels, usable_cores())
    else:
        run_apart(_add, path, levels, usable_cores(), reporter=reporter)


def _add(path: str, levels: list[int], threads: int) -> None:
    with rasterio.Env(GDAL_NUM_THREADS=str(threads)), rasterio.open(path, "r+") as dataset:
        dataset.build_overviews(levels, Resampling.average)


def origin_tags(spec: JobSpec, **more: str) -> dict[str, str]:
    """Returns tags that say how a raster was made, so that it can be made again."""
    values: dict[str, Any] = {"job": spec.job, "spec": spec.to_json()}
    return {
        "LANDSKETCH_VERSION": version(),
        "LANDSKETCH_DATE": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "LANDSKETCH_JOB": json.dumps(values),
        "TIFFTAG_SOFTWARE": f"LandSketch {version()}",
        **more,
    }
