"""The registry of published encoders: what each is, where its weights are, and what it expects of a scene.

Standard library only, and Python 3.9, since QGIS's own Python reads this file too. The entries lie in `encoders.json`,
which `models.registry` writes from the enumerations of the libraries that provide the encoders.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Dict, Tuple

from .cards import SourceCard, source_from_json
from .errors import CheckpointError

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "encoders.json")

_ALGORITHM = "sha256:"


@dataclass(frozen=True)
class EncoderEntry:
    """One set of published weights.

    Attributes:
        id: Stable name, such as `ssl4eo-s12-resnet50-s2-moco`.
        title: Name for people.
        architecture: The card's `architecture["encoder"]` entry: the encoder's name and arguments.
        sources: What the weights were trained with: sensor, bands in order, units, normalisation.
        url: Where the file is, at a fixed revision where its host has revisions.
        sha256: Checksum of the file in hexadecimal: all 64 digits, the first 8, or '' where none is published.
        licence: Licence of the weights, in words.
        size_mb: Size of the file in millions of bytes, rounded.
        method: How the weights were learned.
        data: What they were learned from.
        paper: Address of the paper.
        patch: Side of what becomes one feature of its finest map, in pixels of its input, which may be enlarged.
        gsd: Ground sampling distance in metres of the images it was trained with; 0: many, or not stated.
        manual: Whether `url` is a page from which a person downloads the file.
        notes: What the user should know.
    """

    id: str
    title: str
    architecture: Dict[str, Any]
    sources: Tuple[SourceCard, ...]
    url: str
    sha256: str
    licence: str
    size_mb: int
    method: str
    data: str
    paper: str
    patch: int
    gsd: float
    manual: bool = False
    notes: Tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """Name of the file, as its authors gave it."""
        return self.url.split("?")[0].rsplit("/", 1)[-1]

    def to_json(self) -> Dict[str, Any]:
        """Returns the entry as plain JSON values; a bare checksum would be taken for a secret by scanners."""
        return {**asdict(self), "sha256": _ALGORITHM + self.sha256 if self.sha256 else ""}

    @classmethod
    def from_json(cls, values: Dict[str, Any]) -> EncoderEntry:
        """Rebuilds an entry."""
        rebuilt = {
            "sources": tuple(source_from_json(source) for source in values["sources"]),
            "notes": tuple(values["notes"]),
            "sha256": values["sha256"].replace(_ALGORITHM, ""),
        }
        return cls(**{**values, **rebuilt})


@cache
def encoders() -> Tuple[EncoderEntry, ...]:
    """Returns all entries, in the order in which they are shown."""
    with open(PATH, encoding="utf-8") as file:
        return tuple(EncoderEntry.from_json(values) for values in json.load(file))


def encoder(id: str) -> EncoderEntry:
    """Returns the entry with an id.

    Raises:
        CheckpointError: If there is none.
    """
    for entry in encoders():
        if entry.id == id:
            return entry
    raise CheckpointError(
        f"The registry has no encoder '{id}'.",
        f"Choose one of docs/encoders.md, such as {', '.join(entry.id for entry in encoders()[:3])}.",
    )
