"""STMIM: masked image modelling with a Swin transformer over dates of one place (seed 000).

SimMIM (Xie et al., CVPR 2022) with mask units as small as the network's patches, smooth L1, and a term that draws
dates of one place together. α and β are not published; ours are guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..encoders.swin import SwinFeatures
from ..encoders.whole_tiles import without_gaps
from ..normalisation import in_deviations
from .losses import masked_mean, sequence_loss
from .masking import unit_mask
from .method import SECOND, Method, Schedule

PATCH, STRIDE, HALVINGS = 4, 32, 5


@dataclass(frozen=True)
class StmimOptions:
    """What can be chosen.

    Attributes:
        ratio: Share of the units that are hidden, 0 to 1.
        unit: Side of the hidden squares in pixels, a multiple of 4.
        alpha: Weight of the sequence term.
        beta: What each date between two takes off their weight, 0 to 1.
    """

    ratio: float = 0.8
    unit: int = 4
    alpha: float = 0.1
    beta: float = 0.1


class Stmim(Method):
    """Learns to fill in hidden squares, and that dates of one place are alike.

    Args:
        encoder: The encoder to pretrain.
        schedule: How.
        options: See there.
    """

    def __init__(self, encoder: SwinFeatures, schedule: Schedule, options: StmimOptions) -> None:
        super().__init__(schedule)
        self.encoder, self.options = encoder, options
        network: Any = encoder.network
        self.mask_token = nn.Parameter(torch.zeros(network.embed_dim))
        nn.init.normal_(self.mask_token, std=0.02)
        bands = network.patch_embed.proj.in_channels
        self.decoder = nn.Sequential(nn.Conv2d(network.num_features, STRIDE**2 * bands, 1), nn.PixelShuffle(STRIDE))

    def encoder_module(self) -> SwinFeatures:
        """See `Method.encoder_module`."""
        return self.encoder

    def losses(self, batch: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`; a batch holds each role twice, and the `gap` between the two dates in dates."""
        generator = self.draws()
        roles = list(self.encoder.normalisers)
        dates = [{role: batch[role + end] for role in roles} for end in ("", SECOND)]
        learned = [self.reconstruction(images, generator) for images in dates]
        first, second = (features for _, features in learned)
        likeness = sequence_loss(first, second, batch["gap"].to(first), self.options.beta)
        parts = {
            "reconstruction": torch.stack([loss for loss, _ in learned]).mean(),
            "sequence": self.options.alpha * likeness,
        }
        return parts, first

    def reconstruction(self, images: Mapping[str, Tensor], generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Returns the error on the hidden pixels of one date, and its features (sample, dim)."""
        stacked = self.stacked(images)
        missing = stacked.isnan()
        filled = without_gaps(stacked, missing.any(dim=1, keepdim=True), HALVINGS)
        mask = self.mask(filled, generator)
        predicted, features = self.reconstruct(filled, mask)
        errors = F.smooth_l1_loss(predicted, filled, reduction="none")
        return masked_mean(errors, _pixels(mask) & ~missing), features.mean(dim=(-2, -1))

    def reconstructions(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """See `Method.reconstructions`."""
        stacked = self.stacked(batch)
        filled = without_gaps(stacked, stacked.isnan().any(dim=1, keepdim=True), HALVINGS)
        mask = self.mask(filled, self.draws())
        predicted, _ = self.reconstruct(filled, mask)
        hidden = _pixels(mask).expand_as(stacked)
        return {
            "seen": stacked.masked_fill(hidden, torch.nan),
            "filled in": torch.where(hidden, predicted, filled),
            "true": stacked,
        }

    def channel_names(self) -> list[tuple[str, str]]:
        """See `Method.channel_names`."""
        return [(role, band) for role, bands in self.encoder.bands.items() for band in bands]

    def mask(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Draws the hidden patches of (sample, channel, y, x)."""
        options = self.options
        return unit_mask(len(images), images.shape[-1], options.unit, PATCH, options.ratio, generator).to(images.device)

    def reconstruct(self, channels: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Fills in images.

        Args:
            channels: (sample, channel, y, x) standardised, without NaN; sides are multiples of 32.
            mask: (sample, row, column) bool, patches of 4 × 4 pixels that are hidden.

        Returns:
            Predicted pixels, shaped like `channels`, and features (sample, dim, y / 32, x / 32).
        """
        network: Any = self.encoder.network
        features = network.patch_embed(channels / 6 + 0.5)
        features = torch.where(mask[..., None], self.mask_token.to(features.dtype), features)
        features = network.norm(network.layers(features)).permute(0, 3, 1, 2)
        return self.decoder(features), features

    def stacked(self, images: Mapping[str, Tensor]) -> Tensor:
        """Per role (sample, band, y, x) in canonical units → (sample, channel, y, x) standardised, NaN for no data."""
        scaled = [normalise(images[role]) for role, normalise in self.encoder.normalisers.items()]
        return in_deviations(torch.cat(scaled, dim=1))


def _pixels(mask: Tensor) -> Tensor:
    """(sample, row, column) of patches → (sample, 1, y, x)."""
    return mask.repeat_interleave(PATCH, 1).repeat_interleave(PATCH, 2)[:, None]
