"""U-TAE: a U-Net over a series of images, condensed by attention over the dates.

Sainte Fare Garnot and Landrieu, "Panoptic Segmentation of Satellite Image Time Series with Convolutional Temporal
Attention Networks", ICCV 2021; written anew from the paper. Theirs takes dates of zeros alone for missing; ours is told
what is missing, pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .ltae import TemporalAttention, aggregated

Norm = Literal["group", "pixel", "batch"]
"""Of the maps of each date: over the channels of a group and the whole tile, as published; over the channels of a group
at each pixel, so that features do not depend on the tile; or batch norm, as in all decoders."""

GROUPS = 4


class Utae(nn.Module):
    """The network.

    Args:
        bands: Of each date.
        widths: Channels of the encoder's levels, from fine to coarse; each halves the resolution.
        decoder: Channels of the decoder's levels, from fine to coarse; the coarsest has as many as the encoder's.
        heads: Of the attention over dates.
        inner: Channels inside of it.
        keys: Length of its keys.
        norm: Of the encoder.
        out: Channels of further convolutions at the end; none: the last decoder map is the result.
    """

    def __init__(
        self,
        bands: int,
        widths: Sequence[int] = (64, 64, 64, 128),
        decoder: Sequence[int] = (32, 32, 64, 128),
        heads: int = 16,
        inner: int = 256,
        keys: int = 4,
        norm: Norm = "group",
        out: Sequence[int] = (),
    ) -> None:
        super().__init__()
        if len(widths) != len(decoder) or widths[-1] != decoder[-1]:
            raise ValueError(f"Encoder {list(widths)} and decoder {list(decoder)} do not meet at the coarsest level.")
        self.first = _convolutions([bands, widths[0], widths[0]], norm)
        self.down = nn.ModuleList([_Down(a, b, norm) for a, b in zip(widths, widths[1:], strict=False)])
        self.attention = TemporalAttention(widths[-1], widths[-1], heads, inner, keys)
        levels = range(len(widths) - 1, 0, -1)
        self.up = nn.ModuleList([_Up(decoder[i], widths[i - 1], decoder[i - 1]) for i in levels])
        self.last = _convolutions([decoder[0], *out], "batch")
        self.step = 2 ** (len(widths) - 1)
        self.channels = out[-1] if out else decoder[0]

    def forward(self, series: Tensor, days: Tensor, seen: Tensor) -> Tensor:
        """Condenses a series.

        Args:
            series: (batch, date, band, y, x), any values where a pixel is not seen; sides of at least two pixels at the
                coarsest level, and multiples of `step`.
            days: (date,), see `TemporalAttention`.
            seen: (batch, date, y, x) bool.

        Returns:
            (batch, channel, y, x).
        """
        series = filled_in_time(series, seen)
        levels, masks = [per_date(self.first, series)], [seen]
        for down in self.down:
            levels.append(per_date(down, levels[-1]))
            masks.append(F.max_pool2d(masks[-1].float(), 2) > 0)
        features, attention = self.attention(levels[-1], days, masks[-1])
        for up, finer, mask in zip(self.up, reversed(levels[:-1]), reversed(masks[:-1]), strict=True):
            features = up(features, aggregated(finer, attention, mask))
        condensed: Tensor = self.last(features)
        return condensed


def per_date(block: nn.Module, series: Tensor) -> Tensor:
    """Runs a block on each date: (batch, date, ...) → (batch, date, ...)."""
    result: Tensor = block(series.flatten(0, 1)).unflatten(0, series.shape[:2])
    return result


def filled_in_time(series: Tensor, seen: Tensor) -> Tensor:
    """Gives each missing value the mean of its pixel's other dates, and zero where there are none.

    Args:
        series: (batch, date, band, y, x), NaN allowed where not seen.
        seen: (batch, date, y, x) bool.
    """
    visible = seen[:, :, None]
    known = torch.where(visible, series, torch.zeros_like(series))
    mean = known.sum(dim=1, keepdim=True) / visible.sum(dim=1, keepdim=True).clamp_min(1)
    return torch.where(visible, known, mean)


class PixelNorm(nn.GroupNorm):
    """Group norm of each pixel by itself."""

    def forward(self, maps: Tensor) -> Tensor:
        """(batch, channel, y, x) → the same shape."""
        grouped = maps.unflatten(1, (self.num_groups, -1))
        centred = grouped - grouped.mean(dim=2, keepdim=True)
        scaled = centred * (centred.square().mean(dim=2, keepdim=True) + self.eps).rsqrt()
        return scaled.flatten(1, 2) * self.weight[:, None, None] + self.bias[:, None, None]


def _norm(kind: Norm, channels: int) -> nn.Module:
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    return PixelNorm(GROUPS, channels) if kind == "pixel" else nn.GroupNorm(GROUPS, channels)


def _convolutions(channels: Sequence[int], norm: Norm, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, norm and ReLU for each pair of channels."""
    layers: list[nn.Module] = []
    for a, b in zip(channels, channels[1:], strict=False):
        layers += [nn.Conv2d(a, b, kernel, stride, 1, padding_mode="reflect"), _norm(norm, b), nn.ReLU()]
    return nn.Sequential(*layers)


class _Down(nn.Module):
    def __init__(self, channels: int, out: int, norm: Norm) -> None:
        super().__init__()
        self.reduce = _convolutions([channels, channels], norm, kernel=4, stride=2)
        self.first = _convolutions([channels, out], norm)
        self.second = _convolutions([out, out], norm)

    def forward(self, maps: Tensor) -> Tensor:
        features = self.first(self.reduce(maps))
        result: Tensor = features + self.second(features)
        return result


class _Up(nn.Module):
    def __init__(self, channels: int, skip: int, out: int) -> None:
        super().__init__()
        self.skip = nn.Sequential(nn.Conv2d(skip, skip, 1), nn.BatchNorm2d(skip), nn.ReLU())
        self.enlarge = nn.Sequential(
            nn.ConvTranspose2d(channels, out, 4, stride=2, padding=1), nn.BatchNorm2d(out), nn.ReLU()
        )
        self.first = _convolutions([out + skip, out], "batch")
        self.second = _convolutions([out, out], "batch")

    def forward(self, features: Tensor, skip: Tensor) -> Tensor:
        features = self.first(torch.cat([self.enlarge(features), self.skip(skip)], dim=1))
        result: Tensor = features + self.second(features)
        return result
