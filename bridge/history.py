"""The history of training runs: one file each, written line by line as the run goes on.

The first line says what was started, each later one what was measured, and the last one how it ended. A run without
such a line was interrupted, and can be read as far as it went. Beside the file lies the last picture of its examples.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Dict, List, Optional, Tuple

from . import environment

KEPT = 200
"""Runs; older ones are dropped."""

FINISHED, STOPPED, CANCELLED, FAILED = "finished", "stopped", "cancelled", "failed"
"""How a run ended: by itself, by hand with the best it had, by hand with nothing, or with an error."""

_SUFFIX, _PICTURE = ".jsonl", ".png"


@dataclass(frozen=True)
class Call:
    """What was asked for in QGIS.

    Attributes:
        algorithm: Its id, such as `landsketch:finetune`.
        title: Its name, as people know it.
        parameters: By name, as plain JSON values; layers as the files behind them.
        command: The same for `qgis_process`; empty where there is none.
        note: What keeps the command from doing the same again; empty where nothing does.
    """

    algorithm: str
    title: str
    parameters: Dict[str, Any]
    command: str = ""
    note: str = ""


@dataclass(frozen=True)
class Measures:
    """What was measured at a moment.

    Attributes:
        values: By name: `epoch` or `step`, losses, and scores on held-out labels.
        f1: F1 of the classes by their names, on held-out labels; empty where there are none.
    """

    values: Dict[str, float]
    f1: Dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """A training run.

    Attributes:
        id: Name of its file.
        job: Name of the job.
        started: When, as ISO text with the offset to UTC.
        call: What was asked for.
        spec: What the engine was asked for, as JSON values.
        metrics: In the order of time.
        ending: One of `FINISHED`, `STOPPED`, `CANCELLED`, `FAILED`; empty: it runs, or was interrupted.
        message: Why it failed.
        result: What the engine gave: paths, and `metrics` of the final weights.
        seconds: How long it took; 0 while that is not known.
        picture: Path of the last picture of its examples; empty: none.
    """

    id: str
    job: str
    started: str
    call: Call
    spec: Dict[str, Any]
    metrics: Tuple[Measures, ...] = ()
    ending: str = ""
    message: str = ""
    result: Dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    picture: str = ""


class RunFile:
    """The file of a run that goes on; a full disk ends the writing, never the run.

    Args:
        run: What was started.
        where: Folder; made if absent.
    """

    def __init__(self, run: Run, where: str) -> None:
        self.picture_path = os.path.join(where, run.id + _PICTURE)
        self._path = os.path.join(where, run.id + _SUFFIX)
        self._began = time.monotonic()
        first = {"job": run.job, "started": run.started, "call": vars(run.call), "spec": run.spec}
        with contextlib.suppress(OSError):
            os.makedirs(where, exist_ok=True)
            _drop_old_runs(where, KEPT - 1)
            _write(self._path, json.dumps(first).encode() + b"\n")

    def measured(self, measures: Measures) -> None:
        """Adds what was measured."""
        self._add({"values": measures.values, **({"f1": measures.f1} if measures.f1 else {})})

    def show(self, png: bytes) -> None:
        """Keeps a picture in the place of the one before it."""
        with contextlib.suppress(OSError):
            _write(self.picture_path, png)

    def end(self, ending: str, message: str, result: Dict[str, Any]) -> None:
        """Writes how the run ended."""
        self._add({"ending": ending, "message": message, "result": result, "seconds": self.seconds})

    @property
    def seconds(self) -> float:
        """How long it has gone on."""
        return round(time.monotonic() - self._began, 1)

    def _add(self, entry: Dict[str, Any]) -> None:
        with contextlib.suppress(OSError), open(self._path, "a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(entry) + "\n")


def folder() -> str:
    """Returns the folder of the history."""
    return os.path.join(environment.root(), "runs")


def new_id(job: str) -> str:
    """Returns the name of a run that starts now; names sort by time."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{job}-{uuid.uuid4().hex[:6]}"


def now() -> str:
    """Returns the time as ISO text with the offset to UTC."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def read_runs(where: str) -> List[Run]:
    """Returns the runs of a folder, the latest first; files that are none are passed over."""
    runs = (_read(os.path.join(where, name), where) for name in reversed(_names(where)))
    return [run for run in runs if run is not None]


def _read(path: str, where: str) -> Optional[Run]:
    try:
        with open(path, encoding="utf-8") as file:
            entries = [entry for entry in map(_parsed, file) if isinstance(entry, dict)]
        first, later = entries[0], entries[1:]
        run_id = os.path.basename(path)[: -len(_SUFFIX)]
        metrics = tuple(Measures(entry["values"], entry.get("f1") or {}) for entry in later if "values" in entry)
        last = next((entry for entry in reversed(later) if "ending" in entry), {})
        picture = os.path.join(where, run_id + _PICTURE)
        return Run(
            run_id,
            first["job"],
            first["started"],
            Call(**first["call"]),
            first["spec"],
            metrics,
            last.get("ending", ""),
            last.get("message", ""),
            last.get("result") or {},
            last.get("seconds", 0.0),
            picture if os.path.isfile(picture) else "",
        )
    except (OSError, UnicodeDecodeError, LookupError, TypeError, AttributeError):
        return None


def _parsed(line: str) -> Any:
    """Returns a line's value; None for one that a crash cut off."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def _names(where: str) -> List[str]:
    try:
        return sorted(name for name in os.listdir(where) if name.endswith(_SUFFIX))
    except OSError:
        return []


def _drop_old_runs(where: str, kept: int) -> None:
    # Another QGIS may drop the same ones.
    for name in _names(where)[: -kept or None]:
        for suffix in (_SUFFIX, _PICTURE):
            with contextlib.suppress(OSError):
                os.remove(os.path.join(where, name[: -len(_SUFFIX)] + suffix))


def _write(path: str, content: bytes) -> None:
    """Writes a file that is there whole, or not at all."""
    number, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".", suffix=".part")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(temporary)
        raise
