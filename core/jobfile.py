"""Runs one job file without QGIS: `{"job": "classify", "spec": {...}}`, progress on stderr, the result on stdout."""

from __future__ import annotations

import json
import signal
import sys
import time
from types import FrameType
from typing import Any

from .errors import Cancelled, SpecError
from .failures import describe_failure
from .progress import Reporter
from .streams import JsonLines, take_stdout
from .worker import RunJob, run_job_lazily

DONE, FAILED, BAD_JOB_FILE = 0, 1, 2
_SIGNAL_BASE = 128
"""By the shell's convention, a process that a signal ended has the exit code 128 + its number."""

_PROGRESS_SECONDS = 1.0


def run_job_file(path: str, run_job: RunJob = run_job_lazily) -> int:
    """Runs a job file and returns the exit code: 0 done, 1 failed, 2 bad job file, 130 stopped with Ctrl+C.

    On SIGUSR1, where there is one, a training ends after its current batch with the best that it has.
    """
    output = JsonLines(take_stdout())
    reporter = Reporter(_Printer().show)
    received = _cancel_on_signals(reporter)
    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, lambda number, frame: reporter.finish())
    try:
        job, spec = read_job_file(path)
        output.write(run_job(job, spec, reporter))
    except SpecError as error:
        _print_error(error)
        return BAD_JOB_FILE
    except Cancelled as error:
        _print_error(error)
        return _SIGNAL_BASE + received[0] if received else FAILED
    except Exception as error:  # noqa: BLE001 - the process's last resort
        _print_error(error)
        return FAILED
    return DONE


def read_job_file(path: str) -> tuple[str, dict[str, Any]]:
    """Returns the job and its spec.

    Raises:
        SpecError: If the file cannot be read or is not a job file.
    """
    hint = 'Expected {"job": "classify", "spec": {...}}.'
    try:
        with open(path, encoding="utf-8") as file:
            values = json.load(file)
    except OSError as error:
        raise SpecError(f"Job file '{path}' cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise SpecError(f"Job file '{path}' is not JSON: {error}.", hint) from error
    if not isinstance(values, dict) or set(values) != {"job", "spec"}:
        raise SpecError(f"Job file '{path}' does not hold exactly 'job' and 'spec'.", hint)
    if not isinstance(values["job"], str) or not isinstance(values["spec"], dict):
        raise SpecError(f"In job file '{path}', 'job' is not text or 'spec' is not an object.", hint)
    return values["job"], values["spec"]


def _cancel_on_signals(reporter: Reporter) -> list[int]:
    """Cancels the job on Ctrl+C and on a scheduler's SIGTERM; a second one ends the process at once."""
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        received.append(number)
        reporter.cancel()
        signal.signal(number, signal.SIG_DFL)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return received


def _print_error(error: Exception) -> None:
    failure = describe_failure(error)
    print(f"Error: {failure['message']} {failure['hint']}".rstrip(), file=sys.stderr)


class _Printer:
    """Prints events for people, progress at most once a second."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def show(self, event: dict[str, Any]) -> None:
        line = self._line(event)
        if line:
            print(line, file=sys.stderr, flush=True)

    def _line(self, event: dict[str, Any]) -> str:
        kind = event["event"]
        if kind == "progress":
            return self._progress_line(event)
        if kind == "log":
            return f"Warning: {event['message']}" if event["level"] == "warning" else f"{event['message']}"
        if kind == "metric":
            return "  ".join(f"{name} {_number(value)}" for name, value in event["values"].items())
        if kind == "picture":
            return ""
        return f"Wrote {event['path']}"

    def _progress_line(self, event: dict[str, Any]) -> str:
        now = time.monotonic()
        if now - self._last < _PROGRESS_SECONDS and event["fraction"] < 1:
            return ""
        self._last = now
        left = event["seconds_left"]
        remaining = f", about {_duration(left)} left" if left is not None else ""
        return f"{event['fraction']:4.0%} {event['message']}{remaining}"


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
