"""Encoders with their weights, from checkpoints of any kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ..models.checkpoints import fill, load_weights
from ..models.published import is_published, read_published
from ..models.segmenter import Segmenter, build_segmenter
from .card_files import read_card
from .cards import Card, SourceCard

_ENCODER = "encoder."
"""Beginning of the names of an encoder's weights among those of a whole network."""


@dataclass(frozen=True)
class Whole:
    """A network with classes.

    Attributes:
        path: Its file.
        card: Its card.
        weights: All its weights.
    """

    path: str
    card: Card
    weights: dict[str, Tensor]

    def rebuilt(self) -> Segmenter:
        """Returns it with its weights."""
        network = build_segmenter(self.card)
        fill(network, self.weights, self.path)
        return network


@dataclass(frozen=True)
class Pretrained:
    """An encoder.

    Attributes:
        path: Its file.
        entry: The card's `architecture["encoder"]` entry.
        sources: What it was trained with.
        weights: Named as in the encoder.
        licence: Their licence, in words.
        method: How it was trained, in words; empty: not known.
        whole: The network that it belongs to, where it has classes.
    """

    path: str
    entry: dict[str, Any]
    sources: tuple[SourceCard, ...]
    weights: dict[str, Tensor]
    licence: str
    method: str = ""
    whole: Whole | None = None


def read_pretrained(path: str) -> Pretrained:
    """Reads the encoder of a checkpoint, of an earlier result, or of a published file.

    Raises:
        CheckpointError: If the file cannot be read.
    """
    if is_published(path):
        published = read_published(path)
        weights = dict(published.encoder.state_dict())
        return Pretrained(path, published.architecture, published.sources, weights, published.licence)
    card, weights = read_card(path), load_weights(path)
    licence, method = str(card.provenance.get("licence", "unknown")), str(card.provenance.get("method", ""))
    whole = Whole(path, card, weights) if card.legend is not None else None
    if whole:
        weights = {name[len(_ENCODER) :]: tensor for name, tensor in weights.items() if name.startswith(_ENCODER)}
    return Pretrained(path, card.architecture["encoder"], card.sources, weights, licence, method, whole)
