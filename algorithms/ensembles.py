"""The parameters that make several checkpoints classify together, and their checks before anything runs."""

from __future__ import annotations

import math
import os
from typing import Any, Dict, Sequence, Tuple

from qgis.core import QgsProcessingContext, QgsProcessingParameterMultipleLayers, QgsProcessingParameterString

from ..core.cards import check_bands
from ..core.ensembles import Member, check_member_roles, ensemble_card
from ..core.errors import SpecError
from ..core.specs import weighted_checkpoints
from .base import LandSketchAlgorithm, Parameters
from .checks import check_dates, classifier_card
from .compat import FILES
from .sources import RasterSource
from .text import tr

CHECKPOINT = "CHECKPOINT"
CHECKPOINTS = "CHECKPOINTS"
WEIGHTS = "WEIGHTS"


def add_ensemble(algorithm: LandSketchAlgorithm) -> None:
    """Declares further checkpoints and their weights.

    QGIS does not restore lists of files from its history (github.com/qgis/QGIS/issues/66029).
    """
    algorithm.add(
        QgsProcessingParameterMultipleLayers(CHECKPOINTS, tr("Further checkpoints"), FILES, optional=True),
        tr(
            "Checkpoints that classify together with the one above: the map is made from the mean of all their "
            "probabilities, which is often better than each of them where all are about equally good; give a much "
            "weaker one less weight, or leave it out. They may be of any make and use other images or bands, but must "
            "have the same classes. Choose all the images that they need. QGIS forgets this list when the dialog is "
            "opened from its history: choose the files again."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterString(WEIGHTS, tr("Weights of the checkpoints"), optional=True),
        tr(
            "How much each checkpoint counts in the mean: numbers separated by commas, the first for the checkpoint "
            "above, such as 2, 1, 1. Empty: all count alike. A checkpoint with the weight 0 is left out."
        ),
        advanced=True,
    )


def ensemble_fields(
    algorithm: LandSketchAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> Dict[str, Any]:
    """Returns which checkpoints classify, as fields of `ClassifySpec`.

    Raises:
        SpecError: If the weights are not numbers.
    """
    further = algorithm.parameterAsFileList(parameters, CHECKPOINTS, context)
    return {
        "checkpoint": algorithm.parameterAsFile(parameters, CHECKPOINT, context),
        "members": tuple(path for path in further if path),
        "weights": read_weights(algorithm.parameterAsString(parameters, WEIGHTS, context)),
    }


def read_weights(text: str) -> Tuple[float, ...]:
    """Returns the weights in a text; none for an empty one.

    Raises:
        SpecError: If one of them is no number of 0 or more.
    """
    try:
        weights = tuple(float(word) for word in text.replace(";", ",").split(",") if word.strip())
    except ValueError:
        weights = (math.nan,)
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights):
        raise SpecError(
            tr("The weights of the checkpoints are '{text}'.").format(text=text),
            tr("Write numbers of 0 or more with a point, separated by commas, such as 2, 1, 1.5."),
        )
    return weights


def read_members(fields: Dict[str, Any]) -> Tuple[Member, ...]:
    """Reads the cards of the checkpoints that classify; a checkpoint alone goes by its name.

    Raises:
        LandSketchError: If one cannot classify, their classes differ, or there are not as many weights.
    """
    weighted = weighted_checkpoints(**fields)
    members = tuple(Member(path, classifier_card(path)[0], weight) for path, weight in weighted)
    if len(members) == 1:
        return (Member(os.path.basename(members[0].path), members[0].card),)
    ensemble_card(members)
    return members


def check_members(members: Sequence[Member], sources: Sequence[RasterSource]) -> None:
    """Checks that the images are those that every checkpoint was made for.

    Raises:
        CheckpointError: If not, naming both sides.
    """
    check_member_roles(members, [source.spec.role for source in sources])
    for member in members:
        own = [source for source in sources if source.spec.role in member.card.roles]
        for source in own:
            check_bands(member.card.source(source.spec.role), source.match, source.name, member.path)
        check_dates(member.card, own, member.path)
