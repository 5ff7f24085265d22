"""From a stack file to a source of a scene: each date is a raster of its own, with its own units and offset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.windows import Window

from .errors import SceneError
from .grids import Grid
from .item_rasters import ItemRaster, raster_of
from .open_files import opened_on
from .plausibility import doubts
from .processor import usable_cores
from .rasters import RasterSource, missing, readable, spread_windows, zero_stands_for_no_data
from .sensors import AUTO, BandMatch, match_bands
from .series import DatedImage, DatedSource, series_of, without_offset_doubt
from .specs import SourceSpec
from .stack_file import read_stack
from .stack_items import StackItem
from .stack_masks import hidden
from .units import conversion_of, digital_numbers, offset_is_decided, product_baseline

FEW_DATES = 6
"""Of longer series, each date is sampled in two windows; those of its neighbours lie elsewhere."""

JUDGED_PIXELS = 4_000
"""Pixels of a date that show whether its values are what they are taken for."""

OVERVIEW = 256
"""Where no window has data, cells along a side of the whole image that are looked at."""


@dataclass(frozen=True)
class _Resolved:
    """An image, whether the user or its product tells its offset, whether its values do, and some of its pixels."""

    image: DatedImage
    told: bool
    tells: bool
    pixels: NDArray[np.float32]


def resolve_stack(spec: SourceSpec) -> DatedSource:
    """Opens a stack file as one source.

    Args:
        spec: Its role tells which items are taken. What it states of sensor, units, bands and offset holds for all
            dates; else each date has its own.

    Raises:
        SceneError: If the file is no stack, has no items of the role, or an image cannot be read, naming it.
    """
    stack = read_stack(spec.path)
    layer, role = PurePath(spec.path).name, "optical" if spec.role == "series" else spec.role
    items = stack.of(role)
    if not items:
        others = " and ".join(stack.roles)
        raise SceneError(
            f"Time stack '{layer}' has no {role} images, only {others}.", "Choose another one, or another input for it."
        )
    with ThreadPoolExecutor(usable_cores(), thread_name_prefix="dates") as pool:
        found = list(pool.map(lambda number: _resolved(spec, role, items, number), range(len(items))))
    notes = [one for one in found if isinstance(one, str)]
    resolved = [one for one in found if isinstance(one, _Resolved)]
    if not resolved:
        raise SceneError(f"No date of time stack '{layer}' has data.", "Check its images and their masks in QGIS.")
    images = without_offset_doubt([(one.image, one.tells) for one in resolved])
    told = any(one.tells for one in resolved)
    seen = [
        sentence
        for one, image in zip(resolved, images, strict=True)
        for sentence in _doubts(role, image.raster, one.told or (told and not one.tells), one.pixels)
    ]
    return series_of(spec.role, spec.path, images, [*_in_short(notes), *_in_short(seen)])


def _in_short(sentences: Sequence[str], most: int = 3) -> list[str]:
    """Many dates may have the same fault."""
    more = len(sentences) - most
    return [*sentences[:most], *([f"The same is so with {more} more of its dates."] if more > 0 else [])]


def _resolved(spec: SourceSpec, role: str, items: Sequence[StackItem], number: int) -> _Resolved | str:
    """Returns a date's image, or a sentence on why there is none."""
    item, stack = items[number], PurePath(spec.path).name
    try:
        return _image(spec, role, item, number, len(items) > FEW_DATES)
    except SceneError as error:
        raise SceneError(
            f"{item.date} of time stack '{stack}': {error.message}",
            error.hint or "Build the time stack anew without this date.",
        ) from error


