"""The raw bands with their close surroundings, appended to learned features.

They restore edges and thin classes that a patch-based encoder blurs.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..core.cards import SourceCard
from .dated import by_date, seen
from .normalisation import Normaliser

EMBEDDING = "embedding"
"""Role of the sources that are features already; their surroundings are in them."""

WITHOUT = (EMBEDDING, "series")
"""Roles of sources without context; a series beside a finer image has larger pixels than the features."""

REACH = 3
"""Pixels of surroundings that the context looks at."""


class BandContext(nn.Module):
    """Per band: its value, the mean of 3 × 3 and 7 × 7 pixels, and the standard deviation of 7 × 7 pixels.

    A time stack stands there with two images: the mean and the standard deviation of each band over its dates.

    Args:
        sources: What is read of the scene; of embeddings, and of series beside a finer image, there is no context.
    """

    def __init__(self, sources: Sequence[SourceCard]) -> None:
        super().__init__()
        images = [source for source in sources if source.role not in WITHOUT]
        self.normalisers = nn.ModuleDict({source.role: Normaliser(source.normalisation) for source in images})
        self.dated = {source.role: len(source.bands) for source in images if source.dates}
        self.channels = 4 * sum(len(source.bands) * (2 if source.dates else 1) for source in images)

    def forward(self, images: dict[str, Tensor]) -> Tensor:
        """Per role (batch, band, y, x), NaN for no data → (batch, channel, y, x) without NaN."""
        parts = []
        for role, normalise in self.normalisers.items():
            bands = normalise(images[role])
            parts.append(self._of_source(over_dates(bands, self.dated[role]) if role in self.dated else bands))
        return torch.cat(parts, dim=1)

    def _of_source(self, bands: Tensor) -> Tensor:
        """(batch, band, y, x) → (batch, 4 × band, y, x)."""
        valid = torch.isfinite(bands).all(dim=1, keepdim=True)
        filled = bands.nan_to_num(0.0)
        near = local_mean(filled, valid, 3)
        wide = local_mean(filled, valid, 2 * REACH + 1)
        spread = (local_mean(filled.square(), valid, 2 * REACH + 1) - wide.square()).clamp_min(0).sqrt()
        return torch.cat([torch.where(valid, filled, near), near, wide, spread], dim=1)


def over_dates(image: Tensor, bands: int) -> Tensor:
    """Mean and standard deviation of each band over the dates that are seen.

    Args:
        image: (batch, date × band, y, x), NaN for no data.
        bands: Bands of each date.

    Returns:
        (batch, 2 × band, y, x): the means, then the standard deviations; NaN where no date is seen.
    """
    series = by_date(image, bands)
    counted = seen(series)[:, :, None].to(image.dtype)
    filled = series.nan_to_num(0.0) * counted  # a date of which a band has data is not seen either
    count = counted.sum(dim=1)
    least_one = count.clamp_min(1)
    mean = filled.sum(dim=1) / least_one
    apart = (filled - mean[:, None]) * counted
    spread = (apart.square().sum(dim=1) / least_one).sqrt()
    both = torch.cat([mean, spread], dim=1)
    return torch.where(count > 0, both, torch.full_like(both, torch.nan))


def band_context(sources: Sequence[SourceCard]) -> BandContext | None:
    """Returns the context of the sources that have bands; None where there is none."""
    context = BandContext(sources)
    return context if context.channels else None


def spread_over_edges(features: Tensor, valid: Tensor) -> Tensor:
    """Gives elements without data the mean of their valid neighbours, and zero where they have none.

    Filters and upsampling then mix nothing empty into the pixels at the edge of the data.

    Args:
        features: (batch, channel, row, column) without NaN.
        valid: (batch, 1, row, column) bool.
    """
    return torch.where(valid, features, local_mean(features, valid, 3))


def local_mean(image: Tensor, valid: Tensor, side: int) -> Tensor:
    """Mean over side × side pixels, of the valid ones only; zero where there are none.

    Args:
        image: (batch, channel, y, x) without NaN.
        valid: (batch, 1, y, x) bool.
        side: Odd number of pixels.
    """
    pad = side // 2
    total = F.avg_pool2d(image * valid, side, stride=1, padding=pad)
    share = F.avg_pool2d(valid.to(image.dtype), side, stride=1, padding=pad)
    return total / share.clamp_min(1e-6)
