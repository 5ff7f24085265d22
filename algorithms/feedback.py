"""Shows a job's events in Processing's dialog, log, model designer and command line."""

from __future__ import annotations

import time
from typing import Any, Mapping, Optional

from qgis.core import QgsProcessingFeedback

from .text import tr

_SECONDS_BETWEEN_ESTIMATES = 10.0


class ProcessingFeedback:
    """The bridge's `Feedback` on top of Processing's.

    Args:
        feedback: What Processing handed to the algorithm.
    """

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        self._feedback = feedback
        self._message = ""
        self._estimated = -_SECONDS_BETWEEN_ESTIMATES

    def is_cancelled(self) -> bool:
        """Whether the user pressed Cancel."""
        return bool(self._feedback.isCanceled())

    def progress(self, fraction: float, message: str = "", seconds_left: Optional[float] = None) -> None:
        """Moves the bar; the text changes with the stage, and now and then while much time is left.

        Processing's dialog writes every text into its log too, so it is not changed with each tile.
        """
        self._feedback.setProgress(100.0 * min(max(fraction, 0.0), 1.0))
        message = message or self._message
        text = self._with_time(message, seconds_left)
        if message == self._message and text == message:
            return
        self._message = message
        self._feedback.setProgressText(text)

    def log(self, message: str, level: str = "info") -> None:
        """Writes a sentence into the log; warnings stand out."""
        if level == "info":
            self._message = message  # a stage is logged when it begins, and is not to appear twice
            self._feedback.pushInfo(message)
        else:
            self._feedback.pushWarning(message)

    def _with_time(self, message: str, seconds_left: Optional[float]) -> str:
        """Returns the message, with the time left where that is long and was not told lately."""
        now = time.monotonic()
        if seconds_left is None or min(seconds_left, now - self._estimated) < _SECONDS_BETWEEN_ESTIMATES:
            return message
        self._estimated = now
        return tr("{message} ({time} left)").format(message=message, time=duration(seconds_left))

    def metric(self, values: Mapping[str, Any]) -> None:
        """Writes measured values into the log, on one line."""
        self._feedback.pushInfo("  ".join(f"{name} {_number(value)}" for name, value in values.items()))

    def artifact(self, path: str, kind: str) -> None:
        """Names a finished file."""
        self._feedback.pushInfo(tr("Written: {path}").format(path=path))


def duration(seconds: float) -> str:
    """Returns a time as people say it: '40 s', '3 min', '2 h 10 min'."""
    if seconds < 60:
        return tr("{n} s").format(n=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return tr("{n} min").format(n=minutes)
    return tr("{h} h {m} min").format(h=minutes // 60, m=minutes % 60)


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
