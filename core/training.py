"""Training of decoders and whole networks on sparse labels, under Lightning."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, RandomSampler
from torchmetrics.classification import MulticlassConfusionMatrix

from ..models.adaptation.trained import Trained
from ..models.augmentation import Chip
from ..models.losses import IGNORED, SegmentationLoss
from ..models.segmenter import Segmenter
from .chips import ChipDataset, EncodedChips
from .metrics import Accuracy
from .metrics import accuracy as accuracy_of
from .monitoring import Monitor, f1_of_classes, held_out_measures
from .quiet import quiet_lightning

PATIENCE = 25
"""Epochs without a lower held-out loss after which training stops."""

BATCH = 4
STEPS_PER_EPOCH = 8
"""Small sets of chips are seen several times an epoch, so that an epoch is worth its held-out evaluation."""

WEIGHT_DECAY = 0.01

LARGEST_GRADIENT = 1.0
"""Norm to which gradients are clipped: few labels make single steps wild."""


@dataclass(frozen=True)
class Outcome:
    """What training gave.

    Attributes:
        confusion: (reference, predicted) counts over held-out pixels with the kept weights; None without any held out.
        history: Per epoch its number, losses, held-out macro-F1 and overall accuracy.
        best_epoch: The epoch whose weights were kept, from 1.
        stopped: Whether the user ended it.
    """

    confusion: NDArray[np.int64] | None
    history: list[dict[str, float]]
    best_epoch: int
    stopped: bool = False


def train_segmenter(
    network: Segmenter,
    train: ChipDataset | EncodedChips,
    held_out: ChipDataset | EncodedChips | None,
    trained: Trained,
    loss: SegmentationLoss,
    epochs: int,
    seed: int,
    device: torch.device,
    monitor: Monitor,
) -> Outcome:
    """Trains a network in place and leaves its best weights in it.

    Args:
        network: The network.
        train: Chips with the targets to learn.
        held_out: Chips with the targets that decide when to stop; None: all epochs are run.
        trained: What of the network learns.
        loss: What is made small.
        epochs: Upper bound.
        seed: Seed of shuffling, augmentation and dropout.
        device: Where to compute.
        monitor: Takes progress and metrics, and stops the training when it is cancelled, or has done enough.

    Raises:
        Cancelled: If the user cancelled it.
    """
    quiet_lightning()
    lightning.seed_everything(seed, workers=True, verbose=False)
    network.train()  # Lightning leaves the mode as it finds it
    task = SegmentationTask(network, trained, loss, epochs)
    keeper = _BestKeeper(monitor, epochs)
    trainer = lightning.Trainer(
        accelerator={"cuda": "gpu"}.get(device.type, device.type),
        devices=[device.index or 0] if device.type == "cuda" else 1,
        precision=_precision(device),
        gradient_clip_val=LARGEST_GRADIENT,
        max_epochs=epochs,
        callbacks=[keeper],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )
    chips = len(train)
    sampler = RandomSampler(train, num_samples=max(chips, BATCH * STEPS_PER_EPOCH))
    loader = DataLoader(train, BATCH, sampler=sampler, drop_last=chips > BATCH)
    validation = DataLoader(held_out, BATCH) if held_out is not None else None
    # A single step can take long; the callbacks end the thread soon after a cancel, which is answered at once.
    monitor.reporter.await_result(trainer.fit, task, loader, validation)
    if keeper.weights is not None:
        network.load_state_dict(keeper.weights)
    network.to(device).eval()
    monitor.show()
    return Outcome(keeper.confusion, keeper.history, keeper.best_epoch, keeper.stopped)


def _precision(device: torch.device) -> Any:
    """Mixed precision where it is faster; before Ampere, bfloat16 is emulated."""
    if device.type != "cuda":
        return "32-true"
    return "bf16-mixed" if torch.cuda.get_device_capability(device) >= (8, 0) else "16-mixed"


class SegmentationTask(lightning.LightningModule):
    """A loss over labelled pixels, everything else ignored."""

    def __init__(self, network: Segmenter, trained: Trained, loss: SegmentationLoss, epochs: int) -> None:
        super().__init__()
        self.network = network
        self.trained = trained
        self.loss = loss
        self.epochs = epochs
        self.confusion = MulticlassConfusionMatrix(len(loss.class_weight), ignore_index=IGNORED)

    def on_train_epoch_start(self) -> None:
        """Keeps the running statistics of frozen normalisation layers as they are."""
        if self.trained.fixed is not None:
            self.trained.fixed.eval()

    def training_step(self, batch: Chip, _: int) -> Tensor:
        """Returns the loss of a batch of chips."""
        images, target, weight = batch
        loss: Tensor = self.loss(self._logits(images), target, weight)
        self.log("loss", loss, on_step=False, on_epoch=True, batch_size=len(target))
        return loss

    def validation_step(self, batch: Chip, _: int) -> None:
        """Adds a batch of held-out chips to the loss and the confusion matrix."""
        images, target, weight = batch
        logits = self._logits(images)
        labelled = int((target != IGNORED).sum())
        if labelled:
            self.log("held_out_loss", self.loss(logits, target, weight), on_epoch=True, batch_size=labelled)
            self.confusion.update(logits, target)

    def configure_optimizers(self) -> Any:
        """AdamW with a cosine schedule over the epochs."""
        optimizer = torch.optim.AdamW(self.trained.groups, weight_decay=WEIGHT_DECAY)
        return {
            "optimizer": optimizer,
            "lr_scheduler": torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.epochs),
        }

    def _logits(self, inputs: dict[str, Tensor]) -> Tensor:
        """Of images, or of features that a frozen encoder has already made of them."""
        logits: Tensor = self.network.decode(inputs) if "map0" in inputs else self.network(inputs)
        return logits


class _BestKeeper(Callback):
    """Reports each epoch, keeps the weights with the lowest held-out loss, and stops when it no longer falls."""

    def __init__(self, monitor: Monitor, epochs: int) -> None:
        self.monitor = monitor
        self.reporter = monitor.reporter
        self.epochs = epochs
        self.history: list[dict[str, float]] = []
        self.weights: dict[str, Tensor] | None = None
        self.confusion: NDArray[np.int64] | None = None
        self.best_epoch = 0
        self.stopped = False
        self._best_loss = float("inf")
        self._started = time.monotonic()

    def on_train_start(self, *_: Any) -> None:
        self._started = time.monotonic()

    def on_train_batch_end(self, trainer: lightning.Trainer, *_: Any) -> None:
        self.reporter.check()
        if self.reporter.finishing:
            self.stopped = trainer.should_stop = True  # what was learned since the last epoch is judged like an epoch

    def on_validation_batch_end(self, *_: Any) -> None:
        self.reporter.check()

    def on_train_epoch_end(self, trainer: lightning.Trainer, task: lightning.LightningModule) -> None:
        values = {name: float(value) for name, value in trainer.callback_metrics.items()}
        epoch = trainer.current_epoch + 1
        entry = {"epoch": float(epoch), "loss": values["loss"]}
        f1: dict[str, float] = {}
        if "held_out_loss" in values:
            accuracy = self._judge(task, values["held_out_loss"], epoch)
            entry |= {"held_out_loss": values["held_out_loss"]} | held_out_measures(accuracy)
            f1 = f1_of_classes(accuracy)
        else:
            self.best_epoch = epoch
        self.history.append(entry)
        if epoch == 1 and self.epochs > 1:
            seconds = time.monotonic() - self._started
            self.reporter.log(
                f"An epoch takes {seconds:.1f} s; all {self.epochs} take {minutes(seconds * self.epochs)}."
            )
        self.monitor.epoch(entry, f1)
        self.reporter.progress(epoch / self.epochs, f"Epoch {epoch} of at most {self.epochs}")
        if self.stopped:
            self.reporter.log(f"Ended by hand after epoch {epoch}: the weights of epoch {self.best_epoch} are kept.")
        elif self.confusion is not None and epoch - self.best_epoch >= PATIENCE:
            self.reporter.log(
                f"Stopped after epoch {epoch}: the held-out loss was lowest after epoch {self.best_epoch}."
            )
            trainer.should_stop = True

    def _judge(self, task: Any, loss: float, epoch: int) -> Accuracy:
        """Keeps the weights if they are the best so far."""
        confusion = task.confusion.compute().cpu().numpy().astype(np.int64)
        task.confusion.reset()
        if loss < self._best_loss:
            self._best_loss, self.best_epoch, self.confusion = loss, epoch, confusion
            self.weights = copy.deepcopy(task.network.state_dict())
        return accuracy_of(confusion, self.monitor.names)


def minutes(seconds: float) -> str:
    """Returns a duration in words."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
