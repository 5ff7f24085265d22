"""Units of pixel values: what a raster stores, and how it becomes what the engine computes with.

Canonical units are `dn` (reflectance × 10 000 without offset) for Sentinel-2, `db` for radar backscatter, and `raw` for
everything else. No data is NaN after conversion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .errors import SceneError

BASELINE_OFFSET = 1000.0
"""Sentinel-2 products from processing baseline 04.00 on store reflectance × 10 000 + 1000."""

_OFFSET_FLOOR = 800.0
"""With the offset, dark pixels lie near or above 1000: atmospheric correction errs by less than this leaves."""

_FLOOR_SHARE = 1.0
"""Per cent of a band's pixels that may lie below the floor: shadows overcorrected, edges of no data resampled."""

_MANY_BANDS = 9
_CLEAR = {True: 1300.0, False: 1200.0}
_LIKELY = {True: 2000.0, False: 1500.0}
"""For scenes of many bands or few: below the first value, dark pixels prove the offset; up to the second, the offset is
likelier than clouds or haze without it; above, the scene is cloud or snow, with or without. With many bands, some band
is dark in most clouds, too."""

_FIRST_BASELINE = 400
_REPROCESSED = 9999
"""The offset is added from processing baseline 04.00 on. 99.99 stands for reprocessing of any kind."""

_MOST_POWER = 2.0
"""Half of a scene never scatters back more than this linear power (3 dB)."""


@dataclass(frozen=True)
class Conversion:
    """From stored values to canonical units.

    Attributes:
        stored: Units of the stored values: `dn`, `reflectance`, `raw`, `db` or `linear`.
        offset: Digital number that stands for zero reflectance.
    """

    stored: str
    offset: float = 0.0

    @property
    def canonical(self) -> str:
        """Units after conversion."""
        return {"reflectance": "dn", "linear": "db"}.get(self.stored, self.stored)

    @property
    def makes_gaps(self) -> bool:
        """Whether values may become NaN: power that is not above zero has no logarithm."""
        return self.stored == "linear"

    def apply(self, image: np.ndarray) -> None:
        """Converts float32 stored values in place; NaN stays NaN."""
        if self.stored == "linear":
            with np.errstate(divide="ignore", invalid="ignore"):
                np.log10(image, out=image)
            image *= np.float32(10.0)
            image[~np.isfinite(image)] = np.nan
        elif self.stored == "reflectance":
            image *= np.float32(10_000.0)
        if self.offset:
            image -= np.float32(self.offset)
            # Products clip at zero reflectance; values below the offset are noise of dark targets.
            np.maximum(image, np.float32(0.0), out=image)


def conversion_of(
    layer: str,
    role: str,
    sensor: str,
    units: str,
    offset: float | None,
    sample: np.ndarray,
    baseline: int | None = None,
) -> Conversion:
    """Decides how a layer's values are converted, and refuses values that contradict what is stated.

    Args:
        layer: Name of the layer, for errors.
        role: `optical` or `sar`.
        sensor: Sensor id of `core.sensors`, or `generic`.
        units: As in `SourceSpec.units`.
        offset: As in `SourceSpec.offset`.
        sample: (band, pixel) float32, stored values of many pixels, NaN for no data.
        baseline: As `product_baseline` returns it.

    Raises:
        SceneError: If the values are not of the stated units, or of no known ones.
    """
    if not np.isfinite(sample).any():
        raise SceneError(f"Layer '{layer}' has no valid pixels.", "Choose a layer with data.")
    if role == "embedding":
        if units not in ("auto", "raw"):
            raise SceneError(f"Units '{units}' were stated for the embeddings '{layer}'.", "They have none; leave it.")
        return Conversion("raw")
    if role == "sar":
        return Conversion(_sar_units(layer, units, sample))
    if units in ("db", "linear"):
        raise SceneError(f"Units '{units}' were stated for the optical layer '{layer}'.", "Expected dn or reflectance.")
    if not sensor.startswith("sentinel-2"):
        return Conversion("raw")
    stored = _optical_units(layer, units, sample)
    if offset is None:
        offset = detected_offset(digital_numbers(stored, sample), baseline)
    return Conversion(stored, offset)


def digital_numbers(stored: str, sample: np.ndarray) -> np.ndarray:
    """Returns Sentinel-2 values as reflectance × 10 000, with the offset if they have it."""
    return sample * np.float32(10_000.0) if stored == "reflectance" else sample


