"""What made the embeddings in a raster, as its tags say. Standard library only, for QGIS too.

Spaces of embeddings are independent of each other: the same band means something else with another encoder or version.
"""

from __future__ import annotations

from typing import Mapping

MAKER_TAG = "LANDSKETCH_EMBEDDING"
"""Encoder and checkpoint that made the embeddings, then `@` and the fingerprint of the encoder's weights."""

_TESSERA_VERSION = "TESSERA_DATASET_VERSION"
_TESSERA_VARIANT = "TESSERA_DATASET_VARIANT"


def maker_of(tags: Mapping[str, str]) -> str:
    """Returns what made the embeddings, or '' where the tags do not say."""
    if tags.get(MAKER_TAG):
        return tags[MAKER_TAG]
    if not tags.get(_TESSERA_VERSION):
        return ""
    version = tags[_TESSERA_VERSION]
    return " ".join(
        ["Tessera", version if version.startswith("v") else f"v{version}", tags.get(_TESSERA_VARIANT, "")]
    ).strip()
