"""The new stacks that preparing writes: a raster for each date, and a file that points to them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from rasterio.warp import transform_bounds

from ..grids import Grid
from ..stack_items import PREFIX, relative


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
    features = [_feature(raster, folder) for raster in rasters]
    text = json.dumps({"type": "FeatureCollection", "features": features}, indent=1, ensure_ascii=False)
    Path(temporary).write_text(text + "\n", encoding="utf-8")


def _feature(raster: DatedRaster, folder: str) -> dict[str, Any]:
    box = transform_bounds(raster.grid.crs, "EPSG:4326", *raster.grid.bounds)
    names = [{"name": name} for name in raster.bands]
    properties: dict[str, Any] = {
        "datetime": f"{raster.day}T00:00:00Z",
        PREFIX + "role": raster.role,
        PREFIX + "sensor": raster.sensor,
        PREFIX + "units": raster.units,
    }
    if raster.units == "dn":
        properties[PREFIX + "offset"] = 0.0
    if raster.span:
        properties |= {"start_datetime": f"{raster.span[0]}T00:00:00Z", "end_datetime": f"{raster.span[1]}T23:59:59Z"}
    asset = {
        "href": "./" + relative(raster.path, folder), "type": "image/tiff; application=geotiff", "roles": ["data"],
        "eo:bands": names,
    }  # fmt: skip
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": ["https://stac-extensions.github.io/eo/v1.1.0/schema.json"],
        "id": Path(raster.path).stem,
        "geometry": json.loads(shapely.to_geojson(shapely.box(*box))),
        "bbox": list(box),
        "properties": properties,
        "links": [],
        "assets": {"image": asset},
    }
