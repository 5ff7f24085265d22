"""LandSketch's own job, with its default output: a Cloud Optimized GeoTIFF with overviews, legend and tags."""

from __future__ import annotations

import time

from contender import Classify, Job, compete
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter


def prepare(job: Job) -> Classify:
    def classify(raster: str, output: str) -> float:
        spec = {
            "checkpoint": job["checkpoint"],
            "sources": [{"role": "optical", "path": raster, "sensor": "sentinel-2-l2a", "offset": 0.0}],
            "output": output,
            "runtime": job["runtime"],
            "precision": job["precision"],
            "threads": job["threads"],
        }
        started = time.perf_counter()
        run_job("classify", spec, Reporter())
        return time.perf_counter() - started

    return classify


if __name__ == "__main__":
    compete(prepare)
