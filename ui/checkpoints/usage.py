"""Where a checkpoint is used, as far as files say so: rasters by their tags, checkpoints by their cards.

A fine-tuned or exported checkpoint names what it was made from by file name alone. A raster names the checkpoint's path
and, where it was classified, the checksum of its content, which tells whether the file has been changed since.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import Callable, Dict, List, Mapping, Sequence, Tuple

from ...algorithms.folders import path_identity
from ...algorithms.sources import raster_tags
from ...algorithms.text import tr
from ...core.errors import Cancelled, LandSketchError
from .entries import DOWNLOADABLE, Entry

Cancelling = Callable[[], bool]
Uses = Dict[str, Tuple[str, ...]]
"""Sentences by the key of an entry."""

_CHUNK = 1 << 20
_PARTS = ("checkpoint", "checkpoint_2")
"""Fields of a job that name a checkpoint it reads, beside `members`."""

_digests: Dict[Tuple[str, int, int], str] = {}
"""By path, size and time of the last change: hashing hundreds of megabytes takes seconds."""


@dataclass(frozen=True)
class Made:
    """A raster that was made with checkpoints.

    Attributes:
        layer: Name of its layer.
        paths: Of the checkpoints; they may have been moved since.
        digests: SHA-256 of each; empty where the raster does not say.
    """

    layer: str
    paths: Tuple[str, ...]
    digests: Tuple[str, ...]


def made(layer: str, tags: Mapping[str, str]) -> Made:
    """Returns with which checkpoints a raster was made, by its tags."""
    try:
        spec = json.loads(tags.get("LANDSKETCH_JOB", "{}"))["spec"]
        paths = [spec.get(_PARTS[0]), *(spec.get("members") or ()), spec.get(_PARTS[1])]
        weights = spec.get("weights") or ()
    except (ValueError, KeyError, TypeError, AttributeError):  # of another program, or cut off
        return Made(layer, (), ())
    named = [str(path) for path in paths if path]
    if len(weights) == len(named):
        named = [path for path, weight in zip(named, weights) if weight]
    digests = tuple(filter(None, tags.get("LANDSKETCH_CHECKPOINT_SHA256", "").split(", ")))
    return Made(layer, tuple(named), digests if len(digests) == len(named) else ("",) * len(named))


def uses(entries: Sequence[Entry], layers: Sequence[Tuple[str, str]], cancelled: Cancelling) -> Uses:
    """Returns where checkpoints are used.

    Args:
        entries: The checkpoints.
        layers: Name and path of the rasters of the project.
        cancelled: Asked now and then whether to stop.

    Raises:
        Cancelled: If it was stopped.
    """
    rasters = [found for found in (_read(*layer, cancelled) for layer in layers) if found.paths]
    result: Dict[str, List[str]] = {entry.key: [] for entry in entries}
    for entry in entries:
        for raster in rasters:
            result[entry.key] += _made_with(entry, raster, cancelled)
        result[entry.key] += [text for other in entries for text in _descends(entry, other)]
    return {key: tuple(texts) for key, texts in result.items()}


def _read(layer: str, path: str, cancelled: Cancelling) -> Made:
    if cancelled():
        raise Cancelled()
    try:
        return made(layer, raster_tags(path, layer))
    except LandSketchError:  # the file is gone: it says nothing
        return Made(layer, (), ())


def _made_with(entry: Entry, raster: Made, cancelled: Cancelling) -> List[str]:
    """Returns a sentence where a raster was made with a checkpoint."""
    if not entry.path:
        return []
    for path, digest in zip(raster.paths, raster.digests):
        here = path_identity(path) == path_identity(entry.path)
        # Under its old name it may have been moved here, unless the one that is meant still lies where it did.
        moved = os.path.basename(path) == os.path.basename(entry.path) and not os.path.exists(path)
        if not here and not moved:
            continue
        same = not digest or digest == _digest(entry.path, cancelled)
        if not same and not here:
            continue
        if not same:
            return [tr("Layer '{layer}' was made with an earlier state of this file.").format(layer=raster.layer)]
        if len(raster.paths) > 1:
            text = tr("Layer '{layer}' was made with it, as a member of an ensemble of {n}.")
            return [text.format(layer=raster.layer, n=len(raster.paths))]
        return [tr("Layer '{layer}' was made with it.").format(layer=raster.layer)]
    return []


def _descends(entry: Entry, other: Entry) -> List[str]:
    """Returns sentences where another checkpoint's card names this one."""
    if other.card is None or other.key == entry.key or other.state == DOWNLOADABLE:
        return []
    provenance = other.card.provenance
    if entry.published is not None:
        imported = provenance.get("method") == "imported" and provenance.get("encoder") == entry.published.id
        return [tr("Imported as '{name}'.").format(name=other.name)] if imported else []
    exported = provenance.get("export")
    if isinstance(exported, dict):
        if exported.get("checkpoint") == entry.name:
            return [tr("'{name}' was exported from a checkpoint of this name.").format(name=other.name)]
        return []
    if entry.name in str(provenance.get("parent") or "").split(" and "):
        return [tr("'{name}' was made from a checkpoint of this name.").format(name=other.name)]
    return []


def _digest(path: str, cancelled: Cancelling) -> str:
    """Returns the SHA-256 of a file; empty where it cannot be read."""
    try:
        state = os.stat(path)
        key = (path, state.st_size, state.st_mtime_ns)
        if key not in _digests:
            digest = hashlib.sha256()
            with open(path, "rb") as file:
                for block in iter(lambda: file.read(_CHUNK), b""):
                    if cancelled():
                        raise Cancelled()
                    digest.update(block)
            _digests[key] = digest.hexdigest()
        return _digests[key]
    except OSError:
        return ""
