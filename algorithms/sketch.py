"""`landsketch:sketch`: images and drawn labels → preview of the map, in seconds."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterVectorDestination,
)

from ..core.errors import LabelError
from ..core.legend import ClassLegend
from ..core.specs import SketchSpec
from . import preferences
from .base import LandSketchAlgorithm, Parameters, run_spec
from .checks import check_outputs, check_start
from .computing import CACHE, DEVICE, add_cache_folder, add_device
from .drawn_labels import add_labels, read_labels
from .labels import FeatureInput
from .learning import CHECKPOINT, CLASSIFIER, SEED, add_classifier, add_seed, add_start
from .scene import add_band_names, add_scene, scene_sources
from .sources import RasterSource
from .styling import default_name, style_class_map, style_confidence, style_margin, style_when_loaded
from .text import tr
from .where import Rectangle, add_rectangle, read_rectangle


class Sketch(LandSketchAlgorithm):
    """Maps what is on screen from the labels drawn so far."""

    NAME = "sketch"

    SUGGESTIONS = "SUGGESTIONS"
    SIDE = "SIDE"
    CACHE_MB = "CACHE_MB"
    OUTPUT = "OUTPUT"
    CONFIDENCE = "CONFIDENCE"
    MARGIN = "MARGIN"
    PLACES = "PLACES"
    ACCURACY = "ACCURACY"
    ACCURACY_LOW = "ACCURACY_LOW"
    ACCURACY_HIGH = "ACCURACY_HIGH"

    _labels: FeatureInput

    def __init__(self) -> None:
        super().__init__()
        self._sources: Tuple[RasterSource, ...] = ()
        self._rectangle: Optional[Rectangle] = None

    def title(self) -> str:
        return tr("Sketch a map")

    def summary(self) -> str:
        return tr("Shows in seconds what map the labels drawn so far would give on a part of an image.")

    def details(self) -> str:
        return tr(
            "<p>This is what the LandSketch dock runs whenever a label changes. The features of the encoder are "
            "computed once for each place and kept on disk, so later sketches of it only fit the classifier. The map "
            "is the one that 'Fine-tune a classifier' (frozen) and 'Classify an image' give with the same labels.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        add_scene(self)
        self._add_labels()
        add_rectangle(
            self,
            tr(
                "The part of the image that is sketched: drawn, that of a layer or of the map on screen, or typed; "
                "without a coordinate system in that of the project. Of a large one, and of the whole image if it is "
                "empty, the middle is shown."
            ),
        )
        self._add_options()
        add_band_names(self)
        self._add_advanced()
        add_device(self)
        self._add_outputs()

    def _add_labels(self) -> None:
        add_labels(
            self,
            tr("The layer with the drawn labels, in any coordinate system; unsaved edits count too."),
        )

    def _add_options(self) -> None:
        add_start(
            self,
            tr("Encoder"),
            tr(
                "The encoder whose features are classified: a .safetensors file of LandSketch, an encoder or a "
                "classifier, whose encoder is taken; or published weights (.pt, .pth, .ckpt). Empty: the default "
                "encoder."
            ),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.SUGGESTIONS, tr("Number of places to suggest"), defaultValue=10, minValue=1, maxValue=1000
            ),
            tr("How many places to label next are suggested, if they are written to a file at all."),
        )
        add_seed(
            self,
            tr("The same seed, image and labels give the same map; change it to see how much depends on chance."),
        )

    def _add_advanced(self) -> None:
        self.add(
            QgsProcessingParameterNumber(
                self.SIDE, tr("Most pixels along a side"), defaultValue=512, minValue=16, maxValue=8192
            ),
            tr("Of larger parts of an image, only so many pixels around the middle are shown, so that it stays fast."),
            advanced=True,
        )
        add_cache_folder(
            self,
            tr("Where features are kept from sketch to sketch. Empty: a folder of your own, shared by all projects."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(
                self.CACHE_MB,
                tr("Most megabytes of features"),
                defaultValue=preferences.cache_megabytes(),
                minValue=0,
            ),
            tr("Above this, the features that were not used for longest are deleted. 0: nothing is kept."),
            advanced=True,
        )

    def _add_outputs(self) -> None:
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, tr("Preview")),
            tr("The map of the part that is shown, a GeoTIFF with one class value per pixel; 0 is no data."),
        )
        for name, title, help_text in (
            (self.CONFIDENCE, tr("Confidence"), tr("The probability of each pixel's class, from 0 to 1.")),
            (
                self.MARGIN,
                tr("Margin"),
                tr("How far the probability of each pixel's class is above that of the next one; small is in doubt."),
            ),
        ):
            self.add(
                QgsProcessingParameterRasterDestination(name, title, optional=True, createByDefault=False), help_text
            )
        self.add(
            QgsProcessingParameterVectorDestination(
                self.PLACES, tr("Places to label next"), optional=True, createByDefault=False
            ),
            tr("Points where a label would help most: in doubt, apart from each other, and of all classes of the map."),
        )
        add_classifier(
            self,
            tr("A checkpoint for 'Classify an image' that classifies as the preview does."),
        )
        for name, title in (
            (self.ACCURACY, tr("Share of held-out labels that get their class")),
            (self.ACCURACY_LOW, tr("Lower end of its 95 % interval")),
            (self.ACCURACY_HIGH, tr("Upper end of its 95 % interval")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks images, labels, encoder, rectangle and outputs against each other."""
        sources = scene_sources(self, parameters, context)
        read_labels(self, parameters, context).check(sources[0])
        checkpoint = self.parameterAsFile(parameters, CHECKPOINT, context)
        check_start(checkpoint, sources)
        rectangle = read_rectangle(self, parameters, context)
        if rectangle:
            rectangle.check(sources[0], context)
        check_outputs(self, parameters, [*(source.spec.path for source in sources), checkpoint])

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers, the label layer's renderer and the rectangle."""
        self._sources = scene_sources(self, parameters, context)
        self._labels = read_labels(self, parameters, context)
        self._rectangle = read_rectangle(self, parameters, context)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Sketches, styles the rasters and returns the results."""
        image = self._sources[0]
        rectangle = self._rectangle or Rectangle(image.extent, image.crs)
        places = self.parameterAsOutputLayer(parameters, self.PLACES, context)
        spec = SketchSpec(
            sources=tuple(source.spec for source in self._sources),
            labels=self._labels.export(feedback),
            extent=rectangle.spec(image),
            output=self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            checkpoint=self.parameterAsFile(parameters, CHECKPOINT, context),
            side=self.parameterAsInt(parameters, self.SIDE, context),
            confidence=self.parameterAsOutputLayer(parameters, self.CONFIDENCE, context),
            margin=self.parameterAsOutputLayer(parameters, self.MARGIN, context),
            suggestions=self.parameterAsInt(parameters, self.SUGGESTIONS, context) if places else 0,
            places=places,
            classifier=self.parameterAsFileOutput(parameters, CLASSIFIER, context),
            cache=self.parameterAsFile(parameters, CACHE, context),
            cache_mb=self.parameterAsInt(parameters, self.CACHE_MB, context),
            seed=self.parameterAsInt(parameters, SEED, context),
            device=self.parameterAsEnumString(parameters, DEVICE, context),
        )
        result = run_spec(spec, feedback)
        if not result["preview"]:
            raise LabelError(str(result["words"]))
        feedback.pushInfo(str(result["words"]))
        self._style(spec, context, feedback)
        return self._results(spec, result)

    def _style(self, spec: SketchSpec, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        saved = [style_class_map(spec.output, self._legend(spec))]
        saved += [style_confidence(spec.confidence)] if spec.confidence else []
        saved += [style_margin(spec.margin)] if spec.margin else []
        if not all(saved):
            feedback.pushWarning(tr("The style could not be saved beside the rasters."))
        name = self._sources[0].name or os.path.basename(self._sources[0].spec.path)
        for path, kind in (
            (spec.output, tr("Sketch")), (spec.confidence, tr("Confidence")), (spec.margin, tr("Margin")),
        ):  # fmt: skip
            if path:
                style_when_loaded(path, default_name(kind, name), context)
        if spec.places:
            style_when_loaded(spec.places, tr("Places to label next"), context, styled=False)

    def _legend(self, spec: SketchSpec) -> ClassLegend:
        """The classes of the labels, with their colours."""
        return spec.labels.class_legend() or ClassLegend(())

    def _results(self, spec: SketchSpec, result: Dict[str, Any]) -> Dict[str, Any]:
        files = {
            self.OUTPUT: spec.output, self.CONFIDENCE: spec.confidence, self.MARGIN: spec.margin,
            self.PLACES: spec.places, CLASSIFIER: spec.classifier,
        }  # fmt: skip
        found: Dict[str, Any] = {name: path for name, path in files.items() if path}
        accuracy = result["accuracy"]
        if accuracy:
            found[self.ACCURACY] = accuracy["value"]
            found[self.ACCURACY_LOW], found[self.ACCURACY_HIGH] = accuracy["low"], accuracy["high"]
        return found
