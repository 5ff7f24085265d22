"""How a running job tells what it does, and how it is stopped."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from .errors import Cancelled

Result = TypeVar("Result")

_POLL_SECONDS = 0.05


class Reporter:
    """Passes a job's events on and raises `Cancelled` inside the job once it is stopped.

    Args:
        emit: Takes each event: a dict with the key `event` (`progress`, `metric`, `picture`, `log` or `artifact`) and
            its values.
        watched: Whether somebody looks at pictures while the job runs.
    """

    def __init__(self, emit: Callable[[dict[str, Any]], None] = lambda event: None, watched: bool = False) -> None:
        self.watched = watched
        self._emit = emit
        self._cancelled = threading.Event()
        self._finishing = threading.Event()
        self._span = (0.0, 1.0)
        self._started = time.monotonic()
        self._before = 0.0

    def cancel(self) -> None:
        """Asks the job to stop; safe from any thread."""
        self._cancelled.set()

    def finish(self) -> None:
        """Asks a training to end after this batch with the best it has; safe from any thread."""
        self._finishing.set()

    @property
    def finishing(self) -> bool:
        """Whether a training is to end with the best it has. Asked at least once per batch."""
        return self._finishing.is_set()

    def check(self) -> None:
        """Raises `Cancelled` if the job was stopped. Called at least once per batch and per tile."""
        if self._cancelled.is_set():
            raise Cancelled()

    def stage(self, start: float, end: float, message: str) -> None:
        """Opens the next stage: later `progress` fractions run from `start` to `end` of the whole job."""
        self._span = (start, end)
        self.log(message)
        self.progress(0.0, message)

    def progress(self, fraction: float, message: str = "") -> None:
        """Reports how much of the stage is done (0 to 1), with the seconds left estimated from the pace so far."""
        self.check()
        start, end = self._span
        overall = start + (end - start) * min(max(fraction, 0.0), 1.0)
        spent = time.monotonic() - self._started
        done = overall - self._before
        left = spent * (1 - overall) / done if done > 0.02 and spent > 1 else None
        self._emit({"event": "progress", "fraction": overall, "message": message, "seconds_left": left})

    def done_before(self, fraction: float) -> None:
        """States how much of the stage (0 to 1) an earlier run did, which says nothing about the pace of this one."""
        start, end = self._span
        self._before = start + (end - start) * fraction

    def part(self, start: float, end: float, prefix: str, artifacts: bool = True) -> Reporter:
        """Returns a reporter for a job that is part of this one.

        Its whole runs from `start` to `end` of this reporter's stage, its messages begin with `prefix`, and one
        cancel stops both; `finish` is not passed on, since the whole is not done with its part. `artifacts` says
        whether the files that it finishes are of interest outside.
        """

        def pass_on(event: dict[str, Any]) -> None:
            if event["event"] == "progress":
                # Through this reporter's `progress`, so that the time left is that of the whole.
                message = prefix + event["message"] if event["message"] else ""
                self.progress(start + (end - start) * event["fraction"], message)
            elif event["event"] == "log":
                self.log(prefix + event["message"], event["level"])
            elif artifacts or event["event"] != "artifact":
                self._emit(event)

        part = Reporter(pass_on)
        part._cancelled = self._cancelled
        return part

    def metric(self, f1: Mapping[str, float] | None = None, /, **values: float) -> None:
        """Reports measured values, such as `epoch=3, loss=0.41, macro_f1=0.7`, and the F1 of classes by their names."""
        self._emit({"event": "metric", "values": values} | ({"f1": dict(f1)} if f1 else {}))

    def picture(self, png: bytes) -> None:
        """Reports a picture of what the job does, in the place of the one before it."""
        self._emit({"event": "picture", "png": base64.b64encode(png).decode("ascii")})

    def log(self, message: str, level: str = "info") -> None:
        """Reports a sentence for the user; `level` is `info` or `warning`."""
        self._emit({"event": "log", "level": level, "message": message})

    def warn(self, message: str) -> None:
        """Reports a sentence that the user should not miss."""
        self.log(message, "warning")

    def artifact(self, path: str, kind: str) -> None:
        """Reports a finished file; `kind` is `checkpoint`, `raster`, `report` or `metrics`."""
        self._emit({"event": "artifact", "path": path, "kind": kind})

    def await_future(self, future: Future[Result]) -> Result:
        """Waits for a pool's result, so that cancelling answers at once; the pool is its owner's to stop."""
        while True:
            self.check()
            try:
                return future.result(_POLL_SECONDS)
            except TimeoutError:
                if future.done():
                    return future.result()

    def await_result(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Runs a library call that cannot be interrupted, such as a solver, so that cancelling still answers at once.

        The call goes on in a daemon thread after a cancel and its result is dropped; it must not write anything.
        """
        self.check()
        outcome: dict[str, Any] = {}

        def target() -> None:
            try:
                outcome["result"] = function(*arguments)
            except BaseException as error:  # noqa: BLE001 - raised again in the job's own thread
                outcome["error"] = error

        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_POLL_SECONDS)
            self.check()
        if "error" in outcome:
            raise outcome["error"]
        result: Result = outcome["result"]
        return result
