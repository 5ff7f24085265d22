"""Whether the values of a layer look like what they are taken for: the traps that ruin a map without any failure.

Everything is judged per layer, from a sample of its pixels and what its sensor's bands physically look like, whatever
the model. Values that contradict what is stated are refused in `core.units`; here is what a person should check.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .band_orders import Order
from .sensors import GENERIC, SENSORS
from .spectral_order import BetterOrder, better_order, shows_land
from .units import BASELINE_OFFSET, Conversion, darkest_of, detected_offset, digital_numbers, offset_is_decided

MIN_PIXELS = 200
MAX_PIXELS = 50_000
"""Fewer pixels prove nothing; more prove no more."""

LEAST_RATIO = 0.5
"""VV lies above VH by more than this, in dB: cross-polarised echoes are weaker, over land by 3 to 9 dB."""

BACKSCATTER = (-30.0, 3.0)
"""Medians of VV, in dB, between calm water and a dense city."""

MOST_SUM = -16.5
"""Sum of the medians of VV and VH in dB. Amplitudes taken for power have half the dB of the true values: -9 to -18;
real scenes were seen from -36 to -19."""

OVERDRAWN = 200.0
OVERDRAWN_SHARE = 0.05
"""No more than this share of a band's pixels may lie more than this below the offset: noise over dark water."""

CLIPPED_SHARE = 0.2
"""Visible bands are zero over at most this share of a scene with land, unless the offset was removed twice."""

EIGHT_BITS = 255.0
MOST_REFLECTANCE = 20_000.0
"""Reflectance × 10 000 of clouds and sun glint may exceed 10 000, but never in many pixels this."""

_VISIBLE = ("B02", "B03", "B04")


