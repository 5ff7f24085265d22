"""The training loop of pretraining, under Lightning."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from torch.utils.data import DataLoader

from ...models.pretraining.method import Method
from ..progress import Reporter
from ..quiet import quiet_lightning
from .places import Bands, Place
from .stream import WindowStream

SAVE_SECONDS = 60
"""Time between two saved states; an interrupted run loses no more."""

REPORT_STEPS = 10
LEAST_BATCHES = 50
LOW_SPREAD = 0.2
"""Below this the features of different windows are nearly the same (`models.pretraining.method.spread`)."""

_LAST = "last.ckpt"


class Windows(lightning.LightningDataModule):
    """The windows that a method learns from; each process draws its own.

    Args:
        places: Where to draw from.
        bands: What to read.
        side: Of the windows in pixels.
        batch: Windows per batch.
        seed: Of all draws.
        pairs: Whether each sample is two dates of one place.
    """

    def __init__(self, places: list[Place], bands: Bands, side: int, batch: int, seed: int, pairs: bool) -> None:
        super().__init__()
        self.places, self.bands, self.side, self.batch, self.seed, self.pairs = places, bands, side, batch, seed, pairs

    def train_dataloader(self) -> DataLoader[Any]:
        """Returns batches without end, from where the run stands."""
        trainer: Any = self.trainer
        stream = self.stream(trainer.global_step * self.batch, (trainer.global_rank, trainer.world_size))
        return DataLoader(stream, self.batch)

    @property
    def batches(self) -> int:
        """Batches that hold about as many pixels as there are: what stands for an epoch."""
        pixels = sum(place.valid_pixels for place in self.places)
        return max(math.ceil(pixels / (self.batch * self.side**2)), LEAST_BATCHES)

    def stream(self, start: int, share: tuple[int, int] = (0, 1)) -> WindowStream:
        """Returns the windows one by one; see `WindowStream`."""
        return WindowStream(self.places, self.bands, self.side, self.seed, start, self.pairs, share)


def train(
    method: Method,
    windows: Windows,
    device: torch.device,
    state: Path,
    accumulate: int,
    devices: int,
    nodes: int,
    reporter: Reporter,
) -> list[dict[str, float]]:
    """Trains a method in place; goes on where an interrupted run of the same job stopped.

    Args:
        method: The method with its encoder.
        windows: What it learns from.
        device: Where to compute.
        state: Folder of the saved states of this very job.
        accumulate: Batches per update.
        devices: Devices, or on a CPU processes, side by side.
        nodes: Machines side by side.
        reporter: Takes progress and metrics, and stops the training when it is cancelled, or has done enough.

    Returns:
        The history: every few updates their number, the loss, its parts and the spread of the features.

    Raises:
        Cancelled: If the user cancelled it; the saved state stays.
    """
    quiet_lightning()
    lightning.seed_everything(method.schedule.seed, workers=True, verbose=False)
    watch = _Watch(reporter, method.schedule.steps)
    keeper = ModelCheckpoint(
        state,
        save_last=True,
        save_top_k=0,
        train_time_interval=timedelta(seconds=SAVE_SECONDS),
        enable_version_counter=False,
    )
    many = devices * nodes > 1
    trainer = lightning.Trainer(
        accelerator={"cuda": "gpu"}.get(device.type, device.type),
        devices=devices if many or device.type != "cuda" else [device.index or 0],
        num_nodes=nodes,
        strategy="ddp" if many else "auto",
        precision="16-mixed" if device.type == "cuda" else "32-true",
        max_steps=method.schedule.steps,
        max_epochs=-1,
        limit_train_batches=windows.batches,
        accumulate_grad_batches=accumulate,
        gradient_clip_val=None if not method.automatic_optimization else 1.0,
        callbacks=[watch, keeper],
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )
    last = state / _LAST
    earlier = str(last) if last.exists() else None
    if earlier:
        reporter.log("Goes on where an earlier run of the same job stopped.")
    reporter.await_result(_fit, trainer, method, windows, earlier)
    return watch.history


def _fit(trainer: lightning.Trainer, method: Method, windows: Windows, earlier: str | None) -> None:
    # Saved states hold tensors and numbers only; anything else in such a file is refused.
    trainer.fit(method, datamodule=windows, ckpt_path=earlier, weights_only=True)


class _Watch(Callback):
    """Reports the loss, its parts, and in words when features collapse."""

    def __init__(self, reporter: Reporter, steps: int) -> None:
        self.reporter, self.steps = reporter, steps
        self.history: list[dict[str, float]] = []
        self._sums: dict[str, float] = {}
        self._count = 0
        self._warned = False

    def state_dict(self) -> dict[str, Any]:
        """The history is saved with the weights."""
        return {"history": self.history}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """See `state_dict`."""
        self.history = list(state["history"])

    def on_train_start(self, trainer: lightning.Trainer, *_: Any) -> None:
        if trainer.global_step:
            self.reporter.done_before(trainer.global_step / self.steps)

    def on_train_batch_end(self, trainer: lightning.Trainer, method: Any, *_: Any) -> None:
        self.reporter.check()
        for name, value in trainer.callback_metrics.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(value)
        self._count += 1
        step = trainer.global_step
        # Asked of all processes that train side by side, since all of them have to end.
        ends = trainer.strategy.reduce_boolean_decision(self.reporter.finishing and step > 0, all=False)
        if ends:
            trainer.should_stop = True
        if step % REPORT_STEPS and step < self.steps and not ends:
            return
        if self.history and self.history[-1]["step"] == step:
            return  # in the midst of an accumulation
        means = {name: total / self._count for name, total in self._sums.items()}
        self._sums, self._count = {}, 0
        self.history.append({"step": float(step)} | means)
        self.reporter.metric(**self.history[-1])
        self.reporter.progress(step / self.steps, f"Update {step} of {self.steps}")
        if ends and step < self.steps:
            self.reporter.log(f"Ended by hand after update {step} of {self.steps}.")
        self._judge(method, means["spread"])

    def _judge(self, method: Any, spread: float) -> None:
        if method.may_collapse and spread < LOW_SPREAD and not self._warned:
            self._warned = True
            self.reporter.warn(
                f"The features of different windows have become nearly the same (spread {spread:.2f}, 1 is best): the "
                "encoder is collapsing. Use larger batches, a lower learning rate, or another method."
            )
