"""What the user prefers in all jobs, from QGIS's settings: device, threads, runtime, precision.

The page LandSketch in QGIS's options writes them; the algorithms take them as defaults.
"""

from __future__ import annotations

from typing import Sequence

from qgis.core import QgsSettings

from ..core.sensors import AUTO
from ..core.specs import DEVICES, PRECISIONS, RUNTIMES

MOST_THREADS = 1024

_DEVICE = "landsketch/device"
_THREADS = "landsketch/threads"
_RUNTIME = "landsketch/runtime"
_PRECISION = "landsketch/precision"


def device() -> str:
    """Returns the device to compute on, one of `core.specs.DEVICES`."""
    return _choice(_DEVICE, DEVICES)


def threads() -> int:
    """Returns the most threads that compute; 0: one for each core."""
    # As text: an INI file knows no numbers, and what somebody typed into it must not end a dialog.
    value = str(QgsSettings().value(_THREADS, 0))
    return min(int(value), MOST_THREADS) if value.isdecimal() else 0


def runtime() -> str:
    """Returns what computes networks, one of `core.specs.RUNTIMES`."""
    return _choice(_RUNTIME, RUNTIMES)


def precision() -> str:
    """Returns the precision to compute in, one of `core.specs.PRECISIONS`."""
    return _choice(_PRECISION, PRECISIONS)


def save(device: str, threads: int, runtime: str, precision: str) -> None:
    """Stores the preferences."""
    settings = QgsSettings()
    for key, value in ((_DEVICE, device), (_THREADS, threads), (_RUNTIME, runtime), (_PRECISION, precision)):
        settings.setValue(key, value)


def _choice(key: str, choices: Sequence[str]) -> str:
    """Returns a stored choice; one that this version does not know counts as `auto`."""
    value = str(QgsSettings().value(key, AUTO))
    return value if value in choices else AUTO
