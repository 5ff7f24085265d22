"""Vision transformers as dense features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import timm
import torch
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from .positions import resampled
from .tokens import TokenEncoder


class VisionTransformerEncoder(TokenEncoder):
    """Patch tokens of one of timm's vision transformers, after its last norm.

    Args:
        sources: What is read of the scene; their bands are the network's channels, in this order.
        network: The vision transformer.
        image: Side in pixels of the images that it is to see.
        upsample: How many times the scene's windows are enlarged to that.
        blocks: Earlier blocks whose tokens are feature maps too, numbered from 1.

    Raises:
        CheckpointError: If there are no such blocks.
    """

    def __init__(
        self,
        sources: Sequence[SourceCard],
        network: VisionTransformer,
        image: int,
        upsample: int,
        blocks: Sequence[int] = (),
    ) -> None:
        depth = len(network.blocks)
        if any(not 1 <= block < depth for block in blocks):
            raise CheckpointError(
                f"The card asks for the blocks {list(blocks)} of its encoder; the last one always is a feature map, "
                f"and before it there are 1 to {depth - 1}.",
                "Correct the encoder's 'blocks'.",
            )
        patch = network.patch_embed.patch_size[0]
        super().__init__(sources, image, patch, upsample, [network.embed_dim] * (len(blocks) + 1))
        self.network: Any = network
        self.taken = (*sorted(blocks), depth)

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: `cls_token`, `pos_embed`, `patch_embed`, `blocks`, `norm`."""
        return self.network

    def positions(self) -> Tensor:
        """Returns position embeddings (1, token, channel), those of the class token and registers included."""
        network = self.network
        prefix = 0 if network.no_embed_class else network.num_prefix_tokens
        return resampled(network.pos_embed, self.grid, self.grid, prefix)

    def token_maps(self, images: Tensor) -> list[Tensor]:
        """See `TokenEncoder.token_maps`; earlier blocks' tokens go through the same last norm, as in DINOv2.

        Of `norm` and `fc_norm` timm makes one do nothing.
        """
        network = self.network
        embedding, count = network.patch_embed, network.num_prefix_tokens
        tokens = embedding.norm(embedding.proj(images).flatten(2).transpose(1, 2))
        prefix = [
            token.expand(images.shape[0], -1, -1)
            for token in (network.cls_token, network.reg_token)
            if token is not None
        ]
        if network.no_embed_class:
            tokens = torch.cat([*prefix, tokens + self.positions()], dim=1)
        else:
            tokens = torch.cat([*prefix, tokens], dim=1) + self.positions()
        tokens = network.norm_pre(tokens)
        maps = []
        for number, block in enumerate(network.blocks, 1):
            tokens = block(tokens)
            if number in self.taken:
                maps.append(network.fc_norm(network.norm(tokens))[:, count:])
        return maps


class VitFeatures(VisionTransformerEncoder):
    """Vision transformers (Dosovitskiy et al. 2021), also with LayerScale and registers as DINOv2 (Oquab et al. 2023).

    Args:
        sources: What is read of the scene; their bands are the network's channels, in this order.
        model: timm name, such as `vit_small_patch16_224` or `vit_small_patch14_dinov2`.
        published: Side of the images that its position embeddings are for.
        image: Side of the images that it is to see; 0: the same.
        upsample: How many times the scene's windows are enlarged to that.
        blocks: Earlier blocks whose tokens are feature maps too, numbered from 1.
        arguments: More arguments of timm's model.

    Raises:
        CheckpointError: If timm does not have such a vision transformer.
    """

    def __init__(
        self,
        sources: Sequence[SourceCard],
        model: str = "vit_small_patch16_224",
        published: int = 224,
        image: int = 0,
        upsample: int = 2,
        blocks: Sequence[int] = (),
        **arguments: Any,
    ) -> None:
        bands = sum(len(source.bands) for source in sources)
        super().__init__(sources, _created(model, published, bands, arguments), image or published, upsample, blocks)


def _created(model: str, published: int, bands: int, arguments: dict[str, Any]) -> VisionTransformer:
    try:
        network = timm.create_model(model, img_size=published, in_chans=bands, num_classes=0, **arguments)
    except (RuntimeError, TypeError) as error:
        raise CheckpointError(
            f"timm cannot build the encoder '{model}': {error}.", "Name a model that timm has."
        ) from error
    if not isinstance(network, VisionTransformer) or network.pos_embed is None:
        raise CheckpointError(
            f"'{model}' is no vision transformer with position embeddings.",
            "Name one of timm's, such as vit_small_patch16_224.",
        )
    return network
