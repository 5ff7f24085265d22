"""Scene classification: one set of logits for a whole patch, from features pooled over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..core.cards import SCENE_HEAD, Card, SourceCard
from ..core.errors import CheckpointError
from .context import BandContext, band_context
from .encoders.encoder import Encoder
from .segmenter import build_encoder


class SceneHead(nn.Module):
    """Pooled features → logits: a linear layer, after a layer norm where the encoder is trained as well.

    With `spread` and `norm` off this is the classification head of Dual-SimCLR (Scheibenreif et al., CVPR workshops
    2022): for a pair of encoders that give their last stage, concat(pool(SAR), pool(optical)) → Linear.

    Args:
        channels: Of all feature maps and the band context together.
        classes: Number of classes.
        spread: Whether the standard deviation over the patch is a feature, beside the mean.
        norm: Whether features are normalised per patch (layer norm).
    """

    def __init__(self, channels: int, classes: int, spread: bool = True, norm: bool = False) -> None:
        super().__init__()
        self.spread = spread
        self.classes = classes
        features = channels * (2 if spread else 1)
        self.norm = nn.LayerNorm(features) if norm else nn.Identity()
        self.linear = nn.Linear(features, classes)

    def forward(self, features: Tensor) -> Tensor:
        """(patch, feature) → logits (patch, class)."""
        logits: Tensor = self.linear(self.norm(features))
        return logits

    def assign(self, weight: Tensor, bias: Tensor) -> None:
        """Sets the weights of the linear layer: (class, feature) and (class,)."""
        with torch.no_grad():
            self.linear.weight.copy_(weight)
            self.linear.bias.copy_(bias)


class SceneClassifier(nn.Module):
    """A network that gives each patch of a scene its class logits."""

    def __init__(self, encoder: Encoder, context: BandContext | None, head: SceneHead) -> None:
        super().__init__()
        self.encoder = encoder
        self.context = context
        self.head = head

    def forward(self, images: dict[str, Tensor], inside: Tensor) -> Tensor:
        """Classifies one patch per image.

        Args:
            images: Per role (batch, band, y, x) in canonical units, NaN for no data.
            inside: (batch, y, x) bool, the pixels of the patch that have data; at least one each.

        Returns:
            Logits (batch, class).
        """
        maps, strides = self.encode(images)
        logits: Tensor = self.head(pooled(maps, strides, inside, self.head.spread))
        return logits

    def encode(self, images: dict[str, Tensor]) -> tuple[list[Tensor], list[int]]:
        """Returns all maps that are pooled, the band context last, and the pixels per element of each."""
        maps, strides = list(self.encoder(images)), list(self.encoder.strides)
        if self.context is not None:
            maps.append(self.context(images))
            strides.append(1)
        return maps, strides


def pooled(maps: Sequence[Tensor], strides: Sequence[int], inside: Tensor, spread: bool) -> Tensor:
    """Mean, and if wanted standard deviation, of each channel over a patch, in each map's own elements.

    An element counts by the share of it that the patch covers, so that no map has to be upsampled.

    Args:
        maps: (batch, channel, row, column) each.
        strides: Pixels per element of each map.
        inside: (batch, y, x) bool, the pixels of the patch.
        spread: Whether deviations follow the means.

    Returns:
        (batch, feature): the means of all maps, then the deviations of all maps.
    """
    means, deviations = [], []
    for features, stride in zip(maps, strides, strict=True):
        cover = F.avg_pool2d(inside[:, None].to(features.dtype), stride)
        total = cover.sum(dim=(-2, -1)).clamp_min(1e-9)
        mean = (features * cover).sum(dim=(-2, -1)) / total
        means.append(mean)
        if spread:
            squares = ((features - mean[:, :, None, None]).square() * cover).sum(dim=(-2, -1)) / total
            deviations.append(squares.clamp_min(1e-12).sqrt())
    return torch.cat([*means, *deviations], dim=1)


def scene_classifier(
    encoder: Encoder, sources: Sequence[SourceCard], classes: int, context: bool, spread: bool, norm: bool
) -> SceneClassifier:
    """Puts an untrained head on an encoder."""
    surroundings = band_context(sources) if context else None
    channels = sum(encoder.channels) + (surroundings.channels if surroundings else 0)
    return SceneClassifier(encoder, surroundings, SceneHead(channels, classes, spread, norm))


def build_scene_classifier(card: Card) -> SceneClassifier:
    """Builds the network of a card that classifies patches, with untrained weights.

    Raises:
        CheckpointError: If the card is of another kind.
    """
    if card.legend is None or not card.classifies_scenes:
        raise CheckpointError(
            "The checkpoint does not classify patches.",
            "Make one that does with 'Fine-tune a patch classifier'.",
        )
    head: dict[str, Any] = dict(card.architecture[SCENE_HEAD])
    return scene_classifier(
        build_encoder(card.architecture, card.sources),
        card.sources,
        len(card.legend),
        head["context"],
        head["spread"],
        head["norm"],
    )
