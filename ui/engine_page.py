"""The page LandSketch in QGIS's options: the engine's state, what the machine can compute with, and preferences."""

from __future__ import annotations

import os
from typing import Callable, Dict, Optional

from qgis.core import Qgis, QgsApplication
from qgis.gui import QgsOptionsPageWidget, QgsOptionsWidgetFactory, QgsScrollArea
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QGuiApplication, QIcon
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ..algorithms import preferences
from ..algorithms.provider import ICON
from ..algorithms.text import tr
from ..bridge import environment
from ..core.sensors import AUTO
from .engine_check import EngineCheck, Report
from .machine_tables import report_html

PAGE = "LandSketchOptions"
"""Object name of the page, by which QGIS opens its options there."""


class EnginePageFactory(QgsOptionsWidgetFactory):
    """Adds the page to QGIS's options.

    Args:
        install: Opens the dialog that installs the engine above a window, and returns when it is closed.
    """

    def __init__(self, install: Callable[[QWidget], None]) -> None:
        super().__init__()
        self._install = install
        self.setTitle("LandSketch")  # a product name, hence not translated
        self.setIcon(QIcon(ICON))

    def createWidget(self, parent: Optional[QWidget] = None) -> QgsOptionsPageWidget:  # noqa: N802 - QGIS's name
        """Returns a new page; QGIS makes one each time the options are opened."""
        return EnginePage(parent, self._install)


