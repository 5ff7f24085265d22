"""Sources that a classifier can do without, and that a scene lacks: it is shown images without data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..cards import SourceCard
from ..runtimes.runtime import Images, Runtime


def completed(images: Images, present: Sequence[SourceCard], absent: Sequence[SourceCard]) -> Images:
    """Returns images of all sources: NaN for the absent ones.

    Args:
        images: Of the present sources, (window, channel, y, x).
        present: What the scene has.
        absent: What it lacks.
    """
    if not absent:
        return images
    first = present[0]
    windows, _, side, _ = images[first.role].shape
    pixels = (side - 2 * first.margin) * first.step
    sides = {card.role: pixels // card.step + 2 * card.margin for card in absent}
    return images | {
        card.role: np.full((windows, card.channels, sides[card.role], sides[card.role]), np.nan, np.float32)
        for card in absent
    }


class Completing:
    """A runtime that is given what the scene has.

    Args:
        runtime: What computes; it takes all sources.
        present: What the scene has.
        absent: What it lacks.
    """

    def __init__(self, runtime: Runtime, present: Sequence[SourceCard], absent: Sequence[SourceCard]) -> None:
        self.name, self.precision, self.lanes = runtime.name, runtime.precision, runtime.lanes
        self._runtime, self._present, self._absent = runtime, tuple(present), tuple(absent)

    def steps(self, images: Images, crop: int) -> NDArray[np.int16]:
        """See `Runtime.steps`."""
        return self._runtime.steps(completed(images, self._present, self._absent), crop)
