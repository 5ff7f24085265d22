"""BYOL on random single bands: predict what a slowly following copy makes of the other sensor's view.

Grill et al., "Bootstrap your own latent", NeurIPS 2020, on bands as in seed 003. It needs no negatives, so that small
batches will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from lightly.models.modules.heads import BYOLPredictionHead, BYOLProjectionHead
from lightly.models.utils import update_momentum
from lightly.utils.scheduler import cosine_schedule
from torch import Tensor
from torch.nn import functional as F

from ..encoders.single_band import SingleBandFeatures
from .band_views import BandViews
from .follower import follower_of
from .method import Images, Method, Schedule
from .pooled import Projected
from .views import view_options


@dataclass(frozen=True)
class ByolOptions:
    """What can be chosen; the defaults are the seed's for 11 000 pairs of images, for 90 000 it took 4096 and 256.

    Attributes:
        hidden: Width of the heads.
        dim: Length of the vectors that are compared.
        momentum: How much of itself the following copy keeps at the first update; at the last it keeps all.
        views: A key of `VIEWS`.
    """

    hidden: int = 256
    dim: int = 128
    momentum: float = 0.996
    views: str = "geometry and blur"


class Byol(Method):
    """Learns to predict from a band of one sensor what there is in a band of the other.

    Args:
        encoder: The encoder to pretrain.
        schedule: How.
        options: See there.

    Raises:
        SpecError: If the encoder does not have two sources, or an option is out of range.
    """

    def __init__(self, encoder: SingleBandFeatures, schedule: Schedule, options: ByolOptions) -> None:
        super().__init__(schedule)
        self.encoder, self.options = encoder, options
        self.views = BandViews(encoder, view_options(options.views))
        width = encoder.of_band.channels[-1]
        self.online = Projected(encoder.of_band, BYOLProjectionHead(width, options.hidden, options.dim))
        self.prediction = BYOLPredictionHead(options.dim, options.hidden, options.dim)
        self.target = follower_of(self.online)

    def encoder_module(self) -> SingleBandFeatures:
        """See `Method.encoder_module`."""
        return self.encoder

    def losses(self, batch: Images) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`."""
        views = self.views(batch, self.draws())
        projections = [self.online(view) for view in views]
        with torch.no_grad():
            first, second = (self.target(view) for view in views)
        predictions = [self.prediction(projection) for projection in projections]
        loss = regression_loss(predictions[0], second) + regression_loss(predictions[1], first)
        return {"regression": loss}, projections[0]

    def optimizer_step(self, *arguments: Any, **options: Any) -> None:
        """Lets the copy follow after each update of the weights."""
        step = self.global_step
        super().optimizer_step(*arguments, **options)
        kept = cosine_schedule(min(step, self.schedule.steps), self.schedule.steps, self.options.momentum, 1.0)
        update_momentum(self.online, self.target, kept)


def regression_loss(predicted: Tensor, target: Tensor) -> Tensor:
    """2 − 2 cos of the angle between two (sample, dim), 0 to 4; no gradient goes to the target."""
    return (2 - 2 * F.cosine_similarity(predicted, target.detach(), dim=1)).mean()
