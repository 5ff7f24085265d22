"""Patches → polygons with simplified borders, square by square, so that a large map needs no more memory than a small.

Within a square all polygons are simplified together, which keeps borders shared and polygons apart. Around it lies a
frame of the pixels beyond. Where a border crosses into the frame, and at the square's corners, at least three polygons
meet, and such points stay where they are. Between them the square's sides are straight. So what the squares give fits
together vertex by vertex, and the parts of a patch can be joined by striking out the sides that they share.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..progress import Reporter
from .outlines import polygons
from .patches import Ids, Patches, number_pieces

_SIDE = 1024
"""Measured on 4000 × 4000 pixels with 184 000 patches: 2048 takes half as much memory again, and longer."""

Polygons = NDArray[Any]


def outlined(patches: Patches, tolerance: float, reporter: Reporter) -> Polygons:
    """Returns the polygon of each patch, in their order; x and y are columns and rows of the raster.

    Neighbours have the same vertices along the border that they share: the polygons are a coverage in the sense of
    GEOS, before and after simplification.

    Memory: the polygons, about 30 bytes for each vertex; a square's, up to 500 bytes for each point where its borders
    turn or meet; and 4 bytes for each pixel of as many rows as a square has.

    Args:
        patches: The patches.
        tolerance: For `shapely.coverage_simplify`, in pixels; 0: borders keep their steps.
        reporter: Is asked whether to stop.
    """
    found = list(_parts(patches, tolerance, reporter))
    owners = np.concatenate([owner for owner, _ in found])
    parts = np.concatenate([part for _, part in found])
    order = np.argsort(owners, kind="stable")
    starts = np.flatnonzero(np.diff(owners[order], prepend=0))
    groups = np.split(order, starts[1:])
    result = parts[order[starts]]
    for index, group in enumerate(groups):
        if len(group) > 1:
            result[index] = reporter.await_result(shapely.coverage_union_all, parts[group])
    return result


def _parts(patches: Patches, tolerance: float, reporter: Reporter) -> Iterator[tuple[NDArray[np.int64], Polygons]]:
    """Yields what each square shows of the patches: (part,) their numbers and polygons."""
    top = 0
    for rows in _strips(patches):
        height, width = rows.shape[0] - 2, rows.shape[1] - 2
        for left in range(0, width, _SIDE):
            reporter.check()
            framed = _framed(rows[:, left : min(left + _SIDE, width) + 2], len(patches) + 1)
            pieces, count = number_pieces(framed)
            if not count:
                continue
            owner = np.zeros(count + 1, np.int64)
            owner[pieces] = framed
            outlines = polygons([pieces], reporter)
            if tolerance > 0:
                outlines = reporter.await_result(shapely.coverage_simplify, outlines, tolerance)
            inside = owner[1:] <= len(patches)
            shift = np.array([left - 1, top - 1])
            yield owner[1:][inside], shapely.transform(outlines[inside], lambda points, by=shift: points + by)
        top += height


def _strips(patches: Patches) -> Iterator[Ids]:
    """Yields rows of squares with a margin of one pixel around: the patches' numbers, 0 beyond the raster."""
    waiting: list[Ids] = []
    for band in patches.maps():
        if not waiting:
            waiting = [np.zeros((1, band.shape[1] + 2), np.int32)]
        waiting.append(np.pad(band, ((0, 0), (1, 1))))
        while sum(map(len, waiting)) >= _SIDE + 2:
            rows = np.concatenate(waiting)
            yield rows[: _SIDE + 2]
            waiting = [rows[_SIDE:]]
    rows = np.concatenate([*waiting, np.zeros_like(waiting[0][:1])])
    if len(rows) > 2:
        yield rows


def _framed(rows: Ids, step: int) -> NDArray[np.int64]:
    """Tells the pixels around a square apart from those in it, by side and corner, where there is data."""
    framed = rows.astype(np.int64)
    middle = slice(1, -1)
    sides: tuple[tuple[int | slice, int | slice], ...] = (
        (0, middle), (-1, middle), (middle, 0), (middle, -1), (0, 0), (0, -1), (-1, 0), (-1, -1),
    )  # fmt: skip
    for number, side in enumerate(sides, 1):
        framed[side] += step * number * (framed[side] > 0)
    return framed
