"""Writes a time stack: a STAC ItemCollection with paths relative to itself."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pystac
from rasterio.warp import transform

from ..grids import Grid
from ..outputs import finished
from ..stack_items import PREFIX, StackBand, StackItem, relative
from ..version import version
from .drafts import Draft
from .headers import code_of
from .measuring import Measured

PROJECTION = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"


def write_stack(path: str, items: list[tuple[Draft, Measured]]) -> None:
    """Writes items, by date, to a file; those that are dropped are marked.

    Raises:
        OutputError: If the file cannot be written.
    """
    folder = os.path.dirname(os.path.abspath(path))
    text = collection_text([_stac_item(draft, measured, folder) for draft, measured in items])
    with finished(path) as temporary:
        Path(temporary).write_text(text, encoding="utf-8")


def collection_text(items: Sequence[pystac.Item]) -> str:
    """Returns what a stack file holds: an item per line, which is small, and still to be read by people."""
    values = pystac.ItemCollection(items, extra_fields={PREFIX + "version": version()}).to_dict()
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in values.pop("features"))
    return json.dumps(values, ensure_ascii=False)[:-1] + f', "features": [\n{lines}\n]}}\n'


def _stac_item(draft: Draft, measured: Measured, folder: str) -> pystac.Item:
    item, grid = draft.item, draft.header.grid
    made = pystac.Item(
        id=item.id,
        **outline(grid),
        datetime=moment(item.date),
        properties=_properties(item, grid, measured),
        stac_extensions=[PROJECTION],
    )
    for key, asset in _assets(item, folder).items():
        made.add_asset(key, asset)
    return made


def _properties(item: StackItem, grid: Grid, measured: Measured) -> dict[str, Any]:
    own = {
        "role": item.role,
        "sensor": item.sensor,
        "units": item.units,
        "offset": item.offset,
        "valid": round(measured.valid, 4),
        "clear": None if measured.clear is None else round(measured.clear, 4),
        "dropped": item.dropped or None,
    }
    properties: dict[str, Any] = {PREFIX + name: value for name, value in own.items() if value is not None}
    code = code_of(grid.crs)
    properties |= {"proj:code": f"EPSG:{code}"} if code else {"proj:wkt2": grid.crs.to_wkt()}
    return properties | {"proj:shape": list(grid.shape), "proj:transform": list(grid.transform)[:6], "gsd": grid.gsd}


def _assets(item: StackItem, folder: str) -> dict[str, pystac.Asset]:
    """Returns an asset per file of bands, and one for the mask."""
    files: dict[str, list[StackBand]] = {}
    for band in item.bands:
        files.setdefault(band.path, []).append(band)
    assets = {}
    for path, bands in files.items():
        names = [band.name for band in bands]
        key = "image" if len(files) == 1 else "_".join(names)
        fields = {"bands": [{"name": name} for name in names], PREFIX + "indexes": [band.index for band in bands]}
        assets[key] = pystac.Asset(relative(path, folder), roles=["data"], extra_fields=fields)
    if item.mask:
        fields = {PREFIX + "mask": item.mask.kind, PREFIX + "indexes": [item.mask.index]}
        assets["mask"] = pystac.Asset(relative(item.mask.path, folder), roles=["data-mask"], extra_fields=fields)
    return assets


def moment(day: str) -> datetime:
    """Returns when a day begins."""
    return datetime.fromisoformat(day).replace(tzinfo=timezone.utc)


def outline(grid: Grid) -> dict[str, Any]:
    """Returns the `geometry` and `bbox` of an item."""
    ring = footprint(grid)
    xs, ys = zip(*ring, strict=True)
    return {
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [min(xs), min(ys), max(xs), max(ys)],
    }


def footprint(grid: Grid) -> list[list[float]]:
    """Returns the outline of a grid in degrees, counter-clockwise and closed, as GeoJSON has it."""
    corners = [(0, grid.height), (grid.width, grid.height), (grid.width, 0), (0, 0)]
    places = [grid.transform @ corner for corner in corners]
    xs, ys = transform(grid.crs, "EPSG:4326", *map(list, zip(*places, strict=True)))
    ring = [[round(x, 7), round(y, 7)] for x, y in zip(xs, ys, strict=True)]
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
    ring = ring if twice > 0 else ring[::-1]
    return [*ring, ring[0]]
