"""3DMAE's encoder: a vision transformer over the stacked channels of several sensors, any of which may be missing.

Seed 000 names it; sizes follow SatViT (Fuller et al., 2022), one of the baselines there: one patch embedding for all
channels, fixed sine-cosine positions, no class token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from timm.models.vision_transformer import Block
from torch import Tensor, nn

from ...core.cards import SourceCard
from .stack import ChannelStack, Layout, StackEncoder
from .windows import Encoded, WindowedEncoder, mostly

SIZES = {"nano": (128, 4, 4), "tiny": (192, 6, 3), "small": (384, 12, 6), "base": (768, 12, 12)}
"""Width, depth and heads."""


class StackTransformer(nn.Module):
    """A transformer over patches of stacked channels.

    Args:
        channels: Number of channels.
        size: A key of `SIZES`.
        patch: Side of the patches in pixels.
    """

    def __init__(self, channels: int, size: str, patch: int) -> None:
        super().__init__()
        self.dim, depth, heads = SIZES[size]
        self.patch = patch
        self.embed = nn.Conv2d(channels, self.dim, patch, patch)
        self.blocks = nn.ModuleList([Block(self.dim, heads, qkv_bias=True) for _ in range(depth)])
        self.norm = nn.LayerNorm(self.dim)

    def forward(self, images: Tensor, kept: Tensor | None = None) -> Tensor:
        """Encodes images.

        Args:
            images: (batch, channel, y, x) standardised; zero, the mean, where hidden or missing.
            kept: (batch, kept token) int64, tokens that go through the blocks; None: all.

        Returns:
            (batch, token, dim), rows of tokens one after the other.
        """
        patches = self.embed(images)
        rows, columns = patches.shape[-2:]
        tokens = patches.flatten(2).transpose(1, 2) + positions(rows, columns, self.dim).to(patches)
        if kept is not None:
            tokens = tokens.gather(1, kept[..., None].expand(-1, -1, self.dim))
        for block in self.blocks:
            tokens = block(tokens)
        encoded: Tensor = self.norm(tokens)
        return encoded


class Mae3dFeatures(StackEncoder, WindowedEncoder):
    """Tokens of a stack transformer, made with whatever channels a scene has.

    Args:
        sources: What is read of the scene: a part of the stack.
        layout: The stack that the network was trained with.
        size: A key of `SIZES`.
        patch: Side of the patches in pixels.
        window: Side in pixels of the windows, as in training.
    """

    tile = 448
    chip = 64

    def __init__(
        self, sources: Sequence[SourceCard], layout: Layout, size: str = "tiny", patch: int = 8, window: int = 96
    ) -> None:
        network = StackTransformer(sum(map(len, layout.values())), size, patch)
        overlap = -(-window // (3 * patch)) * patch
        super().__init__(sources, window, window - overlap, (patch,), (network.dim,))
        self.network = network
        self.stack = ChannelStack(sources, layout)

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`."""
        return self.network

    def prepared(self, images: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """See `WindowedEncoder.prepared`; a pixel is hidden where no channel has data."""
        stacked = self.stacked(images)
        return stacked, stacked.isnan().all(dim=1, keepdim=True)

    def encode_windows(self, channels: Tensor, hidden: Tensor) -> list[Encoded]:
        """See `WindowedEncoder.encode_windows`."""
        tokens = self.network(torch.where(channels.isnan(), torch.zeros_like(channels), channels))
        side = self.window // self.network.patch
        features = tokens.transpose(1, 2).unflatten(2, (side, side))
        return [(features, (~mostly(hidden, self.network.patch)[:, 0]).to(features))]


def positions(rows: int, columns: int, dim: int) -> Tensor:
    """Returns (rows · columns, dim) fixed sine-cosine codes of the tokens' places (He et al., MAE, CVPR 2022).

    Half of the numbers are for the column, half for the row.
    """
    down, across = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return torch.cat([sine_cosine(place.flatten(), dim // 2) for place in (across, down)], dim=1)


def sine_cosine(places: Tensor, dim: int) -> Tensor:
    """(place,) → (place, dim): sines, then cosines, of the place times 10000^(−2k / dim)."""
    frequencies = 10000.0 ** (-torch.arange(dim // 2) / (dim / 2))
    angles = places[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)
