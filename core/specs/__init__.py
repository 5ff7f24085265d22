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
    weighted_checkpoints,
)
from .coregistration import MATCHINGS, CoregisterSpec
from .features import STORED, ClusterSpec, EmbedSpec
from .finetuning import FinetuneSpec
from .inputs import ROLES, UNITS, ExtentSpec, SceneSpec, SourceSpec, VectorSpec
from .inspection import InspectSpec
from .job import DEVICES, JobSpec
from .label_ratio import SHARES, LabelRatioSpec
from .preparing import (
    COMPOSITES,
    LARGEST_WINDOW,
    MISSING,
    OUTLIERS,
    PERIODS,
    RANGES,
    SAR_COMPOSITES,
    SAR_OUTPUT_UNITS,
    SCALED_TYPES,
    SPECKLE_FILTERS,
    CompositeSpec,
    PrepareSarSpec,
    Scale3SigmaSpec,
)
from .pretraining import PretrainSpec
from .scene_classes import DEFAULT_SIDE, SCENE_MODES, ClassifyScenesSpec, FinetuneScenesSpec
from .sketching import ClearCacheSpec, SketchSpec
from .stacks import MASK_KINDS, BuildStackSpec, CorrectionSpec
from .training import AUGMENTATIONS, LOSSES, MODES, POOLINGS, AugmentationSpec

__all__ = [
    "AUGMENTATIONS",
    "COMPOSITES",
    "DEFAULT_SIDE",
    "DEVICES",
    "FORMATS",
    "LARGEST_WINDOW",
    "LOSSES",
    "MASK_KINDS",
    "MATCHINGS",
    "MISSING",
    "MODES",
    "OUTLIERS",
    "PERIODS",
    "POOLINGS",
    "PRECISIONS",
    "RANGES",
    "ROLES",
    "RUNTIMES",
    "SAR_COMPOSITES",
    "SAR_OUTPUT_UNITS",
    "SCALED_TYPES",
    "SCENE_MODES",
    "SHARES",
    "SMOOTHINGS",
    "SPECKLE_FILTERS",
    "SPECS",
    "STORED",
    "UNITS",
    "AssessSpec",
    "AugmentationSpec",
    "BuildStackSpec",
    "ClassifyBatchSpec",
    "ClassifyScenesSpec",
    "ClassifySpec",
    "ClearCacheSpec",
    "ClusterSpec",
    "CompositeSpec",
    "CoregisterSpec",
    "CorrectionSpec",
    "EmbedSpec",
    "ExportSpec",
    "ExtentSpec",
    "FinetuneScenesSpec",
    "FinetuneSpec",
    "ImportSpec",
    "InspectSpec",
    "JobSpec",
    "LabelRatioSpec",
    "PolygonsSpec",
    "PrepareSarSpec",
    "PretrainSpec",
    "Scale3SigmaSpec",
    "SceneSpec",
    "SketchSpec",
    "SmoothingSpec",
    "SourceSpec",
    "VectorSpec",
    "spec_from_json",
    "weighted_checkpoints",
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
        BuildStackSpec,
        FinetuneScenesSpec,
        ClassifyScenesSpec,
        LabelRatioSpec,
        CompositeSpec,
        PrepareSarSpec,
        Scale3SigmaSpec,
        CoregisterSpec,
        SketchSpec,
        ClearCacheSpec,
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
