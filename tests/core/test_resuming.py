"""What a run that was killed, cancelled or stopped by a full disk has finished is not lost, and never wrong."""

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
from helpers import S2_12, SITE, write_raster
from landsketch.core.errors import Cancelled, OutputError
from landsketch.core.jobs import run_job
from landsketch.core.mapping import classification, parts
from landsketch.core.progress import Reporter
from tiny_network import blobs, write_tiny_network

KILLS = 50


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return write_tiny_network(tmp_path_factory.mktemp("network") / "tiny.onnx")


@pytest.fixture(scope="module")
def raster(tmp_path_factory):
    image = blobs(1500, 400)
    image[:, 700:740, 100:200] = 0
    return write_raster(tmp_path_factory.mktemp("raster") / "s2.tif", image, names=S2_12)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Parts of one row of blocks, all worth keeping."""
    monkeypatch.setattr(parts, "PART_PIXELS", 1 << 16)
    monkeypatch.setattr(classification, "KEEP_SECONDS", 0.0)


def spec_of(network, raster, folder, **changes):
    source = {"role": "optical", "path": raster, "sensor": "sentinel-2-l2a", "offset": 0.0}
    paths = {"output": str(folder / "map.tif"), "probabilities": str(folder / "p.tif")}
    return {"checkpoint": network, "sources": [source], "tile": 32, **paths} | changes


def contents(folder):
    """Pixels and tags of the finished rasters, but for when and where they were made."""
    found = {}
    for name in ("map.tif", "p.tif"):
        with rasterio.open(folder / name) as dataset:
            tags = {
                key: text for key, text in dataset.tags().items() if key not in ("LANDSKETCH_DATE", "LANDSKETCH_JOB")
            }
            found[name] = (dataset.read().tobytes(), dataset.overviews(1), tags)
    return found


def files_in(folder):
    return sorted(path.name for path in folder.iterdir())


def part_folders(folder):
    return list(folder.glob(".*.parts"))


class Runs:
    """Children of one warm process."""

    def __init__(self):
        command = [sys.executable, str(Path(__file__).with_name("runs.py")), str(SITE)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self, spec):
        self._process.stdin.write(json.dumps(spec) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def status(self):
        return int(self._process.stdout.readline())

    def close(self):
        self._process.stdin.close()
        self._process.wait(30)


@pytest.fixture
def runs():
    started = Runs()
    yield started
    started.close()


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
@pytest.mark.slow
def test_fifty_random_kills_lose_nothing_that_was_finished_and_leave_no_wrong_file(network, raster, tmp_path, runs):
    (tmp_path / "whole").mkdir()
    (tmp_path / "killed").mkdir()
    started = time.monotonic()
    runs.start(spec_of(network, raster, tmp_path / "whole"))
    assert runs.status() == 0
    seconds = time.monotonic() - started
    expected = contents(tmp_path / "whole")

    folder, spec = tmp_path / "killed", spec_of(network, raster, tmp_path / "killed")
    rng = np.random.default_rng(0)
    kills, finished_runs, finished = 0, 0, set()
    while kills < KILLS:
        child = runs.start(spec)
        # From before the first part is finished to while the parts are joined.
        time.sleep(rng.uniform(0.02, 0.6) * seconds)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        status = runs.status()
        if status == 0:
            assert contents(folder) == expected
            assert files_in(folder) == ["map.tif", "map.tif.aux.xml", "p.tif"]
            for name in files_in(folder):
                (folder / name).unlink()
            finished_runs, finished = finished_runs + 1, set()
            continue
        assert status == signal.SIGKILL
        kills += 1
        visible = [name for name in files_in(folder) if not name.startswith(".")]
        for name in set(visible) & {"map.tif", "p.tif"}:
            # Killed while the finished files were put in place.
            with rasterio.open(folder / name) as dataset:
                assert dataset.read().tobytes() == expected[name][0]
        markers = {path.name for one in part_folders(folder) for path in one.glob("*.done")}
        if not visible:
            assert markers >= finished, "a finished part was lost"
            finished = markers
    assert finished_runs > 0, "no run ever got to its end, so going on was not tested"
    runs.start(spec)
    assert runs.status() == 0
    assert contents(folder) == expected


def stopped_after(count, monkeypatch, error):
    """Makes writing fail once so many parts are finished."""
    finish = parts.PartWriter.finish
    left = [count]

    def failing(self):
        if not left[0]:
            raise error
        left[0] -= 1
        finish(self)

    monkeypatch.setattr(parts.PartWriter, "finish", failing)


def logs_of(spec):
    lines = []
    run_job("classify", spec, Reporter(lambda event: event["event"] == "log" and lines.append(event["message"])))
    return lines


def test_after_a_full_disk_the_same_job_goes_on(network, raster, tmp_path, monkeypatch):
    spec = spec_of(network, raster, tmp_path)
    with monkeypatch.context() as patch:
        stopped_after(3, patch, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(OutputError, match="disk is full"):
            run_job("classify", spec, Reporter())
    assert [name for name in files_in(tmp_path) if not name.endswith(".parts")] == []
    assert any("Going on" in line and "51%" in line for line in logs_of(spec))
    going_on = contents(tmp_path)
    (tmp_path / "other").mkdir()
    run_job("classify", spec_of(network, raster, tmp_path / "other"), Reporter())
    assert contents(tmp_path / "other") == going_on
    assert files_in(tmp_path) == ["map.tif", "map.tif.aux.xml", "other", "p.tif"]


@pytest.mark.parametrize("change", [{"tile": 48}, {"confidence": "c.tif"}, {"smoothing": {"method": "majority"}}])
def test_a_changed_job_starts_anew(network, raster, tmp_path, monkeypatch, change):
    with monkeypatch.context() as patch:
        stopped_after(3, patch, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(OutputError):
            run_job("classify", spec_of(network, raster, tmp_path), Reporter())
    assert len(part_folders(tmp_path)) == 1
    change = {key: str(tmp_path / value) if key == "confidence" else value for key, value in change.items()}
    assert not any("Going on" in line for line in logs_of(spec_of(network, raster, tmp_path, **change)))
    assert part_folders(tmp_path) == []


def test_a_changed_image_starts_anew(network, tmp_path, monkeypatch):
    raster = write_raster(tmp_path / "s2.tif", blobs(600, 300), names=S2_12)
    with monkeypatch.context() as patch:
        stopped_after(1, patch, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(OutputError):
            run_job("classify", spec_of(network, raster, tmp_path), Reporter())
    write_raster(raster, blobs(600, 300, seed=1), names=S2_12)
    assert not any("Going on" in line for line in logs_of(spec_of(network, raster, tmp_path)))


def test_threads_may_change_between_runs(network, raster, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        stopped_after(2, patch, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(OutputError):
            run_job("classify", spec_of(network, raster, tmp_path), Reporter())
    assert any("Going on" in line for line in logs_of(spec_of(network, raster, tmp_path, threads=1)))


def cancelled_at(fraction, spec):
    """Cancels a job at a fraction of its progress and returns how long that took."""
    asked = []

    def listen(event):
        if event["event"] == "progress" and event["fraction"] >= fraction and not asked:
            asked.append(time.monotonic())
            reporter.cancel()

    reporter = Reporter(listen)
    with pytest.raises(Cancelled):
        run_job("classify", spec, reporter)
    return time.monotonic() - asked[0]


def test_a_cancelled_run_that_was_long_goes_on_and_a_short_one_leaves_nothing(network, raster, tmp_path, monkeypatch):
    spec = spec_of(network, raster, tmp_path)
    cancelled_at(0.6, spec)
    assert any("Going on" in line for line in logs_of(spec))
    monkeypatch.setattr(classification, "KEEP_SECONDS", 1000.0)
    for name in files_in(tmp_path):
        (tmp_path / name).unlink()
    cancelled_at(0.6, spec)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.6, 0.94, 0.97])
def test_cancelling_leaves_no_output_at_any_moment(network, raster, tmp_path, fraction):
    cancelled_at(fraction, spec_of(network, raster, tmp_path))
    assert [name for name in files_in(tmp_path) if not name.endswith(".parts")] == []


def test_parts_that_are_half_deleted_count_as_unfinished(network, raster, tmp_path, monkeypatch):
    spec = spec_of(network, raster, tmp_path)
    run_job("classify", spec, Reporter())
    expected = contents(tmp_path)

    def stopped(folder, ignore_errors):
        next(folder.glob("*.tif")).unlink()
        raise KeyboardInterrupt  # as if killed while the parts of a finished map were deleted

    with monkeypatch.context() as patch:
        patch.setattr(parts.shutil, "rmtree", stopped)
        with pytest.raises(KeyboardInterrupt):
            run_job("classify", spec, Reporter())
    assert part_folders(tmp_path)
    run_job("classify", spec, Reporter())
    assert contents(tmp_path) == expected
    assert not part_folders(tmp_path)
