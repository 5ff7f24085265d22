"""The engine's jobs by name. The worker and `python -m landsketch run` call `run_job`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# GDAL's block cache would otherwise take five per cent of the machine's memory, whatever the raster's size. It is read
# when GDAL starts, hence set before rasterio is imported.
os.environ.setdefault("GDAL_CACHEMAX", "64")
os.environ.setdefault("GDAL_NUM_THREADS", "2")

from ..models.checkpoints import load_segmenter  # noqa: E402
from ..models.segmenter import Segmenter  # noqa: E402
from .assessment import assess  # noqa: E402
from .cards import Card  # noqa: E402
from .classification import classify  # noqa: E402
from .finetuning import finetune  # noqa: E402
from .progress import Reporter  # noqa: E402
from .specs import AssessSpec, ClassifySpec, FinetuneSpec, spec_from_json  # noqa: E402


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
    typed = spec_from_json(job, spec)
    return JOBS[job](typed, reporter)


@dataclass(frozen=True)
class _Loaded:
    """The checkpoint of the last job, so that the next one with it need not load it."""

    key: tuple[str, int, int]
    card: Card
    network: Segmenter


_warm: dict[str, _Loaded] = {}


def _classify(spec: ClassifySpec, reporter: Reporter) -> dict[str, Any]:
    loaded = _load(spec.checkpoint)
    return classify(spec, reporter, loaded.network, loaded.card)


def _load(path: str) -> _Loaded:
    known = _warm.get("checkpoint")
    try:
        status = os.stat(path)
        key = (os.path.abspath(path), status.st_mtime_ns, status.st_size)
    except OSError:
        key = (path, 0, 0)  # reading it says what is wrong
    if known is None or known.key != key:
        card, network = load_segmenter(path)
        known = _warm["checkpoint"] = _Loaded(key, card, network)
    return known


JOBS: dict[str, Callable[[Any, Reporter], dict[str, Any]]] = {
    FinetuneSpec.job: finetune,
    ClassifySpec.job: _classify,
    AssessSpec.job: assess,
}
"""What runs each job."""
