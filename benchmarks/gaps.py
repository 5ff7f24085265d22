"""How long QGIS's main thread does not answer, and what it does meanwhile. Runs inside QGIS.

A timer wants to fire every 10 ms; how late it fires is how long a click would have waited. While it is late, a thread
of C looks at what Python runs in the main thread, which works even where that thread holds Python's lock.
"""

from __future__ import annotations

import faulthandler
import os
import re
import tempfile
import time
from dataclasses import asdict, dataclass
from typing import Dict, List, Tuple

from qgis.PyQt.QtCore import QObject, Qt, QTimer

TICK_MS = 10
LONG = 0.1
"""Seconds; a person feels what takes longer."""

_FRAME = re.compile(r'File "(?P<path>[^"]+)", line (?P<line>\d+) in (?P<name>.+)')
_OURS = re.compile(r".*/landsketch/((?!tests/|benchmarks/).*)")


@dataclass(frozen=True)
class Gap:
    """A time without an answer.

    Attributes:
        part: Of the session.
        seconds: How long.
        own: Seconds that the main thread itself computed; the rest it waited, or the machine had other work for the
            core.
        ours: Innermost function of LandSketch that ran, '' where none did.
        inside: Innermost function of Python that ran, '' where that was none: QGIS's own work.
    """

    part: str
    seconds: float
    own: float
    ours: str
    inside: str


class Gaps(QObject):
    """Measures from now on.

    Attributes:
        part: What is going on, for the report.
    """

    def __init__(self) -> None:
        super().__init__()
        self.part = "start"
        self._gaps: List[Gap] = []
        self._file = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as this object lives
        self._last, self._own = time.perf_counter(), time.thread_time()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)
        self._watch()

    def report(self) -> Dict[str, Dict[str, object]]:
        """Returns median, 95 %, and the longest gaps of each part, in seconds."""
        parts: Dict[str, List[Gap]] = {}
        for gap in self._gaps:
            parts.setdefault(gap.part, []).append(gap)
        return {part: _summary(gaps) for part, gaps in parts.items()}

    def end(self) -> None:
        """Stops measuring."""
        self._timer.stop()
        faulthandler.cancel_dump_traceback_later()

    def _tick(self) -> None:
        now, own = time.perf_counter(), time.thread_time()
        # What a click would have waited: the time beyond the one that the timer was asked to wait.
        late = now - self._last - TICK_MS / 1000
        ours, inside = self._seen() if late > LONG else ("", "")
        self._gaps.append(Gap(self.part, max(late, 0.0), own - self._own, ours, inside))
        self._last, self._own = time.perf_counter(), time.thread_time()
        self._watch()

    def _watch(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        faulthandler.dump_traceback_later(LONG, repeat=True, file=self._file)

    def _seen(self) -> Tuple[str, str]:
        """Returns what ran when the timer was late: innermost function of ours, and of all."""
        faulthandler.cancel_dump_traceback_later()
        with os.fdopen(os.dup(self._file.fileno()), "r") as file:
            file.seek(0)
            text = file.read()
        # Threads begin with a line 'Thread 0x... (most recent call first)'; the main one comes last.
        samples = [sample.split("Thread 0x")[-1] for sample in text.split("Timeout (")[1:]]
        for sample in samples:
            frames = [match for match in map(_FRAME.search, sample.splitlines()) if match]
            if frames:
                mine = next((frame for frame in frames if _OURS.match(frame["path"])), None)
                return (_named(mine) if mine else ""), _named(frames[0])
        return "", ""


def _named(frame: re.Match[str]) -> str:
    ours = _OURS.match(frame["path"])
    return f"{ours[1] if ours else os.path.basename(frame['path'])}:{frame['line']} {frame['name']}"


def _summary(gaps: List[Gap]) -> Dict[str, object]:
    ordered = sorted(gaps, key=lambda gap: gap.seconds)
    return {
        "ticks": len(ordered),
        "median": ordered[len(ordered) // 2].seconds,
        "most": ordered[int(0.95 * (len(ordered) - 1))].seconds,
        "longest": [asdict(gap) for gap in reversed(ordered[-6:])],
    }
