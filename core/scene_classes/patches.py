"""Patches of a scene: squares side by side, squares around points, or drawn polygons."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from ..grids import Grid
from ..vectors import mask_window

Pixels = NDArray[np.int64]


@dataclass(frozen=True)
class Patches:
    """Patches on a scene's grid; they may overlap.

    Attributes:
        windows: (patch, 4) int64: first row, first column, end row and end column of each, inside the grid.
        shapes: Polygons of those that are no full rectangles, in the grid's CRS; None: all are.
    """

    windows: Pixels
    shapes: tuple[BaseGeometry, ...] | None = None

    def __len__(self) -> int:
        return len(self.windows)

    def take(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> Patches:
        """Returns some of them."""
        places = np.arange(len(self))[chosen]
        shapes = tuple(self.shapes[i] for i in places) if self.shapes is not None else None
        return Patches(self.windows[places], shapes)

    def pixels(self, patch: int, grid: Grid, window: Window) -> tuple[Pixels, Pixels]:
        """Returns the pixels of a patch inside a window of the grid: their rows and columns on the grid.

        A polygon holds the pixels whose centre it covers; one that covers none, the pixel in which it lies.
        """
        top, left, bottom, right = self.windows[patch].tolist()
        top, left = max(top, window.row_off), max(left, window.col_off)
        bottom, right = min(bottom, window.row_off + window.height), min(right, window.col_off + window.width)
        if bottom <= top or right <= left:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        shape = (bottom - top, right - left)
        if self.shapes is None:
            rows, columns = np.indices(shape)
            return rows.ravel() + top, columns.ravel() + left
        transform = grid.window_transform(Window(left, top, shape[1], shape[0]))
        rows, columns = np.nonzero(mask_window([self.shapes[patch]], transform, shape))
        return rows + top, columns + left

    def geometry(self, patch: int, grid: Grid) -> BaseGeometry:
        """Returns the outline of a patch in the grid's CRS."""
        if self.shapes is not None:
            return self.shapes[patch]
        top, left, bottom, right = self.windows[patch].tolist()
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        return shapely.orient_polygons(shapely.Polygon([grid.transform @ corner for corner in corners]))

    def centres(self, grid: Grid) -> NDArray[np.float64]:
        """Returns (patch, 2): x and y of the middle of each in the grid's CRS."""
        top, left, bottom, right = self.windows.T
        x, y = grid.transform @ ((left + right) / 2, (top + bottom) / 2)
        return np.column_stack([x, y])


def lattice(grid: Grid, side: int, area: Window) -> Patches:
    """Cuts a part of a grid into squares side by side, from its upper left on; the last ones end with it."""
    end_row, end_column = area.row_off + area.height, area.col_off + area.width
    tops, lefts = np.arange(area.row_off, end_row, side), np.arange(area.col_off, end_column, side)
    top, left = (axis.ravel() for axis in np.meshgrid(tops, lefts, indexing="ij"))
    bottom, right = np.minimum(top + side, end_row), np.minimum(left + side, end_column)
    return Patches(np.column_stack([top, left, bottom, right]).astype(np.int64))


def drawn(geometries: Sequence[BaseGeometry], grid: Grid, side: int) -> tuple[Patches, NDArray[np.int64]]:
    """Returns the patches of drawn features.

    Args:
        geometries: In the grid's CRS. Polygons are patches as they are; around anything else, a square is.
        grid: The scene's grid.
        side: Side of squares in pixels.

    Returns:
        The patches, and of each the index of its feature; features beside the grid have none.
    """
    windows, shapes, owners = [], [], []
    for owner, geometry in enumerate(geometries):
        polygon = geometry if geometry.geom_type in ("Polygon", "MultiPolygon") else None
        window = _bounding(geometry, grid) if polygon is not None else _square(geometry, grid, side)
        if window is None:
            continue
        if polygon is None:
            polygon = Patches(np.array([window])).geometry(0, grid)
        elif not mask_window([polygon], *_placed(window, grid)).any():
            window = _square(polygon, grid, 1)
            if window is None:
                continue
            polygon = Patches(np.array([window])).geometry(0, grid)
        windows.append(window)
        shapes.append(polygon)
        owners.append(owner)
    found = np.array(windows, np.int64).reshape(-1, 4)
    return Patches(found, tuple(shapes)), np.array(owners, np.int64)


def _placed(window: tuple[int, int, int, int], grid: Grid) -> tuple[Affine, tuple[int, int]]:
    """Transform and shape of a patch's window."""
    top, left, bottom, right = window
    shape = bottom - top, right - left
    return grid.window_transform(Window(left, top, shape[1], shape[0])), shape


def _bounding(geometry: BaseGeometry, grid: Grid) -> tuple[int, int, int, int] | None:
    """The pixels that a geometry's bounding box touches; None beside the grid."""
    if geometry.is_empty:
        return None
    west, south, east, north = geometry.bounds
    corners = [~grid.transform @ corner for corner in ((west, south), (west, north), (east, south), (east, north))]
    xs, ys = zip(*corners, strict=True)
    # Borders that lie on those of pixels, but for rounding, do not touch the next ones.
    top, left = max(math.floor(min(ys) + 1e-6), 0), max(math.floor(min(xs) + 1e-6), 0)
    bottom, right = min(math.ceil(max(ys) - 1e-6), grid.height), min(math.ceil(max(xs) - 1e-6), grid.width)
    return (top, left, bottom, right) if bottom > top and right > left else None


def _square(geometry: BaseGeometry, grid: Grid, side: int) -> tuple[int, int, int, int] | None:
    """The square around a geometry's middle; None where the middle lies beside the grid."""
    if geometry.is_empty:
        return None
    point = geometry.representative_point() if side == 1 else geometry.centroid
    x, y = ~grid.transform @ (point.x, point.y)
    if not (0 <= x < grid.width and 0 <= y < grid.height):
        return None
    top, left = math.floor(y - (side - 1) / 2), math.floor(x - (side - 1) / 2)
    return max(top, 0), max(left, 0), min(top + side, grid.height), min(left + side, grid.width)
