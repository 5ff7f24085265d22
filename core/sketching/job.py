"""The sketch job: scene + labels → preview of the map."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rasterio.windows import Window

from ..grids import Grid
from ..labels import Labels, read_labels
from ..linear import LinearModel
from ..mapping.blending import Steps
from ..mapping.extents import area_of
from ..mapping.layers import layers_of
from ..outputs import all_finished
from ..processor import usable_cores
from ..progress import Reporter
from ..scenes import Scene
from ..specs import ClassifySpec, SketchSpec
from ..splits import Split, split_features
from ..version import version
from .blocks import Blocks
from .cache import BlockCache
from .estimate import estimate
from .fitting import Judged, Taught, fitted, judged, taught
from .preview import predict, shown, tiles_of, write_layer
from .session import Session, WarmSession
from .suggestions import Place, suggest, write_places

warm_session = WarmSession()

FILES = {"preview": "output", **{name: name for name in ("confidence", "margin", "places", "classifier")}}
"""What a sketch writes, and the field of the spec that says where."""

_FEATURES, _FITTED = 0.7, 0.9
"""Shares of the job that are done after these steps."""


@dataclass(frozen=True)
class _Work:
    """What a job works on.

    Attributes:
        area: What the preview shows, on the scene's grid.
        seconds: How long each part of the job has taken.
    """

    spec: SketchSpec
    session: Session
    scene: Scene
    labels: Labels
    blocks: Blocks
    area: Window
    reporter: Reporter
    seconds: dict[str, float] = field(default_factory=lambda: {"features": 0.0, "fit": 0.0, "preview": 0.0})

    @property
    def grid(self) -> Grid:
        """The preview's grid."""
        whole = self.session.grid
        return Grid(whole.crs, whole.window_transform(self.area), self.area.width, self.area.height)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Adds what the block takes to a part's seconds."""
        started = time.perf_counter()
        yield
        self.seconds[part] += time.perf_counter() - started


