"""Waiting for what QGIS does in its event loop."""

import time

from qgis.core import QgsApplication


def waiting(seconds):
    """Returns a function that lets QGIS' event loop run until something is so, so long by default."""

    def wait(condition, seconds=seconds):
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "it did not happen"
            QgsApplication.processEvents()
            time.sleep(0.005)

    return wait
