"""Shifts that change from place to place: smooth, with the windows that disagree left out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .agreement import Evidence, Verdict

Field = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From (place, 2) rows and columns to (place, 2) shifts."""

_BANDWIDTH = 1.5
"""Over how many steps between windows what they say is averaged: each alone is known less well than all."""


def shift_field(evidence: Evidence, verdict: Verdict) -> Field:
    """Returns the shift of every place.

    The plane that the windows agree on, and what they say beyond it, averaged with Gaussian weights (Nadaraya-Watson):
    between windows it is smooth, and away from them it does not run off as higher polynomials do.

    Args:
        evidence: The windows.
        verdict: What they agree on; it has a shift.
    """
    if verdict.shift is None:
        raise ValueError("The windows do not agree on a shift.")
    shift, slope = verdict.shift, verdict.slope
    middle = evidence.places.mean(axis=0)

    def plane(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return shift + (places - middle) @ slope.T

    known = evidence.places[verdict.agreeing]
    beyond = evidence.shifts[verdict.agreeing] - plane(known)
    width = _BANDWIDTH * _step(evidence.places)

    def field(places: NDArray[np.float64]) -> NDArray[np.float64]:
        # Beyond the outermost windows, the shift stays as it is there.
        inside = np.clip(places, evidence.places.min(axis=0), evidence.places.max(axis=0))
        squared = np.square((inside[:, None] - known[None]) / width).sum(axis=2)
        weights = np.exp(-0.5 * (squared - squared.min(axis=1, keepdims=True)))
        found: NDArray[np.float64] = plane(inside) + weights @ beyond / weights.sum(axis=1, keepdims=True)
        return found

    return field


def _step(places: NDArray[np.float64]) -> float:
    """The usual distance from a window to the nearest one."""
    apart = np.sqrt(np.square(places[:, None] - places[None]).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    return float(np.median(apart.min(axis=1)))
