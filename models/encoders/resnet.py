"""ResNets as features, with the names of torchvision, in which most self-supervised ones are published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import timm
from torch import Tensor, nn

from ...core.cards import SourceCard
from .whole_tiles import WholeTileEncoder


class ResNetFeatures(WholeTileEncoder):
    """The four stages of a ResNet (He et al. 2016).

    Args:
        sources: What is read of the scene; their bands are the network's channels, in this order.
        model: timm name, such as `resnet50`.
        levels: Stages whose maps are features; see `WholeTileEncoder`.
    """

    # As for the U-Net, which is a ResNet inside; a multiple of the alignment.
    halo = 64
    ramp = 16
    tile = 512
    chip = 96

    def __init__(
        self, sources: Sequence[SourceCard], model: str = "resnet50", levels: Sequence[int] = (1, 2, 3)
    ) -> None:
        bands = sum(len(source.bands) for source in sources)
        network: Any = timm.create_model(model, in_chans=bands, num_classes=0)
        super().__init__(sources, levels, [stage["num_chs"] for stage in network.feature_info[1:]], 1)
        self.network: Any = network

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: `conv1`, `bn1`, `layer1` to `layer4`."""
        return self.network

    def stages(self, channels: Tensor) -> list[Tensor]:
        """See `WholeTileEncoder.stages`."""
        network = self.network
        features = network.maxpool(network.act1(network.bn1(network.conv1(channels))))
        maps: list[Tensor] = []
        for level in range(1, self.levels[-1] + 1):
            features = getattr(network, f"layer{level}")(features)
            maps.append(features)
        return maps
