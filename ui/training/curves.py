"""Curves of measures over epochs or updates, drawn in the colours of the theme."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QToolTip, QWidget

from ...algorithms.text import Number

Point = Tuple[float, float]

_TICKS = 4
_FAINT, _QUIET = 40, 150
"""Opacity of grid lines and of words beside the curves, of 255."""


@dataclass(frozen=True)
class Line:
    """A curve: its name, its points in the order of x, and how it looks."""

    name: str
    points: Tuple[Point, ...]
    colour: QColor
    dashed: bool = False


class CurveChart(QLabel):
    """A chart of some curves; the mouse shows their values. It is a label, since themes give labels a readable colour.

    Args:
        title: Above the curves.
        parent: The window.
        top: The axis reaches at least this far up.
    """

    def __init__(self, title: str, parent: QWidget, top: float = 0.0) -> None:
        super().__init__(parent)
        self._title, self._top = "", top
        self._lines: Tuple[Line, ...] = ()
        self._unit = ""
        self._at: Optional[float] = None
        self.setMouseTracking(True)
        self.set_title(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_title(self, title: str) -> None:
        """Says what is above the curves."""
        self._title = title
        self.setAccessibleName(title)
        self.update()

    def show_lines(self, lines: Sequence[Line], unit: str) -> None:
        """Shows curves.

        Args:
            lines: The curves.
            unit: What is counted along them, such as 'epoch'.
        """
        self._lines, self._unit = tuple(line for line in lines if line.points), unit
        self.setAccessibleDescription(self.words(math.inf))
        self.update()

    @property
    def lines(self) -> Tuple[Line, ...]:
        """The curves that are shown."""
        return self._lines

    def words(self, x: float) -> str:
        """Returns the values of all curves at a place along them, one per line."""
        if not self._lines:
            return ""
        nearest = [min(line.points, key=lambda point: abs(point[0] - min(x, 1e300))) for line in self._lines]
        there = max(point[0] for point in nearest)
        values = [f"{line.name}: {Number(point[1]):.4g}" for line, point in zip(self._lines, nearest)]
        return "\n".join([f"{self._unit} {there:.0f}", *values])

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Roomy enough to read."""
        line = self.fontMetrics().height()
        return QSize(26 * line, 12 * line)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Small, but not unreadable."""
        line = self.fontMetrics().height()
        return QSize(14 * line, 8 * line)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Shows the values under the mouse."""
        area, (first, last) = self._area(), self._across()
        place = event.pos()
        self._at = None
        if self._lines and area.contains(QPointF(place)):
            x = first + (place.x() - area.left()) / max(area.width(), 1.0) * (last - first)
            known = [point[0] for line in self._lines for point in line.points]
            self._at = min(known, key=lambda one: abs(one - x))
            QToolTip.showText(self.mapToGlobal(place), self.words(self._at), self)
        self.update()

    def leaveEvent(self, event: object) -> None:  # noqa: N802
        """The mouse is gone."""
        self._at = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draws the chart."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        self._draw_title(painter)
        area, ticks = self._area(), ticks_of(*self._up())
        for value in ticks:
            y = self._y(value, area)
            painter.setPen(self._ink(_FAINT))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(self._ink(_QUIET))
            box = QRectF(0, y - self._height(), area.left() - self._height() / 3, 2 * self._height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{Number(value):g}")
        self._draw_across(painter, area)
        painter.setClipRect(area.adjusted(-4, -4, 4, 4))
        for line in self._lines:
            self._draw_line(painter, area, line)

    def _draw_title(self, painter: QPainter) -> None:
        """The title, and beside or below it how the kinds of curves look."""
        painter.setPen(self._ink(255))
        height = self._height()
        painter.drawText(QPointF(height / 2, 1.2 * height), self._title)
        x, baseline = self._legend_left(), (1.2 if self._legend_fits() else 2.4) * height
        for name, dashed in self._kinds().items():
            painter.setPen(self._pen(self._ink(_QUIET), dashed))
            painter.drawLine(QPointF(x, baseline - height / 3), QPointF(x + 1.6 * height, baseline - height / 3))
            painter.setPen(self._ink(_QUIET))
            painter.drawText(QPointF(x + 2 * height, baseline), name)
            x += 3 * height + self.fontMetrics().horizontalAdvance(name)

    def _kinds(self) -> Dict[str, bool]:
        """Returns what the curves measure, and whether it is drawn with dashes."""
        return {line.name.rpartition(": ")[2]: line.dashed for line in self._lines}

    def _title_width(self) -> float:
        return 2 * self._height() + self.fontMetrics().horizontalAdvance(self._title)

    def _legend_fits(self) -> bool:
        """Whether there is room for it beside the title."""
        needed = sum(3 * self._height() + self.fontMetrics().horizontalAdvance(name) for name in self._kinds())
        return self._title_width() + needed < self.width() + self._height()

    def _legend_left(self) -> float:
        return self._title_width() if self._legend_fits() else self._height() / 2

    def _draw_across(self, painter: QPainter, area: QRectF) -> None:
        first, last = self._across()
        painter.setPen(self._ink(_QUIET))
        below = QRectF(area.left(), area.bottom() + self._height() / 4, area.width(), self._height() * 1.2)
        if not self._lines:
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "–")
            return
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"{self._unit} {first:.0f}")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{last:.0f}")
        if self._at is not None:
            x = self._x(self._at, area)
            painter.setPen(self._ink(_QUIET))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _draw_line(self, painter: QPainter, area: QRectF, line: Line) -> None:
        places = [QPointF(self._x(x, area), self._y(y, area)) for x, y in line.points if math.isfinite(y)]
        painter.setPen(self._pen(line.colour, line.dashed))
        painter.drawPolyline(QPolygonF(places))
        if places and (len(places) == 1 or self._at is None):
            painter.setBrush(line.colour)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(places[-1], self._height() / 6, self._height() / 6)
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _pen(self, colour: QColor, dashed: bool) -> QPen:
        return QPen(colour, self._height() / 10, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)

    def _ink(self, opacity: int) -> QColor:
        colour = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        colour.setAlpha(opacity)
        return colour

    def _height(self) -> float:
        return float(self.fontMetrics().height())

    def _area(self) -> QRectF:
        """Where the curves are."""
        height = self._height()
        labels = max(self.fontMetrics().horizontalAdvance(f"{Number(value):g}") for value in ticks_of(*self._up()))
        left = labels + height
        top = (1.9 if self._legend_fits() else 3.1) * height
        return QRectF(left, top, max(self.width() - left - height, 1), max(self.height() - top - 1.7 * height, 1))

    def _across(self) -> Tuple[float, float]:
        places = [point[0] for line in self._lines for point in line.points]
        return (min(places), max(places)) if places else (0.0, 1.0)

    def _up(self) -> Tuple[float, float]:
        values = [point[1] for line in self._lines for point in line.points if math.isfinite(point[1])]
        low, high = min([0.0, *values]), max([self._top, *values])
        return low, high if high > low else low + 1.0

    def _x(self, x: float, area: QRectF) -> float:
        first, last = self._across()
        return area.left() + ((x - first) / (last - first) if last > first else 0.5) * area.width()

    def _y(self, y: float, area: QRectF) -> float:
        low, high = self._up()
        return area.bottom() - (y - low) / (high - low) * area.height()


def ticks_of(low: float, high: float) -> List[float]:
    """Returns round numbers from low to high, about `_TICKS` apart."""
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((power * factor for factor in (1, 2, 2.5, 5) if power * factor >= rough * 0.999), 10 * power)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    return [round((first + index) * step, 12) for index in range(max(count, 1))]
