"""Fine-tuning: scene + labels + encoder → checkpoint that classifies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import torch

from ..models.checkpoints import save_checkpoint
from .cards import Card
from .devices import choose_device
from .fit import strange_values
from .labels import read_labels
from .learning import Fit, Run
from .light_head import fit_light_head
from .metrics import Accuracy
from .metrics import accuracy as accuracy_of
from .network_starts import network_start
from .network_training import train_network
from .networks import NETWORKS
from .outputs import all_finished
from .processor import usable_cores
from .progress import Reporter
from .report import finetune_page
from .scenes import describe, open_scene
from .sensors import AUTO
from .specs import FinetuneSpec
from .splits import split_features
from .starts import starting_point
from .version import versions


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
    with all_finished(spec.outputs()) as temporaries, reporter.await_result(open_scene, spec.sources) as scene:
        for line in [*describe(scene), words]:
            reporter.log(line)
        labels = read_labels(spec.labels, scene.grid, " + ".join(source.layer for source in scene.sources))
        start = starting_point(spec, scene) if spec.network == AUTO else network_start(spec, scene)
        notes = [*scene.doubts, *labels.warnings, *start.warnings, *strange_values(start.sources, scene)]
        for note in notes:
            reporter.warn(note)
        split = split_features(labels.feature_classes, labels.centres, spec.seed)
        start.encoder.to(device)
        start.encoder.check_in = reporter.check
        run = Run(spec, scene, labels, split, start, device, reporter)
        fit = fit_light_head(run) if spec.mode == "frozen" else train_network(run)
        accuracy = accuracy_of(fit.confusion, labels.legend.names) if fit.confusion is not None else None
        card = card_of(run, fit, accuracy)
        reporter.stage(0.98, 1.0, "Writing the checkpoint")
        places = dict(zip(spec.outputs(), temporaries, strict=True))
        save_checkpoint(places[spec.output], fit.network, card)
        if spec.report:
            warnings = [*notes, *fit.warnings]
            page = finetune_page(card, accuracy, fit.words, fit.history, warnings, _facts(card))
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


def card_of(run: Run, fit: Fit, accuracy: Accuracy | None) -> Card:
    """Returns the card of what was fine-tuned."""
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
        "training": fit.training,
        "metrics": accuracy.to_json() if accuracy is not None else None,
        "seed": spec.seed,
        "parent": " and ".join(PurePath(path).name for path in spec.checkpoints()) or None,
        **({"network": NETWORKS[spec.network].title} if spec.network != AUTO else {}),
        "licence": start.licence,
        "versions": versions("torch", "timm", "scikit-learn", "rasterio"),
    }
    return replace(
        start.card,
        architecture=start.card.architecture | {"head": fit.head},
        sources=tuple(replace(source, optional=run.spares_sources) for source in start.sources),
        legend=labels.legend,
        provenance=provenance,
    )


def _facts(card: Card) -> dict[str, str]:
    """Returns what the report lists about a run."""
    provenance = card.provenance
    encoder = dict(card.architecture["encoder"])
    name = encoder.pop("name")
    facts = {"Method": f"{provenance['method']}; encoder {name} ({', '.join(f'{k} {v}' for k, v in encoder.items())})"}
    if "network" in provenance:
        facts = {"Network": provenance["network"], **facts}
    facts |= {f"Image ({d['role']})": f"{d['name']}, read as {d['sensor']}" for d in provenance["data"]}
    facts |= {f"Labels: {c['name']}": f"{c['features']} features, {c['pixels']} pixels" for c in provenance["labels"]}
    facts |= {name[0].upper() + name[1:]: _text(value) for name, value in provenance["training"].items()}
    facts |= {"Seed": str(provenance["seed"])}
    return facts | {"Versions": ", ".join(f"{k} {v}" for k, v in provenance["versions"].items())}


def _text(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
