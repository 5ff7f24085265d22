"""Outputs appear finished or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import landsketch
import pytest
from landsketch.core.errors import Cancelled, OutputError
from landsketch.core.outputs import all_finished, finished


def test_file_appears_only_when_the_block_is_done(tmp_path: Path) -> None:
    target = tmp_path / "map.tif"
    with finished(str(target)) as temporary:
        Path(temporary).write_bytes(b"pixels")
        assert not target.exists()
        assert Path(temporary).parent == tmp_path
        assert temporary.endswith(".tif")
    assert target.read_bytes() == b"pixels"
    assert os.listdir(tmp_path) == ["map.tif"]


def test_failure_leaves_nothing_new_and_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "map.tif"
    target.write_bytes(b"old")
    with pytest.raises(Cancelled), finished(str(target)) as temporary:
        Path(temporary).write_bytes(b"half")
        Path(temporary + ".aux.xml").write_text("<PAMDataset/>")
        Path(temporary).with_suffix(".tfw").write_text("10")
        raise Cancelled
    assert os.listdir(tmp_path) == ["map.tif"]
    assert target.read_bytes() == b"old"


def test_sidecars_move_with_the_file_and_stale_ones_go(tmp_path: Path) -> None:
    target = tmp_path / "map.tif"
    Path(f"{target}.ovr").write_bytes(b"overviews of the old map")
    with finished(str(target)) as temporary:
        Path(temporary).write_bytes(b"new")
        Path(temporary + ".aux.xml").write_text("<PAMDataset/>")
    assert sorted(os.listdir(tmp_path)) == ["map.tif", "map.tif.aux.xml"]


def test_files_that_belong_together_appear_together_or_not_at_all(tmp_path: Path) -> None:
    paths = (str(tmp_path / "a.json"), str(tmp_path / "a.html"))
    with pytest.raises(OutputError, match=r"a\.html' was not written"), all_finished(paths) as (first, _):
        Path(first).write_text("{}")
    assert os.listdir(tmp_path) == []


def test_two_jobs_writing_the_same_name_do_not_mix(tmp_path: Path) -> None:
    path = str(tmp_path / "map.tif")
    with finished(path) as first, finished(path) as second:
        assert first != second
        Path(first).write_bytes(b"1")
        Path(second).write_bytes(b"2")
    assert Path(path).read_bytes() == b"1"


@pytest.mark.parametrize(("code", "words"), [(errno.ENOSPC, "disk is full"), (errno.EFBIG, "stopped short")])
def test_disk_limits_are_told_in_plain_words(tmp_path: Path, code: int, words: str) -> None:
    with pytest.raises(OutputError, match=words), finished(str(tmp_path / "map.tif")) as temporary:
        Path(temporary).write_bytes(b"half")
        raise OSError(code, os.strerror(code))
    assert os.listdir(tmp_path) == []


def test_full_disk_is_recognised_in_the_message_of_a_library(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="disk is full"), finished(str(tmp_path / "w.safetensors")):
        raise RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")


def test_disk_that_fills_up_without_an_error_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GDAL closes a raster on a full disk without a word and leaves it truncated."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=0))
    with pytest.raises(OutputError, match="disk is full"), finished(str(tmp_path / "map.tif")) as temporary:
        Path(temporary).write_bytes(b"truncated")
    assert os.listdir(tmp_path) == []


def test_permission_is_told_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no permission"), finished(str(tmp_path / "map.tif")) as temporary:
        raise PermissionError(errno.EACCES, "Permission denied", temporary)


def test_a_failing_input_is_not_blamed_on_the_output(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), finished(str(tmp_path / "map.tif")):
        raise PermissionError(errno.EACCES, "Permission denied", "/elsewhere/input.tif")


def test_missing_folder_is_named_before_the_work_starts(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"folder '.*nowhere' does not exist"),
        finished(str(tmp_path / "nowhere" / "map.tif")),
    ):
        pytest.fail("the work started")


def test_folder_as_output_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"), finished(str(tmp_path)):
        pytest.fail("the work started")


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a POSIX facility")
def test_raster_that_stops_short_is_an_output_error_and_leaves_nothing(tmp_path: Path) -> None:
    """A process that may write 100 kB only meets the same failing writes as a full disk."""
    script = f"""
import sys
sys.dont_write_bytecode = True  # Python 3.11 keeps bytecode that stopped short, and fails on it ever after
import resource, signal, numpy, rasterio
from landsketch.core.errors import OutputError
from landsketch.core.outputs import finished
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
pixels = numpy.random.default_rng(0).integers(0, 255, (600, 600), dtype="uint8")
try:
    with finished({str(tmp_path / "map.tif")!r}) as path:
        with rasterio.open(path, "w", driver="GTiff", width=600, height=600, count=1, dtype="uint8") as raster:
            raster.write(pixels, 1)
except OutputError as error:
    print(error)
"""
    path = {**os.environ, "PYTHONPATH": str(Path(landsketch.__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=path, capture_output=True, text=True, check=True, timeout=60
    )
    assert "map.tif" in done.stdout, done.stderr
    assert os.listdir(tmp_path) == []
