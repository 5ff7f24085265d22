"""U-TAE as an encoder: its last decoder map, of a time stack or of a single image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from ..dated import by_date, days_since, seen
from ..normalisation import in_deviations
from .encoder import Encoder
from .utae import Utae

_TILES = ((6, 256), (24, 128))
"""Sides of tiles for series of at most so many dates: maps of all dates are in memory at once."""

_SMALLEST_TILE = 64

LEARNED_DATES = 24
"""Of longer series, each batch of a training shows as many dates, spread over them and drawn anew: time grows with the
dates, and a network that sees others each time leans on none of them."""


class UtaeFeatures(Encoder):
    """The whole U-TAE but its last convolutions, at full resolution; it is trained from scratch.

    Args:
        sources: The one source that is read, normalised to 0 to 1 by 3-sigma scaling; with dates or without.
        arguments: Arguments of `Utae`.

    Raises:
        CheckpointError: If there are several sources.
    """

    temporal = True
    strides = (1,)
    # As for the U-Net; the norm of the maps of each date, where it is `group`, sees the whole tile.
    halo = 48
    ramp = 16
    chip = 64

    def __init__(self, sources: Sequence[SourceCard], **arguments: Any) -> None:
        super().__init__(sources)
        if len(sources) != 1:
            raise CheckpointError(
                f"U-TAE reads one source; there are {', '.join(self.bands) or 'none'}.",
                "Leave out the others, or give each an encoder of its own ('pair').",
            )
        self.role = sources[0].role
        self.network = Utae(len(sources[0].bands), **arguments)
        self.channels = (self.network.channels,)
        self.alignment = self.network.step
        self.tile = tile_for(len(sources[0].dates))

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: all of it."""
        return self.network

    def bind(self, sources: Sequence[SourceCard]) -> None:
        """See `Encoder.bind`; any number of dates will do."""
        super().bind(sources)
        self.tile = tile_for(len(self.dates[self.role]))

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`; sides of tiles are multiples of `alignment`, and twice that at least."""
        image = in_deviations(self.normalisers[self.role](images[self.role]))
        return [self.network(*series_of(image, len(self.bands[self.role]), self.dates[self.role], self.training))]


def tile_for(dates: int) -> int:
    """Returns the side in pixels of the tiles for a series of so many dates."""
    return next((side for most, side in _TILES if dates <= most), _SMALLEST_TILE)


def series_of(image: Tensor, bands: int, dates: Sequence[str], learning: bool = False) -> tuple[Tensor, Tensor, Tensor]:
    """Takes a source apart for a network over dates; dates that are missing everywhere are left out.

    Days count from 1 January of the first date's year, so that a network knows the seasons of other years as well.

    Args:
        image: (batch, date × band, y, x), NaN for no data.
        bands: Per date.
        dates: As in `SourceCard.dates`; none for a single image, whose day is 0.
        learning: Whether to draw `LEARNED_DATES` of them where there are more.

    Returns:
        series: (batch, date, band, y, x).
        days: (date,).
        seen: (batch, date, y, x) bool.
    """
    series = by_date(image, bands)
    days = days_since(dates, f"{dates[0][:4]}-01-01") if dates else torch.zeros(1)
    days, visible = days.to(image.device), seen(series)
    if len(days) == 1 or torch.onnx.is_in_onnx_export():
        return series, days, visible
    kept = visible.any(dim=0).flatten(1).any(dim=1)
    kept[0] |= ~kept.any()
    chosen = kept.nonzero().flatten()
    if learning and len(chosen) > LEARNED_DATES:
        chosen = torch.stack([part[torch.randint(len(part), ())] for part in chosen.tensor_split(LEARNED_DATES)])
    return series[:, chosen], days[chosen], visible[:, chosen]
