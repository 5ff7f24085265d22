"""`landsketch:composite`: time stack → a composite for each month, or for each so many days."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputMultipleLayers,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDateTime,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
)

from ..core.errors import SceneError
from ..core.specs import COMPOSITES, PERIODS, SAR_COMPOSITES, CompositeSpec
from .base import Parameters, run_spec
from .checks import check_outputs
from .compat import DAY
from .preparing import PreparingAlgorithm, image_files, stack_destination, time_stack
from .stacks import STACK, stack_filter
from .text import tr


class Composite(PreparingAlgorithm):
    """Makes a regular series of an irregular one."""

    NAME = "composite"

    EVERY = "EVERY"
    DAYS = "DAYS"
    METHOD = "METHOD"
    SAR_METHOD = "SAR_METHOD"
    FILL = "FILL"
    START = "START"
    END = "END"
    COUNTS = "COUNTS"
    OUTPUT = "OUTPUT"
    IMAGES = "IMAGES"

    def group(self) -> str:
        return tr("Time stacks")

    def groupId(self) -> str:  # noqa: N802 - QGIS fixes this name
        return "timestacks"

    def title(self) -> str:
        return tr("Make composites of a time stack")

    def summary(self) -> str:
        return tr("Makes one image of all those of a month, or of some days, without clouds, and a stack of these.")

    def details(self) -> str:
        return tr(
            "<p>Pixels that a mask hides, and those without data, are left out. Radar images are averaged as power, "
            "not as decibels. The composites lie beside the new stack and begin with its name; optical ones are in the "
            "units of the stack's sensor, radar ones in dB. Each one stands for the day in the middle of its "
            "period.</p>"
            "<p><b>median</b>, <b>mean</b>: of each band. <b>medoid</b>: the date whose spectrum is nearest to those "
            "of all others, so that the bands of a pixel were measured together (Flood 2013); it needs three dates or "
            "more to choose well. <b>best</b>: the date near the middle of the period and far from clouds (Griffiths "
            "et al. 2013; White et al. 2014). <b>greenest</b>: the date with the largest NDVI (Holben 1986), which "
            "works without masks, but picks clouds over water.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterFile(STACK, tr("Time stack"), fileFilter=stack_filter()),
            tr("The .json file that 'Build a time stack' wrote, or another STAC ItemCollection."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.EVERY, tr("One composite for each"), list(PERIODS), defaultValue="month", usesStaticStrings=True
            ),
            tr(
                "Calendar months; a number of days; or each date by itself, which joins images of one day and lets "
                "gaps be filled."
            ),
        )
        self.add(
            QgsProcessingParameterNumber(self.DAYS, tr("Days"), defaultValue=10, minValue=1),
            tr("Length of a period, where it is a number of days."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.METHOD, tr("Optical images"), list(COMPOSITES), defaultValue="median", usesStaticStrings=True
            ),
            tr("How one image is made of the optical images of a period; see above."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.SAR_METHOD, tr("Radar images"), list(SAR_COMPOSITES), defaultValue="mean", usesStaticStrings=True
            ),
            tr("How one image is made of the radar images of a period, in linear power."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.FILL, tr("Fill gaps"), defaultValue=False),
            tr(
                "Whether pixels without a clear date in a period, and periods without an image, are filled linearly in "
                "time from those before and after. At the ends, the nearest value is repeated."
            ),
        )
        for name, title, text in (
            (self.START, tr("First day"), tr("Periods begin here; earlier images are left out. Empty: the first one.")),
            (self.END, tr("Last day"), tr("Images that are taken later are left out. Empty: the last one.")),
        ):
            self.add(QgsProcessingParameterDateTime(name, title, DAY, optional=True), text, advanced=True)
        self.add(
            QgsProcessingParameterBoolean(self.COUNTS, tr("Write numbers of dates"), defaultValue=False),
            tr("Whether a raster is written that says how many clear dates each pixel of each composite is made of."),
            advanced=True,
        )
        self.add(
            stack_destination(self.OUTPUT, tr("Composites")),
            tr("The new time stack (.json); its images lie beside it."),
        )
        self.addOutput(QgsProcessingOutputMultipleLayers(self.IMAGES, tr("Images")))

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks the stack and the output."""
        stack = time_stack(self, parameters, STACK, context)
        check_outputs(self, parameters, image_files(stack))
        spec = self._spec("checked.json", parameters, context)
        first, last = stack.items[0].date, stack.items[-1].date
        if (spec.start and spec.start > last) or (spec.end and spec.end < first):
            raise SceneError(
                tr("Time stack '{stack}' has images from {first} to {last} only.").format(
                    stack=os.path.basename(stack.path), first=first, last=last
                ),
                tr("Choose a first and a last day of that time."),
            )

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Makes the composites and returns the new stack."""
        spec = self._spec(self.parameterAsFileOutput(parameters, self.OUTPUT, context), parameters, context)
        result = run_spec(spec, feedback)
        return {self.OUTPUT: spec.output, self.IMAGES: result["images"]}

    def _spec(self, output: str, parameters: Parameters, context: QgsProcessingContext) -> CompositeSpec:
        return CompositeSpec(
            stack=self.parameterAsFile(parameters, STACK, context),
            output=output,
            every=self.parameterAsEnumString(parameters, self.EVERY, context),
            days=self.parameterAsInt(parameters, self.DAYS, context),
            start=self._day(parameters, self.START, context),
            end=self._day(parameters, self.END, context),
            method=self.parameterAsEnumString(parameters, self.METHOD, context),
            sar_method=self.parameterAsEnumString(parameters, self.SAR_METHOD, context),
            fill=self.parameterAsBool(parameters, self.FILL, context),
            counts=self.parameterAsBool(parameters, self.COUNTS, context),
        )

    def _day(self, parameters: Parameters, name: str, context: QgsProcessingContext) -> str:
        if parameters.get(name) in (None, ""):
            return ""
        return str(self.parameterAsDateTime(parameters, name, context).date().toString("yyyy-MM-dd"))
