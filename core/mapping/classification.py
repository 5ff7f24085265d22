"""The classification job: checkpoint, or an ensemble of them, + scene → map."""

from __future__ import annotations

import datetime
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

from rasterio.windows import Window

from ..errors import EngineError, SpecError
from ..fit import differences, positions
from ..outputs import all_finished, remove_written
from ..processor import worker_threads
from ..progress import Reporter
from ..runtimes.model import TITLES, Model
from ..runtimes.runtime import Runtime
from ..scenes import describe
from ..specs import ClassifySpec
from ..version import version
from .joining import join_parts
from .members import of_members
from .parts import PartStore, RowParts, fingerprint, open_store
from .pipeline import Work, map_rows, tiles_of
from .polygons import write_polygons
from .setting import Setting, opened

KEEP_SECONDS = 10.0
"""What a shorter run has done is not worth keeping when it is cancelled or fails."""

_CLASSIFIED, _JOINED = 0.94, 0.98
"""Shares of the job that are done after these steps."""


def classify(spec: ClassifySpec, reporter: Reporter, model: Model) -> dict[str, Any]:
    """Runs a classification job.

    A run that was killed, or stopped by a full disk, goes on where it stopped when the same job is run again.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.
        model: The classifier; kept by the caller between jobs.

    Returns:
        The path of each output by its field in the spec.

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then.
    """
    reporter.stage(0.0, _CLASSIFIED, "Opening the scene")
    with opened(spec, model, reporter) as setting, all_finished(spec.outputs()) as temporary:
        for line in [*describe(setting.scene), *of_members(positions, model, setting.scene), setting.place.words]:
            reporter.log(line)
        for line in [*setting.scene.doubts, *of_members(differences, model, setting.scene), *setting.place.warnings]:
            reporter.warn(line)
        store = open_store(spec, fingerprint(spec), setting.grid, setting.layers)
        with kept_if_worth_it(store, reporter):
            state = _classify(setting, store, temporary, reporter)
            _finish(setting, store, dict(zip(spec.outputs(), temporary, strict=True)), state, reporter)
    store.remove()
    for path in spec.outputs():
        reporter.artifact(path, "raster" if path in spec.rasters() else "vector")
    names = ("output", "confidence", "probabilities", "entropy", "margin")
    polygons = spec.polygons.path if spec.polygons else ""
    return {**{name: getattr(spec, name) for name in names}, "polygons": polygons}


@contextmanager
def kept_if_worth_it(store: PartStore, reporter: Reporter) -> Iterator[None]:
    """Deletes the parts of a run that failed early; those of a longer one stay for the next."""
    started = time.monotonic()
    try:
        yield
    except BaseException:
        if time.monotonic() - started < KEEP_SECONDS or not store.finished():
            store.remove()
        else:
            reporter.log(f"What is finished stays in '{store.folder}'; the same job would go on from there.")
        raise


def _classify(setting: Setting, store: PartStore, temporary: Sequence[str], reporter: Reporter) -> dict[str, Any]:
    """Classifies what is not finished yet, and returns when and with what the map was begun."""
    state = store.state()
    remove_written(state.pop("temporaries", ()))
    finished = sum(part.height * part.width for part in store.finished())
    share = finished / (setting.grid.width * setting.grid.height)
    if state:
        reporter.log(f"Going on with a run of {state['started']}: {share:.0%} is done.")
    state.setdefault("started", _now())

    def begin(**decisions: Any) -> None:
        state.update(decisions)
        store.save_state({**state, "temporaries": list(temporary)})

    if share < 1:
        if setting.spec.scheduler:
            _on_cluster(setting, store, state, begin, reporter)
        else:
            _here(setting, store, state, begin, reporter)
    begin()
    _check_covered(setting, store, reporter)
    return state


def _here(
    setting: Setting, store: PartStore, state: dict[str, Any], begin: Callable[..., None], reporter: Reporter
) -> None:
    """Classifies the rest of the map on this machine, row by row."""
    runtime = _earlier_runtime(setting, store, state, reporter) or setting.choose_runtime(reporter)
    begin(runtime=runtime.name, precision=runtime.precision)
    reporter.log(f"{TITLES[runtime.name]} in {runtime.precision} classifies.")
    work = setting.work(runtime, reporter)
    first, whole = _finished_rows(store), setting.area
    area = Window(whole.col_off, whole.row_off + first, whole.width, whole.height - first)
    reporter.log(f"{tiles_of(work, area)} tiles of {work.plan.side} pixels with {work.plan.halo} of context.")
    with RowParts(store, first) as parts:
        _write_rows(work, area, whole.height, parts, reporter)


