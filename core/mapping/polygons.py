"""A class map as polygons: class raster → GeoPackage with names, areas and the legend's colours.

The raster is read twice, band by band. What is held besides grows with what the map shows: with the number of patches
(`patches.py`) and with the polygons themselves (`coverage.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyogrio
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.io import DatasetReader
from rasterio.windows import Window

from ..class_rasters import open_class_raster, read_classes
from ..errors import SceneError
from ..legend import MAX_VALUE, NO_DATA, ClassLegend
from ..progress import Reporter
from ..vectors import reproject
from .coverage import outlined
from .patches import Bands, Patches, find_patches
from .polygon_style import add_default_style, style_of

LAYER = "classes"
"""The layer's name in the GeoPackage."""

FIELDS = ("value", "class", "area_m2", "pixels")

_BAND_PIXELS = 1 << 22
_BLOCK_ROWS = 256
_WRITTEN_AT_ONCE = 20_000

_PASSES = ((0.0, 0.2), (0.2, 0.8))
"""Shares of the progress: finding the patches, outlining them."""
_WRITING = 0.8

_EQUAL_AREA = 6933
"""EASE-Grid 2.0: cylindrical, equal-area on the ellipsoid of WGS 84, all of the Earth but the poles."""

_WEB_MERCATOR = 3857


def write_polygons(
    class_raster: str, path: str, legend: ClassLegend, smallest: int, tolerance: float, reporter: Reporter
) -> int:
    """Writes the patches of a class raster as polygons.

    Neighbouring polygons share their borders exactly, without gaps or overlaps, simplified or not. Where there is no
    data, there is no polygon. The attributes are `FIELDS`:

    - value, class: The class.
    - area_m2: Area of the polygon as written. In geographic coordinates and in Web Mercator, which do not keep areas,
      it is measured in an equal-area projection; elsewhere in the map's own projection, as GIS users expect.
    - pixels: Pixels of the patch, before its outline was simplified.

    Args:
        class_raster: A class map, 8-bit.
        path: GeoPackage to write; a temporary name that the caller puts in place.
        legend: The map's classes, for names and colours.
        smallest: Patches of fewer pixels join their largest neighbour; 0 or 1: all are kept.
        tolerance: Borders may move by about this many pixels: corners go whose triangle with their neighbours is
            smaller than the square of it (Visvalingam and Whyatt 1993). 0: borders keep their steps.
        reporter: Told how far it is, asked whether to stop.

    Returns:
        How many polygons there are.

    Raises:
        SceneError: If the raster cannot be read, is no class map, or has no data at all.
    """
    with open_class_raster(class_raster, "map") as raster:
        patches = find_patches(_bands(raster, class_raster, reporter), smallest, reporter)
        if not len(patches):
            raise SceneError(f"The map '{class_raster}' holds no class anywhere.", "Check the scene and the mask.")
        outlines = outlined(patches, tolerance, reporter)
        crs, transform = raster.crs, raster.transform
    _write(path, outlines, patches, legend, crs, transform, reporter)
    add_default_style(path, LAYER, "geom", style_of(legend, FIELDS[0]))
    reporter.progress(1.0)
    return len(patches)


def _bands(raster: DatasetReader, name: str, reporter: Reporter) -> Bands:
    """Gives the raster's classes in bands of a bounded number of pixels, twice."""
    rows = max(_BAND_PIXELS // raster.width, 1)
    if rows > _BLOCK_ROWS:
        rows -= rows % _BLOCK_ROWS  # so that no block is decompressed twice
    passes = iter(_PASSES)

    def bands() -> Iterator[NDArray[np.uint8]]:
        start, end = next(passes)
        for row in range(0, raster.height, rows):
            reporter.progress(start + (end - start) * row / raster.height)
            window = Window(0, row, raster.width, min(rows, raster.height - row))
            values, valid = read_classes(raster, window, zero_is_class=False, name=name)
            values[~valid] = NO_DATA
            if values.min() < 0 or values.max() > MAX_VALUE:
                raise SceneError(
                    f"'{name}' holds the values {values.min()} to {values.max()}; class maps hold 1 to {MAX_VALUE}.",
                    "Choose an 8-bit class map.",
                )
            yield values.astype(np.uint8)

    return bands


def _write(
    path: str, outlines: NDArray[Any], patches: Patches, legend: ClassLegend, crs: CRS, transform: Affine,
    reporter: Reporter,
) -> None:  # fmt: skip
    """Writes the polygons part by part, so that a cancel is heard."""
    names = {entry.value: entry.name for entry in legend}

    def to_map(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = points.T
        return np.column_stack(
            [transform.a * x + transform.b * y + transform.c, transform.d * x + transform.e * y + transform.f]
        )

    for start in range(0, len(outlines), _WRITTEN_AT_ONCE):
        reporter.progress(_WRITING + (1 - _WRITING) * start / len(outlines))
        part = slice(start, start + _WRITTEN_AT_ONCE)
        placed = shapely.orient_polygons(shapely.transform(outlines[part], to_map))
        values = patches.values[1:][part].astype(np.int32)
        columns = [
            values,
            np.array([names.get(value, str(value)) for value in values.tolist()], object),
            _square_metres(placed, crs),
            patches.pixels[1:][part],
        ]
        pyogrio.raw.write(
            path, shapely.to_wkb(placed), columns, FIELDS, layer=LAYER, driver="GPKG", geometry_type="Polygon",
            crs=crs.to_wkt(), append=start > 0, dataset_options={"VERSION": "1.3"},  # the latest of GDAL in QGIS 3.22
        )  # fmt: skip


def _square_metres(placed: NDArray[Any], crs: CRS) -> NDArray[np.float64]:
    if crs.is_geographic or crs.to_epsg() == _WEB_MERCATOR:
        return np.asarray(shapely.area(reproject(tuple(placed), crs, CRS.from_epsg(_EQUAL_AREA))))
    unit = float(crs.linear_units_factor[1]) if crs.is_projected else 1.0
    return np.asarray(shapely.area(placed) * unit**2)
