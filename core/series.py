"""Time stacks as sources of a scene: a raster for each date, read as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from statistics import mode

import numpy as np

from .errors import SceneError
from .grids import Grid
from .rasters import RasterSource
from .sensors import BandMatch
from .stack_items import StackMask
from .units import Conversion


@dataclass(frozen=True)
class DatedImage:
    """An image of a time stack.

    Attributes:
        date: Day it was taken, as `2020-05-14`.
        raster: Its bands.
        mask: What hides its pixels; None: nothing.
        mask_grid: The mask's grid.
        clear: Share of its pixels with data that nothing hides.
    """

    date: str
    raster: RasterSource
    mask: StackMask | None = None
    mask_grid: Grid | None = None
    clear: float = 1.0


@dataclass(frozen=True)
class DatedSource:
    """A time stack of a scene, resolved; it has the face of a `RasterSource`.

    What is stored in it, as `Scene.stored` returns it, is (date × band, y, x) float32: the bands that all dates have,
    in canonical units, NaN where a date has no data or is hidden.

    Attributes:
        path: The stack file.
        match: The sensor of most dates, and the bands that all have.
        images: One for each date, in order; there may be several of one day.
        grid: That of the finest image.
        doubts: What looks wrong about its values or is left out, in sentences.
    """

    role: str
    path: str
    match: BandMatch
    images: tuple[DatedImage, ...]
    grid: Grid
    doubts: tuple[str, ...] = ()

    @property
    def layer(self) -> str:
        """The file's name, for people."""
        return PurePath(self.path).name

    @property
    def dates(self) -> tuple[str, ...]:
        """The day of each image."""
        return tuple(image.date for image in self.images)

    @property
    def bands(self) -> tuple[str, ...]:
        """Canonical names of the bands that are read."""
        return self.match.bands

    @property
    def conversion(self) -> Conversion:
        """How the values of most dates are converted; all become the same units."""
        return mode(image.raster.conversion for image in self.images)

    @property
    def month(self) -> int:
        """Month of the middle date."""
        return int(self.images[len(self.images) // 2].date[5:7])

    def values(self, stored: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """From (date × band, ...) of all bands to those of some bands."""
        wanted = self._rows(names)
        return stored if wanted is None else by_date(stored, len(self.bands))[:, wanted].reshape(-1, *stored.shape[1:])

    def fill(self, image: np.ndarray, stored: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """Writes what `values` returns into an array, such as a part of a larger one.

        Returns:
            valid: True where some date has all wanted bands.
        """
        wanted = self._rows(names)
        if wanted is None:
            np.copyto(image, stored)
        else:
            by_date(image, len(names))[:] = by_date(stored, len(self.bands))[:, wanted]
        # A date has either all bands or none, see `Scene`; the first one tells.
        valid: np.ndarray = np.isfinite(stored[:: len(self.bands)]).any(axis=0)
        return valid

    def _rows(self, names: Sequence[str]) -> list[int] | None:
        """Positions of some bands; None: all of them, in order."""
        wanted = [self.bands.index(name) for name in names]
        return None if wanted == list(range(len(self.bands))) else wanted

    def over(self, grid: Grid) -> DatedSource | None:
        """Returns the source with the dates that lie on a grid; None: no date does."""
        images = [image for image in self.images if grid.overlaps(image.raster.grid)]
        if len(images) == len(self.images):
            return self
        return series_of(self.role, self.path, images, self.doubts) if images else None

    def spread(self, most: int) -> list[DatedImage]:
        """Returns up to so many images, spread over the series; of neighbours in time, the clearest."""
        parts = np.array_split(np.arange(len(self.images)), min(most, len(self.images)))
        return [max((self.images[i] for i in part), key=lambda image: image.clear) for part in parts]


def series_of(role: str, path: str, images: Sequence[DatedImage], doubts: Sequence[str] = ()) -> DatedSource:
    """Joins images, in order of their dates, to a source.

    Raises:
        SceneError: If they have no band in common, or measure it in different units.
    """
    layer = PurePath(path).name
    first = images[0].raster
    bands = tuple(band for band in first.bands if all(band in image.raster.bands for image in images))
    for image in images:
        other = image.raster
        if not bands and not set(other.bands) & set(first.bands):
            raise SceneError(
                f"Two images of time stack '{layer}' have no band in common: '{first.layer}' ({' '.join(first.bands)}) "
                f"and '{other.layer}' ({' '.join(other.bands)}).",
                "Build one time stack for each kind of image.",
            )
        if other.conversion.canonical != first.conversion.canonical:
            raise SceneError(
                f"Images of time stack '{layer}' are in different units: '{first.layer}' in "
                f"{first.conversion.canonical}, '{other.layer}' in {other.conversion.canonical}.",
                "Build one time stack for each kind of image, or state their units.",
            )
    if not bands:
        raise SceneError(f"The images of time stack '{layer}' have no band in common.", "Build it anew from one kind.")
    # The largest one first: parts of scenes may be among them.
    grid = min((image.raster.grid for image in images), key=lambda grid: (grid.gsd, -grid.width * grid.height))
    sensor = mode(image.raster.match.sensor for image in images)
    lacking = _lacking(images, bands)
    return DatedSource(role, path, BandMatch(sensor, bands), tuple(images), grid, (*doubts, *lacking))


def _lacking(images: Sequence[DatedImage], bands: Sequence[str]) -> list[str]:
    """Names an image that lacks bands which others have."""
    every = list(dict.fromkeys(band for image in images for band in image.raster.bands))
    unread = [band for band in every if band not in bands]
    short = [image for image in images if not set(every) <= set(image.raster.bands)]
    if not short:
        return []
    others = f" and {len(short) - 1} more" if len(short) > 1 else ""
    lost = [band for band in unread if band not in short[0].raster.bands]
    return [
        f"'{short[0].raster.layer}' of {short[0].date}{others} lacks {', '.join(lost)}, which other dates have; of all "
        f"dates, only {' '.join(bands)} are read. Drop such dates from the time stack to read more bands."
    ]


def without_offset_doubt(images: Sequence[tuple[DatedImage, bool]]) -> list[DatedImage]:
    """Gives dates whose values do not tell their offset, such as cloudy ones, that of the nearest date that does.

    Args:
        images: Each with whether it tells.
    """
    telling = [image for image, tells in images if tells]
    if not telling:
        return [image for image, _ in images]
    return [image if tells else _with_offset_of(image, _nearest(image, telling)) for image, tells in images]


def _nearest(image: DatedImage, others: Sequence[DatedImage]) -> DatedImage:
    day = np.datetime64(image.date)
    return min(others, key=lambda other: (abs(np.datetime64(other.date) - day), other.date))


def _with_offset_of(image: DatedImage, other: DatedImage) -> DatedImage:
    conversion = replace(image.raster.conversion, offset=other.raster.conversion.offset)
    return replace(image, raster=replace(image.raster, conversion=conversion))


def by_date(stored: np.ndarray, bands: int) -> np.ndarray:
    """(date × band, ...) → (date, band, ...), the same memory."""
    return stored.reshape(-1, bands, *stored.shape[1:])


def seen(stored: np.ndarray, bands: int) -> np.ndarray:
    """(date × band, ...) → True where some date has all bands."""
    whole: np.ndarray = np.isfinite(by_date(stored, bands)).all(axis=1).any(axis=0)
    return whole
