"""Filling gaps of a series, linearly in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray


def filled_in_time(series: NDArray[np.float32], days: Sequence[date]) -> NDArray[np.float32]:
    """Returns a series without gaps.

    A missing value lies on the line between the last one before it and the first one after it; before the first and
    after the last value of a pixel, that one is repeated. Pixels that have no value at all stay missing.

    Args:
        series: (time, ...), NaN for missing.
        days: When its images were taken, in order.
    """
    times = np.array([day.toordinal() for day in days], np.float32)
    times -= times[0]
    before, since = _last_known(series, times)
    after, until = (turned[::-1] for turned in _last_known(series[::-1], times[::-1]))
    span = until - since
    position = times.reshape(-1, *[1] * (series.ndim - 1)) - since
    with np.errstate(invalid="ignore"):
        share = np.divide(position, span, out=np.zeros_like(span), where=span > 0)
        between = before + share * (after - before)
    between = np.where(np.isnan(before), after, np.where(np.isnan(after), before, between))
    return np.where(np.isnan(series), between, series).astype(np.float32)


def _last_known(series: NDArray[np.float32], times: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    """Returns each pixel's last known value up to each time, and when that was; NaN where there is none yet."""
    values, moments = np.empty_like(series), np.empty_like(series)
    value = np.full(series.shape[1:], np.nan, np.float32)
    moment = value.copy()
    for index, image in enumerate(series):
        known = ~np.isnan(image)
        value = np.where(known, image, value)
        moment = np.where(known, times[index], moment)
        values[index], moments[index] = value, moment
    return values, moments
