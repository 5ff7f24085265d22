"""Area-adjusted accuracy and class areas with confidence intervals, from a sample stratified by map class.

Counting the pixels of a class in a map gives a biased area, since maps err. Olofsson et al. (2014), "Good practices for
estimating area and assessing accuracy of land change", Remote Sensing of Environment 148, 42-57, correct it with a
reference sample; the equation numbers below are theirs. Their matrix has the map in rows, ours in columns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .metrics import Matrix, Values, without_nan

Z_95 = 1.959963984540054
"""Quantile of the normal distribution for a 95 % confidence interval."""


@dataclass(frozen=True)
class Interval:
    """An estimate and the half width of its 95 % confidence interval; NaN where it cannot be estimated."""

    value: float
    margin: float


@dataclass(frozen=True)
class ClassArea:
    """Area and accuracy of one class, corrected for the areas of the map classes.

    Attributes:
        name: The class.
        mapped: Its area in the map.
        area: Its estimated true area, in the unit of `mapped`.
        users: User's accuracy.
        producers: Producer's accuracy.
    """

    name: str
    mapped: float
    area: Interval
    users: Interval
    producers: Interval


@dataclass(frozen=True)
class AreaEstimate:
    """Area-adjusted accuracy of a map.

    Attributes:
        classes: Per class, in the matrix's order.
        overall: Overall accuracy.
        unassessed: Map classes with an area but fewer than two reference pixels: nothing can be said about them, and
            all estimates hold for the rest of the map.
        assessed_share: Share of the map's area that the estimates hold for.
    """

    classes: tuple[ClassArea, ...]
    overall: Interval
    unassessed: tuple[str, ...]
    assessed_share: float

    def to_json(self) -> dict[str, Any]:
        """Returns all numbers as plain JSON values; what cannot be estimated is null."""
        values: dict[str, Any] = without_nan(asdict(self))
        return values


def estimate_areas(
    matrix: Matrix, areas: Values, names: Sequence[str], population: NDArray[np.int64] | None = None
) -> AreaEstimate:
    """Estimates accuracy and areas.

    Args:
        matrix: (reference class, map class) pixels of the sample; within a map class they are a random sample of it.
        areas: Area of each map class in the map, in any unit.
        names: Of the classes.
        population: Pixels of each map class in the map, for the finite population correction (Cochran 1977, eq. 5.32):
            a class that was compared completely has no sampling error. None: the sample is small beside the map.

    Raises:
        ValueError: If no map class has two reference pixels.
    """
    sample = matrix.T.astype(np.float64)
    drawn = sample.sum(axis=1)
    strata = (areas > 0) & (drawn > 1)
    if not strata.any():
        raise ValueError("No map class has two reference pixels.")
    total = float(areas[strata].sum())
    weight = np.where(strata, areas, 0.0) / total
    drawn_or_one = np.maximum(drawn, 1)
    share = sample / drawn_or_one[:, None]
    # Sampling variance of a share p of a stratum is p (1 - p) scale.
    scale = np.where(strata, _unsampled(drawn, population) / np.maximum(drawn - 1, 1), 0.0)

    joint = weight[:, None] * share  # eq. 4
    true_share = joint.sum(axis=0)
    users = np.where(strata, np.diag(share), np.nan)
    producers = np.divide(np.diag(joint), true_share, out=np.full_like(weight, np.nan), where=true_share > 0)
    right = np.where(strata, np.diag(share), 0.0)
    overall_variance = (weight**2 * right * (1 - right) * scale).sum()  # eq. 5
    users_variance = users * (1 - users) * scale  # eq. 6
    producers_variance = _producers_variance(weight, share, scale, producers, true_share)
    area_variance = (weight[:, None] ** 2 * share * (1 - share) * scale[:, None]).sum(axis=0)  # eq. 10
    return AreaEstimate(
        classes=tuple(
            ClassArea(
                name=name,
                mapped=float(areas[i]),
                area=_interval(true_share[i], area_variance[i], total),
                users=_interval(users[i], users_variance[i]),
                producers=_interval(producers[i], producers_variance[i]),
            )
            for i, name in enumerate(names)
        ),
        overall=_interval(float(np.trace(joint)), overall_variance),
        unassessed=tuple(name for i, name in enumerate(names) if areas[i] > 0 and not strata[i]),
        assessed_share=total / float(areas.sum()),
    )


def _producers_variance(weight: Values, share: Values, scale: Values, producers: Values, true_share: Values) -> Values:
    """Eq. 7: the class's own stratum and, for the area missed elsewhere, all the other strata."""
    own = np.diag(share)
    within = weight**2 * (1 - producers) ** 2 * own * (1 - own) * scale
    every = weight[:, None] ** 2 * share * (1 - share) * scale[:, None]
    elsewhere = producers**2 * (every.sum(axis=0) - np.diag(every))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((within + elsewhere) / true_share**2)


def _unsampled(drawn: Values, population: NDArray[np.int64] | None) -> Values:
    """Share of each stratum that the sample does not hold."""
    if population is None:
        return np.ones_like(drawn)
    return np.clip(1 - drawn / np.maximum(population, 1), 0, 1)


def _interval(value: float, variance: float, unit: float = 1.0) -> Interval:
    # Rounding can take a variance of zero below it.
    spread = math.sqrt(max(float(variance), 0.0)) if not math.isnan(variance) else math.nan
    return Interval(float(value) * unit, Z_95 * spread * unit)
