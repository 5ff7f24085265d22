"""U-Net features with an encoder of its own for each source: the baseline of seed 002."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import segmentation_models_pytorch as smp
import torch
from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder
from torch import Tensor, nn

from ...core.cards import SourceCard
from ..normalisation import in_deviations
from .encoder import Encoder
from .unet import UNetFeatures


class DoubleUNetFeatures(Encoder):
    """Two encoders whose maps are joined at each resolution, up to the last stage of the decoder that they share.

    Where a source has no data, or is not there, its encoder sees the mean, as a U-Net does.

    Args:
        sources: What is read of the scene, normalised to 0 to 1 by 3-sigma scaling.
        encoder: timm name of both encoders.
        depth: Number of encoder stages; each halves the resolution.
    """

    halo = UNetFeatures.halo
    ramp = UNetFeatures.ramp
    tile = UNetFeatures.tile
    chip = UNetFeatures.chip

    def __init__(self, sources: Sequence[SourceCard], encoder: str = "resnet18", depth: int = 4) -> None:
        super().__init__(sources)
        self.depth = depth
        self.encoders = nn.ModuleDict(
            {
                source.role: smp.encoders.get_encoder(f"tu-{encoder}", len(source.bands), depth, None)
                for source in sources
            }
        )
        widths = zip(*(member.out_channels for member in self.encoders.values()), strict=True)
        decoder = (256, 128, 64, 32, 16)[-depth:]
        self.decoder = UnetDecoder([sum(counts) for counts in widths], decoder, depth)
        self.channels = (decoder[-1],)
        self.strides = (1,)
        self.alignment = 2**depth

    def pretrained_part(self) -> nn.Module:
        """Returns what stays frozen when only the decoder is trained."""
        return self.encoders

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """Per role (batch, band, y, x), NaN for no data → one map (batch, feature, y, x)."""
        any_image = next(iter(images.values()))
        maps = []
        for role, member in self.encoders.items():
            if role in images:
                # Centred, no data is zero, as padding is.
                centred = in_deviations(self.normalisers[role](images[role])).nan_to_num(0.0)
            else:
                centred = any_image.new_zeros(len(any_image), len(self.bands[role]), *any_image.shape[-2:])
            maps.append(member(centred))
        return [self.decoder([torch.cat(levels, dim=1) for levels in zip(*maps, strict=True)])]
