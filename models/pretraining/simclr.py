"""SimCLR: two random views of a window are alike, views of different windows are not (Chen et al., ICML 2020).

As in seed 001 the windows may have several sources; views of a pair of images then are views of both alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from lightly.models.modules.heads import SimCLRProjectionHead
from torch import Tensor, nn

from ..encoders.encoder import Encoder
from .losses import Contrast
from .method import Images, Method, Schedule
from .pooled import pooled
from .views import VIEWS, Views

ENOUGH = 256
"""Windows that a batch had at least in the paper."""


@dataclass(frozen=True)
class SimclrOptions:
    """What can be chosen.

    Attributes:
        temperature: Of the contrast, above 0.
        dim: Length of the vectors that are compared.
        memory: Earlier windows to contrast with, for small batches; 0: those of the batch.
        views: A key of `VIEWS`.
    """

    temperature: float = 0.1
    dim: int = 128
    memory: int = 0
    views: str = "hameln"


class Simclr(Method):
    """Learns to tell windows apart, whatever view it gets.

    Args:
        encoder: The encoder to pretrain.
        schedule: How.
        options: See there.
    """

    may_collapse = False

    def __init__(self, encoder: Encoder, schedule: Schedule, options: SimclrOptions) -> None:
        super().__init__(schedule)
        self.encoder, self.options = encoder, options
        self.views = Views(encoder.normalisers, VIEWS[options.views])
        width = encoder.channels[-1]
        self.head = SimCLRProjectionHead(width, width, options.dim, batch_norm=False)  # Linear-ReLU-Linear, seed 001
        self.contrast = Contrast(options.temperature, options.memory, options.dim)

    def encoder_module(self) -> nn.Module:
        """See `Method.encoder_module`."""
        return self.encoder

    def warnings(self, batch: int) -> list[str]:
        """See `Method.warnings`."""
        return small_batch(batch, self.options.memory)

    def losses(self, batch: Images) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`."""
        draws = self.draws()
        first, second = (self.head(pooled(self.encoder, self.views(batch, draws))) for _ in range(2))
        return {"contrast": self.contrast(first, second)}, first


def small_batch(batch: int, memory: int = 0) -> list[str]:
    """Returns a warning where contrast has few windows to work with.

    Args:
        batch: Windows per update, over all devices.
        memory: Earlier windows that are contrasted with.
    """
    if max(batch, memory) >= ENOUGH:
        return []
    return [
        f"Contrast compares each window with the others of its batch, and {batch} are few: in a study of Hameln, where "
        "batches had 8 and 16 windows, encoders pretrained this way did worse than one that was not (mean IoU 19.4 and "
        f"16.4 against 19.6 percent). Choose batches of {ENOUGH} windows or more, a memory of earlier windows, or a "
        "method without contrast, such as BYOL or SimSiam."
    ]
