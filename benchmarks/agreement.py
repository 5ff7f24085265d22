"""Share of pixels that get the same class whatever the tile size, the batch size and the number of threads.

    ./dev shell benchmarks/agreement.py [--size 1024] [--epochs 10]

A U-Net is trained for some epochs on the drawn labels of a simulated scene, which is then classified in several ways.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import rasterio
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.simulate import CLASS_FIELD, simulate
from numpy.typing import NDArray

WAYS = (
    {"tile": 512}, {"tile": 128}, {"tile": 256}, {"tile": 1024}, {"tile": 256, "batch": 3},
    {"tile": 512, "threads": 1}, {"tile": 128, "batch": 4, "threads": 1},
)  # fmt: skip
"""Tile side in pixels, tiles per batch, threads; the first is what the others are compared with."""


def main() -> None:
    """Prints the agreement of each way with the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1024, help="side of the scene in pixels")
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scene = simulate(folder, seed=0, size=arguments.size)
        sources = [{"role": "optical", "path": scene.optical}, {"role": "sar", "path": scene.sar}]
        checkpoint = str(Path(folder, "unet.safetensors"))
        labels = {"path": scene.labels, "field": CLASS_FIELD}
        spec = {"sources": sources, "labels": labels, "output": checkpoint, "mode": "full", "epochs": arguments.epochs}
        run_job("finetune", spec, Reporter())
        first: NDArray[np.uint8] | None = None
        for way in WAYS:
            output = str(Path(folder, "map.tif"))
            spec = {"checkpoint": checkpoint, "sources": sources, "output": output, **way}
            run_job("classify", spec, Reporter())
            with rasterio.open(output) as dataset:
                classes = dataset.read(1)
            first = classes if first is None else first
            print(f"{way}: {100 * np.mean(classes == first):.4f} % equal classes", flush=True)


if __name__ == "__main__":
    main()
