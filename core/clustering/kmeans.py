"""k-means on features, and its clusters as a linear classifier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

from ..errors import SpecError
from ..linear import LinearModel

TRIES = 5
"""Random starts, of which the best is kept."""

_BATCH = 4096


@dataclass(frozen=True)
class Clusters:
    """Clusters of pixels.

    Attributes:
        model: Gives a pixel's highest logit to its nearest centre. The logits are those of round Gaussians about the
            centres, as wide as the clusters are on the way to their neighbours: their softmax is how likely a pixel
            belongs to each, if clusters were such.
        assigned: (pixel,) cluster of each pixel of the sample, 0 for the largest.
    """

    model: LinearModel
    assigned: NDArray[np.int64]


def fit_clusters(features: NDArray[np.float32], count: int, seed: int) -> Clusters:
    """Finds clusters of features, each standardised, numbered from the largest to the smallest.

    The nearest centre c of a standardised pixel z is that of the highest c · z − |c|² / 2, since |z|² is the same for
    all: a linear classifier, into whose weights the standardisation is folded.

    Args:
        features: (pixel, channel).
        count: Clusters, at least 2.
        seed: Of the random starts.

    Raises:
        SpecError: If there are fewer different pixels than clusters.
    """
    mean = features.mean(axis=0, dtype=np.float64)
    std = features.std(axis=0, dtype=np.float64)
    std = np.where(std > 1e-6, std, np.inf)  # constant features count for nothing
    pixels = ((features - mean) / std).astype(np.float32)
    distinct = len({pixel.tobytes() for pixel in pixels})
    if distinct < count:
        raise SpecError(
            f"The scene has {distinct} different pixels where every layer has data; {count} clusters need more.",
            "Ask for fewer clusters, or choose other images.",
        )
    solver = MiniBatchKMeans(count, batch_size=_BATCH, n_init=TRIES, random_state=seed)
    with threadpool_limits(1):  # with more, the last digits depend on the machine
        found = solver.fit_predict(pixels)
    order = np.argsort(-np.bincount(found, minlength=count), kind="stable")
    centres = solver.cluster_centers_[order].astype(np.float64)
    assigned = np.argsort(order)[found]
    precision = 1 / _spread(pixels, centres, assigned)
    slopes = precision * centres / std
    bias = -precision * (centres**2).sum(axis=1) / 2 - slopes @ mean
    slopes -= slopes.mean(axis=0)  # what all logits have in common changes nothing, but costs digits
    bias -= bias.mean()
    return Clusters(LinearModel(slopes.astype(np.float32), bias.astype(np.float32)), assigned)


def _spread(pixels: NDArray[np.float32], centres: NDArray[np.float64], assigned: NDArray[np.int64]) -> float:
    """Mean squared distance of pixels to their centres, along the line to the next centre.

    Only along that line does a distance make a pixel more or less likely to belong to the other cluster; over all
    channels, of which most tell the same, it would be many times as large.
    """
    among = ((centres[:, None] - centres[None]) ** 2).sum(axis=2)
    np.fill_diagonal(among, np.inf)
    way = centres[among.argmin(axis=1)] - centres
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    along = np.einsum("pc,pc->p", pixels - centres[assigned], way[assigned])
    return max(float(np.mean(along**2)), 1e-6)
