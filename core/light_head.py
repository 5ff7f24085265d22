"""The light head on frozen features: logistic regression, fitted in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..models.context import BandContext, band_context
from ..models.segmenter import Segmenter, new_head
from .features import labelled_features, thinned
from .labels import Labels
from .learning import Fit, Run, check_classes
from .linear import LinearModel, fit_linear, pixel_weights
from .metrics import accuracy

Features = NDArray[np.float32]


def fit_light_head(run: Run) -> Fit:
    """Fits a light head: judged fold by fold, then fitted on all labels.

    Where it shall do without each of its sources, it also sees every pixel with one of them hidden. These count as much
    as the variations of `core.specs.AugmentationSpec` have it.
    """
    start, reporter, count = run.start, run.reporter, len(run.labels.legend)
    context = band_context(start.sources)
    if context:
        context.to(run.device)
    start.encoder.eval()
    hidden = ("", *start.card.roles) if run.spares_sources else ("",)
    pixels, views = _views(run, context, hidden)
    check_classes(run.labels, pixels)
    share = run.spec.variations.sources
    shares = [1 - share, *[share / (len(views) - 1)] * (len(views) - 1)] if len(views) > 1 else [1.0]
    reporter.stage(0.8, 0.98, "Fitting the head")
    confusions = np.zeros((len(views), count, count), np.int64)
    folds = run.split
    for fold in range(folds.count):
        held_out = folds.folds[pixels.features] == fold
        if held_out.any() and np.unique(pixels.classes[~held_out]).size > 1:
            left = [view[~held_out] for view in views]
            model = reporter.await_result(_fitted, left, shares, pixels.take(~held_out), count)
            for confusion, view in zip(confusions, views, strict=True):
                np.add.at(confusion, (pixels.classes[held_out], model.logits(view[held_out]).argmax(axis=1)), 1)
        reporter.progress((fold + 1) / (folds.count + 1), f"Held-out fold {fold + 1} of {folds.count}")
    model = reporter.await_result(_fitted, views, shares, pixels, count)
    head: Any = new_head("linear", start.encoder, context, count)
    head.assign(torch.from_numpy(model.weight), torch.from_numpy(model.bias))
    network = Segmenter(start.encoder, context, head).cpu().eval()
    words = f"{folds.words} The checkpoint itself was fitted on all labels."
    judged = confusions[0].any()
    training = {}
    if judged and len(views) > 1:
        scores = [accuracy(confusion, run.labels.legend.names).macro.f1 for confusion in confusions[1:]]
        training = {f"macro F1 without {role}": score for role, score in zip(hidden[1:], scores, strict=True)}
    entry = {"name": "linear", "context": context is not None}
    return Fit(network, entry, confusions[0] if judged else None, [], words, training)


def _views(run: Run, context: BandContext | None, hidden: Sequence[str]) -> tuple[Labels, list[Features]]:
    """Returns the labelled pixels where all sources have data, and their features without each hidden source."""
    start, labels = run.start, thinned(run.labels, run.spec.seed)
    views = []
    for place, role in enumerate(hidden):
        words = "Computing features of the labelled pixels" + (f" without {role}" if role else "")
        run.reporter.stage(0.05 + 0.75 * place / len(hidden), 0.05 + 0.75 * (place + 1) / len(hidden), words)
        features, valid = labelled_features(
            run.scene, start.sources, start.encoder, context, labels, run.device, run.reporter, hidden=role
        )
        views.append(features)
    return labels.take(valid), [view[valid] for view in views]


def _fitted(views: Sequence[Features], shares: Sequence[float], pixels: Labels, count: int) -> LinearModel:
    """Fits the head to several views of the same pixels, each of which counts by its share."""
    weights = pixel_weights(pixels.classes, pixels.features)
    return fit_linear(
        np.concatenate(views) if len(views) > 1 else views[0],
        np.tile(pixels.classes, len(views)),
        np.concatenate([share * weights for share in shares]),
        count,
    )