def _earlier_runtime(setting: Setting, store: PartStore, state: dict[str, Any], reporter: Reporter) -> Runtime | None:
    """Returns the runtime that the finished parts were made with; without it, they are made anew."""
    if "runtime" not in state:
        return None
    try:
        return setting.runtime(state["runtime"], state["precision"], reporter)
    except EngineError as error:
        reporter.warn(f"The map is begun anew: {error}")
        store.clear()
        return None


def _on_cluster(
    setting: Setting, store: PartStore, state: dict[str, Any], begin: Callable[..., None], reporter: Reporter
) -> None:
    """Has the workers of a Dask cluster classify the parts that are missing."""
    from . import cluster  # dask takes a second to import, and few need it

    with reporter.await_result(cluster.connect, setting.spec.scheduler) as client:
        if "side" not in state:
            begin(**reporter.await_result(cluster.plan, client, setting))
        cluster.classify_parts(client, setting, store, state, reporter)


def _write_rows(work: Work, area: Window, height: int, parts: RowParts, reporter: Reporter) -> None:
    """Classifies an area down to the map's end; writing runs beside blending."""
    total = tiles_of(work, area)
    before = 1 - area.height / height
    reporter.done_before(before)
    done = 0

    def tick(count: int) -> None:
        nonlocal done
        done += count
        reporter.progress(before + (1 - before) * done / total, "Classifying")

    with ThreadPoolExecutor(1, thread_name_prefix="writer") as writer:
        written: Future[None] | None = None
        for steps in map_rows(work, area, reporter, tick):
            # A copy, since the blender goes on with its buffer. One strip waits while the one before is written.
            rows = steps.copy()
            if written is not None:
                reporter.await_future(written)
            written = writer.submit(parts.write, rows)
        if written is not None:
            reporter.await_future(written)


def _finished_rows(store: PartStore) -> int:
    """Rows from the top that an earlier run finished."""
    end = 0
    for part in store.finished():
        if part.row != end:
            break
        end += part.height
    return end


def _check_covered(setting: Setting, store: PartStore, reporter: Reporter) -> None:
    covered = sum(part.covered for part in store.finished())
    if not covered:
        raise SpecError(
            "The map would be empty: no pixel of the scene has data in every layer"
            + (" inside the mask." if setting.mask is not None else "."),
            "Check that the layers overlap, and where they have no data.",
        )
    share = covered / (setting.area.width * setting.area.height)
    if share < 1:
        reporter.log(f"{share:.1%} of the scene was classified; the rest has no data in some layer or is masked.")


def _finish(
    setting: Setting, store: PartStore, temporary: dict[str, str], state: dict[str, Any], reporter: Reporter
) -> None:
    """Joins the parts into the outputs."""
    spec = setting.spec
    reporter.stage(_CLASSIFIED, _JOINED if spec.polygons else 1.0, "Writing the map")
    tags = _tags(setting, state)
    threads = worker_threads(spec.threads)
    for index, layer in enumerate(setting.layers):
        join_parts(store, layer, temporary[layer.path], setting.legend, tags, spec.format, threads, reporter)
        reporter.progress((index + 1) / len(setting.layers), "Writing the map")
    if spec.polygons:
        reporter.stage(_JOINED, 1.0, "Drawing polygons")
        write_polygons(
            temporary[spec.output], temporary[spec.polygons.path], setting.legend, spec.polygons.smallest,
            spec.polygons.tolerance, reporter,
        )  # fmt: skip


def _tags(setting: Setting, state: dict[str, Any]) -> dict[str, str]:
    """Returns where a map comes from, so that it can be made again."""
    spec = setting.spec
    checkpoints = spec.checkpoints()
    return {
        "LANDSKETCH_VERSION": version(),
        "LANDSKETCH_DATE": state["started"],
        "LANDSKETCH_CHECKPOINT": ", ".join(PurePath(path).name for path in checkpoints),
        "LANDSKETCH_CHECKPOINT_SHA256": ", ".join(map(_digest, checkpoints)),
        "LANDSKETCH_RUNTIME": f"{state['runtime']} {state['precision']}",
        "LANDSKETCH_SOURCES": json.dumps([f"{source.role}: {source.layer}" for source in setting.scene.sources]),
        "LANDSKETCH_JOB": json.dumps({"job": spec.job, "spec": spec.to_json()}),
        "TIFFTAG_SOFTWARE": f"LandSketch {version()}",
    }


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
