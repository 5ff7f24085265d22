"""A small convolutional encoder over the stacked channels of several sensors, for processors without a GPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from ...core.cards import SourceCard
from ..context import spread_over_edges
from .stack import STUDENT_STRIDE, ChannelStack, Layout, Student

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


class StackConvFeatures(Student):
    """Features of a stack of channels, of which a scene may have any part.

    Args:
        sources: What is read of the scene: a part of the stack.
        layout: The stack that the network was trained with.
        width: See `StackConvolutions`.
        depth: See there.
        dim: See there.
    """

    alignment = STUDENT_STRIDE
    ramp = 0
    tile = 512
    chip = 64
    uncertain = 4

    def __init__(
        self, sources: Sequence[SourceCard], layout: Layout, width: int = 128, depth: int = 6, dim: int = 128
    ) -> None:
        super().__init__(sources)
        self.stack = ChannelStack(sources, layout)
        self.network = StackConvolutions(self.stack.channels, width, depth, dim)
        self.channels = (dim,)
        self.strides = (STUDENT_STRIDE,)
        # Beyond what its convolutions reach, features do not depend on the tile; upsampling looks one element further.
        self.halo = STUDENT_STRIDE * (depth * (_KERNEL // 2) + 2)

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`."""
        return self.network

    def of_stack(self, stacked: Tensor) -> Tensor:
        """See `Student.of_stack`."""
        features: Tensor = self.network(stacked)
        return features

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`; sides of tiles are multiples of 4."""
        stacked = self.stacked(images)
        seen = (~stacked.isnan().all(dim=1, keepdim=True)).to(stacked.dtype)
        return [spread_over_edges(self.of_stack(stacked), nn.functional.avg_pool2d(seen, STUDENT_STRIDE) > 0)]
