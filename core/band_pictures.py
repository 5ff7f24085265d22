"""Which channels of an image are shown to people, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NATURAL = (("B04", "B03", "B02"), ("red", "green", "blue"), ("B3", "B2", "B1"))
"""Bands that look natural, by sensor; other images show their first three."""


def shown_channels(bands: Sequence[str]) -> list[int]:
    """Returns the places of three bands to show as red, green and blue, or of one to show in grey."""
    natural = next((colours for colours in _NATURAL if set(colours) <= set(bands)), None)
    chosen = natural or (tuple(bands)[:3] if len(bands) >= 3 else tuple(bands)[:1])
    return [list(bands).index(band) for band in chosen]


def fullest_date(image: NDArray[Any], bands: int) -> NDArray[Any]:
    """(date × band, y, x) → the date (band, y, x) with most data."""
    dates = image.reshape(-1, bands, *image.shape[1:])
    chosen: NDArray[Any] = dates[np.isfinite(dates).sum(axis=(1, 2, 3)).argmax()]
    return chosen
