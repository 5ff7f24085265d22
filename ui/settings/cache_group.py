"""The features that sketching keeps on disk, in the options: where, how many, how many at most, and no more of them."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QFormLayout, QGroupBox, QMessageBox, QSpinBox

from ...algorithms import preferences
from ...algorithms.clear_cache import ClearCache, clear_features, size_in_words
from ...algorithms.text import tr
from ...core.kept_features import features_folder
from .background import Background
from .parts import button, fill, row, text

_STEP_MB = 500


class CacheGroup(QGroupBox):
    """Kept features."""

    def __init__(self) -> None:
        super().__init__(tr("Features kept for sketches"))
        self._work: Optional[Background] = None
        self.folder = QgsFileWidget()
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.folder.setFilePath(preferences.cache_folder())
        self.folder.lineEdit().setPlaceholderText(features_folder())
        self.folder.lineEdit().setToolTip(tr("Empty: a folder of your own, shared by all projects."))
        self.folder.fileChanged.connect(lambda path: self.measure())
        self.most = QSpinBox()
        self.most.setRange(0, preferences.MOST_CACHE_MB)
        self.most.setSingleStep(_STEP_MB)
        self.most.setGroupSeparatorShown(True)
        self.most.setSuffix(" MB")
        self.most.setSpecialValueText(tr("Keep nothing"))
        self.most.setValue(preferences.cache_megabytes())
        self.most.setToolTip(tr("Above this, the features that were not used for longest are deleted."))
        self.kept = text()
        self.clear_button = button(tr("Clear…"), self.ask)
        form = QFormLayout()
        form.addRow(tr("Folder"), self.folder)
        form.addRow(tr("At most"), self.most)
        fill(self, form, row(self.clear_button, self.kept))
        self.kept.setWordWrap(False)
        self.measure()

    def apply(self) -> None:
        """Stores what was chosen; the next sketch keeps to it."""
        preferences.save_cache(str(self.folder.filePath()).strip(), self.most.value())

    def measure(self) -> None:
        """Finds out in the background how much there is."""
        self._start(only_measured=True)

    def ask(self) -> None:
        """Deletes all features if the user agrees."""
        question = QMessageBox(self.window())
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle(tr("Clear the features"))
        question.setText(tr("Delete the features that sketches have left?"))
        question.setInformativeText(
            tr("Nothing is lost but time: the next sketch of a place computes its features anew.")
        )
        clear = question.addButton(tr("Clear"), QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.exec()
        if question.clickedButton() is clear:
            self.clear()

    def clear(self) -> None:
        """Deletes all features, in the background."""
        self._start(only_measured=False)

    def _start(self, only_measured: bool) -> None:
        if self._work is not None:
            self._work.ended.disconnect(self._show)  # what it finds is out of date
            self._work.cancel()
        folder = str(self.folder.filePath()).strip()
        self._work = work = Background(lambda cancelled: clear_features(folder, only_measured, cancelled))
        work.ended.connect(self._show)
        self.clear_button.setEnabled(False)
        self.kept.setText(tr("Measuring …") if only_measured else tr("Clearing …"))
        work.begin(self)

    def _show(self, found: Optional[Dict[str, Any]], error: str) -> None:
        self._work = None
        if found is None:
            self.kept.setText(error)
            self.clear_button.setEnabled(True)
            return
        left = found[ClearCache.LEFT]
        self.clear_button.setEnabled(left > 0)
        self.kept.setText(
            tr("{size} are kept now.").format(size=size_in_words(left)) if left else tr("Nothing is kept now.")
        )
