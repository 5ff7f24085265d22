"""Letters that are underlined: what they lead to."""

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QLabel


def leading_nowhere(window):
    """Returns the labels of a window whose letter leads to nothing that takes the keyboard."""
    return [label.text() for label in window.findChildren(QLabel) if "&" in label.text() and not _leads(label)]


def _leads(label):
    reached = label.buddy()
    while reached is not None and reached.focusProxy() is not None:
        reached = reached.focusProxy()
    return reached is not None and not reached.isHidden() and reached.focusPolicy() != Qt.FocusPolicy.NoFocus
