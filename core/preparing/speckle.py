"""Speckle filters of radar images. All work on linear power; decibels would bias the mean.

Speckle is taken as multiplicative: power = backscatter × speckle, speckle with mean 1 and variance 1 / looks. Where the
squared coefficient of variation in the window is no larger than speckle explains, an area counts as homogeneous and its
mean is the answer. Pixels without data stay so, and are left out of the windows of others.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .local_statistics import Image, LocalStatistics, local_mean, local_statistics

Filter = Callable[[Image, float, int], Image]
"""From (y, x) linear power, looks and the window's side to (y, x)."""

MEAN_SIZE = 21
"""Side of the windows in which a filter keeps the mean: wide against the filter's own, narrow against a town."""

REFINED_SIZE = 7
"""Side of the refined Lee filter's window; its edge-aligned windows are laid out for this one."""

_STANDARD_ERRORS = 2.0

_MOST_VARIATION = np.sqrt(2.0)
"""Lopes et al. (1990): beyond this many times the variation of speckle alone, a pixel is a point target."""


def lee(power: Image, looks: float, size: int) -> Image:
    """Returns the minimum mean square error estimate from local statistics (Lee 1980, IEEE TPAMI 2(2)).

    Args:
        power: (y, x) linear power, NaN for no data.
        looks: Equivalent number of looks of the image.
        size: Odd side of the window.
    """
    local = local_statistics(power, size)
    return _least_squares(power, local, local.squared_variation > _most_speckle(local, looks), looks)


def refined_lee(power: Image, looks: float, size: int = REFINED_SIZE) -> Image:
    """Returns Lee's estimate from windows that end at edges (Lee 1981, Computer Graphics and Image Processing 17).

    Where the 7 × 7 window is no homogeneous area, the means of nine 3 × 3 parts of it tell the direction of the edge,
    and of the two halves that the edge leaves, the one more like the middle gives the statistics.

    Args:
        power: (y, x) linear power, NaN for no data.
        looks: Equivalent number of looks of the image.
        size: Only 7 is possible.
    """
    whole = local_statistics(power, size)
    mixed = whole.squared_variation > _most_speckle(whole, looks)
    chosen = _halves(power)
    mean, variance = whole.mean.copy(), whole.variance.copy()
    for index, half in enumerate(_HALF_WINDOWS):
        here = mixed & (chosen == index)
        if here.any():
            part = local_statistics(power, half)
            mean[here], variance[here] = part.mean[here], part.variance[here]
    return _least_squares(power, LocalStatistics(mean, variance, whole.count), mixed, looks)


def gamma_map(power: Image, looks: float, size: int) -> Image:
    """Returns the most probable backscatter if that, too, is gamma-distributed (Lopes et al. 1990, IGARSS, p. 2409).

    Homogeneous areas become their mean, and point targets stay as they are.

    Args:
        power: (y, x) linear power, NaN for no data.
        looks: Equivalent number of looks of the image.
        size: Odd side of the window.
    """
    local = local_statistics(power, size)
    variation, speckle = local.squared_variation, 1 / looks
    textured = variation > _most_speckle(local, looks)
    order = (1 + speckle) / np.where(textured, variation - speckle, 1.0)
    shifted = (order - looks - 1) * local.mean
    root = np.sqrt((shifted * shifted + 4 * order * looks * power * local.mean).clip(0.0))
    result = np.where(textured, (shifted + root) / (2 * order), local.mean)
    result = np.where(variation >= _MOST_VARIATION**2 * speckle, power, result)
    return np.where(np.isfinite(power), result, np.nan)


