"""Dual-SimCLR: SAR and optical image of a place are the two views, each seen by an encoder of its own.

Seed 002; Scheibenreif et al., with ResNets "Contrastive Self-Supervised Data Fusion for Satellite Imagery", ISPRS 2022,
with Swin transformers "Self-supervised Vision Transformers for Land-cover Segmentation and Classification", CVPR
workshops 2022. Nothing is augmented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from lightly.models.modules.heads import SimCLRProjectionHead
from torch import Tensor, nn

from ...core.errors import SpecError
from ..encoders.encoder import Encoder
from ..encoders.pair import PairFeatures
from .losses import Contrast
from .method import Images, Method, Schedule
from .pooled import Projected
from .simclr import small_batch


@dataclass(frozen=True)
class DualSimclrOptions:
    """What can be chosen; the authors took these defaults for ResNets, and 0.2 and 0 for Swin transformers.

    Attributes:
        temperature: Of the contrast, above 0.
        dim: Length of the vectors that are compared; 0: the encoders' features themselves.
    """

    temperature: float = 0.07
    dim: int = 128


class DualSimclr(Method):
    """Learns what the SAR and the optical image of a place have in common, and other places have not.

    Args:
        encoder: A pair of encoders.
        schedule: How.
        options: See there.

    Raises:
        SpecError: If the encoder has one source only, features differ in length and there is no head, or an option is
            out of range.
    """

    may_collapse = False

    def __init__(self, encoder: PairFeatures, schedule: Schedule, options: DualSimclrOptions) -> None:
        super().__init__(schedule)
        self.encoder = encoder
        members = branches(encoder)
        widths = {role: branch.channels[-1] for role, branch in members.items()}
        if not options.dim and len(set(widths.values())) > 1:
            lengths = ", ".join(f"{role} {width}" for role, width in widths.items())
            raise SpecError(
                f"Without a head, the features of both encoders are compared, and their lengths differ ({lengths}).",
                "Set dim, to 128 for example, or choose the same encoder for both.",
            )
        self.online = nn.ModuleDict(
            {role: Projected(branch, _head(widths[role], options.dim)) for role, branch in members.items()}
        )
        self.contrast = Contrast(options.temperature)

    def encoder_module(self) -> Encoder:
        """See `Method.encoder_module`."""
        return self.encoder

    def warnings(self, batch: int) -> list[str]:
        """See `Method.warnings`."""
        return small_batch(batch)

    def losses(self, batch: Images) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`."""
        first, second = (network({role: batch[role]}) for role, network in self.online.items())
        return {"contrast": self.contrast(first, second)}, first


def _head(width: int, dim: int) -> nn.Module:
    return SimCLRProjectionHead(width, width, dim, batch_norm=False) if dim else nn.Identity()


def branches(pair: PairFeatures) -> dict[str, Encoder]:
    """Returns both encoders of a pair by role.

    Raises:
        SpecError: If there is but one.
    """
    members = {role: cast(Encoder, member) for role, member in pair.encoders.items()}
    if len(members) != 2:
        raise SpecError(
            f"The method compares two sources of a place; there is {' and '.join(members)} only.",
            "Give an optical and a SAR raster of the same places, or choose another method.",
        )
    return members
