"""What jobs read: rasters of a scene, features, and the part of a scene that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from ..errors import SpecError
from ..legend import ClassLegend
from ..sensors import AUTO, GENERIC, SENSORS
from .building import choice, given

UNITS = (AUTO, "dn", "reflectance", "raw", "db", "linear")
ROLES = ("optical", "sar", "embedding", "series")
"""What a source of a scene can be: an image, a time stack in its place, or a time stack that is coarser than the image
beside it (`series`). The first one that a scene has gives the scene its grid."""


@dataclass(frozen=True)
class SourceSpec:
    """One raster of a scene.

    Attributes:
        role: One of `ROLES`.
        path: File or any name that GDAL opens; or a time stack (`.json`, a STAC ItemCollection), of which the items of
            this role are taken (`series`: the optical ones).
        sensor: A sensor id of `core.sensors`, `generic`, or `auto`.
        units: Units of the stored values: `dn` (reflectance × 10 000), `reflectance` (0 to 1), `raw` (as stored),
            `db`, `linear` (power), or `auto`.
        bands: Canonical band names in file order, '-' for a band that is not used; empty: taken from descriptions, then
            from the usual order.
        offset: Digital number that stands for zero reflectance (1000 from Sentinel-2 baseline 04.00 on); None: found.
    """

    role: str
    path: str
    sensor: str = AUTO
    units: str = AUTO
    bands: Tuple[str, ...] = ()
    offset: Optional[float] = None

    def __post_init__(self) -> None:
        choice("role", self.role, ROLES)
        choice("sensor", self.sensor, (AUTO, GENERIC, *SENSORS))
        choice("units", self.units, UNITS)
        given("path", self.path)
        profile = SENSORS.get(self.sensor)
        if profile and profile.role != self.role:
            raise SpecError(f"{profile.title} was given for '{self.path}' as {self.role}.", f"It is {profile.role}.")


@dataclass(frozen=True)
class SceneSpec:
    """A scene to learn from.

    Attributes:
        sources: Its rasters, each role once.
        series: Scenes with the same text here are dates of one place, in the order in which they are given; empty: it
            stands alone.
    """

    sources: Tuple[SourceSpec, ...]
    series: str = ""

    def __post_init__(self) -> None:
        check_sources(self.sources)


@dataclass(frozen=True)
class VectorSpec:
    """Features of a vector file: labels, reference or mask.

    Attributes:
        path: Any vector file that GDAL opens.
        layer: Layer inside the file; empty: the first one.
        field: Attribute that holds the class; empty for masks.
        legend: Names and colours of the classes, as `ClassLegend.to_json`; empty: made from the attribute's values.
        keys: Attribute value of each legend class; empty: its map value.
    """

    path: str
    layer: str = ""
    field: str = ""
    legend: Tuple[Dict[str, Any], ...] = ()
    keys: Tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given("path", self.path)
        if self.keys and len(self.keys) != len(self.legend):
            raise SpecError(f"{len(self.keys)} class keys were given for {len(self.legend)} legend classes.")

    def class_legend(self) -> Optional[ClassLegend]:
        """Returns the stated legend, or None when it is to be made from the attribute's values."""
        return ClassLegend.from_json(self.legend) if self.legend else None


@dataclass(frozen=True)
class ExtentSpec:
    """A rectangle.

    Attributes:
        bounds: West, south, east and north.
        crs: Their coordinate reference system, as `EPSG:32632` or WKT.
    """

    bounds: Tuple[float, ...]
    crs: str

    def __post_init__(self) -> None:
        given("crs", self.crs)
        if len(self.bounds) != 4 or self.bounds[0] >= self.bounds[2] or self.bounds[1] >= self.bounds[3]:
            raise SpecError(f"bounds is {list(self.bounds)}.", "Expected west, south, east and north.")


def check_sources(sources: Tuple[SourceSpec, ...]) -> None:
    """Checks that a scene has a source, and each role once."""
    if not sources:
        raise SpecError("No image was given.", "Give an optical, a SAR or an embedding layer.")
    roles = [source.role for source in sources]
    if len(set(roles)) != len(roles):
        raise SpecError(f"The scene has the sources {', '.join(roles)}.", "Give each role once.")
