"""GeoDeep, as its command line runs it with `--output-type mask`.

Two things are changed in its favour: it refuses whatever has not three bands, which is lifted, and its sieve is off.
"""

from __future__ import annotations

import time
from typing import Any

import geodeep
import geodeep.segmentation
import numpy as np
from contender import Classify, Job, compete


def prepare(job: Job) -> Classify:
    geodeep.segmentation.preprocess = any_bands

    def classify(raster: str, output: str) -> float:
        started = 0.0

        def loaded(text: str, percent: float) -> None:
            nonlocal started
            if text == "Model loaded":
                started = time.perf_counter()

        classes = geodeep.segment(raster, job["graph"], max_threads=job["threads"], progress_callback=loaded)
        geodeep.segmentation.save_mask_to_raster(raster, classes + 1, output)
        return time.perf_counter() - started

    return classify


def any_bands(image: Any) -> Any:
    """`geodeep.detection.preprocess` of a 16-bit tile, without its test for three bands."""
    scaled = image[None].astype(np.float32)
    scaled -= 0
    scaled /= 65535.0
    scaled[scaled > 1] = 1
    scaled[scaled < 0] = 0
    return scaled


if __name__ == "__main__":
    compete(prepare)
