"""The version of LandSketch, written in `metadata.txt` and read here."""

from __future__ import annotations

import configparser
import os
import platform
from importlib import metadata as installed
from typing import Dict


def version() -> str:
    """Returns the version that `metadata.txt` states."""
    metadata = configparser.ConfigParser(interpolation=None)
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    metadata.read(os.path.join(folder, "metadata.txt"), encoding="utf-8")
    return metadata.get("general", "version", fallback="unknown")


def versions(*libraries: str) -> Dict[str, str]:
    """Returns the versions of LandSketch, Python and some installed libraries, as cards record them."""
    own = {"landsketch": version(), "python": platform.python_version()}
    return {**own, **{name: installed.version(name) for name in libraries}}
