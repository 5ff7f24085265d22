"""Swin transformers V2 as features, with the names of torchvision, in which SatlasPretrain's are published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from torch import Tensor, nn
from torchvision.models.swin_transformer import PatchMergingV2, SwinTransformer, SwinTransformerBlockV2

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from .swin import SwinBlocks
from .whole_tiles import WholeTileEncoder

WINDOW = 8
"""Side of the attention windows, in elements."""


class _Size(NamedTuple):
    """Channels of the first stage, which double from stage to stage; blocks and heads of each stage."""

    width: int
    depths: tuple[int, ...]
    heads: tuple[int, ...]


_SIZES = {
    "swin_v2_t": _Size(96, (2, 2, 6, 2), (3, 6, 12, 24)),
    "swin_v2_s": _Size(96, (2, 2, 18, 2), (3, 6, 12, 24)),
    "swin_v2_b": _Size(128, (2, 2, 18, 2), (4, 8, 16, 32)),
}
"""As in torchvision, by its names."""


class SwinV2Features(WholeTileEncoder):
    """The four stages of a Swin transformer V2 (Liu et al. 2022).

    Attention happens in windows of 8 × 8 elements, shifted by half in every second block. Tiles start where windows of
    the coarsest stage in use do, so that all tiles are divided alike; what shifted windows carry on from block to block
    still ends at the tile, which is what halo and ramp are for.

    Args:
        sources: What is read of the scene; their bands are the network's channels, in this order.
        model: torchvision's name, such as `swin_v2_t`.
        levels: Stages whose maps are features; see `WholeTileEncoder`.
        depths: Number of blocks of each stage; none: as the model has them.

    Raises:
        CheckpointError: If torchvision has no such model.
    """

    ramp = 32
    tile = 512

    def __init__(
        self,
        sources: Sequence[SourceCard],
        model: str = "swin_v2_t",
        levels: Sequence[int] = (1, 2, 3),
        depths: Sequence[int] = (),
    ) -> None:
        if model not in _SIZES:
            raise CheckpointError(
                f"The card names the encoder '{model}'; known are {', '.join(_SIZES)}.",
                "Correct the encoder's 'model'.",
            )
        size = _SIZES[model]
        super().__init__(sources, levels, [size.width * 2**stage for stage in range(4)], WINDOW)
        # As in `SwinFeatures`.
        self.halo = self.alignment
        self.chip = max(self.alignment - 2 * self.chip_alignment, self.chip_alignment)
        self.blocks = SwinBlocks(tuple(depths or size.depths), size.heads, WINDOW)
        whole = SwinTransformer(
            [4, 4],
            size.width,
            list(depths or size.depths),
            list(size.heads),
            [WINDOW, WINDOW],
            stochastic_depth_prob=0.0,  # few labels are learned in few steps
            num_classes=1,
            block=SwinTransformerBlockV2,
            downsample_layer=PatchMergingV2,
        )
        bands = sum(len(source.bands) for source in sources)
        whole.features[0][0] = nn.Conv2d(bands, size.width, 4, stride=4)
        # Satlas never trained the last norm: its decoders take the stages as they are.
        self.network: Any = nn.Module()
        self.network.features = whole.features

    @property
    def chip_alignment(self) -> int:
        """See `SwinFeatures.chip_alignment`."""
        return self.strides[-1]

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: `features`."""
        return self.network

    def stages(self, channels: Tensor) -> list[Tensor]:
        """See `WholeTileEncoder.stages`."""
        maps: list[Tensor] = []
        features = channels
        for number, layer in enumerate(self.network.features):  # patches, stage 1, merging, stage 2, merging, ...
            features = layer(features)
            if number % 2:
                maps.append(features.permute(0, 3, 1, 2))
            if len(maps) == self.levels[-1]:
                break
        return maps
