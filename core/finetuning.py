"""Fine-tuning: scene + labels + encoder → checkpoint that classifies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..models.checkpoints import save_checkpoint
from ..models.context import band_context
from ..models.segmenter import Segmenter, new_head
from .cards import Card
from .chips import ChipDataset, EncodedChips
from .devices import choose_device
from .errors import LabelError
from .features import labelled_features, thinned
from .fit import strange_values
from .labels import Labels, read_labels
from .linear import LinearModel, fit_linear, pixel_weights
from .metrics import Accuracy
from .metrics import accuracy as accuracy_of
from .outputs import all_finished
from .processor import usable_cores
from .progress import Reporter
from .report import finetune_page
from .scenes import Scene, describe, open_scene
from .specs import FinetuneSpec
from .splits import Split, split_features
from .starts import Start, starting_point
from .training import train_segmenter
from .version import versions


@dataclass(frozen=True)
class _Run:
    """What every way of fine-tuning works on."""

    spec: FinetuneSpec
    scene: Scene
    labels: Labels
    split: Split
    start: Start
    device: torch.device
    reporter: Reporter


@dataclass(frozen=True)
class Fit:
    """A trained network and how it was judged.

    Attributes:
        network: The segmenter.
        head: The card's `architecture["head"]` entry.
        confusion: (reference, predicted) counts over held-out pixels; None where nothing could be held out.
        history: Per epoch its losses; empty for a light head.
        words: How the held-out features were chosen and used.
    """

    network: Segmenter
    head: dict[str, Any]
    confusion: NDArray[np.int64] | None
    history: list[dict[str, float]]
    words: str


def finetune(spec: FinetuneSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs a fine-tuning job.

    Returns:
        `checkpoint` and `report` (paths) and `metrics` (of the held-out features, or None).

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then.
    """
    torch.manual_seed(spec.seed)
    torch.set_num_threads(usable_cores())  # classifying leaves one, for each of its lanes
    device, words = choose_device(spec.device)
    reporter.stage(0.0, 0.05, "Reading the scene and the labels")
    with all_finished(spec.outputs()) as temporaries, open_scene(spec.sources) as scene:
        for line in [*describe(scene), words]:
            reporter.log(line)
        labels = read_labels(spec.labels, scene.grid, " + ".join(source.layer for source in scene.sources))
        start = starting_point(spec, scene)
        notes = [*scene.doubts, *labels.warnings, *start.warnings, *strange_values(start.sources, scene)]
        for note in notes:
            reporter.warn(note)
        split = split_features(labels.feature_classes, labels.centres, spec.seed)
        start.encoder.to(device)
        start.encoder.check_in = reporter.check
        run = _Run(spec, scene, labels, split, start, device, reporter)
        fit = _fit_light_head(run) if spec.mode == "frozen" else _train(run)
        accuracy = accuracy_of(fit.confusion, labels.legend.names) if fit.confusion is not None else None
        card = _card(run, fit, accuracy)
        reporter.stage(0.98, 1.0, "Writing the checkpoint")
        places = dict(zip(spec.outputs(), temporaries, strict=True))
        save_checkpoint(places[spec.output], fit.network, card)
        if spec.report:
            page = finetune_page(card, accuracy, fit.words, fit.history, notes, _facts(card))
            Path(places[spec.report]).write_text(page, encoding="utf-8")
    reporter.artifact(spec.output, "checkpoint")
    if spec.report:
        reporter.artifact(spec.report, "report")
    if accuracy is not None:
        numbers = f"overall accuracy {accuracy.oa:.3f}, macro F1 {accuracy.macro.f1:.3f}"
        reporter.log(f"Held-out features: {numbers}. {fit.words}")
    return {
        "checkpoint": spec.output,
        "report": spec.report,
        "metrics": accuracy.to_json() if accuracy is not None else None,
    }


def _fit_light_head(run: _Run) -> Fit:
    """Frozen features with logistic regression; judged fold by fold, then fitted on all labels."""
    start, folds, reporter = run.start, run.split, run.reporter
    reporter.stage(0.05, 0.8, "Computing features of the labelled pixels")
    context = band_context(start.sources)
    if context:
        context.to(run.device)
    start.encoder.eval()
    pixels = thinned(run.labels, run.spec.seed)
    features, valid = labelled_features(run.scene, start.sources, start.encoder, context, pixels, run.device, reporter)
    pixels, features = pixels.take(valid), features[valid]
    _check_classes(run.labels, pixels)
    reporter.stage(0.8, 0.98, "Fitting the head")
    count = len(run.labels.legend)
    confusion = np.zeros((count, count), np.int64)
    for fold in range(folds.count):
        held_out = folds.folds[pixels.features] == fold
        if held_out.any() and np.unique(pixels.classes[~held_out]).size > 1:
            model = reporter.await_result(_fitted, features[~held_out], pixels.take(~held_out), count)
            predicted = model.logits(features[held_out]).argmax(axis=1)
            np.add.at(confusion, (pixels.classes[held_out], predicted), 1)
        reporter.progress((fold + 1) / (folds.count + 1), f"Held-out fold {fold + 1} of {folds.count}")
    model = reporter.await_result(_fitted, features, pixels, count)
    head: Any = new_head("linear", start.encoder, context, count)
    head.assign(torch.from_numpy(model.weight), torch.from_numpy(model.bias))
    network = Segmenter(start.encoder, context, head).cpu().eval()
    words = f"{folds.words} The checkpoint itself was fitted on all labels."
    entry = {"name": "linear", "context": context is not None}
    return Fit(network, entry, confusion if confusion.any() else None, [], words)


