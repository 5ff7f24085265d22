"""Finds or builds the engine's environment: a Python with torch, rasterio and the rest, outside QGIS and the plugin.

It lives under `~/.landsketch` (or the folder that the variable LANDSKETCH_HOME names) in a folder named after the
Python version and the lock file's content, so that an update of the plugin builds a new one beside the old. It gets
that name only after it has been verified: a half-built one is never found. An interpreter that the variable
LANDSKETCH_PYTHON or the options of LandSketch name is taken as it is.

Also a program, for `./dev`: `python3 -m landsketch.bridge.environment --build | --python | --status`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
from typing import Callable, Iterator, List, Optional, Sequence

from ..core.errors import EngineError
from .checked_python import IMPORTS
from .install_errors import explain
from .install_log import install_log
from .interpreters import base_python, minor_of_new_environment
from .named_python import named_python, why_missing
from .processes import child_environment, run_lines
from .shared_lock import shared_lock

__all__ = ["build", "child_environment", "find_python", "log_folder", "missing_reason", "root"]

OnLine = Callable[[str], None]
Cancelled = Callable[[], bool]

_READY = "landsketch-ready"
"""Marker file of a verified environment."""

_LOGIC = "1"
"""Part of the environment's key: raised when building changes in a way that old environments must not survive."""

_VERIFY = f"import {IMPORTS}; print('torch', torch.__version__)"
_NEEDED_BYTES = 10_000_000_000
"""On Linux 6.8 GB installed and the downloads beside it."""

_INSTALL = (
    "Install it with Processing Toolbox > LandSketch > Set-up > Install engine, "
    "or with: qgis_process run landsketch:installengine"
)
"""The way there, with a window and without."""

_REQUIREMENTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "requirements")


def root() -> str:
    """Returns the folder of all that LandSketch keeps outside QGIS: environments, logs."""
    return os.path.abspath(os.environ.get("LANDSKETCH_HOME") or os.path.join(os.path.expanduser("~"), ".landsketch"))


def log_folder() -> str:
    """Returns the folder of the engine's log files."""
    return os.path.join(root(), "logs")


def find_python() -> Optional[str]:
    """Returns the engine's Python, or None when there is none; looks at a few files only."""
    named = named_python()
    if named:
        return named if os.path.isfile(named) else None
    # The engine is a process of its own, so any Python version that has the locked packages will do.
    return own_python()


def missing_reason() -> str:
    """Returns why there is no engine and what to do, in plain words; empty when there is one."""
    if find_python() is not None:
        return ""
    named = named_python()
    if named:
        return why_missing(named)
    if any(name.startswith("py") for name in _names(_environments())):
        return (
            f"The installed engine belongs to another version of LandSketch. {_INSTALL}; "
            "what is unchanged is not downloaded twice."
        )
    return (
        f"The engine is not installed yet. {_INSTALL}; "
        f"it needs the internet once and {_NEEDED_BYTES / 1e9:.0f} GB in '{root()}'."
    )


def build(on_line: OnLine, cancelled: Cancelled) -> str:
    """Builds the engine's environment where it is missing, and returns its Python.

    Args:
        on_line: Takes each line that the installers print.
        cancelled: Asked several times a second whether to stop.

    Raises:
        Cancelled: If it was stopped; nothing half-built remains.
        EngineError: If it failed, with the reason and what to do about it.
    """
    return _with_lock(on_line, cancelled, lambda: find_python() or _build_logged(on_line, cancelled))


def installer(on_line: OnLine, cancelled: Cancelled) -> str:
    """Returns the pinned installer, uv, and fetches it where it is missing; for developers' tools.

    Raises:
        Cancelled: If it was stopped.
        EngineError: If it could not be fetched, with the reason and what to do about it.
    """
    return _with_lock(on_line, cancelled, lambda: _uv(_Runner(on_line, cancelled)))


def _with_lock(on_line: OnLine, cancelled: Cancelled, make: Callable[[], str]) -> str:
    try:
        os.makedirs(_environments(), exist_ok=True)
        with shared_lock(os.path.join(root(), "build.lock"), on_line, cancelled):
            return make()
    except OSError as error:
        raise explain(str(error)) from error


def own_python() -> Optional[str]:
    """Returns the Python of LandSketch's own environment, whichever one the user names; None where there is none."""
    return next((python_of(folder) for folder in _candidates() if _is_ready(folder)), None)


def lock_file() -> str:
    """Returns the file with the versions of all packages that the engine was tested with."""
    return os.path.join(_REQUIREMENTS, "engine.lock")


def python_of(folder: str) -> str:
    """Returns where the Python of a virtual environment is."""
    return os.path.join(folder, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))


def _build_logged(on_line: OnLine, cancelled: Cancelled) -> str:
    with install_log(log_folder(), on_line) as tell:
        return _build(tell, cancelled)


