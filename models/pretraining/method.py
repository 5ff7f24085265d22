"""What all methods of self-supervised pretraining share: the optimiser, its schedule, and the watch over collapse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightning
import torch
from lightly.utils.scheduler import CosineWarmupScheduler
from torch import Tensor
from torch.nn import functional as F

from ..encoders.encoder import Encoder

SECOND = "@2"
"""Ends the roles of the second date in a batch of pairs."""

Images = Mapping[str, Tensor]
"""Per role (sample, band, y, x) in canonical units, NaN for no data."""


@dataclass(frozen=True)
class Schedule:
    """How weights are learned.

    Attributes:
        steps: Updates in all.
        rate: Highest learning rate.
        warm_up: Share of the steps in which the rate rises to it; then it falls along a cosine to zero.
        weight_decay: Of AdamW.
        seed: Of the random draws on the images.
    """

    steps: int
    rate: float
    warm_up: float = 0.1
    weight_decay: float = 0.05
    seed: int = 0


class Method(lightning.LightningModule):
    """A method of pretraining an encoder.

    Args:
        schedule: How weights are learned.

    Attributes:
        may_collapse: Whether its loss can fall by making all features the same.
    """

    may_collapse = True

    def __init__(self, schedule: Schedule) -> None:
        super().__init__()
        self.schedule = schedule

    def losses(self, batch: Any) -> tuple[dict[str, Tensor], Tensor]:
        """Returns the parts of a batch's loss by name, whose sum is minimised, and features (sample, dim) to watch."""
        raise NotImplementedError

    def warnings(self, batch: int) -> list[str]:
        """Returns what the user should know before it starts, for a batch over all devices."""
        return []

    def encoder_module(self) -> Encoder:
        """Returns the encoder that the pretraining is for."""
        raise NotImplementedError

    def features(self, batch: Images) -> Tensor:
        """Returns what the encoder makes of windows, by which they are alike or not: (sample, dim)."""
        encoder = self.encoder_module()
        maps = encoder({role: image for role, image in batch.items() if role in encoder.bands})
        return maps[-1].mean(dim=(-2, -1))

    def reconstructions(self, batch: Images) -> dict[str, Tensor]:
        """Returns what a method that fills in images can show of a batch; nothing for others.

        Returns:
            By a caption (sample, channel, y, x) standardised, NaN for what is not shown: 'seen', 'filled in', 'true'.
        """
        return {}

    def channel_names(self) -> list[tuple[str, str]]:
        """Returns role and band of each channel of `reconstructions`."""
        return []

    def training_step(self, batch: Any, _: int) -> Tensor:
        """Returns the loss of a batch, and reports its parts and the spread of its features."""
        parts, features = self.losses(batch)
        total = torch.stack(list(parts.values())).sum()
        values = parts | {"loss": total, "spread": spread(features)}
        self.log_dict({name: value.detach() for name, value in values.items()}, batch_size=len(features))
        return total

    def draws(self) -> torch.Generator:
        """Returns a generator for the current step: a run that goes on after a crash draws what it would have drawn."""
        # The generator is the CPU's on every device, so that a seed means the same everywhere.
        return torch.Generator().manual_seed(self.schedule.seed * 1_000_003 + self.global_step * 101 + self.global_rank)

    def configure_optimizers(self) -> Any:
        """AdamW; the rate changes at every update, not at every epoch."""
        learned = [parameter for parameter in self.parameters() if parameter.requires_grad]
        flat = [parameter for parameter in learned if parameter.ndim < 2]
        groups: list[dict[str, Any]] = [
            {"params": [parameter for parameter in learned if parameter.ndim >= 2]},
            {"params": flat, "weight_decay": 0.0},  # biases and norms
        ]
        optimizer = torch.optim.AdamW(
            groups,
            lr=self.schedule.rate,
            betas=(0.9, 0.95),
            weight_decay=self.schedule.weight_decay,
        )
        rise = max(round(self.schedule.warm_up * self.schedule.steps), 1)
        scheduler = CosineWarmupScheduler(optimizer, rise, self.schedule.steps)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def spread(features: Tensor) -> Tensor:
    """How far a batch's features are from all being the same: about 1 if they point everywhere, 0 if collapsed.

    The standard deviation of unit-length features, averaged over dimensions, times √dim (Chen and He, "SimSiam", CVPR
    2021, section 4.1).

    Args:
        features: (sample, dim).
    """
    unit = F.normalize(features.detach().float(), dim=1)
    return unit.std(dim=0, correction=0).mean() * features.shape[1] ** 0.5
