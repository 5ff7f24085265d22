"""The jobs' specifications: what crosses the process boundary, as frozen dataclasses that round-trip through JSON.

Standard library only, and Python 3.9, since QGIS's own Python reads these files too.

A job file for `python -m landsketch run` is `{"job": "classify", "spec": {...}}` with the fields of the job's spec.
"""

from __future__ import annotations

from typing import Any, Dict, Type

from .assessment import AssessSpec
from .building import choice
from .checkpoints import ExportSpec, ImportSpec
from .classification import (
    FORMATS,
    PRECISIONS,
    RUNTIMES,
    SMOOTHINGS,
    ClassifyBatchSpec,
    ClassifySpec,
    PolygonsSpec,
    SmoothingSpec,
)
from .features import STORED, ClusterSpec, EmbedSpec
from .finetuning import FinetuneSpec
from .inputs import ROLES, UNITS, ExtentSpec, SceneSpec, SourceSpec, VectorSpec
from .inspection import InspectSpec
from .job import DEVICES, JobSpec
from .pretraining import PretrainSpec
from .training import AUGMENTATIONS, LOSSES, MODES, AugmentationSpec

__all__ = [
    "AUGMENTATIONS",
    "DEVICES",
    "FORMATS",
    "LOSSES",
    "MODES",
    "PRECISIONS",
    "ROLES",
    "RUNTIMES",
    "SMOOTHINGS",
    "SPECS",
    "STORED",
    "UNITS",
    "AssessSpec",
    "AugmentationSpec",
    "ClassifyBatchSpec",
    "ClassifySpec",
    "ClusterSpec",
    "EmbedSpec",
    "ExportSpec",
    "ExtentSpec",
    "FinetuneSpec",
    "ImportSpec",
    "InspectSpec",
    "JobSpec",
    "PolygonsSpec",
    "PretrainSpec",
    "SceneSpec",
    "SmoothingSpec",
    "SourceSpec",
    "VectorSpec",
    "spec_from_json",
]

SPECS: Dict[str, Type[JobSpec]] = {
    spec.job: spec
    for spec in (
        FinetuneSpec,
        ClassifySpec,
        ClassifyBatchSpec,
        AssessSpec,
        ImportSpec,
        ExportSpec,
        EmbedSpec,
        ClusterSpec,
        PretrainSpec,
        InspectSpec,
    )
}
"""Spec class of each job."""


def spec_from_json(job: str, values: Dict[str, Any]) -> JobSpec:
    """Builds the spec of a job from plain JSON values.

    Raises:
        SpecError: If there is no such job, or the values do not fit it.
    """
    choice("job", job, tuple(SPECS))
    return SPECS[job].from_json(values)
