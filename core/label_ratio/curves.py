"""The curves of a label-ratio study: means and spread of the runs, and where they lie in a small chart."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .runs import Run

MEASURES = {"iou": "IoU", "f1": "F1", "precision": "Precision", "recall": "Recall"}
"""What is drawn: means over the classes, each class counting the same."""

COLOURS = ("#2e7d50", "#b5651d", "#4477aa", "#aa3377")
"""Of the ways of training, in their order: as the page's style has them in light."""

WIDTH, HEIGHT = 440.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 425.0, 16.0, 214.0

Point = tuple[float, float]
Place = Callable[[float], float]
"""From a value to its place along an axis."""


@dataclass(frozen=True)
class Summary:
    """The runs of one way of training with one share of the labels.

    Attributes:
        arm: How it was trained.
        share: Of the label features, from 0 to 1.
        features: How many they were.
        runs: How many runs there are.
        mean: Per measure.
        spread: Per measure, the standard deviation over the runs; 0 for a single one.
    """

    arm: str
    share: float
    features: int
    runs: int
    mean: dict[str, float]
    spread: dict[str, float]


@dataclass(frozen=True)
class Curve:
    """A way of training in a chart, in the chart's units: its marks, and the outline of its spread."""

    name: str
    colour: str
    marks: tuple[Point, ...]
    band: tuple[Point, ...]


@dataclass(frozen=True)
class Tick:
    """A value on an axis."""

    text: str
    at: float


@dataclass(frozen=True)
class Panel:
    """The chart of one measure, `WIDTH` by `HEIGHT`: the x axis is the share of the labels, in powers."""

    title: str
    curves: tuple[Curve, ...]
    across: tuple[Tick, ...]
    upright: tuple[Tick, ...]
    left: float = _LEFT
    right: float = _RIGHT
    top: float = _TOP
    bottom: float = _BOTTOM


def summaries(runs: Sequence[Run]) -> list[Summary]:
    """Returns means and spreads, in the order of the ways of training and of the shares."""
    arms = list(dict.fromkeys(run.arm for run in runs))
    found = []
    for arm in arms:
        for share in sorted({run.share for run in runs if run.arm == arm}):
            chosen = [run for run in runs if run.arm == arm and run.share == share]
            values = {name: np.array([getattr(run, name) for run in chosen]) for name in MEASURES}
            found.append(
                Summary(
                    arm,
                    share,
                    chosen[0].features,
                    len(chosen),
                    {name: float(value.mean()) for name, value in values.items()},
                    {name: float(value.std(ddof=1)) if len(chosen) > 1 else 0.0 for name, value in values.items()},
                )
            )
    return found


def panels(summary: Sequence[Summary]) -> list[Panel]:
    """Returns a chart for each measure, all on the same scale."""
    ends = [entry.mean[name] + sign * entry.spread[name] for entry in summary for name in MEASURES for sign in (-1, 1)]
    low = max(math.floor(min(ends) * 10) / 10, 0.0)
    high = min(math.ceil(max(ends) * 10) / 10, 1.0)
    high = max(high, low + 0.1)
    shares = sorted({entry.share for entry in summary})
    first, last = math.log(shares[0]), math.log(shares[-1])

    def x(share: float) -> float:
        across = (math.log(share) - first) / (last - first) if last > first else 0.5
        return round(_LEFT + across * (_RIGHT - _LEFT), 1)

    def y(value: float) -> float:
        upward = min(max((value - low) / (high - low), 0.0), 1.0)
        return round(_BOTTOM - upward * (_BOTTOM - _TOP), 1)

    steps = round((high - low) * 10)
    step = 1 if steps <= 5 else 2
    values = [low + i / 10 for i in range(0, steps + 1, step)]
    across = tuple(Tick(f"{100 * share:g} %", x(share)) for share in shares)
    upright = tuple(Tick(f"{value:.1f}", y(value)) for value in values)
    return [
        Panel(title, tuple(_curve(summary, arm, name, x, y) for arm in _arms(summary)), across, upright)
        for name, title in MEASURES.items()
    ]


def _arms(summary: Sequence[Summary]) -> list[str]:
    return list(dict.fromkeys(entry.arm for entry in summary))


def _curve(summary: Sequence[Summary], arm: str, measure: str, x: Place, y: Place) -> Curve:
    entries = [entry for entry in summary if entry.arm == arm]
    marks = tuple((x(entry.share), y(entry.mean[measure])) for entry in entries)
    above = [(x(entry.share), y(entry.mean[measure] + entry.spread[measure])) for entry in entries]
    below = [(x(entry.share), y(entry.mean[measure] - entry.spread[measure])) for entry in entries]
    colour = COLOURS[_arms(summary).index(arm) % len(COLOURS)]
    return Curve(arm, colour, marks, (*above, *reversed(below)))
