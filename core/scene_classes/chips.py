"""Training windows around patches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from ...models.encoders.encoder import Encoder
from ...models.orientations import ORIENTATIONS, in_orientation
from ..cards import SourceCard
from ..chips import CACHE_BYTES, CHIP_HALO
from ..features import read_tile
from ..progress import Reporter
from ..scenes import Scene
from ..tiles import Tile, TilePlan
from ..windows import valid_pixels
from .labels import PatchLabels

MOST_SIDE = 224
"""Of larger patches, training sees the middle."""

PatchChip = tuple[dict[str, Tensor], Tensor, Tensor]
"""Per role (channel, y, x) float32 in canonical units, NaN for no data; (y, x) bool, the patch; its target (class,)."""


class PatchWindows:
    """One window for each patch, all of the same size; read once, as far as there is room.

    Args:
        scene: The scene.
        sources: What the network reads.
        labels: The patches.
        encoder: What will see the windows.
    """

    def __init__(self, scene: Scene, sources: Sequence[SourceCard], labels: PatchLabels, encoder: Encoder) -> None:
        self.scene = scene
        self.sources = tuple(sources)
        self.labels = labels
        top, left, bottom, right = labels.patches.windows.T
        self._middles = np.column_stack([(top + bottom) // 2, (left + right) // 2])
        longest = min(int(max((bottom - top).max(), (right - left).max())), MOST_SIDE)
        self._reach, self._step = longest // 2, encoder.chip_alignment
        # Wherever the patch lies between two places where windows may start, it fits.
        self.plan = TilePlan(scene.grid, _up(longest + self._step - 1, self._step), _up(CHIP_HALO, self._step), 0)
        self._cache: dict[int, PatchChip] = {}
        self._cached_bytes = 0

    def with_data(self, reporter: Reporter) -> NDArray[np.bool_]:
        """Returns (patch,) whether a patch has a pixel with data; reads all windows."""
        found = np.zeros(len(self.labels.patches), bool)
        for place in range(found.size):
            found[place] = bool(self.read(place)[1].any())
            reporter.progress((place + 1) / found.size, "Reading the patches")
        return found

    def read(self, patch: int) -> PatchChip:
        """Returns a window as it lies in the scene."""
        return self._cache.get(patch) or self._read(patch)

    def _read(self, patch: int) -> PatchChip:
        row, column = (max(int(middle) - self._reach, 0) // self._step * self._step for middle in self._middles[patch])
        tile = Tile(row, column)
        window = self.plan.window(tile)
        images = read_tile(self.scene, self.sources, self.plan, tile)
        rows, columns = self.labels.patches.pixels(patch, self.scene.grid, window)
        inside = np.zeros((self.plan.window_side, self.plan.window_side), bool)
        inside[rows - window.row_off, columns - window.col_off] = True
        inside &= valid_pixels(images, self.sources)
        tensors = {role: torch.from_numpy(image) for role, image in images.items()}
        chip = tensors, torch.from_numpy(inside), torch.from_numpy(self.labels.targets[patch].astype(np.float32))
        size = sum(image.nbytes for image in images.values()) + inside.nbytes
        if self._cached_bytes + size <= CACHE_BYTES:
            self._cache[patch] = chip
            self._cached_bytes += size
        return chip


class PatchChips(Dataset[PatchChip]):
    """The windows of some patches.

    Args:
        windows: Of all patches.
        chosen: (patch,) int64, which ones; each has data.
        augment: Flip and rotate at random; the radiometry stays as it is.
    """

    def __init__(self, windows: PatchWindows, chosen: NDArray[np.int64], augment: bool) -> None:
        self.windows = windows
        self.chosen = chosen
        self.augment = augment

    @property
    def targets(self) -> NDArray[np.bool_]:
        """(patch, class), whether a patch has a class."""
        return self.windows.labels.targets[self.chosen]

    def __len__(self) -> int:
        return self.chosen.size

    def __getitem__(self, index: int) -> PatchChip:
        images, inside, target = self.windows.read(int(self.chosen[index]))
        if not self.augment:
            return images, inside, target
        turn = int(torch.randint(ORIENTATIONS, ()))
        turned = {role: in_orientation(image, turn) for role, image in images.items()}
        return turned, in_orientation(inside, turn), target


def _up(length: int, step: int) -> int:
    return -(-length // step) * step
