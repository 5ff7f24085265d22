"""Which features a run learns from, and which ones all runs are judged by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..errors import LabelError
from ..labels import Labels
from ..legend import ClassLegend
from ..splits import split_features

HELD_OUT = 0.3
"""At least this share of the label features is held out, where they come from the same layer."""


def drawn_features(classes: NDArray[np.int64], share: float, draw: int, seed: int) -> NDArray[np.bool_]:
    """Draws a share of the features of each class, at least one each.

    In one draw, a larger share holds all features of a smaller one.

    Args:
        classes: (feature,) class index; −1: never drawn.
        share: Above 0, up to 1.
        draw: Number of the draw.
        seed: Seed of all draws.
    """
    generator = np.random.default_rng([seed, draw])
    chosen = np.zeros(classes.size, bool)
    for each in np.unique(classes[classes >= 0]):
        members = generator.permutation(np.flatnonzero(classes == each))
        chosen[members[: max(round(share * members.size), 1)]] = True
    return chosen


def held_out_features(labels: Labels, seed: int) -> tuple[NDArray[np.bool_], str]:
    """Chooses the features that are judged by: whole folds of spatial blocks, where there are enough labels.

    Returns:
        (feature,) bool, and how they were chosen, in words.

    Raises:
        LabelError: If nothing can be held out.
    """
    split = split_features(labels.feature_classes, labels.centres, seed)
    if not split.count:
        raise LabelError(
            "Too few labels to hold some out: every class has one feature only.",
            "Draw more features of each class, or give a layer with others to judge by.",
        )
    order = [split.most_telling(labels.feature_classes)]
    order += [fold for fold in range(split.count) if fold not in order]
    held_out = np.zeros(labels.feature_classes.size, bool)
    used = 0
    for fold in order[:-1] or order:
        if held_out.mean() >= HELD_OUT:
            break
        tried = held_out | (split.folds == fold)
        if used and not _learnable(labels, ~tried):
            continue
        held_out, used = tried, used + 1
    kind = "spatial blocks" if "spatial blocks" in split.words and "too few" not in split.words else "single features"
    words = (
        f"{int(held_out.sum())} of {held_out.size} label features were held out and judge all runs: {used} of "
        f"{split.count} folds of {kind}."
    )
    return held_out, words


def _learnable(labels: Labels, left: NDArray[np.bool_]) -> bool:
    """Whether each class has a feature among those that are left."""
    return np.unique(labels.feature_classes[left]).size == len(labels.legend)


def in_classes_of(test: Labels, legend: ClassLegend) -> tuple[Labels, list[str]]:
    """Returns labels with the class indices of another legend, and the names of the classes that it does not have.

    Raises:
        LabelError: If they have no class in common.
    """
    places = {name.casefold(): place for place, name in enumerate(legend.names)}
    indices = np.array([places.get(name.casefold(), -1) for name in test.legend.names])
    unknown = [name for place, name in enumerate(test.legend.names) if indices[place] < 0]
    if len(unknown) == len(test.legend):
        raise LabelError(
            f"The layer to judge by has the classes {', '.join(test.legend.names)}, and the labels "
            f"{', '.join(legend.names)}: none in common.",
            "Use the same class names or values in both.",
        )
    renamed = replace(test, legend=legend, feature_classes=indices[test.feature_classes])
    return renamed.take(renamed.classes >= 0), unknown
