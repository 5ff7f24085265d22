"""The label-ratio study: how accuracy grows with the labels that are learned from, with and without pretraining."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import torch

from ...models.checkpoints import save_checkpoint
from ...models.context import EMBEDDING
from ...models.segmenter import build_encoder
from ..card_files import read_card
from ..cards import SUFFIX, Card
from ..devices import choose_device
from ..features import thinned
from ..labels import Labels, read_labels
from ..outputs import all_finished
from ..processor import usable_cores
from ..progress import Reporter
from ..scenes import Scene, describe, open_scene
from ..specs import LabelRatioSpec
from ..starts import UNTRAINED, Start, frozen_start, pretrained_start
from ..version import version
from .curves import Summary, panels, summaries
from .drawing import draw_png
from .draws import drawn_features, held_out_features, in_classes_of
from .kept import KeptRuns, kept_runs
from .page import label_ratio_page
from .runs import FrozenArm, Run, TrainedArm, judged

Arm = FrozenArm | TrainedArm

_FEATURES = 0.2
"""Share of the job that computing frozen features takes."""


@dataclass(frozen=True)
class _Study:
    """What the runs have in common.

    Attributes:
        pool: Labels to learn from; features that are held out have the class −1 in `classes`.
        classes: (feature,) class index.
        test: Pixels to judge by.
        words: How they were chosen.
    """

    spec: LabelRatioSpec
    scene: Scene
    pool: Labels
    classes: Any
    test: Labels
    words: str
    device: torch.device
    reporter: Reporter


def label_ratio(spec: LabelRatioSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs a study.

    Returns:
        `csv`, `png` and `html` (paths) and `summary` (a list: arm, share, features, runs, mean and spread per measure).

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then, but finished
            runs are kept for the next time.
    """
    torch.set_num_threads(usable_cores())
    device, words = choose_device(spec.device)
    reporter.stage(0.0, 0.05, "Reading the scene and the labels")
    with all_finished(spec.outputs()) as temporaries, reporter.await_result(open_scene, spec.sources) as scene:
        for line in [*describe(scene), words]:
            reporter.log(line)
        study, notes = _study(spec, scene, device, reporter)
        for note in notes:
            reporter.warn(note)
        reporter.log(study.words)
        with kept_runs(spec, reporter) as kept:
            arms = _arms(study, kept.folder)
            _run_all(study, arms, kept, reporter)
            runs = [run for run in kept.runs if run.share in spec.shares and run.draw < spec.draws]
            found = summaries(runs)
            reporter.stage(0.98, 1.0, "Writing the results")
            places = dict(zip(spec.outputs(), temporaries, strict=True))
            _write(study, places, runs, found, notes)
    for path, kind in ((spec.csv, "metrics"), (spec.png, "picture"), (spec.html, "report")):
        if path:
            reporter.artifact(path, kind)
    return {"csv": spec.csv, "png": spec.png, "html": spec.html, "summary": [asdict(entry) for entry in found]}


def _study(spec: LabelRatioSpec, scene: Scene, device: torch.device, reporter: Reporter) -> tuple[_Study, list[str]]:
    name = " + ".join(source.layer for source in scene.sources)
    labels = read_labels(spec.labels, scene.grid, name)
    notes = [*scene.doubts, *labels.warnings]
    classes = labels.feature_classes.copy()
    if spec.held_out is None:
        held_out, words = held_out_features(labels, spec.seed)
        test = labels.take(held_out[labels.features])
        pool = labels.take(~held_out[labels.features])
        classes[held_out] = -1
    else:
        test, unknown = in_classes_of(read_labels(spec.held_out, scene.grid, name), labels.legend)
        if unknown:
            notes.append(f"Classes that the labels do not have are not judged: {', '.join(unknown)}.")
        words = f"{np.unique(test.features).size} features of a layer of their own judge all runs."
        pool = labels
    if spec.checkpoint.endswith(SUFFIX) and read_card(spec.checkpoint).legend is not None:
        notes.append(
            f"'{PurePath(spec.checkpoint).name}' has learned from labels before. If these were labels of this place, "
            "it has seen what the runs are judged by, and the curves flatter it."
        )
    missing = np.setdiff1d(np.arange(len(labels.legend)), np.unique(test.classes))
    if missing.size:
        names = ", ".join(labels.legend.names[i] for i in missing)
        notes.append(f"No feature to judge by has these classes, whose accuracy is not measured: {names}.")
    return _Study(spec, scene, pool, classes, thinned(test, spec.seed), words, device, reporter), notes


def _arms(study: _Study, work: Path) -> list[Callable[[], Arm]]:
    """Returns what makes the ways of training, pretrained first; features are only computed once they are needed."""
    spec, scene = study.spec, study.scene
    embedding = EMBEDDING in scene.roles
    if spec.mode == "frozen":
        start = frozen_start(spec.checkpoint, scene, spec.seed)
        name = "pretrained encoder" if spec.checkpoint else "embeddings" if embedding else "default features"
        starts = {name: start}
        if spec.checkpoint and spec.baseline:
            starts["same encoder, untrained"] = _untrained(start, spec.seed)
        return [_frozen(study, name, start, place, len(starts)) for place, (name, start) in enumerate(starts.items())]
    if not spec.checkpoint:
        return [lambda: _trained(study, "embeddings" if embedding else "from scratch", "", spec.mode, work)]
    arms: list[Callable[[], Arm]] = [lambda: _trained(study, "pretrained", spec.checkpoint, spec.mode, work)]
    if spec.baseline:
        path = str(work / "untrained.safetensors")
        start = _untrained(pretrained_start(spec.checkpoint, scene), spec.seed)
        save_checkpoint(path, start.encoder, start.card)
        arms.append(lambda: _trained(study, "from scratch", path, "full", work))
    return arms


