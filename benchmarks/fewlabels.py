"""Accuracy with few labels: frozen encoders with LandSketch's light head against a random forest on the raw bands.

    ./dev shell benchmarks/fewlabels.py --data FOLDER [--labels 10] [--draws 5] [--images both l1c l2a 10m s1]
        [--polygons] [--encoder NAME=CHECKPOINT]

On each real scene of Sentinel-1, Sentinel-2 or both, single labelled pixels are drawn per class from one half of a
checkerboard of 56-pixel blocks and everything is tested on the other half. The same draws go to every method. With
`--polygons` labels are the few polygons that somebody drew in one half of a scene, as users draw them, and the other
half is tested. The reference is a model's map or a register, so scores compare methods and are no truth.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("GDAL_CACHEMAX", "64")

import numpy as np
import rasterio
import torch
from landsketch.core.features import labelled_features
from landsketch.core.labels import Labels, read_labels
from landsketch.core.legend import ClassLegend, LegendClass
from landsketch.core.linear import fit_linear, pixel_weights
from landsketch.core.progress import Reporter
from landsketch.core.scenes import Scene, open_scene
from landsketch.core.specs import SourceSpec, VectorSpec
from landsketch.core.starts import Start, frozen_start, random_start
from landsketch.models.context import BandContext
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score

BLOCK = 56
IMAGES = {
    "both": {"optical": "S2L1C", "sar": "S1RTC"},
    "l1c": {"optical": "S2L1C"},
    "l2a": {"optical": "S2L2A"},
    "10m": {"optical": "S2L2A"},
    "s1": {"sar": "S1RTC"},
}
"""Products of a scene by role."""

BANDS = {"10m": ("-", "B02", "B03", "B04", "-", "-", "-", "B08", "-", "-", "-", "-")}
"""Bands of the optical image where some are left out."""

SCENES = {"Brazil": "s1s2_lulc_brazil/282D_485L_3_3", "Denmark": "s1s2_lulc_denmark/637U_59R_1_3"}

SLOVENIA = "sits_s2_lulc_slovenia"
CLEAR_DATES = ("2015-07-11", "2015-08-30", "2015-09-09")

Predictor = Callable[[NDArray[np.int64], NDArray[np.int64], int], NDArray[np.int64]]
"""From drawn pixels, their classes and a seed to the classes of all pixels."""

Draw = tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.bool_], int]


def main() -> None:
    """Prints a table of mean macro-F1 per scene and method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the scenes and checkpoints")
    parser.add_argument("--labels", type=int, nargs="+", default=[5, 10, 50], help="labelled pixels per class")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--images", nargs="+", choices=list(IMAGES), default=["both"])
    parser.add_argument("--polygons", action="store_true", help="learn from drawn polygons instead of single pixels")
    parser.add_argument("--encoder", nargs="*", default=[], metavar="NAME=CHECKPOINT", help="judged beside the others")
    arguments = parser.parse_args()
    if arguments.polygons:
        compare_polygons(arguments)
        return
    for images in arguments.images:
        compare(images, arguments)


def compare(images: str, arguments: argparse.Namespace) -> None:
    """Prints the scores on some kind of images."""
    print(f"\nImages: {' and '.join(IMAGES[images].values())}")
    scores: dict[tuple[int, str], list[float]] = {}
    for name, stem in SCENES.items():
        sources = sources_of(arguments.data, stem, images)
        with rasterio.open(arguments.data / f"{stem}_LULC.tif") as dataset:
            reference = dataset.read(1)
        with open_scene(sources) as scene:
            predictors = predictors_of(scene, arguments)
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


def sources_of(data: Path, stem: str, images: str) -> tuple[SourceSpec, ...]:
    """Returns the images of a scene."""
    paths = {role: str(data / f"{stem}_{product}.tif") for role, product in IMAGES[images].items()}
    return tuple(SourceSpec(role, path, bands=BANDS.get(images, ())) for role, path in paths.items())


def compare_polygons(arguments: argparse.Namespace) -> None:
    """Prints the scores of labels that are drawn polygons."""
    found: dict[str, list[float]] = {}
    for name, task, sources in drawn_tasks(arguments.data):
        with rasterio.open(task / "labels.tif") as truths, rasterio.open(task / "split.tif") as halves:
            truth, tested = truths.read(1).ravel(), (halves.read(1) == 2).ravel()
        with open_scene(sources) as scene:
            drawn = read_labels(VectorSpec(str(task / "train_polys.gpkg"), field="class"), scene.grid, "polygons")
            predictors = predictors_of(scene, arguments, drawn.features)
        codes = np.array([value_of(entry) for entry in drawn.legend])
        pixels = drawn.rows * scene.grid.width + drawn.columns
        tested &= truth > 0
        for method, predict in predictors.items():
            predicted = predict(pixels, codes[drawn.classes], 0)
            score = float(f1_score(truth[tested], predicted[tested], average="macro"))
            found.setdefault(method, []).append(score)
            print(f"{name:20} {method:34} macro-F1 {score:.3f}", flush=True)
    print("\nMean over all")
    for method, scores in found.items():
        print(f"{method:34} macro-F1 {np.mean(scores):.3f}")


