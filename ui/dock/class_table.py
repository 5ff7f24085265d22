"""The table of classes: draw, colour, name, value, number of labels, and how many of them were held out."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from qgis.core import QgsApplication
from qgis.gui import QgsColorButton
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QWidget,
)

from ...algorithms.text import tr
from .class_styles import DrawnClass

DRAW, COLOUR, NAME, VALUE, COUNT, HELD_OUT = range(6)
_ROWS_SEEN = 7
_LETTERS_SEEN = 9
"""Of a class's name, in the narrowest dock."""


class ClassTable(QTableWidget):
    """The classes of a label layer.

    Args:
        parent: The step.
    """

    draw = pyqtSignal(int)
    """Row of the class that is to be drawn."""

    renamed = pyqtSignal(int, str)
    recoloured = pyqtSignal(int, QColor)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0, 6, parent)
        self.classes: Tuple[DrawnClass, ...] = ()
        self._held_out: Dict[str, Tuple[int, List[int]]] = {}
        """Of each value: how many labels the last sketch was given, and how many each of its rounds held out."""
        self._filling = False
        self.setAccessibleName(tr("Classes"))
        # A colour needs no heading on screen, and the names need its room.
        titles = ["", "", tr("Class"), tr("Value"), tr("Labels"), tr("Held out")]
        self.setHorizontalHeaderLabels(titles)
        for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            self.horizontalHeaderItem(COLOUR).setData(role, tr("Colour"))
        self.horizontalHeaderItem(HELD_OUT).setToolTip(
            tr(
                "Labels that the last sketch has held out, in rounds: it is fitted without them and asked what they "
                "are. This is what the estimated accuracy tells. The map itself learns from all labels."
            )
        )
        self.verticalHeader().hide()
        # Low rows, since the dock is high; as high as the pencil needs.
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(
            max(self.fontMetrics().height(), self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)) + 8
        )
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)  # the tab key leads on to the next control
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.setMinimumWidth(self._needed_width())
        self.itemChanged.connect(self._edited)
        self._make_rows(0)

    def show_classes(self, classes: Sequence[DrawnClass]) -> None:
        """Shows the classes; widgets are made anew only where their number has changed."""
        self._filling = True
        try:
            if len(classes) != self.rowCount():
                self._make_rows(len(classes))
            for place, entry in enumerate(classes):
                self._fill(place, entry)
            # Of text, value and name are mostly the same.
            self.setColumnHidden(VALUE, all(str(entry.value) == entry.name for entry in classes))
            self.setColumnHidden(HELD_OUT, not any(str(entry.value) in self._held_out for entry in classes))
        finally:
            self._filling = False
        self.classes = tuple(classes)

    def show_held_out(self, counts: Sequence[Sequence[int]]) -> None:
        """Shows how many labels of each class a sketch has held out.

        Args:
            counts: Of each class, in the order of the rows, how many each round held out; empty: nothing was.
        """
        known = zip(self.classes, counts) if any(counts) else ()
        self._held_out = {str(entry.value): (entry.count, list(rounds)) for entry, rounds in known}
        self.show_classes(self.classes)

    def chosen(self) -> Optional[DrawnClass]:
        """Returns the class of the current row."""
        place = self.currentRow()
        return self.classes[place] if 0 <= place < len(self.classes) else None

    def mark_drawn(self, place: int) -> None:
        """Shows which class is being drawn; -1: none."""
        for other in range(self.rowCount()):
            self.cellWidget(other, DRAW).setChecked(other == place)

    def _needed_width(self) -> int:
        """Returns the width of all columns, those that are hidden at times too: the dock must not jump."""
        header, line = self.horizontalHeader(), self.verticalHeader().defaultSectionSize()
        header.ensurePolished()  # themes have headings of their own
        numbers = sum(header.sectionSizeHint(column) for column in (VALUE, COUNT, HELD_OUT))
        name = max(header.sectionSizeHint(NAME), _LETTERS_SEEN * self.fontMetrics().averageCharWidth())
        return int(numbers + name + 3 * line + 2 * self.frameWidth())

    def _make_rows(self, count: int) -> None:
        line = self.verticalHeader().defaultSectionSize()
        self.setRowCount(0)
        self.setRowCount(count)
        for place in range(count):
            pencil = QToolButton()
            pencil.setIcon(QgsApplication.getThemeIcon("/mActionToggleEditing.svg"))
            pencil.setAutoRaise(True)
            pencil.setCheckable(True)
            pencil.clicked.connect(lambda checked=False, chosen=place: self.draw.emit(chosen))
            colour = QgsColorButton()
            colour.setShowMenu(False)
            colour.setMaximumWidth(3 * line // 2)
            colour.colorChanged.connect(lambda value, chosen=place: self._recolour(chosen, value))
            self.setCellWidget(place, DRAW, pencil)
            self.setCellWidget(place, COLOUR, colour)
            for column in (NAME, VALUE, COUNT, HELD_OUT):
                self.setItem(place, column, QTableWidgetItem())
        # The page scrolls: a table of a few classes needs no bar of its own.
        rows = min(max(count, 1), _ROWS_SEEN) * line
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows + 2 * self.frameWidth() + 2)

    def _fill(self, place: int, entry: DrawnClass) -> None:
        self.cellWidget(place, DRAW).setToolTip(tr("Draw '{name}' on the map").format(name=entry.name))
        self.cellWidget(place, DRAW).setAccessibleName(tr("Draw '{name}' on the map").format(name=entry.name))
        self.cellWidget(place, COLOUR).setColor(QColor(entry.colour))
        self.cellWidget(place, COLOUR).setAccessibleName(tr("Colour of '{name}'").format(name=entry.name))
        held_out, tip = self._in_words(entry)
        self.item(place, HELD_OUT).setToolTip(tip)
        texts = {NAME: entry.name, VALUE: str(entry.value), COUNT: str(entry.count), HELD_OUT: held_out}
        for column, text in texts.items():
            item = self.item(place, column)
            item.setText(text)
            if column == NAME:
                item.setToolTip(text)  # it may be longer than there is room for
            if column != NAME:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def _in_words(self, entry: DrawnClass) -> Tuple[str, str]:
        """Returns how many labels of a class were held out, and an explanation."""
        count, rounds = self._held_out.get(str(entry.value), (0, []))
        if str(entry.value) not in self._held_out or count != entry.count:
            return "…", str(tr("The next sketch tells."))
        if not any(rounds):
            return "0", str(tr("Never held out: without a class's only label, nothing would be learned of it."))
        words = tr("{n} of {count} labels were held out, in {k} rounds: {rounds}.")
        told = words.format(n=sum(rounds), count=count, k=len(rounds), rounds=" + ".join(map(str, rounds)))
        return str(sum(rounds)), str(told)

    def _recolour(self, place: int, colour: QColor) -> None:
        if not self._filling:
            self.recoloured.emit(place, colour)

    def _edited(self, item: QTableWidgetItem) -> None:
        if self._filling or item.column() != NAME:
            return
        name = str(item.text()).strip()
        if name and name != self.classes[item.row()].name:
            self.renamed.emit(item.row(), name)
        else:
            self.show_classes(self.classes)
