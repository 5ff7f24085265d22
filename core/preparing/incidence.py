"""Backscatter as it would be at another incidence angle.

By the cosine model, backscatter falls with the incidence angle as its cosine to a power: 2 for a surface that scatters
as Lambert's law says, less for volumes such as forest (Ulaby, Moore & Fung 1982, Microwave Remote Sensing II, section
12; Mladenova et al. 2013, IEEE TGRS 51(3)). Gamma nought has one power of it taken out already.
"""

from __future__ import annotations

from pathlib import PurePath

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.windows import Window

from ..errors import SceneError
from ..grids import Grid, padded
from ..open_files import OpenFiles, opened_on

_STEEPEST, _FLATTEST = 2.0, 89.0
"""Degrees between which an incidence angle makes sense; radians lie below."""

_SAMPLE_SIDE = 256


class IncidenceAngle:
    """The angle at each pixel of a grid.

    Args:
        angle: Degrees everywhere, or the path of a raster of degrees in its first band.
        grid: The grid on which it is asked for.

    Raises:
        SceneError: If the raster cannot be read, does not lie there, or does not hold degrees.
    """

    def __init__(self, angle: float | str, grid: Grid) -> None:
        self._angle, self._grid, self._files = angle, grid, OpenFiles()
        if isinstance(angle, str):
            self._layer = PurePath(angle).name
            self._own, self._no_data = self._checked(angle)

    def close(self) -> None:
        """Closes the raster."""
        self._files.close()

    def read(self, window: Window) -> NDArray[np.float64]:
        """Returns (y, x) degrees, NaN where the angle is unknown."""
        shape = (window.height, window.width)
        if not isinstance(self._angle, str):
            return np.full(shape, float(self._angle))
        path, (inside, pads) = self._angle, self._grid.clip(window)
        with self._files.lent(
            self._layer, path, lambda: opened_on(path, self._own, self._grid, self._no_data)
        ) as handle:
            stored = handle.read(1, window=inside).astype(np.float64)
        if self._no_data is not None:
            stored[stored == self._no_data] = np.nan
        return padded(stored, pads, np.nan)

    def _checked(self, path: str) -> tuple[Grid, float | None]:
        try:
            with rasterio.open(path) as dataset:
                grid, no_data = Grid.of(dataset), dataset.nodata
                shape = tuple(min(length, _SAMPLE_SIDE) for length in dataset.shape)
                sample = dataset.read(1, out_shape=shape, masked=True).astype(np.float64).filled(np.nan)
        except RasterioError as error:
            raise SceneError(f"Incidence angles '{path}' cannot be read: {error}.", "Choose a raster file.") from error
        if dataset.crs is None or not self._grid.overlaps(grid):
            raise SceneError(f"Incidence angles '{self._layer}' do not lie on the image.", "Choose those of the image.")
        known = sample[np.isfinite(sample) & (sample != 0)]
        if not known.size or known.min() < _STEEPEST or known.max() > _FLATTEST:
            found = f"{known.min():.3g} to {known.max():.3g}" if known.size else "no values"
            raise SceneError(
                f"Incidence angles '{self._layer}' hold {found}; degrees between {_STEEPEST:g} and {_FLATTEST:g} are "
                "expected.",
                "Convert radians to degrees, and choose the band of the angle from the ellipsoid's normal.",
            )
        return grid, no_data


def normalising_factor(angle: NDArray[np.float64], reference: float, exponent: float) -> NDArray[np.float64]:
    """Returns what linear power is multiplied with: (cos reference / cos angle)^exponent.

    Args:
        angle: Incidence angles in degrees.
        reference: The angle that all pixels shall look seen from, in degrees.
        exponent: How fast backscatter falls; 2 is Lambert's law for sigma nought.
    """
    cosine = np.cos(np.radians(angle))
    return np.asarray((np.cos(np.radians(reference)) / cosine) ** exponent)
