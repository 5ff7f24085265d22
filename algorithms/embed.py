"""`landsketch:embed`: encoder and images → raster of features."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
)

from ..core.specs import STORED, EmbedSpec
from .base import CheckpointAlgorithm, Parameters, run_spec
from .checks import check_encoder, check_outputs, start_filter
from .computing import DEVICE, add_device
from .scene import add_band_names, add_images, scene_sources
from .sources import RasterSource
from .stacks import add_stack
from .styling import default_name, shows_int8, style_features, style_when_loaded
from .text import tr
from .where import Rectangle, add_rectangle, read_rectangle


class Embed(CheckpointAlgorithm):
    """Writes what an encoder makes of a scene."""

    NAME = "embed"

    CHECKPOINT = "CHECKPOINT"
    STORED = "STORED"
    TILE = "TILE"
    OUTPUT = "OUTPUT"

    def __init__(self) -> None:
        super().__init__()
        self._sources: Tuple[RasterSource, ...] = ()
        self._rectangle: Optional[Rectangle] = None

    def title(self) -> str:
        return tr("Embed an image")

    def summary(self) -> str:
        return tr("Writes the features that an encoder computes of an image as a raster, one band each.")

    def details(self) -> str:
        return tr(
            "<p>Computed once, features can be used many times: chosen as 'Embeddings' in 'Fine-tune a classifier', "
            "they take the place of an encoder. Their pixels are as large as the encoder's finest features, often "
            "larger than the image's.</p><p>A run that was killed or failed goes on where it stopped when it is run "
            "again with the same parameters and output file.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterFile(self.CHECKPOINT, tr("Encoder"), fileFilter=start_filter()),
            tr(
                "A .safetensors file of LandSketch, an encoder or a classifier, whose encoder is taken; or published "
                "weights (.pt, .pth, .ckpt)."
            ),
        )
        add_images(self)
        add_stack(self)
        add_rectangle(
            self,
            tr(
                "The part of the image that is embedded: drawn, that of a layer or of the map on screen, or typed; "
                "without a coordinate system in that of the project. Empty: the whole image."
            ),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.STORED, tr("Stored as"), options=list(STORED), defaultValue=STORED[0], usesStaticStrings=True
            ),
            tr(
                "'int8' takes one byte for each number and a scale for each band; 'float16' takes two, and is more "
                "exact than classifiers need."
            ),
        )
        add_band_names(self)
        self.add(
            QgsProcessingParameterNumber(self.TILE, tr("Tile size in pixels"), defaultValue=0, minValue=0),
            tr("0: as the encoder needs. Smaller tiles need less memory; the features hardly depend on it."),
            advanced=True,
        )
        add_device(self)
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, tr("Features")),
            tr("The features, a GeoTIFF with one band each; the first three are shown as red, green and blue."),
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks images, encoder, rectangle and output against each other."""
        sources = scene_sources(self, parameters, context)
        checkpoint = self.parameterAsFile(parameters, self.CHECKPOINT, context)
        check_encoder(checkpoint, sources)
        rectangle = read_rectangle(self, parameters, context)
        if rectangle:
            rectangle.check(sources[0], context)
        check_outputs(self, parameters, [*(source.spec.path for source in sources), checkpoint])

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers."""
        self._sources = scene_sources(self, parameters, context)
        self._rectangle = read_rectangle(self, parameters, context)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Embeds, styles the raster and returns it."""
        spec = EmbedSpec(
            checkpoint=self.parameterAsFile(parameters, self.CHECKPOINT, context),
            sources=tuple(source.spec for source in self._sources),
            output=self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            stored=self.parameterAsEnumString(parameters, self.STORED, context),
            extent=self._rectangle.spec(self._sources[0]) if self._rectangle else None,
            tile=self.parameterAsInt(parameters, self.TILE, context),
            device=self.parameterAsEnumString(parameters, DEVICE, context),
        )
        run_spec(spec, feedback)
        if spec.stored == "int8" and not shows_int8():
            feedback.pushWarning(
                tr(
                    "This version of QGIS does not know signed 8-bit numbers and shows about half of the values "
                    "wrongly; LandSketch reads them rightly. To look at features here, choose 'float16'."
                )
            )
        if not style_features(spec.output):
            feedback.pushWarning(tr("The style could not be saved beside the features."))
        image = self._sources[0].name or os.path.basename(self._sources[0].spec.path)
        style_when_loaded(spec.output, default_name(tr("Features"), image), context)
        return {self.OUTPUT: spec.output}
