"""Long library calls that must be stopped at once: they run in a process of their own, which can be ended."""

from __future__ import annotations

import importlib
import json
import os
import subprocess  # nosec B404
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .errors import EngineError
from .progress import Reporter

_START = "import sys, importlib; sys.path.append(sys.argv[1]); importlib.import_module(sys.argv[2]).serve()"
"""The package is found last: beside it may lie other plugins of QGIS, which must not shadow the engine's packages."""


def run_apart(function: Callable[..., None], *arguments: Any, reporter: Reporter) -> None:
    """Runs a module-level function with JSON values in a new process; a cancel ends the process.

    Raises:
        EngineError: If the process died.
        RuntimeError: If the function failed, with its words.
    """
    request = json.dumps([function.__module__, function.__name__, arguments])
    command = [sys.executable, "-P", "-c", _START, str(Path(__file__).parents[2]), __name__]
    # The command is this interpreter with this file.
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # nosec B603
    try:
        answer = reporter.await_result(_answer, process, request)
    finally:
        process.kill()
        process.wait()
    if not answer:
        raise EngineError(f"A helper process of the engine ended unexpectedly (exit code {process.returncode}).")
    error = json.loads(answer)
    if error:
        raise RuntimeError(error)


def _answer(process: subprocess.Popen[str], request: str) -> str:
    """Sends the request and waits; input stays open meanwhile, since its end says that nobody waits any more."""
    if process.stdin is None or process.stdout is None:
        return ""
    process.stdin.write(request + "\n")
    process.stdin.flush()
    return process.stdout.readline()


def serve() -> None:
    """Runs one request from stdin and answers on stdout with the error's text, empty for success."""
    # What libraries print must not be taken for the answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module, name, arguments = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    error = ""
    try:
        getattr(importlib.import_module(module), name)(*arguments)
    except Exception as failure:  # noqa: BLE001 - raised again by the caller
        error = str(failure) or type(failure).__name__
    answers.write(json.dumps(error) + "\n")
    answers.flush()
    os._exit(0)


def _end_with_parent() -> None:
    """Ends this process when its parent is gone, so that no orphan writes on."""
    sys.stdin.read()
    os._exit(1)
