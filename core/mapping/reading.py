"""Reading the windows of tiles, ahead of the network and without decoding a block of a file twice.

Windows of neighbouring tiles overlap. Read one by one, they would decode most blocks four times; on a fast network that
takes longer than the network. So each raster is read in chunks of columns: a chunk reads whole blocks, hands out what
the tiles of one tile row need, and keeps only the rows that the next tile row needs again.

Time stacks beside a finer image are few pixels, and read tile by tile; so are time stacks of which the rows to keep
would fill the memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from ..cards import SourceCard
from ..coarse import SERIES, read_series
from ..processor import read_memory
from ..progress import Reporter
from ..scenes import Scene, Source
from ..series import seen
from ..tiles import Tile, TilePlan

WIDEST_ALIGNED = 1024
"""Blocks with longer sides are not read whole; the file is one long strip then."""

MEMORY_SHARE = 0.25
"""Of the free memory, what rows kept for the next tile row may take at most."""

Stored = NDArray[np.generic]
Pads = tuple[tuple[int, int], tuple[int, int]]
Read = tuple[NDArray[np.float32], NDArray[np.bool_]]
"""(channel, y, x) in canonical units, NaN for no data and beyond the grid's edge; (y, x), True where there is data."""


@dataclass(frozen=True)
class TileImages:
    """What a network needs of one tile.

    Attributes:
        tile: The tile.
        images: Per role (channel, y, x) float32 over its window, in canonical units, NaN for no data.
        valid: (y, x) over the square that it contributes with its ramps, True where every band of every source has data
            (of a time stack, on some date) and nothing masks it.
    """

    tile: Tile
    images: dict[str, NDArray[np.float32]]
    valid: NDArray[np.bool_]


@dataclass(frozen=True)
class _Rows:
    """Stored values (band, y, x) of a chunk of columns, from the grid row `first` on."""

    first: int
    values: Stored

    @property
    def end(self) -> int:
        return self.first + self.values.shape[1]

    def part(self, first: int, end: int) -> Stored:
        return self.values[:, first - self.first : end - self.first]


