"""The button that brings in checkpoints: published ones, and those of LandSketch from elsewhere."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from ...algorithms.checks import card_filter
from ...algorithms.text import tr
from . import store


class ImportMenu(QPushButton):
    """The button with its menu.

    Args:
        parent: The dialog.
    """

    published = pyqtSignal()
    """A published encoder is to be imported."""

    copied = pyqtSignal(str)
    """A file is to be copied into the folder."""

    listed = pyqtSignal(str)
    """A file is to be listed where it is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("&Import"), parent)
        self.setAutoDefault(False)
        menu = QMenu(self)
        for text, chosen in (
            (tr("&Published encoder…"), self.published.emit),
            (tr("&Copy a LandSketch checkpoint into the folder…"), lambda: self._pick(self.copied)),
            (tr("&List a LandSketch checkpoint where it is…"), lambda: self._pick(self.listed)),
        ):
            menu.addAction(text).triggered.connect(lambda checked=False, act=chosen: act())
        self.setMenu(menu)

    def _pick(self, chosen: Any) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window(), tr("Choose a checkpoint"), store.folder(), card_filter())
        if path:
            chosen.emit(path)
