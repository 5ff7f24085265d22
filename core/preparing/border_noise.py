"""Noise at the border of a radar swath: low values beside no data, left by the processor instead of no data.

Ground range products of Sentinel-1 before March 2018 have a rim of such values, some hundred pixels wide. Ali et al.
(2018, IEEE JSTARS 11(3), "Methods to remove the border noise from Sentinel-1 synthetic aperture radar data") find it by
sampling lines inwards from the border until the values rise. Ours does so in the four directions of the grid, as that
needs no knowledge of the orbit: a pixel is noise if all pixels on the way to no data, no more than `reach`, are low.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .local_statistics import local_mean

SMOOTHED = 5
"""Side of the window whose mean counts as low: single bright pixels of speckle must not end the way inwards."""


def border_noise(
    power: NDArray[np.float64], inside: NDArray[np.bool_], threshold: float, reach: int
) -> NDArray[np.bool_]:
    """Returns (y, x): True where a pixel with data is noise at the swath's border.

    Water inside the swath stays, however dark, since no data lies beyond brighter land; a pixel counts as low if all
    polarisations are, since the co-polarised backscatter of water is seldom as low as border noise.

    Args:
        power: (band, y, x) linear power, NaN for no data.
        inside: (y, x), True on the raster: that an image was cut makes no border of a swath.
        threshold: Linear power below which a mean of 5 × 5 pixels is low.
        reach: Most pixels from the border; as many have to be given around the pixels of interest, plus
            `SMOOTHED // 2`, for the answer to be independent of the tile.
    """
    known = np.isfinite(power).all(axis=0)
    means = np.stack([local_mean(np.where(known, band, np.nan), SMOOTHED) for band in power])
    with np.errstate(invalid="ignore"):
        low = known & (means < threshold).all(axis=0)
    noise = np.zeros_like(known)
    if not low.any():
        return noise
    for turns in range(4):
        turned = _from_the_top(np.rot90(low, turns), np.rot90(known | ~inside, turns), reach)
        noise |= np.rot90(turned, -turns)
    return noise


def _from_the_top(low: NDArray[np.bool_], known: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Returns True for low pixels, at most `reach` from no data above them with nothing but low pixels between."""
    rows = np.arange(len(low))[:, None]
    # The last row, up to each pixel, that is no data, and the last that is data but not low.
    outside = np.maximum.accumulate(np.where(known, -1, rows), axis=0)
    stopped = np.maximum.accumulate(np.where(known & ~low, rows, -1), axis=0)
    return low & (outside >= 0) & (outside > stopped) & (rows - outside <= reach)
