"""Random convolutional features: an encoder that needs no pretraining and no download.

Rolf et al., "A generalizable and accessible approach to machine learning with global satellite imagery", Nature
Communications 2021: random filters, a rectifier of both signs, and local averages separate textures that pixels alone
cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...core.cards import SourceCard
from ..context import spread_over_edges
from ..normalisation import in_deviations
from .encoder import Encoder

BIAS = 1.0


class RandomFeatures(Encoder):
    """Gaussian 3 × 3 filters over all bands, ReLU(±f − 1), averaged over blocks of pixels.

    Upsampled bilinearly by the head, averages over 4 × 4 pixels reach as far as a running mean of 7 × 7 and cost a
    sixteenth.

    Args:
        sources: What is read of the scene, normalised to 0 to 1 by 3-sigma scaling.
        filters: Number of filters; each gives two features.
        seed: Seed of the filters. They are saved among the weights all the same.
        blocks: Sides in pixels of the blocks, each a multiple of the one before; each gives a map.
    """

    weight: Tensor
    ramp = 0
    tile = 240
    chip = 96

    def __init__(
        self, sources: Sequence[SourceCard], filters: int = 128, seed: int = 0, blocks: Sequence[int] = (4,)
    ) -> None:
        super().__init__(sources)
        bands = sum(len(source.bands) for source in sources)
        self.register_buffer("weight", random_filters(filters, bands, seed))
        self.channels = (2 * filters,) * len(blocks)
        self.strides = tuple(blocks)
        self.alignment = blocks[-1]
        # Upsampling looks one block beyond, which at the edge of the data takes over from those beside it.
        self.halo = 3 * blocks[-1]

    def pretrained_part(self) -> nn.Module:
        """Returns what stays frozen when only the decoder is trained: everything."""
        return self

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """Per role (batch, band, y, x), NaN for no data → maps (batch, feature, y / block, x / block)."""
        scaled = torch.cat([normalise(images[role]) for role, normalise in self.normalisers.items()], dim=1)
        valid = torch.isfinite(scaled).all(dim=1, keepdim=True)
        standardised = spread_over_edges(in_deviations(scaled).nan_to_num(0.0), valid)
        response = F.conv2d(standardised, self.weight, padding=1) * valid
        return [rectified(response, valid, block) for block in self.strides]


def random_filters(filters: int, channels: int, seed: int) -> Tensor:
    """Returns (filter, channel, 3, 3), whose responses to standardised channels have a deviation of about 3.

    That keeps ±f − 1 at the edge of the rectifier for any number of channels.
    """
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(filters, channels, 3, 3, generator=generator) / (9 * channels) ** 0.5 * 3


def rectified(response: Tensor, valid: Tensor, block: int) -> Tensor:
    """Averages both signs of filters' responses, rectified, over blocks.

    Args:
        response: (batch, filter, y, x), zero where there is no data.
        valid: (batch, 1, y, x) bool.
        block: Side of the blocks in pixels.

    Returns:
        (batch, 2 × filter, y / block, x / block).
    """
    share = F.avg_pool2d(valid.to(response), block)
    features = [F.avg_pool2d(F.relu(sign * response - BIAS), block) for sign in (1, -1)]
    return spread_over_edges(torch.cat(features, dim=1) / share.clamp_min(1e-6), share > 0)
