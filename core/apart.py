"""Long library calls that must be stopped at once: they run in a process of their own, which can be ended."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any

from .errors import EngineError
from .progress import Reporter

_POLL_SECONDS = 0.05


def run_apart(function: Callable[..., Any], *arguments: Any, reporter: Reporter) -> Any:
    """Runs a module-level function in a new process and returns its result; a cancel ends the process.

    Raises:
        EngineError: If the process died.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(sender, function, arguments), daemon=True)
    process.start()
    sender.close()
    try:
        while not receiver.poll(_POLL_SECONDS):
            reporter.check()
        succeeded, value = receiver.recv()
    except EOFError as error:
        process.join()
        raise EngineError(
            f"A helper process of the engine ended unexpectedly (exit code {process.exitcode})."
        ) from error
    finally:
        process.kill()
        process.join()
        receiver.close()
    if not succeeded:
        raise value
    return value


def _run(sender: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    try:
        outcome = True, function(*arguments)
    except Exception as error:  # noqa: BLE001 - raised again by the caller
        outcome = False, error
    try:
        sender.send(outcome)
    except Exception:  # noqa: BLE001 - some errors of libraries cannot be sent
        sender.send((False, EngineError(str(outcome[1]))))


def _end_with(sentinel: int) -> None:
    """Ends this process when its parent is gone, so that no orphan writes on."""
    wait([sentinel])
    os._exit(1)
