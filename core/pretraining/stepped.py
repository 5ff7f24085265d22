"""Scenes of which some sources are read on a coarser grid than the others: features of a teacher, or a time series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from affine import Affine
from rasterio.windows import Window

from ..cards import SourceCard
from ..coarse import SERIES, own_grid, own_window, steps_of
from ..grids import Grid
from ..scenes import Scene, Source, describe
from ..series import DatedSource
from .calendar import SLOTS, drawn_dates


class SteppedScene:
    """A scene, and beside it sources on a grid of larger pixels with the same corner.

    Args:
        fine: The scene; it may have a series, which is read by `calendar.SLOTS`.
        coarse: The other sources, on the `stepped` grid; None: there are none.
        steps: Per role of these, whether they are there or not, pixels of the scene's grid to one of theirs.
    """

    def __init__(self, fine: Scene, coarse: Scene | None = None, steps: Mapping[str, int] | None = None) -> None:
        self.fine, self._coarse, self.steps = fine, coarse, dict(steps or {})
        self.margins: dict[str, int] = {}

    @property
    def grid(self) -> Grid:
        """The finer grid."""
        return self.fine.grid

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of all sources."""
        return self.fine.roles + (self._coarse.roles if self._coarse else ())

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources."""
        return self.fine.sources + (self._coarse.sources if self._coarse else ())

    @property
    def doubts(self) -> tuple[str, ...]:
        """What may be wrong with them, in words."""
        return tuple(self.fine.doubts) + (tuple(self._coarse.doubts) if self._coarse else ())

    def described(self) -> list[str]:
        """Returns what each source was taken for, in words."""
        return describe(self.fine) + (describe(self._coarse) if self._coarse else [])

    def source(self, role: str) -> Source:
        """Returns the source of a role."""
        return self._of(role).source(role)

    def sample(self, role: str, names: Sequence[str]) -> np.ndarray:
        """See `Scene.sample`."""
        return self._of(role).sample(role, names)

    def coarse(self, role: str, names: Sequence[str], longest: int) -> np.ndarray:
        """See `Scene.coarse`."""
        return self._of(role).coarse(role, names, longest)

    def finest_step(self) -> int:
        """Returns the step with which the series, which must be there, loses no detail."""
        return steps_of(self.grid.gsd, self.source(SERIES).grid.gsd)

    def bind(self, sources: Sequence[SourceCard]) -> None:
        """Has the series read as its card says; the same for all scenes, which go into one batch."""
        for source in sources:
            if source.role == SERIES:
                self.steps[SERIES], self.margins[SERIES] = source.step, source.margin

    def read(
        self, window: Window, bands: Mapping[str, Sequence[str]], generator: np.random.Generator
    ) -> dict[str, np.ndarray]:
        """Reads a window of the finer grid, in multiples of the step; see `Scene.read`.

        Args:
            window: The window.
            bands: Per role which bands.
            generator: Draws the dates of a series.
        """
        fine = {role: names for role, names in bands.items() if role in self.fine.roles and role != SERIES}
        images = self.fine.read(window, fine)
        coarse = {role: names for role, names in bands.items() if role not in self.fine.roles}
        if coarse and self._coarse:
            parts = (window.col_off, window.row_off, window.width, window.height)
            step = max(self.steps[role] for role in coarse)
            images |= self._coarse.read(Window(*(part // step for part in parts)), coarse)
        if SERIES in bands and SERIES in self.fine.roles:
            images[SERIES] = self._series(window, bands[SERIES], generator)
        return images

    def _series(self, window: Window, names: Sequence[str], generator: np.random.Generator) -> np.ndarray:
        """Reads the series with its margin: (slot × band, row, column)."""
        source = self.fine.source(SERIES)
        if not isinstance(source, DatedSource):
            raise ValueError("A series has dates.")
        step, margin = self.steps[SERIES], self.margins[SERIES]
        drawn = drawn_dates(source.dates, generator)
        some = replace(source, images=tuple(source.images[place] for place in drawn.values()))
        grid, own = own_grid(self.grid, step, margin), own_window(window, step, margin)
        known = self.fine.read_source(grid, own, some, names)
        slots = np.full((len(SLOTS), len(names), *known.shape[1:]), np.nan, np.float32)
        slots[list(drawn)] = known.reshape(len(drawn), len(names), *known.shape[1:])
        return slots.reshape(-1, *known.shape[1:])

    @property
    def step(self) -> int:
        """The largest of the steps."""
        return max(self.steps.values(), default=1)

    def step_of(self, role: str) -> int:
        """Returns how many pixels of the finer grid make one of a source, in each direction."""
        return self.steps.get(role, 1)

    def margin_of(self, role: str) -> int:
        """Returns how many of its own pixels a source shows around a window, at each side."""
        return self.margins.get(role, 0)

    def _of(self, role: str) -> Scene:
        return self.fine if role in self.fine.roles or self._coarse is None else self._coarse


def stepped(grid: Grid, step: int) -> Grid:
    """Returns the grid of larger pixels that covers a grid from the same corner."""
    return Grid(grid.crs, grid.transform @ Affine.scale(step), -(-grid.width // step), -(-grid.height // step))
