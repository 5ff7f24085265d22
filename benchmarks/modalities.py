"""What two modalities are worth: radar, optical and both images of the same scenes, with the same labels and training.

    ./dev shell benchmarks/modalities.py --data FOLDER [--labels 10 50] [--draws 5] [--encoder NAME=CHECKPOINT]
        [--networks swin-unet dual-stmim-unet] [--trained-draws 2] [--epochs 20]

Scenes, draws and checkerboard are those of `fewlabels.py`. Light heads sit on frozen features of the default encoder,
of random filters, and of encoders that do with one of their images, such as `methods.py` pretrains; networks are
trained from scratch, as a user trains them, for the same number of epochs on each modality. A network of two encoders
has no row for one image. References are a model's maps: scores compare methods, and are no truth.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("GDAL_CACHEMAX", "64")

import numpy as np
import rasterio
import torch
from fewlabels import SCENES, Predictor, features_of, light_head_on, scores_of_draws
from landsketch.core.card_files import read_card
from landsketch.core.jobs import run_job
from landsketch.core.networks import NETWORKS
from landsketch.core.progress import Reporter
from landsketch.core.scenes import Scene, open_scene
from landsketch.core.specs import SourceSpec
from landsketch.core.starts import Start, frozen_start, random_start
from numpy.typing import NDArray
from training import write_points

MODALITIES = {"S1": ("sar",), "S2": ("optical",), "S1 + S2": ("optical", "sar")}
STARTS: dict[str, Callable[[Scene], Start]] = {
    "default encoder": partial(frozen_start, "", seed=0),
    "random features": partial(random_start, seed=0),
}
"""Encoders under a light head."""


def main() -> None:
    """Prints macro-F1 of each modality, and in how many draws both images are better than either one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the scenes")
    parser.add_argument("--scenes", nargs="+", default=list(SCENES), choices=list(SCENES))
    parser.add_argument("--labels", type=int, nargs="+", default=[10, 50], help="labelled pixels per class")
    parser.add_argument("--draws", type=int, default=5, help="draws for the light head")
    parser.add_argument("--encoder", nargs="*", default=[], metavar="NAME=CHECKPOINT", help="judged beside the others")
    parser.add_argument("--networks", nargs="*", default=[], choices=list(NETWORKS))
    parser.add_argument("--trained-draws", type=int, default=2, help="draws for networks")
    parser.add_argument("--epochs", type=int, default=20, help="of networks, on each modality")
    arguments = parser.parse_args()
    torch.set_num_threads(max(len(os.sched_getaffinity(0)) - 1, 1))
    print(f"{'scene':8} {'labels':>6}  {'':16} {'S1':>6} {'S2':>6} {'S1 + S2':>8}   draws won by both images   seconds")
    for name in arguments.scenes:
        with rasterio.open(arguments.data / f"{SCENES[name]}_LULC.tif") as dataset:
            reference = dataset.read(1)
        for method, predictors in methods(arguments, SCENES[name]):
            draws = arguments.trained_draws if method in NETWORKS else arguments.draws
            for labels in arguments.labels:
                started = time.perf_counter()
                scores = {
                    modality: np.array(scores_of_draws(reference, labels, draws, predict))
                    for modality, predict in predictors.items()
                }
                print(f"{name:8} {labels:6}  {row(method, scores)}   {time.perf_counter() - started:7.0f}", flush=True)


def row(method: str, scores: dict[str, NDArray[np.float64]]) -> str:
    """Returns mean scores of one method, and how often the last modality has the best one."""
    cells = [f"{scores[m].mean():.3f}" if m in scores else "" for m in MODALITIES]
    *single, both = scores.values()
    won = sum(score > max(others, default=np.inf) for score, *others in zip(both, *single, strict=True))
    text = f"{won} of {both.size}" if single else ""
    return f"{method:16} {cells[0]:>6} {cells[1]:>6} {cells[2]:>8}   {text:24}"


def methods(arguments: argparse.Namespace, stem: str) -> Iterator[tuple[str, dict[str, Predictor]]]:
    """Yields each method's name and what predicts a scene by it, per modality."""
    paths = {"optical": arguments.data / f"{stem}_S2L1C.tif", "sar": arguments.data / f"{stem}_S1RTC.tif"}
    sources = {
        modality: tuple(SourceSpec(role, str(paths[role])) for role in roles) for modality, roles in MODALITIES.items()
    }
    pretrained = dict(each.split("=", 1) for each in arguments.encoder)
    starts = STARTS | {name: partial(frozen_start, path, seed=0) for name, path in pretrained.items()}
    for title, start in starts.items():
        predictors = {}
        for modality, chosen in sources.items():
            with open_scene(chosen) as scene:
                predictors[modality] = light_head_on(features_of(scene, start(scene)))
        yield title, predictors
    for network in arguments.networks:
        wanted = len(NETWORKS[network].roles)
        yield (
            network,
            {m: trained(network, chosen, arguments.epochs) for m, chosen in sources.items() if len(chosen) >= wanted},
        )


def trained(network: str, sources: tuple[SourceSpec, ...], epochs: int) -> Predictor:
    """Returns what trains a network on drawn pixels and maps the scene."""

    def predict(drawn: NDArray[np.int64], classes: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
        with tempfile.TemporaryDirectory() as folder, rasterio.open(sources[0].path) as dataset:
            rows, columns = np.unravel_index(drawn, dataset.shape)
            names = [str(value) for value in classes]
            labels = write_points(Path(folder) / "points.gpkg", rows, columns, names, dataset)
            checkpoint, output = os.path.join(folder, "m.safetensors"), os.path.join(folder, "map.tif")
            scene = {"sources": [vars(source) for source in sources]}
            training: dict[str, Any] = {"mode": "full", "network": network, "epochs": epochs, "seed": seed}
            run_job("finetune", scene | training | {"labels": labels, "output": checkpoint}, Reporter())
            run_job("classify", scene | {"checkpoint": checkpoint, "output": output}, Reporter())
            with rasterio.open(output) as found:
                values = found.read(1).ravel()
            legend = read_card(checkpoint).legend
        assert legend is not None  # a network with classes
        classes_of = np.zeros(256, np.int64)
        for entry in legend:
            classes_of[entry.value] = int(entry.name)
        return classes_of[values]

    return predict


if __name__ == "__main__":
    main()
