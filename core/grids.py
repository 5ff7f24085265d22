"""The reference grid of a scene, and windows on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from affine import Affine
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.transform import array_bounds
from rasterio.warp import transform, transform_bounds
from rasterio.windows import Window

_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class Grid:
    """A raster grid: coordinate reference system, affine transform and size in pixels."""

    crs: CRS
    transform: Affine
    width: int
    height: int

    @classmethod
    def of(cls, dataset: DatasetReader) -> Grid:
        """Returns the grid of an open raster."""
        return cls(dataset.crs, dataset.transform, dataset.width, dataset.height)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in the grid's CRS."""
        west, south, east, north = array_bounds(self.height, self.width, self.transform)
        return min(west, east), min(south, north), max(west, east), max(south, north)

    @property
    def north_up(self) -> Grid:
        """The same pixels with the northern row first; some products are stored with the southern one first."""
        if self.transform.e <= 0 or self.transform.b or self.transform.d:
            return self
        flipped = self.transform @ Affine(1, 0, 0, 0, -1, self.height)
        return Grid(self.crs, flipped, self.width, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle, in degrees."""
        x, y = self.transform @ (self.width / 2, self.height / 2)
        longitude, latitude = transform(self.crs, "EPSG:4326", [x], [y])
        return longitude[0], latitude[0]

    @property
    def gsd(self) -> float:
        """Ground sampling distance in metres: the pixel's side, along the rows."""
        side = math.hypot(self.transform.a, self.transform.d)
        if not self.crs.is_geographic:
            return side * float(self.crs.linear_units_factor[1] if self.crs.is_projected else 1.0)
        latitude = (self.bounds[1] + self.bounds[3]) / 2
        return side * _METRES_PER_DEGREE * max(math.cos(math.radians(latitude)), 0.01)

    def same(self, other: Grid) -> bool:
        """Whether both grids have the same pixels, to a hundredth of one."""
        if self.shape != other.shape or self.crs != other.crs:
            return False
        shift = ~self.transform @ other.transform
        size = max(self.width, self.height)
        linear = max(abs(shift.a - 1), abs(shift.b), abs(shift.d), abs(shift.e - 1)) * size
        return max(linear, abs(shift.c), abs(shift.f)) < 0.01

    def overlaps(self, other: Grid) -> bool:
        """Whether the other grid's extent, brought to this CRS, touches this one's; one that cannot be does not."""
        west, south, east, north = self.bounds
        try:
            a, b, c, d = transform_bounds(other.crs, self.crs, *other.bounds)
        except RasterioError:
            return False
        return a < east and c > west and b < north and d > south

    def window_transform(self, window: Window) -> Affine:
        """Returns the transform of a window; it may reach over the grid's edge."""
        return self.transform @ Affine.translation(window.col_off, window.row_off)

    def clip(self, window: Window) -> tuple[Window, tuple[tuple[int, int], tuple[int, int]]]:
        """Cuts a window to the grid.

        Returns:
            The part inside, and the padding ((top, bottom), (left, right)) in pixels that was cut off.
        """
        top, left = max(window.row_off, 0), max(window.col_off, 0)
        bottom = min(window.row_off + window.height, self.height)
        right = min(window.col_off + window.width, self.width)
        inside = Window(left, top, max(right - left, 0), max(bottom - top, 0))
        pads = (
            (top - window.row_off, window.row_off + window.height - bottom),
            (left - window.col_off, window.col_off + window.width - right),
        )
        return inside, pads


def padded(image: np.ndarray, pads: tuple[tuple[int, int], tuple[int, int]], value: float) -> np.ndarray:
    """Pads the last two axes with a constant."""
    if not any(map(any, pads)):
        return image
    return np.pad(image, [(0, 0)] * (image.ndim - 2) + list(pads), constant_values=value)
