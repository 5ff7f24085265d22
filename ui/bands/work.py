"""Work that is over in a moment, in a thread of its own."""

from __future__ import annotations

import threading
from typing import ClassVar, Set

from qgis.PyQt.QtCore import QObject, pyqtSignal


class Work(QObject):
    """Runs `run` in the background and then calls `finished` in the main thread, as a `QgsTask` does.

    QGIS's task manager may lose a task that follows at once upon another one: it takes the runnable of the first out
    of its queue by its address, where the second one's may lie by then, and the second waits for ever.
    """

    _done = pyqtSignal(bool)
    _running: ClassVar[Set[Work]] = set()
    """What is in the background lives until it is back: it must be deleted in the main thread."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted = True
        self._done.connect(self._end)

    def start(self) -> None:
        """Begins."""
        Work._running.add(self)
        threading.Thread(target=self._work, daemon=True).start()

    def cancel(self) -> None:
        """Drops what will come of it; `finished` is not called then."""
        self._wanted = False

    def run(self) -> bool:
        """Does the work, in the background; returns whether it succeeded."""
        raise NotImplementedError

    def finished(self, succeeded: bool) -> None:
        """Takes how it ended, in the main thread."""
        raise NotImplementedError

    def _work(self) -> None:
        self._done.emit(self.run())

    def _end(self, succeeded: bool) -> None:
        Work._running.discard(self)
        if self._wanted:
            self.finished(succeeded)
