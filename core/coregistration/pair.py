"""Two images on one grid, and the windows of them that are compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.warp import transform_bounds
from rasterio.windows import Window
from scipy.ndimage import binary_dilation

from ..errors import SceneError
from ..grids import Grid
from ..progress import Reporter
from ..scenes import Scene, Source, open_scene
from ..sensors import SENSORS
from ..specs import SourceSpec
from .agreement import LEAST_WINDOWS, Evidence
from .matching import Image, evened, peak, phase_shift, similarity, structure

WINDOW = 64
"""Side of windows in pixels; the smaller of what shows enough edges and of what lets several be laid."""

SMALLEST_WINDOW = 32
MOST_WINDOWS, MOST_WINDOWS_LOCAL = 64, 196
"""So that an image of any size takes a bounded time."""

MOST_BANDS = 4
_FILTER_MARGIN = 4
_MOST_MISSING, _MOST_MISSING_VALUES = 0.1, 0.002
"""Of a window. Phase correlation sees the edges of gaps that both images have, and would find them unmoved."""

TOLERANCES = {"values": 0.75, "structure": 1.5}
"""Pixels by which windows may differ: edges in speckle are not found as well as values are."""


@dataclass(frozen=True)
class Pair:
    """Reference and image, opened, on the grid that they are compared on.

    Attributes:
        reference: The reference image.
        image: The image to move.
        grid: The reference's grid, or a coarser one of the image's resolution; the shifts are in pixels of it.
        full: The reference's own grid.
        common: The part of the grid of comparison that both cover.
        bands: Names of the bands that are compared, of the reference and of the image.
    """

    reference: Scene
    image: Scene
    grid: Grid
    full: Grid
    common: Window
    bands: tuple[tuple[str, ...], tuple[str, ...]]

    def read(self, window: Window) -> tuple[Image, Image]:
        """Reads a window of both: (band, y, x) each, NaN for no data.

        Raises:
            SceneError: If a file cannot be read.
        """
        read = []
        for scene, names in zip((self.reference, self.image), self.bands, strict=True):
            source = scene.sources[0]
            read.append(scene.read(window, {source.role: names})[source.role])
        return read[0], read[1]


@contextmanager
def opened(image: SourceSpec, reference: SourceSpec) -> Iterator[Pair]:
    """Opens image and reference.

    Raises:
        SceneError: If one cannot be read, or they do not overlap.
    """
    with ExitStack() as stack:
        fixed = stack.enter_context(open_scene([reference]))
        moving = stack.enter_context(open_scene([image]))
        full = fixed.grid
        grid = _compared_on(full, moving.grid)
        common = _common(grid, moving, fixed)
        if not grid.same(fixed.grid):
            fixed = stack.enter_context(open_scene([reference], grid))
        if not grid.same(moving.grid):
            moving = stack.enter_context(open_scene([image], grid))
        yield Pair(fixed, moving, grid, full, common, _compared(fixed.sources[0], moving.sources[0]))


def look(pair: Pair, matching: str, reach: int, local: bool, reporter: Reporter) -> Evidence:
    """Compares windows spread over what both images show.

    Args:
        pair: The images.
        matching: `values` or `structure`.
        reach: Largest shift in pixels.
        local: Whether more windows are wanted, since each is to say the shift of its place.
        reporter: Takes progress and stops the work.

    Raises:
        SceneError: If the images share too little ground, or show nothing there.
    """
    side, windows = _windows(pair, reach, MOST_WINDOWS_LOCAL if local else MOST_WINDOWS)
    places, shifts, surfaces = [], [], []
    cut = slice(_FILTER_MARGIN, -_FILTER_MARGIN)
    for number, window in enumerate(windows):
        reporter.progress(number / len(windows), "Comparing windows")
        read = pair.read(window)
        if any(np.isnan(image).all(axis=(1, 2)).any() for image in read):
            continue
        gaps = np.asarray(np.isnan(np.concatenate(read)).any(axis=0))
        if gaps.mean() > (_MOST_MISSING if matching == "structure" else _MOST_MISSING_VALUES):
            continue
        reference, image = (evened(_filled(image)) for image in read)
        if not reference.any() or not image.any():
            continue
        if matching == "values":
            shifts.append(phase_shift(reference.mean(axis=0)[cut, cut], image.mean(axis=0)[cut, cut], reach))
        else:
            fixed, moving = (_without(structure(one), gaps)[:, cut, cut] for one in (reference, image))
            surfaces.append(similarity(fixed, moving, reach))
            shifts.append(peak(surfaces[-1]))
        places.append((window.row_off + window.height / 2, window.col_off + window.width / 2))
    if len(places) < LEAST_WINDOWS:
        raise SceneError(
            f"Layers '{pair.image.sources[0].layer}' and '{pair.reference.sources[0].layer}' show too little to "
            f"compare: {len(places)} of {len(windows)} windows have data and differences in brightness in both, "
            f"{LEAST_WINDOWS} are needed.",
            "Choose images with more detail in what they share.",
        )
    covered = pair.common.width * pair.common.height / (side * side)
    return Evidence(
        places=np.array(places),
        shifts=np.array(shifts),
        surfaces=np.array(surfaces) if surfaces else None,
        tolerance=TOLERANCES[matching],
        reach=reach,
        independent=min(covered, len(windows)) * len(places) / len(windows),
    )


def _compared_on(reference: Grid, image: Grid) -> Grid:
    """The reference's grid; where the image is coarser, one of about its resolution."""
    factor = round(image.gsd / reference.gsd)
    if factor <= 1:
        return reference
    transform = reference.transform @ Affine.scale(factor)
    return Grid(reference.crs, transform, max(reference.width // factor, 1), max(reference.height // factor, 1))


def _common(grid: Grid, image: Scene, reference: Scene) -> Window:
    """The part of the grid that the image covers, as its outline says.

    Raises:
        SceneError: If there is none.
    """
    names = f"'{image.sources[0].layer}' and '{reference.sources[0].layer}'"
    if not grid.overlaps(image.grid):
        raise SceneError(f"Layers {names} do not overlap.", "Choose layers of the same place.")
    west, south, east, north = transform_bounds(image.grid.crs, grid.crs, *image.grid.bounds)
    corners = [~grid.transform @ corner for corner in ((west, north), (east, north), (west, south), (east, south))]
    columns, rows = zip(*corners, strict=True)
    left, top = max(round(min(columns)), 0), max(round(min(rows)), 0)
    right, bottom = min(round(max(columns)), grid.width), min(round(max(rows)), grid.height)
    return Window(left, top, max(right - left, 0), max(bottom - top, 0))


def _compared(reference: Source, image: Source) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same bands of both where they share some, else those of each that show most detail."""
    shared = [band for band in _finest(reference) if band in _finest(image)]
    if shared and reference.match.sensor == image.match.sensor:
        return (tuple(shared), tuple(shared))
    return _finest(reference), _finest(image)


def _finest(source: Source) -> tuple[str, ...]:
    """The bands of the best resolution, up to `MOST_BANDS`; of an unknown sensor some spread over all."""
    profile = SENSORS.get(source.match.sensor)
    sizes = {band.name: band.gsd for band in profile.bands} if profile else {}
    finest = min((sizes[band] for band in source.bands if band in sizes), default=None)
    bands = [band for band in source.bands if sizes.get(band) == finest] if finest else list(source.bands)
    chosen = np.linspace(0, len(bands) - 1, min(len(bands), MOST_BANDS)).round().astype(int)
    return tuple(bands[index] for index in chosen)


def _windows(pair: Pair, reach: int, most: int) -> tuple[int, list[Window]]:
    """Returns the side of the windows, without what is searched around them, and the windows with that.

    Raises:
        SceneError: If the common ground is too small.
    """
    around = reach + _FILTER_MARGIN
    height, width = (int(length) - 2 * around for length in (pair.common.height, pair.common.width))
    side = max(min(WINDOW, height // 3, width // 3), SMALLEST_WINDOW)
    if min(height, width) < 1.5 * side:
        raise SceneError(
            f"Layers '{pair.image.sources[0].layer}' and '{pair.reference.sources[0].layer}' share "
            f"{int(pair.common.width)} × {int(pair.common.height)} pixels, too few to look for a shift of {reach}.",
            "Choose images that share more ground, or look for a smaller shift.",
        )
    # Windows overlap by half where there is room for few; where there is room for many, they lie apart.
    counts = np.array([2 * (length - side) // side + 1 for length in (height, width)], float)
    counts = np.maximum(np.floor(counts * min(1.0, (most / counts.prod()) ** 0.5)), 2).astype(int)
    rows, columns = (
        np.linspace(start, start + length - side, count).round().astype(int)
        for start, length, count in zip(
            (pair.common.row_off, pair.common.col_off), (height, width), counts, strict=True
        )
    )
    whole = side + 2 * around
    return side, [Window(int(column), int(row), whole, whole) for row in rows for column in columns]


def _filled(image: Image) -> Image:
    """Closes gaps with the median of their band."""
    return np.where(np.isnan(image), np.nanmedian(image, axis=(1, 2), keepdims=True), image)


def _without(description: Image, gaps: NDArray[np.bool_]) -> Image:
    """Has gaps, and the edges that they make, count for nothing: the mean does not correlate."""
    if not gaps.any():
        return description
    near = binary_dilation(gaps, iterations=_FILTER_MARGIN)
    mean = description[:, ~near].mean(axis=1) if not near.all() else np.zeros(len(description), np.float32)
    return np.where(near, mean[:, None, None], description)
