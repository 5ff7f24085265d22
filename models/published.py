"""Encoders as their authors publish them: weights without a card, and what the registry or the user says of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from ..core.cards import ANY_SENSOR, PUBLISHED_SUFFIXES, SourceCard
from ..core.encoder_registry import EncoderEntry
from ..core.sensors import SENSORS
from .encoders.encoder import Encoder
from .first_layer import cut
from .fitting import Report, compared
from .identification import Claim, identified
from .published_files import read_tensors
from .recognition import recognise
from .segmenter import build_encoder

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Published:
    """An encoder read from a published file.

    Attributes:
        architecture: The card's `architecture["encoder"]` entry.
        sources: What it was trained with.
        encoder: With its weights. Where a source's bands or scaling are left to the scene, those it was built with
            stand for any.
        entry: Its entry in the registry; None where it has none, or several that only differ in how they were trained.
        sha256: Checksum of the file.
        report: How the file's tensors fit.
        changes: What was changed, in words.
        notes: What the user should know of how it was recognised.
    """

    architecture: dict[str, Any]
    sources: tuple[SourceCard, ...]
    encoder: Encoder
    entry: EncoderEntry | None
    sha256: str
    report: Report
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def weights(self) -> dict[str, Tensor]:
        """Tensors, named as in `Encoder.pretrained_part`."""
        return dict(self.encoder.pretrained_part().state_dict())

    @property
    def licence(self) -> str:
        """Licence of the weights, in words."""
        return self.entry.licence if self.entry else "not known; ask its authors"


def is_published(path: str) -> bool:
    """Whether a file is a downloaded PyTorch checkpoint rather than one of ours, by its name."""
    return Path(path).suffix.lower() in PUBLISHED_SUFFIXES


def read_published(path: str, claim: Claim | None = None) -> Published:
    """Reads a published encoder, without running anything that the file may hold.

    Args:
        path: The file (.pt, .pth, .ckpt, .safetensors).
        claim: What the user says of it; None: nothing.

    Raises:
        CheckpointError: If it cannot be read, is of no known encoder, does not fit what is said of it, or leaves open
            which bands and scaling it was trained with.
    """
    claim = claim or Claim()
    recognised = recognise(read_tensors(path), path)
    sha256 = file_sha256(path)
    identity = identified(recognised, claim, path, sha256)
    architecture = identity.entry.architecture if identity.entry else recognised.architecture
    sources, weights = identity.sources, recognised.weights
    changes: tuple[str, ...] = ()
    if claim.adapt:
        cut_to = cut(recognised, sources, claim.bands, path)
        sources, weights, changes = (cut_to.source,), cut_to.weights, (cut_to.change,)
    encoder = build_encoder({"encoder": architecture}, [example_source(source) for source in sources])
    part = encoder.pretrained_part()
    wanted = part.state_dict()
    name = identity.entry.id if identity.entry else architecture["name"]
    report = compared(wanted, weights, recognised.stripped, f"'{path}' does not fit the encoder {name}")
    part.load_state_dict({key: weights.get(key, untrained) for key, untrained in wanted.items()})
    return Published(architecture, sources, encoder.eval(), identity.entry, sha256, report, changes, identity.notes)


def example_source(source: SourceCard) -> SourceCard:
    """Returns a source with bands and numbers where they are left to the scene, for building an encoder without one.

    Its weights do not depend on them.
    """
    if source.sensor == ANY_SENSOR:
        sensor = "sentinel-1-grd" if source.role == "sar" else "sentinel-2-l1c"
        source = replace(source, sensor=sensor, bands=SENSORS[sensor].names)
    if source.normalisation.is_open:
        count = len(source.bands)
        scaling = replace(source.normalisation, offset=(0.0,) * count, scale=(1.0,) * count)
        source = replace(source, normalisation=scaling)
    return source


def file_sha256(path: str) -> str:
    """Returns the checksum of a file in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
