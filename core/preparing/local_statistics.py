"""Mean and variance in a window around each pixel, over the pixels that have data.

Sums are taken term by term in a fixed order, not as running sums: a pixel's value then does not depend on where a tile
begins, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate, correlate1d

Image = NDArray[np.float64]
"""(y, x), NaN for no data."""


@dataclass(frozen=True)
class LocalStatistics:
    """Statistics of the pixels with data in the window around each pixel; arrays are (y, x).

    Attributes:
        mean: Their mean; NaN where the window has no data.
        variance: Their unbiased variance; 0 where the window has fewer than two pixels with data.
        count: How many there are.
    """

    mean: Image
    variance: Image
    count: Image

    @property
    def squared_variation(self) -> Image:
        """The squared coefficient of variation: variance over squared mean; 0 where the mean is 0 or unknown."""
        squared = self.mean * self.mean
        return np.divide(self.variance, squared, out=np.zeros_like(squared), where=squared > 0)


def local_statistics(image: Image, size: int | NDArray[np.bool_]) -> LocalStatistics:
    """Returns the statistics in windows around each pixel; beyond the image there is no data.

    Args:
        image: (y, x), NaN for no data.
        size: Odd side of a square window, or a window of any shape: (row, column) with odd sides, True for its pixels.
    """
    known = np.isfinite(image)
    values = np.where(known, image, 0.0)
    count = _sums(known.astype(np.float64), size)
    total, squares = _sums(values, size), _sums(values * values, size)
    some, several = count > 0, count > 1
    mean = np.divide(total, count, out=np.full_like(total, np.nan), where=some)
    deviations = np.where(some, squares - total * mean, 0.0).clip(0.0)
    variance = np.divide(deviations, count - 1, out=np.zeros_like(total), where=several)
    return LocalStatistics(mean, variance, count)


def local_mean(image: Image, size: int) -> Image:
    """Returns the mean of the pixels with data in the square window around each pixel; NaN where there are none."""
    known = np.isfinite(image)
    count = _sums(known.astype(np.float64), size)
    total = _sums(np.where(known, image, 0.0), size)
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def _sums(values: Image, size: int | NDArray[np.bool_]) -> Image:
    summed: Image
    if isinstance(size, int):
        ones = np.ones(size)
        summed = correlate1d(correlate1d(values, ones, axis=0, mode="constant"), ones, axis=1, mode="constant")
    else:
        summed = correlate(values, size.astype(np.float64), mode="constant")
    return summed
