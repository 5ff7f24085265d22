"""A made-up landscape: which cover lies where, on a grid finer than the pixels of the sensors.

Parcels, roads and roofs are laid out in 5 m cells, so that the 10 m pixels at their borders are mixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.spatial import cKDTree

Grid = NDArray[np.float32]
Codes = NDArray[np.int32]

CLASSES = ("water", "forest", "grassland", "cropland", "bare soil", "built-up")
"""The land-cover classes; a cell's class value is the index plus 1."""

WATER, FOREST, GRASS, CROP, BARE, BUILT = range(1, 7)

CELL = 5.0
"""Side of a cell in metres."""


@dataclass(frozen=True)
class Landscape:
    """Cells of a landscape; all arrays are (y, x).

    Attributes:
        cover: Class value.
        parcel: Number of the field, stand or block that the cell belongs to; what grows is alike within.
        rows: Phase (−1 to 1) of the seed rows and tramlines along the parcel.
        conifer: Share of conifers in the forest, 0 to 1.
        depth: How far inside the water, 0 at the bank to 1.
        surface: In towns: 0 garden, 1 street, 2 red roof, 3 grey roof, 4 bright roof. Elsewhere 1 is a road.
        height: Terrain in metres.
    """

    cover: Codes
    parcel: Codes
    rows: Grid
    conifer: Grid
    depth: Grid
    surface: Codes
    height: Grid


def noise(rng: np.random.Generator, side: int, scale: float, octaves: int = 4, roughness: float = 0.5) -> Grid:
    """Smooth random relief with mean 0 and standard deviation 1.

    Args:
        rng: Source of randomness.
        side: Rows and columns.
        scale: Size of the largest features in cells.
        octaves: How often finer features are added.
        roughness: Amplitude of each octave relative to the one before.
    """
    total = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        spline = _spline(rng.random(), side, scale / 2**octave)
        total += roughness**octave * (
            spline @ rng.standard_normal((spline.shape[1],) * 2).astype(np.float32) @ spline.T
        )
    total -= total.mean()
    return np.asarray(total / total.std(), np.float32)


def _spline(start: float, side: int, spacing: float) -> Grid:
    """Cubic B-splines on knots `spacing` cells apart, the first one at `start` of a spacing: (cell, knot)."""
    positions = np.arange(side) / spacing + start + 1
    away = np.abs(positions[:, None] - np.arange(int(positions[-1]) + 3))
    near = 2 / 3 - away**2 + away**3 / 2
    return np.where(away < 1, near, np.clip(2 - away, 0, None) ** 3 / 6).astype(np.float32)


