"""The parameters that say how a network is trained."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
)

from ..core.specs import AUGMENTATIONS, LOSSES
from .base import LandSketchAlgorithm, Parameters
from .compat import DECIMAL
from .text import tr

LOSS = "LOSS"
AUGMENTATION = "AUGMENTATION"
SPARE_IMAGES = "SPARE_IMAGES"
LAYER_DECAY = "LAYER_DECAY"
LORA_RANK = "LORA_RANK"

HIDDEN = 0.5
"""Share of the labelled windows of which one image is hidden, so that the classifier learns to do without."""


def add_training(algorithm: LandSketchAlgorithm) -> None:
    """Declares losses, variations, and what goes with a part of a network."""
    algorithm.add(
        QgsProcessingParameterBoolean(SPARE_IMAGES, tr("Learn to do without each image"), defaultValue=False),
        tr(
            "With several images, such as an optical and a radar one: the classifier also sees labels with one of them "
            "hidden, and then classifies scenes that lack it, on clouded days for example. It may become a little less "
            "accurate where it has both. The report says how well it does without each."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterEnum(
            LOSS, tr("Loss"), options=list(LOSSES), defaultValue=LOSSES[0], usesStaticStrings=True
        ),
        tr(
            "What training makes small (not 'frozen'). 'focal' looks more at pixels that are still wrong; 'dice' "
            "compares whole regions and needs areas that are labelled densely, not scribbles."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterEnum(
            AUGMENTATION, tr("Variations"), options=list(AUGMENTATIONS), defaultValue="turns", usesStaticStrings=True
        ),
        tr(
            "How labelled windows are varied at random while training (not 'frozen'). 'turns' flips and turns them by "
            "quarters; 'geometry' also turns them by any angle and enlarges or reduces them; 'full' also hides "
            "bands, dates and images, and adds speckle to radar. None of them changes how bright a class is."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterNumber(
            LAYER_DECAY, tr("Layer-wise learning rate"), type=DECIMAL, defaultValue=1.0, minValue=0.01, maxValue=1.0
        ),
        tr(
            "For 'last' and 'full': by which factor each stage of the encoder learns more slowly than the next one. 1: "
            "all alike. Less keeps more of what the first stages have learned; 0.75 is usual."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterNumber(LORA_RANK, tr("Rank of low-rank training"), defaultValue=8, minValue=1),
        tr("For 'lora': how much can be added to each layer of the encoder. More needs more labels."),
        advanced=True,
    )


def training_of(
    algorithm: LandSketchAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> Dict[str, Any]:
    """Returns the fields of a fine-tuning's spec that these parameters give."""
    name = algorithm.parameterAsEnumString(parameters, AUGMENTATION, context)
    variations = AUGMENTATIONS[name]
    if algorithm.parameterAsBoolean(parameters, SPARE_IMAGES, context):
        variations = dataclasses.replace(variations, sources=HIDDEN)
    return {
        "loss": algorithm.parameterAsEnumString(parameters, LOSS, context),
        "augmentation": name if variations == AUGMENTATIONS[name] else variations,
        "layer_decay": algorithm.parameterAsDouble(parameters, LAYER_DECAY, context),
        "lora_rank": algorithm.parameterAsInt(parameters, LORA_RANK, context),
    }
