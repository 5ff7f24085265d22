"""The segmenter: encoder, band context and head, put together as the card says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from ..core.cards import Card, SourceCard
from ..core.errors import CheckpointError
from .context import BandContext, band_context
from .encoders.classes import encoder_class
from .encoders.encoder import Encoder
from .heads import HEADS


class Segmenter(nn.Module):
    """A network that gives each pixel of a tile its class logits."""

    def __init__(self, encoder: Encoder, context: BandContext | None, head: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.context = context
        self.head = head

    def forward(self, images: dict[str, Tensor]) -> Tensor:
        """Per role (batch, band, y, x) in canonical units, NaN for no data → logits (batch, class, y, x)."""
        return self.decode(self.encode(images))

    def encode(self, images: dict[str, Tensor]) -> dict[str, Tensor]:
        """Returns what the head reads: the feature maps `map0`, `map1`, ... and, where there is one, the `context`."""
        encoded = {f"map{i}": features for i, features in enumerate(self.encoder(images))}
        return encoded | ({"context": self.context(images)} if self.context else {})

    def decode(self, encoded: dict[str, Tensor]) -> Tensor:
        """`encode`'s result → logits (batch, class, y, x)."""
        maps = [encoded[f"map{i}"] for i in range(len(self.encoder.channels))]
        logits: Tensor = self.head(maps, encoded.get("context"))
        return logits


def build_encoder(architecture: dict[str, Any], sources: Sequence[SourceCard]) -> Encoder:
    """Builds the encoder that a card's `architecture` names, with untrained weights.

    Raises:
        CheckpointError: If this version does not know it.
    """
    arguments = dict(architecture.get("encoder") or {})
    return encoder_class(arguments.pop("name", ""))(sources, **arguments)


def build_segmenter(card: Card) -> Segmenter:
    """Builds the network of a card with a legend, with untrained weights.

    Raises:
        CheckpointError: If the card is an encoder's, or names parts that this version does not know.
    """
    if card.classifies_scenes:
        raise CheckpointError(
            "The checkpoint classifies whole patches, not pixels.",
            "Use it with 'Classify patches of an image', or fine-tune it on drawn labels first.",
        )
    if card.legend is None or "head" not in card.architecture:
        raise CheckpointError(
            "The checkpoint is an encoder without classes.",
            "Fine-tune it on labels first, and classify with the result.",
        )
    encoder = build_encoder(card.architecture, card.sources)
    arguments = dict(card.architecture["head"])
    name = arguments.pop("name", None)
    context = band_context(card.sources) if arguments.pop("context", False) else None
    if name not in HEADS:
        raise CheckpointError(f"The checkpoint's head is '{name}'; this LandSketch knows {', '.join(HEADS)}.")
    return Segmenter(encoder, context, new_head(name, encoder, context, len(card.legend), **arguments))


def new_head(name: str, encoder: Encoder, context: BandContext | None, classes: int, **arguments: Any) -> nn.Module:
    """Builds an untrained head for an encoder."""
    around = context.channels if context else 0
    head: nn.Module = HEADS[name](encoder.channels, encoder.strides, around, classes, **arguments)
    return head
