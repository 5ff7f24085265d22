"""The preview: which part of the scene it shows, what a head makes of its blocks, and the rasters of it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from ..class_rasters import LEGEND_TAG
from ..grids import Grid
from ..legend import ClassLegend
from ..linear import LinearModel
from ..mapping.blending import RowBlender, Steps
from ..mapping.joining import write_category_names
from ..mapping.layers import CLASS, Layer
from ..mosaics import class_band
from ..progress import Reporter
from ..runtimes.runtime import to_steps
from ..tiles import Tile, TilePlan
from .blocks import Blocks


def shown(area: Window, side: int, block: int) -> Window:
    """Returns the part of an area that a preview shows: all of it, or its middle.

    The middle begins where a block does if it can, so that no more blocks are computed than it needs.

    Args:
        area: In pixels of the scene's grid.
        side: Most pixels along a side.
        block: Side of the blocks.
    """
    top, height = _middle(area.row_off, area.height, side, block)
    left, width = _middle(area.col_off, area.width, side, block)
    return Window(left, top, width, height)


def _middle(first: int, length: int, side: int, block: int) -> tuple[int, int]:
    if length <= side:
        return first, length
    middle = first + (length - side) / 2
    snapped = round(middle / block) * block
    return (snapped if first <= snapped <= first + length - side else int(middle)), side


def tiles_of(plan: TilePlan, area: Window) -> list[Tile]:
    """Returns the blocks that an area needs, from its middle outwards."""
    tiles = [tile for row in plan.rows(area) for tile in row]
    y, x = area.row_off + (area.height - plan.side) / 2, area.col_off + (area.width - plan.side) / 2
    return sorted(tiles, key=lambda tile: max(abs(tile.row - y), abs(tile.column - x)))


def predict(blocks: Blocks, model: LinearModel, area: Window, reporter: Reporter) -> Steps:
    """Returns (class, y, x) probability steps of an area whose blocks were prepared; zero where there is no data."""
    plan = blocks.plan
    blender = RowBlender(plan, area, len(model.bias))
    strips = []
    for row in plan.rows(area):
        reporter.check()
        for tile in row:
            block = blocks.block(tile)
            if block is not None:
                steps = to_steps(blocks.layout.logits(block, model).softmax(dim=0).numpy())
                blender.add(tile, steps, block.valid)
        strips += [strip.copy() for strip in blender.finish_row(row[0].row)]
    return np.concatenate(strips, axis=1)


def write_layer(
    path: str, layer: Layer, values: NDArray[np.generic], grid: Grid, legend: ClassLegend, tags: Mapping[str, str]
) -> None:
    """Writes one raster of the preview.

    Args:
        path: Where to write; a temporary name that the caller puts in place.
        layer: Which raster.
        values: (1, y, x) to store.
        grid: Of the preview.
        legend: The classes.
        tags: Dataset tags.
    """
    # Uncompressed strips are written, and read while the user pans, faster than anything else.
    with rasterio.open(
        path, "w", driver="GTiff", width=grid.width, height=grid.height, count=1, dtype=layer.dtype, crs=grid.crs,
        transform=grid.transform, nodata=layer.no_data,
    ) as dataset:  # fmt: skip
        dataset.write(values)
        dataset.set_band_description(1, layer.name)
        if layer.name == CLASS:
            dataset.write_colormap(1, dict(enumerate(class_band(legend).colours)))
            dataset.update_tags(**tags, **{LEGEND_TAG: json.dumps(legend.to_json())})
        else:
            dataset.update_tags(**tags)
    if layer.name == CLASS:
        write_category_names(path, legend)
