"""L-TAE: a lightweight attention over the dates of each pixel's series.

Sainte Fare Garnot and Landrieu, "Lightweight Temporal Self-Attention for Classifying Satellite Images Time Series",
2020, as used in their U-TAE (ICCV 2021). Unlike theirs it takes an explicit mask of missing dates for each element, and
what a missing date holds has no part in the result, not even through a norm.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PERIOD = 1000.0
"""Of the slowest sine of a date's code, in days over 2π."""

_EPSILON = 1e-5


class TemporalAttention(nn.Module):
    """Condenses a series of feature maps into one, and says how much each date counted.

    Args:
        channels: Of the maps; a multiple of `heads`.
        out: Of the result; a multiple of `heads`.
        heads: Attention heads; each looks at its share of the channels.
        inner: Channels inside; a multiple of `heads`.
        keys: Length of queries and keys.
        dropout: Of the result; half as much of the attention.
    """

    def __init__(
        self, channels: int, out: int, heads: int = 16, inner: int = 256, keys: int = 4, dropout: float = 0.2
    ) -> None:
        super().__init__()
        self.heads, self.keys, self.inner = heads, keys, inner
        self.norm_in = SeriesNorm(heads, channels)
        self.project = nn.Linear(channels, inner)
        # One learned query for each head in place of one for each date: what makes it lightweight.
        self.query = nn.Parameter(torch.randn(heads, keys) * (2 / keys) ** 0.5)
        self.key = nn.Linear(inner, heads * keys)
        nn.init.normal_(self.key.weight, std=(2 / keys) ** 0.5)
        self.attention_dropout = nn.Dropout(dropout / 2)
        self.mix = nn.Sequential(nn.Linear(inner, out), nn.BatchNorm1d(out), nn.ReLU(), nn.Dropout(dropout))
        self.norm_out = nn.GroupNorm(heads, out)

    def forward(self, series: Tensor, days: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Attends to the dates of each element.

        Args:
            series: (batch, date, channel, row, column) without NaN.
            days: (date,), when they were taken, in days since any fixed day.
            seen: (batch, date, row, column) bool; others get no attention.

        Returns:
            features: (batch, out, row, column).
            attention: (head, batch, date, row, column): over the dates it sums to 1, to 0 where none is seen.
        """
        batch, dates, channels, height, width = series.shape
        pixels = series.permute(0, 3, 4, 1, 2).reshape(-1, dates, channels)
        visible = seen.permute(0, 2, 3, 1).reshape(-1, dates)
        tokens = self.project(self.norm_in(pixels, visible))
        tokens = tokens + date_code(days, self.inner // self.heads).repeat(1, self.heads).to(tokens)
        keys = self.key(tokens).unflatten(-1, (self.heads, self.keys))
        match = torch.einsum("hk,pthk->hpt", self.query, keys) / self.keys**0.5
        attention = masked_softmax(match, visible.expand_as(match))
        counted = self.attention_dropout(attention)
        values = tokens.unflatten(-1, (self.heads, -1))
        condensed = torch.einsum("hpt,pthc->phc", counted, values).flatten(1)
        mixed = self.norm_out(self.mix(condensed))
        features = mixed.view(batch, height, width, -1).permute(0, 3, 1, 2)
        return features, counted.view(self.heads, batch, height, width, dates).permute(0, 1, 4, 2, 3)


class SeriesNorm(nn.Module):
    """Group norm over the channels and seen dates of each pixel.

    Args:
        groups: Number of groups of channels.
        channels: Number of channels.
    """

    def __init__(self, groups: int, channels: int) -> None:
        super().__init__()
        self.groups = groups
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, pixels: Tensor, seen: Tensor) -> Tensor:
        """(pixel, date, channel) and (pixel, date) bool → (pixel, date, channel)."""
        grouped = pixels.unflatten(-1, (self.groups, -1))
        weight = seen[:, :, None, None].to(pixels)
        count = weight.sum(dim=(1, 3), keepdim=True).clamp_min(1) * grouped.shape[-1]
        mean = (grouped * weight).sum(dim=(1, 3), keepdim=True) / count
        centred = grouped - mean
        variance = (centred.square() * weight).sum(dim=(1, 3), keepdim=True) / count
        return (centred * (variance + _EPSILON).rsqrt()).flatten(-2) * self.weight + self.bias


def masked_softmax(match: Tensor, seen: Tensor) -> Tensor:
    """Softmax over the last axis of what is seen, exactly 0 elsewhere, and all 0 where nothing is."""
    hidden = torch.where(seen, match, torch.full_like(match, -1e4))
    return hidden.softmax(dim=-1) * seen


def date_code(days: Tensor, dim: int) -> Tensor:
    """(date,) days → (date, dim) sines at even, cosines at odd places: sin(t / 1000^(2⌊i/2⌋ / dim))."""
    places = torch.arange(dim, device=days.device)
    angles = days.float()[:, None] / PERIOD ** (2 * (places // 2) / dim)
    return torch.where(places % 2 == 0, angles.sin(), angles.cos())


def aggregated(series: Tensor, attention: Tensor, seen: Tensor) -> Tensor:
    """Condenses maps of a finer level with the attention of the coarsest one (U-TAE's skips, mode `att_group`).

    Each head averages its share of the channels. Where the finer level lacks a date that the coarser one has, the
    other dates count the more.

    Args:
        series: (batch, date, channel, row, column) without NaN.
        attention: (head, batch, date, row, column), at the same resolution or coarser.
        seen: (batch, date, row, column) bool.

    Returns:
        (batch, channel, row, column); where channels cannot be shared among the heads, all take the heads' mean.
    """
    if series.shape[2] % len(attention):
        attention = attention.mean(dim=0, keepdim=True)
    size = (series.shape[-2], series.shape[-1])
    if attention.shape[-2:] != series.shape[-2:]:
        upsampled = F.interpolate(attention.flatten(0, 1), size, mode="bilinear", align_corners=False)
        attention = upsampled.unflatten(0, attention.shape[:2])
    known = attention * seen
    lost = attention.sum(dim=2, keepdim=True) / known.sum(dim=2, keepdim=True).clamp_min(_EPSILON)
    shared = series.unflatten(2, (len(attention), -1))
    return torch.einsum("hbtyx,bthcyx->bhcyx", known * lost, shared).flatten(1, 2)
