"""`landsketch:coregister`: an image and a reference → the image where the reference says that it lies."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
)

from ..core.errors import SpecError
from ..core.sensors import AUTO, SENSORS
from ..core.specs import MATCHINGS, CoregisterSpec
from .base import LandSketchAlgorithm, Parameters, run_spec
from .checks import check_outputs
from .scene import check_overlap, raster_layer
from .sources import RasterSource, band_descriptions, raster_path, raster_source
from .styling import default_name
from .text import tr

KINDS = (AUTO, "optical", "radar")
_LARGEST_REACH = 64


class Coregister(LandSketchAlgorithm):
    """Lays an image onto another one."""

    NAME = "coregister"

    IMAGE = "IMAGE"
    IMAGE_KIND = "IMAGE_KIND"
    REFERENCE = "REFERENCE"
    REFERENCE_KIND = "REFERENCE_KIND"
    REACH = "REACH"
    LOCAL = "LOCAL"
    MATCHING = "MATCHING"
    OUTPUT = "OUTPUT"
    HTML = "HTML"
    JSON = "JSON"

    def __init__(self) -> None:
        super().__init__()
        self._pair: Optional[Tuple[RasterSource, RasterSource]] = None

    def title(self) -> str:
        return tr("Co-register an image")

    def summary(self) -> str:
        return tr("Moves an image so that it lies on another one, to parts of a pixel: optical, radar, or one of each.")

    def details(self) -> str:
        return tr(
            "<p>Windows spread over both images tell, each on its own, how far the image has to go. Where enough of "
            "them agree it is moved; where they do not, it stays and you are told so.</p><p>The result is a virtual "
            "raster: a small file that shows the image, whose own file is not changed, at its new place. Keep both "
            "files; moved together within one folder they still open. Radar images show trees and buildings displaced "
            "towards the sensor, by up to some pixels, and terrain-corrected ones too: look at the report before you "
            "take the shift as an error of the image.</p>"
        )

    def group(self) -> str:
        return tr("Time stacks")

    def groupId(self) -> str:  # noqa: N802 - QGIS fixes this name
        return "timestacks"

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802
        """Declares the parameters; their names are an API."""
        kind = tr("Whether it is an optical or a radar image. 'auto' looks at band names and file name.")
        for name, title, text in (
            (self.IMAGE, tr("Image to move"), tr("The image that is not where it should be; its file stays as it is.")),
            (self.REFERENCE, tr("Reference image"), tr("The image that lies right.")),
        ):
            self.add(QgsProcessingParameterRasterLayer(name, title), text)
            self.add(
                QgsProcessingParameterEnum(
                    name + "_KIND",
                    tr("Kind of the image to move") if name == self.IMAGE else tr("Kind of the reference image"),
                    options=list(KINDS),
                    defaultValue=AUTO,
                    usesStaticStrings=True,
                ),
                kind,
            )
        self.add(
            QgsProcessingParameterNumber(
                self.REACH, tr("Largest shift in pixels"), defaultValue=10, minValue=2, maxValue=_LARGEST_REACH
            ),
            tr("How far off the image may be, in pixels of the coarser of both. The smaller, the surer."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.LOCAL, tr("A shift for each place"), defaultValue=False),
            tr(
                "Whether the shift may change over the image, smoothly: for aerial mosaics and rough terrain. The "
                "image is then warped, once, while it is read, onto the pixels of the reference. Off: one shift for "
                "the whole image, whose pixels stay as they are."
            ),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.MATCHING,
                tr("Compared by"),
                options=list(MATCHINGS),
                defaultValue=AUTO,
                usesStaticStrings=True,
            ),
            tr(
                "'values' compares brightness, for images of one kind; 'structure' compares where edges are and which "
                "way they run, for any two sensors. 'auto' takes the first in which windows agree."
            ),
            advanced=True,
        )
        self._add_outputs()

    def _add_outputs(self) -> None:
        # No raster destination: QGIS would offer other formats, and a virtual raster is what keeps pixels as they are.
        self.add(
            QgsProcessingParameterFileDestination(self.OUTPUT, tr("Moved image"), tr("Virtual raster") + " (*.vrt)"),
            tr("The image at its new place: a virtual raster that reads the image's own file."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.HTML, tr("Report"), tr("HTML page") + " (*.html)", optional=True, createByDefault=True
            ),
            tr("A page with the shift, how sure it is, and pictures of both images before and after."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.JSON, tr("Shifts as JSON"), tr("JSON file") + " (*.json)", optional=True, createByDefault=False
            ),
            tr("The shift of every window, for other programs."),
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks that there are two images of one place, and the outputs."""
        image, reference = self._sources(parameters, context)
        for source in (image, reference):
            if not source.crs.isValid():
                raise SpecError(
                    tr("Layer '{layer}' has no coordinate system.").format(layer=source.name),
                    tr("Set it in the layer's properties and save the file with it."),
                )
        if os.path.realpath(image.spec.path) == os.path.realpath(reference.spec.path):
            raise SpecError(tr("Image and reference are the same file."), tr("Choose two images."))
        check_overlap(reference, image, tr("Choose images of the same place."), context)
        check_outputs(self, parameters, [image.spec.path, reference.spec.path])

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads the layers."""
        self._pair = self._sources(parameters, context)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Moves the image and returns the files."""
        image, reference = self._pair or self._sources(parameters, context)
        spec = CoregisterSpec(
            image=image.spec,
            reference=reference.spec,
            output=self.parameterAsFileOutput(parameters, self.OUTPUT, context),
            matching=self.parameterAsEnumString(parameters, self.MATCHING, context),
            local=self.parameterAsBool(parameters, self.LOCAL, context),
            reach=self.parameterAsInt(parameters, self.REACH, context),
            json=self.parameterAsFileOutput(parameters, self.JSON, context),
            html=self.parameterAsFileOutput(parameters, self.HTML, context),
        )
        run_spec(spec, feedback)
        self._load(spec.output, image.name or os.path.basename(image.spec.path), context)
        made = {self.OUTPUT: spec.output, self.HTML: spec.html, self.JSON: spec.json}
        return {key: path for key, path in made.items() if path}

    def _load(self, path: str, image: str, context: QgsProcessingContext) -> None:
        """Has the result added to the project: QGIS adds outputs of raster parameters by itself, but not files."""
        details = QgsProcessingContext.LayerDetails(default_name(tr("Moved copy"), image), context.project())
        context.addLayerToLoadOnCompletion(path, details)

    def _sources(self, parameters: Parameters, context: QgsProcessingContext) -> Tuple[RasterSource, RasterSource]:
        image, reference = (self._source(parameters, name, context) for name in (self.IMAGE, self.REFERENCE))
        return image, reference

    def _source(self, parameters: Parameters, name: str, context: QgsProcessingContext) -> RasterSource:
        layer = raster_layer(self, parameters, name, context)
        kind = self.parameterAsEnumString(parameters, name + "_KIND", context)
        path = raster_path(layer)
        radar = kind == "radar" or (kind == AUTO and looks_like_radar(band_descriptions(layer, path), path))
        return raster_source(layer, "sar" if radar else "optical")


def looks_like_radar(descriptions: Tuple[str, ...], path: str) -> bool:
    """Whether the bands are named as those of a radar sensor, or, where they have no names, the file is."""
    radars = [sensor for sensor in SENSORS.values() if sensor.role == "sar"]
    if any(descriptions):
        return any(all(text and sensor.canonical(text) for text in descriptions) for sensor in radars)
    name = os.path.basename(path).lower()
    return any(sensor.pattern and re.search(sensor.pattern, name) for sensor in radars)
