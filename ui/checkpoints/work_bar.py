"""The line at the bottom: what has happened, how far a download or a copy is, and a button that stops it."""

from __future__ import annotations

import os
from typing import Optional, Union

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from ...algorithms.text import tr
from ..dock.step import button, row, text_label
from .work import Copy, Download


class WorkBar(QWidget):
    """Runs one download or copy at a time, and shows how it goes.

    Args:
        parent: The dialog.
    """

    changed = pyqtSignal()
    """Work has begun or ended."""

    made = pyqtSignal(str)
    """A file is finished."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._work: Optional[Union[Copy, Download]] = None
        self.message = text_label()
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Progress"))
        self.stop = button(tr("Ca&ncel"), self.cancel)
        self.stop.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row(self.message, self.bar, self.stop, stretch=0))
        self._show_busy()
        self.say("")

    @property
    def busy(self) -> bool:
        """Whether something runs."""
        return self._work is not None

    def say(self, text: str) -> None:
        """Shows what has happened; without words the line takes no room."""
        self.message.setText(text)
        self.setVisible(self.busy or bool(text))

    def begin(self, work: Union[Copy, Download]) -> None:
        """Starts a download or a copy."""
        self._work = work
        work.told.connect(self._tell)
        work.ended.connect(self._end)
        self.say("")
        self._show_busy()
        work.start()

    def cancel(self) -> None:
        """Stops what runs."""
        if self._work is not None:
            self._work.cancel()

    def _tell(self, share: float, text: str) -> None:
        if self._work is not None:
            self.bar.setValue(round(100 * share))
            self.say(text)

    def _end(self, path: str, error: str) -> None:
        self._work = None
        self._show_busy()
        if path:
            self.say(tr("'{name}' is there.").format(name=os.path.basename(path)))
            self.made.emit(path)
        else:
            self.say(error or tr("Cancelled."))

    def _show_busy(self) -> None:
        self.bar.setValue(0)
        self.bar.setVisible(self.busy)
        self.stop.setVisible(self.busy)
        self.changed.emit()
