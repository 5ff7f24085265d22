"""The new stacks that preparing writes: a raster for each date, and a file that points to them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pystac

from ..grids import Grid
from ..stack_items import PREFIX, relative
from ..stacking.writing import collection_text, moment, outline


@dataclass(frozen=True)
class DatedRaster:
    """A raster that was written, and what it is.

    Attributes:
        path: Its final path.
        role: `optical` or `sar`.
        sensor: A sensor id of `core.sensors`, or `generic`.
        units: Of its values, as in `SourceSpec.units`.
        bands: Its bands, in order.
        day: That it stands for, as `2020-05-14`.
        grid: Its grid.
        span: First and last day of what it was made of; None: the day itself.
    """

    path: str
    role: str
    sensor: str
    units: str
    bands: tuple[str, ...]
    day: str
    grid: Grid
    span: tuple[str, str] | None = None


def beside(stack: str, ending: str) -> str:
    """Returns the path of a raster beside a stack, named after it."""
    return f"{os.path.splitext(stack)[0]}_{ending}"


def raster_paths(stack: str, days: Sequence[str]) -> tuple[str, ...]:
    """Returns a path beside a stack for each of its days; a day that comes twice is numbered."""
    paths: list[str] = []
    for place, day in enumerate(days):
        again = days[:place].count(day)
        paths.append(beside(stack, f"{day.replace('-', '')}{f'_{again + 1}' if again else ''}.tif"))
    return tuple(paths)


def write_rasters_stack(temporary: str, final: str, rasters: Sequence[DatedRaster]) -> None:
    """Writes the stack file of some rasters.

    Args:
        temporary: Where to write.
        final: Where the file will lie, which its paths are relative to.
        rasters: Its images.
    """
    folder = os.path.dirname(os.path.abspath(final))
    text = collection_text([_item(raster, folder) for raster in rasters])
    Path(temporary).write_text(text, encoding="utf-8")


def _item(raster: DatedRaster, folder: str) -> pystac.Item:
    first, last = raster.span or (raster.day, raster.day)
    item = pystac.Item(
        id=Path(raster.path).stem,
        **outline(raster.grid),
        datetime=moment(raster.day),
        start_datetime=moment(first) if raster.span else None,
        end_datetime=moment(last) + timedelta(days=1, seconds=-1) if raster.span else None,
        properties={f"{PREFIX}{name}": value for name, value in _properties(raster).items()},
    )
    fields = {"bands": [{"name": name} for name in raster.bands]}
    image = pystac.Asset(relative(raster.path, folder), roles=["data"], extra_fields=fields)
    item.add_asset("image", image)
    return item


def _properties(raster: DatedRaster) -> dict[str, Any]:
    # Digital numbers are written without the offset that their sources may have had.
    offset = {"offset": 0.0} if raster.units == "dn" else {}
    return {"role": raster.role, "sensor": raster.sensor, "units": raster.units, **offset}
