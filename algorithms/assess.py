"""`landsketch:assess`: map and reference → accuracy."""

from __future__ import annotations

from typing import Any, Dict, Optional, Union

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterRasterLayer,
)

from ..core.errors import OutputError
from ..core.specs import AssessSpec
from .base import LandSketchAlgorithm, Parameters, run_spec
from .checks import check_outputs
from .compat import POLYGONS
from .labels import FeatureInput
from .references import add_reference, check_reference, class_raster, read_reference
from .text import tr
from .where import export_mask, mask_input


class Assess(LandSketchAlgorithm):
    """Compares a map with a reference."""

    NAME = "assess"

    MAP = "MAP"
    MASK = "MASK"
    JSON = "JSON"
    HTML = "HTML"

    def __init__(self) -> None:
        super().__init__()
        self._map = ""
        self._reference: Union[str, FeatureInput] = ""
        self._mask: Optional[FeatureInput] = None

    def title(self) -> str:
        return tr("Assess a map")

    def summary(self) -> str:
        return tr(
            "Tells how accurate a land-cover map is: compares it with reference data and reports the accuracy per "
            "class."
        )

    def details(self) -> str:
        return tr(
            "<p>Use reference data that the classifier has not been trained with, else the accuracy looks better than "
            "it is. Pixels without a class in the map or in the reference are left out.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterRasterLayer(self.MAP, tr("Class map")),
            tr("The land-cover map: a raster with one class value per pixel."),
        )
        add_reference(
            self,
            tr(
                "What is true: a raster with the same class values as the map, or a layer with points, lines or "
                "polygons."
            ),
        )
        self.add(
            QgsProcessingParameterFeatureSource(self.MASK, tr("Only inside these polygons"), [POLYGONS], optional=True),
            tr("Polygons outside which nothing is compared. Empty: everywhere."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.JSON, tr("Accuracy as JSON"), tr("JSON file") + " (*.json)", optional=True, createByDefault=True
            ),
            tr("The confusion matrix and all figures, for other programs."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.HTML, tr("Accuracy report"), tr("HTML page") + " (*.html)", optional=True, createByDefault=True
            ),
            tr("The confusion matrix and all figures, as a page to read."),
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks map, reference, mask and outputs against each other."""
        map_source = class_raster(self, parameters, self.MAP, context)
        reference = read_reference(self, parameters, context)
        check_reference(self, parameters, context, map_source)
        mask = mask_input(self, parameters, self.MASK, context)
        if mask:
            mask.check(map_source)
        given = [definition.name() for definition in self.destinationParameterDefinitions()]
        if all(name in parameters and parameters[name] in (None, "") for name in given):
            raise OutputError(
                tr("No output was asked for."), tr("Choose where to write the report, the JSON file, or both.")
            )
        rasters = [map_source.spec.path] + ([reference] if isinstance(reference, str) else [])
        check_outputs(self, parameters, rasters)

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers and the reference layer's renderer."""
        self._map = class_raster(self, parameters, self.MAP, context).spec.path
        self._reference = read_reference(self, parameters, context)
        self._mask = mask_input(self, parameters, self.MASK, context)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Assesses and returns the files."""
        reference = self._reference
        spec = AssessSpec(
            map=self._map,
            reference=reference if isinstance(reference, str) else reference.export(feedback),
            json=self.parameterAsFileOutput(parameters, self.JSON, context),
            html=self.parameterAsFileOutput(parameters, self.HTML, context),
            mask=export_mask(self._mask, feedback),
        )
        run_spec(spec, feedback)
        return {name: path for name, path in ((self.JSON, spec.json), (self.HTML, spec.html)) if path}
