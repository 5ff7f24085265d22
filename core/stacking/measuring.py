"""What the pixels of an image say: how much of it has data, how much is clear, and how it looks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT

from ..errors import SceneError
from ..rasters import missing, zero_stands_for_no_data
from ..stack_file import StackMask
from ..stack_masks import hidden
from ..units import conversion_of
from .drafts import Draft
from .pictures import thumbnail

LONGEST = 256
"""Shares are taken from an overview of at most so many pixels along a side."""


@dataclass(frozen=True)
class Measured:
    """What was seen of an image.

    Attributes:
        valid: Share of its pixels with data.
        clear: Share with data that the mask does not hide; None: it has no mask.
        offset: Of Sentinel-2 values, where stated or told by the product's name; None: else.
        problem: What is wrong with its mask; empty: nothing.
        picture: PNG as base64 text; empty: not asked for.
    """

    valid: float
    clear: float | None
    offset: float | None
    problem: str = ""
    picture: str = ""


def measure(draft: Draft, picture: int) -> Measured:
    """Looks at an overview of an image.

    Args:
        draft: The image.
        picture: Longest side of its picture; 0: none is wanted.

    Raises:
        SceneError: If its pixels cannot be read, or contradict its units.
    """
    item = draft.item
    stored = _overview(draft)
    gaps = missing(stored, draft.header.no_data, zero_stands_for_no_data(item.role, item.sensor))
    covered, problem = None, ""
    if item.mask:
        covered, problem = _hidden(item.mask, draft, gaps.shape)
    offset = item.offset
    if not gaps.all():
        pixels = stored[:, ~gaps].astype(np.float32)
        name = draft.header.name
        found = conversion_of(name, item.role, item.sensor, item.units, item.offset, pixels, draft.baseline)
        offset = found.offset if draft.baseline is not None and item.sensor.startswith("sentinel-2") else offset
    return Measured(
        valid=float((~gaps).mean()),
        clear=None if covered is None else float((~gaps & ~covered).mean()),
        offset=offset,
        problem=problem,
        picture=thumbnail(item, stored, gaps, picture, covered) if picture else "",
    )


def _overview(draft: Draft) -> NDArray[Any]:
    """Returns (band, row, column) stored values, the nearest pixel for each cell."""
    height, width = draft.header.grid.shape
    factor = max(max(height, width) / LONGEST, 1.0)
    shape = max(round(height / factor), 1), max(round(width / factor), 1)
    parts = {}
    for path in draft.files:
        indexes = [band.index for band in draft.item.bands if band.path == path]
        try:
            with rasterio.open(path) as dataset:
                parts[path] = list(dataset.read(indexes, out_shape=(len(indexes), *shape)))
        except (RasterioError, OSError) as error:
            raise SceneError(
                f"'{os.path.basename(path)}' cannot be read: {error}.", "Copy or download it again."
            ) from error
    return np.stack([parts[band.path].pop(0) for band in draft.item.bands])


def _hidden(mask: StackMask, draft: Draft, shape: tuple[int, int]) -> tuple[NDArray[np.bool_] | None, str]:
    """Returns where a mask hides an overview's pixels, and what is wrong with it; None where it cannot be used."""
    grid, name = draft.header.grid, os.path.basename(mask.path)
    height, width = shape
    try:
        with (
            rasterio.open(mask.path) as dataset,
            WarpedVRT(
                dataset,
                crs=grid.crs,
                transform=grid.transform @ grid.transform.scale(grid.width / width, grid.height / height),
                width=width,
                height=height,
                resampling=Resampling.nearest,
                dtype="float32",
                nodata=np.nan,
            ) as warped,
        ):
            values = warped.read(mask.index)
    except (RasterioError, OSError, IndexError) as error:
        return None, f"The mask '{name}' cannot be read: {error}."
    if not np.isfinite(values).any() or (mask.kind == "scl" and not np.nan_to_num(values).any()):
        return None, f"The mask '{name}' is empty where '{draft.header.name}' lies; it is not used."
    return hidden(mask.kind, values), ""
