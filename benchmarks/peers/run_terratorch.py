"""TerraTorch: `terratorch.tasks.tiled_inference` on the whole raster as one array.

Its defaults are kept but for the size of the tiles: blending, a border of 8 pixels cut off each tile, reflected edges,
batches of 16.
"""

from __future__ import annotations

import time

import rasterio
import torch
from contender import Classify, Job, compete
from landsketch.models.checkpoints import load_segmenter
from terratorch.tasks.tiled_inference import tiled_inference


def prepare(job: Job) -> Classify:
    torch.set_num_threads(job["threads"])
    _, network = load_segmenter(job["checkpoint"])
    tile = job["tile"]
    stride = tile - int(tile * job["overlap"])

    def classify(raster: str, output: str) -> float:
        started = time.perf_counter()
        with rasterio.open(raster) as source:
            image = torch.from_numpy(source.read(out_dtype="float32"))[None]
            profile = source.profile | {"count": 1, "dtype": "uint8"}
        logits = tiled_inference(lambda images: network({"optical": images}), image, crop=tile, stride=stride)
        with rasterio.open(output, "w", **profile) as target:
            target.write(logits[0].argmax(dim=0).add(1).byte().numpy(), 1)
        return time.perf_counter() - started

    return classify


if __name__ == "__main__":
    compete(prepare)
