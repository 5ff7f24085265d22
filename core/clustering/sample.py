"""Pixels spread over a scene, with their features and their values in its bands."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from rasterio.windows import Window

from ...models.context import WITHOUT, BandContext
from ..cards import SourceCard
from ..errors import SpecError
from ..features import FEATURE_TILE, features_at, read_tile
from ..progress import Reporter
from ..scenes import Scene
from ..series import by_date
from ..starts import Start
from ..tiles import Tile, TilePlan, plan_tiles
from ..windows import valid_pixels

PIXELS = 20_000
"""About as many pixels show what a scene consists of, however large it is."""

TILES = 64
"""Tiles from which they are drawn: more would only take longer to read."""


@dataclass(frozen=True)
class Sample:
    """Random pixels of a scene.

    Attributes:
        features: (pixel, channel) float32, as `LinearHead` takes them.
        values: (pixel, band) float32, in canonical units; of time stacks the mean over the dates with data.
        bands: Role and name of each band, such as ('optical', 'B02'); none of embeddings and coarser series.
    """

    features: NDArray[np.float32]
    values: NDArray[np.float32]
    bands: tuple[tuple[str, str], ...]


def sample_pixels(
    scene: Scene, start: Start, context: BandContext | None, area: Window, device: torch.device, seed: int,
    reporter: Reporter,
) -> Sample:  # fmt: skip
    """Draws pixels with data from random tiles of a part of a scene.

    Raises:
        SpecError: If no pixel has data in every layer.
    """
    encoder = start.encoder
    plan = plan_tiles(scene.grid, min(encoder.tile, FEATURE_TILE), encoder.halo, 0, encoder.alignment)
    generator = np.random.default_rng(seed)
    tiles = list(itertools.chain(*plan.rows(area)))
    wanted = min(len(tiles), TILES)
    images_of = [source for source in start.sources if source.role not in WITHOUT]
    features, values = [], []
    for place in generator.permutation(len(tiles)):
        images = read_tile(scene, start.sources, plan, tiles[place])
        rows, columns = _drawn(
            plan, tiles[place], area, valid_pixels(images, start.sources), -(-PIXELS // wanted), generator
        )
        if not rows.size:
            reporter.check()
            continue
        features.append(reporter.await_result(features_at, encoder, context, images, rows, columns, device))
        bands = [_over_dates(source, images[source.role][:, rows, columns]) for source in images_of]
        values.append(np.concatenate([np.empty((rows.size, 0), np.float32), *bands], axis=1))
        reporter.progress(len(features) / wanted, "Computing features of a sample of pixels")
        if len(features) == wanted:
            break
    if not features:
        raise SpecError(
            "There is nothing to cluster: no pixel has data in every layer.",
            "Check that the layers overlap, and where they have no data.",
        )
    named = tuple((source.role, band) for source in images_of for band in source.bands)
    return Sample(np.concatenate(features), np.concatenate(values), named)


def _over_dates(source: SourceCard, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """(date × band, pixel), each with some date that has data → (pixel, band)."""
    mean: NDArray[np.float32] = np.nanmean(by_date(pixels, len(source.bands)), axis=0).T
    return mean


def _drawn(
    plan: TilePlan, tile: Tile, area: Window, valid: NDArray[np.bool_], count: int, generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draws up to `count` valid pixels of a tile's square inside the area: their rows and columns in its window."""
    first_row, first_column = tile.row - plan.halo, tile.column - plan.halo
    top, left = max(tile.row, area.row_off) - first_row, max(tile.column, area.col_off) - first_column
    bottom = min(tile.row + plan.side, area.row_off + area.height) - first_row
    right = min(tile.column + plan.side, area.col_off + area.width) - first_column
    rows, columns = np.nonzero(valid[top:bottom, left:right])
    chosen = generator.permutation(rows.size)[:count]
    return rows[chosen] + top, columns[chosen] + left
