"""Time stacks on a grid of their own, coarser than the scene: the `series` beside a finer optical image."""

from __future__ import annotations

import numpy as np
from affine import Affine
from rasterio.windows import Window

from .cards import SourceCard
from .grids import Grid
from .scenes import Scene

SERIES = "series"
"""Role of the sources that are read on a grid of their own."""

MOST_STEPS = 32
"""Pixels of the scene along a side of one of the series, at most: tiles are multiples of it."""

_ALIKE = 0.999
"""Ground sampling distances of files are rounded."""


def steps_of(fine: float, coarse: float) -> int:
    """Returns how many pixels of a scene along a side make one of a coarser source.

    That is the largest power of two, up to `MOST_STEPS`, with which the source loses no detail; tiles then align.

    Args:
        fine: Ground sampling distance of the scene in metres.
        coarse: That of the source in metres.
    """
    step = 1
    while step < MOST_STEPS and 2 * step * fine * _ALIKE <= coarse:
        step *= 2
    return step


def own_grid(grid: Grid, step: int, margin: int) -> Grid:
    """Returns the grid of a coarser source: `step` pixels of the scene's grid a side, and a margin around it."""
    transform = grid.transform @ Affine.scale(step) @ Affine.translation(-margin, -margin)
    height, width = -(-grid.height // step) + 2 * margin, -(-grid.width // step) + 2 * margin
    return Grid(grid.crs, transform, width, height)


def own_window(window: Window, step: int, margin: int) -> Window:
    """Returns what is read of `own_grid` for a window of the scene's grid: what it covers, and the margin around it.

    Raises:
        ValueError: If the window is not in multiples of the step.
    """
    parts = (window.col_off, window.row_off, window.width, window.height)
    if any(part % step for part in parts):
        raise ValueError(f"A window of {parts} (column, row, width, height) is not in multiples of {step} pixels.")
    column, row, width, height = (part // step for part in parts)
    return Window(column, row, width + 2 * margin, height + 2 * margin)


def read_series(scene: Scene, card: SourceCard, window: Window) -> np.ndarray:
    """Reads a coarser source for a window of the scene's grid, bilinearly from its files straight to its own grid.

    Returns:
        (date × band, S / step + 2 · margin, S / step + 2 · margin) for S × S pixels, as `Scene.read` returns values.

    Raises:
        SceneError: If a file cannot be read.
    """
    grid = own_grid(scene.grid, card.step, card.margin)
    return scene.read_on(grid, own_window(window, card.step, card.margin), card.role, card.bands)
