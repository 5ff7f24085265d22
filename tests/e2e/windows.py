"""A real QGIS on a virtual display, which a script beside this file drives from inside."""

import json
import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from marked import MARK, processes

HERE = Path(__file__).parent
_TO_CLOSE = 30
"""Seconds for QGIS to end when all is done."""


class Window:
    """A running QGIS.

    Args:
        process: Of QGIS.
        folder: Where the session leaves what it makes.
        task: The file that says what it is to do.
    """

    def __init__(self, process, folder, task):
        self.process = process
        self.folder = folder
        self._task = str(task)
        self._timeout = json.loads(task.read_text(encoding="utf-8"))["timeout"]

    def outcome(self):
        """Waits for the end, and returns what the script has written with QGIS's exit code (None: it hung)."""
        told, closing = self.folder / "outcome.json", False
        deadline = time.monotonic() + self._timeout + _TO_CLOSE
        while self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
            if told.is_file() and not closing:
                closing, deadline = True, time.monotonic() + _TO_CLOSE
        code = self.process.poll()
        if code is None:
            end(self.process)
        assert told.is_file(), f"QGIS ended with {code}: {(self.folder / 'qgis.log').read_text('utf-8')[-3000:]}"
        return {"folder": self.folder, "exit": code, **json.loads(told.read_text(encoding="utf-8"))}

    def left_over(self, seconds=5):
        """Returns the processes of the session that still live after some seconds."""
        deadline = time.monotonic() + seconds
        while (found := processes(self._task)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found


@contextmanager
def qgis_window(script, folder, environment, timeout=240, **task):
    """Starts QGIS with a script; whatever of it lives at the end is ended.

    Args:
        script: A file beside this one.
        folder: For what the session makes.
        environment: Of QGIS, with its profiles in `QGIS_CUSTOM_CONFIG_PATH`.
        timeout: Seconds that the script may take.
        task: What the script is told besides.
    """
    program = shutil.which("qgis.bin") or shutil.which("qgis")
    if program is None:
        pytest.skip("QGIS is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    path, temporary = folder / "task.json", folder / "temporary"
    temporary.mkdir(exist_ok=True)
    (folder / "outcome.json").unlink(missing_ok=True)
    task = {**task, "folder": str(folder), "timeout": timeout, "tools": str(HERE)}
    path.write_text(json.dumps(task), encoding="utf-8")
    profiles = environment["QGIS_CUSTOM_CONFIG_PATH"]
    command = [program, "--nologo", "--noversioncheck", "--profiles-path", profiles, "--code", str(HERE / script)]
    with virtual_display() as display, (folder / "qgis.log").open("w", encoding="utf-8") as log:
        # A folder of its own for what is temporary: QGIS asks about layers in that of the system, where tests work.
        own = {**environment, "TMPDIR": str(temporary), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", MARK: str(path)}
        qgis = subprocess.Popen(command, env=own, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield Window(qgis, folder, path)
        finally:
            end(qgis)


@contextmanager
def virtual_display():
    """Starts a virtual display with a window manager, and yields its name."""
    for program in ("Xvfb", "openbox"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    read, write = os.pipe()
    display = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            name = f":{pipe.readline().strip()}"
        manager = subprocess.Popen(["openbox"], env={**os.environ, "DISPLAY": name}, stderr=subprocess.DEVNULL)
        try:
            yield name
        finally:
            end(manager)
    finally:
        end(display)


def end(process):
    """Ends a process that may have ended."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
