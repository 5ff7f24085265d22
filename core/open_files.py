"""Open rasters, lent to one thread at a time.

GDAL's handles must not be used by two threads at once, and closing one that a thread reads from ends the process. A
stack may have more files than a process may keep open, so those that were not used for longest are closed.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT

from .errors import SceneError
from .grids import Grid

MOST_OPEN = 400
"""Files kept open, where the system allows twice as many: virtual rasters keep as many others."""

# GDAL's own bound for the files of virtual rasters is below what the bands of a series need.
os.environ.setdefault("GDAL_MAX_DATASET_POOL_SIZE", str(MOST_OPEN))

Opened = list[DatasetReader | WarpedVRT]
"""A raster, and what warps it; the last one is read from."""


class OpenFiles:
    """Opens files when they are read and keeps them open for the next time.

    Args:
        most: Files that are kept open at most, beside those being read.
    """

    def __init__(self, most: int = 0) -> None:
        self._most = most or min(MOST_OPEN, _system_limit() // 2)
        self._idle: OrderedDict[Hashable, list[Opened]] = OrderedDict()
        self._kept, self._users, self._closed = 0, 0, False
        self._lock = threading.Condition()

    @contextmanager
    def lent(self, layer: str, key: Hashable, open_it: Callable[[], Opened]) -> Iterator[DatasetReader | WarpedVRT]:
        """Lends an open file.

        Args:
            layer: Its name, for people.
            key: What it is, and how it is opened.
            open_it: Opens it where no idle handle is there.

        Raises:
            SceneError: If the files were closed.
        """
        with self.used(layer):
            with self._lock:
                opened = self._taken(key)
            try:
                if opened is None:
                    opened = open_it()
                yield opened[-1]
            finally:
                with self._lock:
                    surplus = self._put_back(key, opened) if opened else []
                _close(surplus)

    @contextmanager
    def used(self, layer: str) -> Iterator[None]:
        """Has `close` wait for what goes on inside, such as reading several files at once.

        Raises:
            SceneError: If the files were closed.
        """
        with self._lock:
            if self._closed:
                raise SceneError(f"Layer '{layer}' was closed.")
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                self._lock.notify_all()

    def close(self) -> None:
        """Closes all files when what is being read has been; nothing can be read afterwards."""
        with self._lock:
            self._closed = True
            self._lock.wait_for(lambda: not self._users)
            _close([opened for handles in self._idle.values() for opened in handles])
            self._idle.clear()
            self._kept = 0

    def _taken(self, key: Hashable) -> Opened | None:
        handles = self._idle.get(key)
        if not handles:
            return None
        self._kept -= 1
        opened = handles.pop()
        if not handles:
            del self._idle[key]
        return opened

    def _put_back(self, key: Hashable, opened: Opened) -> list[Opened]:
        """Keeps a handle, and returns those that are one too many."""
        self._idle.setdefault(key, []).append(opened)
        self._idle.move_to_end(key)
        self._kept += 1
        surplus = []
        while self._kept > self._most:
            first = next(iter(self._idle))
            surplus.append(self._idle[first].pop(0))
            if not self._idle[first]:
                del self._idle[first]
            self._kept -= 1
        return surplus


def opened_on(
    name: str, own: Grid, grid: Grid, no_data: float | None, resampling: Resampling = Resampling.bilinear
) -> Opened:
    """Opens a raster, warped where its grid is another one.

    Args:
        name: What GDAL opens.
        own: Its grid.
        grid: The grid on which it is read.
        no_data: Stored value for no data; None: there is none. Warped values are float32, NaN for no data.
        resampling: How it is warped.
    """
    dataset = rasterio.open(name)
    if own.same(grid):
        return [dataset]
    # GDAL would else estimate the resampling factor anew for each window and approximate the transform coarsely, so
    # that a pixel's value would depend on the window it is read with.
    factor = str(own.gsd / grid.gsd)
    warped = WarpedVRT(
        dataset,
        crs=grid.crs,
        transform=grid.transform,
        width=grid.width,
        height=grid.height,
        resampling=resampling,
        src_nodata=no_data,
        nodata=np.nan,
        dtype="float32",
        tolerance=1e-3,
        XSCALE=factor,
        YSCALE=factor,
        UNIFIED_SRC_NODATA="YES",  # a pixel is no data where all its bands are, not where one band is zero
    )
    return [dataset, warped]


def _close(handles: list[Opened]) -> None:
    for opened in handles:
        for dataset in reversed(opened):
            dataset.close()


def _system_limit() -> int:
    """How many files a process may have open."""
    if sys.platform == "win32":
        return 2 * MOST_OPEN
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft > 0 else 2 * MOST_OPEN  # −1: no limit
