"""LandSketch: draw a few labels, get a land-cover map.

QGIS calls `classFactory` when it starts, so nothing else is imported here.
"""

from __future__ import annotations

from typing import Any


def classFactory(iface: Any) -> Any:  # noqa: N802 - QGIS fixes this name
    """Returns the plugin; `iface` is None where QGIS has no window, as in `qgis_process`."""
    from .plugin import LandSketchPlugin

    return LandSketchPlugin(iface)
