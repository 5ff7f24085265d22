"""Learning curves as the points of small charts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 425.0, 26.0, 196.0
"""The plotting area within the chart's 440 by 230 units."""


@dataclass(frozen=True)
class Line:
    """A measure over the epochs: its name, its points as SVG writes them, and its last point."""

    name: str
    points: str
    x: float
    y: float
    single: bool


@dataclass(frozen=True)
class Tick:
    """A value on the upright axis."""

    text: str
    y: float


@dataclass(frozen=True)
class Chart:
    """A chart of measures that share an axis."""

    title: str
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    first: int
    last: int


def charts(history: Sequence[dict[str, float]]) -> tuple[Chart, ...]:
    """Draws the losses, and the scores from 0 to 1, of a training.

    Args:
        history: Per epoch the key `epoch` and measures; those with 'loss' in their name are losses.
    """
    measures = list(dict.fromkeys(name for entry in history for name in entry if name != "epoch"))
    losses = [name for name in measures if "loss" in name]
    scores = [name for name in measures if name not in losses]
    drawn = (_chart("Loss: lower is better", losses, history), _chart("Score: higher is better", scores, history, 1.0))
    return tuple(chart for chart in drawn if chart)


def pretraining_charts(history: Sequence[dict[str, float]]) -> tuple[Chart, ...]:
    """Draws the loss with its parts, and the spread of the features.

    Args:
        history: Per some updates the key `step`, `spread`, and the others, which are losses.
    """
    parts = list(dict.fromkeys(name for entry in history for name in entry if name not in ("step", "spread")))
    if len(parts) == 2:
        parts = ["loss"]  # it has one part only
    drawn = (
        _chart("Loss and its parts: lower is better", parts, history, unit="step"),
        _chart("Spread of the features: near 0 they are all the same", ["spread"], history, 1.0, "step"),
    )
    return tuple(chart for chart in drawn if chart)


def _chart(
    title: str, names: Sequence[str], history: Sequence[dict[str, float]], top: float = 0.0, unit: str = "epoch"
) -> Chart | None:
    epochs = [int(entry.get(unit, i + 1)) for i, entry in enumerate(history)]
    series = {name: _known(name, epochs, history) for name in names}
    series = {name: points for name, points in series.items() if points}
    if not series:
        return None
    highest = max(top, *(value for points in series.values() for _, value in points)) or 1.0
    first, last = min(epochs), max(epochs)

    def place(epoch: int, value: float) -> tuple[float, float]:
        across = (epoch - first) / (last - first) if last > first else 0.5
        x, y = _LEFT + across * (_RIGHT - _LEFT), _BOTTOM - min(max(value / highest, 0), 1) * (_BOTTOM - _TOP)
        return round(x, 1), round(y, 1)

    lines = []
    for name, points in series.items():
        placed = [place(*point) for point in points]
        text = " ".join(f"{x},{y}" for x, y in placed)
        lines.append(Line(name.replace("_", " "), text, *placed[-1], single=len(placed) == 1))
    ticks = tuple(Tick(f"{share * highest:.2g}", place(first, share * highest)[1]) for share in (0, 0.25, 0.5, 0.75, 1))
    return Chart(title, tuple(lines), ticks, first, last)


def _known(name: str, epochs: Sequence[int], history: Sequence[dict[str, float]]) -> list[tuple[int, float]]:
    pairs = zip(epochs, history, strict=True)
    return [(epoch, entry[name]) for epoch, entry in pairs if name in entry and math.isfinite(entry[name])]
