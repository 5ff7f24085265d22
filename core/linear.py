"""The light head: logistic regression on frozen features, fitted in seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

REGULARISATION = 0.1
"""C of scikit-learn's logistic regression on standardised features; measured in benchmarks/fewlabels.py."""

PIXELS_THAT_COUNT = 10
"""Pixels of one polygon are not independent: however large, it weighs as much as this many single points."""

MAX_CLASS_WEIGHT = 10.0


@dataclass(frozen=True)
class LinearModel:
    """Logits = features @ weight.T + bias.

    Attributes:
        weight: (class, channel) float32.
        bias: (class,) float32.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """(pixel, channel) → (pixel, class)."""
        logits: NDArray[np.float32] = features @ self.weight.T + self.bias
        return logits


def class_weights(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns weights of 1 / √frequency, relative to the most frequent class and at most `MAX_CLASS_WEIGHT`.

    Classes without labels (total 0) get zero.
    """
    present = totals > 0
    weights = np.zeros(totals.shape)
    weights[present] = np.sqrt(totals.max() / totals[present])
    return np.minimum(weights, MAX_CLASS_WEIGHT)


def feature_weights(features: NDArray[np.int64]) -> NDArray[np.float64]:
    """(pixel,) label feature of each pixel → (pixel,) weights that make a feature at most `PIXELS_THAT_COUNT`."""
    _, inverse, counts = np.unique(features, return_inverse=True, return_counts=True)
    weights: NDArray[np.float64] = np.minimum(1.0, PIXELS_THAT_COUNT / counts)[inverse]
    return weights


def pixel_weights(classes: NDArray[np.int64], features: NDArray[np.int64]) -> NDArray[np.float64]:
    """Returns how much each labelled pixel counts: features by at most `PIXELS_THAT_COUNT`, rare classes more.

    Args:
        classes: (pixel,) class indices.
        features: (pixel,) label feature of each pixel.
    """
    weights = feature_weights(features)
    totals = np.bincount(classes, weights=weights).astype(np.float64)
    weighted: NDArray[np.float64] = weights * class_weights(totals)[classes]
    return weighted


def fit_linear(
    features: NDArray[np.float32], classes: NDArray[np.int64], weights: NDArray[np.float64], count: int
) -> LinearModel:
    """Fits multinomial logistic regression, with the standardisation of the features folded into its weights.

    Args:
        features: (pixel, channel).
        classes: (pixel,) class indices, at least two different ones.
        weights: (pixel,) as of `pixel_weights`.
        count: Number of classes of the legend; absent ones are never predicted.
    """
    mean = features.mean(axis=0, dtype=np.float64)
    std = features.std(axis=0, dtype=np.float64)
    std = np.where(std > 1e-6, std, np.inf)  # constant features get weight zero
    solver = LogisticRegression(C=REGULARISATION, max_iter=500)
    with threadpool_limits(1):  # matrices are small: more threads only wait for each other
        solver.fit((features - mean) / std, classes, sample_weight=weights)
    slopes, intercepts = solver.coef_, solver.intercept_
    if len(solver.classes_) == 2:  # scikit-learn gives one row: the log-odds of the second class
        slopes, intercepts = np.concatenate([-slopes, slopes]) / 2, np.concatenate([-intercepts, intercepts]) / 2
    weight = np.zeros((count, features.shape[1]))
    bias = np.full(count, -1e4)
    weight[solver.classes_] = slopes / std
    bias[solver.classes_] = intercepts - (slopes / std) @ mean
    return LinearModel(weight.astype(np.float32), bias.astype(np.float32))
