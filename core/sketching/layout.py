"""What is kept of a block of the scene, and how it lies in one array.

A block is the square that a tile contributes, with its ramps: the encoder's feature maps over it, the band context, and
where there is data. Of maps that are coarser than the pixels, one more element is kept on each side, which upsampling
looks at; blocks then fit together without seams.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ...models.heads import pixel_features
from ..linear import LinearModel
from ..tiles import TilePlan

_LARGEST = 65_504.0
"""The largest number that float16 knows."""


@dataclass(frozen=True)
class Part:
    """Where a block lies in one feature map of its window.

    Attributes:
        channels: Channels of the map.
        stride: Pixels per element.
        first: First row and column of elements that are kept.
        count: Rows and columns that are kept.
        shift: Pixels of the first of them before the block's first pixel.
    """

    channels: int
    stride: int
    first: int
    count: int
    shift: int

    @property
    def size(self) -> int:
        """Numbers that are kept."""
        return self.channels * self.count**2


@dataclass(frozen=True)
class Block:
    """The features of a block.

    Attributes:
        maps: (channel, row, column) float16 for each feature map, as `Part` says.
        context: (channel, y, x) float16 band context; no channels where the encoder has none.
        valid: (y, x) bool, True where every source has data.
    """

    maps: tuple[Tensor, ...]
    context: Tensor
    valid: NDArray[np.bool_]


class Layout:
    """How blocks of one encoder are kept.

    Args:
        plan: The blocks.
        channels: Of each feature map.
        strides: Of each feature map.
        context: Channels of the band context.
    """

    def __init__(self, plan: TilePlan, channels: Sequence[int], strides: Sequence[int], context: int) -> None:
        self.crop = plan.halo - plan.ramp
        self.side = plan.side + 2 * plan.ramp
        self.context = context
        self.parts = tuple(
            _part(count, stride, self.crop, self.side, plan.window_side)
            for count, stride in zip(channels, strides, strict=True)
        )
        self.size = sum(part.size for part in self.parts) + (context + 1) * self.side**2

    def pack(
        self, maps: Sequence[Tensor], context: Tensor | None, valid: Tensor, row: int, column: int
    ) -> NDArray[np.float16]:
        """Cuts a block out of what was computed of a window.

        Args:
            maps: (channel, row, column) of the window.
            context: (channel, y, x) of the window, or None.
            valid: (y, x) bool of the window.
            row: Pixels of the window above that of the block alone.
            column: Pixels of it to the left.

        Returns:
            One line of numbers; none where the block has no data.
        """
        top, left = row + self.crop, column + self.crop
        seen = valid[top : top + self.side, left : left + self.side]
        if not seen.any():
            return np.zeros(0, np.float16)
        pieces = []
        for features, part in zip(maps, self.parts, strict=True):
            down, right = row // part.stride + part.first, column // part.stride + part.first
            pieces.append(features[:, down : down + part.count, right : right + part.count])
        if context is not None:
            pieces.append(context[:, top : top + self.side, left : left + self.side])
        whole = torch.cat([*(piece.reshape(-1) for piece in pieces), seen.reshape(-1).to(pieces[0])])
        values: NDArray[np.float16] = whole.clamp(-_LARGEST, _LARGEST).half().cpu().numpy()
        return values

    def fits(self, values: NDArray[np.float16]) -> bool:
        """Whether a line of numbers can be a block."""
        return values.dtype == np.float16 and values.shape in ((self.size,), (0,))

    def unpack(self, values: NDArray[np.float16]) -> Block | None:
        """Returns the block that a line of numbers holds; None where it has no data."""
        if not values.size:
            return None
        line = torch.from_numpy(values)
        sizes = [part.size for part in self.parts]
        *maps, context, valid = line.split([*sizes, self.context * self.side**2, self.side**2])
        return Block(
            tuple(
                piece.view(part.channels, part.count, part.count)
                for piece, part in zip(maps, self.parts, strict=True)
            ),
            context.view(self.context, self.side, self.side),
            valid.view(self.side, self.side).numpy() > 0,
        )  # fmt: skip

    def at(self, block: Block, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float32]:
        """Returns (pixel, channel) features of some pixels of a block, as `LinearHead` takes them."""
        places = torch.from_numpy(rows), torch.from_numpy(columns)
        found = [
            pixel_features([features[None].float()], [part.stride], None, *(place + part.shift for place in places))
            for features, part in zip(block.maps, self.parts, strict=True)
        ]
        context = block.context[:, places[0], places[1]].T.float()
        values: NDArray[np.float32] = torch.cat([*found, context], dim=1).numpy()
        return values

    def logits(self, block: Block, model: LinearModel) -> Tensor:
        """Returns (class, y, x): what a linear model says about each pixel of a block.

        As in `LinearHead`, maps are classified at their own resolution, and what comes out is upsampled.
        """
        weight = torch.from_numpy(model.weight)
        *weights, around = weight.split([*(part.channels for part in self.parts), self.context], dim=1)
        total = _classified(block.context, around) + torch.from_numpy(model.bias)[:, None, None]
        for features, part, of_part in zip(block.maps, self.parts, weights, strict=True):
            found = _classified(features, of_part)
            if part.stride > 1:
                found = F.interpolate(found[None], scale_factor=part.stride, mode="bilinear", align_corners=False)[0]
            inside = slice(part.shift, part.shift + self.side)
            total += found[:, inside, inside]
        return total


def _part(channels: int, stride: int, crop: int, side: int, window: int) -> Part:
    around = 1 if stride > 1 else 0
    first = max(crop // stride - around, 0)
    end = min(math.ceil((crop + side) / stride) + around, window // stride)
    return Part(channels, stride, first, end - first, crop - first * stride)


def _classified(features: Tensor, weight: Tensor) -> Tensor:
    """(channel, row, column) float16 × (class, channel) → (class, row, column)."""
    return (weight @ features.flatten(1).float()).view(len(weight), *features.shape[1:])
