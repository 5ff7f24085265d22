"""`landsketch:cluster`: images without labels → map of clusters to name."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional, Tuple, Union

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
)

from ..core.errors import SpecError
from ..core.legend import MAX_VALUE, ClassLegend
from ..core.specs import ClusterSpec
from .base import LandSketchAlgorithm, Parameters, run_spec
from .checks import check_outputs, check_start
from .computing import DEVICE, add_device
from .labels import FeatureInput
from .learning import CHECKPOINT, CLASSIFIER, SEED, add_classifier, add_report, add_seed, add_start
from .map_options import add_format, add_smoothing, map_options
from .references import REFERENCE, add_reference, check_reference, read_reference
from .scene import add_band_names, add_scene, scene_sources
from .sources import RasterSource
from .styling import default_name, style_class_map, style_when_loaded
from .text import tr
from .where import Rectangle, add_rectangle, read_rectangle


class Cluster(LandSketchAlgorithm):
    """Groups the pixels of a scene."""

    NAME = "cluster"

    CLUSTERS = "CLUSTERS"
    NAMED = "NAMED"
    OUTPUT = "OUTPUT"
    HTML = "HTML"
    JSON = "JSON"

    def __init__(self) -> None:
        super().__init__()
        self._sources: Tuple[RasterSource, ...] = ()
        self._rectangle: Optional[Rectangle] = None
        self._reference: Union[str, FeatureInput, None] = None

    def title(self) -> str:
        return tr("Cluster an image")

    def summary(self) -> str:
        return tr("Groups the pixels of an image into clusters that look alike, without labels, for you to name.")

    def details(self) -> str:
        return tr(
            "<p>The clusters are numbered from the largest on. To name them, open the layer's properties, Symbology, "
            "and write names in the column 'Label'; clusters that show the same may get the same name and colour. Ask "
            "for more clusters than you expect classes: it is easier to join two than to part one.</p><p>Clusters are "
            "what the image itself falls into, which need not be the classes that you are after; with a few labels, "
            "'Fine-tune a classifier' makes better maps. A run that was killed goes on where it stopped when it is run "
            "again with the same parameters and output file.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        add_scene(self)
        self.add(
            QgsProcessingParameterNumber(
                self.CLUSTERS, tr("Number of clusters"), defaultValue=8, minValue=2, maxValue=MAX_VALUE
            ),
            tr("How many clusters to find."),
        )
        add_start(
            self,
            tr("Encoder"),
            tr(
                "The encoder whose features are grouped: a .safetensors file of LandSketch, an encoder or a "
                "classifier, whose encoder is taken; or published weights (.pt, .pth, .ckpt). Empty: the default "
                "features."
            ),
        )
        add_rectangle(
            self,
            tr(
                "The part of the image that is clustered: drawn, that of a layer or of the map on screen, or typed; "
                "without a coordinate system in that of the project. Empty: the whole image."
            ),
        )
        add_reference(
            self,
            tr(
                "What the clusters are compared with, if there is anything: a class raster, or a layer with points, "
                "lines or polygons. Each class is matched with one cluster, so that they agree as well as they can."
            ),
            optional=True,
        )
        self.add(
            QgsProcessingParameterBoolean(self.NAMED, tr("Name clusters after the reference"), defaultValue=False),
            tr("Whether clusters get name and colour of the class that they are matched with."),
        )
        add_seed(
            self,
            tr(
                "The same seed, image and settings give the same clusters; change it to see how much depends on chance."
            ),
        )
        add_band_names(self)
        add_smoothing(self)
        add_format(self)
        add_device(self)
        self._add_outputs()

    def _add_outputs(self) -> None:
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, tr("Map of clusters")),
            tr("The clusters, a GeoTIFF with one number per pixel; 0 is no data."),
        )
        add_classifier(
            self,
            tr("A checkpoint for 'Classify an image' that finds the same clusters in other images."),
        )
        add_report(
            self,
            tr(
                "A page with the size of each cluster, its mean value in each band, and the agreement with a reference."
            ),
            self.HTML,
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.JSON, tr("Clusters as JSON"), tr("JSON file") + " (*.json)", optional=True, createByDefault=False
            ),
            tr("The same figures, for other programs."),
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks images, encoder, rectangle, reference and outputs against each other."""
        sources = scene_sources(self, parameters, context)
        checkpoint = self.parameterAsFile(parameters, CHECKPOINT, context)
        check_start(checkpoint, sources)
        rectangle = read_rectangle(self, parameters, context)
        if rectangle:
            rectangle.check(sources[0], context)
        inputs = [*(source.spec.path for source in sources), checkpoint]
        if self._has_reference(parameters):
            check_reference(self, parameters, context, sources[0])
            reference = read_reference(self, parameters, context)
            inputs += [reference] if isinstance(reference, str) else []
        elif self.parameterAsBool(parameters, self.NAMED, context):
            raise SpecError(
                tr("There is no reference to name clusters after."), tr("Choose one, or let clusters have numbers.")
            )
        check_outputs(self, parameters, inputs)

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers and the reference layer's renderer."""
        self._sources = scene_sources(self, parameters, context)
        self._rectangle = read_rectangle(self, parameters, context)
        if self._has_reference(parameters):
            self._reference = read_reference(self, parameters, context)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Clusters, styles the map and returns the results."""
        reference = self._reference
        spec = ClusterSpec(
            sources=tuple(source.spec for source in self._sources),
            output=self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            clusters=self.parameterAsInt(parameters, self.CLUSTERS, context),
            checkpoint=self.parameterAsFile(parameters, CHECKPOINT, context),
            classifier=self.parameterAsFileOutput(parameters, CLASSIFIER, context),
            reference=reference.export(feedback) if isinstance(reference, FeatureInput) else reference,
            named=self.parameterAsBool(parameters, self.NAMED, context),
            json=self.parameterAsFileOutput(parameters, self.JSON, context),
            html=self.parameterAsFileOutput(parameters, self.HTML, context),
            extent=self._rectangle.spec(self._sources[0]) if self._rectangle else None,
            seed=self.parameterAsInt(parameters, SEED, context),
            device=self.parameterAsEnumString(parameters, DEVICE, context),
            **map_options(self, parameters, context),
        )
        result = run_spec(spec, feedback)
        legend = ClassLegend.from_json(result["clusters"] or ())
        if not style_class_map(spec.output, legend):
            feedback.pushWarning(tr("The style could not be saved beside the map."))
        image = self._sources[0].name or os.path.basename(self._sources[0].spec.path)
        style_when_loaded(spec.output, default_name(tr("Clusters"), image), context)
        made = {
            self.OUTPUT: spec.output, CLASSIFIER: spec.classifier, self.HTML: spec.html, self.JSON: spec.json
        }  # fmt: skip
        return {name: path for name, path in made.items() if path}

    def _has_reference(self, parameters: Parameters) -> bool:
        return parameters.get(REFERENCE) not in (None, "")
