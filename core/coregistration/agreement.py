"""Whether windows agree on a shift, and on which one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, binom
from skimage.measure import ransac
from skimage.transform import AffineTransform

from .matching import Shift, peak

CHANCE = 1e-3
"""Results of which more than this many are expected by chance are refused."""

LEAST_WINDOWS = 4
_TRIALS = 200


@dataclass(frozen=True)
class Evidence:
    """What windows say, one by one.

    Attributes:
        places: (window, 2) rows and columns of the windows' centres, in pixels of the grid of comparison.
        shifts: (window, 2) rows and columns; NaN where a window says nothing.
        surfaces: (window, ·, ·) similarity for every whole shift (`matching.similarity`); None: there is none.
        tolerance: Shifts of two windows that differ by up to this many pixels agree.
        reach: Largest shift in pixels.
        independent: How many of the windows do not overlap, which may be a fraction.
    """

    places: NDArray[np.float64]
    shifts: NDArray[np.float64]
    surfaces: NDArray[np.float64] | None
    tolerance: float
    reach: int
    independent: float


@dataclass(frozen=True)
class Verdict:
    """What windows say together.

    Attributes:
        shift: Rows and columns by which the image is moved, at the centre of the windows; None: they do not agree.
        slope: (2, 2) what the shift gains per pixel along rows and columns (first index: of the shift).
        agreeing: (window,) which windows say so.
        share: Of the windows, how many agree (0 to 1).
        chance: How many shifts as well agreed on are expected where the images have nothing in common.
        spread: Standard deviation of the agreeing windows' shifts in pixels.
        error: Standard error of the shift in pixels, from the spread and the number of windows.
    """

    shift: Shift | None
    slope: NDArray[np.float64]
    agreeing: NDArray[np.bool_]
    share: float
    chance: float
    spread: float
    error: float


def one_shift(evidence: Evidence) -> Verdict:
    """Finds the shift that most windows agree on."""
    count = len(evidence.shifts)
    shift = _joint(evidence, np.ones(count, bool))
    agreeing = _near(evidence.shifts, shift, evidence.tolerance)
    if agreeing.any():
        shift = _joint(evidence, agreeing)
        agreeing = _near(evidence.shifts, shift, evidence.tolerance)
    # Anything within the reach could have been agreed on.
    chance = _chance(evidence, int(agreeing.sum()), fitted=0)
    residuals = evidence.shifts - shift
    return _verdict(evidence, shift, np.zeros((2, 2)), agreeing, residuals, chance)


def changing_shift(evidence: Evidence) -> Verdict:
    """Finds the shift, changing evenly over the image, that most windows agree on (RANSAC with an affine transform)."""
    said = np.isfinite(evidence.shifts).all(axis=1)
    count, nothing = len(evidence.shifts), np.full(2, np.nan)
    agreeing = np.zeros(count, bool)
    if said.sum() < LEAST_WINDOWS:
        return _verdict(evidence, nothing, np.zeros((2, 2)), agreeing, evidence.shifts, math.inf)
    places, shifts = evidence.places[said], evidence.shifts[said]
    _, inliers = ransac(
        (places, places + shifts), AffineTransform, 3, evidence.tolerance, max_trials=_TRIALS, rng=0
    )  # fmt: skip
    if inliers is None or inliers.sum() < LEAST_WINDOWS:
        return _verdict(evidence, nothing, np.zeros((2, 2)), agreeing, evidence.shifts, math.inf)
    agreeing[np.flatnonzero(said)[inliers]] = True
    middle = evidence.places.mean(axis=0)
    terms = np.column_stack([np.ones(count), evidence.places - middle])
    fitted = np.linalg.lstsq(terms[agreeing], evidence.shifts[agreeing], rcond=None)[0]
    residuals = evidence.shifts - terms @ fitted
    # Three windows always lie on a plane: they are no evidence for it.
    chance = _chance(evidence, int(agreeing.sum()), fitted=3)
    return _verdict(evidence, fitted[0], fitted[1:].T, agreeing, residuals, chance)


def _joint(evidence: Evidence, of: NDArray[np.bool_]) -> Shift:
    """The shift that some windows say together."""
    if evidence.surfaces is not None:
        return peak(evidence.surfaces[of].mean(axis=0))
    said = evidence.shifts[of]
    said = said[np.isfinite(said).all(axis=1)]
    if not len(said):
        return np.full(2, np.nan)
    apart = np.abs(said[:, None] - said[None]).max(axis=2)
    densest = said[(apart <= evidence.tolerance).sum(axis=1).argmax()]
    found: Shift = said[_near(said, densest, evidence.tolerance)].mean(axis=0)
    return found


def _near(shifts: NDArray[np.float64], shift: Shift, tolerance: float) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.abs(shifts - shift).max(axis=1) <= tolerance  # False for NaN
    return near


def _chance(evidence: Evidence, agreeing: int, fitted: int) -> float:
    """How many shifts that as many windows agree on are expected by chance.

    A-contrario (Desolneux, Moisan and Morel 2000): windows of images without anything in common say any shift within
    reach, each alike; overlapping windows count as few as do not overlap.

    Args:
        evidence: The windows.
        agreeing: How many agree.
        fitted: How many of them the shift was made from.
    """
    side = (2 * evidence.tolerance + 1) / (2 * evidence.reach + 1)
    alone = min(side * side, 1.0)
    part = evidence.independent / max(len(evidence.shifts), 1)
    total, same = evidence.independent, agreeing * part
    if same <= fitted:
        return math.inf
    # The upper tail of the binomial distribution, for numbers that need not be whole.
    tail = betainc(same - fitted, total - same + 1, alone)
    return float(tail / alone * binom(total, fitted))


def _verdict(
    evidence: Evidence, shift: Shift, slope: NDArray[np.float64], agreeing: NDArray[np.bool_],
    residuals: NDArray[np.float64], chance: float,
) -> Verdict:  # fmt: skip
    count = int(agreeing.sum())
    known = bool(np.isfinite(shift).all()) and count >= LEAST_WINDOWS and chance < CHANCE
    spread = float(np.sqrt(np.square(residuals[agreeing]).mean())) if count else math.inf
    part = evidence.independent / max(len(evidence.shifts), 1)
    return Verdict(
        shift=shift if known else None,
        slope=slope,
        agreeing=agreeing,
        share=count / max(len(agreeing), 1),
        chance=chance,
        spread=spread,
        error=spread / math.sqrt(max(count * part, 1.0)),
    )
