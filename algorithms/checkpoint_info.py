"""`landsketch:checkpointinfo`: checkpoint → what it is, what it needs and how it was made, as a page to read."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from ..core.card_page import card_page
from ..core.card_words import headline, needs
from ..core.errors import OutputError
from .base import CheckpointAlgorithm, Parameters
from .checks import card_filter, check_outputs, checkpoint_card
from .text import tr


class CheckpointInfo(CheckpointAlgorithm):
    """Shows the card of a checkpoint; the standard library reads it."""

    NAME = "checkpointinfo"

    CHECKPOINT = "CHECKPOINT"
    HTML = "HTML"
    TITLE = "TITLE"
    NEEDS = "NEEDS"
    LEGEND_CLASSES = "LEGEND_CLASSES"

    def title(self) -> str:
        return tr("Show a checkpoint")

    def summary(self) -> str:
        return tr("Tells what a checkpoint is, which layers it needs, which classes it knows and how it was made.")

    def details(self) -> str:
        return tr("<p>Only the card of the checkpoint is read, not its weights, so this is instant for any size.</p>")

    def canExecute(self) -> Tuple[bool, str]:  # noqa: N802 - QGIS fixes this name
        """It needs no engine."""
        return True, ""

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterFile(self.CHECKPOINT, tr("Checkpoint"), fileFilter=card_filter()),
            tr("A checkpoint of LandSketch (.safetensors), or a network in ONNX format (.onnx)."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.HTML, tr("Page about the checkpoint"), tr("HTML page") + " (*.html)", optional=True
            ),
            tr("The page to read; Processing lists it among its results."),
        )
        self.addOutput(QgsProcessingOutputString(self.TITLE, tr("What it is")))
        self.addOutput(QgsProcessingOutputString(self.NEEDS, tr("What it needs")))
        self.addOutput(QgsProcessingOutputNumber(self.LEGEND_CLASSES, tr("Number of classes")))

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks that there is a card, and that the page does not overwrite the checkpoint."""
        checkpoint = self.parameterAsFile(parameters, self.CHECKPOINT, context)
        checkpoint_card(checkpoint)
        check_outputs(self, parameters, [checkpoint])

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Reads the card, says the most important of it, and writes the page."""
        checkpoint = self.parameterAsFile(parameters, self.CHECKPOINT, context)
        page = self.parameterAsFileOutput(parameters, self.HTML, context)
        card = checkpoint_card(checkpoint)
        results: Dict[str, Any] = {
            self.TITLE: headline(card),
            self.NEEDS: needs(card),
            self.LEGEND_CLASSES: len(card.legend or ()),
        }
        feedback.pushInfo(f"{results[self.TITLE]}\n{results[self.NEEDS]}")
        if page:
            _write(page, card_page(card, os.path.basename(checkpoint)))
            results[self.HTML] = page
        return results


def _write(path: str, text: str) -> None:
    """Writes a file that appears under its name only when it is whole.

    Raises:
        OutputError: If it cannot be written.
    """
    folder, name = os.path.split(os.path.abspath(path))
    temporary = os.path.join(folder, f".{os.getpid()}-{name}")
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.remove(temporary)
        raise OutputError(
            tr("'{path}' cannot be written: {reason}.").format(path=path, reason=error.strerror),
            tr("Choose a folder that you may write to."),
        ) from error
