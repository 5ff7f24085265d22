"""Scale-MAE as dense features: a vision transformer that is told how wide its pixels are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from torch import Tensor, nn
from torchgeo.models import ScaleMAE
from torchgeo.models.scale_mae import get_2d_sincos_pos_embed_with_resolution

from ...core.cards import SourceCard
from .vit import VisionTransformerEncoder


class ScaleMAEFeatures(VisionTransformerEncoder):
    """Patch tokens of Scale-MAE (Reed et al. 2023), whose positions are metres and not numbers of patches.

    Args:
        sources: Red, green and blue; their ground sampling distance scales the positions (unknown: 1 m).
        image: Side of the images that it sees, as published.
        upsample: How many times the scene's windows are enlarged to that, which narrows the pixels likewise.
        width: Channels of its tokens.
        depth: Number of its blocks.
        heads: Number of its attention heads.
    """

    def __init__(
        self,
        sources: Sequence[SourceCard],
        image: int = 224,
        upsample: int = 2,
        width: int = 1024,
        depth: int = 24,
        heads: int = 16,
    ) -> None:
        network = ScaleMAE(
            res=(sources[0].gsd or 1.0) / upsample,
            img_size=image,
            patch_size=16,
            in_chans=sum(len(source.bands) for source in sources),
            num_classes=0,
            embed_dim=width,
            depth=depth,
            num_heads=heads,
            norm_layer=partial(nn.LayerNorm, eps=1e-6),
        )
        super().__init__(sources, network, image, upsample)

    def positions(self) -> Tensor:
        """See `VisionTransformerEncoder.positions`; they are computed and not learned."""
        network = self.network
        metres = network.cls_token.new_full((1,), network.res)
        return get_2d_sincos_pos_embed_with_resolution(network.embed_dim, self.grid, metres, cls_token=True)
