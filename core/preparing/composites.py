"""One image of several: how a pixel's value is made of its dates. NaN stands for missing everywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

Series = NDArray[np.float32]
"""(date, band, y, x); a pixel of a date has all its bands or none."""

CLOUD_DISTANCE = 50
"""Pixels from hidden ones beyond which a pixel is as good as any (White et al. 2014: 50 pixels of Landsat)."""


def median(series: Series) -> NDArray[np.float32]:
    """Returns the median of each band over the dates."""
    # NaN comes last, so that the known values come first.
    ordered = np.sort(series, axis=0)
    count = np.isfinite(series).sum(axis=0)
    low = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0)[None], axis=0)[0]
    high = np.take_along_axis(ordered, np.minimum(count // 2, len(series) - 1)[None], axis=0)[0]
    middle: NDArray[np.float32] = (low + high) / 2
    middle[count == 0] = np.nan
    return middle


def mean(series: Series) -> NDArray[np.float32]:
    """Returns the mean of each band over the dates."""
    known = np.isfinite(series)
    count = known.sum(axis=0)
    total = np.where(known, series, 0).sum(axis=0, dtype=np.float64)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0).astype(np.float32)


def medoid(series: Series) -> NDArray[np.float32]:
    """Returns each pixel of the date whose spectrum is nearest to those of all others (Flood 2013, Remote Sensing 5).

    Unlike bands of medians, its bands were measured together. Of several equally near dates, the first is taken.
    """
    distances = np.zeros((len(series), *series.shape[2:]), np.float32)
    for one in range(len(series)):
        for other in range(one + 1, len(series)):
            distance = np.sqrt(np.square(series[one] - series[other]).sum(axis=0))
            distance[np.isnan(distance)] = 0
            distances[one] += distance
            distances[other] += distance
    return _chosen(series, -distances)


def greenest(series: Series, red: int, infrared: int) -> NDArray[np.float32]:
    """Returns each pixel of the date with the largest NDVI (Holben 1986, International Journal of Remote Sensing 7).

    Clouds and haze lower the NDVI of vegetation; over water and bare ground, though, they are what is chosen.

    Args:
        series: The images.
        red: Position of the red band.
        infrared: Position of the near infrared band.
    """
    total = series[:, infrared] + series[:, red]
    difference = series[:, infrared] - series[:, red]
    return _chosen(series, np.divide(difference, total, out=np.full_like(total, -1), where=total > 0))


def best(series: Series, offsets: Sequence[float], spread: float) -> NDArray[np.float32]:
    """Returns each pixel of the date with the best score: near the middle of the period and far from clouds.

    Best available pixel (Griffiths et al. 2013, IEEE JSTARS 6; White et al. 2014, Canadian Journal of Remote Sensing
    40) with its scores for the day and for the distance to clouds and shadows; those for sensor and haze are left out,
    as they need what stacks do not tell. Missing pixels of a date count as hidden by clouds.

    Args:
        series: The images, with `CLOUD_DISTANCE` pixels around what is wanted.
        offsets: Days from the middle of the period to each date.
        spread: Standard deviation in days of the score for the day.
    """
    scores = np.empty((len(series), *series.shape[2:]), np.float32)
    for index, image in enumerate(series):
        known = np.isfinite(image).all(axis=0)
        day = np.exp(-0.5 * (offsets[index] / spread) ** 2)
        scores[index] = day + _cloud_score(known)
    return _chosen(series, scores)


def _cloud_score(known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Griffiths et al. 2013, eq. 2: a sigmoid of the distance to the nearest hidden pixel, from 0 at it to 1."""
    # Without a hidden pixel, the transform has nothing to measure from.
    far = np.full(known.shape, float(CLOUD_DISTANCE))
    distance = far if known.all() else np.minimum(distance_transform_edt(known), far)
    return (1 / (1 + np.exp(-0.2 * (distance - CLOUD_DISTANCE / 2)))).astype(np.float32)


def _chosen(series: Series, scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns each pixel of the date with the highest score of those that have it; of equal ones, the first."""
    known = np.isfinite(series).all(axis=1)
    date = np.where(known, scores, -np.inf).argmax(axis=0)
    result: NDArray[np.float32] = np.take_along_axis(series, date[None, None], axis=0)[0]
    result[:, ~known.any(axis=0)] = np.nan
    return result
