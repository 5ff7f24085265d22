"""An encoder of single bands, through which every band of every sensor goes on its own (seed 003).

Jain et al., "Multi-Modal Self-Supervised Representation Learning for Earth Observation", IGARSS 2021.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...core.cards import Normalisation, SourceCard
from ...core.errors import CheckpointError
from .encoder import Adapted, Encoder
from .offers import SceneOffer
from .resnet import ResNetFeatures

JOINS = ("auto", "concat", "mean")
FEW = 4
"""Bands up to which their features stand side by side, if that is left open."""

BAND = "band"
"""Role of the one band that the network sees at a time."""

_DEVIATIONS = {"2-sigma": (0.5, 4.0), "scene-2-sigma": (0.5, 4.0), "3-sigma": (0.5, 6.0)}
"""Per method of normalisation, where the mean comes to lie and how many standard deviations 1 is. The encoder may be
pretrained with one and used with another."""

_PLAIN = SourceCard(BAND, "generic", (BAND,), "raw", 0.0, Normalisation("constant", (0.0,), (1.0,)))
"""The source of the network for one band, whose values are normalised already."""


class SingleBandFeatures(Encoder):
    """A ResNet with one input channel, run once for each band.

    It takes any bands of any sensor. Their features stand side by side (`concat`), which keeps all but makes as many
    channels as there are bands, or are averaged (`mean`), which keeps what bands have in common. Either way it takes as
    many passes as there are bands.

    Args:
        sources: What is read of the scene.
        model: timm name of a ResNet.
        levels: Stages whose maps are features; see `WholeTileEncoder`.
        join: One of `JOINS`; `auto` is `concat` up to `FEW` bands, and `mean` for more.

    Raises:
        CheckpointError: If `join` or the levels are unknown.
    """

    halo = ResNetFeatures.halo
    ramp = ResNetFeatures.ramp
    tile = ResNetFeatures.tile
    chip = ResNetFeatures.chip

    def __init__(
        self,
        sources: Sequence[SourceCard],
        model: str = "resnet50",
        levels: Sequence[int] = (1, 2, 3),
        join: str = "auto",
    ) -> None:
        super().__init__(sources)
        if join not in JOINS:
            raise CheckpointError(
                f"The card joins the features of bands by '{join}'; one of {', '.join(JOINS)} was expected.",
                "Correct the encoder's 'join'.",
            )
        self.units = {source.role: _DEVIATIONS.get(source.normalisation.method, (0.0, 1.0)) for source in sources}
        self.of_band = ResNetFeatures([_PLAIN], model, levels)
        bands = sum(len(source.bands) for source in sources)
        self.apart = join == "concat" or (join == "auto" and bands <= FEW)
        self.channels = tuple(count * (bands if self.apart else 1) for count in self.of_band.channels)
        self.strides = self.of_band.strides
        self.alignment = self.of_band.alignment

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: the ResNet."""
        return self.of_band.pretrained_part()

    @classmethod
    def adapted(cls, sources: Sequence[SourceCard], arguments: dict[str, Any], scene: SceneOffer) -> Adapted:
        """See `Encoder.adapted`; all bands are taken, whatever they are, each scaled by its own statistics."""
        taken = tuple(
            open_source(offer.role, offer.sensor, offer.bands, offer.units, offer.gsd) for offer in scene.sources
        )
        return Adapted(taken, arguments)

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`."""
        scaled = torch.cat([self.standardised(role, images[role]) for role in self.normalisers], dim=1)
        bands = scaled.shape[1]
        maps = [features.unflatten(0, (-1, bands)) for features in self.of_band({BAND: scaled.flatten(0, 1)[:, None]})]
        if self.apart:
            return [features.flatten(1, 2) for features in maps]
        seen = (~scaled.isnan()).to(scaled.dtype)
        return [
            _mean(features, F.avg_pool2d(seen, stride)) for features, stride in zip(maps, self.strides, strict=True)
        ]

    def standardised(self, role: str, image: Tensor) -> Tensor:
        """(batch, band, y, x) in canonical units → in standard deviations from the mean, as far as these are known."""
        middle, deviations = self.units[role]
        return (self.normalisers[role](image) - middle) * deviations


def open_source(role: str, sensor: str, bands: Sequence[str], units: str, gsd: float) -> SourceCard:
    """Returns a source whose bands are scaled by the statistics of the scene, as all are that this encoder reads."""
    return SourceCard(role, sensor, tuple(bands), units, gsd, Normalisation("scene-2-sigma", (), (), (0.0, 1.0)))


def _mean(features: Tensor, seen: Tensor) -> Tensor:
    """Averages maps (batch, band, channel, row, column) over the bands with data, by their share (batch, band, ...)."""
    # A trace of data everywhere keeps the mean of elements without any.
    weight = seen[:, :, None] + 1e-6
    return (features * weight).sum(dim=1) / weight.sum(dim=1)
