"""Losses on sparse labels: pixels without one take no part in them, and get no gradient."""

from __future__ import annotations

from kornia.losses import focal_loss
from segmentation_models_pytorch.losses import DiceLoss
from torch import Tensor, nn
from torch.nn import functional as F

IGNORED = -1
"""Target of pixels without a label."""

GAMMA = 2.0
"""Of the focal loss (Lin et al. 2017): how much less a pixel counts that is right already."""


class SegmentationLoss(nn.Module):
    """The sum of one or two losses.

    Cross-entropy and focal loss are means over pixels, weighted by pixel and by class. The Dice loss (Milletari et al.
    2016) compares regions: it is the mean over classes, without weights.

    Args:
        name: Losses of `core.specs.LOSSES`, joined by a plus sign.
        class_weight: (class,) weights.
    """

    class_weight: Tensor

    def __init__(self, name: str, class_weight: Tensor) -> None:
        super().__init__()
        self.names = tuple(name.split("+"))
        self.register_buffer("class_weight", class_weight, persistent=False)
        self._dice = DiceLoss("multiclass", ignore_index=IGNORED) if "dice" in self.names else None

    def forward(self, logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Returns the loss, zero where nothing is labelled.

        Args:
            logits: (batch, class, y, x).
            target: (batch, y, x) class index, or `IGNORED`.
            weight: (batch, y, x) how much each pixel counts, above 0 for labelled ones.
        """
        logits = logits.float()
        total = logits.new_zeros(())
        for name in self.names:
            if name == "dice":
                total = total + self._dice(logits, target) if self._dice else total
            else:
                total = total + self._mean(_PER_PIXEL[name](logits, target), target, weight)
        return total

    def _mean(self, losses: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        weights = self.class_weight[target.clamp_min(0)] * weight * (target != IGNORED)
        return (losses * weights).sum() / weights.sum().clamp_min(1e-6)


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """(batch, class, y, x), (batch, y, x) → (batch, y, x), zero where the target is ignored."""
    return F.cross_entropy(logits, target, ignore_index=IGNORED, reduction="none")


def focal(logits: Tensor, target: Tensor) -> Tensor:
    """See `cross_entropy`; the softmax's focal loss: (1 − p)^γ times the cross-entropy."""
    losses: Tensor = focal_loss(logits, target, alpha=None, gamma=GAMMA, reduction="none", ignore_index=IGNORED)
    return losses.sum(dim=1)


_PER_PIXEL = {"cross-entropy": cross_entropy, "focal": focal}