def _sar_units(layer: str, units: str, sample: np.ndarray) -> str:
    low, middle, high = np.nanpercentile(sample, (1, 50, 99))
    looks_decibel = low < 0
    if units == "linear" and looks_decibel:
        raise SceneError(
            f"Layer '{layer}' was stated as linear power but has negative values (1st percentile {low:.3g}).",
            "Linear backscatter is positive; choose dB.",
        )
    if units in ("db", "auto") and looks_decibel and low < -100:
        raise SceneError(
            f"Layer '{layer}' has values down to {low:.3g}, which is no backscatter in dB.",
            "Expected about -35 to 10 dB. Scaled integers must be converted to dB or linear power first.",
        )
    if units == "db" and not looks_decibel:
        raise SceneError(
            f"Layer '{layer}' was stated as dB but all its values are positive (median {middle:.3g}).",
            "Backscatter in dB is mostly negative; choose linear.",
        )
    if not looks_decibel and middle > _MOST_POWER:
        raise SceneError(
            f"Layer '{layer}' has values around {middle:.3g} (99th percentile {high:.3g}), which is neither "
            "backscatter in dB nor in linear power.",
            "Uncalibrated amplitudes must be calibrated to sigma or gamma nought first.",
        )
    return "db" if looks_decibel else "linear"


def _optical_units(layer: str, units: str, sample: np.ndarray) -> str:
    high = float(np.nanpercentile(sample, 99))
    expected = "Sentinel-2 reflectance is stored as 0 to 1 or times 10 000"
    if 2.5 < high <= 255 and units != "dn" and float(np.nanmax(sample)) <= 255:
        raise SceneError(
            f"Layer '{layer}' has values up to {high:.3g}, as in an 8-bit picture; {expected}.",
            "Choose the original product, or the sensor 'generic'.",
        )
    looks_reflectance = high <= 2.5
    if units == "reflectance" and not looks_reflectance:
        raise SceneError(f"Layer '{layer}' was stated as reflectance but reaches {high:.5g}; {expected}.", "Choose dn.")
    if units == "dn" and looks_reflectance:
        raise SceneError(f"Layer '{layer}' was stated as digital numbers but reaches only {high:.3g}; {expected}.")
    return "reflectance" if looks_reflectance else "dn"


def detected_offset(numbers: np.ndarray, baseline: int | None = None) -> float:
    """Returns 1000 if even the darkest pixels of every band lie near or above it, else 0.

    Without the offset some band is dark somewhere: cirrus or water vapour, blue over land, short-wave infrared over
    water and snow.

    Args:
        numbers: (band, pixel) float32, reflectance × 10 000 with or without the offset, NaN for no data.
        baseline: As `product_baseline` returns it; it decides where values cannot.
    """
    darkest = darkest_of(numbers)
    if darkest < _OFFSET_FLOOR or (baseline is not None and baseline < _FIRST_BASELINE):
        return 0.0
    return BASELINE_OFFSET if baseline is not None or darkest <= _LIKELY[len(numbers) >= _MANY_BANDS] else 0.0


def offset_is_decided(numbers: np.ndarray, baseline: int | None = None) -> bool:
    """Whether a scene has pixels dark enough to tell whether the offset was added, or its product's name does."""
    return baseline is not None or darkest_of(numbers) <= _CLEAR[len(numbers) >= _MANY_BANDS]


def product_baseline(texts: Iterable[str]) -> int | None:
    """Finds Sentinel-2's processing baseline in product names, such as 214 in 'S2A_MSIL2A_20200401T102021_N0214_R065'.

    Returns:
        The baseline times 100, or None where no product is named or it is of unknown processing.
    """
    found = re.search(r"S2[A-D]_MSIL[12][AC]_\d{8}T\d{6}_N(\d{4})_", " ".join(texts))
    return int(found.group(1)) if found and int(found.group(1)) != _REPROCESSED else None


def darkest_of(numbers: np.ndarray) -> float:
    """Returns the darkest band's dark end; zeros are left out, since they are gaps in one band or clipped values."""
    with np.errstate(invalid="ignore"):
        bands = [band[band > 0] for band in numbers]
    return min((float(np.percentile(band, _FLOOR_SHARE)) for band in bands if band.size), default=0.0)
