"""Scenes: the aligned rasters that a model sees.

A scene is one raster or more (optical, SAR, embeddings), or time stacks of them, on one reference grid. Rasters with
another CRS, resolution or extent are warped on read, per window, never as a whole copy. Values come in canonical units
(`core.units`), no data as NaN.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import PurePath
from types import TracebackType

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from .embedding_files import ALPHAEARTH, titled
from .errors import SceneError
from .grids import Grid, padded
from .open_files import Opened, OpenFiles, opened_on
from .processor import usable_cores
from .quantisation import unit_vectors
from .rasters import RasterSource, readable, resolve_raster, spread_sample, spread_windows
from .sensors import in_short
from .series import DatedImage, DatedSource, by_date
from .specs import ROLES, SourceSpec
from .stack_file import is_stack
from .stack_masks import hidden
from .stack_sources import resolve_stack

SAMPLE_DATES = 5
"""Statistics of a time stack are taken from as many dates, spread over it."""

PICTURED_DATES = 3
"""Pictures of a time stack show the median of as many of its clearest dates."""

Source = RasterSource | DatedSource
"""One input of a scene, resolved: what it is and how its values are read."""


class Scene:
    """The sources of a scene on their reference grid. Reading is safe from several threads at once.

    Args:
        sources: The sources.
        grid: The reference grid; None: that of the first source, north up.

    Attributes:
        sources: The sources, in the order of `ROLES`; of time stacks, the dates that lie on the grid.
        grid: The reference grid.
        check_in: Called before each date of a time stack is read; raises to stop it.
    """

    def __init__(self, sources: Sequence[Source], grid: Grid | None = None) -> None:
        ordered = sorted(sources, key=lambda source: ROLES.index(source.role))
        self.grid = grid or ordered[0].grid.north_up
        self.sources = tuple(_lying_on(self.grid, source, ordered[0], grid is not None) for source in ordered)
        self.check_in: Callable[[], None] = _go_on
        self._files = OpenFiles()
        # Decoding takes longest. The pool is shared by all that read, so that no core has two dates to decode.
        self._pool = ThreadPoolExecutor(usable_cores(), thread_name_prefix="dates")

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes all files, in every thread, when what is being read has been; nothing can be read afterwards."""
        self._files.close()
        self._pool.shutdown()

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of the sources, in order."""
        return tuple(source.role for source in self.sources)

    def source(self, role: str) -> Source:
        """Returns the source of a role."""
        return {source.role: source for source in self.sources}[role]

    @property
    def doubts(self) -> list[str]:
        """What looks wrong about the values of the sources, in sentences."""
        return [sentence for source in self.sources for sentence in source.doubts]

    @property
    def month(self) -> int | None:
        """Month of the first dated source, 1 to 12, or None."""
        return next((source.month for source in self.sources if source.month), None)

    def read(self, window: Window, bands: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
        """Reads a window of the reference grid; it may reach over the grid's edges.

        Args:
            window: Window on the reference grid, in whole pixels.
            bands: Canonical band names wanted, per role.

        Returns:
            Per role (band, y, x) float32 in canonical units, of time stacks (date × band, y, x); NaN for no data and
            beyond the edges.

        Raises:
            SceneError: If a file cannot be read.
        """
        return {role: self.read_on(self.grid, window, role, names) for role, names in bands.items()}

    def read_on(self, grid: Grid, window: Window, role: str, names: Sequence[str]) -> np.ndarray:
        """Reads a window of any grid, of one source; see `read`."""
        return self.read_source(grid, window, self.source(role), names)

    def read_source(self, grid: Grid, window: Window, source: Source, names: Sequence[str]) -> np.ndarray:
        """Reads a window of any grid, of a source or some dates of one; see `read`."""
        inside, pads = grid.clip(window)
        if inside.width <= 0 or inside.height <= 0:
            channels = len(names) * max(len(source.dates), 1)
            return np.full((channels, window.height, window.width), np.nan, np.float32)
        return padded(source.values(self.stored(source, inside, grid), names), pads, np.nan)

    def stored(self, source: Source, window: Window, grid: Grid | None = None) -> np.ndarray:
        """Reads the stored values (known band, y, x) of a source in a window inside a grid, by default the reference.

        Raises:
            SceneError: If the file cannot be read.
        """
        grid = grid or self.grid
        if isinstance(source, DatedSource):
            return self._dates(source, source.images, (window.height, window.width), grid, window)
        return self._stored(source, grid, window)

    def _stored(self, source: RasterSource, grid: Grid, window: Window) -> np.ndarray:
        with self._reading(source, grid) as handle:
            values: np.ndarray = handle.read(source.indexes, window=window)
        if not isinstance(handle, WarpedVRT):
            return source.codes.decode(values) if source.codes else values
        # Means of unit vectors are shorter than one.
        return unit_vectors(values) if source.match.sensor == ALPHAEARTH else values

    def coarse(self, role: str, names: Sequence[str], longest: int) -> np.ndarray:
        """Returns an overview of a source on the reference grid: the nearest pixel for each cell.

        Args:
            role: Of the source.
            names: Canonical names of the wanted bands.
            longest: Most cells along a side.

        Returns:
            (band, row, column) float32 in canonical units, NaN for no data; of a time stack the median of some of its
            clearest dates.

        Raises:
            SceneError: If the file cannot be read.
        """
        source = self.source(role)
        factor = max(max(self.grid.shape) / longest, 1.0)
        shape = (max(round(self.grid.height / factor), 1), max(round(self.grid.width / factor), 1))
        if isinstance(source, DatedSource):
            clearest = source.spread(PICTURED_DATES)
            return median_of(self._dates(source, clearest, shape, self.grid), source.bands, names)
        with self._reading(source, self.grid) as handle:
            stored = handle.read(source.indexes, out_shape=(len(source.indexes), *shape))
        return source.values(stored, names)

    def block_shape(self, source: Source) -> tuple[int, int]:
        """Rows and columns of the blocks in which a source is best read."""
        with self._reading(source.images[0].raster if isinstance(source, DatedSource) else source, self.grid) as handle:
            height, width = handle.block_shapes[0]
        return int(height), int(width)

    def sample(self, role: str, names: Sequence[str]) -> np.ndarray:
        """Returns (band, pixel) float32 of many valid pixels of a source, spread over it, in canonical units.

        Of a time stack these are pixels of some dates, spread over it.
        """
        source = self.source(role)
        pixels = self._sampled_dates(source, names) if isinstance(source, DatedSource) else _sampled(source, names)
        return np.ascontiguousarray(pixels[:, np.isfinite(pixels).all(axis=0)])

    def _sampled_dates(self, source: DatedSource, names: Sequence[str]) -> np.ndarray:
        chosen = source.spread(SAMPLE_DATES)
        # The clearest of the others, where those show nothing but clouds.
        others = sorted((image for image in source.images if image not in chosen), key=lambda image: -image.clear)
        parts, found = [], 0
        for count, image in enumerate([*chosen, *others]):
            if found and count >= len(chosen):
                break
            grid = image.raster.grid
            for window in spread_windows(grid.shape, len(source.bands) * len(chosen)):
                values = self._dates(source, [image], (window.height, window.width), grid, window)
                pixels = values[[source.bands.index(name) for name in names]].reshape(len(names), -1)
                parts.append(pixels[:, np.isfinite(pixels).all(axis=0)])
                found += parts[-1].shape[1]
        return np.concatenate(parts, axis=1)

    def _dates(
        self, source: DatedSource, images: Sequence[DatedImage], shape: tuple[int, int], grid: Grid,
        window: Window | None = None,
    ) -> np.ndarray:  # fmt: skip
        """Reads some dates in a window inside a grid, or the whole grid in coarse cells: (date × band, row, column)."""
        bands = source.bands
        values = np.empty((len(images), len(bands), *shape), np.float32)

        def read(number: int) -> None:
            self.check_in()
            self._read_date(images[number], bands, values[number], grid, window)

        if len(images) == 1:
            read(0)
        else:
            with self._files.used(source.layer):
                list(self._pool.map(read, range(len(images))))
        return values.reshape(-1, *shape)

    def _read_date(
        self, image: DatedImage, bands: Sequence[str], values: np.ndarray, grid: Grid, window: Window | None
    ) -> None:
        """Writes a date's bands, in canonical units, into an array (band, row, column).

        Where one of them has no data, or the mask hides it, all are NaN.
        """
        raster, shape = image.raster, values.shape[1:]
        with self._reading(raster, grid) as handle:
            stored = handle.read(raster.indexes, window=window, out_shape=(len(raster.indexes), *shape))
        valid = raster.fill(values, stored, bands)
        if image.mask is not None:
            with self._reading_mask(image, grid) as handle:
                covers = handle.read(image.mask.index, window=window, out_shape=shape)
            valid &= ~hidden(image.mask.kind, covers)
        if not valid.all():
            values[:, ~valid] = np.nan

    @contextmanager
    def _reading(self, source: RasterSource, grid: Grid) -> Iterator[DatasetReader | WarpedVRT]:
        """Lends a source's open file."""

        def opened() -> Opened:
            no_data = source.no_data if source.no_data is not None else 0.0 if source.zero_is_no_data else None
            name = source.path if source.grid.same(grid) else source.warped_from or source.path
            return opened_on(name, source.grid, grid, no_data)

        with readable(source.layer), self._files.lent(source.layer, (source.path, self._key(grid)), opened) as handle:
            yield handle

    @contextmanager
    def _reading_mask(self, image: DatedImage, grid: Grid) -> Iterator[DatasetReader | WarpedVRT]:
        """Lends the open file of a date's mask."""
        mask, own = image.mask, image.mask_grid
        if mask is None or own is None:
            raise ValueError("The image has no mask.")
        layer = PurePath(mask.path).name
        key = ("mask", mask.path, self._key(grid))

        def opened() -> Opened:
            return opened_on(mask.path, own, grid, None, Resampling.nearest)

        with readable(layer), self._files.lent(layer, key, opened) as handle:
            yield handle

    def _key(self, grid: Grid) -> Hashable:
        """Tells grids apart; all are in one reference system, or a file's own."""
        return None if grid is self.grid else (grid.shape, tuple(grid.transform))


