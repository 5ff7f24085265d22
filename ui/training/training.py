"""The menu entry of the training view, and the offer to watch a training that starts."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QPushButton

from ...algorithms.compat import QAction
from ...algorithms.text import tr
from ...bridge.runs import STARTED, LiveRun
from .following import Following
from .window import OpenDialog, TrainingWindow

_OFFER_SECONDS = 10


class Training(QObject):
    """The training view in QGIS's window.

    Args:
        iface: QGIS's window interface.
        icon: Of the menu entry.
        open_dialog: Opens the dialog of an algorithm with some parameters filled in.
    """

    def __init__(self, iface: Any, icon: QIcon, open_dialog: OpenDialog) -> None:
        super().__init__(iface.mainWindow())
        self._iface, self._open_dialog = iface, open_dialog
        self._window: Optional[TrainingWindow] = None
        self.following = Following(self)
        self.following.told.connect(self._offer)
        self.action = QAction(icon, tr("Training runs…"), iface.mainWindow())
        self.action.setObjectName("LandSketch_training")
        self.action.setToolTip(tr("Watches trainings, ends them, and compares them with those before."))
        self.action.triggered.connect(lambda checked=False: self.show())

    def show(self, live: Optional[LiveRun] = None) -> TrainingWindow:
        """Shows the window, which is made when it is first wanted; with a run selected, if there is one to watch."""
        if self._window is None:
            self._window = TrainingWindow(self._iface.mainWindow(), self.following, self._open_dialog)
        elif not self._window.isVisible():
            self._window.read()  # others, such as qgis_process, add runs too
        if live is not None:
            self._window.runs.select(live.run.id)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        return self._window

    def remove(self) -> None:
        """Takes it out of QGIS's window, for good."""
        self.following.stop()
        if self._window is not None:
            self._window.close()
            self._window.deleteLater()
            self._window = None
        self.deleteLater()

    def _offer(self, live: LiveRun, what: str) -> None:
        """Offers to watch a training that has started, unless it is watched, or keeps QGIS's window busy itself."""
        watched = self._window is not None and self._window.isVisible()
        if what != STARTED or watched or not live.in_background:
            return
        bar = self._iface.messageBar()
        message = bar.createMessage(tr("LandSketch"), tr("'{title}' has started.").format(title=live.run.call.title))
        watch = QPushButton(tr("&Watch"))
        watch.clicked.connect(lambda checked=False: (self.show(live), bar.popWidget(message)))
        message.layout().addWidget(watch)
        message.setDuration(_OFFER_SECONDS)
        bar.pushItem(message)
