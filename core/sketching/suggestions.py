"""Where a label would help most: places of which the sketch is least sure, spread over what is on screen.

Margin sampling (Scheffer et al. 2001, IDA) alone would point at one field border again and again. So the margin is
averaged over a small surrounding, places keep their distance from each other and from labels, and no class that the
sketch sees gets more than its share. The spacing and the shares are our own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, uniform_filter

from ..grids import Grid
from ..legend import ClassLegend

AROUND = 5
"""Side in pixels of the surrounding over which the margin is averaged: a label is drawn on a place, not on a pixel."""

FROM_LABELS = 6
"""Pixels between a place and the nearest label, at least."""

LEAST_CERTAIN = 0.05
LEAST_CANDIDATES, MOST_CANDIDATES = 500, 20_000
"""Places are looked for among the share of each class's pixels that is least certain; and so many at least, and at most
in all."""

LAYER = "places"


@dataclass(frozen=True)
class Place:
    """A place to label next: its pixel, the class that the sketch gives it, and by how little."""

    row: int
    column: int
    guess: int
    margin: float


def suggest(
    margin: NDArray[np.float32], guess: NDArray[np.int64], labelled: NDArray[np.bool_], count: int
) -> list[Place]:
    """Chooses places to label next, the most telling first.

    Args:
        margin: (y, x) difference between the two highest probabilities; negative: no data.
        guess: (y, x) class indices.
        labelled: (y, x) where labels are.
        count: How many; where there is little room, there are fewer.
    """
    valid = margin >= 0
    known = uniform_filter(valid.astype(np.float32), AROUND, mode="constant")
    mean = uniform_filter(np.where(valid, margin, 0), AROUND, mode="constant") / np.maximum(known, 1e-6)
    allowed = valid & (known > 0.5)  # most of what is around has data
    if labelled.any():
        allowed &= distance_transform_edt(~labelled) > FROM_LABELS
    rows, columns = np.nonzero(allowed)
    means, guesses = mean[rows, columns], guess[rows, columns]
    candidates = _least_certain(means, guesses)
    rows, columns, means, guesses = (values[candidates] for values in (rows, columns, means, guesses))
    chosen = _spread(rows, columns, guesses, count, margin.shape)
    return [Place(int(rows[i]), int(columns[i]), int(guesses[i]), float(means[i])) for i in chosen]


def _least_certain(means: NDArray[np.float32], guesses: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns which pixels are the least certain of their class, the least certain of all first."""
    order = np.argsort(means, kind="stable")
    of_class = [order[guesses[order] == guess] for guess in np.unique(guesses)]
    kept = [members[: max(int(LEAST_CERTAIN * members.size), LEAST_CANDIDATES)] for members in of_class]
    joined: NDArray[np.int64] = np.concatenate([np.zeros(0, np.int64), *kept])
    joined = joined[np.argsort(means[joined], kind="stable")]
    return joined[:: -(-joined.size // MOST_CANDIDATES) or 1]


def _spread(
    rows: NDArray[np.int64], columns: NDArray[np.int64], guesses: NDArray[np.int64], count: int, shape: tuple[int, ...]
) -> list[int]:
    """Takes candidates in order, apart from each other and of each class its share; where that fails, less strictly."""
    chosen: list[int] = []
    counts = np.zeros(int(guesses.max(initial=0)) + 1, np.int64)
    quota = math.ceil(count / max(np.unique(guesses).size, 1))
    apart = math.sqrt(shape[0] * shape[1] / max(count, 1)) / 2
    for spacing, most in ((apart, quota), (apart / 2, quota), (apart / 2, 2 * quota), (apart / 4, count)):
        free = np.ones(rows.size, bool)
        for i in chosen:
            free &= np.hypot(rows - rows[i], columns - columns[i]) >= spacing
        while len(chosen) < count:
            left = np.flatnonzero(free & (counts[guesses] < most))
            if not left.size:
                break
            i = int(left[0])
            chosen.append(i)
            counts[guesses[i]] += 1
            free &= np.hypot(rows - rows[i], columns - columns[i]) >= spacing
    return chosen


def write_places(path: str, places: list[Place], grid: Grid, legend: ClassLegend) -> None:
    """Writes places as points of a GeoPackage: their `rank` from 1, the `class` of the sketch there, and the `margin`.

    Args:
        path: Where to write; a temporary name that the caller puts in place.
        places: In pixels of the grid.
        grid: Of the sketch.
        legend: The classes.
    """
    points = [shapely.Point(*(grid.transform @ (place.column + 0.5, place.row + 0.5))) for place in places]
    columns = {
        "rank": np.arange(1, len(places) + 1, dtype=np.int32),
        "class": np.array([legend.names[place.guess] for place in places], dtype=object),
        "margin": np.array([place.margin for place in places], np.float64),
    }
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(points, dtype=object)), list(columns.values()), list(columns),
        geometry_type="Point", crs=grid.crs.to_wkt(), layer=LAYER, driver="GPKG",
        dataset_options={"VERSION": "1.2"},  # newer ones make the GDAL of Debian 12 warn
    )  # fmt: skip
