"""What a network needs of a window of a scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from .cards import SourceCard
from .coarse import SERIES, read_series
from .scenes import Scene
from .series import seen


def read_window(scene: Scene, cards: Sequence[SourceCard], window: Window) -> dict[str, NDArray[np.float32]]:
    """Reads what a network needs of a window of the scene's grid; it may reach over the grid's edges.

    Returns:
        Per role (channel, y, x) float32 in canonical units, NaN for no data; see `SourceCard` for time stacks.

    Raises:
        SceneError: If a file cannot be read.
    """
    images = scene.read(window, {card.role: card.bands for card in cards if card.role != SERIES})
    return images | {card.role: read_series(scene, card, window) for card in cards if card.role == SERIES}


def valid_pixels(images: Mapping[str, NDArray[np.float32]], cards: Sequence[SourceCard]) -> NDArray[np.bool_]:
    """(y, x), True where every band of every source has data; in a time stack, every band of one date is enough.

    A coarser source decides nothing: it lies on a grid of its own, and what it lacks a network does without.
    """
    finite = [seen(images[card.role], len(card.bands)) for card in cards if card.role != SERIES]
    valid: NDArray[np.bool_] = np.logical_and.reduce(finite)
    return valid
