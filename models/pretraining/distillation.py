"""Distillation: a small, fast encoder learns the features of a large one (Hinton et al., 2015; Romero et al., 2015).

The teacher's features come as rasters beside the images, as `landsketch:embed` writes them: it runs once, not in every
update. The student sees a part of the sensors and channels only, and learns what the teacher made of all of them.

A teacher's features differ most from image to image, by date, place and haze, which tells no class of a scene from
another. Compared as they are, a student learns just that; so the structure inside a window and its level are compared
apart. That is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ...core.cards import SourceCard
from ..encoders.stack import STUDENT_STRIDE, Student
from ..normalisation import Normaliser, in_deviations
from ..orientations import ORIENTATIONS, in_orientation
from .losses import masked_mean
from .masking import vertical_mask
from .method import Images, Method, Schedule

TARGET = "embedding"
"""Role of the teacher's features."""

LEVEL = 0.1
"""Weight of the mean of a window beside its structure."""

_LEAST_SPREAD = 0.05
"""In standard deviations of the teacher over all images: a channel that varies less inside windows is not blown up."""


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
        start: File with a Galileo's published weights, as which a merged Galileo begins; empty: at random.
    """

    channel_ratio: float = 0.1
    whole: float = 0.4
    jitter: float = 0.1
    width: int = 128
    depth: int = 4
    start: str = ""


class Distillation(Method):
    """Learns another encoder's features.

    Args:
        encoder: The student; its features have as many channels as the teacher's.
        target: What the teacher's features are scaled by.
        schedule: How.
        options: See there.
    """

    may_collapse = False

    def __init__(self, encoder: Student, target: SourceCard, schedule: Schedule, options: DistillationOptions) -> None:
        super().__init__(schedule)
        self.encoder, self.options = encoder, options
        self.scale_target = Normaliser(target.normalisation)

    def encoder_module(self) -> Student:
        """See `Method.encoder_module`."""
        return self.encoder

    def losses(self, batch: Images) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`; a batch holds the teacher's features under `TARGET`, one for each of the student's."""
        generator = self.draws()
        turn = int(torch.randint(ORIENTATIONS, (), generator=generator))
        batch = {role: in_orientation(image, turn) for role, image in batch.items()}
        target = in_deviations(self.scale_target(batch[TARGET]))
        stacked = self.encoder.stacked({role: image for role, image in batch.items() if role != TARGET})
        learned = self.encoder.of_stack(self.jittered(self.hide(stacked, generator), generator))
        seen = F.avg_pool2d((~stacked.isnan().all(dim=1, keepdim=True)).to(stacked), STUDENT_STRIDE) > 0
        known = ~target.isnan().any(dim=1, keepdim=True) & seen
        edge = self.encoder.uncertain
        known[..., :edge, :] = known[..., -edge:, :] = known[..., :edge] = known[..., -edge:] = False
        level, structure = _level_and_structure(learned, known)
        wanted_level, wanted = _level_and_structure(target.nan_to_num(0.0), known)
        spread = _mean(wanted.square(), known, (0, 2, 3)).sqrt().clamp_min(_LEAST_SPREAD)
        errors = F.smooth_l1_loss(structure, wanted / spread, reduction="none")
        parts = {"structure": masked_mean(errors, known), "level": LEVEL * F.smooth_l1_loss(level, wanted_level)}
        return parts, learned.mean(dim=(-2, -1))

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


def _level_and_structure(features: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """(sample, channel, row, column) → the mean of each sample's known elements, and what is left without it."""
    level = _mean(features, known, (2, 3))
    return level, features - level


def _mean(features: Tensor, known: Tensor, over: tuple[int, ...]) -> Tensor:
    """Returns the mean over the known elements of some dimensions, which stay with length 1; 0 where there are none."""
    weights = known.to(features)
    return (features * weights).sum(over, keepdim=True) / weights.sum(over, keepdim=True).clamp_min(1)
