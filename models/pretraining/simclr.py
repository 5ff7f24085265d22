"""SimCLR: two random views of a window are alike, views of different windows are not (Chen et al., ICML 2020).

As in seed 001 the windows may have several sources; views of a pair of images then are views of both alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from lightly.models.modules.heads import SimCLRProjectionHead
from lightly.models.utils import update_momentum
from torch import Tensor

from ...core.errors import SpecError
from ..encoders.encoder import Encoder
from .follower import follower_of
from .losses import Contrast
from .method import Images, Method, Schedule
from .pooled import Projected
from .views import Views, view_options

ENOUGH = 256
"""Windows that a batch had at least in the paper."""


VIEWS, BRANCHES = "views", "branches"
"""What is compared: random views; or of a network of two branches, the image and the series of a place."""

MOMENTUM = 0.99
"""How much of itself the copy that is remembered keeps at each update."""


@dataclass(frozen=True)
class SimclrOptions:
    """What can be chosen.

    Attributes:
        temperature: Of the contrast, above 0.
        dim: Length of the vectors that are compared.
        memory: Earlier windows to contrast with (He et al., "Momentum Contrast", CVPR 2020), for small batches; 0: the
            others of the batch.
        views: A key of `views.VIEWS`.
        compare: `views`, or with two branches also `branches`.
    """

    temperature: float = 0.1
    dim: int = 128
    memory: int = 0
    views: str = "hameln"
    compare: str = VIEWS


class Simclr(Method):
    """Learns to tell windows apart, whatever view it gets.

    Args:
        encoder: The encoder to pretrain.
        schedule: How.
        options: See there.

    Raises:
        SpecError: If an option is out of range.
    """

    may_collapse = False

    def __init__(self, encoder: Encoder, schedule: Schedule, options: SimclrOptions) -> None:
        super().__init__(schedule)
        if options.compare != VIEWS:
            raise SpecError(
                f"Option compare is '{options.compare}'; one encoder for all bands can compare {VIEWS} only.",
                "Choose the network 'two-branch', or for pairs of images the method Dual-SimCLR.",
            )
        self.encoder, self.options = encoder, options
        self.views = Views(encoder.normalisers, view_options(options.views))
        width = encoder.channels[-1]
        # Linear-ReLU-Linear, as in seed 001.
        self.online = Projected(encoder, SimCLRProjectionHead(width, width, options.dim, batch_norm=False))
        # What was remembered was computed with other weights; only if these change slowly does it compare.
        self.target = follower_of(self.online) if options.memory else None
        self.contrast = Contrast(options.temperature, options.memory, options.dim)

    def encoder_module(self) -> Encoder:
        """See `Method.encoder_module`."""
        return self.encoder

    def warnings(self, batch: int) -> list[str]:
        """See `Method.warnings`."""
        return small_batch(batch, self.options.memory)

    def losses(self, batch: Images) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`."""
        draws = self.draws()
        views = [self.views(batch, draws) for _ in range(2)]
        first = self.online(views[0])
        if self.target is None:
            second = self.online(views[1])
        else:
            with torch.no_grad():
                second = self.target(views[1])
        return {"contrast": self.contrast(first, second)}, first

    def optimizer_step(self, *arguments: Any, **options: Any) -> None:
        """Lets the copy that is remembered, if there is one, follow after each update of the weights."""
        super().optimizer_step(*arguments, **options)
        if self.target is not None:
            update_momentum(self.online, self.target, MOMENTUM)


def small_batch(batch: int, memory: int | None = None) -> list[str]:
    """Returns a warning where contrast has few windows to work with.

    Args:
        batch: Windows per update, over all devices.
        memory: Earlier windows that are contrasted with; None: the method remembers none.
    """
    if max(batch, memory or 0) >= ENOUGH:
        return []
    remedy = "or " if memory is None else "a memory of earlier windows, or "
    return [
        f"Contrast compares each window with the others of its batch, and {batch} are few: in a study of Hameln, where "
        "batches had 8 and 16 windows, encoders pretrained this way did worse than one that was not (mean IoU 19.4 and "
        f"16.4 against 19.6 percent). Choose batches of {ENOUGH} windows or more, {remedy}a method without contrast, "
        "such as BYOL or SimSiam."
    ]
