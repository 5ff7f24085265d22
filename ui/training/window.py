"""The window in which trainings are watched, ended and compared."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, QTimer, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QGuiApplication
from qgis.PyQt.QtWidgets import QDialog, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from ...algorithms.text import tr
from ...bridge import runs as live_runs
from ...bridge.history import Run
from ...bridge.runs import LiveRun
from ...core.specs import LabelRatioSpec
from ..dock.step import button
from .details import Details
from .following import Following, ReadHistory
from .run_list import RunList

OpenDialog = Callable[[str, Dict[str, Any]], Optional[QWidget]]

_REDRAW_MS = 200
"""What is told in between is drawn together."""

_SECOND_MS = 1000


class TrainingWindow(QDialog):
    """The window; it is not modal, and what it shows goes on without it.

    Args:
        parent: QGIS's window.
        following: Tells of runs.
        open_dialog: Opens the dialog of an algorithm with some parameters filled in.
    """

    def __init__(self, parent: QWidget, following: Following, open_dialog: OpenDialog) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("LandSketch training"))
        self.setObjectName("LandSketchTraining")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint, True)
        self._open_dialog = open_dialog
        self._read: List[Run] = []
        self.runs = RunList(self)
        self.details = Details(self)
        self.finish_button = button(
            tr("&Stop and keep the best"),
            self._finish,
            tr("Ends the training after its current batch; the best weights so far are written, with the report."),
        )
        self.cancel_button = button(tr("&Cancel"), self._cancel, tr("Ends the training at once; nothing is written."))
        self.copy_button = button(tr("Copy c&ommand"), self._copy)
        self.report_button = button(tr("Open &report"), self._open_report, tr("Opens the page that the run wrote."))
        self.again_button = button(
            tr("Run &again…"),
            self._again,
            tr("Opens the dialog of the algorithm with the same parameters, but for the files it writes."),
        )
        self._lay_out()
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self._show_live)
        self._clock = QTimer(self)
        self._clock.setInterval(_SECOND_MS)
        self._clock.timeout.connect(self._show_live)
        self.runs.chosen.connect(self._show_selected)
        following.told.connect(self._take)
        self._show_selected()
        self.read()

    def read(self) -> None:
        """Reads the history again, in the background."""
        task = ReadHistory()
        task.read.connect(self._take_history)
        task.start()

    def all_runs(self) -> List[Run]:
        """Returns the runs that are shown, those that go on first."""
        live = [run.run for run in live_runs.live_runs()]
        known = {run.id for run in live}
        return [*live, *(run for run in self._read if run.id not in known)]

    def _take_history(self, runs: List[Run]) -> None:
        # A run may have ended while its file was read.
        ended = {run.id: run for run in self._read if run.ending}
        self._read = [run if run.ending else ended.get(run.id, run) for run in runs]
        self._show_all()

    def _take(self, live: LiveRun, what: str) -> None:
        """Takes what happens to a run."""
        if what == live_runs.TOLD:
            if not self._redraw.isActive():
                self._redraw.start()
            return
        self._read = [live.run, *(run for run in self._read if run.id != live.run.id)]
        self._show_all()
        if what == live_runs.STARTED and len(self.runs.selected_ids()) < 2:  # a comparison is left as it is
            self.runs.select(live.run.id)

    def _show_all(self) -> None:
        live = _live()
        self.runs.show_runs(self.all_runs(), live)
        if live and not self._clock.isActive():
            self._clock.start()
        elif not live:
            self._clock.stop()

    def _show_live(self) -> None:
        """Shows how far the runs are."""
        live = _live()
        for run in live.values():
            self.runs.show_run(run.run, run)
        if set(live) & set(self.runs.selected_ids()):
            self._show_selected()

    def _show_selected(self) -> None:
        known = {run.id: run for run in self.all_runs()}
        selected = [known[run_id] for run_id in self.runs.selected_ids() if run_id in known]
        current = known.get(self.runs.current_id())
        if current is None:
            self.details.show_nothing()
        else:
            self.details.show_runs([(run, self.runs.colour(run.id)) for run in selected], current, _live())
        self._show_buttons(current)

    def _show_buttons(self, current: Optional[Run]) -> None:
        live = _live().get(current.id) if current is not None else None
        goes_on = live is not None and not live.is_cancelled
        self.finish_button.setEnabled(live is not None and goes_on and not live.is_finishing and _has_a_best(live.run))
        self.cancel_button.setEnabled(goes_on)
        self.copy_button.setEnabled(current is not None and bool(current.call.command))
        note = current.call.note if current is not None else ""
        self.copy_button.setToolTip(note or tr("Copies a command for qgis_process that does the same."))
        self.report_button.setEnabled(bool(_report(current)))
        self.again_button.setEnabled(current is not None and bool(current.call.algorithm))

    def _current(self) -> Optional[Run]:
        return next((run for run in self.all_runs() if run.id == self.runs.current_id()), None)

    def _finish(self) -> None:
        live = _live().get(self.runs.current_id())
        if live is not None:
            live.finish()
            self._show_live()

    def _cancel(self) -> None:
        live = _live().get(self.runs.current_id())
        if live is not None:
            live.cancel()
            self._show_live()

    def _copy(self) -> None:
        run = self._current()
        if run is not None:
            QGuiApplication.clipboard().setText(run.call.command)

    def _open_report(self) -> None:
        path = _report(self._current())
        if path:
            QDesktopServices.openUrl(QUrl.fromLocalFile(path))

    def _again(self) -> None:
        run = self._current()
        if run is not None:
            algorithm = QgsApplication.processingRegistry().algorithmById(run.call.algorithm)
            # Not into the same files: the earlier run is there to be compared with.
            written = {definition.name() for definition in algorithm.destinationParameterDefinitions()}
            given = {name: value for name, value in run.call.parameters.items() if name not in written}
            self._open_dialog(run.call.algorithm, given)

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.runs)
        splitter.addWidget(self.details)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        splitter.setChildrenCollapsible(False)
        buttons = QHBoxLayout()
        buttons.addWidget(self.finish_button)
        buttons.addWidget(self.cancel_button)
        buttons.addStretch(1)
        for one in (self.copy_button, self.report_button, self.again_button):
            buttons.addWidget(one)
        for one in (self.finish_button, self.cancel_button, self.copy_button, self.report_button, self.again_button):
            one.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.addWidget(splitter, 1)
        layout.addLayout(buttons)
        line = self.fontMetrics().height()
        self.resize(78 * line, 42 * line)
        splitter.setSizes([35 * line, 43 * line])


def _live() -> Dict[str, LiveRun]:
    return {live.run.id: live for live in live_runs.live_runs()}


def _has_a_best(run: Run) -> bool:
    """Whether something was learned that can be kept; a study of many trainings has no best one."""
    return bool(run.metrics) and run.job != LabelRatioSpec.job


def _report(run: Optional[Run]) -> str:
    """Returns the page that a run wrote, if it is still there."""
    path = str((run.result.get("report") or run.result.get("html") or "") if run is not None else "")
    return path if path and os.path.isfile(path) else ""
