"""The log file of the engine process: what it prints to stderr, bounded in size and number."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import IO

_MAX_BYTES = 2_000_000
_KEPT_FILES = 5
_CHUNK_BYTES = 16_384
_TAIL_LINES = 20
_PREFIX = "engine-"


class WorkerLog:
    """Copies the worker's stderr to a file and remembers its last lines.

    Args:
        folder: Folder of the log files; made if absent.
    """

    def __init__(self, folder: str) -> None:
        os.makedirs(folder, exist_ok=True)
        _drop_old_files(folder)
        # One file per QGIS process: two of them writing to one file would cut each other off.
        self.path = os.path.join(folder, f"{_PREFIX}{os.getpid()}.log")
        self._tail = b""
        self._thread: threading.Thread = threading.Thread()

    def follow(self, stream: IO[bytes]) -> None:
        """Copies a stream until it ends, in the background."""
        self._tail = b""
        self._thread = threading.Thread(target=self._copy, args=(stream,), name="engine-log", daemon=True)
        self._thread.start()

    def tail(self) -> str:
        """Returns the last lines, once the stream has ended or after a moment."""
        if self._thread.is_alive():
            self._thread.join(1.0)
        lines = self._tail.decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-_TAIL_LINES:])

    def _copy(self, stream: IO[bytes]) -> None:
        with stream, self._open() as file:
            # In chunks, not lines: a progress bar can go on for hours without a line's end.
            for chunk in iter(lambda: os.read(stream.fileno(), _CHUNK_BYTES), b""):
                self._tail = (self._tail + chunk)[-_CHUNK_BYTES:]
                # A full disk must not end the reading: the worker would block on a full pipe.
                with contextlib.suppress(OSError):
                    if file.tell() + len(chunk) > _MAX_BYTES:
                        file.seek(0)
                        file.truncate()
                    file.write(chunk)

    def _open(self) -> IO[bytes]:
        try:
            return open(self.path, "ab", buffering=0)
        except OSError:
            return open(os.devnull, "ab", buffering=0)


def _drop_old_files(folder: str) -> None:
    # Another QGIS may remove the same files, and on Windows hold its own one open.
    with contextlib.suppress(OSError):
        logs = [entry for entry in os.scandir(folder) if entry.name.startswith(_PREFIX)]
        logs.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
        for entry in logs[_KEPT_FILES - 1 :]:
            os.remove(entry.path)
