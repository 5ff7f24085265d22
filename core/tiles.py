"""How a scene is cut into tiles that fit together without seams."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from .grids import Grid


@dataclass(frozen=True)
class Tile:
    """One tile: the square it contributes, by its upper left pixel; the plan holds the rest."""

    row: int
    column: int


@dataclass(frozen=True)
class TilePlan:
    """Tiles over a grid.

    A tile contributes a square of `side` pixels. It is read with `halo` pixels of context on each side, and fades into
    its neighbours over `ramp` pixels on both sides of their common border.

    Attributes:
        grid: The scene's grid.
        side: Side of the square that a tile contributes.
        halo: Context read on each side.
        ramp: Half the width of the blend across a border; at most `halo`.
    """

    grid: Grid
    side: int
    halo: int
    ramp: int

    @property
    def window_side(self) -> int:
        """Side of the window that the network sees."""
        return self.side + 2 * self.halo

    @property
    def count(self) -> int:
        """Number of tiles."""
        return len(range(0, self.grid.height, self.side)) * len(range(0, self.grid.width, self.side))

    def rows(self, area: Window) -> Iterator[list[Tile]]:
        """Yields the tiles that contribute to an area, row by row from the top."""
        columns = self._starts(area.col_off, area.width, self.grid.width)
        for row in self._starts(area.row_off, area.height, self.grid.height):
            yield [Tile(row, column) for column in columns]

    def _starts(self, first: int, length: int, end: int) -> range:
        """Starts along one axis of the squares that with their ramps reach into `length` pixels from `first` on."""
        lowest = max((first - self.ramp) // self.side, 0) * self.side
        return range(lowest, min(first + length + self.ramp, end), self.side)

    def window(self, tile: Tile) -> Window:
        """Returns what is read for a tile; it may reach over the grid's edge."""
        return Window(tile.column - self.halo, tile.row - self.halo, self.window_side, self.window_side)

    def weights(self, tile: Tile) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Returns the blending weights of a tile's square and its ramps, along y and along x.

        The weight of a pixel is their product. Weights of neighbours add up to one everywhere: across a border they are
        sin² and cos², and at the grid's edge, where there is no neighbour, a tile has all the weight.
        """
        return self._weights(tile.row, self.grid.height), self._weights(tile.column, self.grid.width)

    def _weights(self, start: int, length: int) -> NDArray[np.float32]:
        weights = np.ones(self.side + 2 * self.ramp, np.float32)
        rise = np.sin((np.arange(2 * self.ramp) + 0.5) / (2 * self.ramp or 1) * math.pi / 2) ** 2
        if start > 0:
            weights[: rise.size] = rise
        if start + self.side < length:
            weights[weights.size - rise.size :] = rise[::-1]
        return weights


def plan_tiles(grid: Grid, side: int, halo: int, ramp: int, alignment: int) -> TilePlan:
    """Makes a plan whose tiles start at multiples of `alignment`, no larger than the grid needs."""
    needed = max(grid.width, grid.height)
    side = min(_up(side, alignment), _up(needed, alignment))
    return TilePlan(grid, side, _up(halo, alignment), min(ramp, halo, side // 2))


def even_side(grid: Grid, most: int, halo: int, alignment: int) -> int:
    """Returns the side, up to `most` pixels, with which the least is computed.

    The last tiles of a row and of a column reach over the grid's edge; a little smaller, they may all fit it. Tiles are
    computed in pairs: the place beside an odd one stays empty.
    """
    longest = max(grid.shape)
    first = -(-longest // most)
    sides = {min(_up(-(-longest // count), alignment), _up(most, alignment)) for count in range(first, first + 4)}

    def computed(side: int) -> int:
        tiles = -(-grid.height // side) * -(-grid.width // side)
        return _up(tiles, 2) * (side + 2 * halo) ** 2

    return min(sides, key=lambda side: (computed(side), -side))


def tiles_with_pixels(
    plan: TilePlan, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> list[tuple[Tile, NDArray[np.intp]]]:
    """Returns the tiles whose squares hold some of the given pixels, each with the indices of its pixels."""
    across = plan.grid.width // plan.side + 1
    cells = rows // plan.side * across + columns // plan.side
    order = np.argsort(cells, kind="stable")
    wanted, starts = np.unique(cells[order], return_index=True)
    groups = np.split(order, starts[1:])[: wanted.size]
    return [
        (Tile(int(cell) // across * plan.side, int(cell) % across * plan.side), pixels)
        for cell, pixels in zip(wanted, groups, strict=True)
    ]


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
