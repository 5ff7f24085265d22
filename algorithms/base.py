"""What the algorithms share: declare → validate → spec → worker → style."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProject,
)
from qgis.PyQt.QtGui import QIcon

from ..core.errors import LandSketchError, SpecError
from ..core.specs import JobSpec
from .compat import ADVANCED, OPTIONAL
from .feedback import ProcessingFeedback
from .text import tr

if TYPE_CHECKING:
    from ..bridge.history import Call

HELP_URL = "https://example.org/landsketch/help/"
Parameters = Dict[str, Any]


class LandSketchAlgorithm(QgsProcessingAlgorithm):
    """Base of the algorithms.

    A subclass names itself (`NAME`, `title`, `summary`), declares its parameters in `initAlgorithm`, says in `check`
    what is wrong with them before anything runs, reads layers in `prepare_job` and runs its job in `run_job`.
    """

    NAME = ""
    TRAINS = False
    """Whether it trains a network: it then runs its job by `train`, which keeps it in the history of runs."""

    CLASS_FIELDS: Tuple[Tuple[str, str], ...] = ()
    """Text parameters that name a field of a layer, by default that of its style, and the layer's parameter."""

    _call: Call

    def createInstance(self) -> QgsProcessingAlgorithm:  # noqa: N802 - QGIS fixes the camelCase names
        """Processing runs a fresh instance each time."""
        return type(self)()

    def name(self) -> str:
        """The id, which never changes."""
        return self.NAME

    def displayName(self) -> str:  # noqa: N802
        """The title in the toolbox."""
        return self.title()

    def group(self) -> str:
        """The group in the toolbox."""
        return tr("Land cover")

    def groupId(self) -> str:  # noqa: N802
        """The group's id, which never changes."""
        return "landcover"

    def icon(self) -> QIcon:
        """The provider's icon."""
        provider = self.provider()
        return provider.icon() if provider else super().icon()

    def helpUrl(self) -> str:  # noqa: N802
        """The algorithm's page in the user guide."""
        return HELP_URL + self.NAME

    def shortDescription(self) -> str:  # noqa: N802
        """One sentence, shown as a tool tip."""
        return self.summary()

    def shortHelpString(self) -> str:  # noqa: N802
        """The help beside the dialog: the summary, more about it, then every parameter."""
        entries = "".join(
            f"<h3>{parameter.description()}</h3><p>{parameter.help()}</p>" for parameter in self.parameterDefinitions()
        )
        return f"<p>{self.summary()}</p>{self.details()}{entries}"

    def title(self) -> str:
        """The name shown to people."""
        raise NotImplementedError

    def summary(self) -> str:
        """What the algorithm does, in a sentence."""
        raise NotImplementedError

    def details(self) -> str:
        """More about what it does, as HTML."""
        return ""

    def canExecute(self) -> Tuple[bool, str]:  # noqa: N802
        """Whether the engine's environment is there; if not, what is missing and how to get it."""
        from ..bridge import environment

        reason = environment.missing_reason()
        return not reason, reason

    def add(self, parameter: QgsProcessingParameterDefinition, help_text: str, advanced: bool = False) -> None:
        """Declares a parameter with its help."""
        parameter.setHelp(help_text)
        if advanced:
            parameter.setFlags(parameter.flags() | ADVANCED)
        self.addParameter(parameter)

    def canonical(self, parameters: Parameters) -> Parameters:
        """Returns the parameters with choices as their canonical text: 1, 'db' and 'DB' become 'dB'."""
        choices = [p for p in self.parameterDefinitions() if isinstance(p, QgsProcessingParameterEnum)]
        result = dict(parameters)
        for definition in choices:
            value = result.get(definition.name())
            if isinstance(value, (int, str)):
                result[definition.name()] = _choice(definition, value)
        return result

    def checkParameterValues(self, parameters: Parameters, context: QgsProcessingContext) -> Tuple[bool, str]:  # noqa: N802
        """Says in a sentence what is wrong, before anything runs."""
        try:
            parameters = self.canonical(parameters)
            self._check_given(parameters)
            self.check(parameters, context)
        except LandSketchError as error:
            return False, str(error)
        # Last, since its sentences say less: of a file that is no raster, 'Could not load source layer: ... not found'.
        return super().checkParameterValues(parameters, context)

    def _check_given(self, parameters: Parameters) -> None:
        for definition in self.parameterDefinitions():
            optional = (
                definition.flags() & OPTIONAL or definition.defaultValue() is not None or definition.isDestination()
            )
            if not optional and parameters.get(definition.name()) in (None, ""):
                raise SpecError(tr("'{title}' is missing.").format(title=definition.description()), tr("Choose one."))

    def prepareAlgorithm(  # noqa: N802
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Reads layers and renderers; QGIS calls this in its main thread, where they live."""
        try:
            self.prepare_job(self.canonical(parameters), context, feedback)
            if self.TRAINS:
                # Imported here: listing algorithms and their help needs neither history nor commands.
                from .commands import call_of

                self._call = call_of(self, self.canonical(parameters), context.project() or QgsProject.instance())
        except LandSketchError as error:
            raise QgsProcessingException(str(error)) from error
        return True

    def processAlgorithm(  # noqa: N802
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Runs the job, usually in a background thread."""
        try:
            return self.run_job(self.canonical(parameters), context, feedback)
        except LandSketchError as error:
            raise QgsProcessingException(str(error)) from error

    def train(self, spec: JobSpec, feedback: QgsProcessingFeedback) -> Dict[str, Any]:
        """Runs a training job in the engine, where it can be watched, and returns its result.

        Raises:
            LandSketchError: With the engine's message and what to do about it.
        """
        from ..bridge import client, runs

        return runs.run_recorded(client.engine(), spec, ProcessingFeedback(feedback), self._call)

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Raises a `LandSketchError` that names what is wrong with the parameters."""
        raise NotImplementedError

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Reads what has to be read in the main thread."""
        raise NotImplementedError

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Runs the job and returns the outputs."""
        raise NotImplementedError


class SetUpAlgorithm(LandSketchAlgorithm):
    """Base of the algorithms on the engine and what it keeps, which run without an engine."""

    def group(self) -> str:
        return tr("Set-up")

    def groupId(self) -> str:  # noqa: N802
        return "setup"

    def canExecute(self) -> Tuple[bool, str]:  # noqa: N802
        """The engine may be missing: one of them installs it."""
        return True, ""

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """There are no layers."""


class CheckpointAlgorithm(LandSketchAlgorithm):
    """Base of the algorithms on encoders and checkpoints, most of which read files only."""

    def group(self) -> str:
        return tr("Encoders and checkpoints")

    def groupId(self) -> str:  # noqa: N802
        return "checkpoints"

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """There are no layers."""


def _choice(definition: QgsProcessingParameterEnum, value: Any) -> str:
    """Returns the canonical text of a choice.

    Raises:
        SpecError: If there is no such choice; left alone, QGIS would take the default without a word.
    """
    choice = canonical_choice(value, definition.options())
    if choice not in definition.options():
        raise SpecError(
            tr("{title} is '{value}'.").format(title=definition.description(), value=value),
            tr("Expected one of {options}.").format(options=", ".join(definition.options())),
        )
    return str(choice)


def canonical_choice(value: Any, options: List[str]) -> Any:
    """Returns the option meant by an index or by text in any case; anything else comes back as it is."""
    if isinstance(value, str):
        by_key = {option.casefold(): option for option in options}
        if value.strip().casefold() in by_key:
            return by_key[value.strip().casefold()]
        if not value.strip().isdigit():
            return value
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(options):
        return options[value]
    return value


def run_spec(spec: JobSpec, feedback: QgsProcessingFeedback) -> Dict[str, Optional[Any]]:
    """Runs a job in the engine and returns its result.

    Raises:
        LandSketchError: With the engine's message and what to do about it.
    """
    # Only a job needs the engine's client: listing algorithms and their help does not.
    from ..bridge import client

    return client.engine().run(spec, ProcessingFeedback(feedback))
