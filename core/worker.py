"""The engine process: jobs in and events out, as newline-delimited JSON on stdin and stdout.

Requests are `{"id": ..., "job": ..., "spec": {...}}`, `{"id": ..., "cancel": true}` and `{"id": ..., "finish": true}`,
which ends a training after its current batch with the best that it has. Events carry the id of their job: `progress`,
`metric`, `picture`, `log`, `artifact`, and at the end either `result` or `error`. A request that cannot be understood
is answered with an `error` whose id is null, unless it stated one that is free.

The main thread reads requests and one thread runs the jobs in turn, so cancelling is never behind the work. The process
lives until stdin ends: whoever started it is gone then, however it went.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .errors import Cancelled
from .failures import describe_failure
from .progress import Reporter
from .streams import JsonLines, take_stdin, take_stdout, to_json_text
from .version import version

RunJob = Callable[[str, dict[str, Any], Reporter], dict[str, Any]]

_GRACE_SECONDS = 1.0
"""How long a cancelled job may clean up after stdin has ended."""


def run_job_lazily(job: str, spec: dict[str, Any], reporter: Reporter) -> dict[str, Any]:
    """Runs a job; its imports (torch, rasterio: seconds) happen here, and can be cancelled."""
    package = __name__.rpartition(".")[0]
    jobs = reporter.await_result(lambda: importlib.import_module(f"{package}.jobs"))
    result: dict[str, Any] = jobs.run_job(job, spec, reporter)
    return result


@dataclass(frozen=True)
class _Request:
    id: Any
    job: str
    spec: dict[str, Any]
    reporter: Reporter


class Worker:
    """Takes request lines and runs their jobs one after the other.

    Args:
        emit: Takes every event; called from several threads.
        run_job: Runs one job.
    """

    def __init__(self, emit: Callable[[dict[str, Any]], None], run_job: RunJob = run_job_lazily) -> None:
        self._emit = emit
        self._run_job = run_job
        self._lock = threading.Lock()
        self._open: dict[Any, _Request] = {}
        self._running: _Request | None = None
        self._queue: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run_queue, name="jobs", daemon=True)
        self._thread.start()

    def handle(self, line: bytes) -> None:
        """Answers one line of the protocol; never raises for what the line holds."""
        try:
            request = json.loads(line)
        except (ValueError, RecursionError) as error:
            return self._refuse(None, f"A request is not JSON ({error}): {_shorten(line)}.")
        if not isinstance(request, dict) or not isinstance(request.get("id"), (str, int)):
            return self._refuse(None, f"A request has no 'id' that is text or a whole number: {_shorten(line)}.")
        if request.get("cancel"):
            return self._cancel(request["id"])
        if request.get("finish"):
            return self._finish(request["id"])
        if not isinstance(request.get("job"), str) or not isinstance(request.get("spec"), dict):
            return self._refuse(request["id"], f"A request lacks 'job' or 'spec': {_shorten(line)}.")
        return self._accept(request["id"], request["job"], request["spec"])

    def close(self, grace: float = _GRACE_SECONDS) -> bool:
        """Cancels all jobs and returns whether they ended within the grace period."""
        with self._lock:
            requests = list(self._open.values())
        for request in requests:
            request.reporter.cancel()
        self._queue.put(None)
        self._thread.join(grace)
        return not self._thread.is_alive()

    def _accept(self, request_id: Any, job: str, spec: dict[str, Any]) -> None:
        reporter = Reporter(lambda event: self._emit({"id": request_id, **event}), watched=True)
        request = _Request(request_id, job, spec, reporter)
        with self._lock:
            taken = request_id in self._open
            if not taken:
                self._open[request_id] = request
        if taken:
            # With the id of the running job, the answer would be taken for that job's end.
            return self._refuse(None, f"The id {request_id!r} belongs to a job that has not ended.")
        return self._queue.put(request)

    def _cancel(self, request_id: Any) -> None:
        """Stops a running job, or answers for a waiting one; for one that has just ended there is nothing to say."""
        with self._lock:
            request = self._open.get(request_id)
            waits = request is not None and request is not self._running
            if waits:
                del self._open[request_id]
        if waits:
            self._emit({"id": request_id, "event": "error", **Cancelled().to_json()})
        elif request is not None:
            request.reporter.cancel()

    def _finish(self, request_id: Any) -> None:
        """Has a training end with the best that it has; one that waits will do so after its first batch."""
        with self._lock:
            request = self._open.get(request_id)
        if request is not None:
            request.reporter.finish()

    def _refuse(self, request_id: Any, message: str) -> None:
        with self._lock:
            answer_id = None if request_id in self._open else request_id
        self._emit({"id": answer_id, "event": "error", "kind": "spec", "message": message, "hint": ""})

    def _run_queue(self) -> None:
        while True:
            request = self._queue.get()
            if request is None:
                return
            if not self._begin(request):
                continue
            final = self._run(request)
            with self._lock:
                self._running = None
                del self._open[request.id]
            self._emit({"id": request.id, **final})

    def _begin(self, request: _Request) -> bool:
        """Marks a waiting job as the running one, unless it was cancelled meanwhile."""
        with self._lock:
            if self._open.get(request.id) is not request:
                return False
            self._running = request
            return True

    def _run(self, request: _Request) -> dict[str, Any]:
        """Runs a job and returns its last event."""
        try:
            request.reporter.check()
            result = self._run_job(request.job, request.spec, request.reporter)
            return {"event": "result", "result": json.loads(to_json_text(result))}
        except BaseException as error:  # noqa: BLE001 - whatever a job raises, the worker stays
            return {"event": "error", **describe_failure(error)}


def serve(run_job: RunJob = run_job_lazily) -> None:
    """Runs the worker on the process's own stdin and stdout, and ends the process when stdin ends."""
    requests = take_stdin()
    events = JsonLines(take_stdout())
    # Ctrl+C in the terminal that started QGIS is meant for QGIS; the worker ends when QGIS does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    events.write({"event": "ready", "version": version(), "pid": os.getpid()})
    worker = Worker(lambda event: _write_if_read(events, event), run_job)
    _read(requests, worker)
    worker.close()
    sys.stderr.flush()
    # Not sys.exit: a job that does not react, or a library's threads, would keep the process alive as an orphan.
    os._exit(0)


def _write_if_read(events: JsonLines, event: dict[str, Any]) -> None:
    # Who does not read events any more is gone: stdin ends too, and with it the process, after the job has cleaned up.
    with contextlib.suppress(OSError):
        events.write(event)


def _read(lines: Iterable[bytes], worker: Worker) -> None:
    for line in lines:
        if line.strip():
            worker.handle(line)


def _shorten(line: bytes) -> str:
    text = line.decode(errors="replace").strip()
    return text if len(text) <= 120 else text[:120] + "..."
