"""Whether a classification would give the same map again: a digest of its spec and of the files it reads."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from typing import Any

import shapely

from .errors import LabelError, SceneError
from .specs import ClassifySpec, EmbedSpec, VectorSpec
from .stack_file import is_stack, read_stack
from .vectors import read_features


class Fingerprints:
    """Takes the fingerprints of many scenes; what they share is read once."""

    def __init__(self) -> None:
        self._masks: dict[tuple[str, str], str] = {}

    def of(self, job: ClassifySpec | EmbedSpec) -> str:
        """Returns a digest that changes with the job, its mask, and size or date of its checkpoints and images."""
        spec: dict[str, Any] = job.to_json()
        if isinstance(job, ClassifySpec) and job.mask:
            # QGIS hands masks over in a new temporary file each time: what counts is their polygons.
            spec["mask"] = self._mask(job.mask)
        paths = [path for source in job.sources for path in files_of(source.path)]
        checkpoints = job.checkpoints() if isinstance(job, ClassifySpec) else (job.checkpoint,)
        states = [state_of(path) for path in (*checkpoints, *paths)]
        return hashlib.sha256(json.dumps([spec, states], sort_keys=True).encode()).hexdigest()

    def _mask(self, mask: VectorSpec) -> str:
        key = (mask.path, mask.layer)
        if key not in self._masks:
            self._masks[key] = _digest(mask)
        return self._masks[key]


def _digest(mask: VectorSpec) -> str:
    """Returns a digest of a mask's polygons; empty where it cannot be read, which classifying explains."""
    try:
        features = read_features(mask)
    except LabelError:
        return ""
    digest = hashlib.sha256(features.crs.to_wkt().encode())
    for geometry in features.geometries:
        digest.update(shapely.to_wkb(geometry))
    return digest.hexdigest()


def files_of(path: str) -> list[str]:
    """Returns the files of a source: itself, and the images and masks of a time stack; no more if that is damaged."""
    if not is_stack(path):
        return [path]
    try:
        items = read_stack(path).items
    except SceneError:
        return [path]
    images = [band.path for item in items for band in item.bands]
    masks = [item.mask.path for item in items if item.mask]
    return list(dict.fromkeys([path, *images, *masks]))


def state_of(path: str) -> Sequence[int]:
    """Tells one state of a file from another; empty for what is no file, such as a subdataset's name."""
    try:
        status = os.stat(path)
    except OSError:
        return ()
    return status.st_size, status.st_mtime_ns
