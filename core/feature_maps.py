"""An encoder's features as a raster: on which grid they lie, and how they are computed tile by tile."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from affine import Affine
from numpy.typing import NDArray
from rasterio.windows import Window
from torch.nn import functional as F

from .features import read_tile
from .grids import Grid
from .mapping.extents import area_of
from .progress import Reporter
from .scenes import Scene
from .specs import ExtentSpec
from .starts import Start
from .tiles import Tile, TilePlan, even_side, plan_tiles
from .windows import valid_pixels

PART_VALUES = 1 << 23
"""A part of the raster has about as many values, or those of one tile if that has more: 32 MB before they are coded."""

Images = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class CellPart:
    """A rectangle of the feature raster, with the tiles that make it.

    Attributes:
        window: In cells, from the raster's upper left corner.
        tiles: Side by side.
    """

    window: Window
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class CellPlan:
    """The raster of an encoder's features. Its cells are the elements of the finest feature map.

    Attributes:
        tiles: The tiles over the scene's grid.
        area: The part of that grid which is covered, in whole cells; it may reach over the grid's right and lower edge.
        step: Pixels per cell.
        alignment: Tiles start at, and have sides of, multiples of this many pixels.
        bands: Features of each cell, those of all maps.
    """

    tiles: TilePlan
    area: Window
    step: int
    alignment: int
    bands: int

    @property
    def grid(self) -> Grid:
        """The raster's grid."""
        whole = self.tiles.grid
        transform = whole.window_transform(self.area) @ Affine.scale(self.step)
        return Grid(whole.crs, transform, self.area.width // self.step, self.area.height // self.step)

    def parts(self) -> Iterator[CellPart]:
        """Yields the parts row by row; each is a run of tiles of one tile row, cut to the area."""
        side = self.tiles.side // self.step
        run = max(PART_VALUES // (self.bands * side**2), 1)
        for row in self.tiles.rows(self.area):
            for first in range(0, len(row), run):
                some = tuple(row[first : first + run])
                yield CellPart(self._cells(some), some)

    def place(self, tile: Tile, part: CellPart) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Returns where a tile's cells lie in a part: (rows, columns) of the tile and of the part."""
        square = self._cells((tile,))
        top, left = tile.row // self.step, tile.column // self.step
        whole_top, whole_left = self.area.row_off // self.step, self.area.col_off // self.step
        of_tile = (
            _span(square.row_off + whole_top - top, square.height),
            _span(square.col_off + whole_left - left, square.width),
        )
        of_part = (
            _span(square.row_off - part.window.row_off, square.height),
            _span(square.col_off - part.window.col_off, square.width),
        )
        return of_tile, of_part

    def _cells(self, tiles: tuple[Tile, ...]) -> Window:
        """Returns the rectangle of the raster that tiles side by side make."""
        side, area = self.tiles.side, self.area
        top, left = max(tiles[0].row, area.row_off), max(tiles[0].column, area.col_off)
        bottom = min(tiles[0].row + side, area.row_off + area.height)
        right = min(tiles[-1].column + side, area.col_off + area.width)
        pixels = left - area.col_off, top - area.row_off, right - left, bottom - top
        return Window(*(value // self.step for value in pixels))


def _span(start: int, length: int) -> slice:
    return slice(start, start + length)


def plan_cells(scene: Scene, start: Start, extent: ExtentSpec | None, side: int) -> CellPlan:
    """Plans the raster of an encoder's features.

    Args:
        scene: The scene.
        start: The encoder.
        extent: What it covers; cells that it only touches are included. None: the whole scene.
        side: Side of the tiles in pixels; 0: chosen.

    Raises:
        SpecError: If the extent does not lie on the scene.
    """
    encoder, grid = start.encoder, scene.grid
    alignment = math.lcm(encoder.alignment, *encoder.strides)
    step = min(encoder.strides)
    side = side or even_side(grid, encoder.tile, encoder.halo, alignment)
    touched = area_of(extent, grid)
    left, top = touched.col_off // step * step, touched.row_off // step * step
    right, bottom = touched.col_off + touched.width, touched.row_off + touched.height
    area = Window(left, top, -(-(right - left) // step) * step, -(-(bottom - top) // step) * step)
    return CellPlan(plan_tiles(grid, side, encoder.halo, 0, alignment), area, step, alignment, sum(encoder.channels))


class FeatureMaker:
    """Computes the features of tiles.

    Args:
        scene: The scene.
        start: The encoder.
        device: Where it runs.
        reporter: Stops it.
    """

    def __init__(self, scene: Scene, start: Start, device: torch.device, reporter: Reporter) -> None:
        self._scene, self._sources, self._device, self._reporter = scene, start.sources, device, reporter
        self._encoder = start.encoder.to(device).eval()
        self._encoder.check_in = reporter.check

    def read(self, plan: TilePlan, tile: Tile) -> Images:
        """Reads what the encoder needs of a tile; safe in any thread."""
        return read_tile(self._scene, self._sources, plan, tile)

    def features(self, plan: TilePlan, tile: Tile, images: Images) -> NDArray[np.float32]:
        """Returns the features of a tile's square: (band, row, column), NaN where most of a cell has no data.

        The maps follow each other as the encoder gives them; coarser ones are upsampled bilinearly.
        """
        step = min(self._encoder.strides)
        inner = slice(plan.halo, plan.halo + plan.side)
        valid = valid_pixels(images, self._sources)[inner, inner]
        cells = plan.side // step
        if not valid.any():
            return np.full((sum(self._encoder.channels), cells, cells), np.nan, np.float32)
        known = valid.reshape(cells, step, cells, step).sum(axis=(1, 3))
        values = self._reporter.await_result(self._encoded, plan, images, valid)
        values[:, 2 * known < _inside(plan, tile, step)] = np.nan
        values[:, known == 0] = np.nan
        return values

    @torch.inference_mode()
    def _encoded(self, plan: TilePlan, images: Images, valid: NDArray[np.bool_]) -> NDArray[np.float32]:
        tensors = {role: torch.from_numpy(image)[None].to(self._device) for role, image in images.items()}
        wanted = torch.from_numpy(np.pad(valid, plan.halo))[None].to(self._device)
        step = min(self._encoder.strides)
        inner = slice(plan.halo // step, (plan.halo + plan.side) // step)
        parts = []
        for features, stride in zip(self._encoder(tensors, wanted), self._encoder.strides, strict=True):
            if stride > step:
                features = F.interpolate(features, scale_factor=stride // step, mode="bilinear", align_corners=False)
            parts.append(features[0, :, inner, inner].float().cpu())
        values: NDArray[np.float32] = torch.cat(parts).numpy()
        return values


def _inside(plan: TilePlan, tile: Tile, step: int) -> NDArray[np.int64]:
    """Returns (row, column) how many pixels of each cell lie on the scene's grid."""
    rows = (np.arange(tile.row, tile.row + plan.side) < plan.grid.height).reshape(-1, step).sum(axis=1)
    columns = (np.arange(tile.column, tile.column + plan.side) < plan.grid.width).reshape(-1, step).sum(axis=1)
    return np.outer(rows, columns)
