"""Fusion of two encoders' maps of one resolution.

How DualSTMIM-UNet (seed 000) fuses "layer by layer" is not published; these operators are our reconstruction.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ..core.networks import FUSIONS


class ProjectedFusion(nn.Module):
    """f = m + γ · GELU(LN(m)) with m = W [s; o].

    W starts as [I/2, I/2] and γ at zero: an untrained fusion is the mean, and of two equal maps it is that map, so that
    the decoder first sees features as an encoder makes them. As a plain GELU(LN(W [s; o])) it would not be: both
    change what comes in, whatever W is.

    Args:
        channels: Channels of either map.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.project = nn.Linear(2 * channels, channels, bias=False)
        self.norm = nn.LayerNorm(channels)
        self.scale = nn.Parameter(torch.zeros(channels))
        with torch.no_grad():
            half = torch.eye(channels) / 2
            self.project.weight.copy_(torch.cat([half, half], dim=1))

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Two maps (batch, row, column, channel) → one of the same shape."""
        mixed: Tensor = self.project(torch.cat([first, second], dim=-1))
        return mixed + self.scale * nn.functional.gelu(self.norm(mixed))


class GatedFusion(nn.Module):
    """f = g · s + (1 − g) · o with g = σ(W [s; o]); W starts at zero, so that an untrained fusion is the mean.

    Args:
        channels: Channels of either map.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gate = nn.Linear(2 * channels, channels)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """See `ProjectedFusion.forward`."""
        gate = self.gate(torch.cat([first, second], dim=-1)).sigmoid()
        fused: Tensor = gate * first + (1 - gate) * second
        return fused


class SumFusion(nn.Module):
    """f = s + o; nothing to learn.

    Args:
        channels: Channels of either map.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """See `ProjectedFusion.forward`."""
        return first + second


_KINDS: dict[str, Any] = dict(zip(FUSIONS, (ProjectedFusion, SumFusion, GatedFusion), strict=True))


def fusion(kind: str, channels: int) -> nn.Module:
    """Builds a fusion, one of `FUSIONS`, of maps with so many channels each."""
    built: nn.Module = _KINDS[kind](channels)
    return built
