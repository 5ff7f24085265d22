"""Learned position embeddings of vision transformers, for other numbers of tokens than they were learned with."""

from __future__ import annotations

import math

from torch import Tensor, cat
from torch.nn import functional as F


def resampled(positions: Tensor, rows: int, columns: int, prefix: int) -> Tensor:
    """Resamples position embeddings bicubically, as DINOv2 does; those of another grid are left as they are.

    Args:
        positions: (1, prefix + token, channel), tokens row by row of a square.
        rows: Rows of tokens wanted.
        columns: Columns of tokens wanted.
        prefix: Embeddings in front that have no place in the image, such as the class token's.

    Returns:
        (1, prefix + rows × columns, channel).
    """
    side = math.isqrt(positions.shape[1] - prefix)
    if (rows, columns) == (side, side):
        return positions
    grid = positions[:, prefix:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    grid = F.interpolate(grid, size=(rows, columns), mode="bicubic", align_corners=False)
    return cat([positions[:, :prefix], grid.flatten(2).transpose(1, 2)], dim=1)
