"""SimCLR on an image and a time stack beside it, for a network of two branches (seed 001).

The seed compares two random views of the pair. Its result, worse than no pretraining, is put down to small batches; the
other way offered here needs no change of colours: image and series of a place are the two views, as in Dual-SimCLR.
"""

from __future__ import annotations

from lightly.models.modules.heads import SimCLRProjectionHead
from torch import Tensor

from ...core.errors import SpecError
from ..encoders.encoder import Encoder
from ..encoders.two_branch import SERIES, TwoBranchFeatures
from .losses import Contrast
from .method import Images, Method, Schedule
from .pooled import mean_of_seen
from .simclr import BRANCHES, VIEWS, SimclrOptions, small_batch
from .views import Views, view_options


class TwoBranchSimclr(Method):
    """Learns to tell places apart, by views of both inputs or by one input from the other.

    Args:
        encoder: The network of two branches. Its U-Net's decoder learns nothing here, and the fusion only by views.
        schedule: How.
        options: See there.

    Raises:
        SpecError: If an option is out of range, or a memory is asked for, which this method has not.
    """

    may_collapse = False

    def __init__(self, encoder: TwoBranchFeatures, schedule: Schedule, options: SimclrOptions) -> None:
        super().__init__(schedule)
        if options.compare not in (VIEWS, BRANCHES):
            raise SpecError(f"Option compare is '{options.compare}'.", f"Expected one of {VIEWS}, {BRANCHES}.")
        if options.memory:
            raise SpecError(
                f"Option memory is {options.memory}; with two branches SimCLR remembers no earlier windows.",
                "Leave it out, and choose large batches.",
            )
        self.encoder, self.options = encoder, options
        self.views = Views(encoder.normalisers, view_options(options.views), {SERIES: encoder.margin})
        width = encoder.unet.encoder.out_channels[-1]
        self.head = _head(width, options.dim)
        # What no loss reaches must not wait for gradients, where several devices join theirs.
        fusion = encoder.fusion
        fused = () if options.compare == BRANCHES else (fusion.cropped[-1], fusion.collapsed[-1])
        for part in (encoder.unet.decoder, fusion):
            part.requires_grad_(False)
        for part in fused:
            part.requires_grad_(True)
        if options.compare == BRANCHES:
            self.series_head = _head(encoder.series.channels, options.dim)
        self.contrast = Contrast(options.temperature)

    def encoder_module(self) -> Encoder:
        """See `Method.encoder_module`."""
        return self.encoder

    def features(self, batch: Images) -> Tensor:
        """See `Method.features`: of the U-Net's coarsest level, as its decoder has learned nothing."""
        if self.options.compare == BRANCHES:
            levels = self.encoder.image_levels(batch["optical"])
        else:
            levels = self.encoder.fused_levels(batch)
        return mean_of_seen(levels[-1].float(), batch["optical"])

    def warnings(self, batch: int) -> list[str]:
        """See `Method.warnings`."""
        return small_batch(batch)

    def losses(self, batch: Images) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`."""
        first, second = self._branches(batch) if self.options.compare == BRANCHES else self._views(batch)
        return {"contrast": self.contrast(first, second)}, first

    def _views(self, batch: Images) -> tuple[Tensor, Tensor]:
        """Vectors of two random views of both inputs."""
        draws = self.draws()
        first, second = (self.views(batch, draws) for _ in range(2))
        return self._of_pair(first), self._of_pair(second)

    def _of_pair(self, images: Images) -> Tensor:
        vector: Tensor = self.head(self.features(images))
        return vector

    def _branches(self, batch: Images) -> tuple[Tensor, Tensor]:
        """Vectors of the image, and of the series on the image's ground."""
        series, known = self.encoder.condensed(batch[SERIES])
        margin = self.encoder.margin
        inner = (..., slice(margin, series.shape[-2] - margin), slice(margin, series.shape[-1] - margin))
        weight = known[inner].float()
        mean = (series[inner].float() * weight).sum(dim=(-2, -1)) / weight.sum(dim=(-2, -1)).clamp_min(1)
        return self.head(self.features(batch)), self.series_head(mean)


def _head(width: int, dim: int) -> SimCLRProjectionHead:
    """Linear-ReLU-Linear, as in seed 001."""
    return SimCLRProjectionHead(width, width, dim, batch_norm=False)