def _build(on_line: OnLine, cancelled: Cancelled) -> str:
    if named_python():
        raise EngineError(missing_reason())
    _check_disk()
    _remove_leftovers()
    run = _Runner(on_line, cancelled)
    uv = _uv(run)
    final = os.path.join(_environments(), f"py{minor_of_new_environment()}-{lock_key()}")
    with _temporary_folder(_environments()) as folder:
        python = python_of(folder)
        # A managed Python is downloaded only where QGIS's own one is too old, too new or not a program of its own.
        interpreter = base_python() or minor_of_new_environment()
        run([uv, "venv", "--no-project", "--relocatable", "--python", interpreter, folder])
        # Compiled here: Python 3.11 keeps bytecode that stopped short on a full disk, and fails on it ever after.
        sync = [uv, "pip", "sync", "--python", python, "--compile-bytecode", "--require-hashes"]
        run([*sync, *_wheel_options(), lock_file()])
        on_line("Checking the new environment ...")
        run([python, "-I", "-c", _VERIFY])
        with open(os.path.join(folder, _READY), "w", encoding="utf-8") as file:
            file.write(lock_key() + "\n")
        os.rename(folder, final)
    on_line(f"The engine is ready in '{final}'.")
    return python_of(final)


def _uv(run: _Runner) -> str:
    """Returns the pinned installer, fetched into a small environment of its own by QGIS's pip."""
    pinned = os.path.join(_REQUIREMENTS, "uv.txt")
    final = os.path.join(root(), "tools", f"uv-{_digest(pinned)}")
    uv = os.path.join(final, "Scripts" if os.name == "nt" else "bin", "uv.exe" if os.name == "nt" else "uv")
    if os.path.isfile(uv):
        return uv
    os.makedirs(os.path.dirname(final), exist_ok=True)
    with _temporary_folder(os.path.dirname(final)) as folder:
        run([base_python(any_version=True) or _no_python(), "-I", "-m", "venv", folder])
        pip = [python_of(folder), "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-deps"]
        run([*pip, "--require-hashes", "--only-binary", ":all:", *_wheel_options(), "-r", pinned])
        os.rename(folder, final)
    return uv


def _no_python() -> str:
    raise EngineError(
        "No Python program was found that could install the engine.",
        "Install Python 3.11 or later from python.org, or name one in the variable LANDSKETCH_PYTHON that has the "
        "packages of requirements/engine.lock.",
    )


class _Runner:
    """Runs the steps of an installation; the first one that fails ends it with an explanation."""

    def __init__(self, on_line: OnLine, cancelled: Cancelled) -> None:
        self._on_line = on_line
        self._cancelled = cancelled

    def __call__(self, command: Sequence[str]) -> None:
        code, output = run_lines(command, self._on_line, self._cancelled)
        if code != 0:
            raise explain(output)


def _wheel_options() -> List[str]:
    """Returns the options for an installation without internet, from the folder that LANDSKETCH_WHEELS names."""
    wheels = os.environ.get("LANDSKETCH_WHEELS")
    return ["--no-index", "--find-links", os.path.abspath(wheels)] if wheels else []


def lock_key() -> str:
    """Returns what an environment must have been built from to fit this version of LandSketch."""
    return _digest(lock_file(), _LOGIC)


def _digest(path: str, salt: str = "") -> str:
    with open(path, encoding="utf-8") as file:
        return hashlib.sha256((salt + file.read()).encode()).hexdigest()[:12]


def _environments() -> str:
    return os.path.join(root(), "environments")


def _candidates() -> List[str]:
    """Returns the folders that may hold a fitting environment, that of this Python's version first."""
    names = [name for name in _names(_environments()) if name.startswith("py") and name.endswith(f"-{lock_key()}")]
    own = f"py{minor_of_new_environment()}-"
    return [os.path.join(_environments(), name) for name in sorted(names, key=lambda name: not name.startswith(own))]


def _names(folder: str) -> List[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _is_ready(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, _READY)) and os.path.isfile(python_of(folder))


def _check_disk() -> None:
    free = shutil.disk_usage(root()).free
    if free < _NEEDED_BYTES:
        raise EngineError(
            f"The engine needs {_NEEDED_BYTES / 1e9:.0f} GB in '{root()}'; {free / 1e9:.1f} GB are free.",
            "Free some space, or set the variable LANDSKETCH_HOME to a folder on another disk.",
        )


def _remove_leftovers() -> None:
    """Removes what a killed build left behind; only called while holding the lock, so no other build is running."""
    for name in _names(_environments()):
        folder = os.path.join(_environments(), name)
        if name.startswith(_TEMPORARY) or (name.endswith(f"-{lock_key()}") and not _is_ready(folder)):
            shutil.rmtree(folder, ignore_errors=True)


_TEMPORARY = "building-"


@contextlib.contextmanager
def _temporary_folder(parent: str) -> Iterator[str]:
    """Gives a folder to build in, and removes it unless it has been renamed."""
    folder = tempfile.mkdtemp(prefix=_TEMPORARY, dir=parent)
    # The installers want to make it themselves.
    os.rmdir(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the command line and returns the exit code."""
    parser = argparse.ArgumentParser(prog="landsketch.bridge.environment", description="The engine's environment.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--build", action="store_true", help="build it where it is missing; print its Python")
    action.add_argument("--uv", action="store_true", help="fetch the installer where it is missing; print its path")
    action.add_argument("--python", action="store_true", help="print its Python; fail when there is none")
    action.add_argument("--status", action="store_true", help="say whether it is there, in words")
    options = parser.parse_args(arguments)
    if options.build:
        return _print_made(build)
    if options.uv:
        return _print_made(installer)
    if options.status:
        print(missing_reason() or f"The engine's Python is '{find_python()}'.")
        return 0
    print(find_python() or "", end="")
    return 0 if find_python() else 1


def _print_made(make: Callable[[OnLine, Cancelled], str]) -> int:
    try:
        print(make(lambda line: print(line, file=sys.stderr, flush=True), lambda: False))
    except EngineError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
