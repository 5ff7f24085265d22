"""Work that a window of ours waits for, in a thread of its own."""

from __future__ import annotations

import atexit
import threading
import time
from typing import ClassVar, Set

from qgis.PyQt.QtCore import QObject, pyqtSignal

_TO_END = 3.0
"""Seconds that Python waits for what runs when QGIS is closed."""


class Work(QObject):
    """Runs `run` in the background and then calls `finished` in the main thread, as a `QgsTask` does.

    QGIS's task manager may lose a task that follows at once upon another one: it takes the runnable of the first out
    of its queue by its address, where the second one's may lie by then, and the second waits for ever. Its list of
    tasks is for what goes on without a window of ours; this here is shown, and cancelled, where it was begun.
    """

    _done = pyqtSignal(bool)
    running: ClassVar[Set[Work]] = set()
    """What is in the background lives until it is back: it must be deleted in the main thread."""

    def __init__(self) -> None:
        super().__init__()
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._done.connect(self._end)

    def start(self) -> None:
        """Begins."""
        Work.running.add(self)
        self._thread.start()

    def cancel(self) -> None:
        """Asks it to stop; `finished` is called all the same."""
        self._cancelled.set()

    def isCanceled(self) -> bool:  # noqa: N802 - the name by which QGIS's tasks and feedbacks are asked
        """Whether it is to stop."""
        return self._cancelled.is_set()

    def run(self) -> bool:
        """Does the work, in the background; returns whether it succeeded."""
        raise NotImplementedError

    def finished(self, succeeded: bool) -> None:
        """Takes how it ended, in the main thread."""
        raise NotImplementedError

    def _work(self) -> None:
        succeeded = False
        try:
            succeeded = self.run()
        finally:
            self._done.emit(succeeded)

    def _end(self, succeeded: bool) -> None:
        self._thread.join()  # the thread is past its work, but might be the last to hold this object
        Work.running.discard(self)
        self.finished(succeeded)

    def _join(self, seconds: float) -> None:
        self._thread.join(seconds)


def end_all() -> None:
    """Cancels what runs, and waits for it: no thread may be in the middle of QGIS's code when Python ends."""
    deadline = time.monotonic() + _TO_END
    for work in Work.running:
        work.cancel()
    for work in Work.running:
        work._join(max(deadline - time.monotonic(), 0.0))


atexit.register(end_all)
