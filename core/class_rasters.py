"""Class rasters, of LandSketch or of any other make: what their values mean and where they have none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioIOError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from .errors import LandSketchError, SceneError
from .legend import NO_DATA, ClassLegend

LEGEND_TAG = "LANDSKETCH_LEGEND"
"""Dataset tag with the classes' names and colours as JSON."""

_WINDOW = 1024


@dataclass(frozen=True)
class RasterClass:
    """What is known of a value of a class raster: its name (the value itself where none is known) and colour."""

    value: int
    name: str
    colour: str = ""

    @property
    def named(self) -> bool:
        """Whether the name says more than the value."""
        return self.name != str(self.value)


@contextmanager
def open_class_raster(path: str, role: str) -> Iterator[DatasetReader]:
    """Opens a class raster.

    Args:
        path: Any name that GDAL opens.
        role: What it is to the user, such as 'map'.

    Raises:
        SceneError: If it cannot be opened, or has no coordinate reference system.
    """
    try:
        raster = rasterio.open(path)
    except RasterioIOError as error:
        raise SceneError(
            f"The {role} '{path}' cannot be read: {str(error).rstrip('.')}.", "Choose an existing class raster."
        ) from error
    with raster:
        if raster.crs is None:
            raise SceneError(
                f"The {role} '{path}' has no coordinate reference system.", "Set one in the layer's properties."
            )
        yield raster


def known_classes(raster: DatasetReader) -> dict[int, RasterClass]:
    """Returns the classes that a raster itself describes: by LandSketch's legend, else by its colour table."""
    text = raster.tags().get(LEGEND_TAG)
    if text:
        try:
            legend = ClassLegend.from_json(json.loads(text))
        except (ValueError, KeyError, TypeError, LandSketchError):
            legend = ClassLegend(())  # a foreign or damaged tag only costs the names
        if len(legend):
            return {entry.value: RasterClass(entry.value, entry.name, entry.colour) for entry in legend}
    try:
        table = raster.colormap(1)
    except ValueError:
        return {}
    return {
        value: RasterClass(value, str(value), "#{:02x}{:02x}{:02x}".format(*rgba[:3]))
        for value, rgba in table.items()
        if rgba[3] and any(rgba[:3])  # formats fill the table up with black
    }


def windows(raster: DatasetReader) -> Iterator[Window]:
    """Cuts a raster into windows of bounded size."""
    for row in range(0, raster.height, _WINDOW):
        for column in range(0, raster.width, _WINDOW):
            yield Window(column, row, min(_WINDOW, raster.width - column), min(_WINDOW, raster.height - row))


def read_classes(
    raster: DatasetReader, window: Window, zero_is_class: bool, name: str
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Reads class values.

    Args:
        raster: An open class raster or a warped view of one.
        window: What to read.
        zero_is_class: Whether 0 is a class where the raster does not declare a no-data value.
        name: Its name, for the message.

    Returns:
        values: (y, x).
        valid: (y, x), False where there is no class.

    Raises:
        SceneError: If the file is damaged, or the values are no classes.
    """
    try:
        stored: NDArray[Any] = raster.read(1, window=window)
        valid = raster.read_masks(1, window=window) > 0
    except RasterioIOError as error:
        raise SceneError(f"'{name}' cannot be read to its end: it is damaged or cut off.", "Copy it again.") from error
    if stored.dtype.kind == "f":
        valid &= np.isfinite(stored)
        if not np.array_equal(stored[valid], np.rint(stored[valid])):
            example = stored[valid][stored[valid] != np.rint(stored[valid])][0]
            raise SceneError(
                f"'{name}' holds values such as {example}; class rasters hold whole numbers.",
                "Choose a class map, not an image or a probability raster.",
            )
        stored = np.where(valid, stored, 0)
    values = stored.astype(np.int64)
    if raster.nodata is None and not zero_is_class:
        valid &= values != NO_DATA
    return values, valid
