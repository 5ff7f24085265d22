"""F1 of each class as bars, of one run or of several beside each other."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from qgis.PyQt.QtCore import QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPaintEvent, QPalette
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

from ...algorithms.text import Number

Bars = Tuple[Dict[str, float], QColor]
"""F1 by class, and the colour of the run."""

_NAMES, _VALUES = 0.32, 3.0
"""Share of the width for names; width of the numbers in heights of a line."""


class ClassBars(QLabel):
    """One row per class; in it one bar per run.

    Args:
        parent: The window.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._bars: Tuple[Bars, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def show_bars(self, bars: Sequence[Bars]) -> None:
        """Shows the F1 of classes; runs without any are left out."""
        self._bars = tuple(bar for bar in bars if bar[0])
        self.setAccessibleDescription(
            "; ".join(f"{name} {Number(value):.2f}" for values, _ in self._bars for name, value in values.items())
        )
        self.updateGeometry()
        self.update()

    @property
    def names(self) -> List[str]:
        """The classes that are shown."""
        return list(dict.fromkeys(name for values, _ in self._bars for name in values))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """High enough for all classes."""
        line = self.fontMetrics().height()
        return QSize(18 * line, round(len(self.names) * self._row()) + line)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The bars may be narrower, not lower."""
        return QSize(10 * self.fontMetrics().height(), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draws the bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        left, right = self.width() * _NAMES, self.width() - _VALUES * line
        for place, name in enumerate(self.names):
            top = line / 2 + place * self._row()
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(left - line))
            box = QRectF(line / 2, top, left - line, self._row())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shown)
            for index, (values, colour) in enumerate(self._bars):
                bar = QRectF(left, top + (index + 0.15) * line, right - left, 0.7 * line)
                self._draw(painter, bar, values.get(name), colour)

    def _draw(self, painter: QPainter, room: QRectF, value: object, colour: QColor) -> None:
        """A bar in its room, and its value behind it."""
        groove = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        groove.setAlpha(24)
        painter.fillRect(room, groove)
        if not isinstance(value, (int, float)):
            return
        painter.fillRect(
            QRectF(room.left(), room.top(), room.width() * min(max(value, 0.0), 1.0), room.height()), colour
        )
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        line = self.fontMetrics().height()
        text = QRectF(room.right() + line / 3, room.center().y() - line, _VALUES * line, 2 * line)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{Number(value):.2f}")

    def _row(self) -> float:
        """Height of a class."""
        return self.fontMetrics().height() * (max(len(self._bars), 1) + 0.3)