def multitemporal(powers: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Returns images of one place at several dates, each with the speckle of all averaged out.

    Quegan & Yu (2001, IEEE TGRS 39(11), eq. 13 for uncorrelated speckle): the local mean of the date times the mean
    over all dates of power / local mean. With T dates and N independent pixels in the window, looks grow by
    N T / (N + T - 1).

    Args:
        powers: (date, y, x) linear power, NaN for no data.
        size: Odd side of the window.
    """
    means = np.stack([local_mean(power, size) for power in powers])
    known = np.isfinite(powers) & (means > 0)
    ratios = np.divide(powers, means, out=np.zeros_like(powers), where=known)
    dates = known.sum(axis=0)
    ratio = np.divide(ratios.sum(axis=0), dates, out=np.ones_like(ratios[0]), where=dates > 0)
    return np.where(np.isfinite(powers), means * ratio, np.nan)


def with_mean_of(power: Image, filtered: Image) -> Image:
    """Scales a filtered image so that its mean around each pixel is that of the image as received.

    Where there is texture, Lee's windows beside bright points take the darker side, and the mode that Gamma-MAP seeks
    lies below the mean: left alone, they darken an image by one to three per cent. The factor is smooth and close to
    one, so it adds no speckle and keeps edges. Ours, not the papers'.

    Args:
        power: (y, x) linear power, NaN for no data.
        filtered: (y, x), the same after a filter.
    """
    before, after = local_mean(power, MEAN_SIZE), local_mean(filtered, MEAN_SIZE)
    return filtered * np.divide(before, after, out=np.ones_like(filtered), where=after > 0)


def _keeping_mean(smooth: Filter) -> Filter:
    return lambda power, looks, size: with_mean_of(power, smooth(power, looks, size))


FILTERS: dict[str, Filter] = {
    "lee": _keeping_mean(lee),
    "refined-lee": _keeping_mean(refined_lee),
    "gamma-map": _keeping_mean(gamma_map),
}
"""The filters of single images, which keep the mean."""


def _half_windows() -> NDArray[np.bool_]:
    """Returns (direction and side, 7, 7): the half of the window on one side of an edge, with the edge's own line."""
    y, x = np.indices((REFINED_SIZE, REFINED_SIZE)) - REFINED_SIZE // 2
    return np.stack([side for across in (x, y, x - y, x + y) for side in (across <= 0, across >= 0)])


_HALF_WINDOWS = _half_windows()
_PARTS = np.stack([window[1::2, 1::2] for window in _HALF_WINDOWS]).astype(np.float64)
"""The same halves among the 3 × 3 parts of a window, whose middles lie two pixels apart."""

_FARTHEST = ((1, 0), (0, 1), (2, 0), (0, 0))
"""For each direction, row and column of the part that lies farthest on the first side; opposite lies the second's."""


def _halves(power: Image) -> NDArray[np.intp]:
    """Returns (y, x): which of the half windows lies on a pixel's own side of the steepest edge."""
    parts = _parts(power)
    middle = parts[1, 1]
    steepest = np.full(power.shape, -1.0)
    chosen = np.zeros(power.shape, np.intp)
    for direction, (row, column) in enumerate(_FARTHEST):
        first, second = 2 * direction, 2 * direction + 1
        slope = np.abs(np.tensordot(_PARTS[first] - _PARTS[second], parts, axes=2))
        one, other = parts[row, column], parts[2 - row, 2 - column]
        nearer = np.where(np.abs(other - middle) < np.abs(one - middle), second, first)
        chosen = np.where(slope > steepest, nearer, chosen)
        steepest = np.maximum(steepest, slope)
    return chosen


def _parts(power: Image) -> NDArray[np.float64]:
    """Returns (3, 3, y, x): means of 3 × 3 pixels around places two pixels apart; the middle's where one is unknown."""
    height, width = power.shape
    means = np.pad(local_mean(power, 3), 2, constant_values=np.nan)
    parts = np.stack([means[y : y + height, x : x + width] for y in (0, 2, 4) for x in (0, 2, 4)])
    known = np.where(np.isnan(parts), parts[4], parts)
    return np.nan_to_num(known).reshape(3, 3, height, width)


def _least_squares(power: Image, local: LocalStatistics, mixed: NDArray[np.bool_], looks: float) -> Image:
    """Lee & Pottier (2009), Polarimetric Radar Imaging, section 5.3: x = m + b (z - m), b = var(x) / var(z)."""
    speckle = 1 / looks
    backscatter = ((local.variance - local.mean**2 * speckle) / (1 + speckle)).clip(0.0)
    weight = np.divide(backscatter, local.variance, out=np.zeros_like(power), where=mixed & (local.variance > 0))
    return np.where(np.isfinite(power), local.mean + weight * (power - local.mean), np.nan)


def _most_speckle(local: LocalStatistics, looks: float) -> Image:
    """Returns the largest squared variation that speckle alone explains in each window.

    The papers compare with 1 / looks itself. Half of all homogeneous windows lie above that by chance, and would keep
    speckle; Gamma-MAP, whose mode lies below the mean, would darken them by some per cent. Ours is 1 / looks plus two
    standard errors: the estimate from n gamma-distributed pixels has the variance 2 (1 + 1 / looks) / (n looks²), by
    the delta method.
    """
    errors = np.sqrt(2 * (1 + 1 / looks) / np.maximum(local.count, 2.0))
    return (1 + _STANDARD_ERRORS * errors) / looks
