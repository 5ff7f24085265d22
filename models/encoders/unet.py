"""U-Net features on a timm encoder, from segmentation-models-pytorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import segmentation_models_pytorch as smp
import torch
from torch import Tensor, nn

from ...core.cards import SourceCard
from .encoder import Encoder


class UNetFeatures(Encoder):
    """All bands of all sources together through a U-Net (Ronneberger et al. 2015), up to its last decoder stage.

    Args:
        sources: What is read of the scene, normalised to 0 to 1 by 3-sigma scaling.
        encoder: timm name of the encoder.
        depth: Number of encoder stages; each halves the resolution.
    """

    # Measured on a trained one (benchmarks/agreement.py): with less context, maps of different tiles differ in more
    # than one pixel in a thousand; with more, only the work grows.
    halo = 48
    ramp = 16
    tile = 512
    chip = 96

    def __init__(self, sources: Sequence[SourceCard], encoder: str = "resnet18", depth: int = 4) -> None:
        super().__init__(sources)
        decoder = (256, 128, 64, 32, 16)[-depth:]
        self.unet = smp.Unet(
            f"tu-{encoder}",
            encoder_depth=depth,
            encoder_weights=None,
            decoder_channels=decoder,
            in_channels=sum(len(source.bands) for source in sources),
            classes=1,
        )
        self.unet.segmentation_head = nn.Identity()
        self.channels = (decoder[-1],)
        self.strides = (1,)
        self.alignment = 2**depth

    def pretrained_part(self) -> nn.Module:
        """Returns what stays frozen when only the decoder is trained."""
        return self.unet.encoder

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """Per role (batch, band, y, x), NaN for no data → one map (batch, feature, y, x)."""
        scaled = torch.cat([normalise(images[role]) for role, normalise in self.normalisers.items()], dim=1)
        # 0.5 is the mean in 3-sigma scaling; centred, no data is zero, as padding is.
        return [self.unet((scaled - 0.5).nan_to_num(0.0) * 6)]
