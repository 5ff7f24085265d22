"""Which Python the engine's environment is made from."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import Iterator, Optional

OLDEST, NEWEST = (3, 11), (3, 14)
"""Python versions that requirements/engine.lock resolves for, and torch has wheels for."""

_MANAGED = "3.12"
"""What uv downloads where this machine has no fitting Python."""


def minor_of_new_environment() -> str:
    """Returns the Python version of an environment built now, such as '3.11'."""
    return "{}.{}".format(*sys.version_info[:2]) if base_python() else _MANAGED


def base_python(any_version: bool = False) -> Optional[str]:
    """Returns the program of the Python that this process runs in, if it is one and fits the engine.

    Args:
        any_version: Whether a Python that is too old or too new for the engine will do as well, and one from the PATH.
    """
    if any_version:
        return _own_program() or shutil.which("python3") or shutil.which("python")
    return _own_program() if OLDEST <= sys.version_info[:2] <= NEWEST else None


def _own_program() -> Optional[str]:
    """Finds the Python program; in QGIS on Windows and macOS, `sys.executable` is QGIS itself."""
    return next((path for path in _places() if os.path.isfile(path)), None)


def _places() -> Iterator[str]:
    if re.match(r"python[\d.]*(\.exe)?$", os.path.basename(sys.executable or ""), re.IGNORECASE):
        yield sys.executable
    if os.name == "nt":
        yield os.path.join(sys.base_prefix, "python.exe")
        yield os.path.join(sys.base_prefix, "python3.exe")
        return
    name = "python{}.{}".format(*sys.version_info[:2])
    yield os.path.join(sys.base_prefix, "bin", name)
    # macOS: QGIS.app/Contents/MacOS/bin
    yield os.path.join(os.path.dirname(sys.executable or ""), "bin", name)
