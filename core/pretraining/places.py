"""Places to draw windows from: scenes of one or more dates, and where they have data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from ..coarse import SERIES
from ..grids import Grid
from .stepped import SteppedScene

COARSE = 256
"""Longest side in cells of the coarse grid on which is noted where a place has data."""

Bands = Mapping[str, Sequence[str]]
"""Per role the canonical names of the bands to read."""


@dataclass(frozen=True)
class Place:
    """Scenes of one place.

    Attributes:
        dates: The scenes in order of their dates, all on the grid of the first.
        cells: (row, column) float64, share of valid pixels in each cell of a coarse grid over the place.
    """

    dates: tuple[SteppedScene, ...]
    cells: NDArray[np.float64]

    @property
    def grid(self) -> Grid:
        """The grid of all its dates."""
        return self.dates[0].grid

    @property
    def valid_pixels(self) -> float:
        """About how many pixels have data."""
        rows, columns = self.cells.shape
        return float(self.cells.sum()) * self.grid.height * self.grid.width / (rows * columns)

    def region(self, side: int, generator: np.random.Generator) -> Window:
        """Draws a square around a random valid pixel, inside the grid as far as it fits, in steps of all its dates."""
        flat = self.cells.ravel()
        row, column = divmod(int(generator.choice(flat.size, p=flat / flat.sum())), self.cells.shape[1])
        place = generator.random(2)
        height, width = self.grid.shape
        centre = ((row + place[0]) / self.cells.shape[0] * height, (column + place[1]) / self.cells.shape[1] * width)
        corner = [
            int(np.clip(round(middle - side / 2), 0, max(length - side, 0)))
            for middle, length in zip(centre, (height, width), strict=True)
        ]
        step = max(date.step for date in self.dates)
        return Window(corner[1] // step * step, corner[0] // step * step, side, side)


def place_of(dates: Sequence[SteppedScene], bands: Bands) -> Place:
    """Notes where scenes of one place have data: where any of their sources has, on any date.

    Args:
        dates: The scenes, on one grid.
        bands: What will be read of them.
    """
    cells: NDArray[np.float64] | None = None
    for scene in dates:
        for role, names in known_bands(scene, bands).items():
            if scene.step_of(role) > 1 or role == SERIES:
                continue
            coarse = np.isfinite(scene.coarse(role, names, COARSE)).all(axis=0).astype(np.float64)
            cells = coarse if cells is None else np.maximum(cells, coarse)
    if cells is None:
        raise ValueError("No scene has any of the roles.")
    return Place(tuple(dates), cells)


def known_bands(scene: SteppedScene, bands: Bands) -> dict[str, list[str]]:
    """Returns which of the bands a scene has."""
    known = {
        role: [name for name in names if name in scene.source(role).bands]
        for role, names in bands.items()
        if role in scene.roles
    }
    return {role: names for role, names in known.items() if names}
