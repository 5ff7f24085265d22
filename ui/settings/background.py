"""Work of the page that would block QGIS: runs in the background, and ends when the page is closed."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.core import QgsApplication, QgsTask
from qgis.PyQt import sip
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QWidget

from ...algorithms.compat import SILENT_TASK
from ...algorithms.text import tr
from ...core.errors import Cancelled, LandSketchError

Work = Callable[[Callable[[], bool]], Any]
"""Does something, given what tells whether it was cancelled; in another thread."""


class Background(QgsTask):
    """Does some work; `ended` tells the page in its own thread how that went.

    Args:
        title: As QGIS's task manager shows it.
        work: What is done.
        silent: Whether QGIS is to show nothing of it.
    """

    ended = pyqtSignal(object, str)
    """What the work has returned, or None and a sentence about what went wrong; empty where it was cancelled."""

    def __init__(self, title: str, work: Work, silent: bool = False) -> None:
        super().__init__(title, QgsTask.Flag.CanCancel | SILENT_TASK if silent else QgsTask.Flag.CanCancel)
        self._work = work
        self._result: Optional[Any] = None
        self._error = ""

    def begin(self, page: QWidget) -> None:
        """Starts it; who closes the page does not wait for the result any more."""
        page.destroyed.connect(lambda *gone: sip.isdeleted(self) or self.cancel())
        QgsApplication.taskManager().addTask(self)

    def run(self) -> bool:
        """Does the work; QGIS calls this in a background thread."""
        try:
            self._result = self._work(self.isCanceled)
        except Cancelled:
            pass
        except LandSketchError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001 - QGIS would drop it, and the page would wait for ever
            self._error = str(tr("This failed: {error}.").format(error=error))
        return self._result is not None

    def finished(self, succeeded: bool) -> None:
        """Tells how it ended; QGIS calls this in the main thread."""
        self.ended.emit(self._result, self._error)
