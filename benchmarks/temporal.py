"""What dates add: encoders on a real Sentinel-2 time series against the best of its dates alone.

    ./dev shell benchmarks/temporal.py --data FOLDER [--labels 10 50] [--draws 5] [--epochs 40]

Labelled pixels are drawn per class from one half of a checkerboard of 16-pixel blocks of the Slovenian series (five
Sentinel-2 L1C dates, two of them fully cloudy) and everything is tested on the other half; odd draws swap the halves.
The reference is the official land-use register. The same draws go to every method. With --epochs, U-TAE is trained
from scratch too, which takes minutes for each draw.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

os.environ.setdefault("GDAL_CACHEMAX", "64")

import numpy as np
import pyogrio
import rasterio
import shapely
import torch
from fewlabels import CLEAR_DATES, SLOVENIA, Predictor, forest_on, light_head_on
from landsketch.core.features import labelled_features
from landsketch.core.jobs import run_job
from landsketch.core.labels import Labels
from landsketch.core.legend import ClassLegend
from landsketch.core.progress import Reporter
from landsketch.core.scenes import Scene, open_scene
from landsketch.core.specs import SourceSpec
from landsketch.core.starts import Start, frozen_start, random_start
from landsketch.models.context import band_context
from numpy.typing import NDArray
from sklearn.metrics import f1_score

BLOCK = 16
CHECKPOINTS = {
    "default encoder": "",
    "Galileo-nano": "checkpoints/galileo-nano/encoder.pt",
    "Presto": "checkpoints/presto/default_model.pt",
}

Starting = Callable[[Scene, str], Start]
"""From a scene and a way of pooling over dates to an encoder."""


def main() -> None:
    """Prints a table of mean macro-F1 per method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the scenes and checkpoints")
    parser.add_argument("--labels", type=int, nargs="+", default=[10, 50], help="labelled pixels per class")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=0, help="of U-TAE; 0: it is left out")
    arguments = parser.parse_args()
    with rasterio.open(arguments.data / SLOVENIA / "task/labels.tif") as dataset:
        reference = dataset.read(1)
    with tempfile.TemporaryDirectory() as folder:
        stack = build_stack(arguments.data / SLOVENIA, Path(folder))
        methods = dict(predictors(arguments.data, stack))
        if arguments.epochs:
            methods["U-TAE from scratch"] = utae_on(stack, reference.shape, arguments.epochs)
        for labels in arguments.labels:
            for name, predict in methods.items():
                scores = [score(reference, labels, seed, predict) for seed in range(arguments.draws)]
                spread = f"{np.mean(scores):.3f} ± {np.std(scores):.3f}"
                print(f"{labels:3} labels per class  {name:46} macro-F1 {spread}", flush=True)


def build_stack(data: Path, folder: Path) -> str:
    """Builds the time stack of the series with its cloud masks, as `landsketch:buildstack` does; returns its path."""
    images = folder / "images"
    images.mkdir()
    for file in [*data.glob("S2L1C_*.tif"), *data.glob("CLOUD_2015-*.tif")]:
        (images / file.name).symlink_to(file)
    stack = str(folder / "stack.json")
    spec = {"inputs": [str(images)], "output": stack, "masks": "CLOUD_*.tif", "mask_kind": "mask"}
    run_job("buildstack", spec, Reporter())
    return stack


def predictors(data: Path, stack: str) -> Iterator[tuple[str, Predictor]]:
    """Yields the methods that take features as they are: of each clear date, and of the stack."""
    singles = {day: str(data / SLOVENIA / f"S2L1C_{day}.tif") for day in CLEAR_DATES}
    bands = {day: _bands(path) for day, path in singles.items()}
    for day in CLEAR_DATES:
        yield f"forest, {day}", forest_on(bands[day])
    yield "forest, three dates", forest_on(np.concatenate(list(bands.values()), axis=1))
    for name, start in starts(data).items():
        for day in CLEAR_DATES:
            yield f"{name}, {day}", light_head_on(features(singles[day], start))
        yield f"{name}, statistics of dates", light_head_on(features(stack, start, "statistics"))
        yield f"{name}, dates side by side", light_head_on(features(stack, start, "concatenate"))
        if CHECKPOINTS.get(name):
            yield f"{name}, its own time", light_head_on(features(stack, start))


