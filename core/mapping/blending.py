"""Joining tiles: class probabilities of overlapping tiles are averaged in a buffer that slides down the area."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from ..runtimes.runtime import FULL
from ..tiles import Tile, TilePlan

STRIP_ROWS = 64

Steps = NDArray[np.int16]
"""(class, y, x) class probabilities in steps of 1 / `FULL`, adding up to `FULL` but for rounding; all classes of a
pixel without data are zero."""


class RowBlender:
    """Adds tiles up and hands out the rows that no later tile touches.

    Its memory is (tile side + 2 × ramp) rows of the area, two bytes for each class: it grows with the area's width,
    never with its height.

    Args:
        plan: The tiles.
        area: The part of the plan's grid that is wanted.
        classes: Number of classes.
    """

    def __init__(self, plan: TilePlan, area: Window, classes: int) -> None:
        self.plan = plan
        self.area = area
        self._first = area.row_off  # grid row of the buffer's first row
        self._sum = np.zeros((classes, plan.side + 2 * plan.ramp, area.width), np.int16)

    def add(self, tile: Tile, steps: Steps, valid: NDArray[np.bool_]) -> None:
        """Adds a tile's square with its ramps.

        Args:
            tile: The tile.
            steps: Its probabilities.
            valid: (y, x), False where there is no data.
        """
        if not valid.all():
            # Pixels without data carry no weight, so that they do not fade into their neighbours.
            steps = steps * valid
        for y, x, weight in self._pieces(tile):
            piece = steps[:, y, x]
            if weight is not None:
                piece = np.rint(piece * weight).astype(np.int16)
            self._sum[:, self._rows(tile, y), self._columns(tile, x)] += piece

    def finish_row(self, row: int) -> Iterator[Steps]:
        """Yields what is final once all tiles of the tile row that starts at `row` were added.

        The strips are low, so that whoever works on them holds few copies of wide rows. They are views, valid until the
        next tile is added.
        """
        plan, end = self.plan, self.area.row_off + self.area.height
        last = row + plan.side >= plan.grid.height
        final = end if last else min(row + plan.side - plan.ramp, end)
        count = max(final - self._first, 0)
        for start in range(0, count, STRIP_ROWS):
            strip = self._sum[:, start : min(start + STRIP_ROWS, count)]
            # The parts of a sure pixel may have been rounded up, to a step more than the whole.
            yield np.minimum(strip, FULL, out=strip)
        self._slide(count)
        self._first += count

    def _slide(self, count: int) -> None:
        """Moves what is not final to the top of the buffer and clears the rest."""
        kept = self._sum.shape[1] - count
        self._sum[:, :kept] = self._sum[:, count:].copy()
        self._sum[:, kept:] = 0

    def _pieces(self, tile: Tile) -> Iterator[tuple[slice, slice, NDArray[np.float32] | None]]:
        """Yields the parts of a tile's square with ramps that lie in the area, with their weights; None for one.

        Most of a tile lies in no ramp and needs no arithmetic.
        """
        weights_y, weights_x = self.plan.weights(tile)
        inner_y, inner_x = _inner(weights_y), _inner(weights_x)
        below, right = slice(inner_y.stop, weights_y.size), slice(inner_x.stop, weights_x.size)
        above, left = slice(0, inner_y.start), slice(0, inner_x.start)
        everywhere = slice(0, weights_x.size)
        pieces = (
            (above, everywhere), (below, everywhere), (inner_y, left), (inner_y, right), (inner_y, inner_x),
        )  # fmt: skip
        in_y, in_x = self._inside(tile)
        for index, (y, x) in enumerate(pieces):
            y, x = _common(y, in_y), _common(x, in_x)
            if y.start < y.stop and x.start < x.stop:
                plain = index == len(pieces) - 1
                yield y, x, None if plain else np.outer(weights_y[y], weights_x[x])

    def _inside(self, tile: Tile) -> tuple[slice, slice]:
        """The part of a tile's square with ramps that lies in the area and is not final yet."""
        top, left, side = tile.row - self.plan.ramp, tile.column - self.plan.ramp, self._sum.shape[1]
        bottom, right = self.area.row_off + self.area.height, self.area.col_off + self.area.width
        y = slice(max(self._first - top, 0), min(bottom - top, side))
        x = slice(max(self.area.col_off - left, 0), min(right - left, side))
        return y, x

    def _rows(self, tile: Tile, y: slice) -> slice:
        shift = tile.row - self.plan.ramp - self._first
        return slice(y.start + shift, y.stop + shift)

    def _columns(self, tile: Tile, x: slice) -> slice:
        shift = tile.column - self.plan.ramp - self.area.col_off
        return slice(x.start + shift, x.stop + shift)


def _inner(weights: NDArray[np.float32]) -> slice:
    """The part where a tile has all the weight."""
    whole = np.flatnonzero(weights == 1)
    return slice(int(whole[0]), int(whole[-1]) + 1) if whole.size else slice(weights.size, weights.size)


def _common(first: slice, second: slice) -> slice:
    return slice(max(first.start, second.start), min(first.stop, second.stop))
