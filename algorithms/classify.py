"""`landsketch:classify`: checkpoint and images → class map."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
)

from ..core.specs import ClassifySpec, VectorSpec
from .base import LandSketchAlgorithm, Parameters, run_spec
from .checks import check_classifier, check_outputs, classifier_card
from .compat import POLYGONS
from .finetune import DEVICE, add_device
from .labels import FeatureInput, feature_input
from .scene import add_band_names, add_images, scene_sources
from .sources import RasterSource
from .styling import default_name, style_class_map, style_confidence, style_when_loaded
from .text import tr


class Classify(LandSketchAlgorithm):
    """Classifies a scene."""

    NAME = "classify"

    CHECKPOINT = "CHECKPOINT"
    MASK = "MASK"
    TILE = "TILE"
    OUTPUT = "OUTPUT"
    CONFIDENCE = "CONFIDENCE"
    PROBABILITIES = "PROBABILITIES"

    def __init__(self) -> None:
        super().__init__()
        self._sources: Tuple[RasterSource, ...] = ()
        self._mask: Optional[FeatureInput] = None

    def title(self) -> str:
        return tr("Classify an image")

    def summary(self) -> str:
        return tr("Makes a land-cover map of an image of any size with a fine-tuned checkpoint.")

    def details(self) -> str:
        return tr(
            "<p>The image needs the bands that the checkpoint was trained with; they are found by their names, in any "
            "order. The map is a GeoTIFF with the names and colours of the classes as its style; where the image has "
            "no data, the map has none either.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterFile(
                self.CHECKPOINT, tr("Checkpoint"), fileFilter=tr("LandSketch checkpoint") + " (*.safetensors)"
            ),
            tr("The checkpoint that 'Fine-tune a classifier' wrote."),
        )
        add_images(self)
        self.add(
            QgsProcessingParameterFeatureSource(self.MASK, tr("Only inside these polygons"), [POLYGONS], optional=True),
            tr("Polygons outside which nothing is classified. Empty: the whole image."),
        )
        add_band_names(self)
        self.add(
            QgsProcessingParameterNumber(self.TILE, tr("Tile size in pixels"), defaultValue=0, minValue=0),
            tr("0: as the checkpoint says. Smaller tiles need less memory; the map hardly depends on it."),
            advanced=True,
        )
        add_device(self)
        self._add_outputs()

    def _add_outputs(self) -> None:
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, tr("Class map")),
            tr("The land-cover map, a GeoTIFF with one class value per pixel; 0 is no data."),
        )
        self.add(
            QgsProcessingParameterRasterDestination(
                self.CONFIDENCE, tr("Confidence"), optional=True, createByDefault=False
            ),
            tr("The probability of the chosen class, from 0 to 1: low where the classifier is in doubt."),
        )
        self.add(
            QgsProcessingParameterRasterDestination(
                self.PROBABILITIES, tr("Probabilities"), optional=True, createByDefault=False
            ),
            tr(
                "The probability of every class, one band each: whole numbers from 0 to 250 whose scale of 0.004 QGIS "
                "applies, 255 where there is no data."
            ),
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks images, checkpoint, mask and outputs against each other."""
        sources = scene_sources(self, parameters, context)
        checkpoint = self.parameterAsFile(parameters, self.CHECKPOINT, context)
        check_classifier(checkpoint, sources)
        mask = mask_input(self, parameters, self.MASK, context)
        if mask:
            mask.check(sources[0])
        images = [source.spec.path for source in sources]
        check_outputs(self, parameters, [*images, checkpoint])

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers."""
        self._sources = scene_sources(self, parameters, context)
        self._mask = mask_input(self, parameters, self.MASK, context)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Classifies, styles the results and returns them."""
        checkpoint = self.parameterAsFile(parameters, self.CHECKPOINT, context)
        _, legend = classifier_card(checkpoint)
        spec = ClassifySpec(
            checkpoint=checkpoint,
            sources=tuple(source.spec for source in self._sources),
            output=self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            confidence=self.parameterAsOutputLayer(parameters, self.CONFIDENCE, context),
            probabilities=self.parameterAsOutputLayer(parameters, self.PROBABILITIES, context),
            mask=export_mask(self._mask, feedback),
            tile=self.parameterAsInt(parameters, self.TILE, context),
            device=self.parameterAsEnumString(parameters, DEVICE, context),
        )
        run_spec(spec, feedback)
        styled = style_class_map(spec.output, legend)
        styled = (style_confidence(spec.confidence) if spec.confidence else True) and styled
        if not styled:
            feedback.pushWarning(tr("The style could not be saved beside the map."))
        self._name_layers(spec, context)
        results = {self.OUTPUT: spec.output, self.CONFIDENCE: spec.confidence, self.PROBABILITIES: spec.probabilities}
        return {name: path for name, path in results.items() if path}

    def _name_layers(self, spec: ClassifySpec, context: QgsProcessingContext) -> None:
        image = self._sources[0].name or os.path.basename(self._sources[0].spec.path)
        style_when_loaded(spec.output, default_name(tr("Class map"), image), context)
        if spec.confidence:
            style_when_loaded(spec.confidence, default_name(tr("Confidence"), image), context)
        if spec.probabilities:
            style_when_loaded(spec.probabilities, default_name(tr("Probabilities"), image), context, style="")


def mask_input(
    algorithm: LandSketchAlgorithm, parameters: Parameters, name: str, context: QgsProcessingContext
) -> Optional[FeatureInput]:
    """Returns the polygons of a mask parameter; None where none was given."""
    if parameters.get(name) in (None, ""):
        return None
    return feature_input(algorithm, parameters, name, context)


def export_mask(mask: Optional[FeatureInput], feedback: QgsProcessingFeedback) -> Optional[VectorSpec]:
    """Writes a mask for the engine; None where none was given."""
    return mask.export(feedback) if mask else None
