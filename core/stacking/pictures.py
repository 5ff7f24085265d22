"""Small pictures of dated images, by which people tell clouds from ground."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..stack_file import StackItem

_TRUE_COLOUR = (("B04", "B03", "B02"), ("B4", "B3", "B2"), ("red", "green", "blue"))
_LANDSAT_7 = ("B3", "B2", "B1")
_STRETCH = (2, 98)
"""Percentiles that become black and white."""

_LEAST_GROUND = 0.05
"""Share of the picture that has to be clear for the stretch to follow from it."""

_EMPTY = 236


def thumbnail(
    item: StackItem, stored: NDArray[Any], gaps: NDArray[np.bool_], side: int, covered: NDArray[np.bool_] | None = None
) -> str:
    """Draws an image in true colour where it has such bands, else its first bands.

    Args:
        item: What the bands are.
        stored: (band, row, column) values.
        gaps: (row, column) True where there is no data.
        side: Longest side in pixels.
        covered: (row, column) True where a mask hides the ground: clouds must not make the rest of it black.

    Returns:
        A PNG as base64 text.
    """
    names = [band.name for band in item.bands]
    wanted = [_LANDSAT_7] if item.sensor == "landsat-7" else _TRUE_COLOUR
    shown: tuple[str, ...] = next((rgb for rgb in wanted if set(rgb) <= set(names)), ())
    places = [names.index(name) for name in shown] or [min(place, len(names) - 1) for place in range(3)]
    step = max(max(gaps.shape) / side, 1.0)
    rows, columns = ((np.arange(max(int(length / step), 1)) * step).astype(int) for length in gaps.shape)
    empty = gaps[rows][:, columns]
    values = stored[places][:, rows][:, :, columns].astype(np.float32)
    image = np.full((*empty.shape, 3), _EMPTY, np.uint8)
    if not empty.all():
        # Each band on its own: haze would make a common stretch blue.
        ground = ~empty if covered is None else ~empty & ~covered[rows][:, columns]
        telling = ground if ground.sum() >= _LEAST_GROUND * empty.size else ~empty
        low, high = np.percentile(values[:, telling], _STRETCH, axis=1)[:, :, None, None]
        shares = np.clip((values - low) / np.maximum(high - low, 1e-6), 0, 1)
        image[~empty] = (np.nan_to_num(shares) * 255).astype(np.uint8).transpose(1, 2, 0)[~empty]
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")
