"""What patches are to learn: the classes of drawn patches, or those that a class raster has inside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from ..class_rasters import known_classes, open_class_raster, read_classes
from ..errors import LabelError
from ..grids import Grid
from ..legend import ClassLegend, LegendClass, palette_colour
from ..progress import Reporter
from ..specs import VectorSpec
from ..specs.scene_classes import SEPARATOR, FinetuneScenesSpec
from ..vectors import read_features, reproject
from .patches import Patches, drawn, lattice

LEAST_LABELLED = 0.5
"""Share of a patch's pixels that must have a class in a class raster for the patch to be learned from."""

_SHIFT = 1 << 31
"""Brings values of 32 bits above zero."""


@dataclass(frozen=True)
class PatchLabels:
    """Patches with their classes.

    Attributes:
        legend: The classes, in the order of the targets.
        patches: On the scene's grid.
        targets: (patch, class) bool. Where a patch has one class only, one per row is True.
        warnings: What was left out, in words.
    """

    legend: ClassLegend
    patches: Patches
    targets: NDArray[np.bool_]
    warnings: tuple[str, ...] = ()

    def take(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> PatchLabels:
        """Returns the labels of some patches."""
        return PatchLabels(self.legend, self.patches.take(chosen), self.targets[chosen], self.warnings)

    def strata(self) -> NDArray[np.int64]:
        """Returns (patch,) the rarest class of each, by which they are dealt out to folds; without one, a last one."""
        totals = self.targets.sum(axis=0)
        rarity = np.where(self.targets, totals, len(self.targets) + 1)
        return np.where(self.targets.any(axis=1), rarity.argmin(axis=1), len(self.legend))

    def summary(self) -> list[dict[str, int | str]]:
        """Returns per class its name and how many patches have it."""
        totals = self.targets.sum(axis=0)
        return [{"name": entry.name, "patches": int(totals[i])} for i, entry in enumerate(self.legend)]


def read_patch_labels(spec: FinetuneScenesSpec, grid: Grid, reporter: Reporter) -> PatchLabels:
    """Reads the patches to learn from.

    Raises:
        LabelError: If they cannot be used, none lies on the scene, or they have fewer than two classes.
        SceneError: If a class raster cannot be read.
    """
    if isinstance(spec.labels, VectorSpec):
        labels = _of_features(spec.labels, grid, spec.side, spec.multilabel)
    else:
        labels = _of_raster(spec, grid, reporter)
    return _present_only(labels)


def _of_features(spec: VectorSpec, grid: Grid, side: int, multilabel: bool) -> PatchLabels:
    features = read_features(spec)
    warnings = []
    if features.skipped:
        warnings.append(f"{features.skipped} patches without geometry or class were left out.")
    patches, owners = drawn(reproject(features.geometries, features.crs, grid.crs), grid, side)
    if not len(patches):
        raise LabelError(
            f"None of the {len(features)} patches of '{spec.path}' lies on the scene.",
            "Choose patches of the same place, and check the coordinate reference systems of both layers.",
        )
    if len(patches) < len(features):
        warnings.append(f"{len(features) - len(patches)} patches lie outside the scene and were left out.")
    stated = spec.class_legend()
    names, colours, values = {}, {}, {}
    for place, entry in enumerate(stated or ()):
        key = spec.keys[place] if spec.keys else str(entry.value)
        names[key], colours[entry.name], values[entry.name] = entry.name, entry.colour, entry.value
    classes = [_split(names.get(features.keys[i], features.keys[i]), multilabel) for i in owners]
    legend = _legend([name for several in classes for name in several], colours, values)
    index = {name: place for place, name in enumerate(legend.names)}
    targets = np.zeros((len(patches), len(legend)), bool)
    for place, several in enumerate(classes):
        targets[place, [index[name] for name in several]] = True
    return PatchLabels(legend, patches, targets, tuple(warnings))


def _split(text: str, multilabel: bool) -> list[str]:
    return [word.strip() for word in text.split(SEPARATOR) if word.strip()] if multilabel else [text]


def _legend(names: list[str], colours: dict[str, str], values: dict[str, int]) -> ClassLegend:
    """Returns the classes in order of their values, where all have one of their own, else of their names."""
    found = sorted(set(names), key=lambda name: (values.get(name, 0), int(name) if name.isdigit() else 0, name))
    stated = all(name in values for name in found)
    codes = [int(name) for name in found if name.isdigit() and 0 < int(name) < 256]
    numbers = [values[name] for name in found] if stated else codes if len(codes) == len(found) else None
    return ClassLegend(
        tuple(
            LegendClass(numbers[i] if numbers else i + 1, name, colours.get(name, palette_colour(i)))
            for i, name in enumerate(found)
        )
    )


def _of_raster(spec: FinetuneScenesSpec, grid: Grid, reporter: Reporter) -> PatchLabels:
    """Squares side by side over the scene; each gets the classes of its pixels, by their shares."""
    path = str(spec.labels)
    with open_class_raster(path, "class raster") as raster:
        if not grid.overlaps(Grid.of(raster)):
            raise LabelError(f"The class raster '{path}' does not overlap the scene.", "Choose one of the same place.")
        known = known_classes(raster)
        stated = spec.raster_legend()
        squares = lattice(grid, spec.side, Window(0, 0, grid.width, grid.height))
        with WarpedVRT(
            raster, crs=grid.crs, transform=grid.transform, width=grid.width, height=grid.height,
            resampling=Resampling.nearest, add_alpha=raster.nodata is None,
        ) as view:  # fmt: skip
            kept, counts, values = _counted(view, squares, grid, spec.side, 0 in known, path, reporter)
    if not len(kept):
        raise LabelError(
            f"No patch of {spec.side} × {spec.side} pixels has a class on at least half of its pixels in '{path}'.",
            "Choose smaller patches or another class raster.",
        )
    entries = {entry.value: (entry.name, entry.colour) for entry in stated or known.values()}
    legend = ClassLegend(
        tuple(LegendClass(value, *_described(entries.get(value, ("", "")), value, i)) for i, value in enumerate(values))
    )
    shares = counts / counts.sum(axis=1, keepdims=True)
    most = np.zeros(shares.shape, bool)
    most[np.arange(len(shares)), shares.argmax(axis=1)] = True
    targets = (shares > spec.share) | most if spec.multilabel else most
    return PatchLabels(legend, squares.take(kept), targets)


def _described(entry: tuple[str, str], value: int, index: int) -> tuple[str, str]:
    return entry[0] or str(value), entry[1] or palette_colour(index)


def _counted(
    view: WarpedVRT, squares: Patches, grid: Grid, side: int, zero_is_class: bool, path: str, reporter: Reporter
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int]]:
    """Counts the classes of squares, one row of them at a time.

    Returns:
        Which squares are labelled enough, their pixels of each class (square, class), and the classes' values.
    """
    across = -(-grid.width // side)
    counts: list[dict[int, int]] = []
    for number, row in enumerate(range(0, grid.height, side)):
        window = Window(0, row, grid.width, min(side, grid.height - row))
        values, valid = read_classes(view, window, zero_is_class, path)
        place = np.broadcast_to(np.arange(grid.width) // side, values.shape)
        # Square and value as one number of 64 bits, which sorts much faster than two.
        joined, pixels = np.unique((place[valid] << 32) + values[valid] + _SHIFT, return_counts=True)
        squares_here: list[dict[int, int]] = [{} for _ in range(across)]
        for pair, count in zip(joined.tolist(), pixels.tolist(), strict=True):
            squares_here[pair >> 32][(pair & 0xFFFFFFFF) - _SHIFT] = count
        counts.extend(squares_here)
        reporter.progress((number + 1) * side / max(grid.height, side), "Reading the classes of the patches")
    top, left, bottom, right = squares.windows.T
    areas = (bottom - top) * (right - left)
    kept = [i for i, found in enumerate(counts) if sum(found.values()) >= LEAST_LABELLED * areas[i]]
    values_seen = sorted({value for i in kept for value in counts[i]})
    if any(not 0 < value < 256 for value in values_seen):
        raise LabelError(
            f"The class raster '{path}' holds the values {values_seen[0]} to {values_seen[-1]}; classes are 1 to 255.",
            "Choose an 8-bit class raster.",
        )
    table = np.array([[counts[i].get(value, 0) for value in values_seen] for i in kept], np.int64)
    return np.array(kept, np.int64), table.reshape(len(kept), len(values_seen)), values_seen


def _present_only(labels: PatchLabels) -> PatchLabels:
    """Leaves out classes that no patch has.

    Raises:
        LabelError: If fewer than two are left.
    """
    present = np.flatnonzero(labels.targets.any(axis=0))
    names = [labels.legend.names[i] for i in present]
    if len(present) < 2:
        raise LabelError(
            f"The patches have only one class on the scene ({', '.join(names) or 'none'}); at least two are needed.",
            "Add patches of another class, or choose smaller ones.",
        )
    legend = ClassLegend(tuple(labels.legend.classes[i] for i in present))
    return PatchLabels(legend, labels.patches, labels.targets[:, present], labels.warnings)
