"""Features of patches: those of their pixels, pooled, tile by tile.

Memory depends on the tile and on the patches that are open at a time, not on the scene: sums are kept of a patch until
the tiles have passed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ...models.context import BandContext
from ...models.encoders.encoder import Encoder
from ...models.scene_heads import SceneClassifier
from ..cards import SourceCard
from ..features import read_tile
from ..progress import Reporter
from ..scenes import Scene
from ..tiles import Tile, TilePlan, plan_tiles
from ..windows import valid_pixels
from .patches import Patches

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Pooled:
    """Patches that all tiles have been seen of.

    Attributes:
        patches: (patch,) int64, which ones.
        features: (patch, feature) float32, as of `models.scene_heads.pooled`; meaningless without a pixel.
        pixels: (patch,) int64, their pixels with data in every source.
    """

    patches: NDArray[np.int64]
    features: NDArray[np.float32]
    pixels: NDArray[np.int64]


class _Sums:
    """Counts, sums and sums of squares of the patches that are open; places are handed out and taken back."""

    def __init__(self, channels: int) -> None:
        self.places: dict[int, int] = {}
        self._counts = np.zeros(0, np.int64)
        self._totals = np.zeros((0, 2, channels))

    def open(self, patches: NDArray[np.int64]) -> None:
        """Makes room for patches, where they have none yet, and keeps that of others."""
        wanted = sorted({*self.places, *patches.tolist()})
        counts = np.zeros(len(wanted), np.int64)
        totals = np.zeros((len(wanted), *self._totals.shape[1:]))
        kept = [i for i, patch in enumerate(wanted) if patch in self.places]
        before = [self.places[wanted[i]] for i in kept]
        counts[kept], totals[kept] = self._counts[before], self._totals[before]
        self.places, self._counts, self._totals = {p: i for i, p in enumerate(wanted)}, counts, totals

    def add(self, patches: Sequence[int], counts: NDArray[np.int64], totals: Values) -> None:
        """Adds (patch,) pixels and (patch, 2, channel) sums of one tile."""
        rows = [self.places[patch] for patch in patches]
        self._counts[rows] += counts
        self._totals[rows] += totals

    def close(self, patches: NDArray[np.int64], spread: bool) -> Pooled:
        """Takes patches out and returns their features."""
        rows = [self.places.pop(patch) for patch in patches.tolist()]
        counts = self._counts[rows]
        mean, square = (self._totals[rows] / np.maximum(counts, 1)[:, None, None]).swapaxes(0, 1)
        deviation = np.sqrt(np.maximum(square - mean**2, 1e-12))
        features = np.concatenate([mean, deviation], axis=1) if spread else mean
        return Pooled(patches, features.astype(np.float32), counts)


def pooled_patches(
    scene: Scene, sources: Sequence[SourceCard], network: SceneClassifier, patches: Patches, tile: int,
    device: torch.device, reporter: Reporter,
) -> Iterator[Pooled]:  # fmt: skip
    """Pools the features of patches, row of tiles by row of tiles.

    Args:
        scene: The scene.
        sources: What the network reads.
        network: On the device.
        patches: On the scene's grid; each comes back once.
        tile: Side of the tiles in pixels; 0: the encoder's.
        device: Where to compute.
        reporter: Takes progress and stops the work.
    """
    encoder = network.encoder
    plan = plan_tiles(scene.grid, tile or encoder.tile, encoder.halo, 0, encoder.alignment)
    channels = sum(encoder.channels) + (network.context.channels if network.context else 0)
    sums = _Sums(channels)
    tops, lefts, bottoms, rights = patches.windows.T
    starts = list(range(0, scene.grid.height, plan.side))
    for done, row in enumerate(starts):
        here = np.flatnonzero((tops < row + plan.side) & (bottoms > row))
        sums.open(here)
        for column in range(0, scene.grid.width, plan.side):
            chosen = here[(lefts[here] < column + plan.side) & (rights[here] > column)]
            if chosen.size:
                part = _tile_sums(scene, sources, network, plan, Tile(row, column), patches, chosen, device, reporter)
                if part is not None:
                    sums.add(chosen.tolist(), *part)
            across = min(column + plan.side, scene.grid.width) / scene.grid.width
            reporter.progress((done + across) / len(starts), "Computing features of the patches")
        finished = here[bottoms[here] <= row + plan.side]
        if finished.size:
            yield sums.close(finished, network.head.spread)


def _tile_sums(
    scene: Scene, sources: Sequence[SourceCard], network: SceneClassifier, plan: TilePlan, tile: Tile,
    patches: Patches, chosen: NDArray[np.int64], device: torch.device, reporter: Reporter,
) -> tuple[NDArray[np.int64], Values] | None:  # fmt: skip
    """Returns what one tile adds to patches: (patch,) pixels, (patch, 2, channel) sums; None where it has no data."""
    window = plan.window(tile)
    images = read_tile(scene, sources, plan, tile)
    valid = valid_pixels(images, sources)
    square = type(window)(tile.column, tile.row, plan.side, plan.side)
    parts = [patches.pixels(patch, scene.grid, square) for patch in chosen.tolist()]
    owners = np.repeat(np.arange(chosen.size), [rows.size for rows, _ in parts])
    rows = np.concatenate([rows for rows, _ in parts]) - window.row_off
    columns = np.concatenate([columns for _, columns in parts]) - window.col_off
    seen = valid[rows, columns]
    if not seen.any():
        return None
    owners, rows, columns = owners[seen], rows[seen], columns[seen]
    wanted = np.zeros(valid.shape, bool)
    wanted[rows, columns] = True
    maps = reporter.await_result(_maps, network.encoder, network.context, images, wanted, device)
    totals = []
    for features in maps:
        stride = valid.shape[0] // features.shape[1]
        cells = rows // stride * features.shape[2] + columns // stride
        # A cell counts once for each of its pixels in the patch: duplicates are added up.
        cover = csr_array(
            (np.ones(cells.size), (owners, cells)), shape=(chosen.size, features.shape[1] * features.shape[2])
        )
        flat = features.reshape(features.shape[0], -1).T.astype(np.float64)
        totals.append(np.stack([cover @ flat, cover @ flat**2], axis=1))
    return np.bincount(owners, minlength=chosen.size), np.concatenate(totals, axis=2)


@torch.inference_mode()
def _maps(
    encoder: Encoder, context: BandContext | None, images: dict[str, NDArray[np.float32]],
    wanted: NDArray[np.bool_], device: torch.device,
) -> list[NDArray[np.float32]]:  # fmt: skip
    """Computes all maps of a tile: (channel, row, column) each, the band context last."""
    tensors = {role: torch.from_numpy(image)[None].to(device) for role, image in images.items()}
    maps = list(encoder(tensors, torch.from_numpy(wanted)[None].to(device)))
    if context is not None:
        maps.append(context(tensors))
    return [features[0].float().cpu().numpy() for features in maps]
