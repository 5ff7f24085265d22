"""The version of LandSketch, written in `metadata.txt` and read here."""

from __future__ import annotations

import configparser
import os


def version() -> str:
    """Returns the version that `metadata.txt` states."""
    metadata = configparser.ConfigParser(interpolation=None)
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    metadata.read(os.path.join(folder, "metadata.txt"), encoding="utf-8")
    return metadata.get("general", "version", fallback="unknown")
