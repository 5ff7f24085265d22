"""Patches of a class raster: pixels of one class that touch side by side, found band by band, and sieved.

Nothing depends on where the raster is cut into bands: patches are numbered by their first pixel, from the top left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..legend import NO_DATA
from ..progress import Reporter

Scalar = TypeVar("Scalar", bound=np.generic)

Values = NDArray[np.uint8]
Ids = NDArray[np.int32]

Pairs = NDArray[np.int64]
"""(pair, 2) patches that touch, or belong together."""

Bands = Callable[[], Iterator[Values]]
"""Gives the class values of a raster, (y, x), in bands of whole rows from top to bottom; each time from the start."""


@dataclass(frozen=True)
class Patches:
    """The patches of a raster, numbered from 1; number 0 is no data.

    Attributes:
        values: (patch + 1,) class values.
        pixels: (patch + 1,) how many pixels they have.
        of_piece: (piece + 1,) the patch that each piece belongs to. A piece is what one band shows of a patch.
        bands: The raster.
    """

    values: Values
    pixels: NDArray[np.int64]
    of_piece: Ids
    bands: Bands

    def __len__(self) -> int:
        return len(self.values) - 1

    def maps(self) -> Iterator[Ids]:
        """Yields the patches' numbers, (y, x), band by band."""
        for pieces, _ in _numbered(self.bands):
            yield self.of_piece[pieces]


def find_patches(bands: Bands, smallest: int, reporter: Reporter) -> Patches:
    """Finds the patches of a raster; those that are too small join a neighbour.

    Beginning with the smallest, each patch of fewer than `smallest` pixels takes the class of its largest neighbour,
    until none is left. One that touches no other class has no neighbour and stays. No data neither shrinks nor grows.

    Memory: that of a band and, for each patch before sieving, about 50 bytes, or 400 if there is something to sieve.

    Args:
        bands: The raster.
        smallest: Pixels that a patch needs to stay; 0 or 1: all stay.
        reporter: Is asked whether to stop.
    """
    values, pixels, seams, borders = _gathered(bands, smallest > 1, reporter)
    of_piece = _groups(len(values), seams)
    values, pixels = _first(values, of_piece), _totals(pixels, of_piece)
    if smallest > 1:
        values, of_patch = _sieved(values, pixels, of_piece[borders].astype(np.int64), smallest, reporter)
        pixels, of_piece = _totals(pixels, of_patch), of_patch[of_piece]
    return Patches(values, pixels, of_piece, bands)


def _gathered(bands: Bands, with_borders: bool, reporter: Reporter) -> tuple[Values, NDArray[np.int64], Pairs, Pairs]:
    """Goes through the raster once.

    Returns:
        values: (piece + 1,) their classes.
        pixels: (piece + 1,) their sizes.
        seams: Pieces that are one patch, cut by the border of two bands.
        borders: Pieces that touch; none unless wanted.
    """
    values, pixels = [np.zeros(1, np.uint8)], [np.zeros(1, np.int64)]
    seams, borders = [np.zeros((0, 2), np.int64)], [np.zeros((0, 2), np.int64)]
    above: tuple[Ids, Values] | None = None  # the last row of the band before
    for pieces, classes in _numbered(bands):
        reporter.check()
        before = sum(map(len, values))
        inside = np.where(pieces > 0, pieces - before + 1, 0).ravel()
        counts = np.bincount(inside)[1:]
        found = np.empty(len(counts) + 1, np.uint8)
        found[inside] = classes.ravel()
        values.append(found[1:])
        pixels.append(counts)
        if above is not None:
            same = (above[1] == classes[0]) & (classes[0] != NO_DATA)
            seams.append(_distinct(above[0][same], pieces[0][same]))
        if with_borders:
            rows = pieces if above is None else np.concatenate([above[0][None], pieces])
            borders += [_touching(rows[:, :-1], rows[:, 1:]), _touching(rows[:-1], rows[1:])]
        above = pieces[-1].copy(), classes[-1].copy()
    return np.concatenate(values), np.concatenate(pixels), np.concatenate(seams), np.concatenate(borders)


def _numbered(bands: Bands) -> Iterator[tuple[Ids, Values]]:
    """Yields the pieces of each band, (y, x), numbered through all bands from 1, and the band's classes."""
    before = 0
    for classes in bands():
        pieces, count = number_pieces(classes)
        yield np.where(pieces > 0, pieces + np.int32(before), np.int32(0)), classes
        before += count


def number_pieces(classes: NDArray[np.integer]) -> tuple[Ids, int]:
    """Numbers the pixels of one class that touch side by side, from 1 by their first pixel; 0 where no data is.

    Rows are cut into runs of one class, and runs that touch those above are joined: there are far fewer runs than
    pixels.
    """
    starts = np.ones(classes.shape, bool)
    np.not_equal(classes[:, 1:], classes[:, :-1], out=starts[:, 1:])
    run = np.cumsum(starts.ravel(), dtype=np.int32).reshape(classes.shape) - 1
    # Two runs that touch do so first where one of them starts.
    touch = (classes[1:] == classes[:-1]) & (classes[1:] != NO_DATA) & (starts[1:] | starts[:-1])
    links = np.column_stack([run[:-1][touch], run[1:][touch]])
    of_run = _groups(int(run[-1, -1]) + 1, links)
    has_data = _first(classes[starts] != NO_DATA, of_run)
    number = (np.cumsum(has_data) * has_data).astype(np.int32)
    return number[of_run][run], int(has_data.sum())


