"""Labels: drawn features with a class, brought onto a scene's grid.

Labels are sparse by nature: pixels without one are ignored, never a class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from .errors import LabelError
from .grids import Grid
from .legend import ClassLegend, legend_of_values
from .specs import VectorSpec
from .vectors import Features, mask_window, read_features, reproject


@dataclass(frozen=True)
class Labels:
    """Labels on a grid.

    Attributes:
        legend: The classes that are drawn, in the order of class indices.
        feature_classes: (feature,) int64, class index of each feature that labels some pixel.
        centres: (feature, 2) float64, x and y of each feature in the grid's CRS.
        rows: (pixel,) int64, labelled pixels.
        columns: (pixel,) int64.
        features: (pixel,) int64, the feature of each labelled pixel.
        warnings: What was repaired or left out, in words.
    """

    legend: ClassLegend
    feature_classes: NDArray[np.int64]
    centres: NDArray[np.float64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    features: NDArray[np.int64]
    warnings: tuple[str, ...] = ()

    @property
    def classes(self) -> NDArray[np.int64]:
        """(pixel,) int64, class index of each labelled pixel."""
        return self.feature_classes[self.features]

    def take(self, pixels: NDArray[np.int64] | NDArray[np.bool_]) -> Labels:
        """Returns the labels with a part of their pixels."""
        return Labels(
            self.legend, self.feature_classes, self.centres,
            self.rows[pixels], self.columns[pixels], self.features[pixels], self.warnings,
        )  # fmt: skip

    def summary(self) -> list[dict[str, int | str]]:
        """Returns per class its name and how many features and pixels it has."""
        pixels = np.bincount(self.classes, minlength=len(self.legend))
        features = np.bincount(self.feature_classes[np.unique(self.features)], minlength=len(self.legend))
        return [
            {"name": entry.name, "features": int(features[i]), "pixels": int(pixels[i])}
            for i, entry in enumerate(self.legend)
        ]


def read_labels(spec: VectorSpec, grid: Grid, scene_name: str, least: int = 2) -> Labels:
    """Reads labels and burns them into a grid.

    Args:
        spec: The labels.
        grid: The scene's grid.
        scene_name: Its name, for people.
        least: Classes that have to be drawn on the scene; with 0, there may be no feature at all.

    Raises:
        LabelError: If the layer or field cannot be used, no feature lies on the scene, or too few classes do.
    """
    features = read_features(spec, empty=least == 0)
    warnings = []
    if features.repaired:
        warnings.append(f"{features.repaired} label features had invalid geometry and were repaired.")
    if features.skipped:
        warnings.append(f"{features.skipped} label features without geometry or class were left out.")
    legend, classes = _classes(spec, features, warnings)
    geometries = reproject(features.geometries, features.crs, grid.crs)
    owners, rows, columns = _burn(geometries, grid)
    _check_overlap(spec, len(geometries), owners, warnings, scene_name, least)
    owners, rows, columns = _without_conflicts(owners, rows, columns, classes, grid, warnings)
    # From here on only features that label some pixel exist: the others can be neither learned nor held out.
    used, owners = np.unique(owners, return_inverse=True)
    legend, classes = _drawn_only(legend, classes[used], warnings, spec, least)
    centres = np.array([shapely.get_coordinates(geometries[i].centroid)[0] for i in used]).reshape(-1, 2)
    return Labels(legend, classes, centres, rows, columns, owners, tuple(warnings))


def _classes(spec: VectorSpec, features: Features, warnings: list[str]) -> tuple[ClassLegend, NDArray[np.int64]]:
    """Returns the legend, and per feature its class index, −1 where the legend does not name its class."""
    stated = spec.class_legend()
    if stated is None:
        legend = legend_of_values(features.keys)
        numbered = all(entry.name == str(entry.value) for entry in legend)
        keys = [str(value) for value in legend.values] if numbered else list(legend.names)
    else:
        legend, keys = stated, list(spec.keys) or [str(value) for value in stated.values]
    index = {key: i for i, key in enumerate(keys)}
    unknown = sorted({key for key in features.keys if key not in index})
    if unknown:
        warnings.append(f"Label classes without a legend entry were left out: {', '.join(unknown)}.")
    return legend, np.array([index.get(key, -1) for key in features.keys], dtype=np.int64)


def _burn(
    geometries: Sequence[BaseGeometry], grid: Grid
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Returns the pixels of each geometry on the grid: owners, rows, columns.

    A polygon too small to hold a pixel's centre labels the pixel it lies in.
    """
    inverse = ~grid.transform
    parts: list[NDArray[np.int64]] = []
    for owner, geometry in enumerate(geometries):
        window = _window(geometry, grid)
        if window is None:
            continue
        shape = (int(window.height), int(window.width))
        rows, columns = np.nonzero(mask_window([geometry], grid.window_transform(window), shape))
        rows, columns = rows + int(window.row_off), columns + int(window.col_off)
        if not rows.size:
            point = geometry.representative_point()
            x, y = inverse @ (point.x, point.y)
            if not (0 <= x < grid.width and 0 <= y < grid.height):
                continue
            rows, columns = np.array([int(y)]), np.array([int(x)])
        parts.append(np.stack([np.full(rows.size, owner), rows, columns]).astype(np.int64))
    joined = np.concatenate(parts, axis=1) if parts else np.zeros((3, 0), np.int64)
    return joined[0], joined[1], joined[2]


