"""Small time stacks for tests."""

from __future__ import annotations

import json
import os


def item(date, bands, *, id="", sensor="sentinel-2-l2a", mask=None, **properties):
    """An item of a stack: `bands` are (name, path, index), `mask` is (path, index, kind)."""
    assets = {}
    for name, path, index in bands:
        asset = assets.setdefault(path, {"href": path, "eo:bands": [], "landsketch:indexes": [], "roles": ["data"]})
        asset["eo:bands"].append({"name": name})
        asset["landsketch:indexes"].append(index)
    if mask:
        assets["mask"] = {"href": mask[0], "landsketch:indexes": [mask[1]], "landsketch:mask": mask[2]}
    stated = {f"landsketch:{name}": value for name, value in properties.items()}
    return {
        "type": "Feature", "stac_version": "1.0.0", "id": id or os.path.basename(bands[0][1]) + date, "geometry": None,
        "properties": {"datetime": f"{date}T10:00:00Z", "landsketch:sensor": sensor} | stated, "assets": assets,
        "links": [],
    }  # fmt: skip


def image_item(date, path, names, **options):
    """An item whose bands are those of one file."""
    return item(date, [(name, path, index) for index, name in enumerate(names, 1)], **options)


def write_stack(path, items):
    """Writes a stack file and returns its path as text."""
    path.write_text(json.dumps({"type": "FeatureCollection", "features": items}), encoding="utf-8")
    return str(path)
