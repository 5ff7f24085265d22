"""The views of the two tables: bands are dragged from row to row, chosen in a list, or moved by keyboard."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import QModelIndex, Qt
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from .models import BAND, DESCRIPTION, USED_AS, FileBands, Roles

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class BandTable(QTableView):
    """A table whose rows are dragged and dropped upon.

    Args:
        model: Of the rows.
        chosen: The column where a row's counterpart is chosen from a list.
        wide: The column that takes what is left of the width.
        parent: The dialog.
    """

    def __init__(self, model: Any, chosen: int, wide: int, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        model.setParent(self)
        self.setModel(model)
        self.chosen = chosen
        self.setItemDelegateForColumn(chosen, _ChoiceDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)
        self.setDragDropOverwriteMode(True)  # onto rows, never between them
        self.setTabKeyNavigation(False)  # the tab key leads on, the arrows from row to row
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Alt+Up and Alt+Down move a band, Delete leaves it out, Return opens the list."""
        row = self.currentIndex().row()
        if row < 0:
            super().keyPressEvent(event)
        elif event.key() in _STEPS and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._move(row, _STEPS[event.key()])
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._leave_out(row)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.edit(self.model().index(row, self.chosen))
        else:
            super().keyPressEvent(event)

    def _move(self, row: int, step: int) -> None:
        """Moves the band of a row to the next role."""
        model = self.model()
        band = model.dragged(row)
        place = None if band is None else model.draft.place_of(band)
        if band is None:
            return
        target = step + place if place is not None else (0 if step > 0 else len(model.draft.roles) - 1)
        if 0 <= target < len(model.draft.roles):
            model.assignment.assign(target, band)
            if isinstance(model, Roles):
                self.selectRow(target)

    def _leave_out(self, row: int) -> None:
        band = self.model().dragged(row)
        if band is not None:
            self.model().assignment.drop(band)


def file_table(model: FileBands, parent: Optional[QWidget] = None) -> BandTable:
    """Returns the table of the bands of the file."""
    return BandTable(model, USED_AS, DESCRIPTION, parent)


def role_table(model: Roles, parent: Optional[QWidget] = None) -> BandTable:
    """Returns the table of roles."""
    return BandTable(model, BAND, BAND, parent)


class _ChoiceDelegate(QStyledItemDelegate):
    """Lets the user choose from the model's choices; what is chosen is taken at once."""

    def createEditor(  # noqa: N802 - Qt's name
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex
    ) -> QWidget:
        editor = QComboBox(parent)
        editor.addItems(index.model().choices(index.row()))
        editor.activated.connect(lambda chosen: (self.commitData.emit(editor), self.closeEditor.emit(editor)))
        return editor

    def setEditorData(self, editor: QComboBox, index: QModelIndex) -> None:  # noqa: N802
        editor.setCurrentIndex(max(editor.findText(str(index.data())), 0))
        editor.showPopup()

    def setModelData(self, editor: QComboBox, model: Any, index: QModelIndex) -> None:  # noqa: N802
        model.setData(index, editor.currentText())