def _frozen(study: _Study, name: str, start: Start, place: int, count: int) -> Callable[[], Arm]:
    def make() -> Arm:
        part = study.reporter.part(place / count, (place + 1) / count, f"{name}: ", artifacts=False)
        pool = thinned(study.pool, study.spec.seed)
        return FrozenArm(name, start, study.scene, pool, study.test, study.device, part)

    return make


def _trained(study: _Study, name: str, checkpoint: str, mode: str, work: Path) -> Arm:
    spec = study.spec
    return TrainedArm(name, spec, checkpoint, mode, study.scene, study.pool, study.test, work, study.device)


def _untrained(start: Start, seed: int) -> Start:
    """The same network, with weights that nothing has taught."""
    torch.manual_seed(seed)
    card = Card(
        {"encoder": start.card.architecture["encoder"]}, start.card.sources, start.card.tile, start.card.halo, None,
        {"method": UNTRAINED, "licence": "the user's own"},
    )  # fmt: skip
    encoder = build_encoder(card.architecture, card.sources)
    return replace(start, encoder=encoder, card=card, pretrained=False, previous=None)


def _run_all(study: _Study, arms: list[Callable[[], Arm]], kept: KeptRuns, reporter: Reporter) -> None:
    """Does all runs that are not finished, draw by draw, so that what is there early covers all shares."""
    spec = study.spec
    reporter.stage(0.05, _FEATURES if spec.mode == "frozen" else 0.06, "Preparing the runs")
    made = [make() for make in arms]
    todo = [
        (draw, share, arm)
        for draw in range(spec.draws)
        for share in sorted(spec.shares)
        for arm in made
        # All labels are the same labels in every draw.
        if arm.chance or share < 1 or draw == 0
    ]
    finished = sum(kept.find(arm.name, share, draw) is not None for draw, share, arm in todo)
    reporter.stage(_FEATURES if spec.mode == "frozen" else 0.06, 0.98, f"{len(todo) - finished} runs")
    reporter.done_before(finished / len(todo))
    for place, (draw, share, arm) in enumerate(todo):
        if kept.find(arm.name, share, draw) is not None:
            continue
        chosen = drawn_features(study.classes, share, draw, spec.seed)
        said = f"{arm.name}, {100 * share:g} % of the labels, draw {draw + 1}"
        part = reporter.part(place / len(todo), (place + 1) / len(todo), f"{said}: ", artifacts=False)
        matrix = arm.confusion(chosen, spec.seed + draw, part)
        run = judged(arm.name, share, draw, int(chosen.sum()), matrix, study.pool.legend.names)
        kept.add(run)
        reporter.progress((place + 1) / len(todo), said)
        reporter.log(f"{said} ({run.features} features): IoU {run.iou:.3f}, F1 {run.f1:.3f}.")


def _write(study: _Study, places: dict[str, str], runs: list[Run], found: list[Summary], notes: list[str]) -> None:
    spec = study.spec
    with open(places[spec.csv], "w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [field.name for field in fields(Run)])
        table.writeheader()
        table.writerows(asdict(run) for run in runs)
    drawn = panels(found)
    if spec.png:
        draw_png(drawn, places[spec.png])
    if spec.html:
        page = label_ratio_page(_lead(found), drawn, found, _how_to_read(spec), notes, _facts(study))
        Path(places[spec.html]).write_text(page, encoding="utf-8")


def _lead(found: list[Summary]) -> str:
    ends = [entry for entry in found if entry.share in (found[0].share, found[-1].share) and entry.arm == found[0].arm]
    few, all_ = ends[0], ends[-1]
    return (
        f"{few.arm.capitalize()}: with {few.features} of {all_.features} label features, the mean IoU is "
        f"{few.mean['iou']:.3f}; with all of them, {all_.mean['iou']:.3f}."
    )


def _how_to_read(spec: LabelRatioSpec) -> list[str]:
    notes = [
        "Lines are means over the draws, bands one standard deviation to each side. Each class counts the same.",
        "Of each class at least one feature is learned from, so that the smallest shares of few labels may be the same "
        "labels.",
        "Where a curve is still rising at its right end, more labels would help.",
    ]
    if spec.checkpoint and spec.baseline:
        notes.append("The distance between the curves is what pretraining is worth.")
    return notes


def _facts(study: _Study) -> dict[str, str]:
    spec = study.spec
    facts = {"Trained": f"{spec.mode}, {spec.draws} draws"}
    facts |= {"Encoder": PurePath(spec.checkpoint).name if spec.checkpoint else "the default one"}
    facts |= {f"Image ({s.role})": f"{s.layer}, read as {s.match.sensor}" for s in study.scene.sources}
    facts |= {f"Labels: {c['name']}": f"{c['features']} features, {c['pixels']} pixels" for c in study.pool.summary()}
    facts |= {"Judged by": f"{study.words} {study.test.rows.size:,} pixels of them."}
    return facts | {"Seed": str(spec.seed), "Made with": f"LandSketch {version()}"}