def open_scene(specs: Sequence[SourceSpec], grid: Grid | None = None) -> Scene:
    """Opens a scene: matches bands to sensors, detects units and offsets, checks that the rasters overlap.

    Args:
        specs: Its rasters and time stacks.
        grid: The reference grid; None: as `Scene` chooses it.

    Raises:
        SceneError: If a raster cannot be read, or is not what its spec says.
    """
    return Scene([_resolved(spec) for spec in specs], grid)


def _resolved(spec: SourceSpec) -> Source:
    if is_stack(spec.path):
        return resolve_stack(spec)
    if spec.role == "series":
        raise SceneError(
            f"'{PurePath(spec.path).name}' is a single image; a time stack is expected beside the optical image.",
            "Build a time stack of it and other dates first.",
        )
    return resolve_raster(spec)


def _lying_on(grid: Grid, source: Source, first: Source, stated: bool) -> Source:
    """Returns a source with what lies on a grid, which is that of the first source unless it was stated.

    Raises:
        SceneError: If nothing does.
    """
    found: Source | None = source
    if isinstance(source, DatedSource):
        found = source.over(grid)
    elif (stated or source is not first) and not grid.overlaps(source.grid):
        found = None
    if found is None:
        raise SceneError(
            f"Layers '{first.layer}' and '{source.layer}' do not overlap.",
            "Choose layers of the same place, and check their coordinate reference systems.",
        )
    return found


