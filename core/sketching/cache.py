"""Features kept on disk, block by block, so that nothing that was once on screen is computed again.

Each space (a scene as one encoder sees it) has a folder, and each block a `.npy` file of float16 in it. A file appears
under its name only when it is whole, and whoever reads one counts with its absence, so any number of processes may
write, read, trim and clear the same cache at once.
"""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import kept_features
from ..progress import Reporter
from ..specs import ClearCacheSpec
from ..tiles import Tile


class BlockCache:
    """A bounded cache of blocks; those that were not used for longest go first.

    Args:
        folder: Where it is; empty: the user's own.
        megabytes: What it may hold; 0: nothing is kept.
    """

    def __init__(self, folder: str, megabytes: int) -> None:
        self.folder = os.path.abspath(folder) if folder else kept_features.features_folder()
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
        files = sorted(kept_features.kept_files(self.folder), key=lambda file: file.used)
        size = sum(file.size for file in files)
        for file in files:
            if size <= self._most:
                break
            if kept_features.remove(file.path):
                size -= file.size

    def measure(self) -> tuple[int, int]:
        """Returns how many blocks there are, and their bytes."""
        return kept_features.measure(self.folder)

    def clear(self) -> None:
        """Deletes all blocks; those that another process has open may stay."""
        kept_features.clear(self.folder)

    def _path(self, space: str, tile: Tile) -> str:
        return os.path.join(self.folder, space, f"{tile.row}-{tile.column}.npy")


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
