"""The light head of patches: logistic regression on pooled frozen features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ..linear import REGULARISATION, LinearModel, class_weights, fit_linear

CERTAIN = 10.0
"""Logit of a class that every patch has; of one that none has, its negative."""


def fit_patches(features: NDArray[np.float32], targets: NDArray[np.bool_], multilabel: bool) -> LinearModel:
    """Fits the head.

    Args:
        features: (patch, feature).
        targets: (patch, class), whether a patch has a class.
        multilabel: Whether the classes are told apart one by one (sigmoid) rather than against each other (softmax).
    """
    if multilabel:
        return _one_by_one(features, targets)
    classes = targets.argmax(axis=1)
    weights = class_weights(targets.sum(axis=0).astype(np.float64))[classes]
    return fit_linear(features, classes, weights, targets.shape[1])


def _one_by_one(features: NDArray[np.float32], targets: NDArray[np.bool_]) -> LinearModel:
    """One logistic regression for each class, on standardised features, without class weights.

    Its scores are probabilities, so that the threshold of .5 means what it says.
    """
    mean = features.mean(axis=0, dtype=np.float64)
    std = features.std(axis=0, dtype=np.float64)
    std = np.where(std > 1e-6, std, np.inf)  # constant features get weight zero
    standardised = (features - mean) / std
    weight = np.zeros((targets.shape[1], features.shape[1]))
    bias = np.zeros(targets.shape[1])
    for place, present in enumerate(targets.T):
        if present.all() or not present.any():
            bias[place] = CERTAIN if present.all() else -CERTAIN
            continue
        solver = LogisticRegression(C=REGULARISATION, max_iter=500)
        with threadpool_limits(1):  # matrices are small: more threads only wait for each other
            solver.fit(standardised, present)
        weight[place] = solver.coef_[0] / std
        bias[place] = solver.intercept_[0] - weight[place] @ mean
    return LinearModel(weight.astype(np.float32), bias.astype(np.float32))


def scores_of(logits: NDArray[np.float32], multilabel: bool) -> NDArray[np.float32]:
    """(patch, class) logits → scores from 0 to 1: of each class by itself, or adding up to one."""
    if multilabel:
        return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)), np.float32)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), np.float32)