def landscape(rng: np.random.Generator, side: int) -> Landscape:
    """Lays out a river with meadows, a lake, fields, forests and a town on `side` × `side` cells."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    height = 180 + 35 * noise(rng, side, side / 2.5) + 0.03 * CELL * (x - y)
    parcel, rows, along = _parcels(rng, side, x, y)
    kind = rng.random(int(parcel.max()) + 1)

    cover = np.full((side, side), CROP, np.int32)
    cover[kind[parcel] < 0.22] = GRASS
    cover[kind[parcel] > 0.78] = BARE
    river = _river_distance(rng, side)
    cover[(river < 26 + 10 * noise(rng, side, side / 10)) & (kind[parcel] < 0.8)] = GRASS
    woods = noise(rng, side, side / 4.5, octaves=5, roughness=0.45) + 0.3 * (height - 180) / 35
    # Woods end at parcel borders here and there, as real ones do.
    cover[woods + 0.5 * (kind[parcel] - 0.5) > np.quantile(woods, 0.76)] = FOREST
    town, surface = _town(rng, side, x, y, river)
    cover[town] = BUILT
    roads = _roads(along, river) & (cover != FOREST)
    surface[roads & ~town] = 1
    lake = _lake(rng, side, x, y, town)
    width = np.clip(9 + 2.5 * noise(rng, side, side / 12), 5, None)
    depth = np.clip(np.maximum(width - river, lake), 0, None)
    cover[depth > 0] = WATER
    surface[depth > 0] = 0
    return Landscape(
        cover=cover,
        parcel=parcel,
        rows=rows,
        conifer=np.asarray(1 / (1 + np.exp(-4 * noise(rng, side, side / 6, octaves=3))), np.float32),
        depth=np.clip(depth / 8, 0, 1).astype(np.float32),
        surface=surface,
        height=height.astype(np.float32),
    )


def _parcels(rng: np.random.Generator, side: int, x: Grid, y: Grid) -> tuple[Codes, Grid, Grid]:
    """Cuts the plain into districts of one orientation each, and those into long fields.

    Returns:
        parcel: Number of the field of each cell.
        rows: Phase of its rows.
        border: Cells to the nearest end of a block of fields, where the tracks run.
    """
    count = max(5, round((side / 200) ** 2))
    district = cKDTree(rng.random((count, 2)) * side).query(_bent(rng, side, x, y))[1].reshape(side, side)
    angle = rng.uniform(0, np.pi, count).astype(np.float32)[district]
    u = x * np.cos(angle) + y * np.sin(angle)
    v = -x * np.sin(angle) + y * np.cos(angle)
    length = rng.uniform(55, 110, count).astype(np.float32)[district]
    block = np.floor(u / length).astype(np.int64)
    width = _hashed(district, block, seed=1) * 18 + 14
    strip = np.floor(v / width + _hashed(district, block, seed=2)).astype(np.int64)
    # Neighbouring strips sometimes belong to one farmer and form one field.
    strip -= (_hashed(district, block * 7919 + strip, seed=3) < 0.25).astype(np.int64)
    _, parcel = np.unique((district * 4096 + block % 4096) * 4096 + strip % 4096, return_inverse=True)
    border = np.minimum(u % length, length - u % length)
    return parcel.reshape(side, side).astype(np.int32), np.sin(v * (2 * np.pi / 3.7)).astype(np.float32), border


def _bent(rng: np.random.Generator, side: int, x: Grid, y: Grid) -> Grid:
    """Cell positions, shifted a little so that district borders are not straight."""
    shift = side / 60
    return np.stack([x + shift * noise(rng, side, side / 4), y + shift * noise(rng, side, side / 4)], -1).reshape(-1, 2)


def _hashed(first: NDArray[np.int64], second: NDArray[np.int64], seed: int) -> Grid:
    """A number from 0 to 1 that depends on two integers alone."""
    mixed = (first * 73_856_093) ^ (second * 19_349_663) ^ (seed * 83_492_791)
    mixed = ((mixed ^ (mixed >> 13)) * 1_274_126_177) & 0x7FFFFFFF
    return (mixed / 0x7FFFFFFF).astype(np.float32)


def _river_distance(rng: np.random.Generator, side: int) -> Grid:
    """Cells to the line of a river that winds through the scene from west to east."""
    t = np.linspace(-0.1, 1.1, 3 * side)
    middle, slope = rng.uniform(0.35, 0.65), rng.uniform(-0.35, 0.35)
    phase = rng.uniform(0, 2 * np.pi, 3)
    winding = sum(
        a * np.sin(2 * np.pi * f * t + p) for a, f, p in zip((0.09, 0.04, 0.015), (1.3, 3.1, 7.3), phase, strict=True)
    )
    column, row = np.rint(t * side).astype(int), np.rint((middle + slope * (t - 0.5) + winding) * side).astype(int)
    seen = (column >= 0) & (column < side) & (row >= 0) & (row < side)
    line = np.ones((side, side), bool)
    line[row[seen], column[seen]] = False
    # The cells of the line make steps, which a real bank has not.
    return np.asarray(gaussian_filter(distance_transform_edt(line), 3), np.float32)


def _lake(rng: np.random.Generator, side: int, x: Grid, y: Grid, town: NDArray[np.bool_]) -> Grid:
    """Cells inside the shore of a lake (negative outside), away from the town."""
    centres = rng.uniform(0.15, 0.85, (40, 2)) * side
    streets = np.argwhere(town)[::50, ::-1]
    away = cKDTree(streets).query(centres)[0] if len(streets) else np.ones(len(centres))
    cx, cy = centres[int(np.argmax(away))]
    radius = side * (0.055 + 0.014 * noise(rng, side, side / 6))
    return np.asarray(radius - np.hypot(x - cx, (y - cy) * 1.4), np.float32)


def _town(rng: np.random.Generator, side: int, x: Grid, y: Grid, river: Grid) -> tuple[NDArray[np.bool_], Codes]:
    """A town and two villages, with streets around blocks of gardens and roofs.

    Returns:
        town: Cells of class built-up.
        surface: As in `Landscape`.
    """
    candidates = rng.uniform(0.15, 0.85, (60, 2)) * side
    inside = np.clip(candidates.astype(int), 0, side - 1)
    # Towns lie near the river, and not on one another.
    suited = candidates[np.argsort(np.abs(river[inside[:, 1], inside[:, 0]] - side * 0.1))]
    centres = [suited[0]]
    for place in suited:
        if len(centres) < 3 and min(np.hypot(*(place - centre)) for centre in centres) > 0.3 * side:
            centres.append(place)
    town = np.zeros((side, side), bool)
    surface = np.zeros((side, side), np.int32)
    for (cx, cy), radius in zip(centres, (0.115, 0.055, 0.045), strict=False):
        extent = np.hypot(x - cx, y - cy) < side * radius * (1 + 0.22 * noise(rng, side, side / 8))
        angle = rng.uniform(0, np.pi)
        u, v = x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)
        street = (u % 17 < 2) | (v % 23 < 2)
        plot = (np.floor(u % 17 / 3) * 31 + np.floor(v % 23 / 4)).astype(np.int64)
        block = (np.floor(u / 17) * 4099 + np.floor(v / 23)).astype(np.int64)
        draw = _hashed(block * 613 + plot, np.full_like(plot, int(angle * 1e6)), seed=5)
        industry = _hashed(block, np.full_like(block, int(angle * 1e6)), seed=6) < 0.14
        roof = np.select([draw < 0.28, draw < 0.42], [2, 3], 0)
        roof[industry] = np.select([draw[industry] < 0.3, draw[industry] < 0.7], [4, 3], 1)
        surface[extent] = np.where(street, 1, roof)[extent]
        town |= extent
    return town, surface


def _roads(border: Grid, river: Grid) -> NDArray[np.bool_]:
    """Tracks between blocks of fields, one cell wide, not through the river."""
    return (border < 0.55) & (river > 12)
