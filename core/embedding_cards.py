"""What a network that is fine-tuned on embeddings expects of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .cards import Normalisation, SourceCard
from .embedding_files import ALPHAEARTH
from .scenes import Scene, Source

_LENGTHS = (0.9, 1.1)
"""Mean length of vectors of unit length: quantisation and the mean over larger pixels move it a little."""


def embedding_card(scene: Scene, source: Source) -> SourceCard:
    """Returns what a new head expects of embeddings: all bands, each with about unit variance.

    Components of AlphaEarth's 64-dimensional unit vectors have a root mean square of 1/8 over the world; that constant
    keeps them comparable from scene to scene. Others are scaled by mean and standard deviation of the scene.
    """
    if source.match.sensor == ALPHAEARTH:
        count = len(source.bands)
        scaling = Normalisation("constant", (0.0,) * count, (count**-0.5,) * count)
    else:
        pixels = scene.sample(source.role, source.bands)
        std = np.maximum(pixels.std(axis=1, dtype=np.float64), 1e-6)
        scaling = Normalisation("z-score", _tuple(pixels.mean(axis=1, dtype=np.float64)), _tuple(std))
    return SourceCard(
        source.role, source.match.sensor, source.bands, source.conversion.canonical, source.grid.gsd, scaling,
        maker=source.match.maker,
    )  # fmt: skip


def embedding_notes(scene: Scene, source: Source) -> list[str]:
    """Returns what is odd about an embedding raster."""
    if source.match.sensor != ALPHAEARTH:
        return []
    pixels = scene.sample(source.role, source.bands)
    length = float(np.sqrt(np.square(pixels, dtype=np.float64).sum(axis=0)).mean()) if pixels.size else 1.0
    if _LENGTHS[0] < length < _LENGTHS[1]:
        return []
    return [
        f"The vectors of '{source.layer}' have a mean length of {length:.3g}; AlphaEarth's have 1. Is it the original "
        "file, with its codes unchanged?"
    ]


def _tuple(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(map(float, values))
