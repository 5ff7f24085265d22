"""Fine-tuning on patches: scene + patches with classes + encoder → checkpoint that classifies patches."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...models.checkpoints import save_checkpoint
from ...models.context import EMBEDDING
from ...models.scene_heads import SceneClassifier, scene_classifier
from ..cards import SCENE_HEAD, Card
from ..devices import choose_device
from ..errors import LabelError
from ..fit import strange_values
from ..metrics import Accuracy, accuracy, confusion
from ..monitoring import Monitor, ended_by_hand
from ..outputs import all_finished
from ..processor import usable_cores
from ..progress import Reporter
from ..report import scenes_page
from ..scenes import Scene, describe, open_scene
from ..specs.scene_classes import FinetuneScenesSpec
from ..splits import Split, split_features
from ..starts import Start, frozen_start, new_start
from ..version import versions
from .accuracy import MultiLabelAccuracy, multilabel_accuracy
from .chips import PatchChips, PatchWindows
from .examples import PatchExamples
from .labels import PatchLabels, read_patch_labels
from .light_head import fit_patches, scores_of
from .pooling import pooled_patches
from .training import train_patches

FROM_SCRATCH = {"name": "resnet", "model": "resnet18", "levels": [1, 2, 3]}
"""Encoder of a network from scratch; the last stage, with elements of 32 pixels, is too coarse for small patches."""


@dataclass(frozen=True)
class _Run:
    """What both ways of fine-tuning work on."""

    spec: FinetuneScenesSpec
    scene: Scene
    labels: PatchLabels
    split: Split
    start: Start
    device: torch.device
    reporter: Reporter


@dataclass(frozen=True)
class _Fit:
    """A trained network and the scores that it was judged by: (patch, class), NaN where a patch was not held out."""

    network: SceneClassifier
    labels: PatchLabels
    scores: NDArray[np.float32]
    history: list[dict[str, float]]
    words: str


def finetune_scenes(spec: FinetuneScenesSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs a fine-tuning on patches.

    Returns:
        `checkpoint`, `report` and `json` (paths) and `metrics` (of held-out patches, or None).

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then.
    """
    torch.manual_seed(spec.seed)
    torch.set_num_threads(usable_cores())
    device, words = choose_device(spec.device)
    reporter.stage(0.0, 0.1, "Reading the scene and the patches")
    with all_finished(spec.outputs()) as temporaries, reporter.await_result(open_scene, spec.sources) as scene:
        for line in [*describe(scene), words]:
            reporter.log(line)
        labels = read_patch_labels(spec, scene.grid, reporter)
        start = _start(spec, scene)
        notes = [*scene.doubts, *labels.warnings, *start.warnings, *strange_values(start.sources, scene)]
        for note in notes:
            reporter.warn(note)
        split = split_features(labels.strata(), labels.patches.centres(scene.grid), spec.seed)
        start.encoder.to(device)
        start.encoder.check_in = reporter.check
        run = _Run(spec, scene, labels, split, start, device, reporter)
        fit = _fit_light_head(run) if spec.mode == "frozen" else _train(run)
        measured = _accuracy(fit, spec.multilabel)
        card = _card(run, fit, measured)
        reporter.stage(0.98, 1.0, "Writing the checkpoint")
        places = dict(zip(spec.outputs(), temporaries, strict=True))
        save_checkpoint(places[spec.output], fit.network.cpu(), card)
        if spec.report:
            page = scenes_page(card, measured, fit.words, fit.history, notes, _facts(card))
            Path(places[spec.report]).write_text(page, encoding="utf-8")
        if spec.json:
            Path(places[spec.json]).write_text(_document(card), encoding="utf-8")
    for path, kind in ((spec.output, "checkpoint"), (spec.report, "report"), (spec.json, "metrics")):
        if path:
            reporter.artifact(path, kind)
    if measured is not None:
        reporter.log(f"Held-out patches: {_in_short(measured)}. {fit.words}")
    return {
        "checkpoint": spec.output,
        "report": spec.report,
        "json": spec.json,
        "metrics": measured.to_json() if measured is not None else None,
    }


