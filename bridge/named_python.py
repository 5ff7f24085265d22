"""The interpreter that the user names for the engine: in a variable, or in the options of LandSketch."""

from __future__ import annotations

import os
import sys

VARIABLE = "LANDSKETCH_PYTHON"
"""Comes before the setting, so that a script or a server can do without QGIS's settings."""

SETTING = "landsketch/python"
"""Of QGIS."""


def named_python() -> str:
    """Returns the program that the user names; empty where none is named."""
    return os.environ.get(VARIABLE) or _stored()


def is_from_variable() -> bool:
    """Whether the variable decides."""
    return bool(os.environ.get(VARIABLE))


def why_missing(path: str) -> str:
    """Returns what is wrong with a named program that does not exist, and what to do."""
    if is_from_variable():
        return f"The variable {VARIABLE} names '{path}', which is not a file. Correct it, or remove it."
    return (
        f"The options of LandSketch name '{path}' as the engine's Python, which is not a file. "
        "Choose another one there, or LandSketch's own."
    )


def _stored() -> str:
    """Outside QGIS, as in `./dev`, there are no settings."""
    core = sys.modules.get("qgis.core")
    return str(core.QgsSettings().value(SETTING, "") or "") if core is not None else ""
