"""Outlines of patches: numbers of patches, band by band → polygons that share their borders vertex by vertex."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..progress import Reporter

_RINGS_PER_CHECK = 1000

_EAST, _SOUTH, _WEST, _NORTH = range(4)


@dataclass(frozen=True)
class Corners:
    """The points of the pixel grid where borders turn, meet or cross, row by row.

    Attributes:
        x: (corner,) column of the pixels to the right.
        y: (corner,) row of the pixels below.
        around: (corner, 4) patches south-east, south-west, north-west and north-east of it; 0: none. Who leaves a
            corner to the east, south, west or north has the patch of that index on the right.
    """

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    around: NDArray[np.int32]


def polygons(patch_maps: Iterable[NDArray[np.int32]], reporter: Reporter) -> NDArray[Any]:
    """Outlines patches.

    Neighbours have the same vertices along the border that they share: the polygons are a coverage in the sense of
    GEOS. Rings that touch themselves at a corner are split there, so that all polygons are valid.

    Memory: that of a band, and about 200 bytes for each corner.

    Args:
        patch_maps: Numbers of the patches, (y, x), from 1, in bands of whole rows; 0 is no data.
        reporter: Is asked whether to stop.

    Returns:
        polygons: (patch,) in the order of their numbers; x and y are columns and rows of the raster.
    """
    corners = _find_corners(patch_maps, reporter)
    steps, ends = _rings(_following(corners), reporter)
    return _assembled(corners, steps, ends)


def _find_corners(patch_maps: Iterable[NDArray[np.int32]], reporter: Reporter) -> Corners:
    found: list[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]] = []
    above: NDArray[np.int32] | None = None
    row = 0
    for patches in patch_maps:
        reporter.check()
        above = np.zeros((1, patches.shape[1]), np.int32) if above is None else above
        found.append(_corners_between(np.concatenate([above, patches]), row))
        row += patches.shape[0]
        above = patches[-1:].copy()
    if above is not None:
        found.append(_corners_between(np.concatenate([above, np.zeros_like(above)]), row))
    x, y, around = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Corners(x, y, around)


def _corners_between(
    patches: NDArray[np.int32], row: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """The x, y and surroundings of the corners between the rows of a band, the first of which lies above `row`."""
    padded = np.pad(patches, ((0, 0), (1, 1)))
    north_west, north_east = padded[:-1, :-1], padded[:-1, 1:]
    south_west, south_east = padded[1:, :-1], padded[1:, 1:]
    north, south = north_west != north_east, south_west != south_east
    west, east = north_west != south_west, north_east != south_east
    # A border that only passes straight on has no corner.
    y, x = np.nonzero((north != south) | (west != east) | (north & west))
    around = np.stack([part[y, x] for part in (south_east, south_west, north_west, north_east)], axis=1)
    return x.astype(np.int32), (y + row).astype(np.int32), around


def _following(corners: Corners) -> NDArray[np.int64]:
    """Walks one step along every border with each patch on the right.

    Step 4 × corner + direction leaves the corner in that direction.

    Returns:
        following: (step,) the step after it along the outline of the patch; −1 where no border leaves.
    """
    around, count = corners.around, len(corners.x)
    reached = np.empty((count, 4), np.int64)
    # Borders run from corner to corner: the next one in the row or column is where a step leads to.
    reached[:, _EAST] = np.arange(1, count + 1)
    reached[:, _WEST] = np.arange(-1, count - 1)
    by_column = np.argsort(corners.x, kind="stable")
    reached[by_column[:-1], _SOUTH] = by_column[1:]
    reached[by_column[1:], _NORTH] = by_column[:-1]
    following = np.full(4 * count, -1, np.int64)
    for direction in range(4):
        left = (direction - 1) % 4
        leaving = np.flatnonzero((around[:, direction] != around[:, left]) & (around[:, direction] > 0))
        patch, corner = around[leaving, direction], reached[leaving, direction]
        # To the left if the patch is there: where it touches itself at a corner, its outside is split from its hole.
        turned = np.where(
            around[corner, left] == patch,
            left,
            np.where(around[corner, direction] == patch, direction, (direction + 1) % 4),
        )
        following[4 * leaving + direction] = 4 * corner + turned
    return following


def _rings(following: NDArray[np.int64], reporter: Reporter) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Follows all steps round.

    Returns:
        steps: The steps of all rings one after the other, rings by their first step.
        ends: (ring,) where each ring ends among them.
    """
    steps, ends = array("q"), array("q")
    next_step = following.data  # indexed one by one, a memoryview is faster than an array
    done = bytearray(len(following))
    for start in np.flatnonzero(following >= 0).data:
        if done[start]:
            continue
        step = start
        while not done[step]:
            done[step] = 1
            steps.append(step)
            step = next_step[step]
        ends.append(len(steps))
        if len(ends) % _RINGS_PER_CHECK == 0:
            reporter.check()
    return np.frombuffer(steps, np.int64), np.frombuffer(ends, np.int64)


def _assembled(corners: Corners, steps: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[Any]:
    """Rings → polygons. A patch's first ring starts at its first pixel, so it is the outer one."""
    starts = np.concatenate([[0], ends[:-1]])
    patch = corners.around.ravel()[steps[starts]]
    order = np.argsort(patch, kind="stable")
    lengths = (ends - starts)[order]
    offsets = np.concatenate([[0], np.cumsum(lengths + 1)])  # one more: rings end where they start
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths + 1)
    corner = steps[np.repeat(starts[order], lengths + 1) + within % np.repeat(lengths, lengths + 1)] // 4
    coordinates = np.column_stack([corners.x[corner], corners.y[corner]]).astype(np.float64)
    of_polygon = np.concatenate([[0], np.cumsum(np.bincount(patch)[1:])])
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, coordinates, (offsets, of_polygon)))
