"""The part of step 4 that asks where labels would help most: step through places and answer each with a click."""

from __future__ import annotations

from typing import Any, List, Sequence, Tuple

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QPixmap
from qgis.PyQt.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QStyle, QVBoxLayout, QWidget

from ...algorithms.text import tr
from .class_styles import DrawnClass
from .places import Places
from .step import button, row, text_label, tight_gap

COUNT = 10
_COLUMNS = 2


class Suggestions(QWidget):
    """The controls of the suggested places.

    Args:
        places: The places.
    """

    wanted = pyqtSignal()
    """New places are wanted."""

    gone_to = pyqtSignal()
    """Another place is the current one."""

    answered = pyqtSignal(object)
    """The class's value, for the current place."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self._places = places
        self._shown: List[Tuple[Any, str, str]] = []
        self.suggest = button(
            tr("&Suggest {n} places").format(n=COUNT),
            self.wanted.emit,
            tr("Points where the sketch is least certain, spread over the map on screen: labels help most there."),
        )
        self.previous = button(tr("◀ Previo&us"), lambda: self._go(-1))
        self.next = button(tr("Ne&xt ▶"), lambda: self._go(1))
        self.text = text_label()
        self._classes = QWidget()
        self._grid = QGridLayout(self._classes)
        self._grid.setContentsMargins(0, 0, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(tight_gap(self))
        self._grid.setSpacing(tight_gap(self))
        layout.addLayout(row(self.suggest, self.previous, self.next, stretch=0))
        layout.addWidget(self.text)
        layout.addWidget(self._classes)
        self.refresh()

    def show_classes(self, classes: Sequence[DrawnClass]) -> None:
        """Makes a button for each class."""
        shown = [(entry.value, entry.name, entry.colour) for entry in classes]
        if shown == self._shown:
            return
        self._shown = shown
        while self._grid.count():
            self._grid.takeAt(0).widget().deleteLater()
        for place, (value, name, colour) in enumerate(shown):
            choice = QPushButton(self._icon(colour), name.replace("&", "&&"))
            choice.setToolTip(name)
            choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a long name widens no dock
            choice.clicked.connect(lambda checked=False, chosen=value: self.answered.emit(chosen))
            self._grid.addWidget(choice, place // _COLUMNS, place % _COLUMNS)

    def buttons(self) -> Sequence[QPushButton]:
        """Returns the buttons of the classes, in order."""
        return [self._grid.itemAt(place).widget() for place in range(self._grid.count())]

    def refresh(self) -> None:
        """Shows the current place."""
        count = self._places.count
        feature = self._places.feature()
        for widget in (self.previous, self.next, self.text, self._classes):
            widget.setVisible(bool(count))
        if feature is not None:
            self.text.setText(
                tr("Place {i} of {n}. The sketch says '{name}', in doubt. What is it?").format(
                    i=self._places.current + 1, n=count, name=feature["class"]
                )
            )

    def _go(self, by: int) -> None:
        self._places.step(by)
        self.refresh()
        self.gone_to.emit()

    def _icon(self, colour: str) -> QIcon:
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize, None, self)
        pixmap = QPixmap(side, side)
        pixmap.fill(QColor(colour))
        return QIcon(pixmap)
