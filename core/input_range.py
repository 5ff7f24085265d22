"""Whether a scene's values lie where a checkpoint's normalisation expects them: the last net under all units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .cards import Normalisation, SourceCard
from .spectral_order import shows_land

FAR = 4.0
"""Standard deviations from the mean that half of a band's pixels must lie beyond, on one side."""

CLIPPED = 0.5
"""Share of a band's pixels that must be cut off on one side."""

MANY = 0.2
"""Share of the bands that must lie outside: cirrus or water vapour alone depend on the weather."""

COLLAPSED = 0.004
COLLAPSED_SIGMAS = 0.1
"""Where all bands span less than this after normalisation, or less than this many standard deviations, the network sees
nothing but a constant. Only values of unknown units are judged so: open water spans little, too."""

_SIGMAS = {"2-sigma": 4.0, "3-sigma": 6.0}
"""Standard deviations from 0 to 1, by method."""


def out_of_range(source: SourceCard, layer: str, pixels: NDArray[np.float32]) -> list[str]:
    """Returns in words where values lie far outside of what a normalisation expects, or nothing.

    Scenes of cloud or snow alone lie outside, too, and are left out: they say nothing about units.

    Args:
        source: What the checkpoint expects.
        layer: Name of the layer.
        pixels: (band, pixel) float32 in canonical units, valid, bands in the checkpoint's order.
    """
    scaling = source.normalisation
    if scaling.is_open or not pixels.size:
        return []
    if source.role == "optical" and not shows_land(source.sensor, pixels, calibrated=False):
        return []
    offset, scale = np.array(scaling.offset)[:, None], np.array(scaling.scale)[:, None]
    inputs = (pixels - offset) / scale
    medians = np.median(inputs, axis=1)
    outside = _clipped(scaling, inputs) | (np.abs(_deviations(scaling, medians)) > FAR)
    hint = "If that is not for clouds or snow, check the layer's units, its offset and the order of its bands."
    if outside.mean() > MANY:
        row = int(np.argmax(np.where(outside, np.abs(medians), -1.0)))
        low, high = _expected(scaling, row)
        return [
            f"{outside.sum()} of {len(outside)} bands of '{layer}' lie outside of what the checkpoint can tell apart: "
            f"{source.bands[row]} has a median of {np.median(pixels[row]):.4g}; expected is about {low:.4g} to "
            f"{high:.4g}. {hint}"
        ]
    first, last = np.percentile(_deviations(scaling, inputs), (1, 99), axis=1)
    least = COLLAPSED_SIGMAS if scaling.method in ("z-score", *_SIGMAS) else COLLAPSED
    if source.units == "raw" and (last - first).max() < least:
        row = int(np.argmax(last - first))
        low, high = _expected(scaling, row)
        return [
            f"To the checkpoint, '{layer}' would look like one colour: {source.bands[row]} spans only "
            f"{np.ptp(pixels[row]):.4g} of the {high - low:.4g} that it expects. {hint}"
        ]
    return []


def _clipped(scaling: Normalisation, inputs: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(band,): whether most pixels are cut off on one side."""
    if scaling.clip is None:
        return np.zeros(len(inputs), bool)
    low, high = scaling.clip
    sides = np.stack([(inputs < low).mean(axis=1), (inputs > high).mean(axis=1)])
    cut: NDArray[np.bool_] = sides.max(axis=0) > CLIPPED
    return cut


def _deviations(scaling: Normalisation, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """From normalised values to standard deviations from the mean; of methods without, the values themselves."""
    width = _SIGMAS.get(scaling.method)
    return inputs if width is None else (inputs - 0.5) * width


def _expected(scaling: Normalisation, row: int) -> tuple[float, float]:
    """The values of a band that a normalisation is made for."""
    low, high = (-2.0, 2.0) if scaling.method == "z-score" and scaling.clip is None else scaling.clip or (0.0, 1.0)
    return scaling.offset[row] + low * scaling.scale[row], scaling.offset[row] + high * scaling.scale[row]
