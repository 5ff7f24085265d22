"""What a map is compared with: a class raster or features, both read window by window on the map's grid."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from .class_matching import ReferenceClass
from .class_rasters import known_classes, open_class_raster, read_classes
from .errors import LabelError, SceneError
from .grids import Grid
from .specs import VectorSpec
from .vectors import burn_window, read_features, reproject

Codes = NDArray[np.int64]


class Reference(Protocol):
    """Reference classes on a map's grid."""

    def read(self, window: Window) -> tuple[Codes, NDArray[np.bool_]]:
        """Returns the codes of a window of the map, (y, x), and where they are valid."""

    def describe(self, code: int, pixels: int) -> ReferenceClass:
        """Returns what a code stands for."""

    def use(self, window: Window, compared: NDArray[np.bool_]) -> None:
        """Takes note of the pixels of the window just read that were compared."""

    def counts(self) -> dict[str, int]:
        """Returns what was counted on the way."""

    def warnings(self) -> list[str]:
        """Returns what the user should know about the reference."""


@contextmanager
def open_reference(reference: str | VectorSpec, grid: DatasetReader) -> Iterator[Reference]:
    """Opens a reference for the grid of a map.

    Raises:
        SceneError: If a raster cannot be read or does not overlap the map.
        LabelError: If features cannot be read or do not overlap the map.
    """
    if isinstance(reference, VectorSpec):
        yield FeatureReference(reference, grid)
        return
    with open_class_raster(reference, "reference") as raster:
        if not Grid.of(grid).overlaps(Grid.of(raster)):
            raise SceneError(
                f"The reference '{reference}' does not overlap the map '{grid.name}'.", "Choose one of the same area."
            )
        # A view without no-data value fills its outside with 0, which may be a class: an alpha band tells them apart.
        with WarpedVRT(
            raster, crs=grid.crs, transform=grid.transform, width=grid.width, height=grid.height,
            resampling=Resampling.nearest, add_alpha=raster.nodata is None,
        ) as view:  # fmt: skip
            yield RasterReference(raster, view, reference)


class RasterReference:
    """A class raster, brought to the map's grid by its nearest pixels."""

    def __init__(self, raster: DatasetReader, view: WarpedVRT, name: str) -> None:
        self._view = view
        self._name = name
        self._classes = known_classes(raster)

    def read(self, window: Window) -> tuple[Codes, NDArray[np.bool_]]:
        """Returns codes and validity of a window."""
        return read_classes(self._view, window, 0 in self._classes, self._name)

    def describe(self, code: int, pixels: int) -> ReferenceClass:
        """Returns what a code stands for."""
        known = self._classes.get(code)
        return ReferenceClass(known.name if known else str(code), code, known.colour if known else "", pixels)

    def use(self, window: Window, compared: NDArray[np.bool_]) -> None:
        """Does nothing: single pixels are not kept track of."""

    def counts(self) -> dict[str, int]:
        """Returns what was counted."""
        return {}

    def warnings(self) -> list[str]:
        """Returns what the user should know."""
        return []


class FeatureReference:
    """Features with a class, burnt into the map's grid."""

    def __init__(self, spec: VectorSpec, grid: DatasetReader) -> None:
        if not spec.field:
            raise LabelError(
                f"No class field is given for the reference '{spec.path}'.", "Choose the field with the class."
            )
        features = read_features(spec)
        self._spec = spec
        self._features = features
        self._grid = grid
        self._keys = tuple(sorted(set(features.keys)))
        # Sorted by class, burning forwards and backwards leaves the highest and the lowest class of each pixel: where
        # they differ, features of two classes overlap.
        order = sorted(range(len(features)), key=lambda i: features.keys[i])
        geometries = reproject([features.geometries[i] for i in order], features.crs, grid.crs)
        self._geometries = geometries
        self._codes = np.array([self._keys.index(features.keys[i]) + 1 for i in order], np.int64)
        self._numbers = np.arange(1, len(order) + 1, dtype=np.int32)
        self._used = np.zeros(len(order) + 1, bool)
        self._conflicts = 0
        self._last: NDArray[np.int32] = np.zeros((0, 0), np.int32)
        if not shapely.box(*grid.bounds).intersects(shapely.box(*shapely.total_bounds(np.array(geometries, object)))):
            raise LabelError(
                f"The reference '{spec.path}' does not overlap the map '{grid.name}'.", "Choose one of the same area."
            )

    def read(self, window: Window) -> tuple[Codes, NDArray[np.bool_]]:
        """Returns codes and validity of a window."""
        transform = self._grid.window_transform(window)
        shape = (window.height, window.width)
        upper = burn_window(self._geometries, self._numbers, transform, shape)
        lower = burn_window(self._geometries[::-1], self._numbers[::-1], transform, shape)
        codes = np.concatenate([[0], self._codes])
        conflict = codes[upper] != codes[lower]
        self._conflicts += int(conflict.sum())
        self._last = upper
        return codes[upper], (upper > 0) & ~conflict

    def describe(self, code: int, pixels: int) -> ReferenceClass:
        """Returns what a code stands for."""
        key = self._keys[code - 1]
        legend = self._spec.class_legend()
        for i, entry in enumerate(legend or ()):
            if key == (self._spec.keys[i] if self._spec.keys else str(entry.value)):
                # Without stated keys the attribute holds map values; with them, the legend's numbers may be the
                # renderer's order, which means nothing to the map.
                value = entry.value if not self._spec.keys or key == str(entry.value) else None
                return ReferenceClass(entry.name, value, entry.colour, pixels)
        return ReferenceClass(key, int(key) if key.lstrip("-").isdigit() else None, "", pixels)

    def use(self, window: Window, compared: NDArray[np.bool_]) -> None:
        """Notes the features that took part."""
        self._used[np.unique(self._last[compared])] = True

    def counts(self) -> dict[str, int]:
        """Returns what was counted."""
        return {
            "features": int(self._used[1:].sum()),
            "features_unused": int((~self._used[1:]).sum()),
            "features_repaired": self._features.repaired,
            "features_skipped": self._features.skipped,
            "pixels_in_conflict": self._conflicts,
        }

    def warnings(self) -> list[str]:
        """Returns what the user should know."""
        counts = self.counts()
        texts = {
            "features_skipped": "{} reference features have no geometry or no class and were left out.",
            "features_repaired": "{} invalid reference geometries were repaired.",
            "features_unused": "{} reference features hold no compared pixel of the map: too small, or outside.",
            "pixels_in_conflict": "{} pixels lie in reference features of two classes and were left out.",
        }
        return [text.format(counts[name]) for name, text in texts.items() if counts[name]]
