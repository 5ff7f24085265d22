"""Accuracy with few labels: frozen encoders with LandSketch's light head against a random forest on the raw bands.

    ./dev shell benchmarks/fewlabels.py --data FOLDER [--labels 10] [--draws 5]

On each real Sentinel-1 + Sentinel-2 scene, single labelled pixels are drawn per class from one half of a checkerboard
of 56-pixel blocks and everything is tested on the other half. The same draws go to every method. The reference is a
model's map, so scores compare methods and are no truth.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("GDAL_CACHEMAX", "64")

import numpy as np
import rasterio
import torch
from landsketch.core.features import labelled_features
from landsketch.core.labels import Labels
from landsketch.core.legend import ClassLegend
from landsketch.core.linear import fit_linear, pixel_weights
from landsketch.core.progress import Reporter
from landsketch.core.scenes import Scene, open_scene
from landsketch.core.specs import FinetuneSpec, SourceSpec, VectorSpec
from landsketch.core.starts import starting_point
from landsketch.models.context import BandContext
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score

BLOCK = 56
SCENES = {"Brazil": "s1s2_lulc_brazil/282D_485L_3_3", "Denmark": "s1s2_lulc_denmark/637U_59R_1_3"}

Predictor = Callable[[NDArray[np.int64], NDArray[np.int64], int], NDArray[np.int64]]
"""From drawn pixels, their classes and a seed to the classes of all pixels."""


def main() -> None:
    """Prints a table of mean macro-F1 per scene and method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the scenes and checkpoints")
    parser.add_argument("--labels", type=int, nargs="+", default=[5, 10, 50], help="labelled pixels per class")
    parser.add_argument("--draws", type=int, default=5)
    arguments = parser.parse_args()
    scores: dict[tuple[int, str], list[float]] = {}
    for name, stem in SCENES.items():
        reference, predictors = prepare(arguments.data, stem)
        for labels in arguments.labels:
            for method, predict in predictors.items():
                score = mean_score(reference, labels, arguments.draws, predict)
                scores.setdefault((labels, method), []).append(score)
                print(f"{name:8} {labels:3} labels per class  {method:34} macro-F1 {score:.3f}", flush=True)
    forest = "random forest, raw bands"
    print("\nMean over the scenes")
    for (labels, method), values in scores.items():
        gain = np.mean(values) - np.mean(scores[labels, forest])
        print(f"{labels:3} labels per class  {method:34} macro-F1 {np.mean(values):.3f}  {gain:+.3f}")


def prepare(data: Path, stem: str) -> tuple[NDArray[np.uint8], dict[str, Predictor]]:
    """Opens a scene and returns its reference (y, x) and the methods, ready to learn from drawn pixels."""
    sources = (
        SourceSpec("optical", str(data / f"{stem}_S2L1C.tif")),
        SourceSpec("sar", str(data / f"{stem}_S1RTC.tif")),
    )
    with rasterio.open(data / f"{stem}_LULC.tif") as dataset:
        reference = dataset.read(1)
    galileo = str(data / "checkpoints/galileo-nano/encoder.pt")
    with open_scene(sources) as scene:
        raw = np.concatenate([scene.read(_whole(scene), {s.role: s.bands})[s.role] for s in scene.sources])
        predictors = {
            "random forest, raw bands": forest_on(raw.reshape(len(raw), -1).T),
            "random features + light head": light_head_on(frozen_features(scene, sources, "")),
            "Galileo-nano + light head": light_head_on(frozen_features(scene, sources, galileo)),
        }
    return reference, predictors


def frozen_features(scene: Scene, sources: Sequence[SourceSpec], checkpoint: str) -> NDArray[np.float32]:
    """Returns (pixel, channel) features of every pixel, as fine-tuning in frozen mode computes them."""
    spec = FinetuneSpec(tuple(sources), VectorSpec("unused"), os.devnull, checkpoint=checkpoint)
    start = starting_point(spec, scene)
    rows, columns = np.indices(scene.grid.shape).reshape(2, -1)
    count = rows.size
    everywhere = Labels(
        ClassLegend.from_names(["any"]),
        np.zeros(count, np.int64),
        np.zeros((count, 2)),
        rows,
        columns,
        np.arange(count),
    )
    context = BandContext(start.sources)
    start.encoder.eval()
    features, _ = labelled_features(
        scene, start.sources, start.encoder, context, everywhere, torch.device("cpu"), Reporter()
    )
    return features


def light_head_on(features: NDArray[np.float32]) -> Predictor:
    """LandSketch's light head."""

    def predict(drawn: NDArray[np.int64], classes: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
        known, indices = np.unique(classes, return_inverse=True)
        model = fit_linear(features[drawn], indices, pixel_weights(indices, np.arange(drawn.size)), known.size)
        return known[model.logits(features).argmax(axis=1)]

    return predict


def forest_on(bands: NDArray[Any]) -> Predictor:
    """What an analyst would otherwise use: 200 trees on the pixel's bands."""

    def predict(drawn: NDArray[np.int64], classes: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
        forest = RandomForestClassifier(200, random_state=seed, n_jobs=-1).fit(bands[drawn], classes)
        predicted: NDArray[np.int64] = forest.predict(bands)
        return predicted

    return predict


def mean_score(reference: NDArray[np.uint8], labels: int, draws: int, predict: Predictor) -> float:
    """Returns the mean macro-F1 over draws; odd draws swap the halves of the checkerboard."""
    rows, columns = np.indices(reference.shape)
    board = ((rows // BLOCK + columns // BLOCK) % 2).ravel()
    truth = reference.ravel()
    scores = []
    for seed in range(draws):
        generator = np.random.default_rng(seed)
        train, test = board == seed % 2, board != seed % 2
        counts = {c: ((truth == c) & train).sum() for c in np.unique(truth) if c}
        classes = [c for c, count in counts.items() if count >= labels and ((truth == c) & test).any()]
        drawn = np.concatenate(
            [generator.choice(np.flatnonzero((truth == c) & train), labels, replace=False) for c in classes]
        )
        tested = test & np.isin(truth, classes)
        predicted = predict(drawn, truth[drawn].astype(np.int64), seed)
        scores.append(f1_score(truth[tested], predicted[tested], average="macro"))
    return float(np.mean(scores))


def _whole(scene: Scene) -> rasterio.windows.Window:
    return rasterio.windows.Window(0, 0, scene.grid.width, scene.grid.height)


if __name__ == "__main__":
    main()
