"""The engine in the options: whether it is there, which Python it runs in, and another one of the user's choice."""

from __future__ import annotations

import os
from typing import Callable, Optional

from qgis.PyQt.QtCore import QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QFileDialog, QFormLayout, QGroupBox, QHBoxLayout, QLineEdit, QWidget

from ...algorithms import preferences
from ...algorithms.text import tr
from ...bridge import environment
from ...bridge.checked_python import check_python
from ...bridge.named_python import VARIABLE, is_from_variable
from .background import Background
from .parts import Waiting, button, fill, row, text


class EngineGroup(QGroupBox):
    """The engine's state.

    Args:
        install: Opens the dialog that installs the engine above a window, and returns when it is closed.
    """

    changed = pyqtSignal()
    """There is an engine now, or none any more."""

    def __init__(self, install: Callable[[QWidget], None]) -> None:
        super().__init__(tr("Engine"))
        self._install = install
        self._check: Optional[Background] = None
        self._chosen: Optional[str] = None
        """What `apply` stores: a Python, or LandSketch's own (empty); None: as it was."""
        self.state = text()
        self.place = QLineEdit()  # a path in a label cannot be wrapped, and would make the page wider
        self.place.setReadOnly(True)
        self.place.setPlaceholderText(tr("none"))
        self.choose_button = button(
            tr("Choose…"), self.choose_or_cancel, tr("Lets the engine run in a Python of yours that has its packages.")
        )
        self.install_button = button(tr("Install engine…"), self.install)
        self.own_button = button(tr("Use LandSketch's own"), self.use_own, tr("The one that 'Install engine' makes."))
        self.open_button = button(tr("Open its folder"), _open_folder, tr("Environments and log files"))
        self.waiting = Waiting(tr("Trying its packages …"))
        self.verdict = text()
        self.verdict.hide()
        python = QHBoxLayout()
        python.addWidget(self.place, 1)
        python.addWidget(self.choose_button)
        form = QFormLayout()
        form.addRow(tr("Python"), python)
        fill(
            self,
            self.state,
            form,
            self.waiting,
            self.verdict,
            row(self.install_button, self.own_button, self.open_button),
        )
        self.refresh()

    def apply(self) -> None:
        """Stores the chosen Python; the next job starts in it."""
        if self._chosen is not None:
            preferences.save_python(self._chosen)
            self._chosen = None

    def refresh(self) -> None:
        """Shows whether there is an engine, and where."""
        python = self.python()
        reason = self._reason()
        self.state.setText(reason or tr("The engine is installed."))
        self.place.setText(python or "")
        self.place.setCursorPosition(0)
        self.install_button.setVisible(bool(reason) and not is_from_variable())
        self.own_button.setVisible(bool(preferences.python() if self._chosen is None else self._chosen))
        self.own_button.setEnabled(not is_from_variable())
        self.choose_button.setEnabled(not is_from_variable())
        if is_from_variable():
            self.choose_button.setToolTip(tr("The variable {name} decides.").format(name=VARIABLE))
        self.open_button.setEnabled(os.path.isdir(environment.root()))

    def python(self) -> Optional[str]:
        """Returns the Python that the engine runs in once the options are closed; None where there is none."""
        if self._chosen is None:
            return environment.find_python()
        return self._chosen or environment.own_python()

    def install(self) -> None:
        """Lets the user install LandSketch's own engine, and shows what has become of it."""
        if preferences.python():
            preferences.save_python("")  # who installs LandSketch's own wants it, and a named one would come first
        self._chosen = None
        self._install(self.window())
        self.refresh()
        self.changed.emit()

    def use_own(self) -> None:
        """Goes back to LandSketch's own Python."""
        self._chosen = ""
        self._say("")
        self.refresh()
        self.changed.emit()

    def choose_or_cancel(self) -> None:
        """Asks for a Python, or stops trying the last one."""
        if self._check is not None:
            self._check.cancel()
            return
        path, _ = QFileDialog.getOpenFileName(self, tr("Python for the engine"), os.path.dirname(self.python() or ""))
        if path:
            self.choose(path)

    def choose(self, path: str) -> None:
        """Takes a Python if the engine runs in it, which is tried in the background."""
        path = os.path.normpath(path)
        self._say("")
        self._check = check = Background(
            lambda cancelled: (path, check_python(path, environment.lock_file(), cancelled))
        )
        check.ended.connect(self._chose)
        self._show_busy(True)
        check.begin(self)

    def _chose(self, found: Optional[object], error: str) -> None:
        self._check = None
        self._show_busy(False)
        if isinstance(found, tuple):
            self._chosen, words = found
            self._say(tr("{words}: it will be used when these options are closed with OK.").format(words=words))
            self.refresh()
            self.changed.emit()
        else:
            self._say(error)

    def _reason(self) -> str:
        """Returns why there is no engine; empty where there is one."""
        if self._chosen is None:
            return environment.missing_reason()
        if self.python():
            return ""
        return str(tr("LandSketch's own engine is not installed yet."))

    def _say(self, words: str) -> None:
        self.verdict.setText(words)
        self.verdict.setVisible(bool(words))

    def _show_busy(self, busy: bool) -> None:
        self.choose_button.setText(tr("Cancel") if busy else tr("Choose…"))
        self.waiting.setVisible(busy)


def _open_folder() -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(environment.root()))
