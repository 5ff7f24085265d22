"""MMA: maps of SAR and optical image match each other, though they may be shifted a little.

Windsor et al., "Self-Supervised Multi-Modal Alignment for Whole Body Medical Imaging", MICCAI 2021, as in seed 002.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..encoders.encoder import Encoder
from ..encoders.pair import PairFeatures
from .dual_simclr import branches
from .losses import check_temperature, correlation_matrix, matching_loss
from .method import Images, Method, Schedule
from .pooled import last_map
from .simclr import small_batch


@dataclass(frozen=True)
class MmaOptions:
    """What can be chosen.

    Attributes:
        temperature: Of the contrast, above 0.
        dim: Channels of the maps that are compared, made of each encoder's own by a linear layer.
    """

    temperature: float = 0.1
    dim: int = 128


class Mma(Method):
    """Learns maps that tell which SAR image is of the same place as an optical one.

    Args:
        encoder: A pair of encoders whose last maps have the same resolution.
        schedule: How.
        options: See there.

    Raises:
        SpecError: If the encoder has one source only, or an option is out of range.
    """

    may_collapse = False

    def __init__(self, encoder: PairFeatures, schedule: Schedule, options: MmaOptions) -> None:
        super().__init__(schedule)
        self.encoder, self.options = encoder, options
        check_temperature(options.temperature)
        self.branches = branches(encoder)
        self.heads = nn.ModuleDict(
            {role: nn.Conv2d(branch.channels[-1], options.dim, 1) for role, branch in self.branches.items()}
        )

    def encoder_module(self) -> Encoder:
        """See `Method.encoder_module`."""
        return self.encoder

    def warnings(self, batch: int) -> list[str]:
        """See `Method.warnings`."""
        return small_batch(batch)

    def losses(self, batch: Images) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`."""
        first, second = (
            self.heads[role](last_map(branch, {role: batch[role]})) for role, branch in self.branches.items()
        )
        with torch.autocast(first.device.type, enabled=False):
            similarity = correlation_matrix(first.float(), second.float())
        return {"contrast": matching_loss(similarity, self.options.temperature)}, first.mean(dim=(-2, -1))
