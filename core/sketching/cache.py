"""Features kept on disk, block by block, so that nothing that was once on screen is computed again.

Each space (a scene as one encoder sees it) has a folder, and each block a `.npy` file of float16 in it. A file appears
under its name only when it is whole, and whoever reads one counts with its absence, so any number of processes may
write, read, trim and clear the same cache at once.
"""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..progress import Reporter
from ..specs import ClearCacheSpec
from ..tiles import Tile

_SPACE = re.compile(r"[0-9a-f]{32}")
_BLOCK = re.compile(r"\d+-\d+\.npy")
_UNFINISHED = re.compile(r"\.[0-9a-f]{32}\.npy")
"""Only what carries these names is ever deleted, whichever folder the user states."""

_ABANDONED_SECONDS = 3600.0
"""No block takes so long to write: whoever wrote it was killed."""


def features_folder() -> str:
    """Returns where features are kept: a folder beside the engine's environments."""
    home = os.environ.get("LANDSKETCH_HOME") or os.path.join(os.path.expanduser("~"), ".landsketch")
    return os.path.join(os.path.abspath(home), "features")


@dataclass(frozen=True)
class _File:
    path: str
    size: int
    used: float


class BlockCache:
    """A bounded cache of blocks; those that were not used for longest go first.

    Args:
        folder: Where it is; empty: `features_folder`.
        megabytes: What it may hold; 0: nothing is kept.
    """

    def __init__(self, folder: str, megabytes: int) -> None:
        self.folder = os.path.abspath(folder) if folder else features_folder()
        self._most = megabytes * 1_000_000

    def load(self, space: str, tile: Tile) -> NDArray[np.float16] | None:
        """Returns a block, mapped into memory; None where it is not kept, or damaged."""
        path = self._path(space, tile)
        try:
            # Copy on write: torch takes no array that is read-only, and the file stays as it is.
            values: NDArray[np.float16] = np.load(path, mmap_mode="c")
            os.utime(path)  # when it was used last; file systems do not note reading
        except (OSError, ValueError, EOFError):
            return None
        return values

    def holds(self, space: str, tile: Tile) -> bool:
        """Whether a block is kept."""
        return os.path.exists(self._path(space, tile))

    def store(self, space: str, tile: Tile, values: NDArray[np.float16]) -> bool:
        """Keeps a block, and returns whether that worked; a full disk only costs time."""
        if not self._most:
            return False
        path = self._path(space, tile)
        temporary = os.path.join(os.path.dirname(path), f".{uuid.uuid4().hex}.npy")
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            np.save(temporary, values)
            os.replace(temporary, path)
        except OSError:
            with suppress(OSError):
                os.remove(temporary)
            # A block of the same name that another process has mapped cannot be replaced on Windows; it is the same.
            return os.path.exists(path)
        return True

    def trim(self) -> None:
        """Deletes the blocks that were not used for longest until the rest fits, and what killed processes left."""
        files = sorted(self._files(), key=lambda file: file.used)
        size = sum(file.size for file in files)
        for file in files:
            if size <= self._most:
                break
            if _removed(file.path):
                size -= file.size

    def measure(self) -> tuple[int, int]:
        """Returns how many blocks there are, and their bytes."""
        files = list(self._files())
        return len(files), sum(file.size for file in files)

    def clear(self) -> None:
        """Deletes all blocks; those that another process has open may stay."""
        for file in self._files():
            _removed(file.path)
        for space in self._spaces():
            with suppress(OSError):
                os.rmdir(space)  # only where nothing else is in it

    def _path(self, space: str, tile: Tile) -> str:
        return os.path.join(self.folder, space, f"{tile.row}-{tile.column}.npy")

    def _spaces(self) -> list[str]:
        with suppress(OSError), os.scandir(self.folder) as entries:
            return [entry.path for entry in entries if _SPACE.fullmatch(entry.name)]
        return []

    def _files(self) -> Iterator[_File]:
        """Goes through all blocks, deleting unfinished ones that nobody writes any more."""
        for space in self._spaces():
            with suppress(OSError), os.scandir(space) as entries:
                for entry in entries:
                    with suppress(OSError):
                        status = entry.stat()
                        if _BLOCK.fullmatch(entry.name):
                            yield _File(entry.path, status.st_size, status.st_mtime)
                        elif _UNFINISHED.fullmatch(entry.name) and time.time() - status.st_mtime > _ABANDONED_SECONDS:
                            os.remove(entry.path)


def _removed(path: str) -> bool:
    with suppress(OSError):
        os.remove(path)
        return True
    return not os.path.exists(path)


def clear_cache(spec: ClearCacheSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs the job that empties the cache, or only measures it.

    Returns:
        `folder`, and of what was there: `blocks` and `bytes`; and `left`, the bytes that are there now.
    """
    cache = BlockCache(spec.cache, 0)
    blocks, size = cache.measure()
    if not spec.measure:
        cache.clear()
    left = size if spec.measure else cache.measure()[1]
    reporter.log(
        f"Features of {blocks} blocks, {size / 1e6:.0f} MB, in '{cache.folder}'; {left / 1e6:.0f} MB are left."
    )
    return {"folder": cache.folder, "blocks": blocks, "bytes": size, "left": left}
