"""`landsketch:preparesar`: radar images without speckle and border noise, in dB or linear power."""

from __future__ import annotations

from typing import Any, Dict, Optional, Union

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputMultipleLayers,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from ..core.errors import SceneError, SpecError
from ..core.sensors import SAR_UNIT_CHOICES
from ..core.specs import LARGEST_WINDOW, SPECKLE_FILTERS, PrepareSarSpec, SourceSpec
from .base import Parameters, run_spec
from .checks import check_outputs
from .compat import DECIMAL
from .preparing import PreparingAlgorithm, image_files, stack_destination, time_stack
from .scene import SAR_UNITS, add_sar_units, raster_layer
from .sources import raster_path, raster_source
from .stacks import STACK, stack_filter
from .styling import default_name, style_when_loaded
from .text import tr

SPECKLE_CHOICES = dict(zip(("none", "Lee", "refined Lee", "Gamma-MAP", "multi-temporal"), SPECKLE_FILTERS))
OUTPUT_UNIT_CHOICES = {"dB": "db", "linear": "linear"}
"""What the dialog and scripts say, and what the engine calls it."""


class PrepareSar(PreparingAlgorithm):
    """Prepares radar images."""

    NAME = "preparesar"

    INPUT = "INPUT"
    SPECKLE = "SPECKLE"
    WINDOW = "WINDOW"
    LOOKS = "LOOKS"
    UNITS = "UNITS"
    BORDER = "BORDER"
    BORDER_THRESHOLD = "BORDER_THRESHOLD"
    BORDER_REACH = "BORDER_REACH"
    ANGLE = "ANGLE"
    ANGLE_RASTER = "ANGLE_RASTER"
    REFERENCE_ANGLE = "REFERENCE_ANGLE"
    EXPONENT = "EXPONENT"
    OUTPUT = "OUTPUT"
    OUTPUT_STACK = "OUTPUT_STACK"
    IMAGES = "IMAGES"

    def __init__(self) -> None:
        super().__init__()
        self._source: Optional[SourceSpec] = None
        self._angle: Union[str, float, None] = None
        self._name = ""

    def title(self) -> str:
        return tr("Prepare radar images")

    def summary(self) -> str:
        return tr("Removes speckle and border noise from radar images, and converts between dB and linear power.")

    def details(self) -> str:
        return tr(
            "<p>Filters work on linear power, whatever the units, so that mean backscatter is kept.</p>"
            "<p><b>refined Lee</b> (Lee 1981) smooths homogeneous ground and keeps edges sharp. <b>Lee</b> (1980) "
            "leaves pixels at edges as they are. <b>Gamma-MAP</b> (Lopes et al. 1990) keeps point targets, too. "
            "<b>multi-temporal</b> (Quegan and Yu 2001) averages speckle over all dates of a time stack and keeps "
            "details best; what changes between dates stays where it is.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, tr("Radar image"), optional=True),
            tr("A raster file with geocoded backscatter, VV and VH or one of them; or give a time stack instead."),
        )
        self.add(
            QgsProcessingParameterFile(STACK, tr("Time stack"), optional=True, fileFilter=stack_filter()),
            tr("A time stack (.json) whose radar images are all prepared and become a new stack."),
        )
        add_sar_units(self)
        self.add(
            QgsProcessingParameterEnum(
                self.SPECKLE,
                tr("Speckle filter"),
                options=list(SPECKLE_CHOICES),
                defaultValue="refined Lee",
                usesStaticStrings=True,
            ),
            tr("How speckle is removed; see above. 'multi-temporal' needs a time stack."),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.WINDOW, tr("Window in pixels"), defaultValue=7, minValue=3, maxValue=LARGEST_WINDOW
            ),
            tr("Side of the filter's window, an odd number: larger ones smooth more. The refined Lee filter takes 7."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.UNITS,
                tr("Units of the result"),
                options=list(OUTPUT_UNIT_CHOICES),
                defaultValue="dB",
                usesStaticStrings=True,
            ),
            tr("Whether backscatter is written in decibels or as linear power."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.BORDER, tr("Remove border noise"), defaultValue=False),
            tr(
                "Whether low values beside no data are removed. Sentinel-1 ground range products from before March "
                "2018 have a rim of them at the border of the swath."
            ),
        )
        self._add_more()
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, tr("Prepared image"), optional=True),
            tr("The prepared image, a GeoTIFF with the polarisations of the input. Not written of a time stack."),
        )
        self.add(
            stack_destination(self.OUTPUT_STACK, tr("Prepared time stack"), optional=True),
            tr("The new time stack (.json) where a time stack is prepared; its images lie beside it."),
        )
        self.addOutput(QgsProcessingOutputMultipleLayers(self.IMAGES, tr("Images")))

    def _add_more(self) -> None:
        self.add(
            QgsProcessingParameterNumber(self.LOOKS, tr("Number of looks"), DECIMAL, defaultValue=0.0, minValue=0.0),
            tr(
                "How strong speckle is: the equivalent number of looks, such as 4.4 for Sentinel-1 ground range "
                "products at 10 m. 0: estimated from the image, which the log tells."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(
                self.BORDER_THRESHOLD, tr("Border noise below dB"), DECIMAL, defaultValue=-30.0, maxValue=0.0
            ),
            tr("Pixels whose surroundings are below this in every polarisation count as border noise."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(
                self.BORDER_REACH, tr("Border noise up to pixels"), defaultValue=100, minValue=1, maxValue=500
            ),
            tr("How far from no data border noise reaches, with nothing but low values on the way."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterRasterLayer(self.ANGLE_RASTER, tr("Raster of incidence angles"), optional=True),
            tr(
                "Incidence angles in degrees, to make backscatter look as seen from one angle everywhere. Empty: the "
                "angle below, or no correction."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(
                self.ANGLE, tr("Incidence angle"), DECIMAL, optional=True, minValue=1.0, maxValue=89.0
            ),
            tr("One angle in degrees for the whole image, instead of a raster of them. Empty: none."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(
                self.REFERENCE_ANGLE, tr("Reference angle"), DECIMAL, defaultValue=38.0, minValue=0.0, maxValue=89.0
            ),
            tr("The angle in degrees that backscatter is brought to; 38 is the middle of Sentinel-1's swath."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(self.EXPONENT, tr("Power of the cosine"), DECIMAL, defaultValue=2.0),
            tr(
                "How fast backscatter falls with the incidence angle: 2 for sigma nought of rough surfaces, less over "
                "forest and for gamma nought."
            ),
            advanced=True,
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks that there is an image or a stack, and the choices against each other."""
        stacked = self._is_stack(parameters)
        name = self.OUTPUT_STACK if stacked else self.OUTPUT
        if parameters.get(name) in (None, ""):
            raise SpecError(
                tr("'{title}' is missing.").format(title=self.parameterDefinition(name).description()),
                tr("Choose a file."),
            )
        source = self._read_source(parameters, context)
        inputs = image_files(time_stack(self, parameters, STACK, context)) if stacked else (source.path,)
        angle = self._read_angle(parameters, context)
        check_outputs(self, parameters, [*inputs, *([angle] if isinstance(angle, str) else [])])
        self._spec(source, angle, "checked.json" if stacked else "checked.tif", parameters, context)

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads the layers."""
        self._source = self._read_source(parameters, context)
        self._angle = self._read_angle(parameters, context)
        if not self._is_stack(parameters):
            self._name = raster_layer(self, parameters, self.INPUT, context).name()

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Prepares the images and returns them."""
        if self._source is None:
            raise SpecError(tr("No image was given."))
        stacked = self._is_stack(parameters)
        if stacked:
            output = self.parameterAsFileOutput(parameters, self.OUTPUT_STACK, context)
        else:
            output = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        result = run_spec(self._spec(self._source, self._angle, output, parameters, context), feedback)
        style_when_loaded(output, default_name(tr("Prepared"), self._name), context, styled=False)
        return {self.OUTPUT_STACK if stacked else self.OUTPUT: output, self.IMAGES: result["images"]}

    def _is_stack(self, parameters: Parameters) -> bool:
        """Whether a stack was given.

        Raises:
            SceneError: If nothing was given, or both.
        """
        given = [parameters.get(name) not in (None, "") for name in (self.INPUT, STACK)]
        if all(given):
            raise SceneError(tr("A radar image and a time stack were given."), tr("Leave one of them empty."))
        if not any(given):
            raise SceneError(tr("No image was given."), tr("Choose a radar image or a time stack."))
        return given[1]

    def _read_source(self, parameters: Parameters, context: QgsProcessingContext) -> SourceSpec:
        units = self.parameterAsEnumString(parameters, SAR_UNITS, context)
        if not self._is_stack(parameters):
            return raster_source(raster_layer(self, parameters, self.INPUT, context), "sar", units=units).spec
        stack = time_stack(self, parameters, STACK, context)
        if not stack.of("sar"):
            raise SceneError(
                tr("Time stack '{path}' has no radar images.").format(path=stack.path), tr("Choose another one.")
            )
        return SourceSpec("sar", stack.path, units=SAR_UNIT_CHOICES[units])

    def _read_angle(self, parameters: Parameters, context: QgsProcessingContext) -> Union[str, float, None]:
        if parameters.get(self.ANGLE_RASTER) not in (None, ""):
            return raster_path(raster_layer(self, parameters, self.ANGLE_RASTER, context))
        if parameters.get(self.ANGLE) in (None, ""):
            return None
        return self.parameterAsDouble(parameters, self.ANGLE, context)

    def _spec(
        self,
        source: SourceSpec,
        angle: Union[str, float, None],
        output: str,
        parameters: Parameters,
        context: QgsProcessingContext,
    ) -> PrepareSarSpec:
        return PrepareSarSpec(
            source=source,
            output=output,
            speckle=SPECKLE_CHOICES[self.parameterAsEnumString(parameters, self.SPECKLE, context)],
            window=self.parameterAsInt(parameters, self.WINDOW, context),
            looks=self.parameterAsDouble(parameters, self.LOOKS, context),
            units=OUTPUT_UNIT_CHOICES[self.parameterAsEnumString(parameters, self.UNITS, context)],
            border=self.parameterAsBool(parameters, self.BORDER, context),
            border_threshold=self.parameterAsDouble(parameters, self.BORDER_THRESHOLD, context),
            border_reach=self.parameterAsInt(parameters, self.BORDER_REACH, context),
            incidence=angle,
            reference_angle=self.parameterAsDouble(parameters, self.REFERENCE_ANGLE, context),
            exponent=self.parameterAsDouble(parameters, self.EXPONENT, context),
        )