def _sampled(source: RasterSource, names: Sequence[str]) -> np.ndarray:
    with readable(source.layer), rasterio.open(source.path) as dataset:
        stored = spread_sample(dataset, source.indexes)
    return source.values(source.codes.decode(stored) if source.codes else stored, names)


def median_of(series: np.ndarray, bands: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """Returns the median over the dates that have data: (date × band, row, column) → (wanted band, row, column)."""
    wanted = by_date(series, len(bands))[:, [bands.index(name) for name in names]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where no date has data, it is NaN
        median: np.ndarray = np.nanmedian(wanted, axis=0)
    return median


def _go_on() -> None:
    """Lets reading go on."""


def describe(scene: Scene) -> list[str]:
    """Returns a sentence per raster on what it was taken for, so that a wrong guess is seen."""
    lines = []
    for source in scene.sources:
        warped = "" if source.grid.same(scene.grid) else ", aligned to the reference grid while reading"
        bands = f"bands {in_short(source.bands)}"
        lines.append(f"{source.role}: '{source.layer}' read as {_kind(source)}, {bands}{warped}.")
    return lines


def _kind(source: Source) -> str:
    if isinstance(source, DatedSource):
        return f"{len(source.dates)} dates from {source.dates[0]} to {source.dates[-1]} of {_units(source)}"
    if source.role == "embedding":
        maker = f" of {source.match.maker}" if source.match.maker else ""
        decoded = " from codes" if source.codes else ""
        return f"{titled(source.match.sensor)}{maker}{decoded}"
    return _units(source)


def _units(source: Source) -> str:
    offset = source.conversion.offset
    removed = f", offset {offset:g} removed" if offset else ""
    if offset and isinstance(source, DatedSource):
        those = sum(image.raster.conversion.offset == offset for image in source.images)
        removed += f" from {those} of them" if those < len(source.images) else ""
    return f"{source.match.sensor} in {source.conversion.stored}{removed}"
