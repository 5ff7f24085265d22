"""The files of features that sketching keeps: where they are, how much they take, and deleting them.

Standard library only, and Python 3.9: QGIS measures and clears them too, with or without an engine.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Callable, Iterator, List, Tuple

_SPACE = re.compile(r"[0-9a-f]{32}")
_BLOCK = re.compile(r"\d+-\d+\.npy")
_UNFINISHED = re.compile(r"\.[0-9a-f]{32}\.npy")
"""Only what carries these names is ever deleted, whichever folder the user states."""

_ABANDONED_SECONDS = 3600.0
"""No block takes so long to write: whoever wrote it was killed."""

DEFAULT_MB = 2000
"""Megabytes that features may take where the user has not said otherwise."""


def features_folder() -> str:
    """Returns where features are kept: a folder beside the engine's environments."""
    home = os.environ.get("LANDSKETCH_HOME") or os.path.join(os.path.expanduser("~"), ".landsketch")
    return os.path.join(os.path.abspath(home), "features")


@dataclass(frozen=True)
class KeptFile:
    """A block of features.

    Attributes:
        path: Of its file.
        size: In bytes.
        used: When it was used last, in seconds since 1970.
    """

    path: str
    size: int
    used: float


def kept_files(folder: str) -> Iterator[KeptFile]:
    """Goes through all blocks in a folder, deleting unfinished ones that nobody writes any more."""
    for space in _spaces(folder):
        with suppress(OSError), os.scandir(space) as entries:
            for entry in entries:
                with suppress(OSError):
                    status = entry.stat()
                    if _BLOCK.fullmatch(entry.name):
                        yield KeptFile(entry.path, status.st_size, status.st_mtime)
                    elif _UNFINISHED.fullmatch(entry.name) and time.time() - status.st_mtime > _ABANDONED_SECONDS:
                        os.remove(entry.path)


def measure(folder: str, check: Callable[[], None] = lambda: None) -> Tuple[int, int]:
    """Returns how many blocks there are in a folder, and their bytes.

    Args:
        folder: Of the features.
        check: Called before each block; raises to stop.
    """
    blocks, size = 0, 0
    for file in kept_files(folder):
        check()
        blocks, size = blocks + 1, size + file.size
    return blocks, size


def clear(folder: str, check: Callable[[], None] = lambda: None) -> None:
    """Deletes all blocks in a folder; those that another process has open may stay.

    Args:
        folder: Of the features.
        check: Called before each block; raises to stop.
    """
    for file in kept_files(folder):
        check()
        remove(file.path)
    for space in _spaces(folder):
        with suppress(OSError):
            os.rmdir(space)  # only where nothing else is in it


def remove(path: str) -> bool:
    """Deletes a file, and returns whether it is gone."""
    with suppress(OSError):
        os.remove(path)
        return True
    return not os.path.exists(path)


def _spaces(folder: str) -> List[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        return [entry.path for entry in entries if _SPACE.fullmatch(entry.name)]
    return []