def _groups(count: int, links: NDArray[np.integer]) -> Ids:
    """Numbers what is linked, directly or not: (node,), by the first node of each group."""
    graph = coo_array((np.ones(len(links), np.bool_), (links[:, 0], links[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int32)


def _first(values: NDArray[Scalar], group: Ids) -> NDArray[Scalar]:
    """The value of each group's first member."""
    result = np.empty(int(group.max()) + 1, values.dtype)
    result[group[::-1]] = values[::-1]  # the last one written stays
    return result


def _totals(numbers: NDArray[np.int64], group: Ids) -> NDArray[np.int64]:
    return np.bincount(group, numbers).astype(np.int64)


def _touching(one: Ids, other: Ids) -> Pairs:
    differ = (one != other) & (one > 0) & (other > 0)
    return _distinct(one[differ], other[differ])


def _distinct(one: NDArray[np.integer], other: NDArray[np.integer]) -> Pairs:
    """Each unordered pair once."""
    keys = np.unique((np.minimum(one, other).astype(np.int64) << 32) | np.maximum(one, other))
    return np.column_stack([keys >> 32, keys & 0xFFFFFFFF])


def _sieved(
    values: Values, pixels: NDArray[np.int64], borders: Pairs, smallest: int, reporter: Reporter
) -> tuple[Values, Ids]:
    """Joins patches, in rounds in which all those that are smaller than any neighbour join at once.

    Returns:
        values: (joined patch + 1,) their classes.
        joined: (patch + 1,) what each patch became part of, numbered by the first patch.
    """
    values, pixels = values.copy(), pixels.copy()
    member_of = np.arange(len(values))
    # Equal sizes are told apart by a scattered number: by the patches' own numbers, a row of single pixels would join
    # one in each round.
    order = (np.arange(len(values)) * 2_654_435_761) & 0xFFFFFFFF
    borders = _distinct(borders[:, 0], borders[:, 1])
    while True:
        reporter.check()
        apart = borders[:, 0] != borders[:, 1]
        borders = borders[apart & (pixels[borders] < smallest).any(axis=1)]
        if not len(borders):
            return _renumbered(values, member_of)
        joins = np.arange(len(values))
        small, neighbour = np.concatenate([borders, borders[:, ::-1]]).T
        own = pixels[small] < smallest
        small, neighbour = small[own], neighbour[own]
        leaves, largest = _leaving(small, neighbour, pixels, order)
        joins[leaves] = largest
        values[leaves] = values[largest]
        borders = _joined(borders, joins, pixels, member_of)
        # What took a neighbour's class may now touch others of that class: they are one.
        alike = borders[values[borders[:, 0]] == values[borders[:, 1]]]
        if len(alike):
            group = _groups(len(values), alike)
            borders = _joined(borders, _first(np.arange(len(values)), group)[group], pixels, member_of)


def _leaving(
    small: NDArray[np.int64], neighbour: NDArray[np.int64], pixels: NDArray[np.int64], order: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the patches that are smaller than all their neighbours, and the largest neighbour of each."""
    size = np.minimum(pixels, 0x7FFFFFFF) << 32
    least = np.full(len(pixels), np.iinfo(np.int64).max)
    np.minimum.at(least, small, size[neighbour] | order[neighbour])
    most = np.zeros(len(pixels), np.int64)
    np.maximum.at(most, small, size[neighbour] | (0xFFFFFFFF - neighbour))  # of equal ones the first
    leaves = np.unique(small[size[small] | order[small] < least[small]])
    return leaves, 0xFFFFFFFF - (most[leaves] & 0xFFFFFFFF)


def _joined(borders: Pairs, joins: NDArray[np.int64], pixels: NDArray[np.int64], member_of: NDArray[np.int64]) -> Pairs:
    """Carries a round out in `pixels` and `member_of`, and returns the borders that are left.

    Args:
        borders: Patches that touch.
        joins: (patch + 1,) what each patch joins; itself if it stays.
        pixels: Sizes, changed.
        member_of: (patch + 1,) what the patches of the raster are part of by now, changed.
    """
    moved = np.flatnonzero(joins != np.arange(len(joins)))
    np.add.at(pixels, joins[moved], pixels[moved])
    pixels[moved] = 0
    member_of[:] = joins[member_of]
    ends = joins[borders]
    ends = ends[ends[:, 0] != ends[:, 1]]
    return _distinct(ends[:, 0], ends[:, 1])


def _renumbered(values: Values, member_of: NDArray[np.int64]) -> tuple[Values, Ids]:
    kept, first, inverse = np.unique(member_of, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return values[kept[order]], rank[inverse].astype(np.int32)
