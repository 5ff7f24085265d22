"""From a scene to the rows of its map: reader → batches → network → blender, all at work at once.

The network computes in its lanes, the readers read ahead of it, and the caller's thread blends what comes out. Every
queue is bounded, so memory depends on tile, batch and width, never on height.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from ..cards import SourceCard
from ..progress import Reporter
from ..runtimes.runtime import Runtime
from ..scenes import Scene
from ..tiles import Tile, TilePlan
from .blending import RowBlender, Steps
from .reading import TileImages, WindowReader
from .smoothing import Smoother

Mask = Callable[[Window], NDArray[np.bool_]]


@dataclass(frozen=True)
class Work:
    """What the rows of a map are made from.

    Attributes:
        scene: The scene.
        cards: What the network expects of each source.
        classes: Number of classes.
        plan: The tiles.
        runtime: Computes them.
        batch: Tiles per batch.
        readers: Threads that read.
        mask: (y, x), True where a window of the grid is wanted; None: everywhere.
        smoother: Makes what smooths rows that come from above; None: nothing does.
        reach: Pixels around a pixel that its smoothing looks at.
    """

    scene: Scene
    cards: Sequence[SourceCard]
    classes: int
    plan: TilePlan
    runtime: Runtime
    batch: int
    readers: int
    mask: Mask | None = None
    smoother: Callable[[], Smoother] | None = None
    reach: int = 0


@dataclass(frozen=True)
class _Batch:
    """Tiles in order; those without images have nothing to classify."""

    tiles: tuple[Tile | TileImages, ...]

    @property
    def images(self) -> list[TileImages]:
        return [tile for tile in self.tiles if isinstance(tile, TileImages)]


def map_rows(work: Work, area: Window, reporter: Reporter, tick: Callable[[int], None]) -> Iterator[Steps]:
    """Yields the probability steps of an area from top to bottom, in low strips of its width.

    They depend on nothing outside (`area` grown by what tiles and smoothing look at), so the strips of two areas fit
    together without a seam, whichever machine computed them.

    Args:
        work: What to compute, and with what.
        area: A part of the plan's grid.
        reporter: Stops the work.
        tick: Called with the number of tiles that were done.
    """
    grown = _grown(area, work.reach, work.plan)
    rows = _blended(work, grown, reporter, tick)
    if work.smoother:
        rows = _smoothed(rows, work.smoother())
    return _cropped(rows, grown, area)


def tiles_of(work: Work, area: Window) -> int:
    """Returns how many tiles an area takes."""
    return sum(len(row) for row in work.plan.rows(_grown(area, work.reach, work.plan)))


def _grown(area: Window, reach: int, plan: TilePlan) -> Window:
    top, left = max(area.row_off - reach, 0), max(area.col_off - reach, 0)
    bottom = min(area.row_off + area.height + reach, plan.grid.height)
    right = min(area.col_off + area.width + reach, plan.grid.width)
    return Window(left, top, right - left, bottom - top)


def _blended(work: Work, area: Window, reporter: Reporter, tick: Callable[[int], None]) -> Iterator[Steps]:
    blender = RowBlender(work.plan, area, work.classes)
    last = next(work.plan.rows(area))[-1].column
    for tile, steps, valid in _classified(work, area, reporter):
        if steps is not None:
            blender.add(tile, steps, valid)
        if tile.column == last:
            yield from blender.finish_row(tile.row)
        tick(1)


def _classified(work: Work, area: Window, reporter: Reporter) -> Iterator[tuple[Tile, Steps | None, NDArray[np.bool_]]]:
    """Yields each tile with its steps, or None where there is no data, in order."""
    lanes = work.runtime.lanes
    nothing = np.zeros((0, 0), bool)
    with _pool(work.readers, "reader", wait=True) as readers, _pool(lanes, "lane", wait=False) as pool:
        reader = WindowReader(work.scene, work.cards, work.plan, work.mask, readers, lanes * work.batch, reporter)
        batches = _batches(reader.read(work.plan.rows(area)), work.batch)
        for batch, steps in _ahead(pool, lambda one: _steps(work, one), batches, lanes, reporter):
            results = iter(steps)
            for tile in batch.tiles:
                if isinstance(tile, TileImages):
                    yield tile.tile, next(results), tile.valid
                else:
                    yield tile, None, nothing


def _batches(tiles: Iterator[TileImages | Tile], size: int) -> Iterator[_Batch]:
    """Collects as many tiles with data as make a full batch; those without are passed along in their place."""
    some: list[TileImages | Tile] = []
    worth = 0
    for tile in tiles:
        empty = isinstance(tile, TileImages) and not tile.valid.any()
        some.append(tile.tile if empty and isinstance(tile, TileImages) else tile)
        worth += isinstance(some[-1], TileImages)
        if worth == size or len(some) == 64 * size:
            yield _Batch(tuple(some))
            some, worth = [], 0
    if some:
        yield _Batch(tuple(some))


def _steps(work: Work, batch: _Batch) -> Sequence[Steps]:
    worth = batch.images
    if not worth:
        return ()
    images = {role: _stacked([tile.images[role] for tile in worth]) for role in worth[0].images}
    return tuple(work.runtime.steps(images, work.plan.halo - work.plan.ramp))


def _stacked(images: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return images[0][None] if len(images) == 1 else np.stack(images)


def _ahead(
    pool: ThreadPoolExecutor, function: Callable[[_Batch], Sequence[Steps]], batches: Iterator[_Batch], ahead: int,
    reporter: Reporter,
) -> Iterator[tuple[_Batch, Sequence[Steps]]]:  # fmt: skip
    """Yields each batch with its result, in order, while later ones are computed."""
    waiting: deque[tuple[_Batch, Future[Sequence[Steps]]]] = deque()
    for batch in batches:
        waiting.append((batch, pool.submit(function, batch)))
        if len(waiting) > ahead:
            first, future = waiting.popleft()
            yield first, reporter.await_future(future)
    while waiting:
        first, future = waiting.popleft()
        yield first, reporter.await_future(future)


@contextmanager
def _pool(threads: int, name: str, wait: bool) -> Iterator[ThreadPoolExecutor]:
    """A pool whose waiting tasks are dropped at the end; those that run are waited for if they use the scene."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
    try:
        yield pool
    finally:
        pool.shutdown(wait=wait, cancel_futures=True)


def _smoothed(rows: Iterator[Steps], smoother: Smoother) -> Iterator[Steps]:
    for steps in rows:
        yield smoother.push(steps)
    yield smoother.finish()


def _cropped(rows: Iterator[Steps], grown: Window, area: Window) -> Iterator[Steps]:
    """Cuts rows of a grown area to the area itself."""
    left = area.col_off - grown.col_off
    row = grown.row_off
    for steps in rows:
        first = max(area.row_off - row, 0)
        end = min(area.row_off + area.height - row, steps.shape[1])
        row += steps.shape[1]
        if first < end:
            yield steps[:, first:end, left : left + area.width]
