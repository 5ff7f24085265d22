"""Checks of checkpoints and output files before anything runs; they need no engine."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, Sequence, Tuple

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterVectorDestination,
    QgsProperty,
)

from ..core.card_files import read_card
from ..core.cards import PUBLISHED_SUFFIXES, SUFFIX, Card, check_bands, check_roles
from ..core.errors import CheckpointError, OutputError
from ..core.legend import ClassLegend
from ..core.onnx_card import ONNX_SUFFIX
from .sources import RasterSource
from .text import tr

_RASTER_SUFFIXES = (".tif", ".tiff")
_VECTOR_SUFFIXES = (".gpkg",)


def check_start(path: str, sources: Sequence[RasterSource]) -> None:
    """Checks a checkpoint that fine-tuning starts from.

    Raises:
        CheckpointError: If it is not one, or does not fit the images.
    """
    if not path:
        return
    _check_exists(path)
    suffix = os.path.splitext(path)[1].lower()
    if suffix in PUBLISHED_SUFFIXES:
        return
    if suffix != SUFFIX:
        raise CheckpointError(
            tr("'{path}' is not a checkpoint.").format(path=path),
            tr("Choose a .safetensors file of LandSketch, or published weights ({suffixes}).").format(
                suffixes=", ".join(PUBLISHED_SUFFIXES)
            ),
        )
    check_fit(read_card(path), sources, path)


def check_encoder(path: str, sources: Sequence[RasterSource]) -> None:
    """Checks a checkpoint whose encoder is to compute features of images.

    Raises:
        CheckpointError: If it is none, has no encoder of its own, or does not fit the images.
    """
    if path.lower().endswith(SUFFIX) and os.path.isfile(path) and "embedding" in read_card(path).roles:
        raise CheckpointError(
            tr("Checkpoint '{path}' has no encoder: it was fine-tuned on embeddings.").format(path=path),
            tr("Choose one whose encoder computes features of images."),
        )
    check_start(path, sources)


def start_filter() -> str:
    """Returns what file dialogs offer to start from: checkpoints and published weights."""
    return tr("Checkpoints") + f" ({_patterns(SUFFIX, *PUBLISHED_SUFFIXES)})"


def card_filter() -> str:
    """Returns what file dialogs offer where a file with a card is wanted."""
    return tr("LandSketch checkpoints") + f" ({_patterns(SUFFIX, ONNX_SUFFIX)})"


def trained_filter() -> str:
    """Returns what file dialogs offer where weights with a card are wanted."""
    return tr("LandSketch checkpoints") + f" ({_patterns(SUFFIX)})"


def published_filter() -> str:
    """Returns what file dialogs offer to import."""
    return tr("Published encoders") + f" ({_patterns(*PUBLISHED_SUFFIXES, SUFFIX)})"


def check_published(path: str) -> None:
    """Checks a published file that is to be imported; what it holds is the engine's business.

    Raises:
        CheckpointError: If it is missing or of another kind, or a checkpoint of LandSketch already.
    """
    _check_exists(path)
    suffixes = (*PUBLISHED_SUFFIXES, SUFFIX)
    if not path.lower().endswith(suffixes):
        raise CheckpointError(
            tr("'{path}' is not a file with weights.").format(path=path),
            tr("Choose one that ends in {suffixes}.").format(suffixes=", ".join(suffixes)),
        )
    if path.lower().endswith(SUFFIX) and _has_card(path):
        raise CheckpointError(
            tr("'{path}' is a checkpoint of LandSketch already.").format(path=path), tr("Use it as it is.")
        )


def _has_card(path: str) -> bool:
    try:
        read_card(path)
    except CheckpointError:
        return False
    return True


def _patterns(*suffixes: str) -> str:
    return " ".join(f"*{suffix}" for suffix in suffixes)


def checkpoint_card(path: str) -> Card:
    """Returns the card of a checkpoint.

    Raises:
        CheckpointError: If it is not a checkpoint, or has no card.
    """
    _check_exists(path)
    if path.lower().endswith(PUBLISHED_SUFFIXES):
        raise CheckpointError(
            tr("'{path}' holds published weights, which do not say what they need.").format(path=path),
            tr("Make a checkpoint of it first, with 'Import an encoder'."),
        )
    return read_card(path)


def classifier_card(path: str) -> Tuple[Card, ClassLegend]:
    """Returns the card of a checkpoint that has classes, and the classes.

    Raises:
        CheckpointError: If it is not a checkpoint, or knows no classes.
    """
    _check_exists(path)
    no_classes = tr("Fine-tune it with your labels first, and classify with the checkpoint this makes.")
    if path.lower().endswith(PUBLISHED_SUFFIXES):
        raise CheckpointError(
            tr("'{path}' holds published weights, which know no classes.").format(path=path), no_classes
        )
    card = read_card(path)
    if card.classifies_scenes:
        raise CheckpointError(
            tr("Checkpoint '{path}' classifies patches, not pixels.").format(path=path),
            tr("Use it with 'Classify patches of an image'."),
        )
    if card.legend is None:
        raise CheckpointError(tr("Checkpoint '{path}' knows no classes.").format(path=path), no_classes)
    return card, card.legend


def check_fit(card: Card, sources: Sequence[RasterSource], path: str) -> None:
    """Checks that the images are those that a model was made for.

    Raises:
        CheckpointError: If not, naming both sides.
    """
    name = os.path.basename(path)
    check_roles(card.sources, [source.spec.role for source in sources], name)
    for source in sources:
        check_bands(card.source(source.spec.role), source.match, source.name, name)


def check_dates(card: Card, sources: Sequence[RasterSource], path: str) -> None:
    """Checks that a model over time gets time stacks, others single images, and an exported one as many dates.

    Raises:
        CheckpointError: If not, naming both sides.
    """
    name = os.path.basename(path)
    for source in sources:
        wanted, given = len(card.source(source.spec.role).dates), len(source.dates)
        if wanted and not given:
            raise CheckpointError(
                tr("Checkpoint '{checkpoint}' looks at time stacks; '{layer}' is a single image.").format(
                    checkpoint=name, layer=source.name
                ),
                tr("Choose a time stack, or another checkpoint."),
            )
        if given and not wanted:
            raise CheckpointError(
                tr("Checkpoint '{checkpoint}' looks at single images; '{layer}' is a time stack of {n} dates.").format(
                    checkpoint=name, layer=source.name, n=given
                ),
                tr("Choose an image, or fine-tune on time stacks."),
            )
        if given != wanted and path.lower().endswith(ONNX_SUFFIX):
            raise CheckpointError(
                tr("'{checkpoint}' was exported for {wanted} dates; time stack '{layer}' has {given}.").format(
                    checkpoint=name, wanted=wanted, layer=source.name, given=given
                ),
                tr("Choose a time stack with as many dates, or classify with the checkpoint that was exported."),
            )


def _check_exists(path: str) -> None:
    if not os.path.isfile(path):
        raise CheckpointError(
            tr("Checkpoint '{path}' does not exist.").format(path=path), tr("Choose an existing checkpoint file.")
        )


def check_outputs(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], inputs: Iterable[str]) -> None:
    """Checks that the outputs have a folder and the right file type, and overwrite neither an input nor each other.

    Raises:
        OutputError: If not.
    """
    taken = {_identity(path): path for path in inputs if path}
    for definition in algorithm.destinationParameterDefinitions():
        path = destination_path(parameters.get(definition.name()))
        if not path:
            continue
        suffixes = _suffixes(definition)
        if not path.lower().endswith(suffixes):
            raise OutputError(
                tr("{title} '{path}' has the wrong file type.").format(title=definition.description(), path=path),
                tr("Its name should end in {suffix}.").format(suffix=suffixes[0]),
            )
        folder = os.path.dirname(os.path.abspath(path))
        if not os.path.isdir(folder):
            raise OutputError(
                tr("The folder '{folder}' of {title} does not exist.").format(
                    folder=folder, title=definition.description()
                ),
                tr("Create it first, or choose another folder."),
            )
        if _identity(path) in taken:
            raise OutputError(
                tr("{title} '{path}' would overwrite a file that is already in use here.").format(
                    title=definition.description(), path=path
                ),
                tr("Choose another name."),
            )
        taken[_identity(path)] = path


def destination_path(value: Any) -> str:
    """Returns the file that a destination parameter names; empty for none and for temporary ones."""
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink
    if isinstance(value, QgsProperty):
        value = value.staticValue()
    text = str(value) if value else ""
    return "" if text == QgsProcessing.TEMPORARY_OUTPUT else text


def _suffixes(definition: Any) -> Tuple[str, ...]:
    if isinstance(definition, QgsProcessingParameterRasterDestination):
        return _RASTER_SUFFIXES
    if isinstance(definition, QgsProcessingParameterVectorDestination):
        return _VECTOR_SUFFIXES
    return ("." + definition.defaultFileExtension(),)


def _identity(path: str) -> str:
    """One text for each file, however its path is spelt."""
    return os.path.normcase(os.path.realpath(path))
