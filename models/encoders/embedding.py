"""Precomputed embeddings: features that another encoder has already made, pixel by pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from ..context import EMBEDDING
from .encoder import Encoder


class EmbeddingFeatures(Encoder):
    """Passes embeddings on, normalised; other sources of the scene only serve the band context.

    Args:
        sources: What is read of the scene; one of them holds embeddings.
    """

    strides = (1,)
    alignment = 1
    ramp = 0
    # The embeddings need no surroundings, but heads and the band context look some pixels beyond a tile's edge.
    halo = 8
    tile = 240
    chip = 96

    def __init__(self, sources: Sequence[SourceCard]) -> None:
        super().__init__(sources)
        bands = {source.role: source.bands for source in sources}
        if EMBEDDING not in bands:
            raise CheckpointError("The checkpoint is one for embeddings, but none of its sources holds any.")
        self.channels = (len(bands[EMBEDDING]),)

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`; there are no weights."""
        return self

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """Per role (batch, band, y, x), NaN for no data → one map (batch, band, y, x), 0 for no data."""
        normalised: Tensor = self.normalisers[EMBEDDING](images[EMBEDDING])
        return [normalised.nan_to_num(0.0)]
