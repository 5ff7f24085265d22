"""What values the bands of a sensor usually have over land, for people to judge a layer by. Standard library only."""

from __future__ import annotations

from typing import Dict, Optional, Tuple

from .sensors import AUTO

_OPTICAL = (AUTO, "dn", "reflectance")
_SAR = (AUTO, "db", "linear")

_L1C: Dict[str, Tuple[float, float]] = {
    "B01": (1250, 1820), "B02": (1030, 1640), "B03": (720, 1660), "B04": (490, 1860), "B05": (610, 1900),
    "B06": (1250, 3740), "B07": (1630, 4000), "B08": (1250, 3840), "B8A": (1700, 4250), "B09": (440, 1310),
    "B10": (5, 20), "B11": (630, 2770), "B12": (270, 1830),
}  # fmt: skip
_L2A: Dict[str, Tuple[float, float]] = {
    "B01": (150, 820), "B02": (180, 1280), "B03": (330, 1690), "B04": (210, 1870), "B05": (530, 2000),
    "B06": (910, 3650), "B07": (1130, 4300), "B08": (1110, 4660), "B8A": (1280, 4380), "B09": (1580, 4350),
    "B11": (800, 3070), "B12": (420, 2250),
}  # fmt: skip
_S1: Dict[str, Tuple[float, float]] = {"VV": (-19, -4), "VH": (-26, -11)}
"""The median over places of the 2nd and the 98th percentile at each, by `benchmarks/usual_values.py`."""

_RANGES = {"sentinel-2-l1c": _L1C, "sentinel-2-l2a": _L2A, "sentinel-1-grd": _S1, "sentinel-1-rtc": _S1}


def usual_range(sensor: str, band: str) -> Optional[Tuple[float, float]]:
    """Returns between which values most land lies, in the engine's units (reflectance × 10 000, dB); None: unknown."""
    return _RANGES.get(sensor, {}).get(band)


def unit_choices(role: str, sensor: str) -> Tuple[str, ...]:
    """Returns the units that can be stated for a layer, `auto` first; only that where there is nothing to state."""
    if role == "sar":
        return _SAR
    return _OPTICAL if has_offset(sensor) else (AUTO,)


def has_offset(sensor: str) -> bool:
    """Whether products of a sensor come with and without an offset (Sentinel-2's, from baseline 04.00 on)."""
    return sensor.startswith("sentinel-2")
