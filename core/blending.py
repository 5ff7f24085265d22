"""Joining tiles: class probabilities of overlapping tiles are averaged in a buffer that slides down the scene."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .tiles import Tile, TilePlan

STRIP_ROWS = 64


@dataclass(frozen=True)
class Strip:
    """Finished rows of the scene.

    Attributes:
        row: First row.
        probabilities: (class, y, x) float32, adding up to one where valid.
        valid: (y, x) bool; False is no data.
    """

    row: int
    probabilities: NDArray[np.float32]
    valid: NDArray[np.bool_]


class RowBlender:
    """Adds tiles up and hands out the rows that no later tile touches.

    Its memory is (tile side + 2 × ramp) rows of the scene: it grows with the scene's width, never with its height.

    Args:
        plan: The tiles.
        classes: Number of classes.
    """

    def __init__(self, plan: TilePlan, classes: int) -> None:
        self.plan = plan
        self.weight = plan.weight()
        rows = plan.side + 2 * plan.ramp
        width = plan.grid.width
        self._first = 0  # scene row of the buffers' first row
        self._sum = np.zeros((classes, rows, width), np.float32)
        self._weights = np.zeros((rows, width), np.float32)
        self._valid = np.zeros((rows, width), bool)

    def add(self, tile: Tile, probabilities: NDArray[np.float32], valid: NDArray[np.bool_]) -> None:
        """Adds a tile's window.

        Args:
            tile: The tile.
            probabilities: (class, y, x) over its window.
            valid: (y, x) over its window.
        """
        plan, grid = self.plan, self.plan.grid
        cut = plan.halo - plan.ramp  # context that only the network needed
        side = plan.side + 2 * plan.ramp
        top, left = tile.row - plan.ramp, tile.column - plan.ramp
        inside_y = slice(max(-top, 0), min(grid.height - top, side))
        inside_x = slice(max(-left, 0), min(grid.width - left, side))
        source = (slice(inside_y.start + cut, inside_y.stop + cut), slice(inside_x.start + cut, inside_x.stop + cut))
        rows = slice(top + inside_y.start - self._first, top + inside_y.stop - self._first)
        columns = slice(left + inside_x.start, left + inside_x.stop)
        # Pixels without data carry no weight, so that they do not fade into their neighbours.
        weight = self.weight[inside_y, inside_x] * valid[source]
        self._sum[:, rows, columns] += probabilities[(slice(None), *source)] * weight
        self._weights[rows, columns] += weight
        self._valid[rows, columns] |= valid[source]

    def finish_row(self, row: int) -> Iterator[Strip]:
        """Yields what is final once all tiles of the tile row that starts at `row` were added.

        The strips are low, so that whoever works on them holds few copies of wide rows; all must be taken before the
        next tile is added.
        """
        plan = self.plan
        last = row + plan.side >= plan.grid.height
        end = plan.grid.height if last else row + plan.side - plan.ramp
        count = end - self._first
        for start in range(0, count, STRIP_ROWS):
            rows = slice(start, min(start + STRIP_ROWS, count))
            weights = np.maximum(self._weights[rows], np.float32(1e-9))
            probabilities = (self._sum[:, rows] / weights).astype(np.float32, copy=False)
            yield Strip(self._first + start, probabilities, self._valid[rows].copy())
        self._slide(count)
        self._first = end

    def _slide(self, count: int) -> None:
        """Moves what is not final to the top of the buffers and clears the rest."""
        for buffer in (self._sum, self._weights, self._valid):
            kept = buffer.shape[-2] - count
            buffer[..., :kept, :] = buffer[..., count:, :].copy()
            buffer[..., kept:, :] = 0