class _Column:
    """A chunk of columns of one source, read downwards."""

    def __init__(self, scene: Scene, source: Source, first: int, end: int, block_height: int) -> None:
        self.first, self.end = first, end
        self._scene, self._source = scene, source
        self._block_height = block_height

    def read_on(self, before: _Rows | None, first: int, end: int) -> _Rows:
        """Returns the rows from `first` to at least `end`, reading only those that `before` lacks."""
        end = min(-(-end // self._block_height) * self._block_height, self._scene.grid.height)
        if before is None or before.end <= first or before.first > first:
            return _Rows(first, self._read(first, end))
        if before.end >= end:
            return before
        kept = before.part(first, before.end)
        return _Rows(first, np.concatenate([kept, self._read(before.end, end)], axis=1))

    def _read(self, first: int, end: int) -> Stored:
        window = Window(self.first, first, self.end - self.first, end - first)
        return self._scene.stored(self._source, window)


class _SourceReader:
    """Reads one source's part of tile windows.

    The futures of a column build on each other: reading on needs what was kept, keeping needs what was read. A task
    waits only for tasks that were handed to the pool before it, so the pool cannot lock up.
    """

    def __init__(self, scene: Scene, card: SourceCard, plan: TilePlan, pool: ThreadPoolExecutor) -> None:
        self._scene, self._plan, self._pool = scene, plan, pool
        self._source, self._bands, self._channels = scene.source(card.role), card.bands, card.channels
        height, width = scene.block_shape(self._source)
        # A file of full-width strips has to be read at full width; decoding it in columns would decode all of it again
        # for each of them.
        step = -(-plan.side // width) * width if width <= WIDEST_ALIGNED else scene.grid.width
        self._columns = [
            _Column(scene, self._source, first, min(first + step, scene.grid.width), _aligned(height))
            for first in range(0, scene.grid.width, step)
        ]
        self._latest: dict[int, Future[_Rows]] = {}
        self._step = step

    def request(self, window: Window, reach: int, keep: int) -> Callable[[], Read]:
        """Starts reading a window and returns a function that waits for it.

        Args:
            window: The window.
            reach: First grid column that a later window of the same tile row reads.
            keep: First grid row that the next tile row reads.
        """
        inside, pads = self._scene.grid.clip(window)
        first, end = inside.row_off, inside.row_off + inside.height
        left, right = inside.col_off, inside.col_off + inside.width
        parts = []
        for index in range(left // self._step, -(-right // self._step)):
            column = self._columns[index]
            rows = self._read_on(index, first, end)
            parts.append((max(left, column.first), min(right, column.end), column.first, rows))
            if column.end <= reach:
                self._latest[index] = self._pool.submit(_kept, rows, keep)

        def wait() -> Read:
            image = np.empty((self._channels, window.height, window.width), np.float32)
            valid = np.zeros((window.height, window.width), bool)
            _fill_pads(image, pads)
            y = slice(pads[0][0], window.height - pads[0][1])
            for start, stop, origin, rows in parts:
                stored = rows.result().part(first, end)[:, :, start - origin : stop - origin]
                x = slice(start - window.col_off, stop - window.col_off)
                valid[y, x] = self._source.fill(image[:, y, x], stored, self._bands)
            return image, valid

        return wait

    def _read_on(self, index: int, first: int, end: int) -> Future[_Rows]:
        before = self._latest.get(index)
        column = self._columns[index]
        future = self._pool.submit(lambda: column.read_on(before.result() if before else None, first, end))
        self._latest[index] = future
        return future


class _TileReader:
    """Reads one source's part of tile windows, each for itself."""

    def __init__(self, scene: Scene, card: SourceCard, plan: TilePlan, pool: ThreadPoolExecutor) -> None:
        self._scene, self._card, self._pool = scene, card, pool

    def request(self, window: Window, reach: int, keep: int) -> Callable[[], Read]:
        """Starts reading a window and returns a function that waits for it."""
        future = self._pool.submit(self._scene.read, window, {self._card.role: self._card.bands})

        def wait() -> Read:
            image = future.result()[self._card.role]
            return image, seen(image, len(self._card.bands))

        return wait


def _fills_memory(scene: Scene, card: SourceCard, plan: TilePlan) -> bool:
    """Whether the rows of a time stack that are kept for the next tile row, over the whole width, are too many."""
    if not card.dates:
        return False
    source = scene.source(card.role)
    rows = 2 * plan.halo + _aligned(scene.block_shape(source)[0])
    channels = len(source.dates) * len(source.bands)
    _, free = read_memory()
    return free is not None and rows * scene.grid.width * channels * 4 > MEMORY_SHARE * free


def _kept(rows: Future[_Rows], first: int) -> _Rows:
    """Returns a copy of what lies at or below a row, so that the rest is freed."""
    read = rows.result()
    first = max(first, read.first)
    return _Rows(first, read.part(first, max(read.end, first)).copy())


def _fill_pads(image: NDArray[np.float32], pads: Pads) -> None:
    (top, bottom), (left, right) = pads
    height, width = image.shape[1:]
    image[:, :top] = np.nan
    image[:, height - bottom :] = np.nan
    image[:, :, :left] = np.nan
    image[:, :, width - right :] = np.nan


def _aligned(block: int) -> int:
    return block if block <= WIDEST_ALIGNED else 1


class WindowReader:
    """Reads the windows of tiles in order, some of them ahead.

    Args:
        scene: The scene.
        cards: What the network expects of each source.
        plan: The tiles.
        mask: Returns (y, x), True where a window of the grid is wanted; None: everywhere.
        pool: Threads that read.
        ahead: Most windows that are read before they are asked for.
        reporter: Stops waiting when the job is cancelled.
    """

    def __init__(
        self, scene: Scene, cards: Sequence[SourceCard], plan: TilePlan,
        mask: Callable[[Window], NDArray[np.bool_]] | None, pool: ThreadPoolExecutor, ahead: int, reporter: Reporter,
    ) -> None:  # fmt: skip
        self._scene, self._plan, self._mask = scene, plan, mask
        self._pool, self._ahead, self._reporter = pool, ahead, reporter
        fine = [card for card in cards if card.role != SERIES]
        self._sources: dict[str, _SourceReader | _TileReader] = {
            card.role: (_TileReader if _fills_memory(scene, card, plan) else _SourceReader)(scene, card, plan, pool)
            for card in fine
        }
        self._coarse = [card for card in cards if card.role == SERIES]
        scene.check_in = reporter.check

    def read(self, rows: Iterator[list[Tile]]) -> Iterator[TileImages | Tile]:
        """Yields the images of each tile, in order; for one that the mask leaves out, the tile alone."""
        waiting: deque[Future[TileImages] | Tile] = deque()
        for tiles in rows:
            masks = {tile: self._mask(self._square(tile)) if self._mask else None for tile in tiles}
            wanted = [tile for tile, mask in masks.items() if mask is None or mask.any()]
            for tile, mask in masks.items():
                waiting.append(self._request(tile, mask, wanted) if tile in wanted else tile)
                if len(waiting) > self._ahead:
                    yield self._next(waiting)
        while waiting:
            yield self._next(waiting)

    def _next(self, waiting: deque[Future[TileImages] | Tile]) -> TileImages | Tile:
        first = waiting.popleft()
        return first if isinstance(first, Tile) else self._reporter.await_future(first)

    def _request(self, tile: Tile, mask: NDArray[np.bool_] | None, row: Sequence[Tile]) -> Future[TileImages]:
        window = self._plan.window(tile)
        later = [other for other in row if other.column > tile.column]
        reach = min((other.column - self._plan.halo for other in later), default=self._scene.grid.width)
        keep = window.row_off + self._plan.side
        parts = {role: source.request(window, reach, keep) for role, source in self._sources.items()}
        coarse = {card.role: self._pool.submit(read_series, self._scene, card, window) for card in self._coarse}
        return self._pool.submit(self._images, tile, mask, parts, coarse)

    def _images(
        self, tile: Tile, mask: NDArray[np.bool_] | None, parts: dict[str, Callable[[], Read]],
        coarse: dict[str, Future[NDArray[np.float32]]],
    ) -> TileImages:  # fmt: skip
        read = {role: wait() for role, wait in parts.items()}
        cut = self._plan.halo - self._plan.ramp
        inner = slice(cut, self._plan.window_side - cut)
        valid = np.logical_and.reduce([valid[inner, inner] for _, valid in read.values()])
        if mask is not None:
            valid &= mask
        images = {role: image for role, (image, _) in read.items()}
        return TileImages(tile, images | {role: future.result() for role, future in coarse.items()}, valid)

    def _square(self, tile: Tile) -> Window:
        side = self._plan.side + 2 * self._plan.ramp
        return Window(tile.column - self._plan.ramp, tile.row - self._plan.ramp, side, side)
