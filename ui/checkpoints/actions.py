"""The buttons below a card: what can be done with the selected checkpoint."""

from __future__ import annotations

from typing import Callable, Dict, Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QGridLayout, QPushButton, QWidget

from ...algorithms.text import tr
from .deleting import can_be_removed, is_only_listed
from .entries import DOWNLOADABLE, MISSING, Entry

_COLUMNS = 3


class Actions(QWidget):
    """The buttons; each is a signal.

    Args:
        parent: The dialog.
    """

    download = pyqtSignal()
    use = pyqtSignal()
    finetune = pyqtSignal()
    classify = pyqtSignal()
    export = pyqtSignal()
    show_file = pyqtSignal()
    remove = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.buttons: Dict[str, QPushButton] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._add("use", tr("&Use in the dock"), self.use.emit, tr("Chooses it in step 3 of the LandSketch dock."))
        self._add("finetune", tr("&Fine-tune…"), self.finetune.emit, tr("Opens the dialog that trains it further."))
        self._add("classify", tr("C&lassify…"), self.classify.emit, tr("Opens the dialog that makes a map with it."))
        self._add("export", tr("E&xport ONNX…"), self.export.emit, tr("For other programs, and without PyTorch."))
        self._add("show", tr("S&how in folder"), self.show_file.emit, tr("Opens the folder that the file lies in."))
        self._add("remove", "", self.remove.emit, "")
        self._add("download", "", self.download.emit, "")
        self.set_entry(None, False)

    def set_entry(self, entry: Optional[Entry], busy: bool) -> None:
        """Offers what can be done with a checkpoint.

        Args:
            entry: The selected one; None: none is.
            busy: Whether a download or a copy runs, beside which no other one begins.
        """
        to_get = entry is not None and entry.state == DOWNLOADABLE
        for name, button in self.buttons.items():
            button.setVisible((name == "download") == to_get)
        by_hand = entry is not None and entry.published is not None and entry.published.manual
        only_listed = entry is not None and can_be_removed(entry) and is_only_listed(entry)
        self.buttons["download"].setText(tr("&Open its page") if by_hand else tr("Do&wnload"))
        self.buttons["download"].setToolTip(
            tr("Download the file there, and import it.") if by_hand else tr("Fetches it into the folder below.")
        )
        self.buttons["remove"].setText(tr("Take &off the list…") if only_listed else tr("&Delete…"))
        possible = {
            "use": entry is not None and entry.can_start,
            "finetune": entry is not None and entry.can_start,
            "classify": entry is not None and entry.classifies,
            "export": entry is not None and entry.can_be_exported,
            "show": entry is not None and bool(entry.path) and entry.state != MISSING,
            "remove": entry is not None and can_be_removed(entry),
            "download": to_get and (by_hand or not busy),
        }
        for name, button in self.buttons.items():
            button.setEnabled(possible[name])

    def _add(self, name: str, text: str, clicked: Callable[[], None], tip: str) -> None:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)  # the enter key in the search line presses nothing
        button.clicked.connect(lambda checked=False: clicked())
        place = len(self.buttons)
        self._grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
        self.buttons[name] = button
