"""Waiting for what QGIS does in its event loop."""

import time

from landsketch.ui.work import Work
from qgis.core import QgsApplication


def waiting(seconds):
    """Returns a function that lets QGIS' event loop run until something is so, so long by default."""

    def wait(condition, seconds=seconds, pause=0.005):
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "it did not happen"
            QgsApplication.processEvents()
            time.sleep(pause)

    return wait


def idle():
    """Returns whether nothing runs in the background: neither work of a window, nor a task in QGIS's own list."""
    return not Work.running and QgsApplication.taskManager().countActiveTasks() == 0
