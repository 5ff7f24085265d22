"""`landsketch:classifyscenes`: checkpoint, images and patches → patches with class and scores."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterVectorDestination,
)

from ..core.errors import CheckpointError
from ..core.specs import ClassifyScenesSpec
from .base import LandSketchAlgorithm, Parameters, run_spec
from .checks import check_fit, check_outputs, checkpoint_card, trained_filter
from .classes import ClassReader
from .compat import ANY_GEOMETRY, DECIMAL, POLYGONS
from .computing import DEVICE, add_device
from .labels import FeatureInput, feature_input, vector_layer
from .scene import add_band_names, add_scene, scene_sources
from .sources import RasterSource
from .styling import default_name, style_when_loaded
from .text import tr
from .where import Rectangle, add_rectangle, read_rectangle


class ClassifyScenes(LandSketchAlgorithm):
    """Classifies patches of a scene."""

    NAME = "classifyscenes"

    CHECKPOINT = "CHECKPOINT"
    PATCHES = "PATCHES"
    SIDE = "SIDE"
    THRESHOLD = "THRESHOLD"
    TILE = "TILE"
    OUTPUT = "OUTPUT"

    def __init__(self) -> None:
        super().__init__()
        self._sources: Tuple[RasterSource, ...] = ()
        self._patches: Optional[FeatureInput] = None
        self._rectangle: Optional[Rectangle] = None

    def title(self) -> str:
        return tr("Classify patches of an image")

    def summary(self) -> str:
        return tr("Gives squares of an image, or the polygons of a layer, their class and scores as attributes.")

    def details(self) -> str:
        return tr(
            "<p>Without a layer of patches, squares lie side by side over the image. The result is a layer with the "
            "class, its score, and the score of every class ('p_' and its name); the names and colours of the classes "
            "are its style. Where a patch may have several classes, 'classes' names all of them.</p><p>Polygons keep "
            "their number in their layer in 'id', by which their other attributes can be joined.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterFile(self.CHECKPOINT, tr("Checkpoint"), fileFilter=trained_filter()),
            tr("The checkpoint that 'Fine-tune a patch classifier' wrote (.safetensors)."),
        )
        add_scene(self)
        self.add(
            QgsProcessingParameterFeatureSource(self.PATCHES, tr("Patches"), [ANY_GEOMETRY], optional=True),
            tr(
                "The polygons to classify, or points, with a square around each. Empty: squares side by side over the "
                "image."
            ),
        )
        self.add(
            QgsProcessingParameterNumber(self.SIDE, tr("Side of square patches in pixels"), defaultValue=0, minValue=0),
            tr("0: as large as those that the checkpoint was trained with, which is best."),
        )
        add_rectangle(
            self,
            tr(
                "The part of the image whose patches are classified: drawn, that of a layer or of the map on screen, "
                "or typed; without a coordinate system in that of the project. Empty: the whole image."
            ),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.THRESHOLD, tr("Least score"), DECIMAL, defaultValue=0.5, minValue=0.01, maxValue=0.99
            ),
            tr("Where patches may have several classes: those from this score on."),
            advanced=True,
        )
        add_band_names(self)
        self.add(
            QgsProcessingParameterNumber(self.TILE, tr("Tile size in pixels"), defaultValue=0, minValue=0),
            tr("0: as the checkpoint says. Smaller tiles need less memory; the scores hardly depend on it."),
            advanced=True,
        )
        add_device(self)
        self.add(
            QgsProcessingParameterVectorDestination(self.OUTPUT, tr("Classified patches"), POLYGONS),
            tr("A GeoPackage (.gpkg) that holds names and colours of the classes too."),
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks images, checkpoint, patches, rectangle and outputs against each other."""
        sources = scene_sources(self, parameters, context)
        checkpoint = self.parameterAsFile(parameters, self.CHECKPOINT, context)
        card = checkpoint_card(checkpoint)
        if not card.classifies_scenes:
            raise CheckpointError(
                tr("Checkpoint '{path}' does not classify patches.").format(path=checkpoint),
                tr("Make one that does with 'Fine-tune a patch classifier', or classify pixels with this one."),
            )
        check_fit(card, sources, checkpoint)
        patches = self._read_patches(parameters, context)
        if patches:
            patches.check_position(sources[0])
        rectangle = read_rectangle(self, parameters, context)
        if rectangle:
            rectangle.check(sources[0], context)
        check_outputs(self, parameters, [*(source.spec.path for source in sources), checkpoint])

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers."""
        self._sources = scene_sources(self, parameters, context)
        self._patches = self._read_patches(parameters, context)
        self._rectangle = read_rectangle(self, parameters, context)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Classifies and returns the layer."""
        output = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        spec = ClassifyScenesSpec(
            checkpoint=self.parameterAsFile(parameters, self.CHECKPOINT, context),
            sources=tuple(source.spec for source in self._sources),
            output=output,
            patches=self._patches.export(feedback) if self._patches else None,
            side=self.parameterAsInt(parameters, self.SIDE, context),
            extent=self._rectangle.spec(self._sources[0]) if self._rectangle else None,
            threshold=self.parameterAsDouble(parameters, self.THRESHOLD, context),
            tile=self.parameterAsInt(parameters, self.TILE, context),
            device=self.parameterAsEnumString(parameters, DEVICE, context),
        )
        run_spec(spec, feedback)
        image = self._sources[0].name or os.path.basename(self._sources[0].spec.path)
        style_when_loaded(output, default_name(tr("Patches"), image), context)
        return {self.OUTPUT: output}

    def _read_patches(self, parameters: Parameters, context: QgsProcessingContext) -> Optional[FeatureInput]:
        """Returns the patches, each with its number in its layer in place of a class; None where none were given."""
        if parameters.get(self.PATCHES) in (None, ""):
            return None
        patches = feature_input(self, parameters, self.PATCHES, context)
        layer = vector_layer(parameters[self.PATCHES], context)
        numbers = ClassReader("$id", False, (), layer.createExpressionContext()) if layer else None
        return replace(patches, reader=numbers)
