"""The equivalent number of looks of a radar image: how strong its speckle is."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .local_statistics import Image, local_statistics

_BINS = 200
_RANGE = (0.3, 300.0)
_SMOOTHED_BINS = 5
_LEAST_WINDOWS = 30


def log_variations(power: Image, size: int) -> NDArray[np.float64]:
    """Returns the logarithms of the squared coefficient of variation in all windows that are full of data."""
    local = local_statistics(power, size)
    variation = local.squared_variation[(local.count == size * size) & (local.variance > 0)]
    return np.log(variation)


def looks_of(logs: NDArray[np.float64]) -> float | None:
    """Returns the equivalent number of looks: mean² / variance in the most usual window.

    Homogeneous windows have about the same variation, that of speckle; texture and edges only add to it, each window by
    another amount. So the mode of their distribution is that of speckle (Anfinsen, Doulgeris & Eltoft 2009, IEEE TGRS
    47(11)). Speckle of neighbouring pixels is correlated, and windows of the filter's own size see of it what the
    filter sees.

    Args:
        logs: Of many windows, as `log_variations` returns them.

    Returns:
        The number of looks; None where there are too few windows to tell.
    """
    if logs.size < _LEAST_WINDOWS:
        return None
    edges = np.linspace(-math.log(_RANGE[1]), -math.log(_RANGE[0]), _BINS + 1)
    counts = np.histogram(logs, edges)[0].astype(np.float64)
    if not counts.any():
        return None
    kernel = np.hanning(2 * _SMOOTHED_BINS + 3)
    smooth = np.convolve(counts, kernel, mode="same")
    best = int(smooth.argmax())
    return float(np.exp(-(edges[best] + edges[best + 1]) / 2))
