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
    """Gaussian 3 × 3 filters over all bands, ReLU(±f − 1), averaged over blocks of 4 × 4 pixels.

    Upsampled bilinearly by the head, the averages reach as far as a running mean of 7 × 7 pixels and cost a sixteenth.

    Args:
        sources: What is read of the scene, normalised to 0 to 1 by 3-sigma scaling.
        filters: Number of filters; each gives two features.
        seed: Seed of the filters. They are saved among the weights all the same.
    """

    weight: Tensor
    block = 4
    alignment = 4
    halo = 8
    ramp = 0
    tile = 240
    chip = 96

    def __init__(self, sources: Sequence[SourceCard], filters: int = 128, seed: int = 0) -> None:
        super().__init__(sources)
        bands = sum(len(source.bands) for source in sources)
        generator = torch.Generator().manual_seed(seed)
        # Filters of unit norm in expectation keep ±f − 1 at the edge of the rectifier for any number of bands.
        weight = torch.randn(filters, bands, 3, 3, generator=generator) / (9 * bands) ** 0.5 * 3
        self.register_buffer("weight", weight)
        self.channels = (2 * filters,)
        self.strides = (self.block,)

    def pretrained_part(self) -> nn.Module:
        """Returns what stays frozen when only the decoder is trained: everything."""
        return self

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """Per role (batch, band, y, x), NaN for no data → one map (batch, feature, y / 4, x / 4)."""
        scaled = torch.cat([normalise(images[role]) for role, normalise in self.normalisers.items()], dim=1)
        valid = torch.isfinite(scaled).all(dim=1, keepdim=True)
        standardised = spread_over_edges(in_deviations(scaled).nan_to_num(0.0), valid)
        response = F.conv2d(standardised, self.weight, padding=1) * valid
        share = F.avg_pool2d(valid.to(response), self.block)
        features = [F.avg_pool2d(F.relu(sign * response - BIAS), self.block) for sign in (1, -1)]
        return [spread_over_edges(torch.cat(features, dim=1) / share.clamp_min(1e-6), share > 0)]
