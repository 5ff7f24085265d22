"""Full training on patches: the encoder learns together with a linear head on its pooled features."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, RandomSampler

from ...models.scene_heads import SceneClassifier
from ..linear import class_weights
from ..metrics import accuracy, confusion
from ..monitoring import Monitor, f1_of_classes, held_out_measures
from ..progress import Reporter
from .accuracy import multilabel_accuracy
from .chips import PatchChips
from .light_head import scores_of

BATCH = 16
STEPS_PER_EPOCH = 8
"""Few patches are seen several times an epoch, so that an epoch is worth its held-out evaluation."""

PATIENCE = 15
"""Epochs without a lower held-out loss after which training stops."""

LEARNING_RATE = 1e-3
PRETRAINED_RATE = 1e-4
WEIGHT_DECAY = 0.01


@dataclass(frozen=True)
class Outcome:
    """What training gave.

    Attributes:
        scores: (patch, class) of the held-out patches with the kept weights; None without any held out.
        history: Per epoch its number, losses and held-out accuracy.
        best_epoch: The epoch whose weights were kept, from 1.
        stopped: Whether the user ended it.
    """

    scores: NDArray[np.float32] | None
    history: list[dict[str, float]]
    best_epoch: int
    stopped: bool = False


def train_patches(
    network: SceneClassifier, train: PatchChips, held_out: PatchChips | None, multilabel: bool, pretrained: bool,
    epochs: int, seed: int, device: torch.device, monitor: Monitor,
) -> Outcome:  # fmt: skip
    """Trains a network in place and leaves its best weights in it.

    Cross-entropy with weights for rare classes, or binary cross-entropy where a patch may have several classes; AdamW,
    slower on pretrained weights; a cosine schedule over the epochs.

    Args:
        network: On the device.
        train: Patches to learn from, each with data.
        held_out: Patches that decide when to stop; None: all epochs are run.
        multilabel: Whether a patch may have several classes.
        pretrained: Whether the encoder was pretrained.
        epochs: Upper bound.
        seed: Seed of shuffling, augmentation and dropout.
        device: Where to compute.
        monitor: Takes progress and metrics, and stops the training when it is cancelled, or has done enough.

    Raises:
        Cancelled: If the user cancelled it.
    """
    reporter = monitor.reporter
    lightning.seed_everything(seed, workers=True, verbose=False)
    totals = train.targets.sum(axis=0).astype(np.float64)
    weight = torch.from_numpy(class_weights(totals)).float().to(device)
    optimizer = _optimizer(network, pretrained)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    wanted = max(len(train), STEPS_PER_EPOCH * min(BATCH, len(train)))
    loader = DataLoader(train, BATCH, sampler=RandomSampler(train, num_samples=wanted, replacement=wanted > len(train)))
    history: list[dict[str, float]] = []
    best: dict[str, Any] = {"loss": float("inf"), "epoch": 0, "weights": None, "scores": None}
    stopped = False
    for epoch in range(1, epochs + 1):
        entry = {
            "epoch": float(epoch),
            "loss": _epoch(network, loader, multilabel, weight, optimizer, device, reporter),
        }
        schedule.step()
        f1: dict[str, float] = {}
        if held_out is None:
            best["epoch"] = epoch
        else:
            logits, loss = _judged(network, held_out, multilabel, weight, device, reporter)
            scores = scores_of(logits, multilabel)
            measures, f1 = _measures(held_out.targets, scores, multilabel, monitor.names)
            entry |= {"held_out_loss": loss} | measures
            if loss < best["loss"]:
                best = {"loss": loss, "epoch": epoch, "weights": copy.deepcopy(network.state_dict()), "scores": scores}
        history.append(entry)
        monitor.epoch(entry, f1)
        reporter.progress(epoch / epochs, f"Epoch {epoch} of at most {epochs}")
        stopped = reporter.finishing and epoch < epochs
        if stopped:
            reporter.log(f"Ended by hand after epoch {epoch}: the weights of epoch {best['epoch']} are kept.")
            break
        if held_out is not None and epoch - best["epoch"] >= PATIENCE:
            reporter.log(f"Stopped after epoch {epoch}: the held-out loss was lowest after epoch {best['epoch']}.")
            break
    if best["weights"] is not None:
        network.load_state_dict(best["weights"])
    monitor.show()
    return Outcome(best["scores"], history, best["epoch"], stopped)


def _measures(
    targets: NDArray[np.bool_], scores: NDArray[np.float32], multilabel: bool, names: tuple[str, ...]
) -> tuple[dict[str, float], dict[str, float]]:
    """Returns how well held-out patches are told: measures, and the F1 of each class."""
    if not multilabel:
        found = accuracy(confusion(targets.argmax(axis=1), scores.argmax(axis=1), len(names)), names)
        return held_out_measures(found), f1_of_classes(found)
    several = multilabel_accuracy(targets, scores, names)
    return {"held_out_macro_f1": several.macro_f1}, {entry.name: entry.f1 for entry in several.classes}


def _optimizer(network: SceneClassifier, pretrained: bool) -> torch.optim.Optimizer:
    part = {id(p) for p in network.encoder.pretrained_part().parameters()} if pretrained else set()
    learned = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learned if id(p) not in part], "lr": LEARNING_RATE},
        {"params": [p for p in learned if id(p) in part], "lr": PRETRAINED_RATE},
    ]
    return torch.optim.AdamW(groups, weight_decay=WEIGHT_DECAY)


def _epoch(
    network: SceneClassifier, loader: Any, multilabel: bool, weight: Tensor, optimizer: torch.optim.Optimizer,
    device: torch.device, reporter: Reporter,
) -> float:  # fmt: skip
    """Learns from all batches once, unless the user ends the training, and returns the mean loss."""
    network.train()
    losses = []
    for images, inside, target in loader:
        reporter.check()
        if len(target) < 2:
            continue  # one patch alone tells batch normalisation nothing
        with _half_precision(device):
            logits = network(_on(images, device), inside.to(device))
        loss = _loss(logits.float(), target.to(device), multilabel, weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if reporter.finishing:
            break
    return float(np.mean(losses)) if losses else 0.0


@torch.no_grad()
def _judged(
    network: SceneClassifier, held_out: PatchChips, multilabel: bool, weight: Tensor, device: torch.device,
    reporter: Reporter,
) -> tuple[NDArray[np.float32], float]:  # fmt: skip
    """Returns the logits of held-out patches, and their loss."""
    network.eval()
    logits, targets = [], []
    for images, inside, target in DataLoader(held_out, BATCH):
        reporter.check()
        with _half_precision(device):
            logits.append(network(_on(images, device), inside.to(device)).float())
        targets.append(target.to(device))
    joined = torch.cat(logits)
    return joined.cpu().numpy(), float(_loss(joined, torch.cat(targets), multilabel, weight))


def _loss(logits: Tensor, target: Tensor, multilabel: bool, weight: Tensor) -> Tensor:
    if multilabel:
        return F.binary_cross_entropy_with_logits(logits, target)
    return F.cross_entropy(logits, target.argmax(dim=1), weight)


def _half_precision(device: torch.device) -> torch.autocast:
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


def _on(images: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    return {role: image.to(device) for role, image in images.items()}