def _image(spec: SourceSpec, role: str, item: StackItem, number: int, many: bool) -> _Resolved | str:
    raster = raster_of(item)
    match = _match(spec, role, item, raster)
    used = [i + 1 for i, band in enumerate(match.bands) if band]
    with readable(raster.layer), rasterio.open(raster.name) as dataset:
        grid, no_data = Grid.of(dataset), dataset.nodata
        mask_grid = _grid_of(item.mask.path) if item.mask else None
        zero_is_no_data = zero_stands_for_no_data(role, match.sensor)
        with _mask_on(item, mask_grid, grid) as mask:
            for windows in (_some(spread_windows(dataset.shape, len(used)), number, many), None):
                stored, covered = _sample(dataset, used, mask, item, windows)
                gaps = missing(stored, no_data, zero_is_no_data)
                if not (gaps | covered).all():
                    break
        baseline = product_baseline([raster.layer, item.id, item.bands[0].path, *dataset.tags().values()])
    if (gaps | covered).all():
        reason = "has no data" if gaps.all() else "is hidden by its mask as a whole"
        return f"'{raster.layer}' of {item.date} {reason}; the time stack '{PurePath(spec.path).name}' is used without."
    pixels = stored[:, ~(gaps | covered)].astype(np.float32)
    offset = spec.offset if spec.offset is not None else item.offset
    units = item.units if spec.units == AUTO else spec.units
    conversion = conversion_of(raster.layer, role, match.sensor, units, offset, pixels, baseline)
    told = offset is not None or baseline is not None
    numbers = digital_numbers(conversion.stored, pixels)
    tells = told or not match.sensor.startswith("sentinel-2") or offset_is_decided(numbers, baseline)
    source = RasterSource(
        role, raster.name, match, conversion, grid, no_data, zero_is_no_data, int(item.date[5:7]), title=raster.layer
    )
    clear = item.clear if item.clear is not None else 1 - float(covered[~gaps].mean())
    thin = pixels[:, :: max(pixels.shape[1] // JUDGED_PIXELS, 1)]
    return _Resolved(DatedImage(item.date, source, item.mask, mask_grid, clear), told, tells, thin)


def _match(spec: SourceSpec, role: str, item: StackItem, raster: ItemRaster) -> BandMatch:
    """Returns the sensor and the bands of an item, as stated for all or by itself."""
    if spec.sensor == AUTO and not spec.bands:
        return BandMatch(item.sensor, raster.bands)
    used = [i for i, band in enumerate(raster.bands) if band]
    match = match_bands(role, [raster.bands[i] for i in used], raster.layer, spec.sensor, spec.bands)
    names = dict(zip(used, match.bands, strict=True))
    return BandMatch(match.sensor, tuple(names.get(i, "") for i in range(len(raster.bands))))


def _grid_of(path: str) -> Grid:
    with readable(PurePath(path).name), rasterio.open(path) as dataset:
        return Grid.of(dataset)


@contextmanager
def _mask_on(item: StackItem, mask_grid: Grid | None, grid: Grid) -> Iterator[DatasetReader | None]:
    """Opens an item's mask on the grid of its bands."""
    if item.mask is None or mask_grid is None:
        yield None
        return
    with readable(PurePath(item.mask.path).name):
        opened = opened_on(item.mask.path, mask_grid, grid, None, Resampling.nearest)
        try:
            yield opened[-1]
        finally:
            for dataset in reversed(opened):
                dataset.close()


def _some(windows: list[Window], number: int, many: bool) -> list[Window]:
    if not many:
        return windows
    places = {4 * number % len(windows), (4 * number + len(windows) // 2) % len(windows)}
    return [windows[place] for place in sorted(places)]


def _sample(
    dataset: DatasetReader, used: list[int], mask: DatasetReader | None, item: StackItem, windows: list[Window] | None
) -> tuple[np.ndarray, NDArray[np.bool_]]:
    """Returns (band, pixel) stored values of windows, or of the whole image in coarse cells, and which are hidden."""
    whole = (min(dataset.height, OVERVIEW), min(dataset.width, OVERVIEW))
    stored, covered = [], []
    for window in windows or [None]:
        shape = (window.height, window.width) if window else whole
        values = dataset.read(used, window=window, out_shape=(len(used), *shape))
        stored.append(values.reshape(len(used), -1))
        hides = np.zeros(shape, bool)
        if mask is not None and item.mask is not None:
            hides = hidden(item.mask.kind, mask.read(item.mask.index, window=window, out_shape=shape))
        covered.append(hides.reshape(-1))
    return np.concatenate(stored, axis=1), np.concatenate(covered)


def _doubts(role: str, raster: RasterSource, told: bool, pixels: NDArray[np.float32]) -> tuple[str, ...]:
    return doubts(raster.layer, role, raster.match.sensor, raster.bands, raster.conversion, told, pixels)