def _start(spec: FinetuneScenesSpec, scene: Scene) -> Start:
    """The encoder of a checkpoint, the default features, or for training without either a network from scratch."""
    if spec.checkpoint or EMBEDDING in scene.roles or spec.mode == "frozen":
        return frozen_start(spec.checkpoint, scene, spec.seed)
    return new_start(scene, FROM_SCRATCH, ())


def _fit_light_head(run: _Run) -> _Fit:
    """Pooled frozen features with logistic regression; judged fold by fold, then fitted on all patches."""
    spec, start, reporter = run.spec, run.start, run.reporter
    network = scene_classifier(start.encoder, start.sources, len(run.labels.legend), True, True, False)
    network.to(run.device).eval()
    reporter.stage(0.1, 0.85, "Computing features of the patches")
    count = len(run.labels.patches)
    features = np.zeros((count, network.head.linear.in_features), np.float32)
    seen = np.zeros(count, bool)
    for part in pooled_patches(run.scene, start.sources, network, run.labels.patches, 0, run.device, reporter):
        features[part.patches], seen[part.patches] = part.features, part.pixels > 0
    labels, folds = _with_data(run.labels, seen), run.split.folds[seen]
    features = features[seen]
    reporter.stage(0.85, 0.98, "Fitting the head")
    scores = np.full(labels.targets.shape, np.nan, np.float32)
    for fold in range(run.split.count):
        held_out = folds == fold
        if held_out.any() and labels.targets[~held_out].any(axis=0).sum() > 1:
            model = reporter.await_result(fit_patches, features[~held_out], labels.targets[~held_out], spec.multilabel)
            scores[held_out] = scores_of(model.logits(features[held_out]), spec.multilabel)
        reporter.progress((fold + 1) / (run.split.count + 1), f"Held-out fold {fold + 1} of {run.split.count}")
    model = reporter.await_result(fit_patches, features, labels.targets, spec.multilabel)
    network.head.assign(torch.from_numpy(model.weight), torch.from_numpy(model.bias))
    words = f"{_of_patches(run.split.words)} The checkpoint itself was fitted on all patches."
    return _Fit(network, labels, scores, [], words)


def _train(run: _Run) -> _Fit:
    """Full training, stopped by one fold of held-out patches."""
    spec, start, reporter = run.spec, run.start, run.reporter
    torch.manual_seed(spec.seed)
    network = scene_classifier(start.encoder, start.sources, len(run.labels.legend), False, False, True)
    network.to(run.device)
    reporter.stage(0.1, 0.25, "Reading the patches")
    windows = PatchWindows(run.scene, start.sources, run.labels, start.encoder)
    seen = windows.with_data(reporter)
    labels = _with_data(run.labels, seen)
    held_out = run.split.folds == run.split.most_telling(run.labels.strata())
    train = PatchChips(windows, np.flatnonzero(seen & ~held_out), augment=True)
    judge = PatchChips(windows, np.flatnonzero(seen & held_out), augment=False)
    reporter.stage(0.25, 0.98, "Training")
    draw = PatchExamples(judge if len(judge) else train, network, spec.multilabel, run.device)
    outcome = train_patches(
        network, train, judge if len(judge) else None, spec.multilabel, start.pretrained, spec.epochs, spec.seed,
        run.device, Monitor(reporter, run.labels.legend.names, draw),
    )  # fmt: skip
    scores = np.full(labels.targets.shape, np.nan, np.float32)
    words = _of_patches(run.split.words)
    if outcome.scores is not None:
        scores[held_out[seen]] = outcome.scores
        words += (
            f" One fold was held out; it also chose epoch {outcome.best_epoch} of {len(outcome.history)}, so its "
            "accuracy is slightly optimistic."
        )
    if outcome.stopped:
        words += f" Training was ended {ended_by_hand(len(outcome.history), spec.epochs, outcome.best_epoch)}."
    return _Fit(network.eval(), labels, scores, outcome.history, words)


