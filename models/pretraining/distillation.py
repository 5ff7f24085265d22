"""Distillation: a small, fast encoder learns the features of a large one (Hinton et al., 2015; Romero et al., 2015).

The teacher's features come as rasters beside the images, as `landsketch:embed` writes them: it runs once, not in every
update. The student sees a part of the sensors and channels only, and learns what the teacher made of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ...core.cards import SourceCard
from ..encoders.stack_conv import STRIDE, StackConvFeatures
from ..normalisation import Normaliser, in_deviations
from ..orientations import ORIENTATIONS, in_orientation
from .losses import masked_mean
from .masking import vertical_mask
from .method import Images, Method, Schedule

TARGET = "embedding"
"""Role of the teacher's features."""

MARGIN = 4
"""Outer elements of a window that do not count: the teacher saw what lies around it."""


@dataclass(frozen=True)
class DistillationOptions:
    """What can be chosen.

    Attributes:
        channel_ratio: Probability that a channel is hidden from the student, 0 to 1.
        whole: Probability that it sees everything, 0 to 1.
        jitter: Standard deviation by which each channel of each sample is brighter and its contrast higher or lower for
            the student than for the teacher, in standard deviations of the channel; at least 0.
        width: Channels inside the student.
        depth: Its blocks.
    """

    channel_ratio: float = 0.1
    whole: float = 0.4
    jitter: float = 0.1
    width: int = 128
    depth: int = 4


class Distillation(Method):
    """Learns another encoder's features.

    Args:
        encoder: The student; its features have as many channels as the teacher's.
        target: What the teacher's features are scaled by.
        schedule: How.
        options: See there.
    """

    may_collapse = False

    def __init__(
        self, encoder: StackConvFeatures, target: SourceCard, schedule: Schedule, options: DistillationOptions
    ) -> None:
        super().__init__(schedule)
        self.encoder, self.options = encoder, options
        self.scale_target = Normaliser(target.normalisation)

    def encoder_module(self) -> StackConvFeatures:
        """See `Method.encoder_module`."""
        return self.encoder

    def losses(self, batch: Images) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`; a batch holds the teacher's features under `TARGET`, one for each of the student's."""
        generator = self.draws()
        turn = int(torch.randint(ORIENTATIONS, (), generator=generator))
        batch = {role: in_orientation(image, turn) for role, image in batch.items()}
        target = in_deviations(self.scale_target(batch[TARGET]))
        stacked = self.encoder.stacked({role: image for role, image in batch.items() if role != TARGET})
        learned = self.encoder.network(self.jittered(self.hide(stacked, generator), generator))
        seen = F.avg_pool2d((~stacked.isnan().all(dim=1, keepdim=True)).to(stacked), STRIDE) > 0
        known = ~target.isnan().any(dim=1, keepdim=True) & seen
        known[..., :MARGIN, :] = known[..., -MARGIN:, :] = known[..., :MARGIN] = known[..., -MARGIN:] = False
        errors = F.smooth_l1_loss(learned, target.nan_to_num(0.0), reduction="none")
        return {"distance": masked_mean(errors, known)}, learned.mean(dim=(-2, -1))

    def jittered(self, stacked: Tensor, generator: torch.Generator) -> Tensor:
        """Changes brightness and contrast of each channel of each sample a little: (sample, channel, y, x)."""
        shape = (*stacked.shape[:2], 1, 1)
        contrast = 1 + self.options.jitter * torch.randn(shape, generator=generator)
        brightness = self.options.jitter * torch.randn(shape, generator=generator)
        return stacked * contrast.to(stacked) + brightness.to(stacked)

    def hide(self, stacked: Tensor, generator: torch.Generator) -> Tensor:
        """Hides sensors and channels of some samples: (sample, channel, y, x), NaN where hidden."""
        groups = self.encoder.stack.groups
        hidden = vertical_mask("RM+RC", len(stacked), groups, self.options.channel_ratio, generator)
        hidden &= torch.rand(len(stacked), 1, generator=generator) >= self.options.whole
        # What a sample lacks anyway cannot stand in for what is hidden of it.
        present = ~stacked.isnan().flatten(2).all(dim=2)
        left = (present & ~hidden.to(stacked.device)).any(dim=1)
        hidden = hidden.to(stacked.device) & left[:, None]
        return stacked.masked_fill(hidden[..., None, None], torch.nan)
