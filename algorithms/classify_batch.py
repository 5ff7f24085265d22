"""`landsketch:classifybatch`: checkpoint and many images → one class map each."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional, Sequence, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputRasterLayer,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
)

from ..core.errors import LandSketchError, OutputError
from ..core.legend import ClassLegend
from ..core.specs import ClassifyBatchSpec, ClassifySpec
from .base import LandSketchAlgorithm, Parameters, run_spec
from .checks import card_filter, classifier_card, destination_path
from .computing import add_computing, computing
from .ensembles import CHECKPOINT, add_ensemble, ensemble_fields, read_members
from .folders import path_identity
from .many_scenes import INPUT_FOLDER, BatchScene, add_many_images, read_scenes
from .map_options import add_map_options, map_options, polygons_spec
from .scene import add_band_names
from .styling import default_name, style_class_map, style_rasters, style_when_loaded
from .text import tr
from .where import Where, add_where, mask_for, read_where

MANIFEST_NAME = "landsketch-batch.json"
MOSAIC_NAME = "mosaic.vrt"


class ClassifyBatch(LandSketchAlgorithm):
    """Classifies many images, one after the other."""

    NAME = "classifybatch"

    CONFIDENCE = "CONFIDENCE"
    PROBABILITIES = "PROBABILITIES"
    POLYGONS = "POLYGONS"
    ENTROPY = "ENTROPY"
    MARGIN = "MARGIN"
    MOSAIC = "MOSAIC"
    AGAIN = "AGAIN"
    OUTPUT_FOLDER = "OUTPUT_FOLDER"
    MANIFEST = "MANIFEST"

    def __init__(self) -> None:
        super().__init__()
        self._scenes: Tuple[BatchScene, ...] = ()
        self._where = Where()

    def title(self) -> str:
        return tr("Classify many images")

    def summary(self) -> str:
        return tr("Makes a land-cover map of each of many images with one fine-tuned checkpoint.")

    def details(self) -> str:
        return tr(
            "<p>All images are checked against the checkpoint before the first one is classified. An image that fails "
            "nevertheless is named in the log, and the others go on. The file {manifest} in the output folder says "
            "what became of each image.</p><p>Run again with the same output folder, the algorithm goes on where it "
            "was stopped: images whose map is there and that have not changed are passed over.</p>"
        ).format(manifest=MANIFEST_NAME)

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterFile(CHECKPOINT, tr("Checkpoint"), fileFilter=card_filter()),
            tr(
                "The checkpoint that 'Fine-tune a classifier' wrote (.safetensors); or a network in ONNX format "
                "(.onnx), exported by LandSketch or made by others for the plugin Deepness."
            ),
        )
        add_many_images(self)
        add_where(
            self,
            tr("Polygons outside which nothing is classified; images beyond them fail. Empty: the whole images."),
            tr(
                "The part of each image that its map covers; images beyond it fail. Drawn, that of a layer or of the "
                "map on screen, or typed; without a coordinate system in that of the project. Empty: the whole images."
            ),
        )
        self._add_results()
        add_ensemble(self)
        add_band_names(self)
        self._add_more_results()
        add_map_options(self)
        self.add(
            QgsProcessingParameterBoolean(self.AGAIN, tr("Classify again what is done"), defaultValue=False),
            tr("Whether images are classified again whose map is already there and that have not changed."),
            advanced=True,
        )
        add_computing(self)
        self.add(
            QgsProcessingParameterFolderDestination(self.OUTPUT_FOLDER, tr("Output folder")),
            tr("Where the maps go, each named after its image; another folder than that of the images."),
        )
        self.addOutput(QgsProcessingOutputFile(self.MANIFEST, tr("What became of each image")))
        self.addOutput(QgsProcessingOutputRasterLayer(self.MOSAIC, tr("Mosaic")))

    def _add_results(self) -> None:
        self.add(
            QgsProcessingParameterBoolean(self.CONFIDENCE, tr("Confidence"), defaultValue=False),
            tr("Whether a raster with the probability of the chosen class is written beside each map."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.PROBABILITIES, tr("Probabilities"), defaultValue=False),
            tr("Whether a raster with the probability of every class, one band each, is written beside each map."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.MOSAIC, tr("Mosaic"), defaultValue=True),
            tr(
                "Whether the maps are laid side by side in one layer: a virtual raster (.vrt) that needs no space of "
                "its own. Maps with another coordinate system or pixel grid than most are left out, and named."
            ),
        )

    def _add_more_results(self) -> None:
        for name, title, text in (
            (
                self.POLYGONS,
                tr("Polygons"),
                tr("Whether each map is written as polygons too, to a GeoPackage (.gpkg) of the image's name."),
            ),
            (
                self.ENTROPY,
                tr("Entropy"),
                tr(
                    "Whether a raster is written beside each map of how evenly the probabilities are spread over all "
                    "classes: 0 is certain, 1 is all classes equally likely."
                ),
            ),
            (
                self.MARGIN,
                tr("Margin"),
                tr(
                    "Whether a raster with the difference between the two highest probabilities is written beside "
                    "each map: low where two classes are hard to tell apart."
                ),
            ),
        ):
            self.add(QgsProcessingParameterBoolean(name, title, defaultValue=False), text, advanced=True)

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks every image, the mask and the output folder."""
        folder = destination_path(parameters.get(self.OUTPUT_FOLDER))
        scenes = self._read_scenes(parameters, context)
        _check_folder(folder, scenes, self.parameterAsFile(parameters, INPUT_FOLDER, context))
        _check_where(read_where(self, parameters, context), scenes, context)

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers."""
        self._scenes = self._read_scenes(parameters, context)
        self._where = read_where(self, parameters, context)

    def _read_scenes(self, parameters: Parameters, context: QgsProcessingContext) -> Tuple[BatchScene, ...]:
        members = read_members(ensemble_fields(self, parameters, context))
        folder = destination_path(parameters.get(self.OUTPUT_FOLDER))
        return read_scenes(self, parameters, context, members, folder)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Classifies all images, styles the maps and returns where they are."""
        # Asked for once: a temporary folder has another name each time.
        folder = self.parameterAsFileOutput(parameters, self.OUTPUT_FOLDER, context)
        _make_folder(folder)
        options = {**map_options(self, parameters, context), **computing(self, parameters, context)}
        with mask_for(self._where.mask, options["scheduler"], folder, feedback) as mask:
            options["mask"] = mask
            spec = ClassifyBatchSpec(
                jobs=tuple(self._job(scene, folder, options, parameters, context) for scene in self._scenes),
                manifest=os.path.join(folder, MANIFEST_NAME),
                mosaic=self._mosaic(folder, parameters, context),
                again=self.parameterAsBool(parameters, self.AGAIN, context),
            )
            finished = set(run_spec(spec, feedback)["outputs"] or ())
        _, legend = classifier_card(spec.jobs[0].checkpoints()[0])
        if not _style([job for job in spec.jobs if job.output in finished], spec.mosaic, legend):
            feedback.pushWarning(tr("The style could not be saved beside every map."))
        results = {self.OUTPUT_FOLDER: folder, self.MANIFEST: spec.manifest}
        if spec.mosaic:
            self._load_mosaic(spec.mosaic, context)
            results[self.MOSAIC] = spec.mosaic
        return results

    def _job(
        self,
        scene: BatchScene,
        folder: str,
        options: Dict[str, Any],
        parameters: Parameters,
        context: QgsProcessingContext,
    ) -> ClassifySpec:
        def beside(name: str, ending: str) -> str:
            wanted = self.parameterAsBool(parameters, name, context)
            return os.path.join(folder, scene.name + ending) if wanted else ""

        return ClassifySpec(
            **ensemble_fields(self, parameters, context),
            sources=tuple(source.spec for source in scene.sources),
            output=os.path.join(folder, f"{scene.name}.tif"),
            confidence=beside(self.CONFIDENCE, "-confidence.tif"),
            probabilities=beside(self.PROBABILITIES, "-probabilities.tif"),
            entropy=beside(self.ENTROPY, "-entropy.tif"),
            margin=beside(self.MARGIN, "-margin.tif"),
            polygons=polygons_spec(self, beside(self.POLYGONS, ".gpkg"), parameters, context),
            extent=self._where.extent(scene.sources[0]),
            **options,
        )

    def _mosaic(self, folder: str, parameters: Parameters, context: QgsProcessingContext) -> str:
        return os.path.join(folder, MOSAIC_NAME) if self.parameterAsBool(parameters, self.MOSAIC, context) else ""

    def _load_mosaic(self, path: str, context: QgsProcessingContext) -> None:
        """Has the mosaic loaded: it is the one layer that shows all maps."""
        project = context.project()
        if project is None:
            return
        name = default_name(tr("Class map"), tr("{n} images").format(n=len(self._scenes)))
        context.addLayerToLoadOnCompletion(path, QgsProcessingContext.LayerDetails(name, project, self.MOSAIC))
        style_when_loaded(path, name, context)


