"""`landsketch:finetune`: images and drawn labels → checkpoint."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
)

from ..core.specs import MODES, POOLINGS, FinetuneSpec
from ..core.specs.training import check_pooling
from .base import LandSketchAlgorithm, Parameters
from .checks import check_outputs
from .computing import DEVICE, add_device
from .drawn_labels import add_labels, read_labels
from .labels import FeatureInput
from .learning import (
    MODE,
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
from .networks import add_network, check_network_start, network_of, networks_in_words
from .scene import add_band_names, add_scene, scene_sources
from .sources import RasterSource
from .text import tr
from .training import add_training, training_of


class Finetune(LandSketchAlgorithm):
    """Trains a classifier on drawn labels."""

    NAME = "finetune"
    TRAINS = True

    POOLING = "POOLING"

    _labels: FeatureInput

    def __init__(self) -> None:
        super().__init__()
        self._sources: Tuple[RasterSource, ...] = ()

    def title(self) -> str:
        return tr("Fine-tune a classifier")

    def summary(self) -> str:
        return tr(
            "Learns land-cover classes from a few labels drawn on an image, and writes a checkpoint to classify with."
        )

    def details(self) -> str:
        return tr(
            "<p>Draw some points, lines or polygons for each class, on places you are sure of; what is not labelled is "
            "left out of training. Style the layer by category: the names and colours of the categories become the "
            "legend of the map. Layers that are being edited are taken as they are on screen.</p><p>Some of the "
            "labelled features are held out and tell how good the classifier is; the report shows it.</p>{networks}"
        ).format(networks=networks_in_words())

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        add_scene(self)
        self._add_labels()
        self._add_training()
        self._add_outputs()

    def _add_labels(self) -> None:
        add_labels(
            self,
            tr("The layer with the drawn labels, in any coordinate system."),
            tr(
                "The field that holds the class. Empty: the one by which the layer is styled (categorised). Whole "
                "numbers from 1 to 255 stay the values of the map; names are numbered from 1. Features without a class "
                "are left out."
            ),
        )

    def _add_training(self) -> None:
        add_start(
            self,
            tr("Checkpoint to start from"),
            tr(
                "An encoder or an earlier result to build on: a .safetensors file of LandSketch, such as 'Import an "
                "encoder' writes, or published weights (.pt, .pth, .ckpt). Empty: the default encoder."
            ),
        )
        add_mode(
            self,
            MODES,
            tr(
                "'frozen' trains a light classifier on the features of the encoder: seconds, and best with few labels. "
                "'decoder' trains the decoder of a segmentation network and leaves its encoder; 'last' trains the last "
                "stages of the encoder too, 'lora' a little of each of its layers. 'full' trains the whole network: "
                "slowest, and needs the most labels."
            ),
        )
        add_network(self)
        add_seed(
            self,
            tr("The same seed, data and settings give the same result; change it to see how much depends on chance."),
        )
        add_band_names(self)
        add_epochs(
            self,
            100,
            tr("How often training sees all labels at most (not 'frozen'); it stops earlier once nothing improves."),
        )
        add_training(self)
        self.add(
            QgsProcessingParameterEnum(
                self.POOLING,
                tr("Features of several dates"),
                options=list(POOLINGS),
                defaultValue=POOLINGS[0],
                usesStaticStrings=True,
            ),
            tr(
                "With a time stack, for encoders of single images, which look at each date: how the features of the "
                "dates become one. 'statistics': their mean and standard deviation, for any dates; 'concatenate': side "
                "by side, for the same dates each year; 'attention': a mean with learned weights (not 'frozen'). "
                "'auto' takes encoders that know time as they are, and statistics for others."
            ),
            advanced=True,
        )
        add_device(self)

    def _add_outputs(self) -> None:
        add_checkpoint(
            self,
            tr("Checkpoint"),
            tr("The classifier, with everything needed to use it rightly: bands, units, classes and how it was made."),
        )
        add_report(self, tr("A page with the accuracy on held-out labels, the confusion matrix and the settings."))

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks images, labels, checkpoint and outputs against each other."""
        sources = scene_sources(self, parameters, context)
        labels = read_labels(self, parameters, context)
        labels.check(sources[0])
        mode = self.parameterAsEnumString(parameters, MODE, context)
        checkpoints = check_network_start(network_of(self, parameters, context), mode, sources)
        check_pooling(self.parameterAsEnumString(parameters, self.POOLING, context), mode)
        images = [source.spec.path for source in sources]
        check_outputs(self, parameters, [*images, *checkpoints])

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers and the label layer's renderer."""
        self._sources = scene_sources(self, parameters, context)
        self._labels = read_labels(self, parameters, context)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Fine-tunes and returns the checkpoint and the report."""
        spec = FinetuneSpec(
            sources=tuple(source.spec for source in self._sources),
            labels=self._labels.export(feedback),
            output=self.parameterAsFileOutput(parameters, OUTPUT, context),
            report=self.parameterAsFileOutput(parameters, REPORT, context),
            pooling=self.parameterAsEnumString(parameters, self.POOLING, context),
            device=self.parameterAsEnumString(parameters, DEVICE, context),
            **network_of(self, parameters, context),
            **learning_of(self, parameters, context),
            **training_of(self, parameters, context),
        )
        result = self.train(spec, feedback)
        return {OUTPUT: result["checkpoint"], REPORT: result["report"] or None}
