"""Working through a raster window by window, on several cores and in bounded memory."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from rasterio.windows import Window

from ..grids import Grid
from ..processor import usable_cores
from ..progress import Reporter

Result = TypeVar("Result")

SIDES = (512, 256, 128, 64)
"""Sides of windows; blocks of the files that are written are as large, up to 256."""

_AT_ONCE = 96 << 20
"""Bytes of pixels that one thread works on, before the copies that the work makes."""


def window_side(layers: int, halo: int = 0) -> int:
    """Returns the largest side with which a window fits in memory.

    Args:
        layers: Images (dates × bands) that are read of each window.
        halo: Pixels that are read around it.
    """
    fitting = (side for side in SIDES if layers * (side + 2 * halo) ** 2 * 8 <= _AT_ONCE)
    return next(fitting, SIDES[-1])


def windows(grid: Grid, side: int) -> list[Window]:
    """Returns the windows that cover a grid, row by row."""
    return [
        Window(column, row, min(side, grid.width - column), min(side, grid.height - row))
        for row in range(0, grid.height, side)
        for column in range(0, grid.width, side)
    ]


def with_halo(window: Window, halo: int) -> Window:
    """Returns a window with pixels around it; it may reach over the grid's edge."""
    return Window(window.col_off - halo, window.row_off - halo, window.width + 2 * halo, window.height + 2 * halo)


def in_order(
    work: Callable[[Window], Result], parts: Iterable[Window], reporter: Reporter, message: str
) -> Iterator[tuple[Window, Result]]:
    """Yields what the work makes of each window, in order; some are worked on ahead, one for each core.

    Args:
        work: Takes a window; runs in several threads at once.
        parts: The windows.
        reporter: Takes progress and stops the work.
        message: What is done, for people.
    """
    todo = list(parts)
    threads = max(min(usable_cores(), len(todo)), 1)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="preparing")
    waiting: deque[tuple[Window, Future[Result]]] = deque()
    try:
        for done in range(len(todo)):
            while len(waiting) <= threads and done + len(waiting) < len(todo):
                window = todo[done + len(waiting)]
                waiting.append((window, pool.submit(work, window)))
            window, future = waiting.popleft()
            yield window, reporter.await_future(future)
            reporter.progress((done + 1) / len(todo), message)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def overview_levels(grid: Grid, smallest: int = 256) -> list[int]:
    """Returns the factors of a raster's overviews, down to about `smallest` pixels."""
    levels = math.ceil(math.log2(max(*grid.shape, 1) / smallest))
    return [2**level for level in range(1, levels + 1)]