def _check_folder(folder: str, scenes: Sequence[BatchScene], input_folder: str) -> None:
    """Checks that no map is written among the images, where the next run would take it for one of them."""
    if not folder:
        return
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise OutputError(tr("The output folder '{folder}' is a file.").format(folder=folder), tr("Choose a folder."))
    paths = [source.spec.path for scene in scenes for source in scene.sources]
    taken = {path_identity(os.path.dirname(os.path.abspath(path))) for path in paths if os.path.isfile(path)}
    if input_folder:
        taken.add(path_identity(input_folder))
    if path_identity(folder) in taken:
        raise OutputError(
            tr("The output folder '{folder}' is that of the images.").format(folder=folder),
            tr("Choose another folder, where maps and images cannot be mixed up."),
        )


def _check_where(where: Where, scenes: Sequence[BatchScene], context: QgsProcessingContext) -> None:
    """Checks that there is something to map on one of the images, at least."""
    problem: Optional[LandSketchError] = None
    for scene in scenes:
        try:
            where.check(scene.sources[0], context)
            return
        except LandSketchError as error:
            problem = error
    if problem:
        raise problem


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise OutputError(
            tr("The output folder '{folder}' cannot be made: {reason}.").format(folder=folder, reason=error.strerror),
            tr("Choose another folder."),
        ) from error


def _style(jobs: Sequence[ClassifySpec], mosaic: str, legend: ClassLegend) -> bool:
    """Saves the styles beside the rasters; returns whether all could be saved."""
    saved = [style_rasters(job, legend) for job in jobs]
    if mosaic:
        saved.append(style_class_map(mosaic, legend))
    return all(saved)
