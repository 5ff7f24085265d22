"""Fine-tuning with a decoder: which chips, what learns, which loss."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from ..models.adaptation.lora import merge_low_rank
from ..models.adaptation.trained import Trained, chosen_part, everything
from ..models.augmentation import Augmentation
from ..models.losses import SegmentationLoss
from ..models.segmenter import Segmenter
from .chips import ChipDataset, EncodedChips
from .examples import ChipExamples
from .learning import Fit, Run, check_classes
from .linear import class_weights
from .monitoring import Monitor, ended_by_hand
from .training import train_segmenter

DENSE = 0.5
"""Share of the pixels of training windows from which on labels count as regions rather than scribbles."""


def train_network(run: Run) -> Fit:
    """Trains the decoder, or more of the network, stopped by one fold of held-out features."""
    spec, start, labels, reporter = run.spec, run.start, run.labels, run.reporter
    network = start.network(len(labels.legend)).to(run.device)
    reporter.stage(0.05, 0.2, "Reading the labelled windows")
    held_out = run.split.folds == run.split.most_telling(labels.feature_classes)
    varied = Augmentation(spec.variations, start.sources)
    train = ChipDataset(run.scene, start.sources, labels, ~held_out, start.encoder, varied)
    judge = ChipDataset(run.scene, start.sources, labels, held_out, start.encoder)
    check_classes(labels, train.labels)
    warnings = _scribbles(run, train)
    for warning in warnings:
        reporter.warn(warning)
    weights = torch.tensor(class_weights(train.class_totals(len(labels.legend))), dtype=torch.float32)
    trained = _trained(run, network, train)
    reporter.log(f"Training {trained.words}.")
    datasets: list[Any] = [train, judge if len(judge) else None]
    if _features_stay(run, network):
        network.eval()
        datasets = [d and EncodedChips(d, network, run.device, reporter) for d in datasets]
    reporter.stage(0.2, 0.98, "Training")
    loss = SegmentationLoss(spec.loss, weights)
    draw = ChipExamples(judge if len(judge) else train, network, labels.legend, run.device)
    monitor = Monitor(reporter, labels.legend.names, draw)
    outcome = train_segmenter(
        network, datasets[0], datasets[1], trained, loss, spec.epochs, spec.seed, run.device, monitor
    )
    merge_low_rank(network)
    words = run.split.words
    if len(judge):
        words += (
            f" One fold was held out; it also chose epoch {outcome.best_epoch} of {len(outcome.history)}, so its "
            "accuracy is slightly optimistic."
        )
    training = {"trained": trained.words, "loss": spec.loss, "variations": _words(spec.augmentation)}
    if outcome.stopped:
        training["ended"] = ended_by_hand(len(outcome.history), spec.epochs, outcome.best_epoch)
    return Fit(network.cpu().eval(), start.head, outcome.confusion, outcome.history, words, training, warnings)


def _trained(run: Run, network: Segmenter, chips: ChipDataset) -> Trained:
    """Chooses what learns; the encoder is watched on one of the chips."""
    if not run.start.pretrained:
        return everything(network)
    images = {role: image[None].to(run.device) for role, image in chips.plain(0)[0].items()}
    network.eval()
    spec = run.spec
    return run.reporter.await_result(
        chosen_part, network, spec.mode, spec.layer_decay, spec.lora_rank, lambda: network.encoder(images)
    )


def _features_stay(run: Run, network: Segmenter) -> bool:
    """Whether the encoder gives the same for a chip in every epoch, so that it need run only once."""
    encoder: nn.Module = network.encoder
    fixed = not any(parameter.requires_grad for parameter in encoder.parameters())
    return run.start.pretrained and fixed and run.spec.variations.only_turns


def _scribbles(run: Run, chips: ChipDataset) -> tuple[str, ...]:
    """Returns a sentence where a loss on regions is used on labels that hardly cover any."""
    covered = chips.labels.rows.size / max(len(chips) * chips.plan.side**2, 1)
    if "dice" not in run.spec.loss or covered >= DENSE:
        return ()
    return (
        f"The labels cover {100 * covered:.0f} % of the windows around them. The Dice loss compares whole regions; on "
        "so few labels it draws unlabelled surroundings to the classes that were drawn. Prefer cross-entropy.",
    )


def _words(augmentation: Any) -> str:
    if isinstance(augmentation, str):
        return augmentation
    values = {name: value for name, value in vars(augmentation).items() if value}
    return ", ".join(f"{name} {value}" for name, value in values.items())
