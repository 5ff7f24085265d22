"""Brings what happens to runs, in whatever thread, and what the history holds, into the main thread."""

from __future__ import annotations

from typing import List, Optional

from qgis.core import QgsTask
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...algorithms.compat import SILENT_TASK
from ...algorithms.text import tr
from ...bridge import history, runs
from ...bridge.history import Run
from ...bridge.runs import LiveRun


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


class ReadHistory(QgsTask):
    """Reads the history in the background; `read` hands it over in the main thread."""

    read = pyqtSignal(object)
    """The runs, the latest first."""

    def __init__(self) -> None:
        super().__init__(tr("LandSketch: read the history of runs"), SILENT_TASK)
        self._where = history.folder()
        self._runs: List[Run] = []

    def run(self) -> bool:
        """Does the work; QGIS calls this in a background thread."""
        self._runs = history.read_runs(self._where)
        return True

    def finished(self, succeeded: bool) -> None:
        """Hands it over; QGIS calls this in the main thread."""
        self.read.emit(self._runs)
