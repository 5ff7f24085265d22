"""Encoders that see a tile as overlapping windows of one size, as transformers do."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from ...core.cards import SourceCard
from ..context import local_mean, spread_over_edges
from .encoder import Encoder

Window = tuple[int, int, int]
"""Tile of the batch, and upper left pixel: row and column."""

Encoded = tuple[Tensor, Tensor]
"""Features (window, channel, row, column), and (window, row, column) of 0 and 1: which of them see any data."""


class WindowedEncoder(Encoder):
    """Joins the features of overlapping windows to seamless maps.

    Windows lie on a fixed lattice of `stride` pixels, so that a pixel's features depend on its place in the raster and
    not on the tile it was read with, as long as tiles start at multiples of `alignment` and their outer `halo` pixels
    are not used. Where windows overlap, each counts most in its middle.

    Args:
        sources: What is read of the scene.
        window: Side of the windows in pixels.
        stride: Pixels from one window to the next; at most `window`.
        strides: Pixels per element of each feature map.
        channels: Channels of each feature map.
        smoothing: Elements over which features are averaged in each direction, odd.
    """

    ramp = 0
    batch = 16

    def __init__(
        self,
        sources: Sequence[SourceCard],
        window: int,
        stride: int,
        strides: Sequence[int],
        channels: Sequence[int],
        smoothing: int = 1,
    ) -> None:
        super().__init__(sources)
        self.window, self.stride, self.smoothing = window, stride, smoothing
        self.strides, self.channels = tuple(strides), tuple(channels)
        self.alignment = stride
        # Upsampling looks at the next element, averaging at some more; those must have seen all of their windows.
        self.reach = max(strides) * (1 + smoothing // 2)
        # The last window that a pixel needs starts up to `reach` beyond it, and must lie in the tile as a whole.
        self.halo = -(-(window + (self.reach - 1) // stride * stride) // stride) * stride
        for index, step in enumerate(self.strides):
            self.register_buffer(f"blend{index}", _blend(window, step), persistent=False)

    def prepared(self, images: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """From tiles to what windows are cut from.

        Args:
            images: Per role (batch, band, y, x) in canonical units, NaN for no data.

        Returns:
            (batch, channel, y, x) normalised, with NaN where `hidden`, and (batch, group, y, x) bool of what is hidden.
        """
        scaled = torch.cat([normalise(images[role]) for role, normalise in self.normalisers.items()], dim=1)
        return scaled, scaled.isnan().any(dim=1, keepdim=True)

    def encode_windows(self, channels: Tensor, hidden: Tensor) -> list[Encoded]:
        """Encodes windows of which each has something visible.

        Args:
            channels: (window, channel, y, x), as from `prepared`.
            hidden: (window, group, y, x) bool.

        Returns:
            One entry for each feature map.
        """
        raise NotImplementedError

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`; sides of tiles are multiples of the alignment, and at least a window."""
        channels, hidden = self.prepared(images)
        sums = (
            self._traced(channels, hidden) if torch.onnx.is_in_onnx_export() else self._summed(channels, hidden, wanted)
        )
        return [self._joined(total, weight) for total, weight in sums]

    def _summed(self, channels: Tensor, hidden: Tensor, wanted: Tensor | None) -> list[tuple[Tensor, Tensor]]:
        """Returns for each map the weighted sum of the windows' features, and the sum of the weights."""
        batch, _, height, width = channels.shape
        sums = []
        for count, step in zip(self.channels, self.strides, strict=True):
            total = channels.new_zeros(batch, count, height // step, width // step)
            sums.append((total, torch.zeros_like(total[:, :1])))
        windows = list(self._windows(hidden, wanted))
        for start in range(0, len(windows), self.batch):
            self.check_in()
            some = windows[start : start + self.batch]
            encoded = self.encode_windows(
                torch.stack([self._cut(channels[tile], row, column) for tile, row, column in some]),
                torch.stack([self._cut(hidden[tile], row, column) for tile, row, column in some]),
            )
            for index, (features, counts) in enumerate(self._weighted(encoded)):
                total, weight = sums[index]
                for (tile, row, column), feature, count in zip(some, features, counts, strict=True):
                    place = (tile, ..., *self._place(row, column, self.strides[index]))
                    total[place] += feature
                    weight[place] += count
        return sums

    def _traced(self, channels: Tensor, hidden: Tensor) -> list[tuple[Tensor, Tensor]]:
        """The same for a trace, which holds no decisions: every window, one row of the lattice at once."""
        height, width = map(operator.index, channels.shape[-2:])
        columns = self._starts(width)
        sums: list[tuple[Tensor, Tensor]] = []
        for row in self._starts(height):
            images = (torch.cat([self._cut(image, row, column) for column in columns]) for image in (channels, hidden))
            strips = []
            for parts, step in zip(self._weighted(self.encode_windows(*images)), self.strides, strict=True):
                pads = (0, 0, row // step, (height - self.window - row) // step)
                features, weights = (F.pad(_side_by_side(part, columns, width, step), pads) for part in parts)
                strips.append((features, weights))
            sums = [(a + c, b + d) for (a, b), (c, d) in zip(sums, strips, strict=True)] if sums else strips
        return sums

    def _place(self, row: int, column: int, step: int) -> tuple[slice, slice]:
        """Returns where the elements of a window lie in a map."""
        side, row, column = self.window // step, row // step, column // step
        return slice(row, row + side), slice(column, column + side)

    def _weighted(self, encoded: list[Encoded]) -> list[Encoded]:
        """Returns (window, channel, row, column) features times weights, and (window, 1, row, column) weights."""
        weights = [getattr(self, f"blend{index}") * seen[:, None] for index, (_, seen) in enumerate(encoded)]
        return [(features * weight, weight) for (features, _), weight in zip(encoded, weights, strict=True)]

    def _windows(self, hidden: Tensor, wanted: Tensor | None) -> Iterator[Window]:
        """Goes through the windows that see data near a wanted pixel."""
        near = _near(wanted, self.reach) if wanted is not None else torch.ones_like(hidden[:, 0])
        for tile, (unseen, asked) in enumerate(zip(hidden, near, strict=True)):
            for row, column in self._lattice(*unseen.shape[-2:]):
                if self._cut(asked, row, column).any() and not self._cut(unseen, row, column).all():
                    yield tile, row, column

    def _lattice(self, height: int, width: int) -> Iterator[tuple[int, int]]:
        for row in self._starts(height):
            for column in self._starts(width):
                yield row, column

    def _starts(self, length: int) -> range:
        return range(0, length - self.window + 1, self.stride)

    def _cut(self, image: Tensor, row: int, column: int) -> Tensor:
        return image[..., row : row + self.window, column : column + self.window]

    def _joined(self, total: Tensor, weight: Tensor) -> Tensor:
        visible = weight > 0
        features = total / weight.clamp_min(1e-9)
        if self.smoothing > 1:
            features = local_mean(features, visible, self.smoothing)
        return spread_over_edges(features, visible)


def filled(channels: Tensor, hidden: Tensor) -> Tensor:
    """Gives pixels without data the mean of each channel over the window, so that networks see no false edges.

    Args:
        channels: (window, channel, y, x), NaN allowed where `hidden`.
        hidden: (window, 1, y, x) bool.
    """
    known = torch.where(hidden, torch.zeros_like(channels), channels)
    share = (~hidden).to(channels.dtype).mean(dim=(-2, -1), keepdim=True).clamp_min(1e-6)
    mean = known.mean(dim=(-2, -1), keepdim=True) / share
    return torch.where(hidden, mean.expand_as(channels), channels)


def mostly(mask: Tensor, step: int) -> Tensor:
    """(..., y, x) bool → (..., y / step, x / step) bool: True where more than half of an element's pixels are."""
    return F.avg_pool2d(mask.float(), step) > 0.5


def _blend(window: int, step: int) -> Tensor:
    """Weights (row, column) of a window's elements: sin² from side to side."""
    weight = torch.sin(torch.pi * (torch.arange(window // step) + 0.5) * step / window)
    return (weight[:, None] * weight).square()


def _side_by_side(windows: Tensor, starts: Sequence[int], width: int, step: int) -> Tensor:
    """Sums windows that start at some columns into a strip.

    Args:
        windows: (start × batch, channel, row, column).
        starts: In pixels.
        width: Of the strip in pixels.
        step: Pixels per column.

    Returns:
        (batch, channel, row, column).
    """
    # Not chunks, whose sizes a trace would keep: the batch may be of any size.
    parts = windows.unflatten(0, (len(starts), -1)).unbind(0)
    size = windows.shape[-1]
    placed = [
        F.pad(part, (start // step, width // step - size - start // step))
        for start, part in zip(starts, parts, strict=True)
    ]
    return torch.stack(placed).sum(dim=0)


def _near(wanted: Tensor, reach: int) -> Tensor:
    """(batch, y, x) bool → the same with the surroundings of the wanted pixels."""
    return F.max_pool2d(wanted[:, None].float(), 2 * reach + 1, stride=1, padding=reach)[:, 0] > 0
