"""The table of checkpoints: its model, and what is shown of it by words and by state."""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, QObject, QSortFilterProxyModel, Qt
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ...algorithms.compat import TO_THE_RIGHT
from ...algorithms.text import tr
from . import entries as words
from .entries import MISSING, STATES, UNREADABLE, Entry

NAME, KIND, SENSORS, SIZE, LICENCE, STATE = range(6)
_SORT = Qt.ItemDataRole.UserRole
_CHARACTERS = {NAME: 26, SENSORS: 22, LICENCE: 13}
"""Widths to begin with, in average letters, so that they follow font and screen."""

_WHOLE = (KIND, SIZE)
"""Columns of short texts, which are never cut off."""


class CheckpointModel(QAbstractTableModel):
    """The checkpoints, one in a row."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.entries: Tuple[Entry, ...] = ()
        self._titles = (tr("Name"), tr("Kind"), tr("Sensors (bands)"), tr("Size"), tr("Licence"), tr("State"))

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Shows other checkpoints."""
        self.beginResetModel()
        self.entries = tuple(entries)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self._titles)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry, column = self.entries[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(entry, column)
        if role == _SORT:
            return _rank(entry, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(entry, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == SIZE:
            return TO_THE_RIGHT
        if role == Qt.ItemDataRole.DecorationRole and column == STATE and entry.state in (UNREADABLE, MISSING):
            return QgsApplication.getThemeIcon("/mIconWarning.svg")
        return None


class CheckpointFilter(QSortFilterProxyModel):
    """What is shown: rows in one of the wanted states that hold every word looked for."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._words: Tuple[str, ...] = ()
        self._state = ""
        self.setSortRole(_SORT)

    def look_for(self, text: str) -> None:
        """Shows only rows that hold all words of a text, in any column."""
        self._words = tuple(text.casefold().split())
        self.invalidateFilter()

    def show_state(self, state: str) -> None:
        """Shows only rows of one state; empty: all."""
        self._state = state
        self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:  # noqa: N802 - Qt's name
        entry = self.sourceModel().entries[row]
        if self._state and entry.state != self._state:
            return False
        if not self._words:
            return True
        text = _searched(entry)
        return all(word in text for word in self._words)


class CheckpointTable(QTableView):
    """The table.

    Args:
        parent: The dialog.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.checkpoints = CheckpointModel(self)
        self.filter = CheckpointFilter(self)
        self.filter.setSourceModel(self.checkpoints)
        self.setModel(self.filter)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)  # the tab key leads on to the next control
        self.setWordWrap(False)
        self.setSortingEnabled(True)
        self.sortByColumn(STATE, Qt.SortOrder.AscendingOrder)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        for column, characters in _CHARACTERS.items():
            self.setColumnWidth(column, characters * self.fontMetrics().averageCharWidth())
        self.horizontalHeader().setStretchLastSection(True)
        for column in _WHOLE:
            self.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.setAccessibleName(tr("Checkpoints"))

    def current(self) -> Optional[Entry]:
        """Returns the selected checkpoint."""
        rows = self.selectionModel().selectedRows()
        return self.checkpoints.entries[self.filter.mapToSource(rows[0]).row()] if rows else None

    def choose(self, key: str) -> bool:
        """Selects a checkpoint by its key; returns whether it is shown."""
        for row, entry in enumerate(self.checkpoints.entries):
            if entry.key == key:
                index = self.filter.mapFromSource(self.checkpoints.index(row, NAME))
                if index.isValid():
                    self.setCurrentIndex(index)
                    self.scrollTo(index)
                return bool(index.isValid())
        return False


def _text(entry: Entry, column: int) -> str:
    if column == STATE:
        by_hand = entry.published is not None and entry.published.manual
        return tr("by hand") if by_hand else words.state_words()[entry.state]
    return {
        NAME: entry.name,
        KIND: words.kind(entry),
        SENSORS: words.sensors(entry),
        SIZE: words.size(entry.size),
        LICENCE: entry.licence,
    }[column]


def _rank(entry: Entry, column: int) -> Any:
    if column == SIZE:
        return float(entry.size)  # more than 31 bits would be another type to Qt, and sort elsewhere
    return STATES.index(entry.state) if column == STATE else _text(entry, column).casefold()


def _tip(entry: Entry, column: int) -> str:
    if column == SENSORS:
        return words.bands(entry)
    if column == NAME:
        return entry.published.title if entry.published is not None else entry.path
    return entry.problem if column == STATE and entry.problem else _text(entry, column)


def _searched(entry: Entry) -> str:
    """Returns all words of a checkpoint, those that are not in the table, too."""
    texts = [_text(entry, column) for column in (NAME, KIND, SENSORS, LICENCE, STATE)] + [words.bands(entry)]
    if entry.published is not None:
        texts += [entry.published.title, entry.published.method, entry.published.data]
    elif entry.card is not None:
        names = entry.card.legend.names if entry.card.legend is not None else ()
        texts += [str(entry.card.provenance.get("method", "")), *names]
    return " ".join(texts).casefold()
