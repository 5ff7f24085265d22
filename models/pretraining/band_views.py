"""Views of a place that are single bands: a random optical one, and a random one of SAR (seed 003)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...core.errors import SpecError
from ..encoders.single_band import BAND, SingleBandFeatures
from .method import Images
from .views import ViewOptions, Views


class BandViews(nn.Module):
    """Draws pairs of views, each of one band, with geometry and blur drawn for each view on its own.

    Args:
        encoder: The encoder that gets the bands.
        options: What else views may differ in.

    Raises:
        SpecError: If there are not two sources.
    """

    def __init__(self, encoder: SingleBandFeatures, options: ViewOptions) -> None:
        super().__init__()
        self.encoder = encoder
        self.views = Views(encoder.normalisers, options)
        self.roles = tuple(encoder.normalisers)
        if len(self.roles) != 2:
            raise SpecError(
                f"The method compares bands of two sources of a place; there is {' and '.join(self.roles)} only.",
                "Give an optical and a SAR raster of the same places, or choose another method.",
            )

    @torch.no_grad()
    def forward(self, images: Images, generator: torch.Generator) -> list[dict[str, Tensor]]:
        """Draws both views.

        Args:
            images: See `Images`.
            generator: On the CPU.

        Returns:
            A view of the first source and one of the other, for the encoder's `of_band`: (sample, 1, y, x)
            standardised.
        """
        seen = [self.views({role: images[role]}, generator) for role in self.roles]
        return [
            {BAND: random_band(self.encoder.standardised(role, view[role]), generator)}
            for role, view in zip(self.roles, seen, strict=True)
        ]


def random_band(image: Tensor, generator: torch.Generator) -> Tensor:
    """Picks a band of each sample: (sample, band, y, x) → (sample, 1, y, x)."""
    count, bands = image.shape[:2]
    picked = torch.randint(bands, (count,), generator=generator).to(image.device)
    return image[torch.arange(count, device=image.device), picked][:, None]
