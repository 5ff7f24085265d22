"""A stack of the channels of several sensors, any of which may be missing in a scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from ..normalisation import in_deviations
from .encoder import Adapted, Encoder
from .offers import SceneOffer

Layout = Mapping[str, Sequence[str]]
"""Per role the bands of the channel stack, in order."""

STUDENT_STRIDE = 4
"""Pixels per element of a student's features, and of its teacher's."""


class ChannelStack(nn.Module):
    """Puts what a scene has of the channels in their places.

    Args:
        sources: What is read of the scene: a part of the stack, scaled by 3-sigma.
        layout: The stack that a network was trained with.
    """

    def __init__(self, sources: Sequence[SourceCard], layout: Layout) -> None:
        super().__init__()
        self.layout = {role: tuple(bands) for role, bands in layout.items()}
        self.bands = {source.role: source.bands for source in sources}

    @property
    def channels(self) -> int:
        """Channels of the stack."""
        return sum(map(len, self.layout.values()))

    @property
    def groups(self) -> tuple[int, ...]:
        """Channels of each role, in order."""
        return tuple(map(len, self.layout.values()))

    def forward(self, images: Mapping[str, Tensor], normalisers: nn.ModuleDict) -> Tensor:
        """Per role (batch, band, y, x) in canonical units → (batch, channel, y, x) standardised, NaN where missing."""
        any_image = next(iter(images.values()))
        columns = []
        for role, bands in self.layout.items():
            scaled = in_deviations(normalisers[role](images[role])) if role in images else None
            for band in bands:
                if scaled is None or band not in self.bands[role]:
                    columns.append(torch.full_like(any_image[:, 0], torch.nan))
                else:
                    columns.append(scaled[:, self.bands[role].index(band)])
        return torch.stack(columns, dim=1)


def adapted_stack(sources: Sequence[SourceCard], arguments: dict[str, Any], scene: SceneOffer) -> Adapted:
    """Returns how a stack is used on a scene: whatever bands of it the scene has are taken, the others are missing.

    Raises:
        CheckpointError: If the scene has none of them.
    """
    taken = []
    for source in sources:
        offer = scene.source(source.role)
        common = [band for band in source.bands if offer and band in offer.bands]
        if offer is None or not common:
            continue
        part = source.narrowed(common)
        taken.append(replace(part, sensor=offer.sensor, gsd=offer.gsd, optional=False, partial=False))
    if not taken:
        known = "; ".join(f"{source.role}: {' '.join(source.bands)}" for source in sources)
        raise CheckpointError(
            f"The scene has none of the bands that the encoder was pretrained on ({known}).",
            "Choose other layers, state their sensor, or choose another checkpoint.",
        )
    return Adapted(tuple(taken), arguments)


class StackEncoder(Encoder):
    """Base of encoders over a stack of channels, of which a scene may have any part."""

    stack: ChannelStack

    @classmethod
    def adapted(cls, sources: Sequence[SourceCard], arguments: dict[str, Any], scene: SceneOffer) -> Adapted:
        """See `Encoder.adapted`; whatever bands of the stack the scene has are taken, the others are missing."""
        return adapted_stack(sources, arguments, scene)

    def stacked(self, images: Mapping[str, Tensor]) -> Tensor:
        """See `ChannelStack.forward`."""
        stacked: Tensor = self.stack(images, self.normalisers)
        return stacked


class Student(StackEncoder):
    """Base of encoders that learn the features of others (`models.pretraining.distillation`).

    Attributes:
        uncertain: Outer elements of a window whose features would be others if the network saw what lies around it.
    """

    uncertain: int

    def of_stack(self, stacked: Tensor) -> Tensor:
        """Computes the features of windows.

        Args:
            stacked: (window, channel, y, x) in deviations, NaN where missing.

        Returns:
            (window, feature, y / 4, x / 4).
        """
        raise NotImplementedError
