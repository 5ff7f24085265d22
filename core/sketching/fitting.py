"""The light head on kept features: fitted to the labels as fine-tuning does, and judged fold by fold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..features import thinned
from ..labels import Labels
from ..linear import LinearModel, fit_linear, pixel_weights
from ..splits import Split
from ..tiles import tiles_with_pixels
from .blocks import Blocks


@dataclass(frozen=True)
class Taught:
    """What a head learns from.

    Attributes:
        pixels: The labelled pixels that count, where every source has data.
        features: (pixel, channel).
    """

    pixels: Labels
    features: NDArray[np.float32]

    @property
    def classes(self) -> NDArray[np.int64]:
        """The classes that are left."""
        return np.unique(self.pixels.classes)


@dataclass(frozen=True)
class Judged:
    """How well held-out labels are recognised.

    Attributes:
        confusion: (reference, predicted) counts of held-out pixels.
        shares: (feature,) which share of the pixels of each held-out feature gets its class.
        counts: (class, round) how many features were held out.
    """

    confusion: NDArray[np.int64]
    shares: NDArray[np.float64]
    counts: NDArray[np.int64]


def taught(blocks: Blocks, labels: Labels, seed: int) -> Taught:
    """Looks the features of labelled pixels up, of the same ones as fine-tuning does."""
    pixels = thinned(labels, seed)
    tiles = tiles_with_pixels(blocks.plan, pixels.rows, pixels.columns)
    blocks.prepare([tile for tile, _ in tiles], "Computing features of the labelled places")
    channels = sum(part.channels for part in blocks.layout.parts) + blocks.layout.context
    features = np.zeros((pixels.rows.size, channels), np.float32)
    valid = np.zeros(pixels.rows.size, bool)
    for tile, members in tiles:
        block = blocks.block(tile)
        if block is not None:
            rows = pixels.rows[members] - tile.row + blocks.plan.ramp
            columns = pixels.columns[members] - tile.column + blocks.plan.ramp
            features[members] = blocks.layout.at(block, rows, columns)
            valid[members] = block.valid[rows, columns]
    return Taught(pixels.take(valid), features[valid])


def fitted(lesson: Taught, count: int) -> LinearModel:
    """Fits the head to all labels."""
    weights = pixel_weights(lesson.pixels.classes, lesson.pixels.features)
    return fit_linear(lesson.features, lesson.pixels.classes, weights, count)


def judged(lesson: Taught, split: Split, count: int, check: Callable[[], None]) -> Judged | None:
    """Fits the head without each fold in turn, and looks how it does there; None where nothing could be held out.

    Args:
        lesson: What it learns from.
        split: The folds.
        count: Number of classes.
        check: Called before each fold; raises to stop.
    """
    pixels = lesson.pixels
    confusion = np.zeros((count, count), np.int64)
    right: list[NDArray[np.bool_]] = []
    owners: list[NDArray[np.int64]] = []
    counts: list[NDArray[np.int64]] = []
    for fold in range(split.count):
        check()
        out = split.folds[pixels.features] == fold
        if out.any() and np.unique(pixels.classes[~out]).size > 1:
            model = fitted(Taught(pixels.take(~out), lesson.features[~out]), count)
            predicted = model.logits(lesson.features[out]).argmax(axis=1)
            np.add.at(confusion, (pixels.classes[out], predicted), 1)
            right.append(predicted == pixels.classes[out])
            owners.append(pixels.features[out])
            _, first = np.unique(pixels.features[out], return_index=True)
            counts.append(np.bincount(pixels.classes[out][first], minlength=count))
    if not right:
        return None
    _, owner, sizes = np.unique(np.concatenate(owners), return_inverse=True, return_counts=True)
    shares = np.bincount(owner, weights=np.concatenate(right)) / sizes
    return Judged(confusion, shares, np.stack(counts, axis=1))
