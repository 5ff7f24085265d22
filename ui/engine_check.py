"""Asks the engine, in the background, what the machine can compute with."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Optional

from qgis.core import QgsTask
from qgis.PyQt.QtCore import pyqtSignal

from ..algorithms.text import tr
from ..core.errors import Cancelled, LandSketchError
from ..core.specs import InspectSpec

Report = Dict[str, Any]


class EngineCheck(QgsTask):
    """Inspects the machine; `checked` tells the page in its own thread how it ended."""

    checked = pyqtSignal(object, str)
    """The engine's report, or None and a sentence about what went wrong; empty where the user cancelled."""

    def __init__(self) -> None:
        super().__init__(tr("LandSketch: check devices"), QgsTask.Flag.CanCancel)
        self._report: Optional[Report] = None
        self._error = ""

    def run(self) -> bool:
        """Does the work; QGIS calls this in a background thread."""
        try:
            self._report = inspect(self.isCanceled)
        except Cancelled:
            pass
        except LandSketchError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001 - QGIS would drop it, and the page would wait for ever
            self._error = tr("The check failed: {error}.").format(error=error)
        return self._report is not None

    def finished(self, succeeded: bool) -> None:
        """Tells how it ended; QGIS calls this in the main thread."""
        self.checked.emit(self._report, self._error)


def inspect(cancelled: Callable[[], bool]) -> Report:
    """Returns the engine's report on the machine, with the size of its environment.

    Raises:
        Cancelled: If it was stopped.
        LandSketchError: If the engine is missing or does not start.
    """
    # Only a check needs the engine's client: the page itself opens without it.
    from ..bridge import client, environment

    # A process of its own: a map that is being made need not be waited for, and no GPU stays taken afterwards.
    engine = client.Engine()
    try:
        report = engine.run(InspectSpec(), _Feedback(cancelled))
    finally:
        engine.close()
    python = environment.find_python()
    # The size of an environment that the user named is the user's business.
    if python and python.startswith(environment.root()):
        report["bytes"] = folder_size(os.path.dirname(os.path.dirname(python)), cancelled)
    return report


def folder_size(folder: str, cancelled: Callable[[], bool]) -> int:
    """Returns the bytes of all files in a folder.

    Raises:
        Cancelled: If it was stopped.
    """
    total = 0
    for parent, _, names in os.walk(folder):
        if cancelled():
            raise Cancelled()
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except OSError:  # gone meanwhile
                continue
    return total


class _Feedback:
    """The bridge's `Feedback`: only cancelling matters here."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self.is_cancelled = cancelled

    def progress(self, fraction: float, message: str, seconds_left: Optional[float]) -> None:
        """A check is too short for a bar that moves."""

    def log(self, message: str, level: str) -> None:
        """The report says it all."""

    def metric(self, values: Dict[str, float]) -> None:
        """Nothing is measured."""

    def artifact(self, path: str, kind: str) -> None:
        """No file is written."""
