"""The images of a time stack in a table, to be corrected there."""

from __future__ import annotations

import base64
import os
from typing import Any, Dict, List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QDate, QModelIndex, QSize, Qt
from qgis.PyQt.QtGui import QIcon, QKeyEvent, QPixmap
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDateEdit,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from ..algorithms.text import tr
from ..core.sensors import AUTO, GENERIC, SENSORS
from ..core.specs import CorrectionSpec

PICTURE = 48
"""Side of the pictures on screen, in pixels; dense screens show twice as many."""

IMAGE, DATE, SENSOR, CLEAR, REMARK = range(5)
_ROW = Qt.ItemDataRole.UserRole
_IMAGERY = (*(sensor.id for sensor in SENSORS.values() if sensor.role != "embedding"), GENERIC)


class StackTable(QTableWidget):
    """The images, one in a row: ticked if it is used; date and sensor can be changed.

    Args:
        parent: The dialog.
    """

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(0, 5, parent)
        self.setHorizontalHeaderLabels([tr("Image"), tr("Date"), tr("Sensor"), tr("Clear (%)"), tr("Remarks")])
        self.setItemDelegateForColumn(DATE, _DateDelegate(self))
        self.setItemDelegateForColumn(SENSOR, _SensorDelegate(self))
        self.setIconSize(QSize(PICTURE, PICTURE))
        self.setAccessibleName(tr("Images of the time stack"))
        self.setTabKeyNavigation(False)  # the tab key leads on to the buttons
        self.horizontalHeaderItem(CLEAR).setToolTip(
            tr("Share of the image that has data and that its mask calls clear; without a mask, that has data.")
        )
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAlternatingRowColors(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)
        self._before: Tuple[CorrectionSpec, ...] = ()

    def show_result(self, result: Dict[str, Any], corrections: Sequence[CorrectionSpec]) -> None:
        """Shows what the engine has found.

        Args:
            result: Of the job `buildstack`.
            corrections: Those that it has applied already.
        """
        self._before = tuple(corrections)
        self.setSortingEnabled(False)
        self.setRowCount(0)
        for item in result["items"]:
            self._add(item)
        undated = set(result["undated"])
        for path, reason in sorted(result["left_out"].items()):
            self._add_left_out(path, reason, path in undated)
        self.resizeColumnsToContents()
        self.setSortingEnabled(True)
        self.sortByColumn(DATE, Qt.SortOrder.AscendingOrder)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Delete drops the selected images."""
        if event.key() == Qt.Key.Key_Delete:
            self.set_used(False)
        else:
            super().keyPressEvent(event)

    def set_used(self, used: bool) -> None:
        """Ticks the selected images, or clears their ticks."""
        for place in {index.row() for index in self.selectedIndexes()}:
            cell = self.item(place, IMAGE)
            if cell.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                cell.setCheckState(Qt.CheckState.Checked if used else Qt.CheckState.Unchecked)

    def corrections(self) -> List[CorrectionSpec]:
        """Returns what was corrected before, together with what was changed here."""
        changed: Dict[str, CorrectionSpec] = {}
        meant = set()
        for place in range(self.rowCount()):
            row = self.item(place, IMAGE).data(_ROW)
            before = next((one for one in self._before if _is_meant(one.image, row)), None)
            if before:
                meant.add(before.image)
            correction = self._correction(place, row, before)
            if correction:
                changed[correction.image] = correction
        kept = [one for one in self._before if one.image not in meant]
        return [*kept, *(changed[name] for name in sorted(changed))]

    def _correction(
        self, place: int, row: Dict[str, Any], before: Optional[CorrectionSpec]
    ) -> Optional[CorrectionSpec]:
        day, sensor = self.item(place, DATE).text(), self.item(place, SENSOR).text()
        used = self.item(place, IMAGE).checkState() == Qt.CheckState.Checked
        changed = (day != row["date"], sensor != row["sensor"], row["choice"] and used == bool(row["dropped"]))
        if not any(changed):
            return before
        old = before or CorrectionSpec(row["id"])
        return CorrectionSpec(
            old.image,
            date=day if changed[0] else old.date,
            sensor=(sensor or AUTO) if changed[1] else old.sensor,
            units=old.units,
            offset=old.offset,
            use=used if changed[2] else old.use,
        )

    def _add(self, item: Dict[str, Any]) -> None:
        role = tr("radar") if item["role"] == "sar" else ""
        mask = tr("cloud mask ({kind})").format(kind=item["mask"]["kind"]) if item["mask"] else ""
        unmasked = tr("no cloud mask") if item["role"] == "optical" and not item["mask"] else ""
        words = [item["dropped"], role, mask or unmasked, item["grid"], " ".join(item["bands"])]
        cells = self._append({**item, "choice": True}, item["id"], ", ".join(word for word in words if word))
        cells[IMAGE].setCheckState(Qt.CheckState.Unchecked if item["dropped"] else Qt.CheckState.Checked)
        cells[IMAGE].setToolTip("\n".join(item["files"]))
        share = item["valid"] if item["clear"] is None else item["clear"]
        cells[CLEAR].setData(Qt.ItemDataRole.DisplayRole, round(100 * share))
        cells[CLEAR].setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if item["picture"]:
            picture = QPixmap()
            picture.loadFromData(base64.b64decode(item["picture"]), "PNG")
            cells[IMAGE].setIcon(QIcon(picture))

    def _add_left_out(self, path: str, reason: str, correctable: bool) -> None:
        name = os.path.basename(path)
        row = {"id": name, "files": [path], "date": "", "sensor": "", "dropped": "", "choice": False}
        cells = self._append(row, name, reason)
        cells[IMAGE].setToolTip(path)
        if not correctable:
            for cell in cells:
                cell.setFlags(cell.flags() & ~Qt.ItemFlag.ItemIsEnabled)

    def _append(self, row: Dict[str, Any], name: str, remark: str) -> List[QTableWidgetItem]:
        place = self.rowCount()
        self.insertRow(place)
        cells = [QTableWidgetItem(text) for text in (name, "", row["sensor"], "", remark)]
        cells[DATE] = _Day(row["date"])
        for column, cell in enumerate(cells):
            if column not in (DATE, SENSOR):
                cell.setFlags(cell.flags() & ~Qt.ItemFlag.ItemIsEditable)
            self.setItem(place, column, cell)
        cells[IMAGE].setData(_ROW, row)
        cells[REMARK].setToolTip(remark)
        return cells


class _Day(QTableWidgetItem):
    """A day; what has none comes last."""

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return (not self.text(), self.text()) < (not other.text(), other.text())


def _is_meant(image: str, row: Dict[str, Any]) -> bool:
    """Whether a correction's name is that of a row."""
    return image == row["id"] or any(image in (path, os.path.basename(path)) for path in row["files"])


