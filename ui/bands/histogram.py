"""Values of a band, as they are stored and as they are read, over what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional, Tuple

import numpy as np
from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPaintEvent, QPen, QTextOption
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

from ...algorithms.text import Number, tr

BINS = 96
_CUT = (0.2, 99.8)
"""Percentiles at which the axis ends, so that single pixels do not squeeze the rest."""

UNUSUAL = "#e08214"
"""Bars outside of what is usual; seen on light and on dark ground."""


@dataclass(frozen=True, eq=False)
class Strip:
    """A histogram.

    Attributes:
        title: What is counted.
        counts: Of each bin.
        ends: Of the axis.
        usual: Between which values it is shaded; None: nowhere.
    """

    title: str
    counts: np.ndarray
    ends: Tuple[float, float]
    usual: Optional[Tuple[float, float]] = None


def strip(
    title: str, values: np.ndarray, ends: Tuple[float, float], usual: Optional[Tuple[float, float]] = None
) -> Strip:
    """Returns the histogram of values."""
    return Strip(title, np.histogram(values, BINS, ends)[0], ends, usual)


def ends_of(values: np.ndarray, *more: float) -> Tuple[float, float]:
    """Returns the ends of an axis that shows values and some marks."""
    low, high = np.percentile(values, _CUT) if values.size else (0.0, 1.0)
    low, high = min(float(low), *more, float(high)), max(float(high), *more, float(low))
    room = 0.03 * (high - low) or 0.5
    return low - room, high + room


class Histogram(QLabel):
    """Draws strips below each other, in the colours that QGIS' theme gives to labels.

    Args:
        parent: The dialog.
    """

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._strips: Tuple[Strip, ...] = ()
        self._message = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Histogram of the band"))

    def show_strips(self, strips: Tuple[Strip, ...]) -> None:
        """Shows histograms."""
        self._strips, self._message = strips, ""
        self.update()

    def show_message(self, text: str) -> None:
        """Shows a sentence in place of histograms."""
        self._strips, self._message = (), text
        self.update()

    def strips(self) -> Tuple[Strip, ...]:
        """Returns what is shown."""
        return self._strips

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        line = self.fontMetrics().height()
        return QSize(36 * line, 16 * line)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        line = self.fontMetrics().height()
        return QSize(16 * line, 10 * line)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if not self._strips:
            _write(painter, QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self._message)
        height = self.height() / max(len(self._strips), 1)
        for place, one in enumerate(self._strips):
            self._draw(painter, one, QRectF(0, place * height, self.width(), height))
        painter.end()

    def _draw(self, painter: QPainter, one: Strip, place: QRectF) -> None:
        line = self.fontMetrics().height()
        plot = place.adjusted(0.5 * line, 1.3 * line, -0.5 * line, -1.5 * line)
        text = self.palette().windowText().color()
        painter.setPen(text)
        title = self.fontMetrics().elidedText(one.title, Qt.TextElideMode.ElideRight, int(plot.width()))
        heading = QRectF(plot.left(), place.top(), plot.width(), 1.2 * line)
        _write(painter, heading, Qt.AlignmentFlag.AlignLeft, title)
        self._shade(painter, one, plot)
        self._bars(painter, one, plot)
        painter.setPen(QPen(_faint(text, 120), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.setPen(text)
        for value in nice_marks(one.ends):
            x = _x(value, one, plot)
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 0.2 * line))
            box = QRectF(x - 5 * line, plot.bottom() + 0.2 * line, 10 * line, 1.2 * line)
            _write(painter, box, Qt.AlignmentFlag.AlignHCenter, f"{Number(value):g}")

    def _shade(self, painter: QPainter, one: Strip, plot: QRectF) -> None:
        if one.usual is None:
            return
        left, right = _x(one.usual[0], one, plot), _x(one.usual[1], one, plot)
        colour = self.palette().windowText().color()
        painter.fillRect(QRectF(left, plot.top(), right - left, plot.height()), _faint(colour, 30))
        painter.setPen(QPen(_faint(colour, 180), 1, Qt.PenStyle.DashLine))
        for x in (left, right):
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))

    def _bars(self, painter: QPainter, one: Strip, plot: QRectF) -> None:
        most = max(float(one.counts.max()), 1.0)
        # Whole pixels, else seams are seen between the bars.
        edges = np.round(np.linspace(plot.left(), plot.right(), len(one.counts) + 1))
        plain = _faint(self.palette().windowText().color(), 150)
        step = (one.ends[1] - one.ends[0]) / len(one.counts)
        for place, count in enumerate(one.counts):
            middle = one.ends[0] + (place + 0.5) * step
            usual = one.usual is None or one.usual[0] <= middle <= one.usual[1]
            # The root keeps the tails in sight beside the peak.
            height = plot.height() * (float(count) / most) ** 0.5
            bar = QRectF(edges[place], plot.bottom() - height, edges[place + 1] - edges[place], height)
            painter.fillRect(bar, plain if usual else QColor(UNUSUAL))


def nice_marks(ends: Tuple[float, float], wanted: int = 6) -> List[float]:
    """Returns about so many round numbers between two ends."""
    span = ends[1] - ends[0]
    power = 10.0 ** np.floor(np.log10(span / wanted))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= wanted)
    first = np.ceil(ends[0] / step)
    return [float(round((first + i) * step, 10)) for i in range(int((ends[1] - first * step) / step) + 1)]


def _x(value: float, one: Strip, plot: QRectF) -> float:
    return float(plot.left() + plot.width() * (value - one.ends[0]) / (one.ends[1] - one.ends[0]))


def _write(painter: QPainter, place: QRectF, alignment: Any, text: str) -> None:
    """Writes text; by an option, since Qt 5 wants alignments as numbers elsewhere, and Qt 6 as flags."""
    painter.drawText(place, text, QTextOption(alignment))


def _faint(colour: QColor, alpha: int) -> QColor:
    result = QColor(colour)
    result.setAlpha(alpha)
    return result
