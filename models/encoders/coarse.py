"""Features of a time stack that is coarser than the image beside it, for the light head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from .classes import encoder_class
from .encoder import Encoder


class CoarseFeatures(Encoder):
    """An encoder that runs on the series' own grid; on the scene's its maps have larger strides.

    Args:
        sources: The series alone.
        inner: Name and arguments of the encoder, as in `architecture["encoder"]`.

    Raises:
        CheckpointError: If there is more than one source, or the series' margin does not suit the encoder.
    """

    temporal = True
    ramp = 0

    def __init__(self, sources: Sequence[SourceCard], inner: Mapping[str, Any]) -> None:
        super().__init__(sources)
        if len(sources) != 1:
            raise CheckpointError(f"The encoder 'coarse' reads one source; there are {', '.join(self.bands)}.")
        (source,) = sources
        arguments = dict(inner)
        self.inner = encoder_class(arguments.pop("name", ""))([replace(source, step=1, margin=0)], **arguments)
        if source.margin % self.inner.alignment or source.margin < self.inner.halo or self.inner.ramp:
            raise CheckpointError(
                f"The series has a margin of {source.margin} pixels; its encoder takes multiples of "
                f"{self.inner.alignment}, {self.inner.halo} at least.",
                "Correct the card.",
            )
        self.role, self.margin = source.role, source.margin
        self.channels = self.inner.channels
        self.strides = tuple(stride * source.step for stride in self.inner.strides)
        self.alignment = self.inner.alignment * source.step
        # What surrounds the tile is in the margin; but upsampling looks one element further.
        self.halo = -(-max(self.strides) // self.alignment) * self.alignment
        self.tile = -(-512 // self.alignment) * self.alignment
        self.chip = -(-96 // self.alignment) * self.alignment

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`."""
        return self.inner.pretrained_part()

    def bind(self, sources: Sequence[SourceCard]) -> None:
        """See `Encoder.bind`."""
        super().bind(sources)
        self.inner.bind(sources)

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`."""
        self.inner.check_in = self.check_in
        maps = self.inner({self.role: images[self.role]})
        return [
            features[..., cut : features.shape[-2] - cut, cut : features.shape[-1] - cut]
            for features, cut in zip(maps, (self.margin // stride for stride in self.inner.strides), strict=True)
        ]
