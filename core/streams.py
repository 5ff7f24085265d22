"""Keeps the standard streams of the engine clean: stdout carries the protocol or the result, nothing else."""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any, BinaryIO

Event = dict[str, Any]


class JsonLines:
    """Writes one JSON object per line to a binary stream; safe from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, event: Event) -> None:
        """Writes an event at once."""
        line = to_json_text(event).encode() + b"\n"
        with self._lock:
            self._stream.write(line)
            self._stream.flush()


def to_json_text(values: object) -> str:
    """Returns JSON on one line; numpy numbers and paths are taken as what they hold."""
    return json.dumps(values, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def take_stdout() -> BinaryIO:
    """Returns a private stream to the real stdout; from then on all that prints, C libraries too, goes to stderr."""
    sys.stdout.flush()
    private = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(private, "wb")


def take_stdin() -> BinaryIO:
    """Returns a private stream to the real stdin; from then on nothing else can read from it."""
    private = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return os.fdopen(private, "rb")
