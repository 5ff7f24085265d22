"""Two branches: a U-Net over a fine image, such as an aerial one, and a U-TAE over a coarser time series.

Seed 001; Garioud et al., "FLAIR #2", 2023. The map has the image's resolution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import segmentation_models_pytorch as smp
from torch import Tensor, nn
from torch.nn import functional as F

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from ..context import spread_over_edges
from ..normalisation import in_deviations
from .encoder import Encoder
from .series_fusion import SeriesFusion
from .utae import Utae
from .utae_features import series_of

SERIES = "series"

_DECODER = (256, 128, 64, 32, 16)

_FLAIR_UTAE = {"widths": (64, 64, 128, 128), "decoder": (64, 64, 128, 128)}

_LEAST_ELEMENTS = 2
"""Of the series' coarsest level along a side: reflecting padding needs two."""


class TwoBranchFeatures(Encoder):
    """The U-Net's last decoder map, to whose encoder the series is added on each level.

    Args:
        sources: An image, and the role `series`; normalised to 0 to 1 by 3-sigma scaling.
        encoder: timm name of the U-Net's encoder.
        depth: Number of its stages; each halves the resolution.
        series: Arguments of `Utae`.

    Raises:
        CheckpointError: If there is not one image and one series.
    """

    temporal = True
    strides = (1,)
    ramp = 16

    def __init__(
        self,
        sources: Sequence[SourceCard],
        encoder: str = "resnet34",
        depth: int = 5,
        series: Mapping[str, Any] = _FLAIR_UTAE,
    ) -> None:
        super().__init__(sources)
        cards = {source.role: source for source in sources}
        if SERIES not in cards or len(cards) != 2 or next(r for r in cards if r != SERIES) != "optical":
            raise CheckpointError(
                f"The network reads an optical image and a time stack beside it; there are {', '.join(cards)}.",
                "Give the two, or choose another network.",
            )
        self.unet = smp.Unet(
            f"tu-{encoder}",
            encoder_depth=depth,
            encoder_weights=None,
            decoder_channels=_DECODER[-depth:],
            in_channels=len(cards["optical"].bands),
            classes=1,
        )
        self.unet.segmentation_head = nn.Identity()
        self.series = Utae(len(cards[SERIES].bands), **series)
        # The input itself is no skip connection of the decoder; FLAIR's code computes a fusion for it to no effect.
        self.fusion = SeriesFusion(self.series.channels, self.unet.encoder.out_channels[1:])
        self.levels = tuple(2**level for level in range(1, depth + 1))
        self.step, self.margin = cards[SERIES].step, cards[SERIES].margin
        self.channels = (_DECODER[-1],)
        self.alignment = math.lcm(2**depth, self.step)
        self.halo = -(-48 // self.alignment) * self.alignment
        self.tile = -(-512 // self.alignment) * self.alignment
        self.chip = -(-128 // self.alignment) * self.alignment

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: the U-Net's encoder and the U-TAE."""
        return nn.ModuleDict({"optical": self.unet.encoder, SERIES: self.series})

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`; sides of tiles are multiples of the alignment."""
        return [self.unet.decoder(self.fused_levels(images))]

    def fused_levels(self, images: Mapping[str, Tensor]) -> list[Tensor]:
        """Returns what the decoder reads: the input, and the levels of the U-Net's encoder with the series added."""
        levels = self.image_levels(images["optical"])
        condensed, known = self.condensed(images[SERIES])
        added = self.fusion(condensed, known, self.levels, self.step, self.margin)
        return [levels[0], *(level + more for level, more in zip(levels[1:], added, strict=True))]

    def image_levels(self, image: Tensor) -> list[Tensor]:
        """Returns the levels of the U-Net's encoder, the input first, of (batch, band, y, x)."""
        scaled = in_deviations(self.normalisers["optical"](image))
        levels: list[Tensor] = self.unet.encoder(scaled.nan_to_num(0.0))
        return levels

    def condensed(self, series: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the U-TAE's map of a series (batch, date × band, row, column), and (batch, 1, row, column) bool.

        The latter is True where any date has data.
        """
        height, width = series.shape[-2:]
        image = _enlarged(in_deviations(self.normalisers[SERIES](series)), self.series.step)
        dates, days, visible = series_of(image, len(self.bands[SERIES]), self.dates[SERIES], self.training)
        features = self.series(dates, days, visible)[..., :height, :width]
        known = visible.any(dim=1, keepdim=True)[..., :height, :width]
        return spread_over_edges(features, known), known


def _enlarged(image: Tensor, step: int) -> Tensor:
    """Repeats the last rows and columns until sides are multiples of `step`, and two of them at least."""
    height, width = (max(-(-side // step), _LEAST_ELEMENTS) * step for side in image.shape[-2:])
    return F.pad(image, (0, width - image.shape[-1], 0, height - image.shape[-2]), mode="replicate")
