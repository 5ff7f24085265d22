"""Finer maps from coarser ones: each element becomes a square of elements.

Cao et al., "Swin-Unet: Unet-like Pure Transformer for Medical Image Segmentation", ECCV workshops 2022. Maps are
channels-last here, (batch, row, column, channel), as in the blocks around.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STEP = 4
"""Pixels per element of the finest map, along each side."""


class PatchExpand(nn.Module):
    """Twice the rows and columns: a linear layer makes four elements of each, in rows from the upper left one.

    Args:
        channels: Channels of the coarse map.
        out: Channels of the fine map; in Swin-Unet half as many.
    """

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.expand = nn.Linear(channels, 4 * out, bias=False)
        self.norm = nn.LayerNorm(out)

    def forward(self, features: Tensor) -> Tensor:
        """(batch, row, column, channels) → (batch, 2 × row, 2 × column, out)."""
        batch, rows, columns, _ = features.shape
        parts = self.expand(features).reshape(batch, rows, columns, 2, 2, -1)
        expanded: Tensor = self.norm(parts.permute(0, 1, 3, 2, 4, 5).reshape(batch, 2 * rows, 2 * columns, -1))
        return expanded


class PixelClassifier(nn.Module):
    """The last expansion, from elements of 4 × 4 pixels to pixels, a norm, and a 1 × 1 convolution to classes.

    Each of the sixteen pixels of an element has weights of its own and is classified apart: so no map of all channels
    at full resolution is ever made, which would take sixteen times the memory, and the logits are the same.

    Args:
        channels: Channels of the map.
        classes: Number of classes.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.expand = nn.Linear(channels, STEP**2 * channels, bias=False)
        self.norm = nn.LayerNorm(channels)
        self.classify = nn.Linear(channels, classes, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """(batch, row, column, channel) → logits (batch, class, 4 × row, 4 × column)."""
        weights = self.expand.weight.unflatten(0, (STEP**2, -1))
        logits = [self.classify(self.norm(F.linear(features, weight))) for weight in weights.unbind()]
        # Pixel shuffle takes, for each class, the pixels of an element in rows.
        by_class = torch.stack(logits, dim=-1).flatten(-2).permute(0, 3, 1, 2)
        return F.pixel_shuffle(by_class, STEP)
