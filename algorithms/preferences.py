"""What the user prefers in all jobs, from QGIS's settings: device, threads, runtime, precision, kept features, Python.

The page LandSketch in QGIS's options writes them; the algorithms take them as defaults.
"""

from __future__ import annotations

from typing import Sequence

from qgis.core import QgsSettings

from ..core.kept_features import DEFAULT_MB
from ..core.sensors import AUTO
from ..core.specs import DEVICES, PRECISIONS, RUNTIMES

MOST_THREADS = 1024
MOST_CACHE_MB = 10_000_000

_DEVICE = "landsketch/device"
_THREADS = "landsketch/threads"
_RUNTIME = "landsketch/runtime"
_PRECISION = "landsketch/precision"
_CACHE = "landsketch/cache"
_CACHE_MB = "landsketch/cache_mb"
_PYTHON = "landsketch/python"  # which `bridge.named_python` reads


def device() -> str:
    """Returns the device to compute on, one of `core.specs.DEVICES`."""
    return _choice(_DEVICE, DEVICES)


def threads() -> int:
    """Returns the most threads that compute; 0: one for each core."""
    return _number(_THREADS, 0, MOST_THREADS)


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


def cache_folder() -> str:
    """Returns the folder where sketching keeps features; empty: `core.kept_features.features_folder`."""
    return str(QgsSettings().value(_CACHE, "") or "")


def cache_megabytes() -> int:
    """Returns the most megabytes that these features take; 0: nothing is kept."""
    return _number(_CACHE_MB, DEFAULT_MB, MOST_CACHE_MB)


def save_cache(folder: str, megabytes: int) -> None:
    """Stores where features are kept, and how many."""
    QgsSettings().setValue(_CACHE, folder)
    QgsSettings().setValue(_CACHE_MB, megabytes)


def python() -> str:
    """Returns the Python that the user has chosen for the engine; empty: LandSketch's own."""
    return str(QgsSettings().value(_PYTHON, "") or "")


def save_python(path: str) -> None:
    """Stores which Python the engine runs in; empty: LandSketch's own."""
    QgsSettings().setValue(_PYTHON, path)


def _number(key: str, default: int, most: int) -> int:
    # As text: an INI file knows no numbers, and what somebody typed into it must not end a dialog.
    value = str(QgsSettings().value(key, default))
    return min(int(value), most) if value.isdecimal() else default


def _choice(key: str, choices: Sequence[str]) -> str:
    """Returns a stored choice; one that this version does not know counts as `auto`."""
    value = str(QgsSettings().value(key, AUTO))
    return value if value in choices else AUTO