def drawn_tasks(data: Path) -> Iterator[tuple[str, Path, tuple[SourceSpec, ...]]]:
    """Yields name, folder of the task, and images of what has drawn polygons."""
    for name, stem in SCENES.items():
        for images in ("both", "l2a", "10m"):
            yield f"{name} {images}", (data / stem).parent / "task", sources_of(data, stem, images)
    for date in CLEAR_DATES:
        image = SourceSpec("optical", str(data / SLOVENIA / f"S2L1C_{date}.tif"))
        yield f"Slovenia {date}", data / SLOVENIA / "task", (image,)


def value_of(entry: LegendClass) -> int:
    """Returns the value of a class in the reference, which is its name where names are numbers."""
    return int(entry.name) if entry.name.isdigit() else entry.value


def predictors_of(
    scene: Scene, arguments: argparse.Namespace, polygons: NDArray[np.int64] | None = None
) -> dict[str, Predictor]:
    """Returns the methods, ready to learn from drawn pixels of a scene; see `light_head_on` for the polygons."""
    galileo = str(arguments.data / "checkpoints/galileo-nano/encoder.pt")
    predictors = {
        "random forest, raw bands": forest_on(raw_bands(scene)),
        "random features + light head": light_head_on(features_of(scene, random_start(scene, seed=0)), polygons),
    }
    encoders = {
        "bundled encoder": "",
        "Galileo-nano": galileo,
        **dict(each.split("=", 1) for each in arguments.encoder),
    }
    for name, checkpoint in encoders.items():
        predictors[f"{name} + light head"] = light_head_on(frozen_features(scene, checkpoint), polygons)
    return predictors


def raw_bands(scene: Scene) -> NDArray[np.float32]:
    """Returns (pixel, band) values of every pixel."""
    whole = rasterio.windows.Window(0, 0, scene.grid.width, scene.grid.height)
    raw = np.concatenate([scene.read(whole, {s.role: s.bands})[s.role] for s in scene.sources])
    pixels: NDArray[np.float32] = raw.reshape(len(raw), -1).T
    return pixels


def frozen_features(scene: Scene, checkpoint: str) -> NDArray[np.float32]:
    """Returns (pixel, channel) features of every pixel, as fine-tuning in frozen mode computes them."""
    return features_of(scene, frozen_start(checkpoint, scene, seed=0))


def features_of(scene: Scene, start: Start) -> NDArray[np.float32]:
    """Returns (pixel, channel) features of every pixel, with the bands' surroundings."""
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


def light_head_on(features: NDArray[np.float32], polygons: NDArray[np.int64] | None = None) -> Predictor:
    """LandSketch's light head.

    Args:
        features: (pixel, channel) of every pixel.
        polygons: (drawn,) the polygon of each drawn pixel, all of which count alike; None: each is drawn on its own.
    """

    def predict(drawn: NDArray[np.int64], classes: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
        known, indices = np.unique(classes, return_inverse=True)
        units = np.arange(drawn.size) if polygons is None else polygons
        model = fit_linear(features[drawn], indices, pixel_weights(indices, units), known.size)
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
    """Returns the mean macro-F1 over draws."""
    return float(np.mean(scores_of_draws(reference, labels, draws, predict)))


def scores_of_draws(reference: NDArray[np.uint8], labels: int, draws: int, predict: Predictor) -> list[float]:
    """Returns the macro-F1 of each draw."""
    scores = []
    for drawn, truth, tested, seed in draws_of(reference, labels, draws):
        predicted = predict(drawn, truth[drawn].astype(np.int64), seed)
        scores.append(float(f1_score(truth[tested], predicted[tested], average="macro")))
    return scores


def draws_of(reference: NDArray[np.uint8], labels: int, draws: int) -> Iterator[Draw]:
    """Draws labelled pixels; odd draws swap the halves of the checkerboard.

    Args:
        reference: (y, x), 0 is no class.
        labels: Pixels per class; rarer classes are left out.
        draws: How many times.

    Yields:
        (drawn,) labelled pixels, (pixel,) classes, (pixel,) whether it is tested, and a seed.
    """
    rows, columns = np.indices(reference.shape)
    board = ((rows // BLOCK + columns // BLOCK) % 2).ravel()
    truth = reference.ravel()
    for seed in range(draws):
        generator = np.random.default_rng(seed)
        train, test = board == seed % 2, board != seed % 2
        counts = {c: ((truth == c) & train).sum() for c in np.unique(truth) if c}
        classes = [c for c, count in counts.items() if count >= labels and ((truth == c) & test).any()]
        drawn = np.concatenate(
            [generator.choice(np.flatnonzero((truth == c) & train), labels, replace=False) for c in classes]
        )
        yield drawn, truth, test & np.isin(truth, classes), seed


if __name__ == "__main__":
    main()
