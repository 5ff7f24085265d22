"""How well clusters agree with the classes of a reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ..metrics import Matrix, adjusted_rand_index, normalised_mutual_information


@dataclass(frozen=True)
class Agreement:
    """Clusters against classes.

    Attributes:
        classes: Names of the classes.
        matrix: (class, cluster) counts of pixels.
        partners: Class (its index) with which each cluster is matched, one to one; None where none is left for it.
        oa: Share of the pixels whose cluster is matched with their class.
        macro_f1: Mean over the classes of the F1 of their clusters; 0 for a class without one.
        purity: Share of the pixels that would be right if each cluster were named after its most frequent class.
        nmi: Normalised mutual information, arithmetic mean of the entropies.
        ari: Adjusted Rand index.
    """

    classes: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    partners: tuple[int | None, ...]
    oa: float
    macro_f1: float
    purity: float
    nmi: float
    ari: float

    def to_json(self) -> dict[str, Any]:
        """Returns all numbers as plain JSON values."""
        return asdict(self)

    def majority(self, cluster: int) -> tuple[str, float] | None:
        """Returns a cluster's most frequent class and its share; None where no pixel was compared."""
        counts = [row[cluster] for row in self.matrix]
        return (self.classes[int(np.argmax(counts))], max(counts) / sum(counts)) if any(counts) else None


def agreement(matrix: Matrix, classes: Sequence[str]) -> Agreement:
    """Matches clusters with classes, so that as many pixels as possible agree (Kuhn 1955, "The Hungarian method").

    Args:
        matrix: (class, cluster) counts; need not be square.
        classes: Names, each with at least one pixel.
    """
    partners = match(matrix)
    hits = np.zeros(len(classes))
    mapped = np.zeros(len(classes))
    for cluster, partner in enumerate(partners):
        if partner is not None:
            hits[partner] = matrix[partner, cluster]
            mapped[partner] = matrix[:, cluster].sum()
    f1: NDArray[np.float64] = 2 * hits / (matrix.sum(axis=1) + mapped)
    return Agreement(
        tuple(classes),
        tuple(tuple(int(count) for count in row) for row in matrix),
        partners,
        float(hits.sum() / matrix.sum()),
        float(f1.mean()),
        float(matrix.max(axis=0).sum() / matrix.sum()),
        normalised_mutual_information(matrix),
        adjusted_rand_index(matrix),
    )


def match(matrix: Matrix) -> tuple[int | None, ...]:
    """Returns the class of each cluster, one to one; None for clusters to which none is left, or which share nothing.

    Args:
        matrix: (class, cluster) counts; need not be square.
    """
    pairs = zip(*linear_sum_assignment(matrix, maximize=True), strict=True)
    found = {int(cluster): int(row) for row, cluster in pairs if matrix[row, cluster]}
    return tuple(found.get(cluster) for cluster in range(matrix.shape[1]))
