"""The eight orientations of the square, which leave radiometry as it is."""

from __future__ import annotations

from torch import Tensor

ORIENTATIONS = 8


def in_orientation(image: Tensor, turn: int) -> Tensor:
    """Returns an image (..., y, x) turned by quarters, and for the later half of the orientations mirrored too.

    Args:
        image: The image; turned by odd quarters, its sides are exchanged.
        turn: 0 to 7; 0 leaves it as it is.
    """
    turned = image.rot90(turn % 4, dims=(-2, -1))
    return turned.flip(-1) if turn >= 4 else turned