def sketch(spec: SketchSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs a sketch job.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.

    Returns:
        `preview`, `confidence`, `margin`, `places`, `classifier`: paths; empty where not written.
        `classes`: `name`, `value`, `features` and `pixels` of each that is drawn; and `held_out`, how many of its
            features were held out in each round of `accuracy`; empty where nothing was.
        `accuracy`: see `estimate`; None where nothing could be held out.
        `seconds`: of `features`, `fit` and `preview`.
        `cached`: share of the blocks that were in the cache.
        `words`: what the user should know, such as that there is no preview before a second class has labels.

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then.
    """
    torch.set_num_threads(usable_cores())
    reporter.stage(0.0, _FEATURES, "Opening the scene")
    session = warm_session.of(spec, reporter)
    with session.open() as scene:
        work = _opened(spec, session, scene, reporter)
        try:
            lesson = _lesson(work)
            result = _sketched(work, lesson) if lesson and lesson.classes.size > 1 else _unfinished(work, lesson)
        finally:
            work.blocks.finish()
    labels, blocks = work.labels, work.blocks
    for name in FILES:
        if result[name]:
            reporter.artifact(result[name], {"places": "vector", "classifier": "checkpoint"}.get(name, "raster"))
    counts = result.pop("held_out")
    rows = zip(labels.summary(), labels.legend, counts, strict=True)
    return {
        **result,
        "classes": [row | {"value": entry.value, "held_out": held_out} for row, entry, held_out in rows],
        "seconds": work.seconds,
        "cached": blocks.found / max(blocks.found + blocks.made, 1),
    }


def _opened(spec: SketchSpec, session: Session, scene: Scene, reporter: Reporter) -> _Work:
    """Reads the labels, and finds out what is shown."""
    scene.check_in = reporter.check
    labels = read_labels(spec.labels, session.grid, " + ".join(s.layer for s in session.sources), least=0)
    for line in session.remarks:
        reporter.log(line)
    for line in (*session.warnings, *labels.warnings):
        reporter.warn(line)
    blocks = Blocks(session, scene, BlockCache(spec.cache, spec.cache_mb), reporter)
    area = shown(area_of(spec.extent, session.grid), spec.side, session.plan.side)
    return _Work(spec, session, scene, labels, blocks, area, reporter)


def _lesson(work: _Work) -> Taught | None:
    """Makes sure that all features are there, and returns those of the labels; None without labels."""
    with work.timed("features"):
        work.blocks.prepare(tiles_of(work.session.plan, work.area), "Computing features of what is on screen")
        return taught(work.blocks, work.labels, work.spec.seed) if work.labels.rows.size else None


def _unfinished(work: _Work, lesson: Taught | None) -> dict[str, Any]:
    """Returns the result without a map, and what is missing for one."""
    drawn, legend = work.labels.legend.names, work.labels.legend
    seen = [legend.names[i] for i in lesson.classes] if lesson else []
    if len(drawn) > len(seen):
        words = "Labels of at least two classes must lie where every layer has data; draw some there."
    elif seen:
        words = f"All labels on the scene are of class '{seen[0]}'; draw labels of another class as well."
    else:
        words = "There are no labels on the scene yet; draw labels of at least two classes."
    work.reporter.progress(1.0, words)
    return {**dict.fromkeys(FILES, ""), "accuracy": None, "words": words, "held_out": [[] for _ in legend]}


def _sketched(work: _Work, lesson: Taught) -> dict[str, Any]:
    """Fits the head, judges it, and writes what it makes of the area."""
    spec, labels, reporter = work.spec, work.labels, work.reporter
    count = len(labels.legend)
    reporter.stage(_FEATURES, _FITTED, "Fitting the head")
    with work.timed("fit"):
        model = reporter.await_result(fitted, lesson, count)
        split = split_features(labels.feature_classes, labels.centres, spec.seed)
        held_out = reporter.await_result(judged, lesson, split, count, reporter.check)
    reporter.stage(_FITTED, 1.0, "Drawing the preview")
    with work.timed("preview"):
        steps = predict(work.blocks, model, work.area, reporter)
        with all_finished(spec.outputs()) as temporaries:
            places = dict(zip(spec.outputs(), temporaries, strict=True))
            _write_rasters(work, steps, places)
            if spec.places:
                write_places(places[spec.places], _suggested(work, steps), work.grid, labels.legend)
            if spec.classifier:
                _write_classifier(work, places[spec.classifier], model, held_out, split)
            reporter.check()
    accuracy = estimate(held_out.shares, split) if held_out else None
    words = accuracy["words"] if accuracy else split.words
    counts: list[list[int]] = held_out.counts.tolist() if held_out else [[] for _ in labels.legend]
    files = {name: getattr(spec, of) for name, of in FILES.items()}
    return {**files, "accuracy": accuracy, "words": words, "held_out": counts}


def _write_rasters(work: _Work, steps: Steps, places: dict[str, str]) -> None:
    spec, legend = work.spec, work.labels.legend
    wanted = ClassifySpec("sketch", spec.sources, spec.output, confidence=spec.confidence, margin=spec.margin)
    tags = {
        "LANDSKETCH_VERSION": version(),
        "LANDSKETCH_SOURCES": json.dumps([f"{source.role}: {source.layer}" for source in work.session.sources]),
        "LANDSKETCH_JOB": json.dumps({"job": spec.job, "spec": spec.to_json()}),
        "TIFFTAG_SOFTWARE": f"LandSketch {version()}",
    }
    for layer in layers_of(wanted, legend):
        write_layer(places[layer.path], layer, layer.values(steps), work.grid, legend, tags)


def _suggested(work: _Work, steps: Steps) -> list[Place]:
    wanted = ClassifySpec("sketch", work.spec.sources, work.spec.output, margin="margin")
    _, margin = layers_of(wanted, work.labels.legend)
    return suggest(margin.values(steps)[0], steps.argmax(axis=0), _labelled(work), work.spec.suggestions)


def _labelled(work: _Work) -> NDArray[np.bool_]:
    """(y, x) of the preview, True where labels are."""
    rows, columns = work.labels.rows - work.area.row_off, work.labels.columns - work.area.col_off
    inside = (rows >= 0) & (rows < work.area.height) & (columns >= 0) & (columns < work.area.width)
    mask = np.zeros((work.area.height, work.area.width), bool)
    mask[rows[inside], columns[inside]] = True
    return mask


def _write_classifier(work: _Work, path: str, model: LinearModel, held_out: Judged | None, split: Split) -> None:
    from .classifier import write_classifier  # what fine-tuning imports takes seconds

    write_classifier(path, work.spec, work.session, work.scene, work.labels, model, held_out, split, work.reporter)
