"""Frozen features of labelled pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..models.context import BandContext
from ..models.heads import pixel_features
from .cards import SourceCard
from .coarse import SERIES
from .labels import Labels
from .progress import Reporter
from .scenes import Scene
from .tiles import Tile, TilePlan, plan_tiles, tiles_with_pixels
from .windows import read_window, valid_pixels

PIXELS_PER_FEATURE = (10, 100)
"""Fewest and most pixels of one drawn polygon: more teach a linear head nothing new (`core.linear`)."""

PIXELS_IN_ALL = 6000
"""About as many pixels are kept, so that fitting takes seconds however much was drawn."""

FEATURE_TILE = 128
"""Labels are sparse: smaller tiles read and compute less that no label asks for."""


def thinned(labels: Labels, seed: int) -> Labels:
    """Returns the labels with a bounded number of random pixels of each feature."""
    least, most = PIXELS_PER_FEATURE
    kept = min(max(PIXELS_IN_ALL // np.unique(labels.features).size, least), most)
    generator = np.random.default_rng(seed)
    order = generator.permutation(labels.features.size)
    rank = np.empty(order.size, np.int64)
    by_feature = np.argsort(labels.features[order], kind="stable")
    grouped = labels.features[order][by_feature]
    starts = np.r_[0, np.flatnonzero(np.diff(grouped)) + 1]
    rank[by_feature] = np.arange(order.size) - np.repeat(starts, np.diff(np.r_[starts, order.size]))
    return labels.take(np.sort(order[rank < kept]))


def labelled_features(
    scene: Scene,
    sources: Sequence[SourceCard],
    encoder: Any,
    context: BandContext | None,
    labels: Labels,
    device: torch.device,
    reporter: Reporter,
    hidden: str = "",
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Computes the features of every labelled pixel, reading only tiles that hold one.

    The source `hidden`, if one is named, is shown to the encoder without data.

    Returns:
        features: (pixel, channel), as `LinearHead` takes them.
        valid: (pixel,) bool; False where some source has no data.
    """
    plan = plan_tiles(scene.grid, min(encoder.tile, FEATURE_TILE), encoder.halo, 0, encoder.alignment)
    channels = sum(encoder.channels) + (context.channels if context else 0)
    features = np.zeros((labels.rows.size, channels), np.float32)
    valid = np.zeros(labels.rows.size, bool)
    tiles = tiles_with_pixels(plan, labels.rows, labels.columns)
    scene.check_in = reporter.check
    for done, (tile, pixels) in enumerate(tiles):
        images = read_tile(scene, sources, plan, tile)
        rows = labels.rows[pixels] - tile.row + plan.halo
        columns = labels.columns[pixels] - tile.column + plan.halo
        valid[pixels] = valid_pixels(images, sources)[rows, columns]
        if hidden:
            images[hidden][:] = np.nan
        if valid[pixels].any():
            features[pixels] = reporter.await_result(features_at, encoder, context, images, rows, columns, device)
        reporter.progress((done + 1) / len(tiles), "Computing features of the labelled pixels")
    return features, valid


def read_tile(
    scene: Scene, sources: Sequence[SourceCard], plan: TilePlan, tile: Tile
) -> dict[str, NDArray[np.float32]]:
    """Reads what a network needs of a tile: per role (channel, y, x) float32 in canonical units, NaN for no data."""
    return read_window(scene, sources, plan.window(tile))


@torch.inference_mode()
def features_at(
    encoder: Any,
    context: BandContext | None,
    images: dict[str, NDArray[np.float32]],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    device: torch.device,
) -> NDArray[np.float32]:
    """Computes the features of some pixels of one tile.

    Args:
        encoder: The encoder, on the device.
        context: The band context, on the device, or None.
        images: The tile, as of `read_tile`.
        rows: (pixel,) rows in the tile's window.
        columns: (pixel,) columns in it.
        device: Where to compute.

    Returns:
        (pixel, channel), as `LinearHead` takes them.
    """
    tensors = {role: torch.from_numpy(image)[None].to(device) for role, image in images.items()}
    places = torch.from_numpy(rows).to(device), torch.from_numpy(columns).to(device)
    fine = next(tensor for role, tensor in tensors.items() if role != SERIES)
    wanted = torch.zeros_like(fine[:, 0], dtype=torch.bool)
    wanted[0, places[0], places[1]] = True
    surroundings = context(tensors) if context else None
    values = pixel_features(encoder(tensors, wanted), encoder.strides, surroundings, *places)
    features: NDArray[np.float32] = values.cpu().numpy()
    return features
