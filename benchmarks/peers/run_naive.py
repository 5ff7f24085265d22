"""The loop over windows that an analyst writes: read, run, keep the middle, write the class map at the end."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import rasterio
from contender import Classify, Job, compete
from numpy.typing import NDArray
from rasterio.windows import Window

Scores = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""(1, band, y, x) digital numbers → (1, class, y, x)."""


def prepare(job: Job) -> Classify:
    scores = {"onnxruntime": onnx_scores, "torch": torch_scores}[job["runtime"]](job)
    tile = job["tile"]
    overlap = int(tile * job["overlap"])

    def classify(raster: str, output: str) -> float:
        started = time.perf_counter()
        with rasterio.open(raster) as source:
            profile = source.profile | {"count": 1, "dtype": "uint8"}
            classes = np.zeros(source.shape, np.uint8)
            for row in starts(source.height, tile, tile - overlap):
                for column in starts(source.width, tile, tile - overlap):
                    image = source.read(window=Window(column, row, tile, tile)).astype(np.float32)
                    winner = scores(image[None])[0].argmax(axis=0) + 1
                    top, left = (overlap // 2 if start else 0 for start in (row, column))
                    classes[row + top : row + tile, column + left : column + tile] = winner[top:, left:]
        with rasterio.open(output, "w", **profile) as target:
            target.write(classes, 1)
        return time.perf_counter() - started

    return classify


def starts(length: int, tile: int, stride: int) -> list[int]:
    """First pixels of the windows; the last one ends with the raster."""
    return [*range(0, length - tile, stride), length - tile]


def onnx_scores(job: Job) -> Scores:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job["threads"]
    session = onnxruntime.InferenceSession(job["graph"], options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(None, {"image": images})[0]


def torch_scores(job: Job) -> Scores:
    import torch
    from landsketch.models.checkpoints import load_segmenter

    torch.set_num_threads(job["threads"])
    _, network = load_segmenter(job["checkpoint"])

    @torch.inference_mode()
    def scores(images: NDArray[np.float32]) -> NDArray[np.float32]:
        return network({"optical": torch.from_numpy(images)}).numpy()

    return scores


if __name__ == "__main__":
    compete(prepare)
