"""Step 3: which encoder looks at the scene, quick sketches, and training."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QButtonGroup, QRadioButton, QWidget

from ...algorithms.checks import checkpoint_card, start_filter
from ...algorithms.text import tr
from ...core.card_words import headline, needs
from ...core.cards import PUBLISHED_SUFFIXES
from ...core.errors import CheckpointError, LandSketchError
from .step import Step, button, row, text_label


class ModelStep(Step):
    """The encoder.

    Args:
        parent: The dock's page.
        train: Opens the dialog that trains with all choices.
    """

    changed = pyqtSignal()
    manage = pyqtSignal()
    """The checkpoint manager is wanted."""

    def __init__(self, parent: QWidget, train: Callable[[], None]) -> None:
        super().__init__(tr("3  Model"), parent)
        self.default = QRadioButton(tr("&Default encoder"))
        self.own = QRadioButton(tr("&Checkpoint"))
        self._group = QButtonGroup(self)
        for choice in (self.default, self.own):
            self._group.addButton(choice)
        self.default.setChecked(True)
        self.own.toggled.connect(lambda on: self.refresh())
        self.file = QgsFileWidget()
        self.file.setFilter(start_filter())
        self.file.fileChanged.connect(lambda path: self.refresh())
        self.card = text_label()
        tip = tr(
            "Slower than the live preview, with all choices and a report: opens 'Fine-tune a classifier' with this "
            "scene and these labels."
        )
        self.train_button = button(tr("&Train…"), train, tip)
        tip = tr("Shows all checkpoints with their cards, and what can be downloaded; choose one there.")
        self.manage_button = button(tr("Manage…"), self.manage.emit, tip)
        self.contents.addLayout(row(self.default, self.manage_button, self.train_button, stretch=0))
        self.contents.addLayout(row(self.own, self.file))
        self.contents.addWidget(self.card)
        self.refresh()

    def checkpoint(self) -> str:
        """Returns the encoder's file; empty for the default encoder.

        Raises:
            CheckpointError: If a file is meant and none is chosen, or it is none to start from.
        """
        path = self.chosen()
        if path is None:
            raise CheckpointError(tr("No checkpoint is chosen."), tr("Choose its file, or the default encoder."))
        if path and not path.lower().endswith(PUBLISHED_SUFFIXES):
            checkpoint_card(path)
        return path

    def chosen(self) -> Optional[str]:
        """Returns the file that is chosen, whatever it is; '' for the default encoder, None where none is chosen."""
        return "" if self.default.isChecked() else str(self.file.filePath()).strip() or None

    def choose(self, path: str) -> None:
        """Chooses a checkpoint; empty: the default encoder."""
        if path:
            self.file.setFilePath(path)
        (self.own if path else self.default).setChecked(True)

    def refresh(self) -> None:
        """Shows what the chosen encoder is."""
        self.file.setEnabled(self.own.isChecked())
        try:
            path = self.checkpoint()
        except LandSketchError as error:
            self.card.setText("")
            self.set_state(False, str(error))
        else:
            self.set_state(True, self._title(path))
            self.card.setText(self._words(path))
        self.card.setVisible(bool(self.card.text()))
        self.changed.emit()

    def _title(self, path: str) -> str:
        return str(self.default.text().replace("&", "")) if not path else path.replace("\\", "/").rsplit("/", 1)[-1]

    def _words(self, path: str) -> str:
        """Returns what the card says; a published file has none, and the default encoder needs no explaining."""
        if not path or path.lower().endswith(PUBLISHED_SUFFIXES):
            return ""
        card = checkpoint_card(path)
        return f"{headline(card)} {needs(card)}"
