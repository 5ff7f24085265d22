"""What the machine can compute with, in the options: asked in the background, shown in tables, copied as text."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QGuiApplication
from qgis.PyQt.QtWidgets import QGroupBox

from ...algorithms.text import tr
from ..engine_check import Report, inspect
from ..machine_tables import report_html
from .background import Background
from .parts import Waiting, button, fill, row, text


class DevicesGroup(QGroupBox):
    """The devices.

    Args:
        facts: Returns what is known of the engine, in lines for the copied report.
    """

    measured = pyqtSignal(float)
    """Bytes that the engine's environment takes."""

    def __init__(self, facts: Callable[[], str]) -> None:
        super().__init__(tr("Devices"))
        self._facts = facts
        self._check: Optional[Background] = None
        self._report: Optional[Report] = None
        self.check_button = button(tr("Check devices"), self.start_or_cancel)
        self.copy_button = button(tr("Copy report"), self.copy_report)
        self.copy_button.setToolTip(tr("Puts it on the clipboard, as text to send to somebody."))
        self.waiting = Waiting(tr("The engine looks at this machine …"))
        self.result = text()
        self.result.setVisible(False)
        self.result.setAlignment(Qt.AlignmentFlag.AlignTop)
        fill(self, row(self.check_button, self.copy_button, self.waiting), self.result)

    def start_or_cancel(self) -> None:
        """Starts a check in the background, or stops the one that runs."""
        if self._check is not None:
            self._check.cancel()
            return
        self._check = check = Background(inspect)
        check.ended.connect(self._show)
        self._show_busy(True)
        check.begin(self)

    def copy_report(self) -> None:
        """Puts the report on the clipboard, as text to send to somebody."""
        QGuiApplication.clipboard().setText(self.report_text())

    def report_text(self) -> str:
        """Returns the last report with what QGIS knows, as plain text; without one, what is known of the engine."""
        found = self._report["text"] if self._report else self.result.text()
        return f"QGIS {Qgis.QGIS_VERSION}\n{self._facts()}\n\n{found}".strip() + "\n"

    def _show(self, report: Optional[Report], error: str) -> None:
        """Shows how a check ended."""
        self._check = None
        self._report = report
        self._show_busy(False)
        if report is not None:
            self.result.setTextFormat(Qt.TextFormat.RichText)
            self.result.setText(report_html(report))
            if "bytes" in report:
                self.measured.emit(float(report["bytes"]))
        else:
            self.result.setTextFormat(Qt.TextFormat.PlainText)
            self.result.setText(error)
        self.result.setVisible(bool(self.result.text()))

    def _show_busy(self, busy: bool) -> None:
        self.check_button.setText(tr("Cancel") if busy else tr("Check devices"))
        self.copy_button.setEnabled(not busy)
        self.waiting.setVisible(busy)
