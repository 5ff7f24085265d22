"""Accuracy of patches that may have several classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from ..metrics import without_nan

THRESHOLD = 0.5
"""Scores from here on say that a patch has the class."""


@dataclass(frozen=True)
class LabelAccuracy:
    """Accuracy of one class; NaN where a value is not defined.

    Attributes:
        name: The class.
        support: Patches that have it.
        predicted: Patches that were given it.
        ap: Average precision: the mean of precision over the steps in recall as the threshold falls (no
            interpolation); NaN without a patch that has the class.
        precision: Share of the patches given the class that have it; NaN if there are none.
        recall: Share of the patches that have it which were given it; NaN without any.
        f1: 2 TP / (2 TP + FP + FN); NaN if the class is absent from both.
    """

    name: str
    support: int
    predicted: int
    ap: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class MultiLabelAccuracy:
    """Accuracy of patches that may have several classes, at the threshold of .5 but for average precision.

    Attributes:
        classes: Per class.
        count: Judged patches.
        map: Mean average precision, over the classes that some patch has: each class counts the same (macro).
        micro_ap: Average precision over all pairs of patch and class at once.
        macro_f1: Mean F1 over the classes that some patch has or was given.
        micro_f1: F1 over all pairs at once.
        exact: Share of the patches with exactly their classes.
    """

    classes: tuple[LabelAccuracy, ...]
    count: int
    map: float
    micro_ap: float
    macro_f1: float
    micro_f1: float
    exact: float

    def to_json(self) -> dict[str, Any]:
        """Returns all numbers as plain JSON values; what is not defined is null."""
        values: dict[str, Any] = without_nan(asdict(self))
        return values


def multilabel_accuracy(
    targets: NDArray[np.bool_], scores: NDArray[np.float32], names: Sequence[str]
) -> MultiLabelAccuracy:
    """Computes all measures.

    Args:
        targets: (patch, class), whether a patch has a class; at least one has one.
        scores: (patch, class), from 0 to 1.
        names: Of the classes.
    """
    given = scores >= THRESHOLD
    hits = (targets & given).sum(axis=0)
    support, predicted = targets.sum(axis=0), given.sum(axis=0)
    classes = tuple(
        LabelAccuracy(
            name,
            int(support[i]),
            int(predicted[i]),
            float(average_precision_score(targets[:, i], scores[:, i])) if support[i] else math.nan,
            _ratio(hits[i], predicted[i]),
            _ratio(hits[i], support[i]),
            _ratio(2 * hits[i], support[i] + predicted[i]),
        )
        for i, name in enumerate(names)
    )
    return MultiLabelAccuracy(
        classes=classes,
        count=len(targets),
        map=_mean([entry.ap for entry in classes]),
        micro_ap=float(average_precision_score(targets.ravel(), scores.ravel())),
        macro_f1=_mean([entry.f1 for entry in classes]),
        micro_f1=_ratio(2 * hits.sum(), support.sum() + predicted.sum()),
        exact=float((targets == given).all(axis=1).mean()),
    )


def _ratio(numerator: int, denominator: int) -> float:
    return float(numerator / denominator) if denominator else math.nan


def _mean(values: Sequence[float]) -> float:
    """Mean of the values that are defined."""
    known = [value for value in values if value == value]
    return float(np.mean(known)) if known else math.nan
