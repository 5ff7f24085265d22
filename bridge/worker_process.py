"""One engine process, seen from QGIS: requests go in, events come out, and its death is noticed."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
from typing import IO, Any, Dict, List, Optional, cast

from ..core.errors import EngineError
from . import processes
from .worker_log import WorkerLog

Event = Dict[str, Any]


class WorkerProcess:
    """Starts the engine and talks its protocol.

    Args:
        command: What to start.
        log: Takes the process's stderr.
    """

    def __init__(self, command: List[str], log: WorkerLog) -> None:
        self._log = log
        self._events: queue.SimpleQueue[Optional[Event]] = queue.SimpleQueue()
        self._process = processes.start(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        self._stdin = cast(IO[bytes], self._process.stdin)
        self._log.follow(cast(IO[bytes], self._process.stderr))
        stdout = cast(IO[bytes], self._process.stdout)
        threading.Thread(target=self._read, args=(stdout,), name="engine-events", daemon=True).start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Returns whether the process runs."""
        return self._process.poll() is None

    def send(self, request: Event) -> None:
        """Sends a request; to a process that has ended, it sends nothing, and `receive` tells."""
        with contextlib.suppress(OSError, ValueError):
            self._stdin.write(json.dumps(request).encode() + b"\n")
            self._stdin.flush()

    def receive(self, timeout: float) -> Optional[Event]:
        """Returns the next event, or None after a time without one.

        Raises:
            EngineError: If the process has ended.
        """
        try:
            event = self._events.get(timeout=timeout)
        except queue.Empty:
            return None
        if event is None:
            raise self._death()
        return event

    def close(self, grace: float) -> None:
        """Ends the process: by ending its input, then by force."""
        with contextlib.suppress(OSError, ValueError):
            self._stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        self.kill()

    def kill(self) -> None:
        """Ends the process and its children at once."""
        processes.kill(self._process)

    def _read(self, stdout: IO[bytes]) -> None:
        with stdout:
            for line in stdout:
                with contextlib.suppress(ValueError):
                    event = json.loads(line)
                    if isinstance(event, dict) and "event" in event:
                        self._events.put(event)
        self._events.put(None)

    def _death(self) -> EngineError:
        """Ends what is left of the process and returns how it died."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        self.kill()
        reason = processes.describe_exit(self._process.returncode)
        said = self._log.tail()
        hint = _death_hint(self._process.returncode)
        return EngineError(
            f"The engine's process ended unexpectedly ({reason})." + (f" Its last words:\n{said}\n" if said else ""),
            f"{hint} The whole log is in '{self._log.path}'.".strip(),
        )


def _death_hint(code: Optional[int]) -> str:
    # Linux ends the largest process with SIGKILL when memory is used up.
    return "It may have run out of memory." if code == -9 else ""
