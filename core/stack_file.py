"""Time stacks: a STAC ItemCollection in a file, one item per date and sensor.

The file is GeoJSON, so that QGIS shows its footprints, and names images by paths relative to itself, so that a folder
can move. Any ItemCollection whose assets name their bands and lie in files can be read; see `core.stack_assets` for the
conventions. Standard library only, for QGIS too.
"""

from __future__ import annotations

import json
import os
from datetime import date
from typing import Any, Dict, List

from .errors import SceneError
from .stack_assets import item_of
from .stack_items import PREFIX, Stack, StackBand, StackItem, StackMask

__all__ = ["SUFFIXES", "Stack", "StackBand", "StackItem", "StackMask", "day_of", "is_stack", "read_stack"]

SUFFIXES = (".json", ".geojson")
"""Of files that are taken for stacks; GDAL opens none of them as an image."""

_HINT = "Choose a time stack that LandSketch has built, or a STAC ItemCollection saved as .json."


def is_stack(path: str) -> bool:
    """Tells by its name whether a file is a stack rather than an image; `read_stack` says whether it is a good one."""
    return path.lower().endswith(SUFFIXES)


def read_stack(path: str, dropped: bool = False) -> Stack:
    """Reads a stack file.

    Args:
        path: The file.
        dropped: Whether items that were left out when it was built are wanted as well.

    Raises:
        SceneError: If it is not one, naming the file, the item and what it lacks.
    """
    folder, name = os.path.dirname(os.path.abspath(path)), os.path.basename(path)
    items: List[StackItem] = []
    for number, feature in enumerate(_features(path, name), 1):
        where = f"Item {number} of the time stack '{name}'"
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            raise SceneError(f"{where} has no properties; a STAC item is expected.", _HINT)
        if feature.get("id"):
            where = f"Item '{feature['id']}' of the time stack '{name}'"
        if feature["properties"].get(PREFIX + "dropped") and not dropped:
            continue
        items.append(item_of(feature, folder, where, day_of(feature["properties"], where)))
    if not items:
        raise SceneError(f"The time stack '{name}' has no items.", "Build it anew from images.")
    ids = [item.id for item in items]
    repeated = sorted({text for text in ids if ids.count(text) > 1})
    if repeated:
        raise SceneError(f"Items of the time stack '{name}' share the id '{repeated[0]}'.", "Give each one of its own.")
    return Stack(os.path.abspath(path), tuple(sorted(items, key=lambda item: (item.date, item.id))))


def _features(path: str, name: str) -> List[Any]:
    try:
        with open(path, encoding="utf-8") as file:
            collection = json.load(file)
    except OSError as error:
        raise SceneError(
            f"The time stack '{path}' cannot be read: {error.strerror}.", "Was it moved, renamed or deleted?"
        ) from error
    except ValueError as error:  # of JSON and of UTF-8
        raise SceneError(f"The time stack '{name}' is not JSON: {error}.", _HINT) from error
    if isinstance(collection, dict) and collection.get("type") == "Feature":
        return [collection]
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or collection.get("type") != "FeatureCollection":
        raise SceneError(f"'{name}' is not a time stack: it is no STAC ItemCollection.", _HINT)
    if features and not any(isinstance(feature, dict) and feature.get("assets") for feature in features):
        raise SceneError(f"'{name}' is not a time stack: it is GeoJSON, but its features have no STAC assets.", _HINT)
    return features


def day_of(properties: Dict[str, Any], where: str) -> str:
    """Returns the day of an item: of its datetime, or of the middle of the time it covers.

    Raises:
        SceneError: If it has none.
    """
    moments = [properties.get(name) for name in ("datetime", "start_datetime", "end_datetime")]
    days = []
    for moment in moments:
        try:
            days.append(date.fromisoformat(str(moment)[:10]) if moment else None)
        except ValueError as error:
            raise SceneError(
                f"{where} has the date '{moment}'; one such as 2020-05-14T10:00:00Z is expected."
            ) from error
    stated, start, end = days
    if stated:
        return stated.isoformat()
    if start and end:
        return (start + (end - start) / 2).isoformat()
    raise SceneError(f"{where} has no datetime.", "Give each image its date when building the stack.")
