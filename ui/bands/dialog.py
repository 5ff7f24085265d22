"""The dialog: the sensor at the top, the bands beside their roles, and below how values are read."""

from __future__ import annotations

import os
from typing import Optional, Union

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QModelIndex, QSize, Qt
from qgis.PyQt.QtGui import QGuiApplication
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ...algorithms.readings import Reading, keep_reading, kept_reading
from ...algorithms.sources import band_descriptions, raster_path
from ...algorithms.text import tr
from ...core.sensors import GENERIC, SENSORS
from .draft import Draft, Kind, kinds
from .judgement import Judgement, JudgeTask, Question
from .models import Assignment, FileBands, Roles
from .sample import Sample, SampleTask
from .value_box import ValueBox
from .views import BandTable, file_table, role_table


class BandDialog(QDialog):
    """States what the bands of a layer are, and how their values are read; OK keeps it with the layer.

    Args:
        layer: A layer of a raster file.
        role: What it is taken for.
        any_role: Whether sensors of other roles can be chosen, too.
        parent: Above which it opens.

    Raises:
        SceneError: If the layer is no file that can be opened.
    """

    def __init__(
        self, layer: QgsRasterLayer, role: str, any_role: bool = False, parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Bands and units of {layer}").format(layer=layer.name()))
        self._layer = layer
        path = raster_path(layer)
        self._file = os.path.basename(path)
        self.draft = Draft(path, band_descriptions(layer, path), role, _usable(layer, role, any_role))
        self.assignment = Assignment(self.draft, self)
        self._kinds = kinds("" if any_role else role)
        self._sample: Optional[Sample] = None
        self._task: Union[SampleTask, JudgeTask, None] = None
        self._band = 0
        self.sensor = QComboBox()
        self.guess = QLabel()
        self.files = FileBands(self.assignment)
        self.roles = Roles(self.assignment)
        self.file_view: BandTable = file_table(self.files, self)
        self.role_view: BandTable = role_table(self.roles, self)
        self.values = ValueBox(self)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel, parent=self)
        self.back = self.buttons.addButton(tr("Back to the &guess"), QDialogButtonBox.ButtonRole.ResetRole)
        self._lay_out()
        self._connect()
        self._show_draft()
        self.file_view.selectRow(0)
        self._start(SampleTask(layer))

    def done(self, result: int) -> None:
        """Stops what still runs; Qt calls this however the dialog ends."""
        self._stop()
        super().done(result)

    def accept(self) -> None:
        """Keeps what is stated with the layer."""
        keep_reading(self._layer, self.draft.reading())
        QgsProject.instance().setDirty(True)
        super().accept()

    def go_back(self) -> None:
        """Goes back to what the file tells by itself."""
        self.roles.beginResetModel()
        self.draft.reset()
        self.roles.endResetModel()
        self._show_draft()

    def _choose_sensor(self, place: int) -> None:
        self.roles.beginResetModel()
        self.draft.choose(*self._kinds[place])
        self.roles.endResetModel()
        self._show_draft()

    def _show_draft(self) -> None:
        self.sensor.setCurrentIndex(self._kinds.index((self.draft.role, self.draft.sensor)))
        self.files.show_anew()
        self.values.show_draft(self.draft)
        self._judge()

    def _judge(self) -> None:
        """Has the values judged anew, in the background."""
        used = any(self.draft.names)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(used)
        self.back.setEnabled(self.draft.reading() is not None)
        self._show_counts()
        if self._sample is None:
            return
        draft = self.draft
        question = Question(
            self._layer.name(),
            self._file,
            draft.role,
            draft.sensor,
            draft.names,
            draft.units,
            draft.offset,
            self._band,
        )
        self._start(JudgeTask(question, self._sample))

    def _show_counts(self) -> None:
        used = sum(1 for name in self.draft.names if name)
        left = len(self.draft.names) - used
        parts = [tr("{n} of {all} bands used").format(n=used, all=len(self.draft.names))]
        if left:
            parts.append(tr("{n} not used").format(n=left))
        guess = kind_title(self.draft.guess())
        stated = self.draft.reading() is not None
        found = tr("as you state; the guess is {sensor}") if stated else tr("this is the guess, by names and order")
        self.guess.setText(", ".join(parts) + " · " + found.format(sensor=guess))

    def _start(self, task: Union[SampleTask, JudgeTask]) -> None:
        self._stop()
        self._task = task
        if isinstance(task, SampleTask):
            self.values.histogram.show_message(tr("Reading a sample of the values …"))
            task.sampled.connect(self._take_sample)
        else:
            task.judged.connect(self._take_judgement)
        task.start()

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = None

    def _take_sample(self, sample: Optional[Sample], error: str) -> None:
        self._task = None
        if sample is None:
            self.values.histogram.show_message("")
            self.values.show_words((error,), good=False)
            return
        self._sample = sample
        self.files.show_sample(sample)
        self._judge()

    def _take_judgement(self, judgement: Optional[Judgement], error: str) -> None:
        self._task = None
        if judgement is not None:
            self.values.show_judgement(judgement)
        elif error:
            self.values.show_words((error,), good=False)

    def _look_at(self, current: QModelIndex) -> None:
        """Shows the values of the band in a row of either table."""
        model = current.model()
        band = model.dragged(current.row()) if model is not None else None
        if band is None or band == self._band:
            return
        self._band = band
        if model is self.roles:
            self.file_view.selectRow(band)
        else:
            place = self.draft.place_of(band)
            self.role_view.selectRow(place) if place is not None else self.role_view.clearSelection()
        self._judge()

    def _connect(self) -> None:
        self.sensor.activated.connect(self._choose_sensor)
        self.assignment.changed.connect(self._judge)
        self.values.changed.connect(self._take_values)
        self.back.clicked.connect(lambda checked=False: self.go_back())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._layer.willBeDeleted.connect(self.reject)
        for view in (self.file_view, self.role_view):
            view.selectionModel().currentChanged.connect(lambda current, before: self._look_at(current))

    def _take_values(self) -> None:
        self.values.take(self.draft)
        self._judge()

    def _lay_out(self) -> None:
        for kind in self._kinds:
            self.sensor.addItem(kind_title(kind))
        label = QLabel(tr("&Sensor"))
        label.setBuddy(self.sensor)
        top = QFormLayout()
        top.addRow(label, self.sensor)
        top.addRow("", self.guess)
        tables = QSplitter(Qt.Orientation.Horizontal)
        tables.setChildrenCollapsible(False)
        tables.addWidget(_titled(tr("&Bands of the file"), self.file_view))
        tables.addWidget(_titled(tr("&Roles of the sensor: drag bands here"), self.role_view))
        tables.setSizes([1000, 1000])
        hint = QLabel(
            tr("By keyboard: Alt+Up and Alt+Down move a band to another role, Return chooses, Delete leaves out.")
        )
        hint.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(tables, 5)
        layout.addWidget(hint)
        layout.addWidget(self.values, 4)
        layout.addWidget(self.buttons)
        order = (self.sensor, self.file_view, self.role_view, self.values.units, self.values.offset)
        for first, second in zip(order, order[1:]):
            self.setTabOrder(first, second)
        self.sensor.setFocus()
        letter = self.fontMetrics().averageCharWidth()
        # Whatever the scaling, it must fit on the screen.
        self.resize(QSize(150 * letter, 110 * letter).boundedTo(QGuiApplication.primaryScreen().availableSize() * 0.9))


def kind_title(kind: Kind) -> str:
    """Returns a sensor's name for people."""
    if kind[1] != GENERIC:
        return SENSORS[kind[1]].title
    return str(tr("Any other image") if kind[0] == "optical" else tr("Any other embeddings"))


def _usable(layer: QgsRasterLayer, role: str, any_role: bool) -> Optional[Reading]:
    """Returns what is kept with a layer, unless it is of a role that cannot be chosen."""
    kept = kept_reading(layer)
    return kept if kept is not None and (any_role or kept.role == role) else None


def _titled(title: str, view: QWidget) -> QWidget:
    """Returns a view below its title, which reaches it by keyboard."""
    result = QWidget()
    label = QLabel(title)
    label.setBuddy(view)
    view.setAccessibleName(title.replace("&", ""))
    layout = QVBoxLayout(result)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(label)
    layout.addWidget(view)
    return result
