"""The engine's jobs by name. The worker and `python -m landsketch run` call `run_job`.

Each job imports what it needs when it first runs: assessing needs no network library, and starting stays fast.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .onnx_card import ONNX_SUFFIX
from .progress import Reporter
from .specs import (
    AssessSpec,
    BuildStackSpec,
    ClassifyBatchSpec,
    ClassifyScenesSpec,
    ClassifySpec,
    ClearCacheSpec,
    ClusterSpec,
    CompositeSpec,
    CoregisterSpec,
    EmbedSpec,
    ExportSpec,
    FinetuneScenesSpec,
    FinetuneSpec,
    ImportSpec,
    InspectSpec,
    LabelRatioSpec,
    PrepareSarSpec,
    PretrainSpec,
    Scale3SigmaSpec,
    SketchSpec,
    spec_from_json,
)
from .threads import share_cores

if TYPE_CHECKING:
    from .runtimes.model import Model

Job = Callable[[Any, Reporter], dict[str, Any]]
"""From a spec to the job's result."""

# Read when the libraries start, hence set before any job imports them.
# GDAL's block cache would otherwise take five per cent of the machine's memory, whatever the raster's size.
os.environ.setdefault("GDAL_CACHEMAX", "64")
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # see core/telemetry.py
share_cores()


def run_job(job: str, spec: dict[str, Any], reporter: Reporter) -> dict[str, Any]:
    """Runs a job.

    Args:
        job: Its name, a key of `core.specs.SPECS`.
        spec: Its spec as JSON values.
        reporter: Takes events and stops the job.

    Returns:
        The job's result as JSON values.

    Raises:
        LandSketchError: If it cannot be done.
    """
    return JOBS[job](spec_from_json(job, spec), reporter)


def _classify(spec: ClassifySpec, reporter: Reporter) -> dict[str, Any]:
    classification = _imported(".mapping.classification", reporter)
    result: dict[str, Any] = classification.classify(spec, reporter, warm_model.load(spec, reporter))
    return result


def _inspect(spec: InspectSpec, reporter: Reporter) -> dict[str, Any]:
    machine = _imported(".machine", reporter)
    result: dict[str, Any] = reporter.await_result(machine.describe)
    return result


def _in(module: str, function: str, *more: Any) -> Job:
    """Returns a job that a function does; its module is imported when the job first runs.

    Args:
        module: In this package.
        function: From spec and reporter to the result.
        more: What it takes besides.
    """

    def run(spec: Any, reporter: Reporter) -> dict[str, Any]:
        result: dict[str, Any] = getattr(_imported(module, reporter), function)(spec, reporter, *more)
        return result

    return run


def _imported(module: str, reporter: Reporter) -> Any:
    """Imports a module of this package; the first time that takes seconds, which a cancel interrupts."""
    return reporter.await_result(importlib.import_module, module, __package__)


class _WarmModel:
    """The classifier of the last job, so that the next job with it need not load it."""

    def __init__(self) -> None:
        self._key: list[Any] = []
        self._loaded: Model | None = None

    def load(self, spec: ClassifySpec, reporter: Reporter) -> Model:
        """Returns the classifier of a job, one checkpoint or an ensemble; files that changed are read again."""
        members = spec.weighted()
        key = [(_identity(path), weight) for path, weight in members]
        if self._loaded is None or key != self._key or any(identity is None for identity, _ in key):
            self._loaded = None  # so that there is memory for the next one
            models = [(_read_model(path, reporter), weight) for path, weight in members]
            if len(models) == 1:
                self._loaded = models[0][0]
            else:
                self._loaded = _imported(".runtimes.ensemble", reporter).EnsembleModel(models)
            self._key = key
        return self._loaded


def _read_model(path: str, reporter: Reporter) -> Model:
    """Reads the classifier in a file; an ONNX network needs no PyTorch."""
    model: Model
    if path.lower().endswith(ONNX_SUFFIX):
        model = _imported(".runtimes.onnx_model", reporter).OnnxModel(path)
    else:
        model = _imported(".runtimes.torch_model", reporter).TorchModel(path)
    return model


def _identity(path: str) -> tuple[str, int, int] | None:
    """Tells one state of a file from another; None where there is no file, which reading it explains."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return os.path.abspath(path), status.st_mtime_ns, status.st_size


warm_model = _WarmModel()

JOBS: dict[str, Job] = {
    FinetuneSpec.job: _in(".finetuning", "finetune"),
    ClassifySpec.job: _classify,
    ClassifyBatchSpec.job: _in(".batch", "classify_batch", _classify),  # the checkpoint stays warm from scene to scene
    AssessSpec.job: _in(".assessment", "assess"),
    ImportSpec.job: _in(".importing", "import_checkpoint"),
    ExportSpec.job: _in(".exporting", "export"),
    EmbedSpec.job: _in(".embedding", "embed"),
    ClusterSpec.job: _in(".clustering.job", "cluster", _classify),  # clusters are mapped as classes are
    PretrainSpec.job: _in(".pretraining.job", "pretrain"),
    FinetuneScenesSpec.job: _in(".scene_classes.finetuning", "finetune_scenes"),
    ClassifyScenesSpec.job: _in(".scene_classes.job", "classify_scenes"),
    LabelRatioSpec.job: _in(".label_ratio.job", "label_ratio"),
    BuildStackSpec.job: _in(".stacking.job", "build_stack"),
    CompositeSpec.job: _in(".preparing.compositing", "composite"),
    PrepareSarSpec.job: _in(".preparing.sar", "prepare_sar"),
    Scale3SigmaSpec.job: _in(".preparing.scale3sigma", "scale_3sigma"),
    CoregisterSpec.job: _in(".coregistration.job", "coregister"),
    SketchSpec.job: _in(".sketching.job", "sketch"),
    ClearCacheSpec.job: _in(".sketching.cache", "clear_cache"),
    InspectSpec.job: _inspect,
}
"""What runs each job."""
