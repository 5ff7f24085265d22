"""GCC-RS: clusters of SAR windows, found with the help of optical images (seed 000).

Nothing but the seed's slides is published. The parts are those of Contrastive Clustering (Li et al., AAAI 2021) and of
Graph Contrastive Clustering (Zhong et al., ICCV 2021); what the seed adds is that an optical image of the same place is
another view of a SAR image: either a translator makes a SAR-like image of it, or, which needs no adversarial training,
an encoder of its own sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from lightly.models.modules.heads import SimCLRProjectionHead
from torch import Tensor, nn

from ...core.errors import SpecError
from ..encoders.encoder import Encoder
from ..encoders.pair import PairFeatures
from .dual_simclr import branches
from .losses import Contrast, assignment_loss, cluster_loss
from .method import Images, Method, Schedule
from .neighbours import Neighbours
from .pooled import pooled
from .simclr import small_batch
from .translator import OPTICAL, SAR, SarLike
from .views import Views, view_options


@dataclass(frozen=True)
class GccRsOptions:
    """What can be chosen.

    Attributes:
        clusters: How many; it need not be the number of classes.
        temperature: Of the contrast of windows, above 0.
        dim: Length of the vectors that are contrasted.
        aid: Weight of the contrast with the optical image.
        neighbours: Neighbours of which one should be in the same cluster.
        memory: Windows among which neighbours are looked for.
        views: A key of `VIEWS`.
    """

    clusters: int = 10
    temperature: float = 0.5
    dim: int = 128
    aid: float = 1.0
    neighbours: int = 5
    memory: int = 2048
    views: str = "hameln"


class GccRs(Method):
    """Learns features and clusters of SAR windows together.

    Args:
        encoder: A pair of encoders; with a translator, an encoder of SAR alone.
        schedule: How.
        options: See there.
        translator: Makes SAR-like images of optical ones, trained beforehand. None: optical images are seen by the
            pair's other encoder.

    Raises:
        SpecError: If the encoder lacks a source, or an option is out of range.
    """

    may_collapse = False

    def __init__(
        self, encoder: Encoder, schedule: Schedule, options: GccRsOptions, translator: SarLike | None = None
    ) -> None:
        super().__init__(schedule)
        if options.clusters < 2 or not 1 <= options.neighbours < options.memory:
            raise SpecError(
                f"Options clusters, neighbours and memory are {options.clusters}, {options.neighbours} and "
                f"{options.memory}; 2 clusters or more, and fewer neighbours than the memory holds, are expected."
            )
        self.encoder, self.options, self.translator = encoder, options, translator
        if translator is not None:
            translator.requires_grad_(False).eval()
        self.branches = _branches(encoder, translator)
        self.views = Views(encoder.normalisers, view_options(options.views))
        widths = {role: branch.channels[-1] for role, branch in self.branches.items()}
        self.projections = _heads(widths, options.dim)
        self.assignments = _heads(widths, options.clusters)
        self.contrast = Contrast(options.temperature)
        self.neighbours = Neighbours(options.memory, widths[SAR], options.neighbours)

    def encoder_module(self) -> Encoder:
        """See `Method.encoder_module`."""
        return self.encoder

    def warnings(self, batch: int) -> list[str]:
        """See `Method.warnings`."""
        return small_batch(batch)

    def train(self, mode: bool = True) -> Self:
        """Sets the mode of all but the translator, which does not learn here."""
        super().train(mode)
        if self.translator is not None:
            self.translator.eval()
        return self

    def assignment(self, images: Images) -> Tensor:
        """Returns the probabilities of clusters (sample, cluster) of SAR images."""
        features = pooled(self.branches[SAR], {SAR: images[SAR]})
        probabilities: Tensor = self.assignments[SAR](features).softmax(dim=1)
        return probabilities

    def losses(self, batch: Images) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`; neighbours count as soon as there are some."""
        draws = self.draws()
        seen = {SAR: batch[SAR]}
        own, view = (pooled(self.branches[SAR], images) for images in (seen, self.views(seen, draws)))
        role, aid = self._aid(batch)
        first, second, third = self.projections[SAR](own), self.projections[SAR](view), self.projections[role](aid)
        logits = [self.assignments[SAR](own), self.assignments[SAR](view), self.assignments[role](aid)]
        parts = {
            "instances": self.contrast(first, second),
            "optical aid": self.options.aid * self.contrast(first, third),
            "clusters": _mean_of_pairs([part.float().softmax(dim=1) for part in logits]),
        }
        neighbours = self.neighbours.pick(own, draws)
        if neighbours is not None:
            parts["neighbours"] = assignment_loss(logits[0].float(), self.assignments[SAR](neighbours).float())
        self.neighbours.remember(own.detach())
        return parts, first

    def on_train_epoch_end(self) -> None:
        """Lets neighbours be looked for among the windows of the epoch that has just ended."""
        self.neighbours.refresh()

    def _aid(self, batch: Images) -> tuple[str, Tensor]:
        """Returns what the optical images say (sample, channel), and by which role's encoder."""
        if self.translator is None:
            return OPTICAL, pooled(self.branches[OPTICAL], {OPTICAL: batch[OPTICAL]})
        with torch.no_grad():
            alike = self.translator(batch)
        return SAR, pooled(self.branches[SAR], {SAR: alike})


def _branches(encoder: Encoder, translator: SarLike | None) -> dict[str, Encoder]:
    if translator is None and isinstance(encoder, PairFeatures):
        return branches(encoder)
    roles = list(encoder.normalisers)
    if translator is None or roles != [SAR]:
        wanted = "a pair of encoders, for SAR and optical images" if translator is None else "an encoder of SAR images"
        raise SpecError(
            f"GCC-RS {'without' if translator is None else 'with'} a translator needs {wanted}; the chosen one takes "
            f"{' and '.join(roles)} together.",
            "Choose another encoder, or another method.",
        )
    return {SAR: encoder}


def _heads(widths: dict[str, int], dim: int) -> nn.ModuleDict:
    """Returns a head of two layers for each role."""
    return nn.ModuleDict(
        {role: SimCLRProjectionHead(width, width, dim, batch_norm=False) for role, width in widths.items()}
    )


def _mean_of_pairs(assignments: list[Tensor]) -> Tensor:
    """Returns the cluster loss of each two views, averaged."""
    first, second, third = assignments
    with torch.autocast(first.device.type, enabled=False):
        pairs = [cluster_loss(first, second), cluster_loss(first, third), cluster_loss(second, third)]
    return torch.stack(pairs).mean()
