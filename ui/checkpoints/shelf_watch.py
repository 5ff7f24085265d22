"""Keeps the list up to date: reads in the background when the folder, the project or the user asks for it."""

from __future__ import annotations

import os
from typing import Any, Optional

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QFileSystemWatcher, QObject, QTimer, pyqtSignal

from . import store
from .reading import Reading, Shelf

_PAUSE_MS = 200
"""A file that is written changes its folder more than once."""


class ShelfWatch(QObject):
    """Reads the checkpoints, one reading at a time.

    Args:
        parent: Its owner.
    """

    read = pyqtSignal(object)
    """A new `Shelf`."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._on = False
        self._reading: Optional[Reading] = None
        self._again = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.refresh)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._touch)
        for changed in (QgsProject.instance().layersAdded, QgsProject.instance().layersRemoved):
            changed.connect(self._touch)

    @property
    def busy(self) -> bool:
        """Whether a reading runs."""
        return self._reading is not None

    def follow(self, on: bool) -> None:
        """Starts following what changes, or stops; nobody sees it while the dialog is closed."""
        self._on = on
        if on:
            self.refresh()

    def refresh(self) -> None:
        """Reads everything again."""
        if self._reading is not None:
            self._again = True
            return
        self._watch_folder()
        self._reading = reading = Reading()
        reading.read.connect(self._take)
        reading.start()

    def end(self) -> None:
        """Stops for good."""
        for changed in (QgsProject.instance().layersAdded, QgsProject.instance().layersRemoved):
            changed.disconnect(self._touch)
        self._on = self._again = False
        self._pause.stop()
        if self._reading is not None:
            self._reading.cancel()

    def _touch(self, *what: Any) -> None:
        if self._on:
            self._pause.start()

    def _take(self, shelf: Optional[Shelf]) -> None:
        self._reading = None
        if shelf is not None:
            self.read.emit(shelf)
        if self._again:
            self._again = False
            self.refresh()

    def _watch_folder(self) -> None:
        folder = store.folder()
        watched = self._watcher.directories()
        if watched and watched != [folder]:
            self._watcher.removePaths(watched)
        if os.path.isdir(folder) and folder not in self._watcher.directories():
            self._watcher.addPath(folder)
