"""Swin transformers as features, with the names of timm."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import timm
from timm.models.swin_transformer import SwinTransformer
from torch import Tensor, nn

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from ..normalisation import start_in_deviations
from .whole_tiles import WholeTileEncoder

SWINS: dict[str, dict[str, Any]] = {
    "swin-tiny": {"name": "swin", "model": "swin_tiny_patch4_window7_224", "window_size": 7},
    "swin-nano": {
        "name": "swin",
        "model": "swin_tiny_patch4_window7_224",
        "window_size": 4,
        "embed_dim": 48,
        "depths": [2, 2, 2, 2],
        "num_heads": [2, 4, 8, 16],
    },
}
"""The seeds' Swin transformer, and one for a processor without a GPU: a fifth of the weights, a tenth of the work; as
`architecture["encoder"]` entries, but for the side of the images."""

_COMPUTED = ("attn_mask", "relative_position_index")
"""Ends of the names of tensors that the original code saves, and that follow from the size of the windows."""


class SwinBlocks(NamedTuple):
    """What a decoder mirrors: blocks and attention heads of each stage, and the side of their windows in elements."""

    depths: tuple[int, ...]
    heads: tuple[int, ...]
    window: int


class SwinFeatures(WholeTileEncoder):
    """The four stages of a Swin transformer (Liu et al. 2021), the last one after the network's last norm.

    Tiles start where attention windows of the coarsest stage in use do, so that all tiles are divided alike. What
    shifted windows carry on from block to block still ends at the tile, which is what halo and ramp are for.

    Args:
        sources: What is read of the scene; their bands are the network's channels, in this order.
        model: timm name, such as `swin_tiny_patch4_window7_224`.
        levels: Stages whose maps are features; see `WholeTileEncoder`.
        image: Side of the images it was trained with. Where the last stage has just one window, nothing is shifted.
        arguments: More arguments of timm's model: `window_size`, `embed_dim`, `depths`, `num_heads`.

    Raises:
        CheckpointError: If timm does not have such a Swin transformer.
    """

    ramp = 32

    def __init__(
        self,
        sources: Sequence[SourceCard],
        model: str = "swin_tiny_patch4_window7_224",
        levels: Sequence[int] = (1, 2, 3),
        image: int = 224,
        **arguments: Any,
    ) -> None:
        bands = sum(len(source.bands) for source in sources)
        network = _created(model, {"img_size": image, "in_chans": bands, **arguments})
        start_in_deviations(network.patch_embed.proj, sources)
        window: int = network.layers[0].blocks[0].window_size[0]
        super().__init__(sources, levels, [stage["num_chs"] for stage in network.feature_info], window)
        self.network: Any = network
        self.halo = self.alignment
        self.tile = max(512 // self.alignment, 1) * self.alignment
        # With its surroundings, which are as wide as an element of the coarsest map, a chip is one window of it.
        self.chip = max(self.alignment - 2 * self.chip_alignment, self.chip_alignment)

    @property
    def chip_alignment(self) -> int:
        """See `Encoder.chip_alignment`; where windows lie matters to tiles only, which have to fit each other."""
        return self.strides[-1]

    @property
    def blocks(self) -> SwinBlocks:
        """What a decoder mirrors."""
        layers = [layer.blocks for layer in self.network.layers]
        heads = tuple(blocks[0].attn.num_heads for blocks in layers)
        return SwinBlocks(tuple(map(len, layers)), heads, self.network.layers[0].blocks[0].window_size[0])

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: `patch_embed`, `layers`, `norm`."""
        return self.network

    def stages(self, channels: Tensor) -> list[Tensor]:
        """See `WholeTileEncoder.stages`."""
        network = self.network
        features = network.patch_embed(channels)
        maps: list[Tensor] = []
        for number, layer in enumerate(network.layers[: self.levels[-1]], 1):
            features = layer(features)
            last = number == len(network.layers)
            maps.append((network.norm(features) if last else features).permute(0, 3, 1, 2))
        return maps


def from_original(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Renames weights of the authors' code to timm's names; those that have timm's names already stay as they are.

    The authors end a stage with the merging of patches, timm begins the next one with it.

    Args:
        weights: By name, without the prefix of a wrapper.

    Returns:
        Without the head and without what is computed.
    """
    theirs = "layers.0.downsample.reduction.weight" in weights
    renamed = {}
    for name, tensor in weights.items():
        if name.startswith("head.") or name.endswith(_COMPUTED):
            continue
        merging = re.match(r"layers\.(\d+)\.downsample\.(.+)", name) if theirs else None
        renamed[f"layers.{int(merging[1]) + 1}.downsample.{merging[2]}" if merging else name] = tensor
    return renamed


def _created(model: str, arguments: dict[str, Any]) -> Any:
    """Returns timm's Swin transformer, whose modules are not typed."""
    try:
        # Tiles are larger than the images of its training: masks are made for their size.
        network = timm.create_model(model, num_classes=0, drop_path_rate=0.0, strict_img_size=False, **arguments)
    except (RuntimeError, TypeError) as error:
        raise CheckpointError(
            f"timm cannot build the encoder '{model}': {error}.", "Name a model that timm has."
        ) from error
    if not isinstance(network, SwinTransformer):
        raise CheckpointError(
            f"'{model}' is no Swin transformer.", "Name one of timm's, such as swin_tiny_patch4_window7_224."
        )
    return network
