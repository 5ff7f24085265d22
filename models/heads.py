"""Heads: from features to logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .decoders.swin_unet import DualSwinHead, SwinUNetHead
from .decoders.unet import UNetHead


class LinearHead(nn.Module):
    """A linear classifier of each pixel.

    Feature maps are classified at their own resolution and the logits are upsampled: the two steps commute, and this
    order needs no full-resolution copy of the features.

    Args:
        channels: Channels of each feature map.
        strides: Pixels per element of each feature map.
        context: Channels of the band context; 0 for none.
        classes: Number of classes.
    """

    def __init__(self, channels: Sequence[int], strides: Sequence[int], context: int, classes: int) -> None:
        super().__init__()
        self.maps = nn.ModuleList([nn.Conv2d(channel, classes, 1, bias=False) for channel in channels])
        self.strides = tuple(strides)
        self.classes = classes
        self.context = nn.Conv2d(context, classes, 1, bias=False) if context else None
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(self, maps: Sequence[Tensor], context: Tensor | None) -> Tensor:
        """Maps (batch, channel, row, column) and context (batch, channel, y, x) → logits (batch, class, y, x)."""
        logits = joined(self.maps, maps, self.strides)
        if self.context is not None and context is not None:
            logits = logits + self.context(context)
        return logits + self.bias.view(1, -1, 1, 1)

    def assign(self, weight: Tensor, bias: Tensor) -> None:
        """Sets the weights from one matrix (class, channel), channels in the order of `pixel_features`."""
        layers = [*self.maps, self.context] if self.context is not None else [*self.maps]
        parts = weight.split([layer.in_channels for layer in layers], dim=1)
        with torch.no_grad():
            for layer, part in zip(layers, parts, strict=True):
                layer.weight.copy_(part[:, :, None, None])
            self.bias.copy_(bias)


class ConvolutionalHead(nn.Module):
    """Two 3 × 3 convolutions over the joined feature maps and the band context, for training end to end.

    Args:
        channels: Channels of each feature map.
        strides: Pixels per element of each feature map.
        context: Channels of the band context; 0 for none.
        classes: Number of classes.
        width: Channels inside.
    """

    def __init__(
        self, channels: Sequence[int], strides: Sequence[int], context: int, classes: int, width: int = 64
    ) -> None:
        super().__init__()
        self.maps = nn.ModuleList([nn.Conv2d(channel, width, 1, bias=False) for channel in channels])
        self.strides = tuple(strides)
        self.classes = classes
        self.context = nn.Conv2d(context, width, 1, bias=False) if context else None
        self.mix = nn.Sequential(
            nn.BatchNorm2d(width),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.GELU(),
            nn.Conv2d(width, classes, 1),
        )

    def forward(self, maps: Sequence[Tensor], context: Tensor | None) -> Tensor:
        """See `LinearHead.forward`."""
        total = joined(self.maps, maps, self.strides)
        if self.context is not None and context is not None:
            total = total + self.context(context)
        logits: Tensor = self.mix(total)
        return logits


def joined(layers: nn.ModuleList, maps: Sequence[Tensor], strides: Sequence[int]) -> Tensor:
    """Sum of the maps, each through its own layer and then upsampled bilinearly to pixels."""
    total: Tensor | None = None
    for layer, features, stride in zip(layers, maps, strides, strict=True):
        part = layer(features)
        if stride > 1:
            part = F.interpolate(part, scale_factor=stride, mode="bilinear", align_corners=False)
        total = part if total is None else total + part
    if total is None:
        raise ValueError("No feature maps.")
    return total


def pixel_features(
    maps: Sequence[Tensor], strides: Sequence[int], context: Tensor | None, rows: Tensor, columns: Tensor
) -> Tensor:
    """Returns (pixel, channel): what `LinearHead` multiplies with its weights at the given pixels of one tile.

    Args:
        maps: Feature maps (1, channel, row, column).
        strides: Pixels per element of each map.
        context: (1, channel, y, x), or None.
        rows: (pixel,) int64.
        columns: (pixel,) int64.
    """
    parts = []
    for features, stride in zip(maps, strides, strict=True):
        parts.append(features[0, :, rows, columns].T if stride == 1 else _bilinear(features, stride, rows, columns))
    if context is not None:
        parts.append(context[0, :, rows, columns].T)
    return torch.cat(parts, dim=1)


def _bilinear(features: Tensor, stride: int, rows: Tensor, columns: Tensor) -> Tensor:
    """The values of `F.interpolate(..., mode="bilinear", align_corners=False)` at single pixels."""
    height, width = features.shape[-2:]
    y = (2 * rows + 1) / (height * stride) - 1
    x = (2 * columns + 1) / (width * stride) - 1
    places = torch.stack([x, y], dim=-1)[None, None].to(features)
    sampled = F.grid_sample(features, places, mode="bilinear", padding_mode="border", align_corners=False)
    return sampled[0, :, 0].T


HEADS: dict[str, Any] = {
    "linear": LinearHead,
    "convolutional": ConvolutionalHead,
    "unet": UNetHead,
    "swin-unet": SwinUNetHead,
    "dual-swin": DualSwinHead,
}
"""Classes by `architecture["head"]["name"]`; the other entries there are their arguments. Each knows its `classes`."""
