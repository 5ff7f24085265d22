"""A U-Net's decoder over the maps of any pyramid encoder."""

from __future__ import annotations

from collections.abc import Sequence

from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoderBlock
from torch import Tensor, nn

from .swin_unet import check_pyramid

WIDTHS = (256, 128, 64, 32, 32)


class UNetHead(nn.Module):
    """The decoder of a U-Net (Ronneberger et al. 2015), with the blocks of segmentation-models-pytorch.

    An encoder's finest map has elements of 4 × 4 pixels; beyond it, the band context stands in for the maps that a
    U-Net's own encoder would have. Maps of two encoders are joined at each resolution, as in a double U-Net.

    Args:
        channels: Channels of each feature map.
        strides: Pixels per element of each feature map.
        context: Channels of the band context; 0 for none.
        classes: Number of classes.

    Raises:
        CheckpointError: If the maps are no pyramid of 4, 8, 16 and 32 pixels per element.
    """

    def __init__(self, channels: Sequence[int], strides: Sequence[int], context: int, classes: int) -> None:
        super().__init__()
        coarse = check_pyramid(channels, strides, 1)
        self.classes = classes
        skips = (*reversed(coarse[:-1]), 0, context)
        inputs = (coarse[-1], *WIDTHS[:-1])
        self.blocks = nn.ModuleList(
            [UnetDecoderBlock(*counts, interpolation_mode="bilinear") for counts in zip(inputs, skips, WIDTHS)]
        )
        self.classify = nn.Conv2d(WIDTHS[-1], classes, 1)

    def forward(self, maps: Sequence[Tensor], context: Tensor | None) -> Tensor:
        """Maps (batch, channel, row, column) and context (batch, channel, y, x) → logits (batch, class, y, x)."""
        features = maps[-1]
        for block, skip in zip(self.blocks, [*reversed(maps[:-1]), None, context], strict=True):
            height, width = features.shape[-2] * 2, features.shape[-1] * 2
            features = block(features, height, width, skip_connection=skip)
        logits: Tensor = self.classify(features)
        return logits
