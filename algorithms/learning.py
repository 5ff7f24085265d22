"""The parameters that algorithms which learn have in common; what is said of each is the algorithm's own."""

from __future__ import annotations

from typing import Any, Dict, Sequence

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
)

from .base import LandSketchAlgorithm, Parameters
from .checks import start_filter
from .text import tr

CHECKPOINT = "CHECKPOINT"
MODE = "MODE"
SEED = "SEED"
EPOCHS = "EPOCHS"
OUTPUT = "OUTPUT"
REPORT = "REPORT"
CLASSIFIER = "CLASSIFIER"


def add_start(algorithm: LandSketchAlgorithm, title: str, help_text: str) -> None:
    """Declares the checkpoint or the published weights to start from; without them, it starts from the default."""
    algorithm.add(QgsProcessingParameterFile(CHECKPOINT, title, optional=True, fileFilter=start_filter()), help_text)


def add_mode(algorithm: LandSketchAlgorithm, modes: Sequence[str], help_text: str) -> None:
    """Declares how much of the network is trained; the first mode is the default."""
    algorithm.add(
        QgsProcessingParameterEnum(
            MODE, tr("What to train"), options=list(modes), defaultValue=modes[0], usesStaticStrings=True
        ),
        help_text,
    )


def add_seed(algorithm: LandSketchAlgorithm, help_text: str) -> None:
    """Declares the seed of all that is random."""
    algorithm.add(QgsProcessingParameterNumber(SEED, tr("Seed"), defaultValue=0, minValue=0), help_text)


def add_epochs(algorithm: LandSketchAlgorithm, most: int, help_text: str) -> None:
    """Declares how many epochs there are at most."""
    algorithm.add(
        QgsProcessingParameterNumber(EPOCHS, tr("Most epochs"), defaultValue=most, minValue=1),
        help_text,
        advanced=True,
    )


def learning_of(
    algorithm: LandSketchAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> Dict[str, Any]:
    """Returns mode, seed and epochs as fields of a job's spec."""
    return {
        "mode": algorithm.parameterAsEnumString(parameters, MODE, context),
        "seed": algorithm.parameterAsInt(parameters, SEED, context),
        "epochs": algorithm.parameterAsInt(parameters, EPOCHS, context),
    }


def add_checkpoint(algorithm: LandSketchAlgorithm, title: str, help_text: str) -> None:
    """Declares the checkpoint that is written."""
    algorithm.add(QgsProcessingParameterFileDestination(OUTPUT, title, _checkpoint_filter()), help_text)


def add_classifier(algorithm: LandSketchAlgorithm, help_text: str) -> None:
    """Declares a checkpoint that is written beside a map, if it is wanted."""
    algorithm.add(
        QgsProcessingParameterFileDestination(
            CLASSIFIER, tr("Checkpoint"), _checkpoint_filter(), optional=True, createByDefault=False
        ),
        help_text,
    )


def add_report(algorithm: LandSketchAlgorithm, help_text: str, name: str = REPORT) -> None:
    """Declares the page that tells how it went."""
    algorithm.add(
        QgsProcessingParameterFileDestination(
            name, tr("Report"), tr("HTML page") + " (*.html)", optional=True, createByDefault=True
        ),
        help_text,
    )


def _checkpoint_filter() -> str:
    return tr("LandSketch checkpoint") + " (*.safetensors)"
