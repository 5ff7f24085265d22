"""How the features of single dates become features of a series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .ltae import TemporalAttention, aggregated

Dated = tuple[list[Tensor], Tensor]
"""Of one date: maps (batch, channel, row, column), and the pixels with data (batch, y, x) bool."""

HEADS = 16
_EPSILON = 1e-6


class Statistics(nn.Module):
    """Mean and standard deviation over the dates that have data; of one date the deviation is 0.

    Dates come one by one and none is kept, so that memory does not grow with the series.

    Args:
        channels: Of the maps of a date.
        strides: Pixels per element of each map.
        dates: Unused: there may be any number.
    """

    def __init__(self, channels: Sequence[int], strides: Sequence[int], dates: int) -> None:
        super().__init__()
        self.strides = tuple(strides)
        self.channels = tuple(2 * count for count in channels)

    def forward(self, dates: Iterable[Dated], days: Tensor) -> list[Tensor]:
        """Condenses the features of dates with their days (date,) → maps (batch, channel, row, column)."""
        sums: list[tuple[Tensor, Tensor, Tensor]] = []
        for number, (maps, seen) in enumerate(dates):
            for index, (features, stride) in enumerate(zip(maps, self.strides, strict=True)):
                share = _share(seen, stride, features)
                if not number:
                    sums.append((share, features * (share > 0), torch.zeros_like(features)))
                else:
                    sums[index] = _with(sums[index], features, share)
        return [_mean_and_deviation(*total) for total in sums]


class Attention(nn.Module):
    """L-TAE over the dates of the coarsest map; finer ones are averaged with its attention, as in U-TAE.

    It has to be trained.

    Args:
        channels: Of the maps of a date.
        strides: Pixels per element of each map.
        dates: Unused: there may be any number.
    """

    def __init__(self, channels: Sequence[int], strides: Sequence[int], dates: int) -> None:
        super().__init__()
        self.channels, self.strides = tuple(channels), tuple(strides)
        self.coarsest = max(range(len(strides)), key=lambda index: strides[index])
        width = channels[self.coarsest]
        heads = next(count for count in (HEADS, 8, 4, 2, 1) if width % count == 0)
        self.attention = TemporalAttention(width, width, heads)

    def forward(self, dates: Iterable[Dated], days: Tensor) -> list[Tensor]:
        """See `Statistics.forward`."""
        maps, seen = _stacked(dates)
        shares = [_share_of_series(seen, stride, series) for series, stride in zip(maps, self.strides, strict=True)]
        condensed, attention = self.attention(maps[self.coarsest], days, shares[self.coarsest])
        return [
            condensed if index == self.coarsest else aggregated(series, attention, shares[index])
            for index, series in enumerate(maps)
        ]


class Concatenation(nn.Module):
    """All dates side by side, missing ones with the mean of the others: for composites, or the same dates for ever.

    Args:
        channels: Of the maps of a date.
        strides: Pixels per element of each map.
        dates: How many there always are.
    """

    def __init__(self, channels: Sequence[int], strides: Sequence[int], dates: int) -> None:
        super().__init__()
        self.strides = tuple(strides)
        self.channels = tuple(dates * count for count in channels)

    def forward(self, dates: Iterable[Dated], days: Tensor) -> list[Tensor]:
        """See `Statistics.forward`."""
        maps, seen = _stacked(dates)
        joined = []
        for series, stride in zip(maps, self.strides, strict=True):
            share = _share_of_series(seen, stride, series)[:, :, None]
            mean = (series * share).sum(dim=1, keepdim=True) / share.sum(dim=1, keepdim=True).clamp_min(1)
            joined.append(torch.where(share, series, mean).flatten(1, 2))
        return joined


POOLINGS: dict[str, type[Statistics] | type[Attention] | type[Concatenation]] = {
    "statistics": Statistics,
    "attention": Attention,
    "concatenate": Concatenation,
}


def _share(seen: Tensor, stride: int, features: Tensor) -> Tensor:
    """(batch, y, x) bool → (batch, 1, row, column), the share of an element's pixels that have data."""
    return F.avg_pool2d(seen[:, None].to(features), stride)


def _share_of_series(seen: Tensor, stride: int, series: Tensor) -> Tensor:
    """(batch, date, y, x) bool → (batch, date, row, column) bool, where an element has any data."""
    return F.avg_pool2d(seen.to(series), stride) > 0


def _stacked(dates: Iterable[Dated]) -> tuple[list[Tensor], Tensor]:
    """Returns maps (batch, date, channel, row, column) and (batch, date, y, x) bool."""
    every = list(dates)
    series = [torch.stack(maps, dim=1) for maps in zip(*(maps for maps, _ in every), strict=True)]
    return series, torch.stack([seen for _, seen in every], dim=1)


def _with(total: tuple[Tensor, Tensor, Tensor], features: Tensor, share: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Adds a date to weight, mean and sum of squares (West, "Updating Mean and Variance Estimates", 1979)."""
    weight, mean, squares = total
    added = weight + share
    apart = features - mean
    mean = mean + apart * (share / added.clamp_min(_EPSILON))
    return added, mean, squares + share * apart * (features - mean)


def _mean_and_deviation(weight: Tensor, mean: Tensor, squares: Tensor) -> Tensor:
    deviation = (squares / weight.clamp_min(_EPSILON)).clamp_min(0)
    # The root has no slope at zero.
    return torch.cat([mean, (deviation + _EPSILON).sqrt() - _EPSILON**0.5], dim=1)
