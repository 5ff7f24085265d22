"""The layer of classified patches: a GeoPackage with classes, scores and the legend's colours."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from ..grids import Grid
from ..legend import ClassLegend
from ..mapping.polygon_style import add_default_style, style_of
from ..specs.scene_classes import SEPARATOR
from .patches import Patches

LAYER = "patches"
"""The layer's name in the GeoPackage."""

_WRITTEN_AT_ONCE = 20_000


class PatchLayer:
    """Writes patches part by part, so that memory does not grow with their number.

    The attributes are:

    - id: Of drawn patches, the value of their field; else a number.
    - value, class: The class with the highest score, or none where there are no data; where a patch may have several
      classes, `classes` names all from the threshold on, separated by semicolons, and there is no class where none is.
    - score: Of that class, from 0 to 1.
    - pixels: Of the patch, with data.
    - p_<class>: The score of each class.

    Args:
        path: GeoPackage to write; a temporary name that the caller puts in place.
        legend: The classes.
        grid: The scene's.
        keys: Per patch its id; None: patches are numbered.
        multilabel: Whether patches may have several classes.
        threshold: See there.

    Attributes:
        written: Patches so far.
    """

    def __init__(
        self, path: str, legend: ClassLegend, grid: Grid, keys: list[str] | None, multilabel: bool, threshold: float
    ) -> None:
        self._path, self._legend, self._grid, self._keys = path, legend, grid, keys
        self._multilabel, self._threshold = multilabel, threshold
        self.written = 0
        self._waiting: list[tuple[NDArray[Any], list[NDArray[Any]]]] = []
        several = ["classes"] if multilabel else []
        self._fields = ["id", "value", "class", *several, "score", "pixels", *score_fields(legend.names)]

    def add(
        self, patches: Patches, chosen: NDArray[np.int64], scores: NDArray[np.float32], pixels: NDArray[np.int64]
    ) -> None:
        """Adds some patches.

        Args:
            patches: All of them.
            chosen: (patch,) which ones.
            scores: (patch, class), NaN where there are no data.
            pixels: (patch,) pixels with data.
        """
        if not chosen.size:
            return
        outlines = np.array([patches.geometry(patch, self._grid) for patch in chosen.tolist()], object)
        numbers = self._keys or range(1, len(patches) + 1)
        ids = np.array([numbers[patch] for patch in chosen.tolist()], object if self._keys else np.int32)
        filled = np.where(np.isnan(scores), -1, scores)
        best, score = filled.argmax(axis=1), filled.max(axis=1)
        classed = score >= (self._threshold if self._multilabel else 0)
        names, values = np.array(self._legend.names, object), np.array(self._legend.values)
        columns: list[NDArray[Any]] = [ids, np.where(classed, values[best], np.nan), _text(names[best], classed)]
        if self._multilabel:
            given = [f"{SEPARATOR} ".join(names[row >= self._threshold]) for row in filled]
            columns.append(_text(np.array(given, object), classed))
        columns += [np.where(score >= 0, score, np.nan), pixels, *scores.T]
        self._waiting.append((outlines, columns))
        if sum(len(part) for part, _ in self._waiting) >= _WRITTEN_AT_ONCE:
            self._write()

    def close(self) -> None:
        """Writes what is left, and the style."""
        self._write()
        add_default_style(self._path, LAYER, "geom", style_of(self._legend, "value"))

    def _write(self) -> None:
        if not self._waiting:
            return
        outlines = np.concatenate([part for part, _ in self._waiting])
        columns = [np.concatenate(parts) for parts in zip(*(columns for _, columns in self._waiting), strict=True)]
        masks: list[NDArray[np.bool_] | None] = [None] * len(columns)
        masks[1] = np.isnan(columns[1])
        columns[1] = np.nan_to_num(columns[1]).astype(np.int32)
        pyogrio.raw.write(
            self._path, shapely.to_wkb(self._alike(outlines)), columns, self._fields, field_mask=masks, layer=LAYER,
            driver="GPKG", geometry_type="MultiPolygon" if self._keys else "Polygon", crs=self._grid.crs.to_wkt(),
            append=self.written > 0, dataset_options={"VERSION": "1.3"},  # the latest of GDAL in QGIS 3.22
        )  # fmt: skip
        self.written += len(outlines)
        self._waiting = []

    def _alike(self, outlines: NDArray[Any]) -> NDArray[Any]:
        """Of drawn patches some may be multi-part, and a layer has one kind."""
        if self._keys is None:
            return outlines
        return np.array([shapely.multipolygons([*shapely.get_parts(outline)]) for outline in outlines], object)


def score_fields(names: tuple[str, ...]) -> list[str]:
    """Returns a field name for the score of each class: letters, digits and underscores, and each once."""
    fields: list[str] = []
    for name in names:
        field = "p_" + (re.sub(r"\W+", "_", name).strip("_").lower()[:50] or "class")
        while field in fields:
            field += "_"
        fields.append(field)
    return fields


def _text(words: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[Any]:
    words = words.astype(object)
    words[~known] = None
    return words
