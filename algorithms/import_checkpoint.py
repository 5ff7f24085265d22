"""`landsketch:importcheckpoint`: published encoder → checkpoint that says what it needs."""

from __future__ import annotations

import math
from html import escape
from typing import Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from ..core.card_files import read_card
from ..core.card_words import headline, needs
from ..core.cards import SUFFIX
from ..core.encoder_registry import EncoderEntry, encoder, encoders
from ..core.errors import CheckpointError, SpecError
from ..core.sensors import AUTO, GENERIC, SENSORS
from ..core.specs import ImportSpec
from .base import CheckpointAlgorithm, Parameters, run_spec
from .checks import check_outputs, check_published, published_filter
from .text import tr

RECOGNISED = "recognise by the file"
SENSOR_CHOICES = {
    AUTO: "",
    **{sensor.title: sensor.id for sensor in SENSORS.values() if sensor.role != "embedding"},
    "generic": GENERIC,
}
"""What the dialog and scripts say, and what the engine calls it; `auto`: what the registry says of the encoder."""


class ImportCheckpoint(CheckpointAlgorithm):
    """Makes a checkpoint of an encoder that others have published."""

    NAME = "importcheckpoint"

    FILE = "FILE"
    ENCODER = "ENCODER"
    SENSOR = "SENSOR"
    BANDS = "BANDS"
    MEAN = "MEAN"
    STD = "STD"
    ADAPT = "ADAPT"
    OUTPUT = "OUTPUT"

    def title(self) -> str:
        return tr("Import an encoder")

    def summary(self) -> str:
        return tr("Makes a checkpoint of a published encoder, with all that is needed to use it rightly.")

    def details(self) -> str:
        return tr(
            "<p>The checkpoint says which bands the encoder takes, in which order, units and scale, so that 'Fine-tune "
            "a classifier' can check your layers against it. The log tells which weights were taken and which were "
            "not.</p><p>Nothing that a file may hold besides weights is run. Without a file, the encoder that you "
            "choose is downloaded; below it says from where, how much, and under which licence.</p>"
        )

    def shortHelpString(self) -> str:  # noqa: N802 - QGIS fixes this name
        """The help beside the dialog, with what can be downloaded."""
        rows = "".join(f"<li>{_described(entry)}</li>" for entry in encoders())
        return f"{super().shortHelpString()}<h3>{tr('Encoders')}</h3><ul>{rows}</ul>"

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:  # noqa: N802
        """Declares the parameters; their names are an API."""
        self.add(
            QgsProcessingParameterFile(self.FILE, tr("Published file"), optional=True, fileFilter=published_filter()),
            tr(
                "The encoder's weights as its authors publish them: a .pth, .pt, .ckpt or .safetensors file. Empty: "
                "the chosen encoder is downloaded."
            ),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.ENCODER,
                tr("Encoder"),
                options=[RECOGNISED, *(entry.id for entry in encoders())],
                defaultValue=RECOGNISED,
                usesStaticStrings=True,
            ),
            tr(
                "Which encoder it is; they are explained below. '{recognised}' looks at the file's name and weights. "
                "Without a file, the choice is what is downloaded."
            ).format(recognised=RECOGNISED),
        )
        self._add_input()
        self.add(
            QgsProcessingParameterFileDestination(
                self.OUTPUT, tr("Checkpoint"), tr("LandSketch checkpoint") + f" (*{SUFFIX})"
            ),
            tr("The encoder with its card. Start a fine-tuning from it, or embed an image with it."),
        )

    def _add_input(self) -> None:
        """Declares what the encoder's input is, where LandSketch cannot know it."""
        self.add(
            QgsProcessingParameterEnum(
                self.SENSOR,
                tr("Sensor of the input"),
                options=list(SENSOR_CHOICES),
                defaultValue=AUTO,
                usesStaticStrings=True,
            ),
            tr("For files that LandSketch does not know: which images the encoder was trained on. 'auto': it knows."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(self.BANDS, tr("Bands of the input"), optional=True),
            tr(
                "For files that LandSketch does not know: the bands in the order of the encoder's channels, separated "
                "by commas, such as B04,B03,B02. To cut an encoder to fewer bands: those that are left."
            ),
            advanced=True,
        )
        for name, title in (
            (self.MEAN, tr("Means of the bands")),
            (self.STD, tr("Standard deviations of the bands")),
        ):
            self.add(
                QgsProcessingParameterString(name, title, optional=True),
                tr(
                    "One number for each band, separated by commas, of the images that the encoder was trained on: "
                    "reflectance × 10 000 for Sentinel-2, decibels for radar, else as stored."
                ),
                advanced=True,
            )
        self.add(
            QgsProcessingParameterBoolean(self.ADAPT, tr("Cut the first layer to these bands"), defaultValue=False),
            tr(
                "Whether the encoder may be changed to take fewer bands than it was trained with. Its features become "
                "worse; the checkpoint says so."
            ),
            advanced=True,
        )

    def canonical(self, parameters: Parameters) -> Parameters:
        """Takes the ids of sensors, too."""
        titles = {sensor_id: title for title, sensor_id in SENSOR_CHOICES.items()}
        sensor = parameters.get(self.SENSOR)
        if isinstance(sensor, str):
            parameters = {**parameters, self.SENSOR: titles.get(sensor.strip().lower(), sensor)}
        return super().canonical(parameters)

    def check(self, parameters: Parameters, context: QgsProcessingContext) -> None:
        """Checks file, encoder and what was said of its input."""
        path = self.parameterAsFile(parameters, self.FILE, context)
        entry = self._entry(parameters, context)
        if path:
            check_published(path)
        elif entry is None:
            raise CheckpointError(
                tr("Neither a file nor an encoder was given."), tr("Choose the file, or the encoder to download.")
            )
        elif entry.manual:
            raise CheckpointError(
                tr("{title} cannot be downloaded by LandSketch.").format(title=entry.title),
                tr("Download it from {url}, and choose the file.").format(url=entry.url),
            )
        self._read_input(parameters, context)
        check_outputs(self, parameters, [path])

    def run_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        """Imports the encoder, says what it needs, and returns the checkpoint."""
        entry = self._entry(parameters, context)
        spec = ImportSpec(
            output=self.parameterAsFileOutput(parameters, self.OUTPUT, context),
            path=self.parameterAsFile(parameters, self.FILE, context),
            encoder=entry.id if entry else "",
            adapt=self.parameterAsBool(parameters, self.ADAPT, context),
            **self._read_input(parameters, context),
        )
        if entry and not spec.path:
            feedback.pushInfo(
                tr("Downloading {title}: {size} MB, licence: {licence}, from {url}").format(
                    title=entry.title, size=entry.size_mb, licence=entry.licence, url=entry.url
                )
            )
        run_spec(spec, feedback)
        card = read_card(spec.output)
        feedback.pushInfo(f"{headline(card)}\n{needs(card)}")
        return {self.OUTPUT: spec.output}

    def _entry(self, parameters: Parameters, context: QgsProcessingContext) -> Optional[EncoderEntry]:
        """Returns the chosen encoder; None where it is to be recognised."""
        chosen = self.parameterAsEnumString(parameters, self.ENCODER, context)
        return None if chosen == RECOGNISED else encoder(chosen)

    def _read_input(self, parameters: Parameters, context: QgsProcessingContext) -> Dict[str, Any]:
        """Returns what was said of the encoder's input, as fields of `ImportSpec`.

        Raises:
            SpecError: If it is no list of bands or numbers, or the lists do not belong together.
        """
        sensor = SENSOR_CHOICES[self.parameterAsEnumString(parameters, self.SENSOR, context)]
        entry = self._entry(parameters, context)
        known = entry.sources[0].sensor if entry and len(entry.sources) == 1 else ""
        bands = _bands(self.parameterAsString(parameters, self.BANDS, context), sensor or known)
        mean, std = (self._numbers(parameters, name, context) for name in (self.MEAN, self.STD))
        titles = [self.parameterDefinition(name).description() for name in (self.BANDS, self.MEAN, self.STD)]
        if bool(mean) != bool(std):
            raise SpecError(tr("'{a}' and '{b}' belong together.").format(a=titles[1], b=titles[2]), tr("Give both."))
        if mean and len({len(bands), len(mean), len(std)}) > 1:
            counts = ", ".join(f"'{title}' {len(values)}" for title, values in zip(titles, (bands, mean, std)))
            raise SpecError(tr("Numbers of values: {counts}.").format(counts=counts), tr("Give as many of each."))
        if not all(value > 0 for value in std):
            raise SpecError(tr("'{title}' must be greater than zero.").format(title=titles[2]))
        return {"sensor": sensor, "bands": bands, "mean": mean, "std": std}

    def _numbers(self, parameters: Parameters, name: str, context: QgsProcessingContext) -> Tuple[float, ...]:
        try:
            values = tuple(float(word) for word in _words(self.parameterAsString(parameters, name, context)))
            if not all(math.isfinite(value) for value in values):
                raise ValueError(tr("one of them is no number"))
            return values
        except ValueError as error:
            raise SpecError(
                tr("{title}: {error}.").format(title=self.parameterDefinition(name).description(), error=error),
                tr("Write numbers with a point, separated by commas."),
            ) from error


def _described(entry: EncoderEntry) -> str:
    """Returns what a user should know before a download, as HTML."""
    how = tr("to be downloaded by hand from") if entry.manual else tr("from")
    link = f'<a href="{escape(entry.url)}">{escape(entry.url.split("/")[2])}</a>'
    return f"<b>{entry.id}</b>: {escape(entry.title)}; {entry.size_mb} MB; {escape(entry.licence)}; {how} {link}"


def _bands(text: str, sensor: str) -> Tuple[str, ...]:
    """Returns canonical band names.

    Raises:
        SpecError: If one is none of the sensor's.
    """
    names: List[str] = []
    for word in _words(text):
        name = SENSORS[sensor].canonical(word) if sensor in SENSORS else word
        if name is None:
            raise SpecError(
                tr("'{band}' is no band of {sensor}.").format(band=word, sensor=SENSORS[sensor].title),
                tr("Its bands are {bands}.").format(bands=", ".join(SENSORS[sensor].names)),
            )
        names.append(name)
    if len(set(names)) < len(names):
        raise SpecError(tr("A band is named twice in '{text}'.").format(text=text), tr("Name each band once."))
    return tuple(names)


def _words(text: str) -> List[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