def _fitted(features: NDArray[np.float32], pixels: Labels, count: int) -> LinearModel:
    return fit_linear(features, pixels.classes, pixel_weights(pixels.classes, pixels.features), count)


def _train(run: _Run) -> Fit:
    """Decoder or full training, stopped by one fold of held-out features."""
    spec, start, labels, reporter = run.spec, run.start, run.labels, run.reporter
    network = start.network(len(labels.legend)).to(run.device)
    reporter.stage(0.05, 0.2, "Reading the labelled windows")
    held_out = run.split.folds == run.split.most_telling(labels.feature_classes)
    train = ChipDataset(run.scene, start.sources, labels, ~held_out, start.encoder, augment=True)
    judge = ChipDataset(run.scene, start.sources, labels, held_out, start.encoder, augment=False)
    _check_classes(labels, train.labels)
    totals = train.class_totals(len(labels.legend))
    freeze = spec.mode == "decoder" and start.pretrained
    datasets: list[Any] = [train, judge if len(judge) else None]
    if freeze and not _outside(start.encoder, start.encoder.pretrained_part()):
        network.eval()
        datasets = [d and EncodedChips(d, network, run.device, reporter) for d in datasets]
    reporter.stage(0.2, 0.98, "Training")
    outcome = train_segmenter(
        network,
        datasets[0],
        datasets[1],
        totals,
        freeze,
        start.pretrained,
        spec.epochs,
        spec.seed,
        run.device,
        reporter,
    )
    words = run.split.words
    if len(judge):
        words += (
            f" One fold was held out; it also chose epoch {outcome.best_epoch} of {len(outcome.history)}, so its "
            "accuracy is slightly optimistic."
        )
    return Fit(network.cpu().eval(), start.head, outcome.confusion, outcome.history, words)


def _outside(encoder: torch.nn.Module, part: torch.nn.Module) -> list[str]:
    """Names of the encoder's parameters that do not belong to a part of it."""
    inside = {id(parameter) for parameter in part.parameters()}
    return [name for name, parameter in encoder.named_parameters() if id(parameter) not in inside]


def _check_classes(labels: Labels, pixels: Labels) -> None:
    """Refuses to learn when the labels that are left name fewer than two classes."""
    left = np.unique(pixels.classes)
    if left.size < 2:
        names = ", ".join(labels.legend.names[i] for i in left) or "none"
        raise LabelError(
            f"Labels of at least two classes must lie where every layer has data; those that do name {names}.",
            "Draw labels where the scene has data.",
        )


def _card(run: _Run, fit: Fit, accuracy: Accuracy | None) -> Card:
    spec, start, labels = run.spec, run.start, run.labels
    provenance = {
        "method": f"fine-tuned: {spec.mode}",
        "data": [
            {"role": s.role, "name": s.layer, "sensor": s.match.sensor, "offset": s.conversion.offset}
            | ({"maker": s.match.maker} if s.match.maker else {})
            for s in run.scene.sources
        ],
        "labels": labels.summary(),
        "split": fit.words,
        "metrics": accuracy.to_json() if accuracy is not None else None,
        "seed": spec.seed,
        "parent": PurePath(spec.checkpoint).name if spec.checkpoint else None,
        "licence": start.licence,
        "versions": versions("torch", "timm", "scikit-learn", "rasterio"),
    }
    return replace(
        start.card,
        architecture=start.card.architecture | {"head": fit.head},
        legend=labels.legend,
        provenance=provenance,
    )


def _facts(card: Card) -> dict[str, str]:
    """Returns what the report lists about a run."""
    provenance = card.provenance
    encoder = dict(card.architecture["encoder"])
    name = encoder.pop("name")
    facts = {"Method": f"{provenance['method']}; encoder {name} ({', '.join(f'{k} {v}' for k, v in encoder.items())})"}
    facts |= {f"Image ({d['role']})": f"{d['name']}, read as {d['sensor']}" for d in provenance["data"]}
    facts |= {f"Labels: {c['name']}": f"{c['features']} features, {c['pixels']} pixels" for c in provenance["labels"]}
    facts |= {"Seed": str(provenance["seed"])}
    return facts | {"Versions": ", ".join(f"{k} {v}" for k, v in provenance["versions"].items())}