def starts(data: Path) -> dict[str, Starting]:
    """Returns the encoders by name."""
    found: dict[str, Starting] = {"random features": lambda scene, pooling: random_start(scene, 0, pooling)}
    for name, checkpoint in CHECKPOINTS.items():
        path = str(data / checkpoint) if checkpoint else ""
        found[name] = partial(_frozen, path)
    return found


def _frozen(path: str, scene: Scene, pooling: str) -> Start:
    return frozen_start(path, scene, 0, pooling)


def _bands(path: str) -> NDArray[np.uint16]:
    with rasterio.open(path) as dataset:
        return dataset.read().reshape(dataset.count, -1).T


def features(path: str, starting: Starting, pooling: str = "auto") -> NDArray[np.float32]:
    """Returns (pixel, channel) features of every pixel of an image or a stack, as fine-tuning computes them."""
    with open_scene((SourceSpec("optical", path),)) as scene:
        start = starting(scene, pooling)
        rows, columns = np.indices(scene.grid.shape).reshape(2, -1)
        count = rows.size
        legend = ClassLegend.from_names(["any"])
        everywhere = Labels(legend, np.zeros(count, np.int64), np.zeros((count, 2)), rows, columns, np.arange(count))
        context = band_context(start.sources)
        start.encoder.eval()
        device = torch.device("cpu")
        return labelled_features(scene, start.sources, start.encoder, context, everywhere, device, Reporter())[0]


def utae_on(stack: str, shape: tuple[int, int], epochs: int) -> Predictor:
    """U-TAE from scratch, by the jobs that train and map."""

    def predict(drawn: NDArray[np.int64], classes: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
        with tempfile.TemporaryDirectory() as folder:
            labels, checkpoint, output = (str(Path(folder) / name) for name in ("l.gpkg", "c.safetensors", "m.tif"))
            _write_points(labels, stack, drawn, classes, shape)
            sources = [{"role": "optical", "path": stack}]
            spec = {
                "sources": sources, "labels": {"path": labels, "field": "class"}, "output": checkpoint,
                "mode": "full", "network": "utae", "epochs": epochs, "seed": seed,
            }  # fmt: skip
            run_job("finetune", spec, Reporter())
            run_job("classify", {"sources": sources, "checkpoint": checkpoint, "output": output}, Reporter())
            with rasterio.open(output) as dataset:
                return dataset.read(1).ravel()

    return predict


def _write_points(
    path: str, stack: str, drawn: NDArray[np.int64], classes: NDArray[np.int64], shape: tuple[int, int]
) -> None:
    """Writes drawn pixels as points of a vector file."""
    with open_scene((SourceSpec("optical", stack),)) as scene:
        transform, crs = scene.grid.transform, scene.grid.crs
    rows, columns = np.divmod(drawn, shape[1])
    x, y = transform * (columns + 0.5, rows + 0.5)
    pyogrio.raw.write(
        path, geometry=shapely.to_wkb(shapely.points(x, y)), field_data=[classes.astype(np.int64)], fields=["class"],
        geometry_type="Point", crs=crs.to_wkt(), driver="GPKG",
    )  # fmt: skip


def score(reference: NDArray[np.uint8], labels: int, seed: int, predict: Predictor) -> float:
    """Returns the macro-F1 of one draw."""
    rows, columns = np.indices(reference.shape)
    board = ((rows // BLOCK + columns // BLOCK) % 2).ravel()
    truth = reference.ravel()
    generator = np.random.default_rng(seed)
    train, test = (board == seed % 2) & (truth > 0), (board != seed % 2) & (truth > 0)
    classes = [c for c in np.unique(truth[train]) if ((truth == c) & train).sum() >= labels]
    drawn = np.concatenate(
        [generator.choice(np.flatnonzero((truth == c) & train), labels, replace=False) for c in classes]
    )
    judged = test & np.isin(truth, classes)
    predicted = predict(drawn, truth[drawn].astype(np.int64), seed)
    return float(f1_score(truth[judged], predicted[judged], labels=classes, average="macro", zero_division=0))


if __name__ == "__main__":
    main()
