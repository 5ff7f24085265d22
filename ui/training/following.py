"""Brings what happens to runs, in whatever thread, and what the history holds, into the main thread."""

from __future__ import annotations

from typing import List, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...bridge import history, runs
from ...bridge.history import Run
from ...bridge.runs import LiveRun
from ..work import Work


class Following(QObject):
    """Tells of training runs as they go on.

    Args:
        parent: Of the object.
    """

    told = pyqtSignal(object, str)
    """A `LiveRun`, and one of `runs.STARTED`, `TOLD`, `ENDED`."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._remove = runs.listen(self._take)

    def stop(self) -> None:
        """Tells no more."""
        self._remove()

    def _take(self, live: LiveRun, what: str) -> None:
        # Called in the job's thread; Qt hands signals to slots of the main thread there.
        self.told.emit(live, what)


class ReadHistory(Work):
    """Reads the history in the background; `read` hands it over in the main thread."""

    read = pyqtSignal(object)
    """The runs, the latest first."""

    def __init__(self) -> None:
        super().__init__()
        self._where = history.folder()
        self._runs: List[Run] = []

    def run(self) -> bool:
        """See `Work.run`."""
        self._runs = history.read_runs(self._where)
        return True

    def finished(self, succeeded: bool) -> None:
        """See `Work.finished`."""
        self.read.emit(self._runs)
