"""The picture of held-out examples: images, what was drawn on them, and what the network makes of them."""

from __future__ import annotations

import os
from typing import Tuple

from qgis.PyQt.QtCore import QRectF, QSize, Qt
from qgis.PyQt.QtGui import QPainter, QPaintEvent, QPalette, QPixmap
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

from ...algorithms.text import tr


class Examples(QLabel):
    """The picture, whose three rows are named at its left.

    Args:
        parent: The window.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = QPixmap()
        self._state: Tuple[str, float] = ("", 0.0)
        self.setAccessibleName(tr("Examples: image, labels and prediction"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see."""
        return bool(self._picture.isNull())

    def show_file(self, path: str) -> None:
        """Shows a picture; one that is shown already is read again only if it has changed."""
        try:
            state = (path, os.stat(path).st_mtime)
        except OSError:
            state = ("", 0.0)
        if state != self._state:
            self._state = state
            self._picture = QPixmap(state[0]) if state[0] else QPixmap()
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Three rows that can be looked at."""
        line = self.fontMetrics().height()
        return QSize(24 * line, 14 * line)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Three small rows."""
        line = self.fontMetrics().height()
        return QSize(14 * line, 8 * line)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draws the picture as large as it fits."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        if self.is_empty:
            words = tr("Examples appear with the first epoch of a training.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)
            return
        captions = (tr("Image"), tr("Labels"), tr("Prediction"))
        line = self.fontMetrics().height()
        left = max(self.fontMetrics().horizontalAdvance(caption) for caption in captions) + line
        width, height = self._picture.width(), self._picture.height()
        scale = min((self.width() - left) / width, self.height() / height)
        target = QRectF(left, 0, width * scale, height * scale)
        painter.drawPixmap(target, self._picture, QRectF(self._picture.rect()))
        row = target.height() / len(captions)
        for place, caption in enumerate(captions):
            box = QRectF(0, place * row, left - line / 2, row)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, caption)
