"""Writes a made-up scene to try LandSketch on: two images, drawn labels and the truth.

Everything follows from the seed. Each raster carries the tag `SIMULATED`, so that it is never taken for a real image;
the scene lies in the open North Sea for the same reason.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyogrio
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.io import DatasetWriter
from scipy.ndimage import distance_transform_edt

from .landscape import CLASSES, Landscape, landscape, noise
from .legend import ClassLegend, LegendClass
from .outputs import finished
from .simulated_sensors import OPTICAL_BANDS, SAR_BANDS, Mixture, backscatter, majority, mixture, optical_band
from .styles import write_label_style

LEGEND = ClassLegend(
    tuple(
        LegendClass(value, name, colour)
        for value, (name, colour) in enumerate(
            zip(CLASSES, ("#3b6fb6", "#1f6b3a", "#9ccb6b", "#e8c95a", "#b07d52", "#c8433c"), strict=True), start=1
        )
    )
)
CLASS_FIELD = "class"

_CRS = "EPSG:32631"
_ORIGIN = (500_000.0, 6_200_040.0)
_PIXEL = 10.0
_GRID = Affine(_PIXEL, 0, _ORIGIN[0], 0, -_PIXEL, _ORIGIN[1])
_MARGIN = 12
"""Pixels laid out around the optical scene, which the larger SAR scene sees; 60 m pixels divide it."""

_SAR_PIXELS = 6
"""Pixels by which the SAR scene is larger on each side."""

_SAR_SHIFT = (3.7, -4.3)
"""Metres by which the SAR grid lies off the optical one, to the east and to the north."""

_TAG = "LandSketch core.simulate, seed {seed}: a made-up landscape, not a real image"
_OPTIONS = {"driver": "GTiff", "tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate"}
_CREATED = "2000-01-01T00:00:00.000Z"
"""GeoPackage stores when it was written; a fixed date keeps the file the same for the same seed."""


@dataclass(frozen=True)
class SimulatedScene:
    """Paths of a simulated scene.

    Attributes:
        optical: Sentinel-2 L2A, 12 bands, reflectance × 10 000 (GeoTIFF).
        sar: Sentinel-1 gamma nought, VV and VH, on its own grid (GeoTIFF).
        labels: Drawn polygons with the fields `class`, `value` and `colour` (GeoPackage).
        reference: The true class of every optical pixel (GeoTIFF).
    """

    optical: str
    sar: str
    labels: str
    reference: str


def simulate(folder: str, seed: int = 0, size: int = 512, sar_units: str = "db") -> SimulatedScene:
    """Writes a simulated scene into a folder.

    Args:
        folder: Existing folder.
        seed: The same seed gives the same files.
        size: Rows and columns of the optical image in pixels of 10 m, at least 192.
        sar_units: `db` or `linear` (power).

    Raises:
        ValueError: If the size is too small for a landscape, or the units are unknown.
        OutputError: If the files cannot be written.
    """
    if size < 192:
        raise ValueError(f"size is {size}; a landscape needs at least 192 pixels.")
    if sar_units not in ("db", "linear"):
        raise ValueError(f"sar_units is '{sar_units}'; expected 'db' or 'linear'.")
    rng = np.random.default_rng(seed)
    pixels = -(-(size + 2 * _MARGIN) // 6) * 6
    land = landscape(rng, 2 * pixels)
    mixed = mixture(rng, land)
    truth = majority(land.cover, len(CLASSES))[_MARGIN : _MARGIN + size, _MARGIN : _MARGIN + size]
    names = ("simulated_s2_l2a.tif", "simulated_s1_rtc.tif", "simulated_labels.gpkg", "simulated_reference.tif")
    scene = SimulatedScene(*(os.path.join(folder, name) for name in names))
    tags = {"SIMULATED": _TAG.format(seed=seed)}
    _write_optical(scene.optical, rng, land, mixed, size, tags)
    _write_sar(scene.sar, rng, land, mixed, size, sar_units, tags)
    _write_reference(scene.reference, truth, tags)
    _write_labels(scene.labels, *_drawn(rng, truth))
    write_label_style(scene.labels, CLASS_FIELD, LEGEND)
    return scene


def _write_optical(
    path: str, rng: np.random.Generator, land: Landscape, mixed: Mixture, size: int, tags: dict[str, str]
) -> None:
    inside = slice(_MARGIN, _MARGIN + size)
    haze = noise(rng, land.cover.shape[0], land.cover.shape[0] / 2)
    shape = (len(OPTICAL_BANDS), size, size)
    with _raster(path, shape, tags, dtype="uint16", nodata=0, predictor=2) as raster:
        for band, name in enumerate(OPTICAL_BANDS):
            raster.write(optical_band(rng, land, mixed, band, haze)[inside, inside], band + 1)
            raster.set_band_description(band + 1, name)


def _write_sar(
    path: str, rng: np.random.Generator, land: Landscape, mixed: Mixture, size: int, units: str, tags: dict[str, str]
) -> None:
    east, north = _SAR_SHIFT
    centres = np.arange(size + 2 * _SAR_PIXELS) + _MARGIN - _SAR_PIXELS + 0.5
    rows, columns = 2 * (centres - north / _PIXEL), 2 * (centres + east / _PIXEL)
    power = backscatter(rng, land, mixed, rows.astype(np.float32), columns.astype(np.float32))
    larger = _SAR_PIXELS * _PIXEL
    transform = Affine(_PIXEL, 0, _ORIGIN[0] + east - larger, 0, -_PIXEL, _ORIGIN[1] + north + larger)
    with _raster(path, power.shape, tags, dtype="float32", nodata=np.nan, predictor=3, transform=transform) as raster:
        raster.write(10 * np.log10(power) if units == "db" else power)
        for band, name in enumerate(SAR_BANDS):
            raster.set_band_description(band + 1, name)
            raster.set_band_unit(band + 1, "dB" if units == "db" else "linear power")


def _write_reference(path: str, truth: NDArray[np.uint8], tags: dict[str, str]) -> None:
    legend = {"LANDSKETCH_LEGEND": json.dumps(LEGEND.to_json())}
    with _raster(path, (1, *truth.shape), {**tags, **legend}, dtype="uint8", nodata=0) as raster:
        raster.write(truth, 1)
        raster.write_colormap(1, {entry.value: (*bytes.fromhex(entry.colour[1:]), 255) for entry in LEGEND})


@contextmanager
def _raster(path: str, shape: tuple[int, ...], tags: dict[str, str], **options: Any) -> Iterator[DatasetWriter]:
    """Opens a compressed GeoTIFF of (band, y, x) on the optical grid, which appears once it is complete."""
    count, height, width = shape
    profile = {"crs": _CRS, "transform": _GRID, "count": count, "height": height, "width": width, **_OPTIONS, **options}
    with finished(path) as temporary, rasterio.open(temporary, "w", **profile) as raster:
        yield raster
        raster.update_tags(**tags)


def _drawn(rng: np.random.Generator, truth: NDArray[np.uint8]) -> tuple[list[shapely.Polygon], list[LegendClass]]:
    """Draws 3 to 6 small irregular polygons per class, apart from one another and clear of borders."""
    polygons, classes = [], []
    apart = truth.shape[0] / 6
    for entry in LEGEND:
        clear = distance_transform_edt(np.pad(truth == entry.value, 1))[1:-1, 1:-1]
        places = np.argwhere(clear >= min(4.5, clear.max()))
        chosen: list[NDArray[np.intp]] = []
        wanted = int(rng.integers(3, 7))
        for place in places[rng.permutation(len(places))]:
            if all(np.hypot(*(place - other)) > apart for other in chosen):
                chosen.append(place)
            if len(chosen) == wanted:
                break
        for row, column in chosen:
            polygons.append(_sketched(rng, row, column, min(0.9 * clear[row, column], 6.0)))
            classes.append(entry)
    return polygons, classes


def _sketched(rng: np.random.Generator, row: int, column: int, radius: float) -> shapely.Polygon:
    """A polygon of 6 to 9 corners around a pixel, as a hand draws it."""
    corners = int(rng.integers(6, 10))
    angle = np.sort((np.arange(corners) + rng.uniform(-0.3, 0.3, corners)) * 2 * np.pi / corners)
    reach = radius * rng.uniform(0.55, 1.0, corners)
    x = _ORIGIN[0] + _PIXEL * (column + 0.5 + reach * np.cos(angle))
    y = _ORIGIN[1] - _PIXEL * (row + 0.5 + reach * np.sin(angle))
    return shapely.Polygon(np.column_stack([x, y]))


def _write_labels(path: str, polygons: list[shapely.Polygon], classes: list[LegendClass]) -> None:
    columns = {
        CLASS_FIELD: np.array([entry.name for entry in classes], dtype=object),
        "value": np.array([entry.value for entry in classes], dtype=np.int32),
        "colour": np.array([entry.colour for entry in classes], dtype=object),
    }
    earlier = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _CREATED})
    try:
        with finished(path) as temporary:
            pyogrio.raw.write(
                temporary, shapely.to_wkb(np.array(polygons, dtype=object)), list(columns.values()), list(columns),
                geometry_type="Polygon", crs=_CRS, layer="labels", driver="GPKG",
                dataset_options={"VERSION": "1.2"},  # newer ones make the GDAL of Debian 12 warn
            )  # fmt: skip
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": earlier})