def doubts(
    layer: str,
    role: str,
    sensor: str,
    bands: Sequence[str],
    conversion: Conversion,
    offset_is_told: bool,
    stored: NDArray[np.float32],
) -> tuple[str, ...]:
    """Returns what looks wrong about a layer, in sentences that say what was seen and what to do.

    Args:
        layer: Name of the layer.
        role: `optical` or `sar`; of other layers nothing is known.
        sensor: Sensor id that the bands are taken for.
        bands: Canonical band names, one per row of `stored`.
        conversion: How the values are read.
        offset_is_told: Whether the user or the product's name tells the offset.
        stored: (band, pixel) float32, stored values of many pixels, NaN for no data.
    """
    if role not in ("optical", "sar") or sensor == GENERIC:
        return ()
    stored = stored[:, np.isfinite(stored).all(axis=0)]
    stored = stored[:, :: max(stored.shape[1] // MAX_PIXELS, 1)]
    if stored.shape[1] < MIN_PIXELS:
        return ()
    pixels = stored.copy()
    conversion.apply(pixels)
    pixels = pixels[:, np.isfinite(pixels).all(axis=0)]
    if role == "sar":
        return tuple(_radar(layer, bands, conversion, pixels))
    sentences = []
    if sensor.startswith("sentinel-2"):
        numbers = digital_numbers(conversion.stored, stored)
        sentences = [*_scale(layer, conversion, numbers), *_offset(layer, bands, conversion, offset_is_told, numbers)]
    if not sentences:
        # Values in a wrong unit or with an offset would be taken for other bands.
        assumed = Order(sensor, tuple(bands))
        other = better_order(assumed, pixels, calibrated=sensor.startswith("sentinel-2"))
        sentences = [_other_order(layer, assumed, other)] if other else []
    return tuple(sentences)


def _radar(layer: str, bands: Sequence[str], conversion: Conversion, pixels: NDArray[np.float32]) -> list[str]:
    """Judges backscatter in dB."""
    medians = dict(zip(bands, np.median(pixels, axis=1) if pixels.size else ()))
    sentences = []
    if {"VV", "VH"} <= set(medians):
        ratio = float(np.median(pixels[list(bands).index("VV")] - pixels[list(bands).index("VH")]))
        if ratio < LEAST_RATIO:
            seen = f"VV lies {ratio:.1f} dB above VH" if ratio >= 0 else f"VV lies {-ratio:.1f} dB below VH"
            sentences.append(
                f"Bands VV and VH of '{layer}' look swapped, or are the same: {seen}, though over land it is 3 to 9 dB "
                "above. Check the order of the bands in the file, and state the band names."
            )
        total = float(medians["VV"] + medians["VH"])
        if conversion.stored == "linear" and total > MOST_SUM:
            sentences.append(
                f"'{layer}' is read as linear power, but looks like amplitude: its medians are {medians['VV']:.1f} dB "
                f"(VV) and {medians['VH']:.1f} dB (VH), usually about -11 and -17. Square amplitudes, or convert to dB."
            )
    for band, median in medians.items():
        if not BACKSCATTER[0] - 10 * (band != "VV") < median < BACKSCATTER[1]:
            sentences.append(
                f"{band} of '{layer}' has a median of {median:.1f} dB, usually -8 to -22. Check that it is calibrated "
                "to sigma or gamma nought, and its units."
            )
    return sentences


def _scale(layer: str, conversion: Conversion, numbers: NDArray[np.float32]) -> list[str]:
    """Judges whether Sentinel-2 values are reflectance × 10 000."""
    high = float(np.percentile(numbers, 99.5, axis=1).max())
    many = float(np.percentile(numbers, 95, axis=1).max())
    seen = ""
    if conversion.stored == "dn" and high <= EIGHT_BITS:
        seen = f"reach only {high:.0f}, as in an 8-bit picture or per cent"
    if many > MOST_REFLECTANCE:
        seen = f"exceed {many:.0f} in many pixels, that is a reflectance of {many / 10_000:.1f}"
    if not seen:
        return []
    return [
        f"Values of '{layer}' {seen}; Sentinel-2 is expected as reflectance from 0 to 1 or times 10 000. Choose the "
        "original product, or scale its values."
    ]


def _offset(
    layer: str, bands: Sequence[str], conversion: Conversion, told: bool, numbers: NDArray[np.float32]
) -> list[str]:
    """Judges whether the offset of newer Sentinel-2 products is removed once."""
    darkest = darkest_of(numbers)
    if not conversion.offset and detected_offset(numbers):
        return [
            f"'{layer}' is read without an offset, but even its darkest pixels lie at {darkest:.0f}: products since "
            f"2022 store reflectance × 10 000 + 1000. State the offset {BASELINE_OFFSET:.0f}, or leave it to be found."
        ]
    below = (numbers < conversion.offset - OVERDRAWN).mean(axis=1)
    if conversion.offset and below.max() > OVERDRAWN_SHARE:
        band = bands[int(below.argmax())]
        return [
            f"An offset of {conversion.offset:.0f} is removed from '{layer}', but {below.max():.0%} of {band} lies far "
            "below it and would become zero. State the offset 0, or leave it to be found."
        ]
    visible = [row for row, band in enumerate(bands) if band in _VISIBLE]
    empty = float((numbers[visible] <= 1).mean(axis=1).max()) if visible else 0.0
    negative = float((numbers < -OVERDRAWN).mean(axis=1).max())
    if not conversion.offset and ((empty > CLIPPED_SHARE and _lit(numbers)) or negative > OVERDRAWN_SHARE):
        share = max(empty, negative)
        return [
            f"Reflectance of '{layer}' is zero or negative in {share:.0%} of the pixels of a band, as if an offset had "
            "been removed twice. Use the values as they were delivered."
        ]
    matters = bool(conversion.offset) or shows_land("sentinel-2-l2a", numbers, calibrated=True)
    if not told and not offset_is_decided(numbers) and matters:
        was = "removed" if conversion.offset else "not removed"
        return [
            f"Whether '{layer}' has the offset of 1000 of products since 2022 cannot be told: even its darkest pixels "
            f"lie at {darkest:.0f}. It is {was}; state the offset if you know it."
        ]
    return []


def _lit(numbers: NDArray[np.float32]) -> bool:
    """Whether some band is bright in half of the pixels, as near infrared is over land."""
    return float(np.median(numbers, axis=1).max()) > 1000.0


def _other_order(layer: str, assumed: Order, other: BetterOrder) -> str:
    taken, found = SENSORS[assumed.sensor].title, SENSORS[other.order.sensor].title
    if other.order.bands == assumed.bands:
        return f"'{layer}' is read as {taken}, but looks like {found}: {other.evidence}. Choose that sensor if it is."
    moved = [pair for pair in zip(assumed.bands, other.order.bands) if pair[0] != pair[1]]
    if len(moved) == 2 and taken == found:
        look = f"Bands {moved[0][0]} and {moved[1][0]} of '{layer}' look swapped"
    else:
        orders = f"{taken} {' '.join(assumed.bands)}, but look like {found} {' '.join(other.order.bands)}"
        look = f"The bands of '{layer}' are read as {orders}"
    return f"{look}: {other.evidence}. Check the order of the bands in the file, and state the band names."
