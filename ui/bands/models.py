"""The two tables of the dialog: the bands of the file, and the roles that they can have."""

from __future__ import annotations

from typing import Any, List, Optional

import numpy as np
from qgis.PyQt.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QFont

from ...algorithms.compat import TO_THE_RIGHT
from ...algorithms.text import Number, tr
from .draft import Draft
from .sample import Sample

MIME = "application/x-landsketch-band"
"""What is dragged: the number of a band of the file, from 0."""

FILE_BAND, DESCRIPTION, USED_AS, LOW, MIDDLE, HIGH = range(6)
ROLE, WAVELENGTH, ALIAS, BAND = range(4)


class Assignment(QObject):
    """The draft that both tables show and change; `changed` tells that a band has another role."""

    changed = pyqtSignal()

    def __init__(self, draft: Draft, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.draft = draft

    def assign(self, place: int, band: Optional[int]) -> None:
        """Gives a role to a band, or to none."""
        if self.draft.band_of(place) != band:
            self.draft.assign(place, band)
            self.changed.emit()

    def drop(self, band: int) -> None:
        """Leaves a band out."""
        if self.draft.names[band]:
            self.draft.drop(band)
            self.changed.emit()

    def rename(self, place: int, name: str) -> bool:
        """Renames a role."""
        renamed = self.draft.rename(place, name)
        if renamed:
            self.changed.emit()
        return renamed


class _Table(QAbstractTableModel):
    """A table of an assignment.

    Args:
        assignment: What is shown and changed.
        titles: Of the columns.
        parent: The view.
    """

    def __init__(self, assignment: Assignment, titles: List[str], parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.assignment = assignment
        self._titles = titles
        assignment.changed.connect(self.show_anew)

    @property
    def draft(self) -> Draft:
        """The draft."""
        return self.assignment.draft

    def show_anew(self) -> None:
        """Has views look at all cells again."""
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.text(index.row(), index.column())
        return None

    def text(self, row: int, column: int) -> str:
        """Returns the text of a cell."""
        raise NotImplementedError

    def dragged(self, row: int) -> Optional[int]:
        """Returns the band of the file that is dragged with a row; None: there is none."""
        raise NotImplementedError

    def dropped(self, row: int, band: int) -> bool:
        """Takes a band of the file that was dropped on a row, -1 below the rows; returns whether it does."""
        raise NotImplementedError

    def supportedDropActions(self) -> Any:  # noqa: N802
        return Qt.DropAction.CopyAction

    def mimeTypes(self) -> List[str]:  # noqa: N802
        return [MIME]

    def mimeData(self, indexes: List[QModelIndex]) -> Optional[QMimeData]:  # noqa: N802
        band = self.dragged(indexes[0].row()) if indexes else None
        if band is None:
            return None
        result = QMimeData()
        result.setData(MIME, str(band).encode())
        return result

    def canDropMimeData(  # noqa: N802
        self, mime: QMimeData, action: Any, row: int, column: int, parent: QModelIndex
    ) -> bool:
        return bool(mime.hasFormat(MIME)) and self.accepts(parent.row() if parent.isValid() else row)

    def dropMimeData(  # noqa: N802
        self, mime: QMimeData, action: Any, row: int, column: int, parent: QModelIndex
    ) -> bool:
        if not self.canDropMimeData(mime, action, row, column, parent):
            return False
        return self.dropped(parent.row() if parent.isValid() else row, int(bytes(mime.data(MIME)).decode()))

    def accepts(self, row: int) -> bool:
        """Whether something can be dropped on a row, -1 below the rows."""
        return True


def _slanted() -> QFont:
    font = QFont()
    font.setItalic(True)
    return font


class FileBands(_Table):
    """The bands of the file, with their values; a role that is dropped here is given up."""

    def __init__(self, assignment: Assignment, parent: Optional[QObject] = None) -> None:
        titles = [tr("No."), tr("Band in the file"), tr("Used as"), tr("2 %"), tr("Median"), tr("98 %")]
        super().__init__(assignment, titles, parent)
        self._sample: Optional[Sample] = None

    def show_sample(self, sample: Sample) -> None:
        """Shows values."""
        self._sample = sample
        self.show_anew()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self.draft.descriptions)

    def flags(self, index: QModelIndex) -> Any:
        more = Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemIsDropEnabled
        if index.column() == USED_AS:
            more |= Qt.ItemFlag.ItemIsEditable
        return super().flags(index) | more

    def text(self, row: int, column: int) -> str:
        if column == FILE_BAND:
            return str(row + 1)
        if column == DESCRIPTION:
            return self.draft.descriptions[row] or tr("(no name)")
        if column == USED_AS:
            return self.draft.names[row] or tr("not used")
        value = self._sample.spread[row][column - LOW] if self._sample is not None else np.nan
        return f"{Number(value):.4g}" if np.isfinite(value) else ""

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (FILE_BAND, LOW, MIDDLE, HIGH):
            return TO_THE_RIGHT
        if role == Qt.ItemDataRole.FontRole and index.column() == USED_AS and not self.draft.names[index.row()]:
            return _slanted()
        return super().data(index, role)

    def choices(self, row: int) -> List[str]:
        """Returns what a band can be."""
        return [tr("not used"), *(role.name for role in self.draft.roles)]

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        names = [known.name for known in self.draft.roles]
        if value in names:
            self.assignment.assign(names.index(value), index.row())
        else:
            self.assignment.drop(index.row())
        return True

    def dragged(self, row: int) -> Optional[int]:
        return row

    def dropped(self, row: int, band: int) -> bool:
        self.assignment.drop(band)
        return True


class Roles(_Table):
    """The roles of the chosen sensor, each with the band of the file that has it."""

    def __init__(self, assignment: Assignment, parent: Optional[QObject] = None) -> None:
        super().__init__(assignment, [tr("Role"), tr("µm"), tr("Name"), tr("Band of the file")], parent)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self.draft.roles)

    def flags(self, index: QModelIndex) -> Any:
        more = Qt.ItemFlag.ItemIsDropEnabled
        if self.dragged(index.row()) is not None:
            more |= Qt.ItemFlag.ItemIsDragEnabled
        if index.column() == BAND or (index.column() == ROLE and self.draft.is_open):
            more |= Qt.ItemFlag.ItemIsEditable
        return super().flags(index) | more

    def text(self, row: int, column: int) -> str:
        role = self.draft.roles[row]
        if column == ROLE:
            return role.name
        if column == WAVELENGTH:
            return "" if role.wavelength is None else f"{Number(role.wavelength):.3f}"
        if column == ALIAS:
            return role.alias
        band = self.draft.band_of(row)
        return "" if band is None else self._title(band)

    def choices(self, row: int) -> List[str]:
        """Returns the bands of the file."""
        return [tr("none"), *(self._title(band) for band in range(len(self.draft.descriptions)))]

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        if index.column() == ROLE:
            return self.assignment.rename(index.row(), str(value))
        titles = self.choices(index.row())
        band = titles.index(value) - 1 if value in titles else -1
        self.assignment.assign(index.row(), band if band >= 0 else None)
        return True

    def dragged(self, row: int) -> Optional[int]:
        return self.draft.band_of(row)

    def accepts(self, row: int) -> bool:
        return 0 <= row < self.rowCount()

    def dropped(self, row: int, band: int) -> bool:
        self.assignment.assign(row, band)
        return True

    def _title(self, band: int) -> str:
        description = self.draft.descriptions[band]
        return f"{band + 1}: {description}" if description else str(tr("Band {n}").format(n=band + 1))
