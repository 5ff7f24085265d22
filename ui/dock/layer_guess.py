"""Which of the project's layers are likely meant as the scene."""

from __future__ import annotations

import re
from typing import Dict

from qgis.core import QgsProject, QgsRasterLayer

POLARISATIONS = {"VV", "VH", "HH", "HV"}
_RADAR_NAME = re.compile(r"(^|[^a-z0-9])(s1|sentinel-?1|sar|grd|rtc)([^a-z0-9]|$)", re.IGNORECASE)
_EMBEDDING_NAME = re.compile(r"embedding|alphaearth|tessera", re.IGNORECASE)
_BAND_WORDS = re.compile(r"[A-Za-z0-9]+")
_FEWEST_BANDS = 3


def guess_roles(project: QgsProject) -> Dict[str, QgsRasterLayer]:
    """Returns the topmost layer for each role, by names of layers, files and bands.

    A wrong guess is seen at once, since the dock shows what each layer was taken for.
    """
    found: Dict[str, QgsRasterLayer] = {}
    for node in project.layerTreeRoot().findLayers():
        layer = node.layer()
        if isinstance(layer, QgsRasterLayer) and layer.isValid() and layer.providerType() == "gdal":
            role = role_of(layer)
            if role:
                found.setdefault(role, layer)
    return found


def role_of(layer: QgsRasterLayer) -> str:
    """Returns the role that a layer likely has; empty where it looks like no image."""
    name = f"{layer.name()} {layer.source()}".replace("_", " ")
    bands = " ".join(layer.bandName(band) for band in range(1, layer.bandCount() + 1))
    words = {word.upper() for word in _BAND_WORDS.findall(bands)}
    if words & POLARISATIONS or (_RADAR_NAME.search(name) and layer.bandCount() <= len(POLARISATIONS)):
        return "sar"
    if _EMBEDDING_NAME.search(name):
        return "embedding"
    return "optical" if layer.bandCount() >= _FEWEST_BANDS else ""
