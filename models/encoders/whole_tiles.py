"""Encoders that see a tile as a whole, as convolutional networks and Swin transformers do."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn import functional as F

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from ..context import spread_over_edges
from .encoder import Encoder


class WholeTileEncoder(Encoder):
    """All bands of all sources together through a network of four stages, whose maps get coarser by two.

    Stage 4, which has an element per 32 × 32 pixels, is best left out where labels are few: at 10 m its elements are
    320 m wide, wider than most fields and blocks, and in most networks it has as many channels as all others together,
    which a linear head would have to learn. Its weights are kept all the same.

    Args:
        sources: What is read of the scene.
        levels: Stages whose maps are features, from 1 to 4, ascending.
        channels: Channels of all four stages.
        lattice: Elements of each stage by which tiles have to start, so that attention windows lie the same in all.

    Raises:
        CheckpointError: If the levels are not some of 1 to 4.
    """

    def __init__(
        self, sources: Sequence[SourceCard], levels: Sequence[int], channels: Sequence[int], lattice: int
    ) -> None:
        super().__init__(sources)
        if not levels or list(levels) != sorted(set(levels) & {1, 2, 3, 4}):
            raise CheckpointError(
                f"The card asks for the stages {list(levels)} of its encoder; some of 1, 2, 3, 4 were expected.",
                "Correct the encoder's 'levels'.",
            )
        self.levels = tuple(levels)
        self.channels = tuple(channels[level - 1] for level in levels)
        self.strides = tuple(2 ** (level + 1) for level in levels)
        self.alignment = lattice * self.strides[-1]

    def stages(self, channels: Tensor) -> Sequence[Tensor]:
        """Computes stages up to the last of the levels: (batch, channel, y, x) without NaN → maps of stage 1, 2, ..."""
        raise NotImplementedError

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`; sides of tiles are multiples of the alignment."""
        scaled = torch.cat([normalise(images[role]) for role, normalise in self.normalisers.items()], dim=1)
        hidden = scaled.isnan().any(dim=1, keepdim=True)
        with _sizes_as_constants():
            maps = self.stages(without_gaps(scaled, hidden, self.levels[-1] + 1))
        seen = (~hidden).to(scaled.dtype)
        return [
            spread_over_edges(maps[level - 1], F.avg_pool2d(seen, stride) > 0)
            for level, stride in zip(self.levels, self.strides, strict=True)
        ]


@contextmanager
def _sizes_as_constants() -> Iterator[None]:
    """Lets a network that is traced decide by the size of its tile, as Swin transformers do when they shift windows.

    What is written then is right for that size; that it is for others too is for the comparison of the export to show.
    """
    if not torch.onnx.is_in_onnx_export():
        yield
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        yield


def without_gaps(channels: Tensor, hidden: Tensor, halvings: int) -> Tensor:
    """Fills pixels without data smoothly with what is around, so that the network sees no edge there.

    Each pixel gets the mean over the smallest block of 2 × 2, 4 × 4, ... pixels that sees data, interpolated; far from
    any data, the mean of the tile; and zero where the tile is empty.

    Args:
        channels: (batch, channel, y, x), NaN allowed where `hidden`.
        hidden: (batch, 1, y, x) bool.
        halvings: How often blocks double; sides of the image are multiples of the largest.
    """
    total = torch.where(hidden, torch.zeros_like(channels), channels)
    share = (~hidden).to(channels.dtype)
    levels = [(total, share)]
    for _ in range(halvings):
        total, share = F.avg_pool2d(total, 2), F.avg_pool2d(share, 2)
        levels.append((total, share))
    mean = total.mean(dim=(-2, -1), keepdim=True) / share.mean(dim=(-2, -1), keepdim=True).clamp_min(1e-9)
    image = mean.expand_as(total)
    for index, (total, share) in enumerate(reversed(levels)):
        if index:
            image = F.interpolate(image, scale_factor=2, mode="bilinear", align_corners=False)
        image = torch.where(share > 0, total / share.clamp_min(1e-9), image)
    return image