def _window(geometry: BaseGeometry, grid: Grid) -> Window | None:
    """Returns the part of the grid that a geometry's bounding box meets."""
    if geometry.is_empty:
        return None
    west, south, east, north = geometry.bounds
    corners = [~grid.transform @ corner for corner in ((west, south), (west, north), (east, south), (east, north))]
    xs, ys = zip(*corners, strict=True)
    left, top = max(int(np.floor(min(xs))), 0), max(int(np.floor(min(ys))), 0)
    right, bottom = min(int(np.floor(max(xs))) + 1, grid.width), min(int(np.floor(max(ys))) + 1, grid.height)
    return Window(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _check_overlap(
    spec: VectorSpec, count: int, owners: NDArray[np.int64], warnings: list[str], scene_name: str, least: int
) -> None:
    inside = len(np.unique(owners))
    if not inside and least:
        raise LabelError(
            f"None of the {count} label features of '{spec.path}' lies on the scene '{scene_name}'.",
            "Choose labels of the same place, and check the coordinate reference systems of both layers.",
        )
    if inside < count:
        warnings.append(f"{count - inside} of {count} label features lie outside the scene and were left out.")


def _without_conflicts(
    owners: NDArray[np.int64], rows: NDArray[np.int64], columns: NDArray[np.int64], classes: NDArray[np.int64],
    grid: Grid, warnings: list[str],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """Keeps each pixel once, and drops pixels that features of different classes claim."""
    known = classes[owners] >= 0
    owners, rows, columns = owners[known], rows[known], columns[known]
    pixels = rows * grid.width + columns
    _, first, group = np.unique(pixels, return_index=True, return_inverse=True)
    low = np.full(len(first), np.iinfo(np.int64).max)
    high = np.full(len(first), -1)
    np.minimum.at(low, group, classes[owners])
    np.maximum.at(high, group, classes[owners])
    agreed = low == high
    if not agreed.all():
        warnings.append(f"{int((~agreed).sum())} pixels are labelled with more than one class and were left out.")
    kept = first[agreed]
    return owners[kept], rows[kept], columns[kept]


def _drawn_only(
    legend: ClassLegend, classes: NDArray[np.int64], warnings: list[str], spec: VectorSpec, least: int
) -> tuple[ClassLegend, NDArray[np.int64]]:
    """Reduces the legend to the classes that features label pixels with, and numbers the features' classes anew."""
    drawn, renumbered = np.unique(classes, return_inverse=True)
    if len(drawn) < least:
        names = ", ".join(legend.names[i] for i in drawn) or "none"
        raise LabelError(
            f"The labels '{spec.path}' have only one class on the scene ({names}); at least two are needed.",
            "Draw features of another class as well.",
        )
    absent = [entry.name for i, entry in enumerate(legend) if i not in drawn]
    if absent:
        warnings.append(f"Classes without labels on the scene are not learned: {', '.join(absent)}.")
    return ClassLegend(tuple(legend.classes[i] for i in drawn)), renumbered
