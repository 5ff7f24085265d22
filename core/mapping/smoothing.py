"""Freeing maps of speckle while they stream from top to bottom.

Probabilities are (class, y, x) int16 in steps of 1 / `FULL`; a pixel whose classes are all zero has no data. It stays
without data, and neither it nor what lies outside the map takes part in its neighbours.

All sums are of whole numbers, or of floats in an order that is the same in every window, and logarithms come from
tables: the result is the same bit for bit however the rows are cut.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..runtimes.runtime import FULL

Steps = NDArray[np.int16]

SMOOTHNESS = 20.0
"""Variance of a class's logit at a pixel, σ² in `bayes`; the default of sits."""

_LOGIT_STEPS = 8192
"""Table entries for one unit of a logit: the nearest entry is off by less than half a probability step."""

_COLUMNS = 256
"""`majority` goes by as many columns at a time: few classes win in each, and planes stay in cache."""

_NO_VOTE = -1


def majority(steps: Steps, radius: int) -> Steps:
    """Gives each pixel the most frequent class of its window.

    A pixel of the window votes for its likeliest class. The result are the mean probabilities of those that voted for
    the winner. Each of them prefers the winner, so their mean does too, and confidence, margin and entropy go on
    saying how sure the network was of the class that the map shows.

    Where votes are equal, the class with the larger mean probability in the window wins, then the pixel's own.

    Args:
        steps: (class, y, x) probabilities.
        radius: Pixels to each side that count; the window has (2 radius + 1)² pixels.

    Returns:
        smoothed: As `steps`.
    """
    smoothed = np.empty_like(steps)
    width = steps.shape[2]
    for start in range(0, width, _COLUMNS):
        stop = min(start + _COLUMNS, width)
        left = max(start - radius, 0)
        part = _majority(steps[:, :, left : stop + radius], radius)
        smoothed[:, :, start:stop] = part[:, :, start - left : stop - left]
    return smoothed


def _majority(steps: Steps, radius: int) -> Steps:
    """`majority` of columns that share few classes: the work grows with the classes that win times all classes."""
    valid = steps.max(axis=0) > 0
    vote = np.where(valid, steps.argmax(axis=0), _NO_VOTE)
    winner, votes = _elected(steps, vote, np.unique(vote[valid]), radius)
    smoothed = np.zeros_like(steps)
    for elected in np.unique(winner[valid]):
        won, voters = valid & (winner == elected), vote == elected
        count = votes[won]
        for index, plane in enumerate(steps):
            total = _window_sums(np.where(voters, plane, 0).astype(np.int32), radius)[won]
            # Rounded half up: a total that is larger by a step per voter stays larger, so the winner stays on top.
            smoothed[index][won] = (2 * total + count) // (2 * count)
    return smoothed


def _elected(
    steps: Steps, vote: NDArray[np.intp], candidates: NDArray[np.intp], radius: int
) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """Returns the class that wins each window, and its votes; no class gets a vote where there is no data around."""
    winner = np.full(vote.shape, _NO_VOTE, np.intp)
    votes = np.zeros(vote.shape, np.int32)
    best = np.full(vote.shape, -1, np.int64)
    for candidate in candidates:
        mine = vote == candidate
        count = _window_sums(mine.astype(np.int32), radius)
        support = _window_sums(steps[candidate].astype(np.int32), radius)
        # Votes first, then probability, then whether it is the pixel's own class: one number to compare by.
        # A window has at most 65² pixels of at most 32000 steps, which is less than 2 ** 28.
        score = (count.astype(np.int64) << 30) + (support.astype(np.int64) << 1) + mine
        better = score > best
        winner[better], votes[better], best[better] = candidate, count[better], score[better]
    return winner, votes


