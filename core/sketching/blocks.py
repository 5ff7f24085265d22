"""The blocks of a scene: found in the cache, or computed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from rasterio.windows import Window

from ..coarse import SERIES
from ..progress import Reporter
from ..scenes import Scene
from ..tiles import Tile, TilePlan
from ..windows import read_window, valid_pixels
from .cache import BlockCache
from .layout import Block
from .session import Session, compute_for

GROUP_SIDE = 288
"""Blocks side by side are computed together, up to so many pixels: what is read around them is computed once."""

GROUP_VALUES = 1 << 26
"""Values of a window of a long time stack, at most: 256 MB."""


class Blocks:
    """The blocks of a scene as one encoder sees it, for the time of one job.

    Args:
        session: The encoder, and how blocks are kept.
        scene: The scene, open.
        cache: Where they are kept.
        reporter: Stops the work.

    Attributes:
        found, made: How many blocks were in the cache, and how many were computed.
    """

    def __init__(self, session: Session, scene: Scene, cache: BlockCache, reporter: Reporter) -> None:
        self.plan, self.layout = session.plan, session.layout
        self._session, self._scene, self._cache, self._reporter = session, scene, cache, reporter
        self._sources = session.start.sources
        self._loaded: dict[Tile, NDArray[np.float16]] = {}
        self.found = self.made = 0

    def prepare(self, tiles: Iterable[Tile], words: str) -> None:
        """Makes sure that blocks are at hand, computing those that are not.

        Args:
            tiles: The blocks.
            words: What for, for the progress.
        """
        missing = []
        for tile in dict.fromkeys(tiles):
            if tile in self._loaded:
                continue
            if self._load(tile):
                self.found += 1
            else:
                missing.append(tile)
        done = 0
        for group in _groups(missing, self.plan, self._group_side()):
            self._reporter.progress(done / len(missing), words)
            self._make(group)
            done += len(group)

    def block(self, tile: Tile) -> Block | None:
        """Returns a block that was prepared; None where it has no data."""
        return self.layout.unpack(self._loaded[tile])

    def finish(self) -> None:
        """Keeps the cache within its bound."""
        if self.made:
            self._cache.trim()

    def _load(self, tile: Tile) -> bool:
        values = self._cache.load(self._session.space, tile)
        if values is None or not self.layout.fits(values):
            return False
        self._loaded[tile] = values
        return True

    def _make(self, tiles: Sequence[Tile]) -> None:
        plan = self.plan
        top, left = min(tile.row for tile in tiles), min(tile.column for tile in tiles)
        bottom, right = max(tile.row for tile in tiles), max(tile.column for tile in tiles)
        height, width = (last - first + plan.window_side for first, last in ((top, bottom), (left, right)))
        window = Window(left - plan.halo, top - plan.halo, width, height)
        images = read_window(self._scene, self._sources, window)
        valid = valid_pixels(images, self._sources)
        wanted = np.zeros_like(valid)
        crop, side = self.layout.crop, self.layout.side
        for tile in tiles:
            row, column = tile.row - top + crop, tile.column - left + crop
            wanted[row : row + side, column : column + side] = True
        wanted &= valid
        made = self._reporter.await_result(self._encoded, tiles, (top, left), images, valid, wanted)
        for tile, values in zip(tiles, made, strict=True):
            self.made += 1
            # What could not be written stays in memory; what could is read back when it is needed.
            if not (self._cache.store(self._session.space, tile, values) and self._load(tile)):
                self._loaded[tile] = values

    @torch.inference_mode()
    def _encoded(
        self, tiles: Sequence[Tile], corner: tuple[int, int], images: dict[str, NDArray[np.float32]],
        valid: NDArray[np.bool_], wanted: NDArray[np.bool_],
    ) -> list[NDArray[np.float16]]:  # fmt: skip
        compute_for(self._reporter)
        if not wanted.any():
            return [np.zeros(0, np.float16) for _ in tiles]
        session = self._session
        tensors = {role: torch.from_numpy(image)[None].to(session.device) for role, image in images.items()}
        found = session.start.encoder(tensors, torch.from_numpy(wanted)[None].to(session.device))
        maps = [features[0] for features in found]
        context = session.context(tensors)[0] if session.context else None
        seen = torch.from_numpy(valid).to(session.device)
        return [
            self.layout.pack(maps, context, seen, tile.row - corner[0], tile.column - corner[1]) for tile in tiles
        ]  # fmt: skip

    def _group_side(self) -> int:
        """Returns how many blocks along a side are computed together.

        Where features depend on the tile, each block is a tile of its own.
        """
        if self._session.start.encoder.ramp:
            return 1
        channels = max(sum(s.channels for s in self._sources if s.role != SERIES), 1)
        most = min(GROUP_SIDE, math.isqrt(GROUP_VALUES // channels) - 2 * self.plan.halo)
        return max(most // self.plan.side, 1)


def _groups(tiles: Sequence[Tile], plan: TilePlan, side: int) -> Iterator[list[Tile]]:
    """Puts blocks together that lie in one square of `side` × `side` blocks."""
    groups: dict[tuple[int, int], list[Tile]] = {}
    for tile in tiles:
        groups.setdefault((tile.row // (plan.side * side), tile.column // (plan.side * side)), []).append(tile)
    yield from groups.values()
