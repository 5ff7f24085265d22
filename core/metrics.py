"""Accuracy of a class map, computed from its confusion matrix alone, so that maps of any size can be streamed.

A confusion matrix has one row per reference class and one column per map class, in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class ClassAccuracy:
    """Accuracy of one class; NaN where a value is not defined.

    Attributes:
        name: The class.
        support: Reference pixels.
        mapped: Pixels of the class in the map.
        precision: Share of the mapped pixels that are right (user's accuracy); NaN if the class is not mapped.
        recall: Share of the reference pixels that are found (producer's accuracy); NaN without reference.
        f1: 2 TP / (2 TP + FP + FN); NaN if the class is absent from both.
        iou: TP / (TP + FP + FN); NaN if the class is absent from both.
    """

    name: str
    support: int
    mapped: int
    precision: float
    recall: float
    f1: float
    iou: float


@dataclass(frozen=True)
class Average:
    """One number over all classes: each class counts the same (macro), or by its reference pixels (weighted)."""

    precision: float
    recall: float
    f1: float
    iou: float


@dataclass(frozen=True)
class Accuracy:
    """Accuracy of a map.

    Averages leave out what says nothing, so that classes absent from both map and reference do not change them:
    F1 and IoU are averaged over the classes present in the reference or in the map; recall over those with reference
    pixels; precision over those present in either, where a class that is never mapped counts as 0 (as in scikit-learn),
    since leaving it out would reward a map for dropping a class. Weighted averages weigh all four by reference pixels.

    Attributes:
        matrix: Confusion matrix, rows reference, columns map.
        classes: Per class, in the matrix's order.
        count: Compared pixels.
        oa: Overall accuracy: share of pixels that agree.
        aa: Average accuracy: macro recall.
        ap: Average precision over classes: macro precision.
        macro: Plain means over classes; `macro.iou` is mIoU.
        weighted: Means weighted by reference pixels.
        kappa: Cohen's kappa; NaN where chance agreement is complete (one class only).
        nmi: Normalised mutual information, arithmetic mean of the entropies.
        ari: Adjusted Rand index.
    """

    matrix: tuple[tuple[int, ...], ...]
    classes: tuple[ClassAccuracy, ...]
    count: int
    oa: float
    aa: float
    ap: float
    macro: Average
    weighted: Average
    kappa: float
    nmi: float
    ari: float

    @property
    def names(self) -> tuple[str, ...]:
        """The class names, in the matrix's order."""
        return tuple(entry.name for entry in self.classes)

    def to_json(self) -> dict[str, Any]:
        """Returns all numbers as plain JSON values; what is not defined is null."""
        values: dict[str, Any] = without_nan(asdict(self))
        return values


def accuracy(matrix: Matrix, names: Sequence[str]) -> Accuracy:
    """Computes all accuracy measures.

    Args:
        matrix: (reference class, map class) int64 counts.
        names: Of the classes.

    Raises:
        ValueError: If the matrix is not square, does not fit the names, or holds no pixel.
    """
    size = len(names)
    if matrix.shape != (size, size):
        raise ValueError(f"The confusion matrix has the shape {matrix.shape}; {size} classes need ({size}, {size}).")
    count = int(matrix.sum())
    if not count:
        raise ValueError("The confusion matrix holds no pixel.")
    hits = np.diag(matrix).astype(np.float64)
    support = matrix.sum(axis=1).astype(np.float64)
    mapped = matrix.sum(axis=0).astype(np.float64)
    precision, recall = _ratio(hits, mapped), _ratio(hits, support)
    f1, iou = _ratio(2 * hits, support + mapped), _ratio(hits, support + mapped - hits)
    present = support + mapped > 0
    counted_precision = np.nan_to_num(precision, nan=0.0)
    macro = Average(
        precision=float(counted_precision[present].mean()),
        recall=float(recall[support > 0].mean()),
        f1=float(f1[present].mean()),
        iou=float(iou[present].mean()),
    )
    weights = support / count
    weighted = Average(*(float(weights @ np.nan_to_num(v)) for v in (counted_precision, recall, f1, iou)))
    chance = float(support @ mapped) / count**2
    oa = float(hits.sum()) / count
    return Accuracy(
        matrix=tuple(tuple(int(value) for value in row) for row in matrix),
        classes=tuple(
            ClassAccuracy(
                name,
                int(support[i]),
                int(mapped[i]),
                float(precision[i]),
                float(recall[i]),
                float(f1[i]),
                float(iou[i]),
            )
            for i, name in enumerate(names)
        ),
        count=count,
        oa=oa,
        aa=macro.recall,
        ap=macro.precision,
        macro=macro,
        weighted=weighted,
        kappa=(oa - chance) / (1 - chance) if chance < 1 else math.nan,
        nmi=normalised_mutual_information(matrix),
        ari=adjusted_rand_index(matrix),
    )


def confusion(reference: NDArray[np.integer[Any]], mapped: NDArray[np.integer[Any]], classes: int) -> Matrix:
    """Counts pairs of class indices (0 to `classes` − 1) of equally shaped arrays into a confusion matrix."""
    pairs = reference.astype(np.int64).ravel() * classes + mapped.astype(np.int64).ravel()
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def normalised_mutual_information(contingency: Matrix) -> float:
    """Mutual information of two partitions over the arithmetic mean of their entropies (Strehl and Ghosh 2002).

    Args:
        contingency: (class, cluster) counts; need not be square.

    Returns:
        0 for independent partitions, 1 for equal ones, also when both consist of one part.
    """
    joint = contingency / contingency.sum()
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    entropy = (_entropy(rows) + _entropy(columns)) / 2
    if entropy == 0:
        return 1.0
    mutual = _entropy(rows) + _entropy(columns) - _entropy(joint.ravel())
    return max(0.0, mutual / entropy)


def adjusted_rand_index(contingency: Matrix) -> float:
    """Agreement of two partitions on pairs of pixels, corrected for chance (Hubert and Arabie 1985).

    Args:
        contingency: (class, cluster) counts; need not be square.
    """
    both = _pairs(contingency)
    rows, columns = _pairs(contingency.sum(axis=1)), _pairs(contingency.sum(axis=0))
    every = _pairs(contingency.sum())
    expected = rows * columns / every if every else 0.0
    best = (rows + columns) / 2
    return (both - expected) / (best - expected) if best != expected else 1.0


def _pairs(counts: Any) -> float:
    """Sum of n (n − 1) / 2, in float64: a large scene has more pairs of pixels than int64 can count."""
    counts = np.asarray(counts, np.float64)
    return float((counts * (counts - 1) / 2).sum())


def _entropy(shares: Values) -> float:
    positive = shares[shares > 0]
    return float(-(positive * np.log(positive)).sum())


def _ratio(numerator: Values, denominator: Values) -> Values:
    """Divides, with NaN where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.full_like(numerator, np.nan), where=denominator > 0)


def without_nan(value: Any) -> Any:
    """Replaces NaN, which JSON lacks, by None in nested values."""
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
