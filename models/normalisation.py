"""From canonical units to a network's input, as the card says."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..core.cards import Normalisation, SourceCard

_SIGMAS = {"2-sigma": 4.0, "scene-2-sigma": 4.0, "3-sigma": 6.0}
"""Deviations from 0 to 1, by method; the mean is at 0.5."""


class Normaliser(nn.Module):
    """y = (x − offset) / scale per band, clipped where the card says so; NaN stays NaN.

    Its numbers live in the card alone, not among the weights.
    """

    offset: Tensor
    scale: Tensor

    def __init__(self, normalisation: Normalisation) -> None:
        super().__init__()
        shape = (1, -1, 1, 1)
        self.clip = normalisation.clip
        self.register_buffer("offset", torch.tensor(normalisation.offset).view(shape), persistent=False)
        self.register_buffer("scale", torch.tensor(normalisation.scale).view(shape), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        """In the card's units → the same shape, dimensionless; all dates of a time stack alike.

        Args:
            image: (batch, date × band, y, x), or (batch, date, band, y, x).
        """
        offset, scale = self._numbers(image)
        scaled: Tensor = (image - offset) / scale
        return scaled.clamp(*self.clip) if self.clip else scaled

    def restored(self, scaled: Tensor) -> Tensor:
        """Undoes `forward`, but for what it clipped."""
        offset, scale = self._numbers(scaled)
        return scaled * scale + offset

    def _numbers(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Returns offset and scale in a shape that goes with an image."""
        # A network that is written as ONNX cannot decide by the number of dates; those over time are not written.
        dates = 1 if image.ndim != 4 or torch.onnx.is_in_onnx_export() else image.shape[1] // self.offset.shape[1]
        if dates <= 1:
            return self.offset, self.scale
        return self.offset.repeat(1, dates, 1, 1), self.scale.repeat(1, dates, 1, 1)


def in_deviations(scaled: Tensor) -> Tensor:
    """From 3-sigma scaling, which puts the mean at 0.5 and one deviation at 1/6, to deviations from the mean."""
    return (scaled - 0.5) * 6


def mean_and_deviation(normalisation: Normalisation) -> tuple[list[float], list[float]]:
    """Returns the statistics that a 3-sigma scaling was made from: per band the mean and the standard deviation."""
    pairs = list(zip(normalisation.offset, normalisation.scale, strict=True))
    return [offset + scale / 2 for offset, scale in pairs], [scale / 6 for _, scale in pairs]


@torch.no_grad()
def start_in_deviations(first: nn.Conv2d, sources: Sequence[SourceCard]) -> None:
    """Lets an untrained first layer answer to deviations from the mean, whatever scaling its bands come in.

    Of bands scaled from 0 to 1, the mean is most of what such a layer gives, and where a LayerNorm follows, as in
    transformers, what tells places apart is left small beside it: a network then learns several times more slowly.

    Args:
        first: The layer; its input channels are the bands of all sources.
        sources: Where the bands come from.
    """
    sigmas = torch.tensor([_SIGMAS.get(source.normalisation.method, 0.0) for source in sources for _ in source.bands])
    scale = torch.where(sigmas > 0, sigmas, 1.0).view(1, -1, 1, 1)
    middle = torch.where(sigmas > 0, 0.5, 0.0).view(1, -1, 1, 1)
    first.weight.mul_(scale)
    if first.bias is not None:
        first.bias.sub_((first.weight * middle).sum(dim=(1, 2, 3)))
