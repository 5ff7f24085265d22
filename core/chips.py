"""Training windows around labelled pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from ..models.augmentation import Augmentation, Chip
from ..models.encoders.encoder import Encoder
from ..models.losses import IGNORED
from ..models.segmenter import Segmenter
from .cards import SourceCard
from .features import read_tile
from .labels import Labels
from .linear import feature_weights
from .progress import Reporter
from .scenes import Scene
from .tiles import TilePlan, plan_tiles, tiles_with_pixels
from .windows import valid_pixels

CHIP_HALO = 16
"""Context in pixels around the labelled square of a chip."""

CACHE_BYTES = 1 << 30
"""Chips beyond this are read from the files again in each epoch."""


class ChipDataset(Dataset[Chip]):
    """The squares of a scene that hold labelled pixels of some features.

    Args:
        scene: The scene.
        sources: What the network reads.
        labels: All labels.
        chosen: (feature,) bool, the features whose pixels become targets.
        encoder: What will see the chips; it says how large they are best.
        augmentation: Varies chips when they are taken; None: they are taken as they lie in the scene.

    Attributes:
        labels: The labels that become targets.
        weights: (pixel,) float64, how much each of them counts.
    """

    def __init__(
        self,
        scene: Scene,
        sources: Sequence[SourceCard],
        labels: Labels,
        chosen: NDArray[np.bool_],
        encoder: Encoder,
        augmentation: Augmentation | None = None,
    ) -> None:
        self.scene = scene
        self.sources = tuple(sources)
        self.plan: TilePlan = plan_tiles(scene.grid, encoder.chip, CHIP_HALO, 0, encoder.chip_alignment)
        self.augmentation = augmentation
        self.labels = labels.take(chosen[labels.features])
        self.weights = feature_weights(self.labels.features)
        self.tiles = tiles_with_pixels(self.plan, self.labels.rows, self.labels.columns)
        self._cache: dict[int, Chip] = {}
        self._cached_bytes = 0

    def __len__(self) -> int:
        return len(self.tiles)

    def __getitem__(self, index: int) -> Chip:
        return self.augmentation(self.plain(index)) if self.augmentation else self.plain(index)

    def plain(self, index: int) -> Chip:
        """Returns a chip as it lies in the scene."""
        return self._cache.get(index) or self._read(index)

    def class_totals(self, count: int) -> NDArray[np.float64]:
        """Returns how much the target pixels of each class count together."""
        return np.bincount(self.labels.classes, weights=self.weights, minlength=count).astype(np.float64)

    def _read(self, index: int) -> Chip:
        tile, pixels = self.tiles[index]
        images = read_tile(self.scene, self.sources, self.plan, tile)
        target = np.full((self.plan.window_side, self.plan.window_side), IGNORED, np.int64)
        rows = self.labels.rows[pixels] - tile.row + self.plan.halo
        columns = self.labels.columns[pixels] - tile.column + self.plan.halo
        target[rows, columns] = self.labels.classes[pixels]
        target[~valid_pixels(images, self.sources)] = IGNORED
        weight = np.zeros(target.shape, np.float32)
        weight[rows, columns] = self.weights[pixels]
        tensors = {role: torch.from_numpy(image) for role, image in images.items()}
        chip = tensors, torch.from_numpy(target), torch.from_numpy(weight)
        size = sum(image.nbytes for image in images.values()) + target.nbytes + weight.nbytes
        if self._cached_bytes + size <= CACHE_BYTES:
            self._cache[index] = chip
            self._cached_bytes += size
        return chip


class EncodedChips(Dataset[Chip]):
    """Chips whose frozen encoder has already run: features and band context in place of images.

    The encoder runs once per chip instead of once per chip and epoch. Orientations turn the features, not the image.

    Args:
        chips: The chips; read once, without augmentation.
        network: The segmenter whose encoder and context run.
        device: Where they run.
        reporter: Takes progress.
    """

    def __init__(self, chips: ChipDataset, network: Segmenter, device: torch.device, reporter: Reporter) -> None:
        self.augmentation = chips.augmentation
        chips.scene.check_in = reporter.check
        self.chips: list[Chip] = []
        for index in range(len(chips)):
            images, target, weight = chips.plain(index)
            self.chips.append((reporter.await_result(_encoded, network, images, device), target, weight))
            reporter.progress((index + 1) / len(chips), "Computing features of the labelled windows")

    def __len__(self) -> int:
        return len(self.chips)

    def __getitem__(self, index: int) -> Chip:
        return self.augmentation(self.chips[index]) if self.augmentation else self.chips[index]


@torch.no_grad()
def _encoded(network: Segmenter, images: dict[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    batch = {role: image[None].to(device) for role, image in images.items()}
    encoded = network.encode(batch)
    return {name: value[0].cpu() for name, value in encoded.items()}
