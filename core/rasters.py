"""One raster of a scene: what it is, and how its values are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from .embedding_files import Codes, codes_of, decoding_raster
from .embedding_tags import maker_of
from .errors import SceneError
from .grids import Grid
from .plausibility import doubts
from .sensors import BandMatch, match_bands
from .specs import SourceSpec
from .units import Conversion, conversion_of, product_baseline

SAMPLE_WINDOWS = 3
SAMPLE_SIDE = 256
"""Statistics and units are taken from 3 × 3 windows of 256 × 256 pixels spread over the raster, so that a file of any
size costs the same."""

SAMPLE_BANDS = 16
"""Of rasters with more bands, the windows are smaller, so that those cost the same, too."""


@dataclass(frozen=True)
class RasterSource:
    """One raster of a scene, resolved.

    Attributes:
        path: Any name that GDAL opens, or the text of a virtual raster.
        doubts: What looks wrong about its values, in sentences.
        codes: What stored codes of embeddings stand for; None: values are stored.
        warped_from: What GDAL opens to warp it: the path, or the text of a virtual raster that decodes.
        title: Its name, for people; empty: that of the file.
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
    title: str = ""

    @property
    def layer(self) -> str:
        """The file's name, for people."""
        return self.title or PurePath(self.path).name

    @property
    def dates(self) -> tuple[str, ...]:
        """None: it is a single image."""
        return ()

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
        gaps = missing(stored, self.no_data, self.zero_is_no_data)
        if gaps.any():
            image[:, gaps] = np.nan
        if self.conversion.makes_gaps:
            gaps |= ~np.isfinite(image).all(axis=0)
        return ~gaps


def resolve_raster(spec: SourceSpec) -> RasterSource:
    """Matches the bands of a raster to a sensor, and detects its units and offset.

    Raises:
        SceneError: If it cannot be read, or is not what its spec says.
    """
    layer = PurePath(spec.path).name
    with readable(layer), rasterio.open(spec.path) as dataset:
        descriptions = [text or "" for text in dataset.descriptions]
        match = match_bands(spec.role, descriptions, layer, spec.sensor, spec.bands)
        check_geocoded(dataset, layer)
        zero_is_no_data = zero_stands_for_no_data(spec.role, match.sensor)
        used = [i + 1 for i, band in enumerate(match.bands) if band]
        stored = spread_sample(dataset, used)
        no_data, codes = dataset.nodata, None
        if spec.role == "embedding":
            match = replace(match, maker=maker_of(dataset.tags()))
            codes = codes_of(dataset, layer, match.sensor, stored)
            stored = codes.decode(stored) if codes else stored
            if codes or no_data is None:
                no_data = np.nan
        pixels = stored.astype(np.float32)
        pixels[:, missing(stored, no_data, zero_is_no_data)] = np.nan
        baseline = product_baseline([layer, *dataset.tags().values()])
        conversion = conversion_of(layer, spec.role, match.sensor, spec.units, spec.offset, pixels, baseline)
        told = spec.offset is not None or baseline is not None
        bands = [band for band in match.bands if band]
        return RasterSource(
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


def zero_stands_for_no_data(role: str, sensor: str) -> bool:
    """Whether zero in all bands is the fill of a sensor's products, declared or not."""
    return role == "sar" or sensor.startswith("sentinel-2")


def check_geocoded(dataset: DatasetReader, layer: str) -> None:
    """Checks that a raster lies somewhere on Earth.

    Raises:
        SceneError: If it does not say where.
    """
    if dataset.crs is None or (dataset.transform.is_identity and dataset.gcps[0]):
        raise SceneError(
            f"Layer '{layer}' has no coordinate reference system or is not geocoded.",
            "Assign its reference system; radar products must be terrain-corrected first.",
        )


@contextmanager
def readable(layer: str) -> Iterator[None]:
    """Turns GDAL's failures into one that names the layer."""
    try:
        yield
    except (RasterioError, OSError) as error:
        raise SceneError(
            f"Layer '{layer}' cannot be read: {error}.",
            "The file may be missing, truncated or of an unknown format; open it in QGIS, or copy it again.",
        ) from error


def spread_sample(dataset: DatasetReader, indexes: Sequence[int]) -> np.ndarray:
    """Returns (band, pixel) stored values of windows spread over a raster."""
    parts = [dataset.read(list(indexes), window=window) for window in spread_windows(dataset.shape, len(indexes))]
    return np.concatenate([part.reshape(len(indexes), -1) for part in parts], axis=1)


def spread_windows(shape: tuple[int, int], bands: int) -> list[Window]:
    """Returns windows spread over a raster of so many rows and columns, smaller ones where many bands are read."""
    height, width = shape
    side = int(SAMPLE_SIDE * min(SAMPLE_BANDS / bands, 1) ** 0.5)
    return [
        Window(column, row, min(side, width), min(side, height))
        for row in _starts(height, side)
        for column in _starts(width, side)
    ]


def _starts(length: int, side: int) -> list[int]:
    last = max(length - side, 0)
    return sorted({round(last * i / (SAMPLE_WINDOWS - 1)) for i in range(SAMPLE_WINDOWS)})


def missing(stored: np.ndarray, no_data: float | None, zero_is_no_data: bool) -> np.ndarray:
    """Returns True where there is no data: any band not finite, or all bands the no-data value (or zero).

    One zero band is a value (dark cirrus, deep shadow); all bands zero is the fill of Sentinel products, declared or
    not.
    """
    gaps = np.zeros(stored.shape[1:], bool)
    if np.issubdtype(stored.dtype, np.floating):
        gaps |= ~np.isfinite(stored).all(axis=0)
    fills = {0.0} if zero_is_no_data else set()
    if no_data is not None and not np.isnan(no_data):
        fills.add(no_data)
    for fill in fills:
        # The first band tells at once that there is none, as in most windows.
        if (stored[0] == fill).any():
            gaps |= (stored == fill).all(axis=0)
    return gaps


def _month(tags: dict[str, str], name: str) -> int | None:
    """Finds the month of acquisition in the file's tags or its name."""
    texts = [value for key, value in tags.items() if "date" in key.lower() or "time" in key.lower()]
    for text in [*texts, name]:
        found = re.search(r"(?<!\d)(?:19|20)\d\d[-_:/]?(0[1-9]|1[0-2])[-_:/]?(?:0[1-9]|[12]\d|3[01])(?!\d)", text)
        if found:
            return int(found.group(1))
    return None
