"""`landsketch:finetunescenes`: images and patches with classes → checkpoint that classifies patches."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple, Union

from qgis.core import (
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsRasterLayer,
    QgsVectorLayer,
)

from ..core.errors import LabelError
from ..core.legend import MAX_VALUE, NO_DATA
from ..core.specs import DEFAULT_SIDE, SCENE_MODES, FinetuneScenesSpec
from .base import LandSketchAlgorithm, Parameters
from .checks import check_outputs, check_start
from .compat import ANY_GEOMETRY, DECIMAL, RASTER
from .computing import DEVICE, add_device
from .labels import FeatureInput, feature_input, field_name
from .learning import (
    CHECKPOINT,
    OUTPUT,
    REPORT,
    add_checkpoint,
    add_epochs,
    add_mode,
    add_report,
    add_seed,
    add_start,
    learning_of,
)
from .references import class_raster
from .scene import add_band_names, add_scene, check_overlap, layer_text, scene_sources
from .sources import RasterSource, raster_path
from .text import tr


class FinetuneScenes(LandSketchAlgorithm):
    """Trains a classifier of whole patches."""

    NAME = "finetunescenes"
    TRAINS = True

    PATCHES = "PATCHES"
    CLASS_FIELD = "CLASS_FIELD"
    CLASS_FIELDS = ((CLASS_FIELD, PATCHES),)
    SIDE = "SIDE"
    MULTILABEL = "MULTILABEL"
    SHARE = "SHARE"
    JSON = "JSON"

    _patches: Union[QgsRasterLayer, FeatureInput]

    def __init__(self) -> None:
        super().__init__()
        self._sources: Tuple[RasterSource, ...] = ()
        self._legend: Tuple[Dict[str, Any], ...] = ()

    def title(self) -> str:
        return tr("Fine-tune a patch classifier")

    def summary(self) -> str:
        return tr(
            "Learns what whole patches of an image show, one class or several each, and writes a checkpoint to "
            "classify patches with."
        )

    def details(self) -> str:
        return tr(
            "<p>Use this instead of 'Fine-tune a classifier' where a class is a matter of a whole patch and not of its "
            "pixels: what a field or a block is, or which classes a square holds. The patches to learn from are "
            "polygons, points (a square around each is the patch), or the squares of a class raster.</p><p>Some of the "
            "patches are held out and tell how good the classifier is; the report shows it.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        add_scene(self)
        self._add_patches()
        self._add_training()
        self._add_outputs()

    def _add_patches(self) -> None:
        self.add(
            QgsProcessingParameterMapLayer(self.PATCHES, tr("Patches with classes"), types=[RASTER, ANY_GEOMETRY]),
            tr(
                "A layer of polygons, each a patch; of points, with a square around each as its patch; or a class "
                "raster, of which squares side by side get their classes."
            ),
        )
        self.add(
            # No list of fields: QGIS crashes where such a list belongs to a layer that may be a raster, and is one.
            QgsProcessingParameterString(self.CLASS_FIELD, tr("Class field"), optional=True),
            tr(
                "Of points and polygons: the field that holds the class. Empty: the one by which the layer is styled "
                "(categorised). Where patches may have several classes, they are separated by semicolons, such as "
                "'forest; water'."
            ),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.SIDE, tr("Side of square patches in pixels"), defaultValue=DEFAULT_SIDE, minValue=1
            ),
            tr("For points and class rasters, in pixels of the image: 16 pixels of 10 m are 160 m."),
        )
        self.add(
            QgsProcessingParameterBoolean(self.MULTILABEL, tr("Patches may have several classes"), defaultValue=False),
            tr(
                "On: each class is judged by itself, and a patch may get several of them, or none. Off: each patch "
                "gets one class; of a class raster, the one with the most pixels."
            ),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.SHARE,
                tr("Least share of a class in a patch (%)"),
                DECIMAL,
                defaultValue=10.0,
                minValue=0.0,
                maxValue=99.0,
            ),
            tr("Of a class raster, where patches may have several classes: those that cover more than this count."),
            advanced=True,
        )

    def _add_training(self) -> None:
        add_start(
            self,
            tr("Checkpoint to start from"),
            tr(
                "An encoder or an earlier result whose encoder is taken: a .safetensors file of LandSketch, or "
                "published weights (.pt, .pth, .ckpt). Empty: the default encoder."
            ),
        )
        add_mode(
            self,
            SCENE_MODES,
            tr(
                "'frozen' trains a light classifier on mean and spread of the encoder's features over each patch: "
                "seconds, and best with few patches. 'full' trains the whole network: slower, and needs many patches."
            ),
        )
        add_seed(
            self,
            tr("The same seed, data and settings give the same result; change it to see how much depends on chance."),
        )
        add_band_names(self)
        add_epochs(
            self,
            60,
            tr("How often training sees all patches at most ('full'); it stops earlier once nothing improves."),
        )
        add_device(self)

    def _add_outputs(self) -> None:
        add_checkpoint(
            self,
            tr("Checkpoint"),
            tr("The classifier, for 'Classify patches of an image'."),
        )
        add_report(
            self,
            tr("A page with the accuracy on held-out patches for each class, and the settings."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.JSON, tr("Accuracy as JSON"), tr("JSON file") + " (*.json)", optional=True, createByDefault=False
            ),
            tr("The same figures, for other programs."),
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks images, patches, checkpoint and outputs against each other."""
        sources = scene_sources(self, parameters, context)
        patches = self._read_patches(parameters, context)
        checkpoint = self.parameterAsFile(parameters, CHECKPOINT, context)
        inputs = [*(source.spec.path for source in sources), checkpoint]
        if isinstance(patches, FeatureInput):
            patches.check(sources[0])
        else:
            other = class_raster(self, parameters, self.PATCHES, context)
            check_overlap(sources[0], other, tr("Choose a class raster of the same place."), context)
            inputs.append(raster_path(patches))
        check_start(checkpoint, sources)
        check_outputs(self, parameters, inputs)

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers, and the names and colours of classes."""
        self._sources = scene_sources(self, parameters, context)
        self._patches = self._read_patches(parameters, context)
        if isinstance(self._patches, QgsRasterLayer):
            self._legend = raster_legend(self._patches)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Fine-tunes and returns the checkpoint and what was measured."""
        patches = self._patches
        spec = FinetuneScenesSpec(
            sources=tuple(source.spec for source in self._sources),
            labels=patches.export(feedback) if isinstance(patches, FeatureInput) else raster_path(patches),
            output=self.parameterAsFileOutput(parameters, OUTPUT, context),
            report=self.parameterAsFileOutput(parameters, REPORT, context),
            json=self.parameterAsFileOutput(parameters, self.JSON, context),
            legend=self._legend,
            side=self.parameterAsInt(parameters, self.SIDE, context),
            multilabel=self.parameterAsBool(parameters, self.MULTILABEL, context),
            share=self.parameterAsDouble(parameters, self.SHARE, context) / 100,
            checkpoint=self.parameterAsFile(parameters, CHECKPOINT, context),
            device=self.parameterAsEnumString(parameters, DEVICE, context),
            **learning_of(self, parameters, context),
        )
        self.train(spec, feedback)
        made = {OUTPUT: spec.output, REPORT: spec.report, self.JSON: spec.json}
        return {name: path for name, path in made.items() if path}

    def _read_patches(
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> Union[QgsRasterLayer, FeatureInput]:
        """Returns a class raster, or features with a class.

        Raises:
            LabelError: If it is neither, or the classes cannot be told.
        """
        layer = self.parameterAsLayer(parameters, self.PATCHES, context)
        if isinstance(layer, QgsRasterLayer) and layer.isValid():
            return layer
        if isinstance(layer, QgsVectorLayer) and layer.isValid():
            field = field_name(parameters.get(self.CLASS_FIELD))
            return feature_input(self, parameters, self.PATCHES, context, field)
        raise LabelError(
            tr("Patches '{value}' cannot be opened as a raster or vector layer.").format(
                value=layer_text(parameters.get(self.PATCHES))
            ),
            tr("Choose a layer with points or polygons, or a class raster."),
        )


def raster_legend(layer: QgsRasterLayer) -> Tuple[Dict[str, Any], ...]:
    """Returns names and colours of a class raster that is styled by values; none for another style."""
    renderer = layer.renderer()
    if not isinstance(renderer, QgsPalettedRasterRenderer):
        return ()
    return tuple(
        {"value": int(entry.value), "name": entry.label.strip() or str(int(entry.value)), "colour": entry.color.name()}
        for entry in renderer.classes()
        if NO_DATA < entry.value <= MAX_VALUE
    )
