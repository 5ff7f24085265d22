"""Asks the engine what the machine can compute with."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, Optional

from ..core.errors import Cancelled
from ..core.specs import InspectSpec

Report = Dict[str, Any]


def inspect(cancelled: Callable[[], bool]) -> Report:
    """Returns the engine's report on the machine, with the size of its environment.

    Raises:
        Cancelled: If it was stopped.
        LandSketchError: If the engine is missing or does not start.
    """
    # Only a check needs the engine's client: the page itself opens without it.
    from ..bridge import client, environment

    # A process of its own: a map that is being made need not be waited for, and no GPU stays taken afterwards.
    engine = client.Engine()
    try:
        report = engine.run(InspectSpec(), _Feedback(cancelled))
    finally:
        engine.close()
    python = environment.find_python()
    # The size of an environment that the user named is the user's business.
    if python and python.startswith(environment.root()):
        report["bytes"] = folder_size(os.path.dirname(os.path.dirname(python)), cancelled)
    return report


def folder_size(folder: str, cancelled: Callable[[], bool]) -> int:
    """Returns the bytes of all files in a folder.

    Raises:
        Cancelled: If it was stopped.
    """
    total = 0
    for parent, _, names in os.walk(folder):
        if cancelled():
            raise Cancelled()
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except OSError:  # gone meanwhile
                continue
    return total


class _Feedback:
    """The bridge's `Feedback`: only cancelling matters here."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self.is_cancelled = cancelled

    def progress(self, fraction: float, message: str, seconds_left: Optional[float]) -> None:
        """A check is too short for a bar that moves."""

    def log(self, message: str, level: str) -> None:
        """The report says it all."""

    def metric(self, values: Dict[str, float]) -> None:
        """Nothing is measured."""

    def artifact(self, path: str, kind: str) -> None:
        """No file is written."""
