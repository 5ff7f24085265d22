"""The parameters that say which network is trained, and what it starts from."""

from __future__ import annotations

import os
from html import escape
from typing import Any, Dict, Sequence, Tuple

from qgis.core import QgsProcessingContext, QgsProcessingParameterEnum, QgsProcessingParameterFile

from ..core.card_files import read_card
from ..core.cards import SUFFIX
from ..core.networks import FUSIONS, NETWORKS, SIZES, check_network, check_stacks
from ..core.sensors import AUTO
from .base import LandSketchAlgorithm, Parameters
from .checks import check_start, start_filter
from .learning import CHECKPOINT
from .sources import RasterSource
from .text import tr, translated

CHECKPOINT_2 = "CHECKPOINT_2"
NETWORK = "NETWORK"
SIZE = "SIZE"
FUSION = "FUSION"


def networks_in_words() -> str:
    """Returns what the help says of each network, as HTML."""
    lines = "".join(
        f"<li><b>{escape(name)}</b> ({escape(network.title)}): {escape(translated(network.advice), quote=False)}</li>"
        for name, network in NETWORKS.items()
    )
    return tr(
        "<p>'auto' suits few labels: a light classifier, a U-Net, or a decoder on the checkpoint. Other networks are "
        "chosen by name; they have a decoder, so train 'decoder' or 'full':</p><ul>{lines}</ul>"
    ).format(lines=lines)


def add_network(algorithm: LandSketchAlgorithm) -> None:
    """Declares the network, the second checkpoint, and what can be chosen of some networks."""
    algorithm.add(
        QgsProcessingParameterEnum(
            NETWORK, tr("Network"), options=[AUTO, *NETWORKS], defaultValue=AUTO, usesStaticStrings=True
        ),
        tr("The network to train; the list above says when to choose which."),
    )
    algorithm.add(
        QgsProcessingParameterFile(
            CHECKPOINT_2, tr("Checkpoint of the other encoder"), optional=True, fileFilter=start_filter()
        ),
        tr(
            "For networks with two encoders, where each has a checkpoint of its own: one for the radar image and one "
            "for the optical image, in any order. A checkpoint that holds a pair is enough alone."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterEnum(
            SIZE, tr("Size of Swin transformers"), options=list(SIZES), defaultValue=AUTO, usesStaticStrings=True
        ),
        tr(
            "Without a checkpoint: 'tiny' is the usual size, for a graphics card; 'nano' has a fifth of the weights "
            "and a tenth of the work, for a processor. 'auto' takes the one that suits the device."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterEnum(
            FUSION, tr("Fusion"), options=list(FUSIONS), defaultValue=FUSIONS[0], usesStaticStrings=True
        ),
        tr("How dual-stmim-unet joins what its two encoders see: a projection of both, their sum, or a learned gate."),
        advanced=True,
    )


def network_of(algorithm: LandSketchAlgorithm, parameters: Parameters, context: QgsProcessingContext) -> Dict[str, Any]:
    """Returns the fields of a job's spec that say what is trained."""
    return {
        "network": algorithm.parameterAsEnumString(parameters, NETWORK, context),
        "checkpoint": algorithm.parameterAsFile(parameters, CHECKPOINT, context),
        "checkpoint_2": algorithm.parameterAsFile(parameters, CHECKPOINT_2, context),
        "size": algorithm.parameterAsEnumString(parameters, SIZE, context),
        "fusion": algorithm.parameterAsEnumString(parameters, FUSION, context),
    }


def check_network_start(chosen: Dict[str, Any], mode: str, sources: Sequence[RasterSource]) -> Tuple[str, ...]:
    """Checks the network, the checkpoints and the images against each other, and returns the checkpoints.

    Args:
        chosen: As of `network_of`.
        mode: What is trained.
        sources: The scene.

    Raises:
        LandSketchError: If they do not fit.
    """
    checkpoints = tuple(path for path in (chosen["checkpoint"], chosen["checkpoint_2"]) if path)
    check_network(chosen["network"], mode, checkpoints, [source.spec.role for source in sources])
    check_stacks(chosen["network"], [s.name for s in sources if s.dates and s.spec.role != "series"])
    for path in checkpoints:
        check_start(path, _its_own(path, sources) if len(checkpoints) > 1 else sources)
    return checkpoints


def _its_own(path: str, sources: Sequence[RasterSource]) -> Sequence[RasterSource]:
    """Returns the images that one of two encoders is for; whether both have theirs is for the job to say."""
    if not path.lower().endswith(SUFFIX) or not os.path.isfile(path):
        return sources
    roles = read_card(path).roles
    return [source for source in sources if source.spec.role in roles] or sources
