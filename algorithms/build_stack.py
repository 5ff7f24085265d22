"""`landsketch:buildstack`: dated images → time stack."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..core.errors import SceneError
from ..core.sensors import AUTO
from ..core.specs import MASK_KINDS, BuildStackSpec
from ..core.stack_file import is_stack, read_stack
from .base import LandSketchAlgorithm, Parameters, run_spec
from .checks import check_outputs
from .compat import DECIMAL, FOLDER, RASTER
from .corrections import read_corrections
from .images import given_images
from .stack_layers import load_when_finished
from .stacks import stack_filter
from .text import tr

LOAD = ("footprints", "footprints and images", "nothing")


class BuildStack(LandSketchAlgorithm):
    """Makes a time stack of images as they come."""

    NAME = "buildstack"

    INPUTS = "INPUTS"
    FOLDER = "FOLDER"
    COLLECTION = "COLLECTION"
    CORRECTIONS = "CORRECTIONS"
    MASKS = "MASKS"
    MASK_KIND = "MASK_KIND"
    MIN_CLEAR = "MIN_CLEAR"
    DATE_BANDS = "DATE_BANDS"
    LOAD = "LOAD"
    OUTPUT = "OUTPUT"

    def __init__(self) -> None:
        super().__init__()
        self._inputs: Tuple[str, ...] = ()

    def group(self) -> str:
        return tr("Time stacks")

    def groupId(self) -> str:  # noqa: N802
        return "timestacks"

    def title(self) -> str:
        return tr("Build a time stack")

    def summary(self) -> str:
        return tr("Puts images of many dates together as one input: what each shows, when, and where clouds hide it.")

    def details(self) -> str:
        return tr(
            "<p>Dates, sensors and bands are read from the names of files and folders (Sentinel-1 and -2 products, "
            "Landsat, HLS, FORCE, Planet, and dates such as 20200514, 2020-05-14 or 2020135), then from their tags. "
            "Files are taken as they are; the time stack only tells where they lie, relative to itself, so that it can "
            "move together with them. Files with one band each become one image.</p><p>The log tells what was found, "
            "and names what looks wrong: files that cannot be read or have no date, days that come twice, gaps, "
            "different sensors and grids, and images without data, which are dropped.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterMultipleLayers(self.INPUTS, tr("Images"), RASTER, optional=True),
            tr("Raster layers or files, optical and radar together, and their cloud masks if they lie elsewhere."),
        )
        self.add(
            QgsProcessingParameterFile(self.FOLDER, tr("Folder with images"), FOLDER, optional=True),
            tr("All images in this folder and the folders inside it, also in .SAFE products and zipped ones."),
        )
        self.add(
            QgsProcessingParameterFile(
                self.COLLECTION, tr("Time stack to change"), optional=True, fileFilter=stack_filter()
            ),
            tr("A time stack, or another STAC ItemCollection with files on this machine, whose images are taken, too."),
        )
        self._add_corrections()
        self._add_masks()
        self.add(
            QgsProcessingParameterBoolean(self.DATE_BANDS, tr("Bands of one file are dates"), defaultValue=False),
            tr(
                "Whether files without a date of their own are series: each band an image, of the date in the band's "
                "description."
            ),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.LOAD, tr("Add to the project"), options=list(LOAD), defaultValue=LOAD[0], usesStaticStrings=True
            ),
            tr("With the images as layers, QGIS's temporal controller plays them."),
        )
        self.add(
            QgsProcessingParameterFileDestination(self.OUTPUT, tr("Time stack"), tr("Time stack") + " (*.json)"),
            tr("The time stack, a STAC ItemCollection; best in the folder of the images, to move together with them."),
        )

    def _add_corrections(self) -> None:
        parameter = QgsProcessingParameterString(self.CORRECTIONS, tr("Corrections"), optional=True)
        # As a name, since Processing imports it only where there is a window.
        package = __package__.rpartition(".")[0]
        parameter.setMetadata({"widget_wrapper": {"class": f"{package}.ui.stack_dialog.CorrectionsWrapper"}})
        self.add(
            parameter,
            tr(
                "What is known better than by names, for an image by its name: its date, sensor, units or offset, and "
                "whether to drop or to keep it whatever clouds; such as 'july.tif: 2020-07-11, sensor=landsat-8; "
                "may.tif: drop'. The button shows the images in a table, to correct there."
            ),
        )

    def _add_masks(self) -> None:
        self.add(
            QgsProcessingParameterString(self.MASKS, tr("Cloud masks"), defaultValue=AUTO),
            tr(
                "'auto': those beside the images or among their bands (SCL, QA60, QA_PIXEL, Fmask, QAI, UDM2, cloud "
                "probability), of the same day and place. 'none': no masks. Else a pattern of file names, such as "
                "*_clouds.tif."
            ),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.MIN_CLEAR,
                tr("Drop images that are clear in less than (%)"),
                DECIMAL,
                0.0,
                minValue=0,
                maxValue=100,
            ),
            tr(
                "Of all pixels of the image; those without data are not clear. Dropped images stay in the file, "
                "marked, and are not used. Images that show nothing at all are always dropped."
            ),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.MASK_KIND,
                tr("Kind of the masks with that pattern"),
                options=[AUTO, *MASK_KINDS],
                defaultValue=AUTO,
                usesStaticStrings=True,
            ),
            tr("'auto': by their names; where these do not tell, all values but 0 hide a pixel ('mask')."),
            advanced=True,
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks that there are images, and what is corrected."""
        inputs = self.inputs(parameters, context)
        read_corrections(self.parameterAsString(parameters, self.CORRECTIONS, context))
        check_outputs(self, parameters, inputs)

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers."""
        self._inputs = self.inputs(parameters, context)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Builds the stack and has it loaded."""
        output = self.parameterAsFileOutput(parameters, self.OUTPUT, context)
        run_spec(self.spec(parameters, context, self._inputs, output), feedback)
        load = self.parameterAsEnumString(parameters, self.LOAD, context)
        if load != LOAD[2] and context.project() is not None:
            load_when_finished(output, load == LOAD[1], context)
        return {self.OUTPUT: output}

    def spec(
        self, parameters: Parameters, context: QgsProcessingContext, inputs: Tuple[str, ...], output: str
    ) -> BuildStackSpec:
        """Returns what the engine is told; without an output, it only tells what the stack would hold."""
        return BuildStackSpec(
            inputs=inputs,
            output=output,
            corrections=read_corrections(self.parameterAsString(parameters, self.CORRECTIONS, context)),
            masks=self.parameterAsString(parameters, self.MASKS, context).strip() or AUTO,
            mask_kind=self.parameterAsEnumString(parameters, self.MASK_KIND, context),
            min_clear=self.parameterAsDouble(parameters, self.MIN_CLEAR, context) / 100,
            date_bands=self.parameterAsBool(parameters, self.DATE_BANDS, context),
        )

    def inputs(self, parameters: Parameters, context: QgsProcessingContext) -> Tuple[str, ...]:
        """Returns the files and folders that are given.

        Raises:
            SceneError: If there are none, or one is not what it should be.
        """
        paths: List[str] = [
            image.path for image in given_images(self, parameters, context, self.INPUTS, "", recursive=False)
        ]
        folder = self.parameterAsFile(parameters, self.FOLDER, context)
        collection = self.parameterAsFile(parameters, self.COLLECTION, context)
        if collection:
            if not is_stack(collection):
                raise SceneError(
                    tr("'{path}' is not a time stack.").format(path=collection),
                    tr("Choose a .json file, and images by the other parameters."),
                )
            read_stack(collection, dropped=True)
        paths += [path for path in (folder, collection) if path]
        if not paths:
            raise SceneError(tr("No image was given."), tr("Choose images, a folder, or a time stack."))
        return tuple(paths)
