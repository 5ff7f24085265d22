"""The decoder of Swin-Unet, and the heads that are made of it.

Cao et al., "Swin-Unet: Unet-like Pure Transformer for Medical Image Segmentation", ECCV workshops 2022; as the seeds
use it in STMIM-UNet, DualSTMIM-UNet (seed 000) and Dual-SimCLR (seed 002; Scheibenreif et al., CVPR workshops 2022).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from timm.models.swin_transformer import SwinTransformerBlock
from torch import Tensor, nn

from ...core.errors import CheckpointError
from ..fusion import fusion as new_fusion
from .patch_expand import PatchExpand, PixelClassifier

STRIDES = (4, 8, 16, 32)
"""Of the pyramids that these heads decode."""


class SwinDecoder(nn.Module):
    """From the coarsest map of a pyramid to its finest: expand, join the encoder's map, mirrored Swin blocks.

    Args:
        channels: Channels of the encoder's maps, from fine to coarse.
        depths: Blocks at each resolution but the coarsest, from fine to coarse.
        heads: Attention heads of those blocks.
        window: Side of the attention windows, in elements; every second block shifts them by half.
    """

    def __init__(self, channels: Sequence[int], depths: Sequence[int], heads: Sequence[int], window: int) -> None:
        super().__init__()
        if not len(channels) - 1 == len(depths) == len(heads):
            raise CheckpointError(
                f"A decoder of {len(channels)} maps needs blocks and heads for {len(channels) - 1} of them; the card "
                f"has {list(depths)} and {list(heads)}.",
                "Correct the card.",
            )
        levels = range(len(depths) - 1, -1, -1)
        self.expand = nn.ModuleList([PatchExpand(channels[i + 1], channels[i]) for i in levels])
        self.join = nn.ModuleList([nn.Linear(2 * channels[i], channels[i]) for i in levels])
        self.blocks = nn.ModuleList([_blocks(channels[i], depths[i], heads[i], window) for i in levels])
        self.norm = nn.LayerNorm(channels[0])
        self.apply(_initialise)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Maps (batch, row, column, channel) from fine to coarse → (batch, row, column, channel) of the finest."""
        features = maps[-1]
        skips = reversed(maps[:-1])
        for expand, join, blocks, skip in zip(self.expand, self.join, self.blocks, skips, strict=True):
            features = blocks(join(torch.cat([expand(features), skip], dim=-1)))
        decoded: Tensor = self.norm(features)
        return decoded


class SwinUNetHead(nn.Module):
    """Swin-Unet's decoder, of one encoder or of two whose maps are fused layer by layer.

    Args:
        channels: Channels of each feature map; of two encoders, those of the first and then those of the second.
        strides: Pixels per element of each feature map.
        context: Channels of the band context; it has none.
        classes: Number of classes.
        depths: See `SwinDecoder`.
        heads: See there.
        window: See there.
        fusion: Of two encoders: one of `core.networks.FUSIONS`; empty: there is but one.

    Raises:
        CheckpointError: If the maps are no such pyramid.
    """

    def __init__(
        self,
        channels: Sequence[int],
        strides: Sequence[int],
        context: int,
        classes: int,
        depths: Sequence[int],
        heads: Sequence[int],
        window: int,
        fusion: str = "",
    ) -> None:
        super().__init__()
        widths = check_pyramid(channels, strides, 2 if fusion else 1)
        self.classes = classes
        self.fusions = nn.ModuleList([new_fusion(fusion, width) for width in widths] if fusion else [])
        self.decoder = SwinDecoder(widths, depths, heads, window)
        self.pixels = PixelClassifier(widths[0], classes)

    def forward(self, maps: Sequence[Tensor], context: Tensor | None) -> Tensor:
        """Maps (batch, channel, row, column) → logits (batch, class, y, x)."""
        last = [channels_last(features) for features in maps]
        if self.fusions:
            last = [fuse(*features.chunk(2, dim=-1)) for fuse, features in zip(self.fusions, last, strict=True)]
        logits: Tensor = self.pixels(self.decoder(last))
        return logits


class DualSwinHead(nn.Module):
    """A decoder of its own for each of two encoders; what they make is joined at a quarter of the resolution.

    The authors' class holds 55 million weights more that are never used; they are left out.

    Args:
        channels: Channels of each feature map: those of the first encoder and then those of the second.
        strides: Pixels per element of each feature map.
        context: Channels of the band context; it has none.
        classes: Number of classes.
        depths: See `SwinDecoder`.
        heads: See there.
        window: See there.

    Raises:
        CheckpointError: If the maps are no such pyramid.
    """

    def __init__(
        self,
        channels: Sequence[int],
        strides: Sequence[int],
        context: int,
        classes: int,
        depths: Sequence[int],
        heads: Sequence[int],
        window: int,
    ) -> None:
        super().__init__()
        widths = check_pyramid(channels, strides, 2)
        self.classes = classes
        self.decoders = nn.ModuleList([SwinDecoder(widths, depths, heads, window) for _ in range(2)])
        self.pixels = PixelClassifier(2 * widths[0], classes)

    def forward(self, maps: Sequence[Tensor], context: Tensor | None) -> Tensor:
        """See `SwinUNetHead.forward`."""
        both = zip(*(channels_last(features).chunk(2, dim=-1) for features in maps), strict=True)
        decoded = [decode(own) for decode, own in zip(self.decoders, both, strict=True)]
        logits: Tensor = self.pixels(torch.cat(decoded, dim=-1))
        return logits


def channels_last(features: Tensor) -> Tensor:
    """(batch, channel, row, column) → (batch, row, column, channel)."""
    return features.permute(0, 2, 3, 1)


def check_pyramid(channels: Sequence[int], strides: Sequence[int], encoders: int) -> tuple[int, ...]:
    """Returns the channels of one encoder's maps.

    Raises:
        CheckpointError: If there are not all four of them, or they cannot be those of so many encoders alike.
    """
    if tuple(strides) != STRIDES or any(count % encoders for count in channels):
        raise CheckpointError(
            f"The decoder takes maps of {', '.join(map(str, STRIDES))} pixels per element, of {encoders} "
            f"encoder{'s alike' if encoders > 1 else ''}; the encoder has {list(strides)}, with channels "
            f"{list(channels)}.",
            "Choose another network, or another checkpoint.",
        )
    return tuple(count // encoders for count in channels)


def _blocks(channels: int, depth: int, heads: int, window: int) -> nn.Sequential:
    """Swin blocks for maps of any size: where windows do not divide them, they are padded."""
    return nn.Sequential(
        *[
            SwinTransformerBlock(
                channels,
                (window, window),
                heads,
                window_size=window,
                shift_size=window // 2 if index % 2 else 0,
                always_partition=True,
                dynamic_mask=True,
            )
            for index in range(depth)
        ]
    )


def _initialise(module: nn.Module) -> None:
    """As Swin transformers are; PyTorch's own start is made for other networks."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
