"""Raster layers as sources of a scene: file, bands, sensor, extent."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from qgis.core import QgsCoordinateReferenceSystem, QgsRasterLayer, QgsRectangle

from ..core.embedding_tags import maker_of
from ..core.errors import SceneError
from ..core.sensors import (
    AUTO,
    EMBEDDING_CHOICES,
    OPTICAL_CHOICES,
    OPTICAL_UNIT_CHOICES,
    SAR_UNIT_CHOICES,
    BandMatch,
    match_bands,
)
from ..core.specs import SourceSpec
from .readings import Reading, kept_reading
from .text import tr

_PROVIDER_OPTIONS = re.compile(r"\|(option|credential):.*$", re.DOTALL)
_BAND_NUMBER = re.compile(r"^Band 0*\d+(?::\s*)?")

Matcher = Callable[[str], BandMatch]


@dataclass(frozen=True)
class RasterSource:
    """A raster layer of a scene.

    Attributes:
        name: The layer's name, as in the layer tree.
        spec: What the engine is told.
        match: What its bands were taken for.
        extent: In the layer's CRS.
        crs: The layer's CRS; invalid where it has none.
        dates: Of a time stack; none: it is a layer.
    """

    name: str
    spec: SourceSpec
    match: BandMatch
    extent: QgsRectangle
    crs: QgsCoordinateReferenceSystem
    dates: Tuple[str, ...] = ()


def raster_source(
    layer: QgsRasterLayer,
    role: str,
    sensor: str = "auto",
    units: str = "auto",
    bands: Sequence[str] = (),
    offset: Optional[float] = None,
) -> RasterSource:
    """Reads what a raster layer is: what is stated here goes before what is kept with the layer.

    Args:
        layer: A layer of a local raster file.
        role: `optical`, `sar` or `embedding`.
        sensor: A key of `OPTICAL_CHOICES`, or of `EMBEDDING_CHOICES`; `auto` for SAR.
        units: A key of `SAR_UNIT_CHOICES` or of `OPTICAL_UNIT_CHOICES`.
        bands: Band names in file order, as the user states them.
        offset: Digital number that stands for zero reflectance (Sentinel-2 only).

    Raises:
        SceneError: If the layer is not a readable file, or its bands do not fit the sensor.
    """
    path = raster_path(layer)
    descriptions = band_descriptions(layer, path)

    sensors = _sensor_ids(role, sensor)
    kept = kept_reading(layer)
    stated = Reading(role, sensors[0], _units_id(role, units), tuple(bands), offset).over(kept, sensors)
    if kept is not None and stated.sensor == kept.sensor:
        sensors = (kept.sensor,)

    def match(sensor_id: str) -> BandMatch:
        return match_bands(role, descriptions, path, sensor_id, stated.bands)

    sensor_id, found = _choose(sensors, match)
    if role == "embedding":
        found = replace(found, maker=maker_of(raster_tags(path, layer.name())))
    spec = SourceSpec(
        role=role,
        path=path,
        sensor=sensor_id,
        units=stated.units,
        bands=stated.bands,
        offset=stated.offset,
    )
    return RasterSource(layer.name(), spec, found, layer.extent(), layer.crs())


def _sensor_ids(role: str, sensor: str) -> Tuple[str, ...]:
    """Returns the sensors that a choice stands for."""
    if role == "optical":
        return OPTICAL_CHOICES[sensor]
    return (EMBEDDING_CHOICES[sensor],) if role == "embedding" else (AUTO,)


def _units_id(role: str, units: str) -> str:
    """Returns the units that a choice stands for; embeddings have none."""
    choices = {"optical": OPTICAL_UNIT_CHOICES, "sar": SAR_UNIT_CHOICES}.get(role, {})
    return choices.get(units, AUTO)


def _choose(sensors: Sequence[str], match: Matcher) -> Tuple[str, BandMatch]:
    """Returns the one of several sensors that the raster is; a choice such as 'Landsat' stands for more than one."""
    if len(sensors) == 1:
        return sensors[0], match(sensors[0])
    guess = match(AUTO)
    if guess.sensor in sensors:
        return guess.sensor, guess
    matches: Dict[str, BandMatch] = {}
    problems: List[SceneError] = []
    for sensor in sensors:
        try:
            matches[sensor] = match(sensor)
        except SceneError as error:
            problems.append(error)
    if not matches:
        raise problems[0]
    return next(iter(matches.items()))


def raster_path(layer: QgsRasterLayer) -> str:
    """Returns the name under which GDAL opens a layer: a file, a subdataset, a /vsi path.

    Raises:
        SceneError: If the layer is not a file that the engine can read.
    """
    provider = layer.providerType()
    if provider != "gdal":
        raise SceneError(
            tr("Layer '{layer}' comes from the provider '{provider}'; a raster file is expected.").format(
                layer=layer.name(), provider=provider
            ),
            tr("Save it as a GeoTIFF first (right-click ▸ Export ▸ Save As, raw data)."),
        )
    path = _PROVIDER_OPTIONS.sub("", layer.source())
    if path.startswith(("/vsimem/", "MEM:")):
        raise SceneError(
            tr("Layer '{layer}' lies only in the memory of QGIS.").format(layer=layer.name()), tr("Save it to a file.")
        )
    return path


def band_descriptions(layer: QgsRasterLayer, path: str) -> Tuple[str, ...]:
    """Returns one description per band, '' where the file has none.

    Raises:
        SceneError: If the file cannot be opened any more.
    """
    dataset = _opened(path, layer.name())
    if dataset is not None:
        return tuple(dataset.GetRasterBand(band).GetDescription() or "" for band in range(1, dataset.RasterCount + 1))
    # Without GDAL's Python module: QGIS says 'Band 01: B02', or 'Band 1' where there is no description.
    return tuple(_BAND_NUMBER.sub("", layer.bandName(band)) for band in range(1, layer.bandCount() + 1))


def raster_tags(path: str, name: str) -> Dict[str, str]:
    """Returns the tags of a raster file; none without GDAL's Python module."""
    dataset = _opened(path, name)
    return dict(dataset.GetMetadata()) if dataset is not None else {}


def _opened(path: str, name: str) -> Optional[Any]:
    """Opens a raster by GDAL, since QGIS decorates band descriptions and hides tags; None without its Python module.

    Raises:
        SceneError: If it cannot be opened.
    """
    try:
        from osgeo import gdal
    except ImportError:
        return None
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_READONLY)
    except RuntimeError:
        dataset = None  # another plugin may have switched GDAL's exceptions on
    finally:
        gdal.PopErrorHandler()
    if dataset is None:
        raise SceneError(
            tr("The file of layer '{layer}' cannot be opened: {path}").format(layer=name, path=path),
            tr("Was it moved, renamed or deleted? Add the layer anew."),
        )
    return dataset
