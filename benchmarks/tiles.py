"""How much of the network's own speed a whole classification job keeps, and how soon it starts and stops.

    ./dev shell benchmarks/tiles.py [--size 6144] [--pairs 5] [--precisions fp32 bf16] [--tile 0] [--device cpu]

Each pair runs the bare network, on windows that lie in memory, and the whole job with the same runtime: opening,
reading, converting, blending, writing and joining the map. Both compute the same number of windows. The share is that
of useful pixels a second, as the median over the pairs. A raster of 12 bands (`memory.py`) and an untrained U-Net with
ResNet-18 stand for the user's. `peers.py` compares with other programs, `agreement.py` the maps of different tiles,
and `memory.py` the memory of different sizes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from landsketch.core.errors import Cancelled, EngineError
from landsketch.core.jobs import run_job
from landsketch.core.mapping.setting import opened
from landsketch.core.progress import Reporter
from landsketch.core.runtimes.choice import matching
from landsketch.core.runtimes.model import Model
from landsketch.core.runtimes.torch_model import TorchModel
from landsketch.core.specs import ClassifySpec, SourceSpec
from memory import write_checkpoint, write_raster

WINDOWS = 8
"""Different windows that the bare network is given in turn."""

CANCELS = 8

RUNTIMES = {"fp32": ("openvino", "onnxruntime", "torch"), "bf16": ("openvino", "torch")}
"""The first that is there is measured on a CPU; on other devices, torch."""


def main() -> None:
    """Prints all shares, then the times to start and to stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=6144, help="side of the raster in pixels")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--precisions", nargs="+", default=["fp32", "bf16"])
    parser.add_argument("--runtime", default="", help="torch, onnxruntime or openvino; else the usual one")
    parser.add_argument("--tile", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--network", default="unet")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, raster = str(Path(folder, "network.safetensors")), str(Path(folder, "image.tif"))
        write_checkpoint(checkpoint, arguments.network)
        write_raster(raster, arguments.size)
        source = SourceSpec("optical", raster, sensor="sentinel-2-l2a", offset=0.0)
        output = str(Path(folder, "map.tif"))
        spec = ClassifySpec(checkpoint, (source,), output, tile=arguments.tile, device=arguments.device)
        model = TorchModel(checkpoint)
        for precision in arguments.precisions:
            runtime = usual_runtime(model, arguments.device, precision, arguments.runtime)
            if runtime:
                compare(replace(spec, runtime=runtime, precision=precision), model, arguments.pairs)
            else:
                print(f"{precision}: skipped, this device does not compute in it")
        print_start(spec, folder)
        print_stop(spec)


def usual_runtime(model: Model, device: str, precision: str, wanted: str) -> str:
    """Returns the runtime to measure; empty if there is none for the precision."""
    candidates = model.candidates(device, os.cpu_count() or 1, lambda: None)
    for name in (wanted,) if wanted else RUNTIMES.get(precision, ("torch",)):
        try:
            return matching(candidates, name, precision)[0].name
        except EngineError:
            continue
    return ""


def compare(spec: ClassifySpec, model: Model, pairs: int) -> None:
    """Prints the speeds of the bare network and of the whole job, and their ratio."""
    shares, bare_speeds, job_speeds = [], [], []
    run_job("classify", spec.to_json(), Reporter())  # the first one compiles and fills the file cache
    for _ in range(pairs):
        bare, pixels = bare_seconds(spec, model)
        started = time.perf_counter()
        run_job("classify", spec.to_json(), Reporter())
        job = time.perf_counter() - started
        shares.append(bare / job)
        bare_speeds.append(pixels / bare / 1e6)
        job_speeds.append(pixels / job / 1e6)
    print(
        f"{spec.runtime:12} {spec.precision}: job {statistics.median(job_speeds):6.2f} and bare network "
        f"{statistics.median(bare_speeds):6.2f} useful Mpx/s; share {statistics.median(shares):.3f} "
        f"({min(shares):.3f} to {max(shares):.3f})",
        flush=True,
    )


def bare_seconds(spec: ClassifySpec, model: Model) -> tuple[float, int]:
    """Returns the seconds of the network alone for as many windows as the job has, and the job's pixels."""
    reporter = Reporter()
    with opened(spec, model, Reporter()) as setting:
        work = setting.work(setting.runtime(spec.runtime, spec.precision, reporter), reporter)
        bands = {card.role: card.bands for card in model.card.sources}
        tiles = list(itertools.chain.from_iterable(work.plan.rows(setting.area)))
        some = [setting.scene.read(work.plan.window(tile), bands) for tile in tiles[:: max(len(tiles) // WINDOWS, 1)]]
        batches = [
            {role: np.stack([image[role]] * work.batch) for role in bands}
            for image in some[: max(WINDOWS, work.runtime.lanes)]
        ]
        pixels = setting.area.width * setting.area.height
    count = -(-len(tiles) // work.batch)
    crop = work.plan.halo - work.plan.ramp
    with ThreadPoolExecutor(work.runtime.lanes) as pool:
        list(pool.map(lambda images: work.runtime.steps(images, crop), batches[: work.runtime.lanes]))
        started = time.perf_counter()
        for _ in pool.map(lambda index: work.runtime.steps(batches[index % len(batches)], crop), range(count)):
            pass
        return time.perf_counter() - started, pixels


def print_start(spec: ClassifySpec, folder: str) -> None:
    """Prints the seconds until the first block is written, in a new process and in a warm one."""
    job = Path(folder, "job.json")
    job.write_text(f'{{"job": "classify", "spec": {json.dumps(spec.to_json())}}}', encoding="utf-8")
    started = time.perf_counter()
    command = [sys.executable, "-m", "landsketch", "run", str(job)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    cold = first_block(folder, started)
    process.kill()
    process.wait()
    print(f"first block: {cold:.1f} s in a new process", end="", flush=True)
    warm = []
    for _ in range(3):
        clear(folder)
        reporter = Reporter()
        thread = threading.Thread(target=quietly, args=(spec, reporter))
        started = time.perf_counter()
        thread.start()
        warm.append(first_block(folder, started))
        reporter.cancel()
        thread.join()
    print(f", {statistics.median(warm):.1f} s in a warm one")


def first_block(folder: str, started: float) -> float:
    """Returns the seconds until a part of the map has a block."""
    while True:
        for path in Path(folder).glob(".*.parts/*.tif"):
            if path.stat().st_size > 10_000:
                return time.perf_counter() - started
        time.sleep(0.01)


def clear(folder: str) -> None:
    """Removes what a killed run left, so that the next one starts anew."""
    for path in Path(folder).glob(".*.parts/*"):
        path.unlink()


def quietly(spec: ClassifySpec, reporter: Reporter) -> None:
    """Runs a job that will be cancelled."""
    try:
        run_job("classify", spec.to_json(), reporter)
    except Cancelled:
        pass


def print_stop(spec: ClassifySpec) -> None:
    """Prints the longest time from a cancel to the job's end, at moments spread over the job."""
    started = time.perf_counter()
    run_job("classify", spec.to_json(), Reporter())
    whole = time.perf_counter() - started
    waits = []
    for index in range(CANCELS):
        reporter = Reporter()
        thread = threading.Thread(target=quietly, args=(spec, reporter))
        thread.start()
        time.sleep(whole * (index + 0.5) / CANCELS)
        asked = time.perf_counter()
        reporter.cancel()
        thread.join()
        waits.append(time.perf_counter() - asked)
    print(f"cancel: {max(waits):.2f} s at most, of {CANCELS} at moments spread over the job")


if __name__ == "__main__":
    main()
