"""Units of pixel values: what a raster stores, and how it becomes what the engine computes with.

Canonical units are `dn` (reflectance × 10 000 without offset) for Sentinel-2, `db` for radar backscatter, and `raw` for
everything else. No data is NaN after conversion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import SceneError

BASELINE_OFFSET = 1000.0
"""Sentinel-2 products from processing baseline 04.00 on store reflectance × 10 000 + 1000."""

_OFFSET_EVIDENCE = 900.0
"""Even the darkest band's dark pixels lie above this value only if the offset was added."""


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
        elif self.stored == "dn" and self.offset:
            image -= np.float32(self.offset)
            # Products clip at zero reflectance; values below the offset are noise of dark targets.
            np.maximum(image, np.float32(0.0), out=image)


def conversion_of(
    layer: str, role: str, sensor: str, units: str, offset: float | None, sample: np.ndarray
) -> Conversion:
    """Decides how a layer's values are converted, and refuses values that contradict what is stated.

    Args:
        layer: Name of the layer, for errors.
        role: `optical` or `sar`.
        sensor: Sensor id of `core.sensors`, or `generic`.
        units: As in `SourceSpec.units`.
        offset: As in `SourceSpec.offset`.
        sample: (band, pixel) float32, stored values of many pixels, NaN for no data.

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
    if stored != "dn":
        return Conversion(stored)
    return Conversion("dn", _detected_offset(sample) if offset is None else offset)


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
    if not looks_decibel and middle > 10:
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


def _detected_offset(sample: np.ndarray) -> float:
    """Returns 1000 if even the darkest pixels of every band lie near or above it.

    Without the offset some band is dark somewhere: cirrus or water vapour, blue over land, short-wave infrared over
    water and snow.
    """
    dark = np.nanpercentile(sample, 0.5, axis=1)
    return BASELINE_OFFSET if float(np.nanmin(dark)) >= _OFFSET_EVIDENCE else 0.0
