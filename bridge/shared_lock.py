"""A lock between processes: two QGIS windows must not build the same environment at once."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import IO, Callable, Iterator

from ..core.errors import Cancelled

_POLL_SECONDS = 0.2


@contextlib.contextmanager
def shared_lock(path: str, on_line: Callable[[str], None], cancelled: Callable[[], bool]) -> Iterator[None]:
    """Holds a lock file; the system gives it back when the process dies.

    Raises:
        Cancelled: If waiting for another process was stopped.
    """
    with open(path, "a+b") as file:
        if not _try_lock(file):
            on_line("Another QGIS is installing the engine; waiting for it ...")
            while not _try_lock(file):
                if cancelled():
                    raise Cancelled("The installation was cancelled.")
                time.sleep(_POLL_SECONDS)
        yield


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> bool:
        file.seek(0, os.SEEK_END)
        if file.tell() == 0:
            file.write(b"\0")
            file.flush()
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
