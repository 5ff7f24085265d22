"""A small convolutional encoder over the stacked channels of several sensors, for processors without a GPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...core.cards import SourceCard
from ..context import spread_over_edges
from .random_features import random_filters, rectified
from .stack import ChannelStack, Layout, StackEncoder

STRIDE, COARSE = 4, 16
"""Pixels per element of its maps."""

_KERNEL = 5


class StackConvolutions(nn.Module):
    """ConvNeXt blocks (Liu et al., CVPR 2022) on elements of 4 × 4 pixels.

    Besides its channels it is told which of them are there, so that a missing one is not taken for an average one.

    Args:
        channels: Channels of the stack.
        width: Channels inside.
        depth: Number of blocks.
        dim: Channels of the result.
    """

    def __init__(self, channels: int, width: int, depth: int, dim: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(2 * channels, width // 2, 3, padding=1, stride=2),
            ChannelNorm(width // 2),
            nn.GELU(),
            nn.Conv2d(width // 2, width, 2, stride=2),
            ChannelNorm(width),
        )
        self.blocks = nn.Sequential(*[_Block(width) for _ in range(depth)])
        self.out = nn.Sequential(ChannelNorm(width), nn.Conv2d(width, dim, 1))

    def forward(self, channels: Tensor) -> Tensor:
        """(batch, channel, y, x) standardised, NaN where missing → (batch, dim, y / 4, x / 4)."""
        missing = channels.isnan()
        filled = torch.where(missing, torch.zeros_like(channels), channels)
        features: Tensor = self.out(self.blocks(self.stem(torch.cat([filled, (~missing).to(filled)], dim=1))))
        return features


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.mix = nn.Sequential(
            nn.Conv2d(width, width, _KERNEL, padding=_KERNEL // 2, groups=width),
            ChannelNorm(width),
            nn.Conv2d(width, 4 * width, 1),
            nn.GELU(),
            nn.Conv2d(4 * width, width, 1),
        )
        self.scale = nn.Parameter(torch.full((width, 1, 1), 0.1))

    def forward(self, features: Tensor) -> Tensor:
        mixed: Tensor = features + self.scale * self.mix(features)
        return mixed


class ChannelNorm(nn.Module):
    """Layer norm over the channels of each element: what a pixel becomes does not depend on the tile it lies in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width, 1, 1))
        self.bias = nn.Parameter(torch.zeros(width, 1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """(batch, channel, y, x) → the same shape."""
        centred = features - features.mean(dim=1, keepdim=True)
        scaled = centred * (centred.square().mean(dim=1, keepdim=True) + 1e-6).rsqrt()
        return scaled * self.weight + self.bias


class StackConvFeatures(StackEncoder):
    """Features of a stack of channels, of which a scene may have any part.

    With filters, a coarser map stands beside the learned one: the means of learned features, and of random ones (see
    `RandomFeatures`), over 16 × 16 pixels. They cost little and tell more of what lies around.

    Args:
        sources: What is read of the scene: a part of the stack.
        layout: The stack that the network was trained with.
        width: See `StackConvolutions`.
        depth: See there.
        dim: See there.
        filters: Number of random filters; 0: there is no coarser map.
        seed: Seed of the filters. They are saved among the weights all the same.
    """

    filters: Tensor | None
    ramp = 0
    tile = 512
    chip = 64

    def __init__(
        self, sources: Sequence[SourceCard], layout: Layout, width: int = 128, depth: int = 6, dim: int = 128,
        filters: int = 0, seed: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(sources)
        self.stack = ChannelStack(sources, layout)
        self.network = StackConvolutions(self.stack.channels, width, depth, dim)
        self.register_buffer("filters", random_filters(filters, self.stack.channels, seed) if filters else None)
        self.channels = (dim, dim + 2 * filters) if filters else (dim,)
        self.strides = (STRIDE, COARSE) if filters else (STRIDE,)
        self.alignment = self.strides[-1]
        # Beyond what its convolutions reach, features do not depend on the tile; upsampling looks one element further,
        # which at the edge of the data takes over from those beside it.
        reach = STRIDE * (depth * (_KERNEL // 2) + 2)
        self.halo = -(-reach // COARSE) * COARSE + 2 * COARSE if filters else reach

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`."""
        return self.network

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`; sides of tiles are multiples of `alignment`."""
        stacked = self.stacked(images)
        seen = F.avg_pool2d((~stacked.isnan().all(dim=1, keepdim=True)).to(stacked.dtype), STRIDE) > 0
        learned = self.network(stacked)
        maps = [spread_over_edges(learned, seen)]
        if self.filters is not None:
            maps.append(torch.cat([self._averaged(learned, seen), _random(stacked, self.filters)], dim=1))
        return maps

    def _averaged(self, learned: Tensor, seen: Tensor) -> Tensor:
        """Means of learned features, where there is data, over the elements of the coarser map."""
        step = COARSE // STRIDE
        share = F.avg_pool2d(seen.to(learned), step)
        return spread_over_edges(F.avg_pool2d(learned * seen, step) / share.clamp_min(1e-6), share > 0)


def _random(stacked: Tensor, filters: Tensor) -> Tensor:
    """Random features of the channels that are there; the fewer there are, the more each of them counts."""
    missing = stacked.isnan()
    filled = torch.where(missing, torch.zeros_like(stacked), stacked)
    present = (~missing).to(stacked.dtype).mean(dim=1, keepdim=True)
    response = F.conv2d(filled * present.clamp_min(1e-3).rsqrt(), filters, padding=1)
    return rectified(response, present > 0, COARSE)
