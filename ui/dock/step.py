"""A step of the dock: a box with a title, and a line that says whether it is done or what is missing."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from qgis.core import QgsApplication
from qgis.gui import QgsCollapsibleGroupBoxBasic
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStyle, QVBoxLayout, QWidget


class Step(QgsCollapsibleGroupBoxBasic):
    """A step.

    Attributes:
        done: Whether nothing is missing.

    Args:
        title: Number and name.
        parent: The dock's page.
    """

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.done = False
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.state = text_label()
        layout = QVBoxLayout(self)
        gap = tight_gap(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(row(self._icon, self.state))
        self.contents = layout

    def set_state(self, done: bool, text: str) -> None:
        """Shows whether the step is done, and what it has found or misses."""
        self.done = done
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize, None, self)
        icon = QgsApplication.getThemeIcon("/mIconSuccess.svg" if done else "/mIconInfo.svg")
        self._icon.setPixmap(icon.pixmap(side, side))
        self.state.setText(text)


def tight_gap(widget: QWidget) -> int:
    """Returns the space between the lines of the dock: four steps have to fit on a screen."""
    return max(2, int(widget.fontMetrics().height() // 4))


class _Wrapped(QLabel):
    """A label whose least height is that of a line.

    Qt takes what the text would need in its narrowest form, which makes a page that scrolls much too long. How high it
    really is follows from its width.
    """

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One line, of any width."""
        return QSize(0, self.fontMetrics().height())


def text_label(text: str = "") -> QLabel:
    """Returns a label that wraps and whose text can be selected; it never asks for more width than the dock has."""
    label = _Wrapped(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    label.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # else each line of text is a stop of the tab key
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def button(text: str, clicked: Callable[[], Any], tip: str = "") -> QPushButton:
    """Returns a button; an ampersand in its text marks the letter that reaches it by keyboard."""
    result = QPushButton(text)
    result.setToolTip(tip)
    result.clicked.connect(lambda checked=False: clicked())
    return result


def align(labels: Sequence[QLabel]) -> None:
    """Makes labels equally wide, so that what is beside them begins in a line."""
    width = max(label.sizeHint().width() for label in labels)
    for label in labels:
        label.setMinimumWidth(width)


def row(*widgets: QWidget, stretch: int = -1) -> QHBoxLayout:
    """Returns widgets side by side.

    Args:
        widgets: From the left to the right.
        stretch: Which one takes what is left of the width; -1: the last.
    """
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    layout.setStretch(stretch % len(widgets), 1)
    return layout