def _with_data(labels: PatchLabels, seen: NDArray[np.bool_]) -> PatchLabels:
    """Returns the labels of patches that have data.

    Raises:
        LabelError: If they have fewer than two classes.
    """
    kept = labels.take(seen)
    present = np.flatnonzero(kept.targets.any(axis=0))
    if present.size < 2:
        names = ", ".join(labels.legend.names[i] for i in present) or "none"
        raise LabelError(
            f"Patches of at least two classes must lie where every layer has data; those that do have {names}.",
            "Choose patches where the scene has data.",
        )
    return kept


def _accuracy(fit: _Fit, multilabel: bool) -> Accuracy | MultiLabelAccuracy | None:
    """Judges by the patches that were held out; None where none were."""
    judged = np.isfinite(fit.scores).all(axis=1)
    targets, scores, names = fit.labels.targets[judged], fit.scores[judged], fit.labels.legend.names
    if not targets.any():
        return None
    if multilabel:
        return multilabel_accuracy(targets, scores, names)
    return accuracy(confusion(targets.argmax(axis=1), scores.argmax(axis=1), len(names)), names)


def _in_short(measured: Accuracy | MultiLabelAccuracy) -> str:
    if isinstance(measured, MultiLabelAccuracy):
        return f"mean average precision {measured.map:.3f}, macro F1 {measured.macro_f1:.3f}"
    return f"overall accuracy {measured.oa:.3f}, macro F1 {measured.macro.f1:.3f}"


def _of_patches(words: str) -> str:
    """`core.splits` speaks of label features, which are patches here."""
    for theirs, ours in (
        ("label feature", "feature"), ("Features", "Patches"), ("features", "patches"), ("feature", "patch")
    ):  # fmt: skip
        words = words.replace(theirs, ours)
    return words


def _card(run: _Run, fit: _Fit, measured: Accuracy | MultiLabelAccuracy | None) -> Card:
    spec, start = run.spec, run.start
    frozen = spec.mode == "frozen"
    head = {"multilabel": spec.multilabel, "side": _side(run), "context": frozen, "spread": frozen, "norm": not frozen}
    several = "several classes" if spec.multilabel else "one class"
    provenance = {
        "method": f"fine-tuned on patches ({several} each): {spec.mode}",
        "data": [
            {"role": s.role, "name": s.layer, "sensor": s.match.sensor, "offset": s.conversion.offset}
            for s in run.scene.sources
        ],
        "labels": fit.labels.summary(),
        "split": fit.words,
        "metrics": measured.to_json() if measured is not None else None,
        "seed": spec.seed,
        "parent": PurePath(spec.checkpoint).name if spec.checkpoint else None,
        "licence": start.licence,
        "versions": versions("torch", "timm", "scikit-learn", "rasterio"),
    }
    return replace(
        start.card,
        architecture={"encoder": start.card.architecture["encoder"], SCENE_HEAD: head},
        legend=fit.labels.legend,
        provenance=provenance,
    )


def _side(run: _Run) -> int:
    """Side of the patches in pixels: that of squares, else of a square as large as the middle one of the polygons."""
    top, left, bottom, right = run.labels.patches.windows.T
    return max(round(float(np.median((bottom - top) * (right - left))) ** 0.5), 1)


def _facts(card: Card) -> dict[str, str]:
    """Returns what the report lists about a run."""
    provenance = card.provenance
    encoder = dict(card.architecture["encoder"])
    name = encoder.pop("name")
    head = card.architecture[SCENE_HEAD]
    facts = {"Method": f"{provenance['method']}; encoder {name} ({', '.join(f'{k} {v}' for k, v in encoder.items())})"}
    facts |= {"Patches": f"about {head['side']} × {head['side']} pixels"}
    facts |= {f"Image ({d['role']})": f"{d['name']}, read as {d['sensor']}" for d in provenance["data"]}
    facts |= {f"Patches: {entry['name']}": f"{entry['patches']:,}" for entry in provenance["labels"]}
    facts |= {"Seed": str(provenance["seed"])}
    return facts | {"Versions": ", ".join(f"{k} {v}" for k, v in provenance["versions"].items())}


def _document(card: Card) -> str:
    wanted = ("method", "labels", "split", "metrics", "seed", "versions")
    return json.dumps({name: card.provenance[name] for name in wanted}, indent=2, ensure_ascii=False, allow_nan=False)
