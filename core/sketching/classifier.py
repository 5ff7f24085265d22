"""A sketch as a checkpoint: the one that fine-tuning would write."""

from __future__ import annotations

from typing import Any

import torch

from ...models.checkpoints import save_checkpoint
from ...models.segmenter import Segmenter, new_head
from ..finetuning import card_of
from ..labels import Labels
from ..learning import Fit, Run
from ..linear import LinearModel
from ..metrics import accuracy
from ..progress import Reporter
from ..scenes import Scene
from ..specs import FinetuneSpec, SketchSpec
from ..splits import Split
from .fitting import Judged
from .session import Session


def write_classifier(
    path: str, spec: SketchSpec, session: Session, scene: Scene, labels: Labels, model: LinearModel,
    judgement: Judged | None, split: Split, reporter: Reporter,
) -> None:  # fmt: skip
    """Writes the fitted head with its encoder.

    Args:
        path: Where to write; a temporary name that the caller puts in place.
        spec: The job.
        session: Its encoder.
        scene: The scene, open.
        labels: What was drawn.
        model: The head.
        judgement: How it did on held-out labels; None where nothing could be held out.
        split: How they were held out.
        reporter: Of the job.
    """
    start = session.start
    head: Any = new_head("linear", start.encoder, session.context, len(labels.legend))
    head.assign(torch.from_numpy(model.weight), torch.from_numpy(model.bias))
    network = Segmenter(start.encoder, session.context, head)
    same = FinetuneSpec(
        spec.sources, spec.labels, spec.classifier, checkpoint=spec.checkpoint, seed=spec.seed, device=spec.device
    )
    run = Run(same, scene, labels, split, start, session.device, reporter)
    confusion = judgement.confusion if judgement else None
    words = f"{split.words} The checkpoint itself was fitted on all labels."
    fit = Fit(network, {"name": "linear", "context": session.context is not None}, confusion, [], words)
    found = accuracy(confusion, labels.legend.names) if confusion is not None else None
    save_checkpoint(path, network, card_of(run, fit, found))
