"""Which part of a scene is mapped."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.errors import CRSError, RasterioError
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from ..errors import LabelError, SpecError
from ..grids import Grid
from ..specs import ExtentSpec, VectorSpec
from ..vectors import mask_window, read_mask, touching
from .pipeline import Mask


def area_of(extent: ExtentSpec | None, grid: Grid) -> Window:
    """Returns the pixels of the grid that a rectangle touches; the whole grid without one.

    Raises:
        SpecError: If it does not lie on the grid, or its coordinate reference system is not understood.
    """
    whole = Window(0, 0, grid.width, grid.height)
    if extent is None:
        return whole
    try:
        bounds = transform_bounds(CRS.from_user_input(extent.crs), grid.crs, *extent.bounds)
    except (CRSError, RasterioError) as error:
        raise SpecError(f"The extent cannot be brought to the scene's coordinates: {error}.") from error
    west, south, east, north = bounds
    corners = [~grid.transform @ corner for corner in ((west, north), (east, north), (west, south), (east, south))]
    # A border that lies on that of a pixel, but for rounding, does not touch the next pixel.
    left, right = (max(min(c, grid.width), 0) for c in _touched([x for x, _ in corners]))
    top, bottom = (max(min(r, grid.height), 0) for r in _touched([y for _, y in corners]))
    if left >= right or top >= bottom:
        raise SpecError("The extent does not lie on the scene.", "Choose one that overlaps the images.")
    return Window(left, top, right - left, bottom - top)


def _touched(places: list[float]) -> tuple[int, int]:
    return math.floor(min(places) + 1e-6), math.ceil(max(places) - 1e-6)


def mask_of(spec: VectorSpec | None, grid: Grid) -> Mask | None:
    """Returns what marks the pixels inside the polygons of a mask; None without one.

    Raises:
        LabelError: If it cannot be read, or does not lie on the grid.
    """
    if spec is None:
        return None
    geometries = read_mask(spec, grid.crs)
    if not touching(geometries, grid.transform, grid.shape).size:
        raise LabelError(f"The mask '{spec.path}' does not lie on the scene.", "Choose polygons of the same place.")

    def inside(window: Window) -> NDArray[np.bool_]:
        return mask_window(geometries, grid.window_transform(window), (window.height, window.width))

    return inside
