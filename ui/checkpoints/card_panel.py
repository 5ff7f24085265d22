"""The card of the selected checkpoint, as text with links."""

from __future__ import annotations

import os
import tempfile
from typing import Optional, Sequence

from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QTextBrowser, QWidget

from ...algorithms.text import tr
from ...core.card_page import card_page
from .card_text import WHOLE_CARD, card_text
from .entries import Entry


class CardPanel(QTextBrowser):
    """The card.

    Args:
        parent: The dialog.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entry: Optional[Entry] = None
        self.setOpenLinks(False)
        self.setAccessibleName(tr("Card of the selected checkpoint"))
        self.setPlaceholderText(tr("Select a checkpoint to see its card."))
        self.document().setIndentWidth(2 * self.fontMetrics().averageCharWidth())
        self.anchorClicked.connect(self._follow)

    def show_entry(self, entry: Optional[Entry], uses: Sequence[str]) -> None:
        """Shows a checkpoint's card, and where it is used; what is shown already stays where it is scrolled to."""
        html = card_text(entry, uses) if entry is not None else ""
        position = self.verticalScrollBar().value() if self._is_same(entry) else 0
        self._entry = entry
        self.setHtml(html)
        self.verticalScrollBar().setValue(position)

    def _is_same(self, entry: Optional[Entry]) -> bool:
        return entry is not None and self._entry is not None and entry.key == self._entry.key

    def _follow(self, address: QUrl) -> None:
        if address.toString() == WHOLE_CARD:
            address = QUrl.fromLocalFile(self.write_page())
        QDesktopServices.openUrl(address)

    def write_page(self) -> str:
        """Writes all that the card says as a page to read, and returns its path."""
        if self._entry is None or self._entry.card is None:
            return ""
        folder = tempfile.mkdtemp(prefix="landsketch-card-")
        path = os.path.join(folder, os.path.splitext(self._entry.name)[0] + ".html")
        with open(path, "w", encoding="utf-8") as file:
            file.write(card_page(self._entry.card, self._entry.name))
        return path
