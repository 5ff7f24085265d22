"""`landsketch:scale3sigma`: image → image scaled by mean and standard deviation."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from ..core.errors import SceneError
from ..core.specs import MISSING, OUTLIERS, RANGES, SCALED_TYPES, Scale3SigmaSpec
from .base import Parameters, run_spec
from .checks import check_outputs
from .compat import DECIMAL
from .preparing import PreparingAlgorithm
from .scene import raster_layer
from .sources import raster_path
from .styling import default_name, style_when_loaded
from .text import tr


class Scale3Sigma(PreparingAlgorithm):
    """Scales an image."""

    NAME = "scale3sigma"

    INPUT = "INPUT"
    SIGMAS = "SIGMAS"
    RANGE = "RANGE"
    TYPE = "TYPE"
    MISSING = "MISSING"
    REACH = "REACH"
    OUTLIERS = "OUTLIERS"
    STATISTICS = "STATISTICS"
    OUTPUT = "OUTPUT"
    STATISTICS_OUTPUT = "STATISTICS_OUTPUT"

    def __init__(self) -> None:
        super().__init__()
        self._image = self._name = ""

    def title(self) -> str:
        return tr("Scale by mean and deviation")

    def summary(self) -> str:
        return tr("Scales each band of an image so that its mean ± 3 standard deviations fill 0 to 255, or 0 to 1.")

    def details(self) -> str:
        return tr(
            "<p>Mean and standard deviation are those of all valid pixels of the whole image. Values beyond the range "
            "become its ends. For fine-tuning and classifying, images need not be scaled: that is part of every "
            "checkpoint. This is for other programs, for mosaics and for looking.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, tr("Image")), tr("A raster file with any bands and values.")
        )
        self.add(
            QgsProcessingParameterNumber(
                self.SIGMAS, tr("Standard deviations"), DECIMAL, defaultValue=3.0, minValue=0.01
            ),
            tr("How many standard deviations on either side of the mean become the ends of the range."),
        )
        self._add_choices()
        self.add(
            QgsProcessingParameterFile(
                self.STATISTICS,
                tr("Statistics of another image"),
                optional=True,
                fileFilter=tr("Statistics") + " (*.json)",
            ),
            tr(
                "A file with statistics that this algorithm has written before, so that both images are scaled alike. "
                "Bands are matched by their names, or by position. Empty: this image's own."
            ),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.REACH, tr("Interpolate up to pixels"), defaultValue=50, minValue=1, maxValue=500
            ),
            tr("How far from a missing value the pixels may lie that it is interpolated from."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, tr("Scaled image")),
            tr(
                "The scaled image, a GeoTIFF with the bands of the input. In 8 bits, 0 stands for missing values where "
                "there are any, and the lowest value is 1."
            ),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.STATISTICS_OUTPUT,
                tr("Statistics"),
                tr("Statistics") + " (*.json)",
                optional=True,
                createByDefault=False,
            ),
            tr("Mean, standard deviation, number, least and largest value of each band, to scale other images with."),
        )

    def _add_choices(self) -> None:
        for name, title, options, default, text in (
            (self.RANGE, tr("Range"), list(RANGES), "0-255", tr("What the values are scaled to.")),
            (
                self.TYPE,
                tr("Data type"),
                list(SCALED_TYPES),
                "uint8",
                tr("Type of the values that are written. The range 0-1 needs 'float32'."),
            ),
            (
                self.MISSING,
                tr("Missing values"),
                list(MISSING),
                "leave",
                tr("Whether missing values stay missing, or are interpolated from the pixels around them."),
            ),
            (
                self.OUTLIERS,
                tr("Outliers"),
                list(OUTLIERS),
                "clip",
                tr(
                    "'clip' makes values beyond the range its ends. 'remove' takes them for missing and measures mean "
                    "and deviation again without them."
                ),
            ),
        ):
            self.add(
                QgsProcessingParameterEnum(name, title, options=options, defaultValue=default, usesStaticStrings=True),
                text,
            )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks the choices against each other, the statistics file and the outputs."""
        image = raster_path(raster_layer(self, parameters, self.INPUT, context))
        statistics = self.parameterAsFile(parameters, self.STATISTICS, context)
        if statistics and not os.path.isfile(statistics):
            raise SceneError(
                tr("The statistics '{path}' do not exist.").format(path=statistics), tr("Choose an existing file.")
            )
        check_outputs(self, parameters, [image, statistics])
        self._spec(image, "checked.tif", "", parameters, context)

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads the layer."""
        layer = raster_layer(self, parameters, self.INPUT, context)
        self._image, self._name = raster_path(layer), layer.name()

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Scales the image and returns it."""
        output = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        stored = self.parameterAsFileOutput(parameters, self.STATISTICS_OUTPUT, context)
        run_spec(self._spec(self._image, output, stored, parameters, context), feedback)
        style_when_loaded(output, default_name(tr("Scaled"), self._name), context, styled=False)
        return {self.OUTPUT: output, **({self.STATISTICS_OUTPUT: stored} if stored else {})}

    def _spec(
        self, image: str, output: str, stored: str, parameters: Parameters, context: QgsProcessingContext
    ) -> Scale3SigmaSpec:
        return Scale3SigmaSpec(
            image=image,
            output=output,
            sigmas=self.parameterAsDouble(parameters, self.SIGMAS, context),
            range=self.parameterAsEnumString(parameters, self.RANGE, context),
            dtype=self.parameterAsEnumString(parameters, self.TYPE, context),
            missing=self.parameterAsEnumString(parameters, self.MISSING, context),
            reach=self.parameterAsInt(parameters, self.REACH, context),
            outliers=self.parameterAsEnumString(parameters, self.OUTLIERS, context),
            statistics=self.parameterAsFile(parameters, self.STATISTICS, context),
            statistics_output=stored,
        )
