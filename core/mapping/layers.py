"""The rasters that a map consists of: what each holds, and how it follows from the class probabilities."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling

from ..legend import NO_DATA, ClassLegend
from ..runtimes.runtime import FULL
from ..specs import ClassifySpec
from .blending import Steps

FLOAT_NO_DATA = -1.0
PROBABILITY_STEPS = 250
PROBABILITY_NO_DATA = 255

_SHIFT = (FULL // PROBABILITY_STEPS).bit_length() - 1  # FULL / 250 is 2⁷


@dataclass(frozen=True)
class Layer:
    """One raster of the map.

    Attributes:
        name: What it is, in a word; part of file names.
        path: The finished file.
        bands: Descriptions of its bands.
        dtype: `uint8` or `float32`.
        no_data: Value of pixels without data.
        overviews: How overviews are resampled.
        values: From probability steps (class, y, x) to stored values (band, y, x).
        scale: Factor from stored to true values.
    """

    name: str
    path: str
    bands: tuple[str, ...]
    dtype: str
    no_data: float
    overviews: Resampling
    values: Callable[[Steps], NDArray[Any]]
    scale: float = 1.0


CLASS = "class"


def layers_of(spec: ClassifySpec, legend: ClassLegend) -> tuple[Layer, ...]:
    """Returns the rasters that a job writes, the class map first."""
    values = np.array(legend.values, np.uint8)
    mean = Resampling.average
    layers = [
        Layer(CLASS, spec.output, (CLASS,), "uint8", NO_DATA, Resampling.mode, lambda steps: _classes(steps, values))
    ]
    for name, path, of in (
        ("confidence", spec.confidence, _confidence),
        ("entropy", spec.entropy, _entropy),
        ("margin", spec.margin, _margin),
    ):
        if path:
            layers.append(Layer(name, path, (name,), "float32", FLOAT_NO_DATA, mean, of))
    if spec.probabilities:
        layers.append(
            Layer(
                "probabilities", spec.probabilities, legend.names, "uint8", PROBABILITY_NO_DATA, mean, _probabilities,
                scale=1 / PROBABILITY_STEPS,
            )
        )  # fmt: skip
    return tuple(layers)


def _winner(steps: Steps) -> tuple[NDArray[np.uint8], Steps, Steps]:
    """Returns (y, x) index of the most probable class (the first of equals), its steps, and those of the runner-up.

    Class by class over whole images: numpy's own argmax over the first axis is an order of magnitude slower.
    """
    index = np.zeros(steps.shape[1:], np.uint8)
    best = steps[0].copy()
    second = np.zeros_like(best)
    for place in range(1, len(steps)):
        candidate = steps[place]
        higher = candidate > best
        np.maximum(second, np.minimum(candidate, best), out=second)
        np.maximum(best, candidate, out=best)
        np.copyto(index, np.uint8(place), where=higher)
    return index, best, second


def _classes(steps: Steps, values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    index, best, _ = _winner(steps)
    return np.where(best > 0, values[index], np.uint8(NO_DATA))[None]


def _confidence(steps: Steps) -> NDArray[np.float32]:
    best = steps.max(axis=0)
    return _float(best, best > 0)


def _margin(steps: Steps) -> NDArray[np.float32]:
    _, best, second = _winner(steps)
    return _float(best - second, best > 0)


def _entropy(steps: Steps) -> NDArray[np.float32]:
    total = np.zeros(steps.shape[1:], np.float32)
    for one in steps:
        share = np.maximum(one, 1).astype(np.float32) / FULL  # p log p is zero at both 0 and 1 / FULL, to 3e-4
        total -= np.where(one > 0, share * np.log(share), np.float32(0))
    most = math.log(len(steps)) if len(steps) > 1 else 1.0
    return np.where(steps.max(axis=0) > 0, np.clip(total / np.float32(most), 0, 1), np.float32(FLOAT_NO_DATA))[None]


def _float(steps: Steps, valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.where(valid, steps.astype(np.float32) / FULL, np.float32(FLOAT_NO_DATA))[None]


def _probabilities(steps: Steps) -> NDArray[np.uint8]:
    valid = steps.max(axis=0) > 0
    rounded = ((steps + (1 << _SHIFT >> 1)) >> _SHIFT).astype(np.uint8)
    return np.where(valid, rounded, np.uint8(PROBABILITY_NO_DATA))
