"""Made-up places seen by two sensors, small encoders, and a short training, for the tests of pretraining."""

from __future__ import annotations

import logging

import lightning
import torch
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.models.encoders.pair import PairFeatures
from landsketch.models.encoders.resnet import ResNetFeatures
from landsketch.models.pretraining.method import Schedule
from torch.utils.data import DataLoader

OPTICAL = SourceCard(
    "optical", "sentinel-2-l2a", ("B02", "B03", "B04", "B08"), "dn", 10.0,
    Normalisation("3-sigma", (0.0, 0.0, 100.0, 200.0), (3000.0, 3000.0, 4000.0, 5000.0), (0.0, 1.0)),
)  # fmt: skip
SAR = SourceCard(
    "sar",
    "sentinel-1-grd",
    ("VV", "VH"),
    "db",
    10.0,
    Normalisation("3-sigma", (-25.0, -32.0), (30.0, 30.0), (0.0, 1.0)),
)
SMALL = {"name": "resnet", "model": "resnet10t", "levels": (1,)}
SCHEDULE = Schedule(steps=30, rate=3e-3)


MIXTURES = {
    "optical": torch.tensor([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.1, 0.4, 0.5], [0.0, 0.1, 0.9]]),
    "sar": torch.tensor([[0.6, 0.0, 0.4], [0.1, 0.8, 0.1]]),
}
"""How much each band sees of three properties of the ground."""


def places(count=12, side=32, seed=0):
    """Draws places, each with a ground of its own: per role (place, band, y, x) in canonical units."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 1, 1, generator=generator) + 0.2 * torch.rand(count, 3, 4, 4, generator=generator)
    ground = torch.nn.functional.interpolate(coarse, size=side, mode="bicubic") / 1.2
    images = {}
    for source in (OPTICAL, SAR):
        offset, scale = (
            torch.tensor(numbers).view(1, -1, 1, 1)
            for numbers in (source.normalisation.offset, source.normalisation.scale)
        )
        clean = torch.einsum("bc,pcyx->pbyx", MIXTURES[source.role], ground)
        noise = 0.03 * torch.randn(clean.shape, generator=generator)
        images[source.role] = (clean + noise).clamp(0, 1) * scale + offset
    return images


def joint_encoder(*sources):
    torch.manual_seed(0)
    return ResNetFeatures(sources or (OPTICAL, SAR), "resnet10t", (1,))


def pair_encoder():
    torch.manual_seed(0)
    return PairFeatures((OPTICAL, SAR), {"optical": SMALL, "sar": SMALL})


class Record(lightning.Callback):
    """What each step of a training had: its loss, the features' spread, and the rate of learning."""

    def __init__(self):
        self.losses, self.spreads, self.rates, self.parts = [], [], [], []

    def on_before_optimizer_step(self, trainer, pl_module, optimizer):
        self.rates.append(optimizer.param_groups[0]["lr"])

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        values = {name: float(value) for name, value in trainer.callback_metrics.items()}
        self.losses.append(values.get("loss"))
        self.spreads.append(values.get("spread"))
        self.parts.append(values)


def trained(method, *batches, steps=None, watch=()):
    """Trains as long as its schedule says, in Lightning's own loop on the CPU, and returns the record of it."""
    record, threads = Record(), torch.get_num_threads()
    torch.set_num_threads(1)  # these networks are too small for more
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    trainer = lightning.Trainer(
        accelerator="cpu", max_steps=steps or method.schedule.steps, callbacks=[record, *watch], logger=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    # Batches come whole, as from the sampler.
    trainer.fit(method, DataLoader(list(batches), batch_size=None))
    torch.set_num_threads(threads)
    return record