def bayes(steps: Steps, radius: int) -> Steps:
    """Draws each pixel's probabilities towards those of its window, the more the more the window agrees.

    Bayesian smoothing as in `sits_smooth` of the R package sits: Camara et al. (2024), "Bayesian inference for
    post-processing of remote-sensing image classification", Remote Sensing 16(23), 4572. For each class, the logit
    x = ln(p / (1 − p)) of a pixel is taken as one draw from a normal distribution with variance σ² (`SMOOTHNESS`)
    around its true logit, whose prior is normal with the mean m and the variance s² of the logits in the pixel's
    window. The posterior mean is

        E[μ | x] = s² / (s² + σ²) · x + σ² / (s² + σ²) · m

    Where the window agrees, s² is small and a deviating pixel follows it; at a border between classes s² is large and
    the pixel keeps its own. In contrast to sits, the prior comes from the whole window rather than from its higher
    half, nothing is mirrored at the map's edges, and the posterior probabilities of a pixel add up to one.

    Args:
        steps: (class, y, x) probabilities.
        radius: Pixels to each side that count; the window has (2 radius + 1)² pixels.

    Returns:
        smoothed: As `steps`.
    """
    valid = steps.max(axis=0) > 0
    count = _window_sums(valid.astype(np.float32), radius)
    # Where there is no data, the divisors only have to be something else than zero.
    pixels, degrees = np.maximum(count, 1), np.maximum(count - 1, 1)
    posterior = np.empty(steps.shape, np.float32)
    for index, plane in enumerate(steps):
        logits = np.where(valid, _logits()[plane], np.float32(0))
        mean = _window_sums(logits, radius) / pixels
        squares = _window_sums(logits * logits, radius)
        variance = np.maximum(squares - mean * mean * pixels, 0) / degrees
        own = variance / (variance + np.float32(SMOOTHNESS))
        posterior[index] = _probabilities(own * logits + (1 - own) * mean)
    total = posterior[0].copy()
    for plane in posterior[1:]:  # one after the other: `sum` may add in another order in another shape
        total += plane
    posterior *= np.float32(FULL) / total
    return np.where(valid, np.rint(posterior, out=posterior), 0).astype(np.int16)


METHODS = {"majority": majority, "bayes": bayes}
"""The methods by the names that `SmoothingSpec` gives them."""


class Smoother:
    """Smooths a map that arrives from top to bottom in blocks of whole rows.

    It holds at most 2 × radius rows of probabilities between calls, and the result does not depend on how the rows
    are cut. Each call computes 2 × radius rows besides its own, so blocks should not be much lower than that.

    Args:
        method: One of `METHODS`.
        radius: Pixels to each side that count.
    """

    def __init__(self, method: str, radius: int) -> None:
        self._smooth = METHODS[method]
        self._radius = radius
        self._rows: Steps | None = None
        self._done = 0  # rows at the top of `_rows` that were handed out and are held for those below

    def push(self, steps: Steps) -> Steps:
        """Takes the next rows: (class, y, x). Returns the rows that became final: radius rows behind, maybe none."""
        rows = steps if self._rows is None else np.concatenate([self._rows, steps], axis=1)
        final = max(rows.shape[1] - self._radius, self._done)
        smoothed = self._between(rows, final)
        held = max(final - self._radius, 0)
        self._rows = rows[:, held:].copy()  # not a view, which would keep the whole block
        self._done = final - held
        return smoothed

    def finish(self) -> Steps:
        """Returns the rows that are left once all were pushed, and forgets them."""
        rows = np.zeros((0, 0, 0), np.int16) if self._rows is None else self._rows
        smoothed = self._between(rows, rows.shape[1])
        self._rows, self._done = None, 0
        return smoothed

    def _between(self, rows: Steps, end: int) -> Steps:
        """The smoothed rows from the first that is not done to `end`."""
        if end == self._done:
            return rows[:, :0].copy()
        return self._smooth(rows, self._radius)[:, self._done : end]


def _window_sums(plane: NDArray[Any], radius: int) -> NDArray[Any]:
    """Sums over the window around each pixel: (y, x) → (y, x); outside the plane everything is zero."""
    return _row_sums(_row_sums(plane, radius).T, radius).T


def _row_sums(plane: NDArray[Any], radius: int) -> NDArray[Any]:
    """Sums over 2 radius + 1 rows, put together from sums over 1, 2, 4, ... rows.

    Unlike running sums, each result is added up from its own window alone and always in the same order: even sums of
    floats do not depend on what else is in the block.
    """
    width, rows = 2 * radius + 1, plane.shape[0]
    power = np.pad(plane, ((radius, radius), (0, 0)))
    total = power[:rows].copy()
    taken, size = 1, 1
    while 2 * size <= width:
        power = power[:-size] + power[size:]
        size *= 2
        if width & size:
            total += power[taken : taken + rows]
            taken += size
    return total


@cache
def _logits() -> NDArray[np.float32]:
    """Logit of each probability step; certainty counts as half a step from it, since its logit is infinite."""
    share = np.clip(np.arange(FULL + 1), 0.5, FULL - 0.5) / FULL
    return np.log(share / (1 - share)).astype(np.float32)


@cache
def _sigmoid() -> NDArray[np.float32]:
    """Probability of each logit in steps of 1 / `_LOGIT_STEPS`, from the smallest of `_logits` to its negative."""
    last = _last_entry()
    return (1 / (1 + np.exp(-np.arange(-last, last + 1) / _LOGIT_STEPS))).astype(np.float32)


def _last_entry() -> int:
    return int(np.ceil(float(_logits()[-1]) * _LOGIT_STEPS))


def _probabilities(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits, not larger than the table's → probabilities."""
    entry = np.rint(logits * np.float32(_LOGIT_STEPS)).astype(np.int32)
    return _sigmoid()[entry + _last_entry()]
