"""One map by several processes: the same as by one, also when a worker dies or comes late."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
from distributed import Client
from helpers import S2_12, SITE, write_raster
from landsketch.core.errors import EngineError, LandSketchError
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from tiny_network import blobs, write_tiny_network

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SITE)}


class Cluster:
    """A scheduler and workers, each a process."""

    def __init__(self, folder):
        self._folder = folder
        self._file = folder / "scheduler.json"
        self._processes = []
        self._start("dask_scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(self._file))
        while not self._file.exists():
            time.sleep(0.05)
        self.address = json.loads(self._file.read_text())["address"]

    def add_worker(self):
        return self._start("dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")

    def wait_for(self, workers):
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)

    def close(self):
        for process in self._processes:
            process.kill()
            process.wait()

    def _start(self, program, *arguments):
        with open(self._folder / f"{len(self._processes)}.log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", *arguments],
                env=ENVIRONMENT, stdout=log, stderr=log, cwd=self._folder,
            )  # fmt: skip
        self._processes.append(process)
        return process


@pytest.fixture
def cluster(tmp_path):
    folder = tmp_path / "cluster"
    folder.mkdir()
    started = Cluster(folder)
    yield started
    started.close()


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return write_tiny_network(tmp_path_factory.mktemp("network") / "tiny.onnx")


@pytest.fixture(scope="module")
def image():
    made = blobs(1200, 1100)
    made[:, 500:540, 300:420] = 0
    return made


def spec_of(network, image, folder, **changes):
    folder.mkdir(exist_ok=True)
    raster = folder / "s2.tif"
    if not raster.exists():
        write_raster(raster, image, names=S2_12)
    source = {"role": "optical", "path": str(raster), "sensor": "sentinel-2-l2a", "offset": 0.0}
    paths = {"output": str(folder / "map.tif"), "probabilities": str(folder / "p.tif")}
    smoothing = {"method": "majority", "radius": 3}
    return {"checkpoint": network, "sources": [source], "tile": 32, "smoothing": smoothing, **paths} | changes


def pixels(folder):
    found = []
    for name in ("map.tif", "p.tif"):
        with rasterio.open(folder / name) as dataset:
            found.append(dataset.read())
    return found


@pytest.mark.slow
def test_a_cluster_makes_the_same_map_though_a_worker_is_killed_midway(network, image, cluster, tmp_path):
    run_job("classify", spec_of(network, image, tmp_path / "here"), Reporter())
    first, _ = cluster.add_worker(), cluster.add_worker()
    cluster.wait_for(2)
    folder = tmp_path / "there"
    lines = []

    def listen(event):
        if event["event"] == "log":
            lines.append(event["message"])
        # As soon as it is at work on the second part of several.
        if event["event"] == "progress" and event["message"].endswith("cluster") and event["fraction"] > 0.05:
            first.kill()

    run_job("classify", spec_of(network, image, folder, scheduler=cluster.address), Reporter(listen))
    assert first.wait(10) != 0, "the worker was not killed"
    assert any("workers: 2" in line for line in lines)
    for one, other in zip(pixels(tmp_path / "here"), pixels(folder), strict=True):
        assert np.array_equal(one, other)
    assert sorted(path.name for path in folder.iterdir()) == ["map.tif", "map.tif.aux.xml", "p.tif", "s2.tif"]


@pytest.mark.slow
def test_what_a_worker_finds_wrong_is_said(network, image, cluster, tmp_path):
    cluster.add_worker()
    cluster.wait_for(1)
    spec = spec_of(network, image, tmp_path / "there", scheduler=cluster.address)
    broken = tmp_path / "there" / "s2.tif"
    lines = []

    def listen(event):
        lines.append(event.get("message"))
        if event["event"] == "log" and "workers: 1" in event["message"]:
            broken.write_bytes(broken.read_bytes()[:200_000])

    with pytest.raises(LandSketchError, match=r"s2\.tif"):
        run_job("classify", spec, Reporter(listen))


@pytest.mark.slow
def test_a_scheduler_without_workers_is_waited_for_and_a_cancel_is_heard(network, image, cluster, tmp_path):
    reporter = Reporter()
    spec = spec_of(network, image, tmp_path / "there", scheduler=cluster.address)
    threading.Timer(2.0, reporter.cancel).start()
    started = time.monotonic()
    with pytest.raises(LandSketchError):
        run_job("classify", spec, reporter)
    assert time.monotonic() - started < 4
    assert [path.name for path in Path(spec["output"]).parent.iterdir()] == ["s2.tif"]


def test_an_address_where_no_scheduler_answers_is_named(network, image, tmp_path, monkeypatch):
    from landsketch.core.mapping import cluster

    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 1)
    with pytest.raises(EngineError, match=r"127\.0\.0\.1:9"):
        run_job("classify", spec_of(network, image, tmp_path, scheduler="tcp://127.0.0.1:9"), Reporter())
