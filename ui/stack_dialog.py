"""Corrections of a time stack's images in the Processing dialog: a line of text, and a table that writes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Optional, Sequence, Tuple

from processing.gui.wrappers import DIALOG_STANDARD, WidgetWrapper
from qgis.core import QgsProcessingContext, QgsProject
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..algorithms.build_stack import BuildStack
from ..algorithms.corrections import corrections_text
from ..algorithms.text import tr
from ..core.errors import Cancelled, LandSketchError
from ..core.specs import BuildStackSpec
from .stack_table import PICTURE, StackTable
from .work import Work

_SUFFIXES = "*.tif *.tiff *.jp2 *.vrt *.img"


class CorrectionsWrapper(WidgetWrapper):
    """The widget of the parameter CORRECTIONS: its text, and a button that opens the table."""

    def createWidget(self) -> QWidget:  # noqa: N802 - Processing's name
        self._line = QLineEdit()
        self._line.textChanged.connect(lambda text: self.widgetValueHasChanged.emit(self))
        self._others: Dict[str, Any] = {}
        if self.dialogType != DIALOG_STANDARD:
            return self._line
        widget = QWidget()
        layout = QHBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        button = QPushButton(tr("Look at the images…"))
        button.clicked.connect(self.open_table)
        layout.addWidget(self._line)
        layout.addWidget(button)
        return widget

    def setValue(self, value: Any) -> None:  # noqa: N802
        self._line.setText(str(value or ""))

    def value(self) -> str:
        return str(self._line.text())

    def postInitialize(self, wrappers: Sequence[Any]) -> None:  # noqa: N802
        """Processing hands over the widgets of all parameters."""
        self._others = {wrapper.parameterDefinition().name(): wrapper for wrapper in wrappers}

    def open_table(self) -> None:
        """Shows the images of the chosen inputs, and takes over what was corrected."""
        algorithm, context = BuildStack(), QgsProcessingContext()
        context.setProject(QgsProject.instance())
        algorithm.initAlgorithm({})
        parameters = {name: wrapper.parameterValue() for name, wrapper in self._others.items()}
        try:
            parameters = algorithm.canonical(parameters)
            spec = algorithm.spec(parameters, context, algorithm.inputs(parameters, context), "")
        except LandSketchError as error:
            self._message(str(error))
            return
        dialog = StackDialog(replace(spec, thumbnails=2 * PICTURE), self._line.window())
        if dialog.exec():
            self.setValue(corrections_text(dialog.corrections()))
            if dialog.added:
                images = self._others[BuildStack.INPUTS]
                images.setParameterValue([*(images.parameterValue() or []), *dialog.added], context)

    def _message(self, text: str) -> None:
        bar = getattr(self.dialog, "messageBar", None)
        if callable(bar):
            bar().pushWarning(tr("Time stack"), text)


class StackDialog(QDialog):
    """The table, filled by the engine in the background.

    Args:
        spec: The stack as it would be built; without an output.
        parent: Above which it opens.
    """

    def __init__(self, spec: BuildStackSpec, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Images of the time stack"))
        self.resize(140 * self.fontMetrics().averageCharWidth(), 36 * self.fontMetrics().height())
        self.added: Tuple[str, ...] = ()
        self._spec = spec
        self._look: Optional[StackLook] = None
        self.table = StackTable(self)
        self.bar = QProgressBar()
        self.findings = QLabel()
        self.findings.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, parent=self
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self._hint(), self.table, self.findings, self.bar, self._tools()):
            layout.addWidget(widget)
        self.start()

    def corrections(self) -> List[Any]:
        """Returns what was corrected, here and before."""
        return self.table.corrections()

    def start(self) -> None:
        """Has the engine look at the images."""
        self._show_busy(True)
        if self._look is not None:
            self._look.cancel()  # what it finds is out of date
        self._look = look = StackLook(self._spec)
        look.looked.connect(self._show)
        look.told.connect(lambda share: self.bar.setValue(round(100 * share)))
        self.destroyed.connect(lambda *dialog: look.cancel())
        look.start()

    def reject(self) -> None:
        """Stops what still runs."""
        if self._look is not None:
            self._look.cancel()
        super().reject()

    def _show(self, result: Optional[Dict[str, Any]], error: str) -> None:
        self._look = None
        self._show_busy(False)
        if result is None:
            self.findings.setText(error)
            self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(False)
            return
        self.table.show_result(result, self._spec.corrections)
        self.findings.setText("\n".join(result["findings"]))

    def _show_busy(self, busy: bool) -> None:
        self.bar.setVisible(busy)
        self.bar.setRange(0, 100)
        self.bar.setValue(0)
        self.table.setEnabled(not busy)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not busy)

    def _add_files(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self, tr("Add images"), self._spec.inputs[0], tr("Images") + f" ({_SUFFIXES})"
        )
        if paths:
            self.add(paths)

    def add(self, paths: Sequence[str]) -> None:
        """Takes more images, with the corrections as they are."""
        new = tuple(path for path in paths if path not in self._spec.inputs)
        self.added += new
        corrections = tuple(self.corrections())
        self._spec = replace(self._spec, inputs=(*self._spec.inputs, *new), corrections=corrections)
        self.start()

    def _hint(self) -> QLabel:
        label = QLabel(
            tr(
                "Double-click a date or a sensor to correct it (or press F2). Images without a tick are dropped: "
                "Delete and the space bar do it too. A click on a heading sorts the table; the time stack itself is "
                "always in the order of the dates."
            )
        )
        label.setWordWrap(True)
        return label

    def _tools(self) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        for text, action in (
            (tr("&Use selected"), lambda: self.table.set_used(True)),
            (tr("&Drop selected"), lambda: self.table.set_used(False)),
            (tr("&Add images…"), self._add_files),
        ):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(lambda checked=False, act=action: act())
            layout.addWidget(button)
        layout.addStretch(1)
        layout.addWidget(self.buttons)
        return row


class StackLook(Work):
    """Has the engine tell what a stack would hold; `looked` hands it over in the main thread."""

    looked = pyqtSignal(object, str)
    """The job's result, or None and a sentence about what went wrong."""

    told = pyqtSignal(float)
    """How much is done (0 to 1)."""

    def __init__(self, spec: BuildStackSpec) -> None:
        super().__init__()
        self._spec = spec
        self._result: Optional[Dict[str, Any]] = None
        self._error = ""

    def run(self) -> bool:
        """See `Work.run`."""
        from ..bridge import client

        try:
            self._result = client.engine().run(self._spec, self)
        except Cancelled:
            pass
        except LandSketchError as error:
            self._error = str(error)
        except Exception as error:  # noqa: BLE001 - nobody would hear of it, and the dialog would wait for ever
            self._error = tr("Looking at the images failed: {error}.").format(error=error)
        return self._result is not None

    def finished(self, succeeded: bool) -> None:
        """See `Work.finished`."""
        if not self.isCanceled():
            self.looked.emit(self._result, self._error)

    def is_cancelled(self) -> bool:
        """The bridge's question."""
        return self.isCanceled()

    def progress(self, fraction: float, message: str = "", seconds_left: Optional[float] = None) -> None:
        """Moves the bar."""
        if not self.isCanceled():
            self.told.emit(fraction)

    def log(self, message: str, level: str = "info") -> None:
        """The table tells it all."""

    def metric(self, values: Dict[str, float]) -> None:
        """There are none."""

    def artifact(self, path: str, kind: str) -> None:
        """No file is written."""
