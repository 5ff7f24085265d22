"""Scenes of which some sources are read on a coarser grid than the others, as the features of a teacher are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from affine import Affine
from rasterio.windows import Window

from ..grids import Grid
from ..scenes import Scene, Source, describe


class SteppedScene:
    """A scene, and beside it sources on a grid of larger pixels with the same corner.

    Args:
        fine: The scene.
        coarse: The other sources, on the `stepped` grid; None: there are none.
        steps: Per role of these, whether they are there or not, pixels of the scene's grid to one of theirs.
    """

    def __init__(self, fine: Scene, coarse: Scene | None = None, steps: Mapping[str, int] | None = None) -> None:
        self.fine, self._coarse, self.steps = fine, coarse, dict(steps or {})

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

    def read(self, window: Window, bands: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
        """Reads a window of the finer grid, in multiples of the step; see `Scene.read`."""
        images = self.fine.read(window, {role: names for role, names in bands.items() if role in self.fine.roles})
        coarse = {role: names for role, names in bands.items() if role not in self.fine.roles}
        if coarse and self._coarse:
            parts = (window.col_off, window.row_off, window.width, window.height)
            images |= self._coarse.read(Window(*(part // self.step for part in parts)), coarse)
        return images

    @property
    def step(self) -> int:
        """The largest of the steps."""
        return max(self.steps.values(), default=1)

    def step_of(self, role: str) -> int:
        """Returns how many pixels of the finer grid make one of a source, in each direction."""
        return self.steps.get(role, 1)

    def _of(self, role: str) -> Scene:
        return self.fine if role in self.fine.roles or self._coarse is None else self._coarse


def stepped(grid: Grid, step: int) -> Grid:
    """Returns the grid of larger pixels that covers a grid from the same corner."""
    return Grid(grid.crs, grid.transform @ Affine.scale(step), -(-grid.width // step), -(-grid.height // step))
