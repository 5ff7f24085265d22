"""Scenes: the aligned rasters that a model sees.

A scene is one raster or more (optical, SAR, embeddings) on one reference grid. Rasters with another CRS, resolution or
extent are warped on read, per window, never as a whole copy. Values come in canonical units (`core.units`), no data as
NaN.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePath
from types import TracebackType

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from .embedding_files import ALPHAEARTH, Codes, codes_of, decoding_raster, titled
from .embedding_tags import maker_of
from .errors import SceneError
from .grids import Grid, padded
from .plausibility import doubts
from .quantisation import unit_vectors
from .sensors import BandMatch, in_short, match_bands
from .specs import ROLES, SourceSpec
from .units import Conversion, conversion_of, product_baseline

SAMPLE_WINDOWS = 3
SAMPLE_SIDE = 256
"""Statistics and units are taken from 3 × 3 windows of 256 × 256 pixels spread over the raster, so that a file of any
size costs the same."""

SAMPLE_BANDS = 16
"""Of rasters with more bands, the windows are smaller, so that those cost the same, too."""


@dataclass(frozen=True)
class Source:
    """One raster of a scene, resolved: what it is and how its values are read.

    Attributes:
        doubts: What looks wrong about its values, in sentences.
        codes: What stored codes of embeddings stand for; None: values are stored.
        warped_from: What GDAL opens to warp it: the path, or the text of a virtual raster that decodes.
    """

    role: str
    path: str
    match: BandMatch
    conversion: Conversion
    grid: Grid
    no_data: float | None
    zero_is_no_data: bool
    month: int | None
    doubts: tuple[str, ...] = ()
    codes: Codes | None = None
    warped_from: str = ""

    @property
    def layer(self) -> str:
        """The file's name, for people."""
        return PurePath(self.path).name

    @property
    def bands(self) -> tuple[str, ...]:
        """Canonical names of the bands that are known, in file order."""
        return tuple(band for band in self.match.bands if band)

    @property
    def indexes(self) -> list[int]:
        """Positions in the file, from 1, of the bands that are known.

        All of them are read whatever is asked for, since no data is a matter of the pixel: zero in one band is a value.
        """
        return [i + 1 for i, band in enumerate(self.match.bands) if band]

    def values(self, stored: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """From stored values (known band, ...) to canonical units (wanted band, ...), NaN for no data."""
        image = np.empty((len(names), *stored.shape[1:]), np.float32)
        self.fill(image, stored, names)
        return image

    def fill(self, image: np.ndarray, stored: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """Writes what `values` returns into an array, such as a part of a larger one; every pass over it counts.

        Returns:
            valid: True where all wanted bands have data.
        """
        wanted = [self.bands.index(name) for name in names]
        in_order = wanted == list(range(len(stored)))
        np.copyto(image, stored if in_order else stored[wanted], casting="unsafe")
        self.conversion.apply(image)
        missing = _missing(stored, self.no_data, self.zero_is_no_data)
        if missing.any():
            image[:, missing] = np.nan
        if self.conversion.makes_gaps:
            missing |= ~np.isfinite(image).all(axis=0)
        return ~missing


class Scene:
    """The rasters of a scene on their reference grid. Reading is safe from several threads at once.

    Args:
        sources: The rasters.
        grid: The reference grid; None: that of the first raster, north up.

    Attributes:
        sources: The rasters, in the order of `ROLES`.
        grid: The reference grid.
    """

    def __init__(self, sources: Sequence[Source], grid: Grid | None = None) -> None:
        self.sources = tuple(sorted(sources, key=lambda source: ROLES.index(source.role)))
        self.grid = grid or self.sources[0].grid.north_up
        for source in self.sources[0 if grid else 1 :]:
            if not self.grid.overlaps(source.grid):
                raise SceneError(
                    f"Layers '{self.sources[0].layer}' and '{source.layer}' do not overlap.",
                    "Choose layers of the same place, and check their coordinate reference systems.",
                )
        self._handles = threading.local()
        self._opened: list[DatasetReader | WarpedVRT] = []
        self._reads, self._closed = 0, False
        self._lock = threading.Condition()

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes all files, in every thread, when what is being read has been; nothing can be read afterwards."""
        with self._lock:
            self._closed = True
            self._lock.wait_for(lambda: not self._reads)
            while self._opened:
                self._opened.pop().close()

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles of the sources, in order."""
        return tuple(source.role for source in self.sources)

    def source(self, role: str) -> Source:
        """Returns the raster of a role."""
        return {source.role: source for source in self.sources}[role]

    @property
    def doubts(self) -> list[str]:
        """What looks wrong about the values of the rasters, in sentences."""
        return [sentence for source in self.sources for sentence in source.doubts]

    @property
    def month(self) -> int | None:
        """Month of the first dated raster, 1 to 12, or None."""
        return next((source.month for source in self.sources if source.month), None)

    def read(self, window: Window, bands: Mapping[str, Sequence[str]]) -> dict[str, np.ndarray]:
        """Reads a window of the reference grid; it may reach over the grid's edges.

        Args:
            window: Window on the reference grid, in whole pixels.
            bands: Canonical band names wanted, per role.

        Returns:
            Per role (band, y, x) float32 in canonical units, NaN for no data and beyond the edges.

        Raises:
            SceneError: If a file cannot be read.
        """
        inside, pads = self.grid.clip(window)
        images = {}
        for role, names in bands.items():
            if inside.width <= 0 or inside.height <= 0:
                images[role] = np.full((len(names), window.height, window.width), np.nan, np.float32)
                continue
            source = self.source(role)
            images[role] = padded(source.values(self.stored(source, inside), names), pads, np.nan)
        return images

    def stored(self, source: Source, window: Window) -> np.ndarray:
        """Reads the stored values (known band, y, x) of a source in a window inside the reference grid.

        Raises:
            SceneError: If the file cannot be read.
        """
        with self._reading(source) as handle:
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
            (band, row, column) float32 in canonical units, NaN for no data.

        Raises:
            SceneError: If the file cannot be read.
        """
        source = self.source(role)
        factor = max(max(self.grid.shape) / longest, 1.0)
        shape = [max(round(length / factor), 1) for length in self.grid.shape]
        with self._reading(source) as handle:
            stored = handle.read(source.indexes, out_shape=(len(source.indexes), *shape))
        return source.values(stored, names)

    def block_shape(self, source: Source) -> tuple[int, int]:
        """Rows and columns of the blocks in which a source is best read."""
        with self._reading(source) as handle:
            height, width = handle.block_shapes[0]
        return int(height), int(width)

    @contextmanager
    def _reading(self, source: Source) -> Iterator[DatasetReader | WarpedVRT]:
        """Lends this thread's open file; closing one that another thread reads would end the process."""
        with self._lock:
            if self._closed:
                raise SceneError(f"Layer '{source.layer}' was closed.")
            self._reads += 1
        try:
            with _readable(source.layer):
                yield self._handle(source)
        finally:
            with self._lock:
                self._reads -= 1
                self._lock.notify_all()

    def _handle(self, source: Source) -> DatasetReader | WarpedVRT:
        """Returns this thread's open file; GDAL's handles must not be shared between threads."""
        handles = self._handles.__dict__
        if source.role not in handles:
            warped = not source.grid.same(self.grid)
            dataset = rasterio.open(source.warped_from or source.path if warped else source.path)
            opened: list[DatasetReader | WarpedVRT] = [dataset]
            if warped:
                opened.append(self._warped(dataset, source))
            with self._lock:
                self._opened.extend(opened)
            handles[source.role] = opened[-1]
        return handles[source.role]

    def _warped(self, dataset: DatasetReader, source: Source) -> WarpedVRT:
        no_data = source.no_data if source.no_data is not None else 0.0 if source.zero_is_no_data else None
        # GDAL would else estimate the resampling factor anew for each window and approximate the transform coarsely, so
        # that a pixel's value would depend on the window it is read with.
        factor = str(source.grid.gsd / self.grid.gsd)
        return WarpedVRT(
            dataset,
            crs=self.grid.crs,
            transform=self.grid.transform,
            width=self.grid.width,
            height=self.grid.height,
            resampling=Resampling.bilinear,
            src_nodata=no_data,
            nodata=np.nan,
            dtype="float32",
            tolerance=1e-3,
            XSCALE=factor,
            YSCALE=factor,
            UNIFIED_SRC_NODATA="YES",  # a pixel is no data where all its bands are, not where one band is zero
        )

    def sample(self, role: str, names: Sequence[str]) -> np.ndarray:
        """Returns (band, pixel) float32 of many valid pixels of a source, spread over it, in canonical units."""
        source = self.source(role)
        with _readable(source.layer), rasterio.open(source.path) as dataset:
            stored = _spread_sample(dataset, source.indexes)
        stored = source.codes.decode(stored) if source.codes else stored
        pixels = source.values(stored, names)
        valid = np.isfinite(pixels).all(axis=0)
        return np.ascontiguousarray(pixels[:, valid])


def open_scene(specs: Sequence[SourceSpec], grid: Grid | None = None) -> Scene:
    """Opens a scene: matches bands to sensors, detects units and offsets, checks that the rasters overlap.

    Args:
        specs: Its rasters.
        grid: The reference grid; None: as `Scene` chooses it.

    Raises:
        SceneError: If a raster cannot be read, or is not what its spec says.
    """
    return Scene([_resolve(spec) for spec in specs], grid)


def describe(scene: Scene) -> list[str]:
    """Returns a sentence per raster on what it was taken for, so that a wrong guess is seen."""
    lines = []
    for source in scene.sources:
        warped = "" if source.grid.same(scene.grid) else ", aligned to the reference grid while reading"
        bands = f"bands {in_short(source.bands)}"
        lines.append(f"{source.role}: '{source.layer}' read as {_kind(source)}, {bands}{warped}.")
    return lines


def _kind(source: Source) -> str:
    if source.role == "embedding":
        maker = f" of {source.match.maker}" if source.match.maker else ""
        decoded = " from codes" if source.codes else ""
        return f"{titled(source.match.sensor)}{maker}{decoded}"
    offset = f", offset {source.conversion.offset:g} removed" if source.conversion.offset else ""
    return f"{source.match.sensor} in {source.conversion.stored}{offset}"


def _resolve(spec: SourceSpec) -> Source:
    layer = PurePath(spec.path).name
    with _readable(layer), rasterio.open(spec.path) as dataset:
        descriptions = [text or "" for text in dataset.descriptions]
        match = match_bands(spec.role, descriptions, layer, spec.sensor, spec.bands)
        if dataset.crs is None or (dataset.transform.is_identity and dataset.gcps[0]):
            raise SceneError(
                f"Layer '{layer}' has no coordinate reference system or is not geocoded.",
                "Assign its reference system; radar products must be terrain-corrected first.",
            )
        zero_is_no_data = spec.role == "sar" or match.sensor.startswith("sentinel-2")
        used = [i + 1 for i, band in enumerate(match.bands) if band]
        stored = _spread_sample(dataset, used)
        no_data, codes = dataset.nodata, None
        if spec.role == "embedding":
            match = replace(match, maker=maker_of(dataset.tags()))
            codes = codes_of(dataset, layer, match.sensor, stored)
            stored = codes.decode(stored) if codes else stored
            if codes or no_data is None:
                no_data = np.nan
        pixels = stored.astype(np.float32)
        pixels[:, _missing(stored, no_data, zero_is_no_data)] = np.nan
        baseline = product_baseline([layer, *dataset.tags().values()])
        conversion = conversion_of(layer, spec.role, match.sensor, spec.units, spec.offset, pixels, baseline)
        told = spec.offset is not None or baseline is not None
        bands = [band for band in match.bands if band]
        return Source(
            role=spec.role,
            path=spec.path,
            match=match,
            conversion=conversion,
            grid=Grid.of(dataset),
            no_data=no_data,
            zero_is_no_data=zero_is_no_data,
            month=_month(dataset.tags(), layer),
            doubts=doubts(layer, spec.role, match.sensor, bands, conversion, told, pixels),
            codes=codes,
            warped_from=decoding_raster(dataset, codes) if codes else "",
        )


@contextmanager
def _readable(layer: str) -> Iterator[None]:
    """Turns GDAL's failures into one that names the layer."""
    try:
        yield
    except (RasterioError, OSError) as error:
        raise SceneError(
            f"Layer '{layer}' cannot be read: {error}.",
            "The file may be missing, truncated or of an unknown format; open it in QGIS, or copy it again.",
        ) from error


def _spread_sample(dataset: DatasetReader, indexes: Sequence[int]) -> np.ndarray:
    """Returns (band, pixel) stored values of windows spread over the raster."""
    parts = []
    side = int(SAMPLE_SIDE * min(SAMPLE_BANDS / len(indexes), 1) ** 0.5)
    for row in _starts(dataset.height, side):
        for column in _starts(dataset.width, side):
            window = Window(column, row, min(side, dataset.width), min(side, dataset.height))
            parts.append(dataset.read(list(indexes), window=window).reshape(len(indexes), -1))
    return np.concatenate(parts, axis=1)


def _starts(length: int, side: int) -> list[int]:
    last = max(length - side, 0)
    return sorted({round(last * i / (SAMPLE_WINDOWS - 1)) for i in range(SAMPLE_WINDOWS)})


def _missing(stored: np.ndarray, no_data: float | None, zero_is_no_data: bool) -> np.ndarray:
    """Returns True where there is no data: any band not finite, or all bands the no-data value (or zero).

    One zero band is a value (dark cirrus, deep shadow); all bands zero is the fill of Sentinel products, declared or
    not.
    """
    missing = np.zeros(stored.shape[1:], bool)
    if np.issubdtype(stored.dtype, np.floating):
        missing |= ~np.isfinite(stored).all(axis=0)
    fills = {0.0} if zero_is_no_data else set()
    if no_data is not None and not np.isnan(no_data):
        fills.add(no_data)
    for fill in fills:
        # The first band tells at once that there is none, as in most windows.
        if (stored[0] == fill).any():
            missing |= (stored == fill).all(axis=0)
    return missing


def _month(tags: dict[str, str], name: str) -> int | None:
    """Finds the month of acquisition in the file's tags or its name."""
    texts = [value for key, value in tags.items() if "date" in key.lower() or "time" in key.lower()]
    for text in [*texts, name]:
        found = re.search(r"(?<!\d)(?:19|20)\d\d[-_:/]?(0[1-9]|1[0-2])[-_:/]?(?:0[1-9]|[12]\d|3[01])(?!\d)", text)
        if found:
            return int(found.group(1))
    return None
