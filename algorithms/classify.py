"""`landsketch:classify`: checkpoint and images → class map."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterVectorDestination,
)

from ..core.specs import ClassifySpec
from .base import LandSketchAlgorithm, Parameters, run_spec
from .checks import card_filter, check_outputs, classifier_card
from .compat import POLYGONS
from .computing import add_computing, computing
from .ensembles import CHECKPOINT, add_ensemble, check_members, ensemble_fields, read_members
from .map_options import add_map_options, map_options, polygons_spec
from .scene import add_band_names, add_scene, scene_sources
from .sources import RasterSource
from .styling import default_name, style_rasters, style_when_loaded
from .text import tr
from .where import Where, add_where, mask_for, read_where


class Classify(LandSketchAlgorithm):
    """Classifies a scene."""

    NAME = "classify"

    TILE = "TILE"
    OUTPUT = "OUTPUT"
    CONFIDENCE = "CONFIDENCE"
    PROBABILITIES = "PROBABILITIES"
    POLYGONS = "POLYGONS"
    ENTROPY = "ENTROPY"
    MARGIN = "MARGIN"

    def __init__(self) -> None:
        super().__init__()
        self._sources: Tuple[RasterSource, ...] = ()
        self._where = Where()

    def title(self) -> str:
        return tr("Classify an image")

    def summary(self) -> str:
        return tr("Makes a land-cover map of an image of any size with a fine-tuned checkpoint.")

    def details(self) -> str:
        return tr(
            "<p>The image needs the bands that the checkpoint was trained with; they are found by their names, in any "
            "order. The map is a GeoTIFF with the names and colours of the classes as its style; where the image has "
            "no data, the map has none either.</p><p>A run that was killed or failed goes on where it stopped when it "
            "is run again with the same parameters and output files. Name them for this: temporary files have other "
            "names each time.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterFile(CHECKPOINT, tr("Checkpoint"), fileFilter=card_filter()),
            tr(
                "The checkpoint that 'Fine-tune a classifier' wrote (.safetensors); or a network in ONNX format "
                "(.onnx), exported by LandSketch or made by others for the plugin Deepness."
            ),
        )
        add_scene(self)
        add_where(
            self,
            tr("Polygons outside which nothing is classified. Empty: the whole image."),
            tr(
                "The part of the image that the map covers: drawn, that of a layer or of the map on screen, or typed; "
                "without a coordinate system in that of the project. Empty: the whole image."
            ),
        )
        add_ensemble(self)
        add_band_names(self)
        add_map_options(self)
        self.add(
            QgsProcessingParameterNumber(self.TILE, tr("Tile size in pixels"), defaultValue=0, minValue=0),
            tr("0: as the checkpoint says. Smaller tiles need less memory; the map hardly depends on it."),
            advanced=True,
        )
        add_computing(self)
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
        self.add(
            QgsProcessingParameterVectorDestination(
                self.POLYGONS, tr("Polygons"), POLYGONS, optional=True, createByDefault=False
            ),
            tr(
                "The map as polygons with class and area, a GeoPackage (.gpkg) that holds names and colours of the "
                "classes too. Neighbours share their borders without gaps."
            ),
        )
        self.add(
            QgsProcessingParameterRasterDestination(self.ENTROPY, tr("Entropy"), optional=True, createByDefault=False),
            tr(
                "How evenly the probabilities are spread over all classes: 0 where the classifier is certain, 1 where "
                "all classes are equally likely."
            ),
        )
        self.add(
            QgsProcessingParameterRasterDestination(self.MARGIN, tr("Margin"), optional=True, createByDefault=False),
            tr(
                "The difference between the two highest probabilities, from 0 to 1: low where two classes are hard to "
                "tell apart. New labels help most there."
            ),
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks images, checkpoints, mask, rectangle and outputs against each other."""
        sources = scene_sources(self, parameters, context)
        fields = ensemble_fields(self, parameters, context)
        check_members(read_members(fields), sources)
        read_where(self, parameters, context).check(sources[0], context)
        images = [source.spec.path for source in sources]
        check_outputs(self, parameters, [*images, fields["checkpoint"], *fields["members"]])

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers."""
        self._sources = scene_sources(self, parameters, context)
        self._where = read_where(self, parameters, context)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Classifies, styles the results and returns them."""
        # Asked for once: a temporary output has another name each time.
        outputs = {name: self.parameterAsOutputLayer(parameters, name, context) for name in self._kinds()}
        options = {**map_options(self, parameters, context), **computing(self, parameters, context)}
        folder = os.path.dirname(outputs[self.OUTPUT])
        with mask_for(self._where.mask, options["scheduler"], folder, feedback) as mask:
            spec = ClassifySpec(
                **ensemble_fields(self, parameters, context),
                sources=tuple(source.spec for source in self._sources),
                output=outputs[self.OUTPUT],
                confidence=outputs[self.CONFIDENCE],
                probabilities=outputs[self.PROBABILITIES],
                entropy=outputs[self.ENTROPY],
                margin=outputs[self.MARGIN],
                polygons=polygons_spec(self, outputs[self.POLYGONS], parameters, context),
                mask=mask,
                extent=self._where.extent(self._sources[0]),
                tile=self.parameterAsInt(parameters, self.TILE, context),
                **options,
            )
            run_spec(spec, feedback)
        _, legend = classifier_card(spec.checkpoints()[0])
        if not style_rasters(spec, legend):
            feedback.pushWarning(tr("The style could not be saved beside the map."))
        made = {name: path for name, path in outputs.items() if path}
        self._name_layers(made, context)
        return made

    def _kinds(self) -> Dict[str, str]:
        """Returns what each output is, by its parameter."""
        return {
            self.OUTPUT: tr("Class map"),
            self.CONFIDENCE: tr("Confidence"),
            self.PROBABILITIES: tr("Probabilities"),
            self.POLYGONS: tr("Polygons"),
            self.ENTROPY: tr("Entropy"),
            self.MARGIN: tr("Margin"),
        }

    def _name_layers(self, made: Dict[str, str], context: QgsProcessingContext) -> None:
        image = self._sources[0].name or os.path.basename(self._sources[0].spec.path)
        for name, path in made.items():
            kind = self._kinds()[name]
            style_when_loaded(path, default_name(kind, image), context, styled=name != self.PROBABILITIES)
