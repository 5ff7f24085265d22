"""SimSiam on random single bands: as BYOL, but with one network and a gradient that is stopped.

Chen and He, "Exploring Simple Siamese Representation Learning", CVPR 2021, on bands as in seed 003.
"""

from __future__ import annotations

from dataclasses import dataclass

from lightly.loss import NegativeCosineSimilarity
from lightly.models.modules.heads import SimSiamPredictionHead, SimSiamProjectionHead
from torch import Tensor

from ..encoders.single_band import SingleBandFeatures
from .band_views import BandViews
from .method import Images, Method, Schedule
from .pooled import Projected
from .views import view_options


@dataclass(frozen=True)
class SimsiamOptions:
    """What can be chosen; the defaults are the seed's for 11 000 pairs of images, for 90 000 it took 2048 and 512.

    Attributes:
        dim: Width of the projection, and length of the vectors that are compared.
        hidden: Width of the prediction, narrower than the projection.
        views: A key of `VIEWS`.
    """

    dim: int = 256
    hidden: int = 128
    views: str = "geometry and blur"


class Simsiam(Method):
    """Learns to predict from a band of one sensor what there is in a band of the other.

    Args:
        encoder: The encoder to pretrain.
        schedule: How.
        options: See there.

    Raises:
        SpecError: If the encoder does not have two sources, or an option is out of range.
    """

    def __init__(self, encoder: SingleBandFeatures, schedule: Schedule, options: SimsiamOptions) -> None:
        super().__init__(schedule)
        self.encoder = encoder
        self.views = BandViews(encoder, view_options(options.views))
        width = encoder.of_band.channels[-1]
        self.online = Projected(encoder.of_band, SimSiamProjectionHead(width, options.dim, options.dim))
        self.prediction = SimSiamPredictionHead(options.dim, options.hidden, options.dim)

    def encoder_module(self) -> SingleBandFeatures:
        """See `Method.encoder_module`."""
        return self.encoder

    def losses(self, batch: Images) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`."""
        projections = [self.online(view) for view in self.views(batch, self.draws())]
        predictions = [self.prediction(projection) for projection in projections]
        return {"similarity": siamese_loss(predictions, projections)}, projections[0]


def siamese_loss(predictions: list[Tensor], projections: list[Tensor]) -> Tensor:
    """−½ (cos(p₁, z₂) + cos(p₂, z₁)), −1 to 1, of two views (sample, dim) each; no gradient goes to z."""
    cosine = NegativeCosineSimilarity()
    loss: Tensor = cosine(predictions[0], projections[1].detach()) + cosine(predictions[1], projections[0].detach())
    return loss / 2
