"""The checkpoint manager: the table, the card beside it, and what can be done."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Optional

from qgis.gui import QgsFileWidget, QgsFilterLineEdit, QgsGui
from qgis.PyQt.QtCore import Qt, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices, QKeySequence
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDialog,
    QLabel,
    QMessageBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ...algorithms.compat import QShortcut
from ...algorithms.folders import path_identity
from ...algorithms.text import tr
from ...core.cards import SUFFIX
from ...core.errors import LandSketchError
from ..dock.step import button, row
from . import deleting, store
from .actions import Actions
from .card_panel import CardPanel
from .entries import BUNDLED, STATES, Entry, state_words
from .import_menu import ImportMenu
from .reading import Shelf
from .shelf_watch import ShelfWatch
from .table import CheckpointTable
from .work import IMPORT, Copy, Download
from .work_bar import WorkBar

OpenDialog = Callable[[str, Dict[str, Any]], Optional[QWidget]]


class CheckpointDialog(QDialog):
    """The manager; not modal.

    Args:
        parent: QGIS' window.
        open_dialog: Opens the dialog of an algorithm with some parameters filled in.
        dock_choice: Returns the checkpoint that the dock uses: a path, '' for the default encoder, None without a dock.
    """

    used = pyqtSignal(str)
    """A checkpoint is wanted in the dock; empty: the default encoder."""

    def __init__(self, parent: QWidget, open_dialog: OpenDialog, dock_choice: Callable[[], Optional[str]]) -> None:
        super().__init__(parent)
        self.setObjectName("LandSketchCheckpoints")
        self.setWindowTitle(tr("LandSketch checkpoints"))
        self.resize(self.fontMetrics().averageCharWidth() * 180, self.fontMetrics().height() * 38)
        self._open_dialog = open_dialog
        self._dock_choice = dock_choice
        self._shelf = Shelf((), {})
        self._wanted = ""
        self.watch = ShelfWatch(self)
        self._build()
        QgsGui.enableAutoGeometryRestore(self, "landsketch-checkpoints")

    # What is shown ----------------------------------------------------------------------------------------------------

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """What has changed while the dialog was closed is shown, too."""
        super().showEvent(event)
        self.watch.follow(True)

    def hideEvent(self, event: Any) -> None:  # noqa: N802
        """A closed dialog reads nothing."""
        super().hideEvent(event)
        self.watch.follow(False)

    def remove(self) -> None:
        """Ends what still runs, for good."""
        self.work.cancel()
        self.watch.end()
        self.close()
        self.deleteLater()

    def _show_shelf(self, shelf: Shelf) -> None:
        chosen = self._wanted or getattr(self.table.current(), "key", "")
        self._shelf = shelf
        self.table.checkpoints.set_entries(shelf.entries)
        if self.table.choose(chosen):
            self._wanted = ""
        counts = {state: sum(1 for entry in shelf.entries if entry.state == state) for state in STATES}
        for place, state in enumerate(STATES, 1):
            self.state.setItemText(place, f"{state_words()[state]} ({counts[state]})")
        if shelf.problem:
            self.work.say(shelf.problem)
        self._show_chosen()

    def _show_chosen(self) -> None:
        entry = self.table.current()
        self.card.show_entry(entry, self.uses(entry) if entry is not None else ())
        self.commands.set_entry(entry, self.work.busy)

    def uses(self, entry: Entry) -> List[str]:
        """Returns where a checkpoint is used, in sentences."""
        found = list(self._shelf.uses.get(entry.key, ()))
        choice = self._dock_choice()
        if choice == "" and entry.state == BUNDLED:
            found.insert(0, tr("The dock is set to the default encoder: this one, for Sentinel-1 and Sentinel-2."))
        elif choice and entry.path and path_identity(choice) == path_identity(entry.path):
            found.insert(0, tr("It is chosen in the dock."))
        return found

    # What can be done -------------------------------------------------------------------------------------------------

    def download(self) -> None:
        """Downloads the selected encoder, or opens the page from which a person has to."""
        entry = self.table.current()
        if entry is None or entry.published is None:
            return
        if entry.published.manual:
            QDesktopServices.openUrl(QUrl(entry.published.url))
            return
        try:
            path = store.free_path(self._made_folder(), entry.published.id + SUFFIX)
            self.work.begin(Download(entry.published, path, self))
        except LandSketchError as error:
            self.work.say(str(error))

    def copy(self, path: str) -> None:
        """Copies a checkpoint of LandSketch into the folder."""
        if path_identity(os.path.dirname(path)) == path_identity(store.folder()):
            self.work.say(tr("'{path}' lies in the folder already.").format(path=path))
        else:
            self.work.begin(Copy(path, store.folder()))

    def list_file(self, path: str) -> None:
        """Lists a file where it is."""
        store.add(path)
        self._wanted = os.path.abspath(path)
        self.watch.refresh()

    def import_published(self) -> None:
        """Opens 'Import an encoder', which writes into the folder."""
        try:
            path = store.free_path(self._made_folder(), "imported" + SUFFIX)
        except LandSketchError as error:
            self.work.say(str(error))
        else:
            self._open_dialog(IMPORT, {"OUTPUT": path})

    def use(self) -> None:
        """Chooses the selected checkpoint in the dock."""
        entry = self.table.current()
        if entry is not None and entry.can_start:
            self.used.emit("" if entry.state == BUNDLED else entry.path)
            self._show_chosen()

    def open_for(self, algorithm: str) -> None:
        """Opens the dialog of an algorithm with the selected checkpoint."""
        entry = self.table.current()
        if entry is not None:
            self._open_dialog(algorithm, {"CHECKPOINT": entry.path})

    def classify(self) -> None:
        """Opens the dialog that makes a map with the selected checkpoint, of pixels or of patches."""
        entry = self.table.current()
        patches = entry is not None and entry.card is not None and entry.card.classifies_scenes
        self.open_for("landsketch:classifyscenes" if patches else "landsketch:classify")

    def show_file(self) -> None:
        """Opens the folder of the selected checkpoint."""
        entry = self.table.current()
        if entry is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(os.path.dirname(entry.path)))

    def delete(self) -> None:
        """Takes the selected checkpoint away, once the user has agreed."""
        entry = self.table.current()
        if entry is None or not deleting.can_be_removed(entry):
            return
        if not self.agreed(deleting.question(entry, self.uses(entry))):
            return
        try:
            if not deleting.remove(entry):
                text = tr("'{name}' cannot be moved to the trash. Delete it for good?").format(name=entry.name)
                if not self.agreed(text):
                    return
                deleting.delete(entry.path)
        except LandSketchError as error:
            self.work.say(str(error))
            return
        self.work.say(tr("'{name}' is gone from here.").format(name=entry.name))
        self.watch.refresh()

    def agreed(self, question: str) -> bool:
        """Asks the user, who answers no by the enter key."""
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(self, self.windowTitle(), question, buttons.Yes | buttons.No, buttons.No)
        return bool(answer == buttons.Yes)

    def _take_made(self, path: str) -> None:
        self._wanted = path
        self.watch.refresh()

    def _show_busy(self) -> None:
        self.importing.setEnabled(not self.work.busy)
        self.commands.set_entry(self.table.current(), self.work.busy)

    def _made_folder(self) -> str:
        """Returns the folder, which is made where it is missing."""
        folder = store.folder()
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            text = tr("The folder '{folder}' cannot be made: {error}.")
            raise LandSketchError(text.format(folder=folder, error=error.strerror or error)) from error
        return folder

    def _choose_folder(self, path: str) -> None:
        if os.path.isdir(path) and path_identity(path) != path_identity(store.folder()):
            store.set_folder(path)
            self.watch.refresh()

    # How it looks -----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.search = QgsFilterLineEdit()
        self.search.setPlaceholderText(tr("Name, sensor, licence, method, class…"))
        self.state = QComboBox()
        self.state.addItem(tr("All states"), "")
        for state in STATES:
            self.state.addItem(state_words()[state], state)
        self.state.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.state.setAccessibleName(tr("State"))
        self.table = CheckpointTable(self)
        self.card = CardPanel(self)
        self.commands = Actions(self)
        self.importing = ImportMenu(self)
        self.folder = QgsFileWidget()
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.folder.setFilePath(store.folder())
        self.work = WorkBar(self)
        close = button(tr("Close"), self.close)
        close.setAutoDefault(False)
        side = QWidget()
        beside = QVBoxLayout(side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.card, 1)
        beside.addWidget(self.commands)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(side)
        self.splitter.setSizes([3 * self.width(), 2 * self.width()])
        self.splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.addLayout(row(_label(tr("&Search"), self.search), self.search, self.state, self.importing, stretch=1))
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.work)
        layout.addLayout(row(_label(tr("F&older"), self.folder.lineEdit()), self.folder, close, stretch=1))
        self._connect()
        order = (self.search, self.state, self.importing, self.table, self.card, *self.commands.buttons.values())
        for first, second in zip(order, (*order[1:], self.work.stop)):
            self.setTabOrder(first, second)
        self.search.setFocus()

    def _connect(self) -> None:
        self.watch.read.connect(self._show_shelf)
        self.search.textChanged.connect(self.table.filter.look_for)
        self.state.currentIndexChanged.connect(
            lambda place: self.table.filter.show_state(str(self.state.currentData() or ""))
        )
        self.folder.fileChanged.connect(self._choose_folder)
        self.importing.published.connect(self.import_published)
        self.importing.copied.connect(self.copy)
        self.importing.listed.connect(self.list_file)
        self.work.changed.connect(self._show_busy)
        self.work.made.connect(self._take_made)
        self.table.selectionModel().selectionChanged.connect(lambda *change: self._show_chosen())
        self.table.doubleClicked.connect(lambda index: self.use())
        self.commands.download.connect(self.download)
        self.commands.use.connect(self.use)
        self.commands.finetune.connect(lambda: self.open_for("landsketch:finetune"))
        self.commands.classify.connect(self.classify)
        self.commands.export.connect(lambda: self.open_for("landsketch:exportonnx"))
        self.commands.show_file.connect(self.show_file)
        self.commands.remove.connect(self.delete)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self).activated.connect(self.watch.refresh)


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(buddy)
    return label
