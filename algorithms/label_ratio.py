"""`landsketch:labelratio`: images and drawn labels → how accuracy grows with the number of labels."""

from __future__ import annotations

import math
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..core.errors import SpecError
from ..core.specs import MODES, SHARES, LabelRatioSpec
from .base import LandSketchAlgorithm, Parameters
from .checks import check_outputs, check_start
from .compat import ANY_GEOMETRY
from .computing import DEVICE, add_device
from .drawn_labels import add_labels, read_labels
from .labels import FeatureInput, feature_input, field_name
from .learning import CHECKPOINT, add_epochs, add_mode, add_report, add_seed, add_start, learning_of
from .scene import add_band_names, add_scene, scene_sources
from .sources import RasterSource
from .text import tr


class LabelRatio(LandSketchAlgorithm):
    """Studies how much accuracy depends on the number of labels."""

    NAME = "labelratio"
    TRAINS = True

    HELD_OUT = "HELD_OUT"
    HELD_OUT_FIELD = "HELD_OUT_FIELD"
    BASELINE = "BASELINE"
    SHARES = "SHARES"
    DRAWS = "DRAWS"
    CSV = "CSV"
    PNG = "PNG"
    HTML = "HTML"

    _labels: FeatureInput

    def __init__(self) -> None:
        super().__init__()
        self._sources: Tuple[RasterSource, ...] = ()
        self._held_out: Optional[FeatureInput] = None

    def title(self) -> str:
        return tr("Label-ratio study")

    def summary(self) -> str:
        return tr("Shows how accuracy grows with the number of labels, with and without a pretrained encoder.")

    def details(self) -> str:
        return tr(
            "<p>Learns from 1, 5, 10, 25, 50 and 100 % of the labelled features, each share several times with other "
            "features, and judges all runs by the same features, which none of them learns from. The curves tell "
            "whether more labels would help, and what pretraining is worth with few of them.</p><p>With 'frozen' this "
            "takes a minute; with a network that is trained, as many trainings as there are shares, draws and ways of "
            "training. A study that was stopped goes on where it was when it is run again with the same parameters and "
            "table. Name the table for this: temporary files have other names each time.</p>"
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        add_scene(self)
        self._add_labels()
        self._add_training()
        self._add_outputs()

    def _add_labels(self) -> None:
        add_labels(
            self,
            tr("The layer with the drawn labels, in any coordinate system. Some tens of features per class are best."),
        )
        self.add(
            QgsProcessingParameterFeatureSource(self.HELD_OUT, tr("Labels to judge by"), [ANY_GEOMETRY], optional=True),
            tr(
                "Labels with the same classes that no run learns from. Empty: about a third of the labels, held out in "
                "spatial blocks where there are enough."
            ),
        )
        self.add(
            QgsProcessingParameterField(
                self.HELD_OUT_FIELD,
                tr("Class field of the labels to judge by"),
                parentLayerParameterName=self.HELD_OUT,
                optional=True,
            ),
            tr("As for the labels: empty means the one by which the layer is styled."),
        )

    def _add_training(self) -> None:
        add_start(
            self,
            tr("Pretrained encoder"),
            tr(
                "The encoder or earlier result that is studied: a .safetensors file of LandSketch, or published "
                "weights (.pt, .pth, .ckpt). Empty: the default encoder alone."
            ),
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.BASELINE, tr("Compare with the same network without pretraining"), defaultValue=True
            ),
            tr("Whether a second curve shows what the encoder would reach had it not been pretrained."),
        )
        add_mode(
            self,
            MODES,
            tr("As in 'Fine-tune a classifier'. The network without pretraining is then trained as a whole."),
        )
        self.add(
            QgsProcessingParameterString(
                self.SHARES,
                tr("Shares of the labels (%)"),
                defaultValue=", ".join(f"{100 * share:g}" for share in SHARES),
            ),
            tr("Percentages of the features of each class, separated by commas; of each class at least one is taken."),
        )
        self.add(
            QgsProcessingParameterNumber(self.DRAWS, tr("Draws"), defaultValue=5, minValue=1, maxValue=100),
            tr("How often features are drawn for each share. The bands around the curves show how much they differ."),
        )
        add_seed(
            self,
            tr("The same seed, data and settings give the same result."),
        )
        add_band_names(self)
        add_epochs(
            self,
            100,
            tr("How often a training sees its labels at most; 'frozen' has no epochs."),
        )
        add_device(self)

    def _add_outputs(self) -> None:
        self.add(
            QgsProcessingParameterFileDestination(self.CSV, tr("Table"), tr("CSV file") + " (*.csv)"),
            tr("One row for each run: share, draw, features, IoU, F1, precision and recall."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.PNG, tr("Picture"), tr("PNG picture") + " (*.png)", optional=True, createByDefault=True
            ),
            tr("The curves, to put into a document."),
        )
        add_report(
            self,
            tr("A page with the curves, the numbers and the settings."),
            self.HTML,
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks images, labels, encoder, shares and outputs against each other."""
        sources = scene_sources(self, parameters, context)
        for labels in self._read_labels(parameters, context):
            if labels:
                labels.check(sources[0])
        checkpoint = self.parameterAsFile(parameters, CHECKPOINT, context)
        check_start(checkpoint, sources)
        read_shares(self.parameterAsString(parameters, self.SHARES, context))
        check_outputs(self, parameters, [*(source.spec.path for source in sources), checkpoint])

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers and their renderers."""
        self._sources = scene_sources(self, parameters, context)
        self._labels, self._held_out = self._read_labels(parameters, context)

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Runs the study and returns the files."""
        spec = LabelRatioSpec(
            sources=tuple(source.spec for source in self._sources),
            labels=self._labels.export(feedback),
            csv=self.parameterAsFileOutput(parameters, self.CSV, context),
            png=self.parameterAsFileOutput(parameters, self.PNG, context),
            html=self.parameterAsFileOutput(parameters, self.HTML, context),
            held_out=self._held_out.export(feedback) if self._held_out else None,
            checkpoint=self.parameterAsFile(parameters, CHECKPOINT, context),
            baseline=self.parameterAsBool(parameters, self.BASELINE, context),
            shares=read_shares(self.parameterAsString(parameters, self.SHARES, context)),
            draws=self.parameterAsInt(parameters, self.DRAWS, context),
            device=self.parameterAsEnumString(parameters, DEVICE, context),
            **learning_of(self, parameters, context),
        )
        self.train(spec, feedback)
        made = {self.CSV: spec.csv, self.PNG: spec.png, self.HTML: spec.html}
        return {name: path for name, path in made.items() if path}

    def _read_labels(
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> Tuple[FeatureInput, Optional[FeatureInput]]:
        """Returns the labels, and those to judge by where there are any."""
        labels = read_labels(self, parameters, context)
        if parameters.get(self.HELD_OUT) in (None, ""):
            return labels, None
        field = field_name(parameters.get(self.HELD_OUT_FIELD))
        return labels, feature_input(self, parameters, self.HELD_OUT, context, field)


def read_shares(text: str) -> Tuple[float, ...]:
    """Returns shares from 0 to 1 of percentages in words, each once and the smallest first.

    Raises:
        SpecError: If they are none.
    """
    words = [word.strip().rstrip("%").strip() for word in text.replace(";", ",").split(",") if word.strip()]
    try:
        shares = sorted({round(float(word) / 100, 6) for word in words})
    except ValueError:
        shares = []
    if not shares or any(not math.isfinite(share) or not 0 < share <= 1 for share in shares):
        raise SpecError(
            tr("The shares of the labels are '{text}'.").format(text=text),
            tr("Expected percentages above 0 and up to 100, separated by commas, such as 1, 5, 10, 25, 50, 100."),
        )
    return tuple(shares)
