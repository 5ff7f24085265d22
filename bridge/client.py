"""Runs jobs in the engine process, from any background thread of QGIS.

The process starts with the first job and stays warm for the next ones; one job runs at a time.
"""

from __future__ import annotations

import atexit
import itertools
import os
import threading
import time
from typing import Any, Callable, Dict, List, Optional, Protocol, Type, runtime_checkable

from ..core.errors import Cancelled, EngineError, LandSketchError
from ..core.specs import JobSpec
from . import environment
from .worker_log import WorkerLog
from .worker_process import WorkerProcess

_START_SECONDS = 120.0
"""A virus scanner may read all of a new environment before its first start."""

_CANCEL_GRACE_SECONDS = 3.0
_CLOSE_GRACE_SECONDS = 2.0
_POLL_SECONDS = 0.1

_PACKAGE = __name__.split(".")[0]
_LAUNCH = (
    "import sys, runpy; sys.path.append(sys.argv.pop(1)); "
    "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
)
"""Finds the package last on the path: its folder is QGIS's plugin folder, whose other plugins must not shadow the
engine's own packages."""


class Feedback(Protocol):
    """Takes what a job tells while it runs; called in the thread that runs the job."""

    def is_cancelled(self) -> bool:
        """Returns whether the user wants the job to stop; asked several times a second."""
        ...

    def progress(self, fraction: float, message: str, seconds_left: Optional[float]) -> None:
        """Takes how much is done (0 to 1), what is being done, and how long it will take if that is known."""
        ...

    def log(self, message: str, level: str) -> None:
        """Takes a sentence for the user; `level` is `info` or `warning`."""
        ...

    def metric(self, values: Dict[str, float]) -> None:
        """Takes measured values, such as the loss after an epoch."""
        ...

    def artifact(self, path: str, kind: str) -> None:
        """Takes a finished file; `kind` is `checkpoint`, `raster`, `report` or `metrics`."""
        ...


@runtime_checkable
class Watcher(Protocol):
    """What a feedback has besides if it follows a training; called in the same thread."""

    def wants_finish(self) -> bool:
        """Returns whether the training is to end after its batch with the best it has; asked several times a second."""
        ...

    def observe(self, event: Dict[str, Any]) -> None:
        """Takes each event as the engine sends it, pictures too."""
        ...


