"""Masks of dated images: which pixels clouds and their shadows hide.

Snow and water stay visible: they are what the ground looked like that day.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import SceneError

CLOUDY_PERCENT = 60
"""A cloud probability from here on hides a pixel (Garioud et al., FLAIR #2, 2023, arXiv:2310.13336, section 3)."""

_Stored = NDArray[Any]
_Hidden = NDArray[np.bool_]


def hidden(kind: str, values: _Stored) -> _Hidden:
    """Returns True where a pixel is hidden.

    Args:
        kind: One of `KINDS`.
        values: Stored values of the mask, of any shape; what is not finite lies outside it and is hidden.

    Raises:
        SceneError: If there is no such kind.
    """
    if kind not in KINDS:
        raise SceneError(f"A mask of the kind '{kind}' is unknown.", f"Expected one of {', '.join(KINDS)}.")
    if values.dtype.kind == "u" and values.dtype.itemsize <= 2:
        few: _Hidden = _table(kind, values.dtype).take(values)
        return few
    outside = ~np.isfinite(values)
    found: _Hidden = KINDS[kind](np.where(outside, 0, values).astype(np.int64))
    return found | outside


@cache
def _table(kind: str, dtype: np.dtype[Any]) -> _Hidden:
    """Returns what each value of a small type means: to look it up is one pass over a mask instead of several."""
    return KINDS[kind](np.arange(np.iinfo(dtype).max + 1))


def _one_of(*classes: int) -> Callable[[_Stored], _Hidden]:
    return lambda values: np.isin(values, classes)


def _any_bit(*bits: int) -> Callable[[_Stored], _Hidden]:
    mask = sum(1 << bit for bit in bits)
    return lambda values: (values & mask) != 0


KINDS: dict[str, Callable[[_Stored], _Hidden]] = {
    "scl": _one_of(0, 1, 3, 8, 9, 10),
    "qa60": _any_bit(10, 11),
    "qa_pixel": _any_bit(0, 1, 2, 3, 4),
    "fmask": _one_of(2, 4, 255),
    "hls_fmask": lambda values: ((values & 0b1110) != 0) | (values == 255),
    "force_qai": _any_bit(0, 1, 2, 3),
    "udm2": _one_of(0),
    "mask": lambda values: values != 0,
    "probability": lambda values: values >= CLOUDY_PERCENT,
}
"""How each kind of mask says that a pixel is hidden.

`scl`: scene classes of Sen2Cor: no data, defective, cloud shadow, cloud (medium, high), cirrus. `qa60`: opaque, cirrus
(Sentinel-2 in Earth Engine). `qa_pixel`: fill, dilated cloud, cirrus, cloud, cloud shadow (Landsat Collection 2).
`fmask`: shadow, cloud, outside. `hls_fmask`: the bits for cloud, next to cloud, cloud shadow. `force_qai`: no data, any
cloud state but clear, shadow. `udm2`: not clear (its first band). `mask`: anything but zero. `probability`: per cent.
"""
