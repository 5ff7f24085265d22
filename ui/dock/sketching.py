"""Keeps the map on screen up to date with the labels: waits for a pause, and runs only the newest request."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...core.errors import LandSketchError
from .sketch_task import Request, Sketched, SketchTask, Wish

PAUSE_MS = 300
"""Somebody who draws or pans makes many changes at once."""


class Sketcher(QObject):
    """Runs sketches in the background, one at a time.

    Args:
        compose: Returns what is to be sketched now, or raises a `LandSketchError` that says what is missing.
        parent: Its owner.
    """

    started = pyqtSignal()
    told = pyqtSignal(float, str)
    """How much is done (0 to 1), and what is being done."""

    sketched = pyqtSignal(object)
    """A `Sketched`."""

    failed = pyqtSignal(str)
    """What went wrong in the engine."""

    missing = pyqtSignal(str)
    """What is missing before anything can be sketched."""

    stopped = pyqtSignal()
    """Nothing runs any more, and nothing waits."""

    def __init__(self, compose: Callable[[], Request], parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.live = False
        self._compose = compose
        self._task: Optional[SketchTask] = None
        self._next: Optional[Wish] = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether a sketch runs or waits."""
        return self._task is not None or self._next is not None

    def set_live(self, live: bool) -> None:
        """Starts following the changes, or stops."""
        self.live = live
        if live:
            self.touch()
        else:
            self.stop()

    def touch(self) -> None:
        """Something has changed: what runs is out of date, and a new sketch begins after a pause."""
        if not self.live:
            return
        self._next = self._wish()
        if self._task is not None:
            self._task.cancel()
        self._pause.start()

    def ask(self, wish: Wish) -> None:
        """Sketches at once, live or not, and gives more than the preview."""
        self._next = wish
        self._pause.stop()
        if self._task is not None:
            self._task.cancel()
        else:
            self._begin()

    def stop(self) -> None:
        """Cancels what runs and forgets what waits."""
        self._pause.stop()
        self._next = None
        if self._task is not None:
            self._task.cancel()
        else:
            self.stopped.emit()

    def _wish(self) -> Wish:
        """Returns what the sketch to come has to give: what was asked for must not be lost by an edit meanwhile."""
        waiting = self._next or (self._task.wish if self._task is not None else None)
        return waiting or Wish()

    def _begin(self) -> None:
        """Starts the newest request; while an old one is ending, that waits for its end."""
        if self._task is not None or self._next is None:
            return
        wish, self._next = self._next, None
        try:
            request = self._compose()
        except LandSketchError as error:
            self.missing.emit(str(error))
            self.stopped.emit()
            return
        self._task = task = SketchTask(request, wish)
        task.told.connect(self.told)
        task.ended.connect(self._end)
        self.started.emit()
        task.start()

    def _end(self, sketched: Optional[Sketched], error: str) -> None:
        self._task = None
        if sketched is not None:
            self.sketched.emit(sketched)
        elif error:
            self.failed.emit(error)
        if self._next is None:
            self.stopped.emit()
        elif not self._pause.isActive():
            self._begin()
