"""Peak memory of classifying a large raster, as a ratio to that of a small one.

    ./dev shell benchmarks/memory.py [--sizes 2048 16384] [--network unet]

Each size runs in a process of its own, through `python -m landsketch run`, on a 12-band uint16 raster of random texture
with an untrained network of ten classes, of which all probabilities are written; accuracy plays no part.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
import torch
from landsketch.core.cards import Card, Normalisation, SourceCard
from landsketch.core.legend import ClassLegend
from landsketch.core.sensors import SENSORS
from landsketch.core.specs import ClassifySpec, SourceSpec
from landsketch.models.checkpoints import save_checkpoint
from landsketch.models.segmenter import build_segmenter
from rasterio.transform import from_origin
from rasterio.windows import Window

BANDS = tuple(band for band in SENSORS["sentinel-2-l2a"].names if band != "B10")
NETWORKS = {
    "unet": ({"name": "unet", "encoder": "resnet18"}, {"name": "linear", "context": False}),
    "random-features": ({"name": "random-features", "filters": 128}, {"name": "linear", "context": True}),
}
CLASSES = 10
STRIP = 256


def main() -> None:
    """Prints seconds and peak memory per size, and the ratio of the last to the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2048, 16384])
    parser.add_argument("--network", choices=NETWORKS, default="unet")
    arguments = parser.parse_args()
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = str(Path(folder, "network.safetensors"))
        write_checkpoint(checkpoint, arguments.network)
        for size in arguments.sizes:
            raster = str(Path(folder, f"{size}.tif"))
            write_raster(raster, size)
            started = time.perf_counter()
            peak = peak_of_classifying(checkpoint, raster, folder)
            seconds = time.perf_counter() - started
            peaks.append(peak)
            rate = size * size / seconds / 1e6
            print(f"{size:6} x {size:<6} {seconds:7.1f} s {rate:6.2f} Mpx/s  peak {peak / 2**20:7.0f} MiB", flush=True)
            os.remove(raster)
    print(f"peak memory, largest to smallest: {peaks[-1] / peaks[0]:.2f}")


def write_checkpoint(path: str, network: str) -> None:
    """Writes an untrained network of ten classes on the 12 bands of Sentinel-2 L2A."""
    encoder, head = NETWORKS[network]
    scaling = Normalisation("3-sigma", (0.0,) * len(BANDS), (6000.0,) * len(BANDS), (0.0, 1.0))
    source = SourceCard("optical", "sentinel-2-l2a", BANDS, "dn", 10.0, scaling)
    legend = ClassLegend.from_names([f"class {i}" for i in range(CLASSES)])
    draft = Card({"encoder": encoder, "head": head}, (source,), 256, 64, legend)
    torch.manual_seed(0)
    segmenter = build_segmenter(draft)
    card = Card(draft.architecture, draft.sources, segmenter.encoder.tile, segmenter.encoder.halo, legend)
    save_checkpoint(path, segmenter, card)


def write_raster(path: str, size: int) -> None:
    """Writes a raster of random texture, strip by strip."""
    generator = np.random.default_rng(0)
    profile = {
        "driver": "GTiff", "width": size, "height": size, "count": len(BANDS), "dtype": "uint16", "crs": "EPSG:32632",
        "transform": from_origin(500_000, 5_000_000, 10, 10), "tiled": True, "compress": "deflate", "zlevel": 1,
        "BIGTIFF": "IF_SAFER",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as dataset:
        for index, name in enumerate(BANDS, 1):
            dataset.set_band_description(index, name)
        for row in range(0, size, STRIP):
            coarse = generator.integers(200, 3000, (len(BANDS), STRIP // 8, size // 8), dtype=np.uint16)
            strip = coarse.repeat(8, axis=1).repeat(8, axis=2) + generator.integers(0, 64, (1, STRIP, size), np.uint16)
            dataset.write(strip, window=Window(0, row, size, STRIP))


def peak_of_classifying(checkpoint: str, raster: str, folder: str) -> int:
    """Classifies a raster in a process of its own, with every output, and returns its peak memory in bytes."""
    spec = ClassifySpec(
        checkpoint=checkpoint,
        sources=(SourceSpec("optical", raster, sensor="sentinel-2-l2a", offset=0.0),),
        output=str(Path(folder, "map.tif")),
        confidence=str(Path(folder, "confidence.tif")),
        probabilities=str(Path(folder, "probabilities.tif")),
    )
    job = Path(folder, "job.json")
    job.write_text(json.dumps({"job": spec.job, "spec": spec.to_json()}), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "landsketch", "run", str(job)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"Classifying {raster} failed.")
    return usage.ru_maxrss * 1024


if __name__ == "__main__":
    main()