class Engine:
    """The engine process and the queue before it.

    Args:
        command: Returns what starts the worker; called at each start.
        cancel_grace: How long a cancelled job may clean up before the process is ended, in seconds.
    """

    def __init__(
        self,
        command: Optional[Callable[[], List[str]]] = None,
        cancel_grace: float = _CANCEL_GRACE_SECONDS,
    ) -> None:
        self._command = command or worker_command
        self._cancel_grace = cancel_grace
        self._turn = threading.Lock()
        self._worker: Optional[WorkerProcess] = None
        self._running: List[str] = []
        self._job: Optional[JobSpec] = None
        self._ids = itertools.count(1)

    @property
    def job(self) -> Optional[JobSpec]:
        """The job that runs now; None where the engine waits for one."""
        return self._job

    def run(self, spec: JobSpec, feedback: Feedback) -> Dict[str, Any]:
        """Runs a job to its end and returns its result.

        Blocks, and waits for its turn where another job runs.

        Raises:
            Cancelled: If the feedback said so.
            EngineError: If there is no engine, or its process died.
            LandSketchError: If the job failed; the subclass says at what.
        """
        while not self._turn.acquire(timeout=_POLL_SECONDS):
            _check(feedback)
        try:
            _check(feedback)
            self._job = spec
            worker = self._ready_worker(feedback)
            return self._run_in(worker, spec, feedback)
        except BaseException:
            if self._worker is not None and not self._worker.is_alive():
                self._worker = None
            raise
        finally:
            self._job = None
            self._turn.release()

    def close(self) -> None:
        """Ends the process; a running job ends with an error, a later one starts a new process."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close(_CLOSE_GRACE_SECONDS)

    def _ready_worker(self, feedback: Feedback) -> WorkerProcess:
        command = self._command()
        if self._worker is not None and self._worker.is_alive():
            if command == self._running:
                return self._worker
            self.close()  # the user has chosen another Python
        try:
            self._worker = worker = WorkerProcess(command, WorkerLog(environment.log_folder()))
        except OSError as error:
            raise EngineError(f"The engine could not be started: {error}.", "Install its environment again.") from error
        self._await_ready(worker, feedback)
        self._running = command
        return worker

    def _await_ready(self, worker: WorkerProcess, feedback: Feedback) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            _check(feedback)
            event = worker.receive(_POLL_SECONDS)
            if event is not None and event["event"] == "ready":
                return
        worker.kill()
        raise EngineError(f"The engine did not start within {_START_SECONDS:.0f} seconds.", "Try again.")

    def _run_in(self, worker: WorkerProcess, spec: JobSpec, feedback: Feedback) -> Dict[str, Any]:
        job_id = next(self._ids)
        worker.send({"id": job_id, "job": spec.job, "spec": spec.to_json()})
        deadline: Optional[float] = None
        watcher = feedback if isinstance(feedback, Watcher) else None
        finishing = False
        try:
            while True:
                event = worker.receive(_POLL_SECONDS)
                # An answer without an id says that the engine did not understand the request.
                if event is not None and event.get("id") in (job_id, None):
                    if event["event"] == "result":
                        return dict(event["result"])
                    if watcher is not None:
                        watcher.observe(event)
                    _pass_on(event, feedback)
                if watcher is not None and not finishing and watcher.wants_finish():
                    worker.send({"id": job_id, "finish": True})
                    finishing = True
                if deadline is None and feedback.is_cancelled():
                    worker.send({"id": job_id, "cancel": True})
                    deadline = time.monotonic() + self._cancel_grace
                if deadline is not None and time.monotonic() > deadline:
                    worker.kill()
                    raise Cancelled()
        except LandSketchError:
            raise
        except BaseException:
            # The caller's feedback failed: nobody waits for this job any more, so it must not go on.
            worker.kill()
            raise


def worker_command() -> List[str]:
    """Returns the command that starts the engine in its own environment.

    Raises:
        EngineError: If there is no environment.
    """
    python = environment.find_python()
    if python is None:
        raise EngineError(environment.missing_reason())
    parent = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return [python, "-I", "-X", "utf8", "-c", _LAUNCH, parent, _PACKAGE, "worker"]


def _check(feedback: Feedback) -> None:
    if feedback.is_cancelled():
        raise Cancelled()


def _pass_on(event: Dict[str, Any], feedback: Feedback) -> None:
    """Hands an event to the feedback, and raises the one that is an error."""
    name = event["event"]
    if name == "progress":
        feedback.progress(event["fraction"], event["message"], event["seconds_left"])
    elif name == "log":
        feedback.log(event["message"], event["level"])
    elif name == "metric":
        feedback.metric(event["values"])
    elif name == "artifact":
        feedback.artifact(event["path"], event["kind"])
    elif name == "error":
        raise _rebuild(event)


def _rebuild(event: Dict[str, Any]) -> LandSketchError:
    """Returns the error that the engine raised; a kind of a newer engine becomes the plain one."""
    kinds: Dict[str, Type[LandSketchError]] = {kind.kind: kind for kind in LandSketchError.__subclasses__()}
    kinds["internal"] = EngineError
    return kinds.get(event["kind"], LandSketchError)(event["message"], event["hint"])


_engine: Optional[Engine] = None
_engine_lock = threading.Lock()


def engine() -> Engine:
    """Returns the process-wide engine; it ends with QGIS."""
    global _engine
    with _engine_lock:
        if _engine is None:
            _engine = Engine()
            atexit.register(_engine.close)
        return _engine
