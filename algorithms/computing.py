"""The parameters that say where and with what a job computes; the user's preferences are their defaults."""

from __future__ import annotations

from typing import Any, Dict

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..core.sensors import AUTO
from ..core.specs import DEVICES, PRECISIONS
from . import preferences
from .base import LandSketchAlgorithm, Parameters
from .compat import FOLDER
from .text import tr

DEVICE = "DEVICE"
CACHE = "CACHE"
RUNTIME = "RUNTIME"
PRECISION = "PRECISION"
THREADS = "THREADS"
SCHEDULER = "SCHEDULER"

RUNTIME_CHOICES = {AUTO: AUTO, "PyTorch": "torch", "ONNX Runtime": "onnxruntime", "OpenVINO": "openvino"}
"""What the dialog and scripts say, and what the engine calls it."""


def add_device(algorithm: LandSketchAlgorithm) -> None:
    """Declares the device to compute on."""
    algorithm.add(
        QgsProcessingParameterEnum(
            DEVICE, tr("Compute on"), options=list(DEVICES), defaultValue=preferences.device(), usesStaticStrings=True
        ),
        tr(
            "'auto' takes a graphics card where there is one ('cuda' for NVIDIA, 'mps' for Apple), else the processor "
            "('cpu'). The log says which it is."
        ),
        advanced=True,
    )


def add_cache_folder(algorithm: LandSketchAlgorithm, help_text: str, advanced: bool = False) -> None:
    """Declares the folder in which features are kept."""
    algorithm.add(
        QgsProcessingParameterFile(
            CACHE,
            tr("Folder for features"),
            FOLDER,
            defaultValue=preferences.cache_folder() or None,
            optional=True,
        ),
        help_text,
        advanced=advanced,
    )


def add_computing(algorithm: LandSketchAlgorithm) -> None:
    """Declares all of how a classification computes."""
    add_device(algorithm)
    titles = {runtime: title for title, runtime in RUNTIME_CHOICES.items()}
    algorithm.add(
        QgsProcessingParameterEnum(
            RUNTIME,
            tr("Runtime"),
            options=list(RUNTIME_CHOICES),
            defaultValue=titles[preferences.runtime()],
            usesStaticStrings=True,
        ),
        tr(
            "The library that computes the network. 'auto' tries those that can on a piece of a large image and takes "
            "the fastest that gives the same map; the log says which it is."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterEnum(
            PRECISION,
            tr("Precision"),
            options=list(PRECISIONS),
            defaultValue=preferences.precision(),
            usesStaticStrings=True,
        ),
        tr(
            "How exactly numbers are computed: with 32 bits ('fp32'), or with 16 ('bf16', 'fp16'), which is faster on "
            "graphics cards and some processors. 'auto' takes 16 bits only where the map stays the same."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterNumber(
            THREADS,
            tr("Most processor threads"),
            defaultValue=preferences.threads(),
            minValue=0,
            maxValue=preferences.MOST_THREADS,
        ),
        tr("0: one for each core. Fewer leave the machine more room for other work."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterString(SCHEDULER, tr("Dask scheduler"), optional=True),
        tr(
            "For maps that are too large for one machine: the address of a Dask scheduler whose workers classify, such "
            "as tcp://10.0.0.1:8786. All workers need this version of LandSketch, and have to see checkpoint, images "
            "and outputs under the same paths. Empty: this machine classifies."
        ),
        advanced=True,
    )


def computing(algorithm: LandSketchAlgorithm, parameters: Parameters, context: QgsProcessingContext) -> Dict[str, Any]:
    """Returns what was chosen, as fields of `ClassifySpec`."""
    return {
        "device": algorithm.parameterAsEnumString(parameters, DEVICE, context),
        "runtime": RUNTIME_CHOICES[algorithm.parameterAsEnumString(parameters, RUNTIME, context)],
        "precision": algorithm.parameterAsEnumString(parameters, PRECISION, context),
        "threads": algorithm.parameterAsInt(parameters, THREADS, context),
        "scheduler": algorithm.parameterAsString(parameters, SCHEDULER, context).strip(),
    }
