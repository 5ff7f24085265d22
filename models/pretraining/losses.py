"""Losses that the seeds add to those of lightly."""

from __future__ import annotations

import math

import torch
from lightly.loss import NTXentLoss
from torch import Tensor, distributed
from torch.nn import functional as F

from ...core.errors import SpecError


class Contrast(NTXentLoss):
    """NT-Xent over the batches of all devices, in full precision: two views of a window against all other windows.

    Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations", ICML 2020.

    Args:
        temperature: Above 0.
        memory: Earlier windows to contrast with in place of those of the batch; 0: none.
        dim: Length of the vectors.

    Raises:
        SpecError: If the temperature is not above 0.
    """

    def __init__(self, temperature: float, memory: int = 0, dim: int = 0) -> None:
        check_temperature(temperature)
        super().__init__(temperature, (memory, dim) if memory else 0, gather_distributed=distributed.is_available())

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """(sample, dim) of one view and of the other → the mean over samples and views."""
        with torch.autocast(first.device.type, enabled=False):
            return super().forward(first.float(), second.float())


def check_temperature(temperature: float) -> None:
    """Checks that similarities can be divided by a temperature.

    Raises:
        SpecError: If it is not above 0.
    """
    if not temperature > 0:
        raise SpecError(f"Option temperature is {temperature}; a number above 0, such as 0.1, is expected.")


def matching_loss(similarity: Tensor, temperature: float) -> Tensor:
    """InfoNCE in both directions: each row's own column is the most similar one, and each column's own row.

    Args:
        similarity: (sample, sample).
        temperature: Above 0.
    """
    logits = similarity.float() / temperature
    own = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


def cluster_loss(first: Tensor, second: Tensor, temperature: float = 1.0) -> Tensor:
    """Contrasts clusters instead of samples (Li et al., "Contrastive Clustering", AAAI 2021, eq. 5 to 7).

    The columns of the two assignment matrices are views of the same cluster. The entropy term keeps clusters from
    becoming empty; it is zero when all are equally large.

    Args:
        first: (sample, cluster) probabilities of one view.
        second: (sample, cluster) probabilities of the other view.
        temperature: Above 0.
    """
    contrast: Tensor = NTXentLoss(temperature)(first.T, second.T)
    return contrast + _emptiness(first) + _emptiness(second)


def assignment_loss(samples: Tensor, neighbours: Tensor, entropy_weight: float = 2.0) -> Tensor:
    """Asks each sample and its neighbour for the same cluster (Zhong et al., "Graph Contrastive Clustering", 2021).

    Args:
        samples: (sample, cluster) logits.
        neighbours: (sample, cluster) logits of one neighbour of each sample.
        entropy_weight: Of the term that keeps clusters from becoming empty.
    """
    first, second = samples.softmax(dim=1), neighbours.softmax(dim=1)
    similarity = F.normalize(first.T, dim=1) @ F.normalize(second.T, dim=1).T
    clusters = torch.arange(len(similarity), device=samples.device)
    return F.cross_entropy(similarity, clusters) + entropy_weight * _emptiness(first)


def _emptiness(assignment: Tensor) -> Tensor:
    """The entropy that is missing, log K − H(mean assignment): 0 for equally large clusters, finite for empty ones."""
    share = assignment.mean(dim=0).clamp_min(1e-12)
    return math.log(assignment.shape[1]) + (share * share.log()).sum()


def sequence_loss(first: Tensor, second: Tensor, gap: Tensor, beta: float) -> Tensor:
    """STMIM's sequence term (seed 000): dates of one place look alike, the less so the further they are apart.

    (1 − β·gap)⁺ · (1 − cos(u, v)), averaged over the batch. The weight never becomes negative, which would turn
    attraction into repulsion.

    Args:
        first: (sample, dim), features of one date.
        second: (sample, dim), features of another date.
        gap: (sample,) dates between the two, by position in the series.
        beta: Loss of weight for each date between.
    """
    weight = (1 - beta * gap.abs()).clamp_min(0)
    return (weight * (1 - F.cosine_similarity(first, second, dim=1))).mean()


def correlation_matrix(first: Tensor, second: Tensor) -> Tensor:
    """MMA's similarity of all pairs of feature maps, tolerant to small shifts (Scheibenreif et al., 2022).

    Each map of one modality slides over each of the other; the best place counts.

    Args:
        first: (sample, channel, row, column).
        second: (sample, channel, row, column).

    Returns:
        (sample, sample), rows are `first`'s.
    """
    height, width = first.shape[-2:]
    first, second = F.normalize(first, dim=1), F.normalize(second, dim=1)
    slid = F.conv2d(first, second, padding=(height // 2, width // 2)) / (height * width)
    return slid.amax(dim=(-2, -1))


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of the values where the mask is True; zero where it never is."""
    return (values * mask).sum() / mask.expand_as(values).sum().clamp_min(1)
