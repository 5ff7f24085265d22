"""Features of a coarse time series added to those of a fine image, level by level (U-T&T).

Garioud et al., "FLAIR: a Country-Scale Land Cover Semantic Segmentation Dataset From Multi-Source Optical Imagery",
NeurIPS 2023. In their code all samples of a batch got the collapsed series of the first one; here each has its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

DROPOUT = 0.3


class SeriesFusion(nn.Module):
    """What a map of the series adds to each level of the image's encoder: what lies there, and what lies around.

    Args:
        channels: Of the series' map.
        levels: Channels of the levels.
    """

    def __init__(self, channels: int, levels: Sequence[int]) -> None:
        super().__init__()
        self.cropped = nn.ModuleList([nn.Conv2d(channels, count, 1) for count in levels])
        self.collapsed = nn.ModuleList([_collapsed(channels, count) for count in levels])

    def forward(self, series: Tensor, known: Tensor, strides: Sequence[int], step: int, margin: int) -> list[Tensor]:
        """Returns what is to be added.

        Args:
            series: (batch, channel, row, column), with the margin.
            known: (batch, 1, row, column) bool, which of its elements have data. Where none has, nothing is added.
            strides: Pixels of the scene per element of each level, powers of two.
            step: Pixels of the scene per element of the series, a power of two.
            margin: Elements of the series at each side that lie beyond the image.

        Returns:
            For each level (batch, channel, row, column).
        """
        share = known.to(series)
        there = share.amax(dim=(-2, -1), keepdim=True)
        mean = (series * share).sum(dim=(-2, -1)) / share.sum(dim=(-2, -1)).clamp_min(1)
        added = []
        for cropped, collapsed, stride in zip(self.cropped, self.collapsed, strides, strict=True):
            local = _resampled(cropped(series), step, stride, margin)
            added.append((local + collapsed(mean)[:, :, None, None]) * there)
        return added


def _collapsed(channels: int, out: int) -> nn.Sequential:
    """Three layers whose widths go from one number of channels to the other in equal steps."""
    third = abs(out - channels) // 3 * (1 if out > channels else -1)
    inner = (channels + third, channels + 2 * third) if out != channels else (2 * channels, 2 * channels)
    layers: list[nn.Module] = []
    for a, b in ((channels, inner[0]), inner):
        layers += [nn.Linear(a, b), nn.Dropout(DROPOUT), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(inner[1], out))


def _resampled(series: Tensor, step: int, stride: int, margin: int) -> Tensor:
    """Brings a map without its margin to a level's resolution.

    One element of the margin, where there is one, is kept until the map is enlarged, so that the maps of neighbouring
    tiles go on in each other.
    """
    spare = min(margin, 1) if step > stride else 0
    series = _without(series, margin - spare)
    if step > stride:
        factor = step // stride
        enlarged = F.interpolate(series, scale_factor=factor, mode="bilinear", align_corners=False)
        return _without(enlarged, spare * factor)
    return F.avg_pool2d(series, stride // step) if stride > step else series


def _without(maps: Tensor, border: int) -> Tensor:
    """Returns maps without `border` elements at each side."""
    return maps[..., border : maps.shape[-2] - border, border : maps.shape[-1] - border]