class EnginePage(QgsOptionsPageWidget):
    """The page.

    Args:
        parent: QGIS's options dialog.
        install: Opens the dialog that installs the engine above a window, and returns when it is closed.
    """

    def __init__(self, parent: Optional[QWidget], install: Callable[[QWidget], None]) -> None:
        super().__init__(parent)
        self.setObjectName(PAGE)
        self._install = install
        self._check: Optional[EngineCheck] = None
        self._report: Optional[Report] = None
        layout = _scrolled(self)
        for group in (self._engine_group(), self._devices_group(), self._preferences_group()):
            layout.addWidget(group)
        layout.addStretch(1)
        self.refresh()

    def apply(self) -> None:
        """Stores the preferences; QGIS calls this when the options are closed with OK."""
        preferences.save(
            self.device.currentData(), self.threads.value(), self.runtime.currentData(), self.precision.currentData()
        )

    def refresh(self) -> None:
        """Shows whether the engine is installed, and where."""
        reason = environment.missing_reason()
        python = environment.find_python()
        self.state.setText(reason or tr("The engine is installed."))
        self.place.setText(python or "")
        self.place.setCursorPosition(0)
        self.install_button.setVisible(bool(reason))
        self.check_button.setEnabled(not reason)
        self.open_button.setEnabled(os.path.isdir(environment.root()))

    def install(self) -> None:
        """Lets the user install the engine, and shows what has become of it."""
        self._install(self.window())
        self.refresh()

    def start_or_cancel(self) -> None:
        """Starts a check in the background, or stops the one that runs."""
        if self._check is not None:
            self._check.cancel()
            return
        self._check = check = EngineCheck()
        check.checked.connect(self._show)
        # Who closes the options does not wait for the result any more.
        self.destroyed.connect(lambda *page: sip.isdeleted(check) or check.cancel())
        self._show_busy(True)
        QgsApplication.taskManager().addTask(check)

    def copy_report(self) -> None:
        """Puts the report on the clipboard, as text to send to somebody."""
        QGuiApplication.clipboard().setText(self.report_text())

    def report_text(self) -> str:
        """Returns the last report with what QGIS knows, as plain text."""
        lines = [f"QGIS {Qgis.QGIS_VERSION}", self.state.text(), self.place.text()]
        return "\n".join(filter(None, lines)) + "\n\n" + (self._report["text"] if self._report else self.result.text())

    def _show(self, report: Optional[Report], error: str) -> None:
        """Shows how a check ended."""
        self._check = None
        self._report = report
        self._show_busy(False)
        self.refresh()
        if report is not None:
            self.result.setTextFormat(Qt.TextFormat.RichText)
            self.result.setText(report_html(report))
            if "bytes" in report:
                size = report["bytes"] / 1e9
                self.state.setText(tr("The engine is installed and takes {size:.1f} GB.").format(size=size))
        else:
            self.result.setTextFormat(Qt.TextFormat.PlainText)
            self.result.setText(error)
        self.result.setVisible(bool(self.result.text()))
        self.copy_button.setEnabled(bool(self.result.text()))

    def _show_busy(self, busy: bool) -> None:
        self.check_button.setText(tr("Cancel") if busy else tr("Check devices"))
        self.bar.setVisible(busy)
        self.waiting.setVisible(busy)

    def _engine_group(self) -> QGroupBox:
        self.state = _text()
        self.place = QLineEdit()  # a path in a label cannot be wrapped, and would make the page wider
        self.place.setReadOnly(True)
        self.place.setPlaceholderText(tr("none"))
        form = QFormLayout()
        form.addRow(tr("Python"), self.place)
        self.install_button = _button(tr("Install engine…"), self.install)
        self.open_button = _button(tr("Open its folder"), _open_folder)
        self.open_button.setToolTip(tr("Environments and log files"))
        return _group(tr("Engine"), self.state, form, _row(self.install_button, self.open_button))

    def _devices_group(self) -> QGroupBox:
        self.check_button = _button(tr("Check devices"), self.start_or_cancel)
        self.copy_button = _button(tr("Copy report"), self.copy_report)
        self.copy_button.setEnabled(False)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)  # moves to and fro: how long a driver takes to start is not known
        self.bar.setMaximumWidth(120)
        self.waiting = QLabel(tr("The engine looks at this machine …"))
        self.result = _text()
        self.result.setVisible(False)
        self.result.setAlignment(Qt.AlignmentFlag.AlignTop)
        group = _group(tr("Devices"), _row(self.check_button, self.copy_button, self.bar, self.waiting), self.result)
        self._show_busy(False)
        return group

    def _preferences_group(self) -> QGroupBox:
        self.device = _choices(
            {
                AUTO: tr("Automatic: a GPU where one can be used, else the processor"),
                "cpu": tr("Processor (cpu)"),
                "cuda": tr("NVIDIA GPU (cuda)"),
                "mps": tr("Apple GPU (mps)"),
            },
            preferences.device(),
        )
        self.threads = QSpinBox()
        self.threads.setRange(0, preferences.MOST_THREADS)
        self.threads.setSpecialValueText(tr("All cores"))
        self.threads.setValue(preferences.threads())
        self.runtime = _choices(
            {
                AUTO: tr("Automatic: the fastest that gives the same map"),
                "torch": "PyTorch",
                "onnxruntime": "ONNX Runtime",
                "openvino": "OpenVINO",
            },
            preferences.runtime(),
        )
        self.precision = _choices(
            {
                AUTO: tr("Automatic: as fits the runtime"),
                "fp32": tr("32 bits (fp32)"),
                "bf16": tr("16 bits, wide range (bf16)"),
                "fp16": tr("16 bits, fine steps (fp16)"),
            },
            preferences.precision(),
        )
        form = QFormLayout()
        form.addRow(tr("Compute on"), self.device)
        form.addRow(tr("Most processor threads"), self.threads)
        form.addRow(tr("Runtime"), self.runtime)
        form.addRow(tr("Precision"), self.precision)
        group = _group(tr("Preferences"))
        group.layout().addLayout(form)
        note = _text()
        note.setText(tr("The algorithms start with these; each run can be given others under Advanced Parameters."))
        group.layout().addWidget(note)
        return group


def _scrolled(page: QWidget) -> QVBoxLayout:
    """Returns a layout whose contents scroll: QGIS 3.22 makes the dialog higher than the screen instead."""
    frame = QVBoxLayout(page)
    frame.setContentsMargins(0, 0, 0, 0)
    area = QgsScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    contents = QWidget()
    area.setWidget(contents)
    frame.addWidget(area)
    layout = QVBoxLayout(contents)
    layout.setContentsMargins(0, 0, 0, 0)
    return layout


def _text() -> QLabel:
    """Returns a label that wraps and whose text can be selected."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label


def _button(title: str, action: Callable[[], None]) -> QPushButton:
    button = QPushButton(title)
    button.clicked.connect(lambda checked=False: action())
    return button


def _choices(titles: Dict[str, str], chosen: str) -> QComboBox:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(20)  # in a narrow window, the titles are cut rather than the page
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    for value, title in titles.items():
        box.addItem(title, value)
    box.setCurrentIndex(box.findData(chosen))
    return box


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _group(title: str, *contents: object) -> QGroupBox:
    group = QGroupBox(title)
    layout = QVBoxLayout(group)
    for content in contents:
        if isinstance(content, QWidget):
            layout.addWidget(content)
        else:
            layout.addLayout(content)
    return group


def _open_folder() -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(environment.root()))
