"""Honest validation: which features are held out, and in what way.

Features, not pixels, are held out, because pixels of one polygon resemble each other; and features of one spatial block
are held out together, because neighbours resemble each other too (Roberts et al. 2017, Ecography 40, 913).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

FOLDS = 5
BLOCK_GRIDS = (2, 3, 4, 5, 6, 8)
"""Numbers of blocks along each side of the labels' extent that are tried, largest blocks first."""


@dataclass(frozen=True)
class Split:
    """Folds over features.

    Attributes:
        folds: (feature,) int64, number of the fold in which a feature is held out; −1: never.
        words: How the features were split, for the report.
    """

    folds: NDArray[np.int64]
    words: str

    @property
    def count(self) -> int:
        """Number of folds; 0 where nothing can be held out."""
        return int(self.folds.max(initial=-1)) + 1

    def most_telling(self, classes: NDArray[np.int64]) -> int:
        """Returns the fold that holds the most classes, for training that can afford to hold out only one.

        Args:
            classes: (feature,) class index.
        """
        kinds = [np.unique(classes[self.folds == fold]).size for fold in range(self.count)]
        return int(np.argmax(kinds)) if kinds else 0


def split_features(classes: NDArray[np.int64], centres: NDArray[np.float64], seed: int) -> Split:
    """Splits features into folds: spatial blocks where there are enough labels, single features otherwise.

    A class with one feature is never held out: without that feature nothing would be learned of it.

    Args:
        classes: (feature,) class index.
        centres: (feature, 2) x and y.
        seed: Seed of the shuffle.
    """
    counts = np.bincount(classes)
    usable = np.flatnonzero(counts[classes] >= 2)
    if not usable.size:
        return Split(
            np.full(len(classes), -1),
            "Nothing was held out: every class has one label feature only. Draw more of them.",
        )
    alone = np.unique(classes[counts[classes] == 1]).size
    remark = f" {alone} classes with a single feature were never held out." if alone else ""
    for cells in BLOCK_GRIDS:
        blocks = _blocks(centres[usable], cells)
        assigned = _assign(classes[usable], blocks, seed)
        if assigned is not None and assigned.max() >= 2:
            words = f"{assigned.max() + 1} folds of spatial blocks ({cells} × {cells} over the labels' extent)"
            return Split(_spread(assigned, usable, len(classes)), f"Features held out in {words}.{remark}")
    assigned = _assign(classes[usable], np.arange(usable.size), seed)
    if assigned is None:  # cannot happen with two features per class, but nothing is claimed that was not done
        return Split(np.full(len(classes), -1), "Nothing was held out: the labels could not be split.")
    words = (
        f"{assigned.max() + 1} folds of single features. There are too few labels for spatial blocks, so the accuracy "
        "may be optimistic where features lie close together"
    )
    return Split(_spread(assigned, usable, len(classes)), f"Held out in {words}.{remark}")


def _blocks(centres: NDArray[np.float64], cells: int) -> NDArray[np.int64]:
    """Numbers the cell of a cells × cells lattice over the extent in which each feature lies."""
    low = centres.min(axis=0)
    extent = np.maximum(centres.max(axis=0) - low, 1e-9)
    cell = np.minimum((centres - low) / extent * cells, cells - 1).astype(np.int64)
    return cell[:, 1] * cells + cell[:, 0]


def _assign(classes: NDArray[np.int64], groups: NDArray[np.int64], seed: int) -> NDArray[np.int64] | None:
    """Deals groups out to folds so that classes stay balanced; None where a fold would leave a class unlearned."""
    per_class = [np.unique(groups[classes == c]).size for c in np.unique(classes)]
    count = min(FOLDS, *per_class, np.unique(groups).size)
    if count < 2:
        return None
    dealer = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    folds = np.zeros(len(classes), np.int64)
    for fold, (_, held_out) in enumerate(dealer.split(classes, classes, groups)):
        folds[held_out] = fold
    learned = all(np.isin(np.unique(classes), classes[folds != fold]).all() for fold in range(count))
    return folds if learned and np.unique(folds).size == count else None


def _spread(assigned: NDArray[np.int64], usable: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    folds = np.full(length, -1)
    folds[usable] = assigned
    return folds