class _DateDelegate(QStyledItemDelegate):
    """Edits an ISO day in a calendar."""

    def createEditor(  # noqa: N802 - Qt's name
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex
    ) -> QWidget:
        editor = QDateEdit(parent)
        editor.setCalendarPopup(True)
        editor.setDisplayFormat("yyyy-MM-dd")
        return editor

    def setEditorData(self, editor: QDateEdit, index: QModelIndex) -> None:  # noqa: N802
        day = QDate.fromString(str(index.data()), Qt.DateFormat.ISODate)
        editor.setDate(day if day.isValid() else QDate.currentDate())

    def setModelData(self, editor: QDateEdit, model: Any, index: QModelIndex) -> None:  # noqa: N802
        model.setData(index, editor.date().toString(Qt.DateFormat.ISODate))


class _SensorDelegate(QStyledItemDelegate):
    """Lets the user choose a sensor."""

    def createEditor(  # noqa: N802 - Qt's name
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex
    ) -> QWidget:
        editor = QComboBox(parent)
        editor.addItems(_IMAGERY)
        return editor

    def setEditorData(self, editor: QComboBox, index: QModelIndex) -> None:  # noqa: N802
        editor.setCurrentIndex(max(editor.findText(str(index.data())), 0))

    def setModelData(self, editor: QComboBox, model: Any, index: QModelIndex) -> None:  # noqa: N802
        model.setData(index, editor.currentText())
