"""`landsketch:exportonnx`: checkpoint that classifies → ONNX network, which other programs run too."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
)

from ..core.errors import CheckpointError
from ..core.onnx_card import ONNX_SUFFIX
from ..core.specs import ExportSpec
from .base import CheckpointAlgorithm, Parameters, run_spec
from .checks import check_outputs, classifier_card, trained_filter
from .text import tr

ITEM_SUFFIX = ".stac.json"


class ExportOnnx(CheckpointAlgorithm):
    """Exports a classifier."""

    NAME = "exportonnx"

    CHECKPOINT = "CHECKPOINT"
    ITEM = "ITEM"
    SIDE = "SIDE"
    OUTPUT = "OUTPUT"

    def title(self) -> str:
        return tr("Export a classifier as ONNX")

    def summary(self) -> str:
        return tr("Writes a fine-tuned checkpoint as an ONNX network, which runs without PyTorch.")

    def details(self) -> str:
        return tr(
            "<p>'Classify an image' takes the network as it takes the checkpoint. It also holds what the QGIS plugin "
            "Deepness and the program GeoDeep read: classes, resolution, tile size and scaling. Before it is written, "
            "its results are compared with those of the checkpoint.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterFile(self.CHECKPOINT, tr("Checkpoint"), fileFilter=trained_filter()),
            tr("The checkpoint that 'Fine-tune a classifier' wrote (.safetensors)."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.ITEM, tr("With a STAC item"), defaultValue=True),
            tr(
                "Whether a file that describes the network for catalogues (STAC, extension for machine learning "
                "models) is written beside it, under the same name with the ending {ending}."
            ).format(ending=ITEM_SUFFIX),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.SIDE, tr("Only windows of this side in pixels"), defaultValue=0, minValue=0
            ),
            tr(
                "0: windows of any size, where the network allows it. Some programs and devices need one fixed size, "
                "such as 512."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.OUTPUT, tr("ONNX network"), tr("ONNX network") + f" (*{ONNX_SUFFIX})"
            ),
            tr("The network with everything needed to use it rightly, as in the checkpoint."),
        )
        self.addOutput(QgsProcessingOutputFile(self.ITEM, tr("STAC item")))

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks that the checkpoint classifies, and that nothing of it is overwritten."""
        checkpoint = self.parameterAsFile(parameters, self.CHECKPOINT, context)
        if checkpoint.lower().endswith(ONNX_SUFFIX):
            raise CheckpointError(
                tr("'{path}' is an ONNX network already.").format(path=checkpoint),
                tr("Choose the checkpoint (.safetensors) that it was made from."),
            )
        classifier_card(checkpoint)
        check_outputs(self, parameters, [checkpoint])

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Exports and returns the files."""
        output = self.parameterAsFileOutput(parameters, self.OUTPUT, context)
        with_item = self.parameterAsBool(parameters, self.ITEM, context)
        spec = ExportSpec(
            checkpoint=self.parameterAsFile(parameters, self.CHECKPOINT, context),
            output=output,
            item=os.path.splitext(output)[0] + ITEM_SUFFIX if with_item else "",
            side=self.parameterAsInt(parameters, self.SIDE, context),
        )
        run_spec(spec, feedback)
        results = {self.OUTPUT: spec.output}
        return {**results, self.ITEM: spec.item} if spec.item else results
