"""Training runs that go on in this process: kept in the history, to be watched, ended and cancelled from anywhere."""

from __future__ import annotations

import base64
import contextlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Protocol

from ..core.errors import Cancelled, LandSketchError
from ..core.specs import JobSpec
from . import history
from .history import Call, Measures, Run, RunFile

if TYPE_CHECKING:
    from .client import Feedback

STARTED, TOLD, ENDED = "started", "told", "ended"

Listener = Callable[["LiveRun", str], None]
"""Takes a run and one of `STARTED`, `TOLD`, `ENDED`, in the thread in which the job is waited for."""


class Runner(Protocol):
    """What runs jobs: `client.Engine`."""

    def run(self, spec: JobSpec, feedback: Feedback) -> Dict[str, Any]:
        """Runs a job to its end and returns its result."""
        ...


class LiveRun:
    """A run that goes on; all may be asked and called from any thread.

    Args:
        spec: The job.
        call: What was asked for in QGIS.

    Attributes:
        fraction: How much is done, 0 to 1.
        message: What is being done.
        seconds_left: How long it will take; None while that is not known.
        in_background: Whether the main thread is free to show it.
    """

    def __init__(self, spec: JobSpec, call: Call) -> None:
        self._run = Run(history.new_id(spec.job), spec.job, history.now(), call, spec.to_json())
        self._file = RunFile(self._run, history.folder())
        self._cancelled = threading.Event()
        self._finishing = threading.Event()
        self.fraction, self.message = 0.0, ""
        self.seconds_left: Optional[float] = None
        self.in_background = threading.current_thread() is not threading.main_thread()

    @property
    def run(self) -> Run:
        """What is known of it so far."""
        return self._run

    @property
    def seconds(self) -> float:
        """How long it has gone on."""
        return self._file.seconds

    @property
    def is_cancelled(self) -> bool:
        """Whether it is to end at once and leave nothing."""
        return self._cancelled.is_set()

    @property
    def is_finishing(self) -> bool:
        """Whether it is to end after its batch with the best it has."""
        return self._finishing.is_set()

    def cancel(self) -> None:
        """Has it end at once and leave nothing."""
        self._cancelled.set()

    def finish(self) -> None:
        """Has it end after its batch with the best it has."""
        self._finishing.set()

    def take(self, event: Dict[str, Any]) -> None:
        """Takes an event of the engine."""
        if event["event"] == "progress":
            self.fraction, self.seconds_left = event["fraction"], event["seconds_left"]
            self.message = event["message"] or self.message
        elif event["event"] == "metric":
            measures = Measures(event["values"], event.get("f1") or {})
            self._run = replace(self._run, metrics=(*self._run.metrics, measures))
            self._file.measured(measures)
        elif event["event"] == "picture":
            self._file.show(base64.b64decode(event["png"]))
            self._run = replace(self._run, picture=self._file.picture_path)
        else:
            return
        _tell(self, TOLD)

    def end(self, ending: str, message: str = "", result: Optional[Dict[str, Any]] = None) -> None:
        """Takes how it ended."""
        # What is measured on the way is there already.
        kept = {name: value for name, value in (result or {}).items() if name != "history"}
        self._file.end(ending, message, kept)
        self._run = replace(self._run, ending=ending, message=message, result=kept, seconds=self._file.seconds)


class _Watched:
    """The feedback of a job, which also keeps the history and takes what is asked elsewhere."""

    def __init__(self, feedback: Feedback, live: LiveRun) -> None:
        self._feedback, self._live = feedback, live
        self.progress, self.log = feedback.progress, feedback.log
        self.metric, self.artifact = feedback.metric, feedback.artifact

    def is_cancelled(self) -> bool:
        return self._live.is_cancelled or self._feedback.is_cancelled()

    def wants_finish(self) -> bool:
        return self._live.is_finishing

    def observe(self, event: Dict[str, Any]) -> None:
        self._live.take(event)


def run_recorded(engine: Runner, spec: JobSpec, feedback: Feedback, call: Call) -> Dict[str, Any]:
    """Runs a training job to its end, keeps it in the history, and returns its result.

    Raises:
        Cancelled: If the feedback said so, or the run was cancelled elsewhere.
        LandSketchError: If the job failed; the subclass says at what.
    """
    live = LiveRun(spec, call)
    with _lock:
        _live.append(live)
    _tell(live, STARTED)
    try:
        result = engine.run(spec, _Watched(feedback, live))
        live.end(history.STOPPED if live.is_finishing else history.FINISHED, result=result)
        return result
    except Cancelled:
        live.end(history.CANCELLED)
        raise
    except LandSketchError as error:
        live.end(history.FAILED, str(error))
        raise
    except BaseException as error:
        live.end(history.FAILED, f"{type(error).__name__}: {error}")
        raise
    finally:
        with _lock:
            _live.remove(live)
        _tell(live, ENDED)


def live_runs() -> List[LiveRun]:
    """Returns the runs that go on, the latest first."""
    with _lock:
        return _live[::-1]


def listen(listener: Listener) -> Callable[[], None]:
    """Has a listener told of all runs from now on; returns what ends that."""
    with _lock:
        _listeners.append(listener)

    def remove() -> None:
        with _lock, contextlib.suppress(ValueError):
            _listeners.remove(listener)

    return remove


def _tell(live: LiveRun, what: str) -> None:
    with _lock:
        listeners = list(_listeners)
    for listener in listeners:
        listener(live, what)


_live: List[LiveRun] = []
_listeners: List[Listener] = []
_lock = threading.Lock()
