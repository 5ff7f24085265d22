"""Child processes: started without a console window, in their own group, ended together with their children."""

from __future__ import annotations

import collections
import os
import queue
import signal
import subprocess
import sys
import threading
from typing import IO, Any, Callable, Deque, Dict, Optional, Sequence, Tuple, Union

from ..core.errors import Cancelled
from .proxy import proxy_of_qgis

_POLL_SECONDS = 0.1
_KEPT_LINES = 200

_STRIPPED = ("PYTHON", "PROJ_", "GDAL_", "VIRTUAL_ENV", "__PYVENV")
"""QGIS sets these for itself; in the engine they would lead to QGIS's modules and to its PROJ database."""


def child_environment() -> Dict[str, str]:
    """Returns this process's environment without what points at QGIS's Python, PROJ and GDAL, and with its proxy."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_STRIPPED)}
    return {**kept, **proxy_of_qgis()}


def start(
    command: Sequence[str],
    stdin: int = subprocess.DEVNULL,
    stderr: Union[int, IO[bytes]] = subprocess.STDOUT,
) -> subprocess.Popen[bytes]:
    """Starts a program, never through a shell, with its stdout as a pipe.

    Args:
        command: Absolute path of the program, and its arguments.
        stdin: No input, so that nothing can wait for an answer, or `subprocess.PIPE`.
        stderr: By default into stdout.
    """
    # Security scanners suspect every subprocess: the command is a list of our own making, and no shell reads it.
    return subprocess.Popen(  # nosec B603
        list(command), stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, env=child_environment(), **_own_group()
    )


def _own_group() -> Dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a process of `start` and the processes that it has started, at once, and waits for it."""
    if sys.platform == "win32":
        process.kill()
    else:
        try:
            # The group outlives its leader as long as a child of it runs, so this is right for a dead leader as well.
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # Nobody is left in the group; macOS says so with PermissionError while the leader is unreaped.
            process.poll()
    process.wait()


def describe_exit(code: Optional[int]) -> str:
    """Returns how a process ended, in words: 'exit code 3' or 'signal SIGKILL'."""
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def run_lines(
    command: Sequence[str], on_line: Callable[[str], None], cancelled: Callable[[], bool]
) -> Tuple[Optional[int], str]:
    """Runs a program to its end and returns its exit code and the end of its output.

    Args:
        command: Absolute path of the program, and its arguments.
        on_line: Takes each line of its output, in the calling thread.
        cancelled: Asked several times a second whether to end it.

    Raises:
        Cancelled: If it was ended.
    """
    process = start(command)
    lines: queue.SimpleQueue[Optional[str]] = queue.SimpleQueue()
    threading.Thread(target=_read_lines, args=(process.stdout, lines), daemon=True).start()
    output: Deque[str] = collections.deque(maxlen=_KEPT_LINES)
    try:
        while True:
            if cancelled():
                raise Cancelled("The installation was cancelled.")
            try:
                line = lines.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                return process.wait(), "\n".join(output)
            output.append(line)
            on_line(line)
    finally:
        kill(process)


def _read_lines(stream: IO[bytes], lines: queue.SimpleQueue[Optional[str]]) -> None:
    with stream:
        for line in stream:
            lines.put(line.decode("utf-8", "replace").rstrip())
    lines.put(None)
