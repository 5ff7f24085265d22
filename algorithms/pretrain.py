"""`landsketch:pretrain`: unlabelled images → encoder checkpoint."""

from __future__ import annotations

from html import escape
from typing import Any, Dict, List, Optional, Sequence, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..core.card_files import read_card
from ..core.card_words import headline
from ..core.errors import SceneError, SpecError
from ..core.pretraining_methods import BESIDE, METHODS, PretrainingMethod
from ..core.specs import PretrainSpec
from .base import CheckpointAlgorithm, Parameters
from .checks import check_outputs
from .compat import DECIMAL
from .computing import DEVICE, add_device
from .learning import OUTPUT, REPORT, SEED, add_checkpoint, add_report, add_seed
from .scene import add_band_names
from .text import tr, translated
from .training_scenes import (
    TrainingScene,
    add_embeddings,
    add_series,
    add_training_images,
    read_training_scenes,
    words,
)

DEFAULT = "default"
"""The network that the method prefers."""

NETWORKS = tuple(dict.fromkeys(network for method in METHODS.values() for network in method.networks))


class Pretrain(CheckpointAlgorithm):
    """Trains an encoder on images without labels."""

    NAME = "pretrain"
    TRAINS = True

    METHOD = "METHOD"
    NETWORK = "NETWORK"
    STEPS = "STEPS"
    WINDOW = "WINDOW"
    BATCH = "BATCH"
    ACCUMULATE = "ACCUMULATE"
    RATE = "RATE"
    OPTIONS = "OPTIONS"

    def __init__(self) -> None:
        super().__init__()
        self._scenes: Tuple[TrainingScene, ...] = ()

    def title(self) -> str:
        return tr("Pretrain an encoder")

    def summary(self) -> str:
        return tr(
            "Trains an encoder on images without labels, so that 'Fine-tune a classifier' needs fewer labels to learn "
            "from."
        )

    def details(self) -> str:
        methods = "".join(
            f"<li><b>{method.title}</b>: {escape(translated(method.advice), quote=False)}</li>"
            for method in METHODS.values()
        )
        return tr(
            "<p>Give it as many images of your region as you have; it learns what they show by tasks that need no "
            "labels. This takes time, minutes to hours on a graphics card and hours to days on a processor; the log "
            "tells how long. A run that was stopped goes on where it was when it is run again with the same images, "
            "parameters and output file.</p>"
            "<p>Methods, and when to choose them:</p><ul>{methods}</ul>"
            "<p>SimCLR, Dual-SimCLR, MMA and GCC-RS compare the windows of a batch with each other, and small batches "
            "teach them little: with 8 and 16 windows encoders became worse than without pretraining in one study. "
            "Give them batches of 256 windows or more, or SimCLR a memory of earlier windows (option memory=1024); "
            "where your machine has no room for that, choose another method. Whether it helped only labels tell: "
            "fine-tune with and without the encoder, and compare the reports.</p>"
            "<p>SimCLR with the network 'two-branch' learns from an image, such as an aerial one, and a time stack of "
            "the same ground: by random views of both, or with the option compare=branches by finding the series that "
            "belongs to an image, which needs no changes of brightness. Fine-tune the same network from it.</p>"
        ).format(methods=methods)

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802 - QGIS fixes this name
        """Declares the parameters; their names are an API."""
        add_training_images(self)
        add_series(self)
        titles = [method.title for method in METHODS.values()]
        self.add(
            QgsProcessingParameterEnum(
                self.METHOD, tr("Method"), options=titles, defaultValue=titles[0], usesStaticStrings=True
            ),
            tr("How the encoder learns; the list above says when to choose which."),
        )
        self.add(
            QgsProcessingParameterNumber(self.STEPS, tr("Updates"), defaultValue=2000, minValue=1),
            tr("How often the weights are improved. More are better, up to hundreds of thousands for many images."),
        )
        add_seed(
            self,
            tr("The same seed, images and settings give the same encoder."),
        )
        add_band_names(self)
        add_embeddings(self)
        self._add_settings()
        add_device(self)
        self._add_outputs()

    def _add_settings(self) -> None:
        networks = "; ".join(f"{method.title}: {', '.join(method.networks)}" for method in METHODS.values())
        self.add(
            QgsProcessingParameterEnum(
                self.NETWORK,
                tr("Network"),
                options=[DEFAULT, *NETWORKS],
                defaultValue=DEFAULT,
                usesStaticStrings=True,
            ),
            tr("The encoder's network or size; each method knows some, its default first. {networks}.").format(
                networks=networks
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(self.WINDOW, tr("Window size in pixels"), defaultValue=0, minValue=0),
            tr("Side of the square cuts of the images that it learns from. 0: as the method does, {windows}.").format(
                windows=_each("window")
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(self.BATCH, tr("Windows per batch"), defaultValue=0, minValue=0),
            tr(
                "How many windows are learned from at once; fewer need less memory. 0: as the method does, {batches}."
            ).format(batches=_each("batch")),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(self.ACCUMULATE, tr("Batches per update"), defaultValue=1, minValue=1),
            tr(
                "More make an update of the weights steadier without more memory. They do not help methods that "
                "compare the windows of a batch."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterNumber(self.RATE, tr("Learning rate"), DECIMAL, defaultValue=0.0, minValue=0.0),
            tr("The highest one; it rises to it and falls again. 0: as the method does, {rates}.").format(
                rates=_each("rate")
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(self.OPTIONS, tr("Options of the method"), optional=True),
            tr(
                "As name=value, separated by commas, such as 'strategy=RC, ratio=0.8' for 3DMAE or 'memory=1024' for "
                "SimCLR. An unknown name is answered with the list of those that the method knows."
            ),
            advanced=True,
        )

    def _add_outputs(self) -> None:
        add_checkpoint(
            self,
            tr("Encoder"),
            tr("The encoder, to choose as the checkpoint to start from in 'Fine-tune a classifier'."),
        )
        add_report(
            self,
            tr("A page with the learning curve, and with pictures of what the encoder fills in or takes for alike."),
        )

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks images, method, options and outputs against each other."""
        method = self._method(parameters, context)
        beside = self._network(parameters, context) == BESIDE
        read_options(self.parameterAsString(parameters, self.OPTIONS, context))
        scenes = usable(read_training_scenes(self, parameters, context, beside), method, beside)
        check_outputs(self, parameters, [source.spec.path for scene in scenes for source in scene.sources])

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads layers."""
        method, beside = self._method(parameters, context), self._network(parameters, context) == BESIDE
        scenes = read_training_scenes(self, parameters, context, beside)
        self._scenes = usable(scenes, method, beside)
        for line in words(self._scenes):
            feedback.pushInfo(line)
        left_out = [scene.name for scene in scenes if scene not in self._scenes]
        if left_out:
            feedback.pushWarning(
                tr("Left out, since {method} learns from {needed} together: {scenes}.").format(
                    method=method.title, needed=_needed(method, beside), scenes=", ".join(left_out)
                )
            )

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Pretrains and returns the checkpoint and the report."""
        spec = PretrainSpec(
            scenes=tuple(scene.spec() for scene in self._scenes),
            output=self.parameterAsFileOutput(parameters, OUTPUT, context),
            method=self._method(parameters, context).title.lower(),
            report=self.parameterAsFileOutput(parameters, REPORT, context),
            network=self._network(parameters, context),
            window=self.parameterAsInt(parameters, self.WINDOW, context),
            batch=self.parameterAsInt(parameters, self.BATCH, context),
            accumulate=self.parameterAsInt(parameters, self.ACCUMULATE, context),
            steps=self.parameterAsInt(parameters, self.STEPS, context),
            rate=self.parameterAsDouble(parameters, self.RATE, context),
            options=read_options(self.parameterAsString(parameters, self.OPTIONS, context)),
            seed=self.parameterAsInt(parameters, SEED, context),
            device=self.parameterAsEnumString(parameters, DEVICE, context),
        )
        result = self.train(spec, feedback)
        feedback.pushInfo(headline(read_card(spec.output)))
        return {OUTPUT: result["checkpoint"], REPORT: result["report"] or None}

    def _method(self, parameters: Parameters, context: QgsProcessingContext) -> PretrainingMethod:
        return METHODS[self.parameterAsEnumString(parameters, self.METHOD, context).lower()]

    def _network(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        """Returns the chosen network; '' for the method's own.

        Raises:
            SpecError: If the method does not know it.
        """
        chosen = self.parameterAsEnumString(parameters, self.NETWORK, context)
        method = self._method(parameters, context)
        if chosen == DEFAULT:
            return ""
        if chosen not in method.networks:
            raise SpecError(
                tr("{method} does not know the network '{network}'.").format(method=method.title, network=chosen),
                tr("Choose one of {networks}.").format(networks=", ".join(method.networks)),
            )
        return str(chosen)


def usable(
    scenes: Sequence[TrainingScene], method: PretrainingMethod, beside: bool = False
) -> Tuple[TrainingScene, ...]:
    """Returns the scenes that a method can learn from.

    Args:
        scenes: All of them.
        method: The method.
        beside: Whether it learns from an optical image and a series beside it, and nothing else.

    Raises:
        SceneError: If there are none, or embeddings were given to a method that has no use for them.
    """
    if "embedding" not in method.roles and any("embedding" in scene.roles for scene in scenes):
        raise SceneError(
            tr("{method} does not learn from embeddings.").format(method=method.title),
            tr("Leave them out, or choose the method Distillation."),
        )
    if beside:
        found = tuple(scene for scene in scenes if scene.roles == ("optical", "series"))
    else:
        found = tuple(scene for scene in scenes if set(method.roles) <= set(scene.roles))
    if not found:
        raise SceneError(
            tr("{method} learns from {needed} together; no scene has both.").format(
                method=method.title, needed=_needed(method, beside)
            ),
            tr("Add images of the same place, or choose another method."),
        )
    return found


def _needed(method: PretrainingMethod, beside: bool) -> str:
    """Returns what a method needs together, in words."""
    if beside:
        return tr("an optical image and a time stack beside it, without radar,")
    return tr("images and embeddings") if "embedding" in method.roles else tr("an optical and a radar image")


def read_options(text: str) -> Dict[str, Any]:
    """Returns a method's options: 'ratio=0.8, strategy=RC' as {'ratio': 0.8, 'strategy': 'RC'}.

    Raises:
        SpecError: If a part of the text is not of this form, or a name is given twice.
    """
    options: Dict[str, Any] = {}
    for part in text.split(","):
        if not part.strip():
            continue
        name, equals, value = (word.strip() for word in part.partition("="))
        if not (name and equals and value):
            raise SpecError(
                tr("The option '{part}' is not of the form name=value.").format(part=part.strip()),
                tr("Write options as 'ratio=0.8, strategy=RC'."),
            )
        if name in options:
            raise SpecError(tr("The option '{name}' is given twice.").format(name=name), tr("Give it once."))
        options[name] = _value(value)
    return options


def _value(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _each(setting: str) -> str:
    """Returns a setting's default of each method, such as '96 (3DMAE, SimCLR), 128 (STMIM)'."""
    by_value: Dict[Any, List[str]] = {}
    for method in METHODS.values():
        by_value.setdefault(getattr(method, setting), []).append(method.title)
    return ", ".join(f"{value:g} ({', '.join(titles)})" for value, titles in by_value.items())
