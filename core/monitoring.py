"""What a training tells while it runs: losses and held-out accuracy per epoch, and now and then a picture."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

from .metrics import Accuracy
from .progress import Reporter

_SECONDS_BETWEEN_PICTURES = 2.0
_SHARE_OF_PICTURES = 0.05
"""Of the time at most."""


class Monitor:
    """Tells how a training goes.

    Args:
        reporter: Takes metrics, progress and pictures; cancels or finishes the training.
        names: Of the classes, in the order of the network's outputs.
        draw: Returns a PNG that shows what the network makes of some examples; None: nothing is drawn.
    """

    def __init__(self, reporter: Reporter, names: tuple[str, ...], draw: Callable[[], bytes] | None = None) -> None:
        self.reporter = reporter
        self.names = names
        self._draw = draw if reporter.watched else None
        self._next = 0.0

    def epoch(self, measures: Mapping[str, float], f1: Mapping[str, float]) -> None:
        """Tells of an epoch: its number and measures, and the F1 of the classes on held-out labels."""
        self.reporter.metric({name: value for name, value in f1.items() if math.isfinite(value)}, **measures)
        if time.monotonic() >= self._next:
            self.show()

    def show(self) -> None:
        """Shows the examples as the network now sees them."""
        if self._draw is None:
            return
        started = time.monotonic()
        self.reporter.picture(self._draw())
        spent = time.monotonic() - started
        self._next = started + max(_SECONDS_BETWEEN_PICTURES, spent / _SHARE_OF_PICTURES)


def held_out_measures(accuracy: Accuracy) -> dict[str, float]:
    """Returns what is told of an accuracy on held-out labels after each epoch."""
    return {"held_out_macro_f1": accuracy.macro.f1, "held_out_oa": accuracy.oa}


def f1_of_classes(accuracy: Accuracy) -> dict[str, float]:
    """Returns the F1 of each class by its name; NaN where it is absent from labels and predictions."""
    return {entry.name: entry.f1 for entry in accuracy.classes}


def ended_by_hand(last: int, most: int, kept: int) -> str:
    """Returns what cards and reports say of a training that the user ended."""
    return f"by hand in epoch {last} of at most {most}; the weights of epoch {kept} are kept"
