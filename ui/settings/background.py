"""What would block QGIS if the page did it: runs in the background, and ends when the page is closed."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QWidget

from ...algorithms.text import tr
from ...core.errors import Cancelled, LandSketchError
from ..work import Work

Job = Callable[[Callable[[], bool]], Any]
"""Does something, given what tells whether it was cancelled; in another thread."""


class Background(Work):
    """Does some work; `ended` tells the page in its own thread how that went.

    Args:
        job: What is done.
    """

    ended = pyqtSignal(object, str)
    """What the work has returned, or None and a sentence about what went wrong; empty where it was cancelled."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job
        self._result: Optional[Any] = None
        self._error = ""

    def begin(self, page: QWidget) -> None:
        """Starts it; who closes the page does not wait for the result any more."""
        page.destroyed.connect(lambda *gone: self.cancel())
        self.start()

    def run(self) -> bool:
        """See `Work.run`."""
        try:
            self._result = self._job(self.isCanceled)
        except Cancelled:
            pass
        except LandSketchError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001 - nobody would hear of it, and the page would wait for ever
            self._error = str(tr("This failed: {error}.").format(error=error))
        return self._result is not None

    def finished(self, succeeded: bool) -> None:
        """See `Work.finished`."""
        self.ended.emit(self._result, self._error)
