"""How long training takes, and what of it goes into reading and varying the labelled windows.

    ./dev shell benchmarks/training.py [--networks unet swin-unet] [--labels 10] [--epochs 100] [--augmentation turns]

A simulated scene of 224 × 224 pixels (Sentinel-2 and Sentinel-1), single labelled pixels of each class, the whole job
as a user runs it: with held-out features, stopped when nothing improves. All rows of the table come from one run.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("GDAL_CACHEMAX", "64")

import numpy as np
import pyogrio
import rasterio
import shapely
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.simulate import LEGEND, SimulatedScene, simulate
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from torch.utils.data import dataloader

SIDE = 224


def main() -> None:
    """Prints a table: how long each network takes, and how good its map is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=["unet", "swin-unet"])
    parser.add_argument("--labels", type=int, default=10, help="labelled pixels per class")
    parser.add_argument("--epochs", type=int, default=100, help="most epochs")
    parser.add_argument("--augmentation", default="turns")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scene = simulate(folder, seed=arguments.seed, size=SIDE)
        labels = drawn_points(scene, Path(folder) / "points.gpkg", arguments.labels, arguments.seed)
        base = {"labels": labels, "device": arguments.device, "seed": arguments.seed}
        trained = base | {"mode": "full", "epochs": arguments.epochs, "augmentation": arguments.augmentation}
        rows = {"light head": measured(scene, folder, base)}
        for network in arguments.networks:
            rows[network] = measured(scene, folder, trained | {"network": network})
    first = rows["light head"]["seconds"]
    print(f"{'':12} {'minutes':>8} {'ratio':>6} {'epochs':>7} {'s/epoch':>8} {'loading':>8} {'macro-F1':>9}")
    for name, row in rows.items():
        print(
            f"{name:12} {row['seconds'] / 60:8.2f} {row['seconds'] / first:6.1f} {row['epochs']:7.0f} "
            f"{row['training'] / max(row['epochs'], 1):8.2f} {row['loading'] / max(row['training'], 1e-9):8.1%} "
            f"{row['f1']:9.3f}"
        )


def drawn_points(scene: SimulatedScene, path: Path, count: int, seed: int) -> dict[str, Any]:
    """Writes some pixels of each class of the reference as points; returns them as a spec names them."""
    generator = np.random.default_rng(seed)
    with rasterio.open(scene.reference) as dataset:
        truth = dataset.read(1)
        places, names = [], []
        for entry in LEGEND:
            of_class = np.argwhere(truth == entry.value)
            chosen = of_class[generator.permutation(len(of_class))[:count]]
            places.append(chosen)
            names += [entry.name] * len(chosen)
        rows, columns = np.concatenate(places).T
        return write_points(path, rows, columns, names, dataset) | {"legend": LEGEND.to_json(), "keys": [*LEGEND.names]}


def write_points(
    path: Path, rows: NDArray[np.int64], columns: NDArray[np.int64], names: Sequence[str], grid: rasterio.DatasetReader
) -> dict[str, Any]:
    """Writes pixels of a raster and their classes as points; returns them as a spec names them."""
    points = [shapely.Point(grid.transform @ (column + 0.5, row + 0.5)) for row, column in zip(rows, columns)]
    wkb, field = shapely.to_wkb(np.array(points, dtype=object)), np.array(names, dtype=object)
    crs = grid.crs.to_string()
    pyogrio.raw.write(
        str(path), geometry=wkb, field_data=[field], fields=["class"], geometry_type="Point", crs=crs, driver="GPKG"
    )
    return {"path": str(path), "field": "class"}


def measured(scene: SimulatedScene, folder: str, changes: dict[str, Any]) -> dict[str, float]:
    """Runs a job and its map; returns seconds, epochs, seconds of training and of loading in it, and macro-F1."""
    sources = [{"role": "optical", "path": scene.optical}, {"role": "sar", "path": scene.sar}]
    checkpoint, output = os.path.join(folder, "m.safetensors"), os.path.join(folder, "map.tif")
    times: list[float] = []
    epochs: list[float] = []
    started = time.perf_counter()

    def emit(event: dict[str, Any]) -> None:
        if event["event"] == "metric" or (event.get("message") == "Training" and event["event"] == "log"):
            epochs.append(time.perf_counter())

    with timed_loading(times):
        run_job("finetune", {"sources": sources, "output": checkpoint, **changes}, Reporter(emit))
    seconds = time.perf_counter() - started
    run_job("classify", {"checkpoint": checkpoint, "sources": sources, "output": output}, Reporter())
    with rasterio.open(output) as found, rasterio.open(scene.reference) as reference:
        score = f1_score(reference.read(1).ravel(), found.read(1).ravel(), average="macro")
    training = epochs[-1] - epochs[0] if epochs else 0.0
    count = max(len(epochs) - 1, 0)
    return {"seconds": seconds, "epochs": count, "training": training, "loading": sum(times), "f1": float(score)}


class timed_loading:  # noqa: N801 - used as a statement
    """Adds to a list how long each batch took to be read, varied and put together."""

    def __init__(self, times: list[float]) -> None:
        self._times = times
        self._before: Callable[..., Any] = dataloader._SingleProcessDataLoaderIter._next_data

    def __enter__(self) -> None:
        def timed(iterator: Any) -> Any:
            started = time.perf_counter()
            try:
                return self._before(iterator)
            finally:
                self._times.append(time.perf_counter() - started)

        dataloader._SingleProcessDataLoaderIter._next_data = timed  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        dataloader._SingleProcessDataLoaderIter._next_data = self._before  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
