"""The list of training runs: those that go on, and those before them."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence

from qgis.PyQt.QtCore import QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap
from qgis.PyQt.QtWidgets import QAbstractItemView, QStyle, QTreeWidget, QTreeWidgetItem, QWidget

from ...algorithms.text import tr
from ...bridge.history import Run
from ...bridge.runs import LiveRun
from . import words

_ID = Qt.ItemDataRole.UserRole
_COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#aa3377", "#66ccee", "#997700", "#44bb99")
"""Paul Tol's colours, told apart by the colour-blind."""

_DARK = 128
"""Lightness below which a background is dark."""


class RunList(QTreeWidget):
    """The runs, the latest first; each selected one has a colour.

    Args:
        parent: The window.
    """

    chosen = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setHeaderLabels([tr("Run"), tr("File"), tr("Held out"), tr("State"), tr("Started")])
        self.setAccessibleName(tr("Training runs"))
        self.setToolTip(tr("Select several runs to compare them."))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize, None, self)
        self._side = side
        self.setIconSize(QSize(side, side))
        self._order: List[str] = []
        self.itemSelectionChanged.connect(self._select)

    def show_runs(self, runs: Sequence[Run], live: Dict[str, LiveRun]) -> None:
        """Shows runs; what was selected stays so, and where nothing was, the first run is."""
        selected, current = self.selected_ids(), self.current_id()
        self.blockSignals(True)
        self.clear()
        for run in runs:
            item = QTreeWidgetItem(self)
            item.setData(0, _ID, run.id)
            self._fill(item, run, live.get(run.id))
            item.setSelected(run.id in selected)
            if run.id == current:
                self.setCurrentItem(item, 0)
                item.setSelected(run.id in selected)
        if runs and not self.selectedItems():
            self.setCurrentItem(self.topLevelItem(0))
        self.blockSignals(False)
        self._select()
        self._fit_columns()

    def show_run(self, run: Run, live: Optional[LiveRun]) -> None:
        """Shows what has changed of a run."""
        for item in self._items():
            if item.data(0, _ID) == run.id and self._fill(item, run, live):
                self._fit_columns()

    def select(self, run_id: str) -> None:
        """Selects a run alone."""
        for item in self._items():
            if item.data(0, _ID) == run_id:
                self.clearSelection()
                self.setCurrentItem(item)

    def current_id(self) -> str:
        """Returns the run that buttons are about: the one with the focus, if it is selected."""
        item = self.currentItem()
        if item is None or not item.isSelected():
            item = next(iter(self.selectedItems()), None)
        return str(item.data(0, _ID)) if item is not None else ""

    def selected_ids(self) -> List[str]:
        """Returns the selected runs, in the order in which they were selected."""
        return list(self._order)

    def colour(self, run_id: str) -> QColor:
        """Returns the colour of a selected run."""
        colour = QColor(_COLOURS[self._order.index(run_id) % len(_COLOURS)] if run_id in self._order else _COLOURS[0])
        is_dark = self.palette().color(QPalette.ColorRole.Base).lightness() < _DARK
        return colour.lighter(140) if is_dark else colour

    def _select(self) -> None:
        now = [str(item.data(0, _ID)) for item in self._items() if item.isSelected()]
        self._order = [one for one in self._order if one in now] + [one for one in now if one not in self._order]
        for item in self._items():
            item.setIcon(0, self._swatch(str(item.data(0, _ID))))
        self.chosen.emit()

    def _swatch(self, run_id: str) -> QIcon:
        """A square in the run's colour, with a rim that sets it off from a selected row."""
        ratio = self.devicePixelRatioF()
        pixels = QPixmap(round(self._side * ratio), round(self._side * ratio))
        pixels.setDevicePixelRatio(ratio)
        pixels.fill(QColor(0, 0, 0, 0))
        if run_id in self._order:
            painter = QPainter(pixels)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Base), 2))
            painter.setBrush(self.colour(run_id))
            painter.drawRect(QRectF(2, 2, self._side - 4, self._side - 4))
            painter.end()
        icon = QIcon()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            icon.addPixmap(pixels, mode)
        return icon

    def _fill(self, item: QTreeWidgetItem, run: Run, live: Optional[LiveRun]) -> bool:
        """Writes a run's texts, and returns whether one has become longer."""
        texts = (
            words.short_title(run),
            words.output_name(run),
            words.score(run),
            words.state(run, live),
            words.started(run),
        )
        longer = any(len(text) > len(item.text(column)) for column, text in enumerate(texts))
        for column, text in enumerate(texts):
            if item.text(column) != text:
                item.setText(column, text)
        item.setToolTip(1, str(run.spec.get("output") or ""))
        item.setToolTip(4, words.started(run, with_year=True))
        return longer

    def _fit_columns(self) -> None:
        for column in range(self.columnCount()):
            self.resizeColumnToContents(column)

    def _items(self) -> List[QTreeWidgetItem]:
        return [item for item in map(self.topLevelItem, range(self.topLevelItemCount())) if item is not None]
