"""Small widgets that the parts of the page share."""

from __future__ import annotations

from typing import Callable, Dict

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)


def text() -> QLabel:
    """Returns a label that wraps and whose text can be selected."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    label.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # else each line of text is a stop of the tab key
    return label


def button(title: str, action: Callable[[], None], tip: str = "") -> QPushButton:
    """Returns a button."""
    result = QPushButton(title)
    result.setToolTip(tip)
    result.clicked.connect(lambda checked=False: action())
    return result


def choices(titles: Dict[str, str], chosen: str) -> QComboBox:
    """Returns a list of values by their titles."""
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(20)  # in a narrow window, the titles are cut rather than the page
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    for value, title in titles.items():
        box.addItem(title, value)
    box.setCurrentIndex(box.findData(chosen))
    return box


def row(*widgets: QWidget) -> QHBoxLayout:
    """Returns widgets side by side, from the left."""
    result = QHBoxLayout()
    for widget in widgets:
        result.addWidget(widget)
    result.addStretch(1)
    return result


def fill(group: QWidget, *contents: object) -> None:
    """Puts widgets and layouts into a box, one below the other."""
    layout = QVBoxLayout(group)
    for content in contents:
        if isinstance(content, QWidget):
            layout.addWidget(content)
        else:
            layout.addLayout(content)


class Waiting(QWidget):
    """A bar that moves to and fro, and what is waited for: how long it takes is not known.

    Args:
        words: What is done meanwhile.
    """

    def __init__(self, words: str) -> None:
        super().__init__()
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setMaximumWidth(16 * self.fontMetrics().averageCharWidth())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.bar)
        layout.addWidget(QLabel(words))
        self.hide()
