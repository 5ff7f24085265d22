"""Features of vector files: read, repaired, reprojected, and burnt into windows of a raster grid."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyogrio
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError
from rasterio._err import CPLE_BaseError
from rasterio.crs import CRS
from rasterio.errors import CRSError
from rasterio.features import rasterize
from rasterio.transform import array_bounds
from rasterio.warp import transform as transform_coordinates
from shapely.geometry.base import BaseGeometry

from .errors import LabelError
from .legend import class_key
from .specs import VectorSpec


@dataclass(frozen=True)
class Features:
    """Features of a layer, fit for use.

    Attributes:
        geometries: Valid, not empty, two-dimensional.
        keys: Class of each geometry as `core.legend.class_key` writes it; '' where the spec names no field.
        crs: Coordinate reference system of the geometries.
        repaired: How many invalid geometries were repaired.
        skipped: How many features were left out, having no geometry or no class.
    """

    geometries: tuple[BaseGeometry, ...]
    keys: tuple[str, ...]
    crs: CRS
    repaired: int
    skipped: int

    def __len__(self) -> int:
        return len(self.geometries)


def read_features(spec: VectorSpec, empty: bool = False) -> Features:
    """Reads the features of a layer with their classes.

    Args:
        spec: The layer.
        empty: Whether there may be none.

    Raises:
        LabelError: If the file cannot be read, the layer or field is unknown, the coordinate reference system is
            missing, or no feature is left.
    """
    layer = _layer(spec)
    try:
        known = list(pyogrio.read_info(spec.path, layer=layer)["fields"])
        if spec.field and spec.field not in known:
            raise LabelError(
                f"Layer '{layer}' of '{spec.path}' has no field '{spec.field}'; it has {_listed(known)}.",
                "Choose the field that holds the class.",
            )
        columns = [spec.field] if spec.field else []
        meta, _, wkb, values = pyogrio.raw.read(spec.path, layer=layer, columns=columns, force_2d=True)
    except (DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise _unreadable(spec.path, error) from error
    if wkb is None:
        raise LabelError(f"Layer '{layer}' of '{spec.path}' is a table without geometries.", "Choose another layer.")
    crs = _crs(meta["crs"], spec.path)
    keys = [_key(value) for value in values[0].tolist()] if spec.field else [""] * len(wkb)
    geometries = shapely.from_wkb(wkb, on_invalid="ignore")
    classed = np.array([key is not None for key in keys], bool)
    usable = classed & ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    invalid = usable & ~shapely.is_valid(geometries)
    repaired = [_repaired(geometry) if bad else geometry for geometry, bad in zip(geometries, invalid, strict=True)]
    kept = [i for i in np.flatnonzero(usable) if not repaired[i].is_empty]
    if not kept and not empty:
        wanted = f"a geometry and a class in '{spec.field}'" if spec.field else "a geometry"
        raise LabelError(
            f"None of the {len(wkb)} features of layer '{layer}' of '{spec.path}' has {wanted}.",
            "Draw some features first." if not len(wkb) else "Check the layer and the field.",
        )
    return Features(
        geometries=tuple(repaired[i] for i in kept),
        keys=tuple(str(keys[i]) for i in kept),
        crs=crs,
        repaired=int(invalid[kept].sum()),
        skipped=len(wkb) - len(kept),
    )


def reproject(geometries: Sequence[BaseGeometry], source_crs: CRS, target_crs: CRS) -> tuple[BaseGeometry, ...]:
    """Returns the geometries in another coordinate reference system, in the same order.

    A geometry that the target cannot express becomes empty: it lies outside any raster there.
    """
    if source_crs == target_crs:
        return tuple(geometries)

    def convert(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transform_coordinates(source_crs, target_crs, points[:, 0], points[:, 1]))

    try:
        return tuple(shapely.transform(np.array(geometries, dtype=object), convert))
    except CPLE_BaseError:
        # One coordinate that PROJ refuses fails the whole call, so the culprits are found one by one.
        return tuple(_converted(geometry, convert) for geometry in geometries)


def _converted(geometry: BaseGeometry, convert: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> BaseGeometry:
    try:
        return shapely.transform(geometry, convert)
    except CPLE_BaseError:
        return shapely.Polygon()


def read_mask(spec: VectorSpec, crs: CRS) -> tuple[BaseGeometry, ...]:
    """Reads polygons in a raster's coordinate reference system, for `mask_window`.

    Raises:
        LabelError: As `read_features`.
    """
    features = read_features(spec)
    return reproject(features.geometries, features.crs, crs)


def mask_window(geometries: Sequence[BaseGeometry], transform: Affine, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Marks the pixels of a window that the geometries cover.

    A polygon covers the pixels whose centre it holds; a line those it passes, a point the one it lies in.

    Args:
        geometries: In the raster's coordinate reference system.
        transform: Of the window.
        shape: Rows and columns of the window.

    Returns:
        mask: (y, x), True where covered.
    """
    return burn_window(geometries, np.ones(len(geometries), np.int32), transform, shape) > 0


def burn_window(
    geometries: Sequence[BaseGeometry], values: NDArray[np.int32], transform: Affine, shape: tuple[int, int]
) -> NDArray[np.int32]:
    """Writes a value per geometry into a window; where they overlap, the later one stays.

    Args:
        geometries: In the raster's coordinate reference system.
        values: One per geometry, above zero.
        transform: Of the window.
        shape: Rows and columns of the window.

    Returns:
        burnt: (y, x), 0 where no geometry is.
    """
    near = touching(geometries, transform, shape)
    if not near.size:
        return np.zeros(shape, np.int32)
    shapes = ((geometries[i], int(values[i])) for i in near)
    burnt: NDArray[np.int32] = rasterize(shapes, out_shape=shape, transform=transform, fill=0, dtype="int32")
    return burnt


def touching(geometries: Sequence[BaseGeometry], transform: Affine, shape: tuple[int, int]) -> NDArray[np.intp]:
    """Indices of the geometries whose bounding box meets the window; empty geometries meet nothing."""
    left, bottom, right, top = array_bounds(*shape, transform)
    west, south, east, north = shapely.bounds(np.array(geometries, dtype=object)).reshape(-1, 4).T
    # Comparisons with the NaN bounds of an empty geometry are False.
    meets = (west <= right) & (east >= left) & (south <= top) & (north >= bottom)
    return np.flatnonzero(meets)


def _layer(spec: VectorSpec) -> str:
    """Returns the name of the layer to read."""
    if not spec.path.startswith("/vsi") and not os.path.exists(spec.path):
        raise LabelError(f"Vector file '{spec.path}' does not exist.", "Choose an existing file.")
    try:
        layers = [str(name) for name in pyogrio.list_layers(spec.path)[:, 0]]
    except DataSourceError as error:
        raise _unreadable(spec.path, error) from error
    if not layers:
        raise LabelError(f"'{spec.path}' holds no vector layer.", "Choose a vector file with features.")
    if spec.layer and spec.layer not in layers:
        raise LabelError(f"'{spec.path}' has no layer '{spec.layer}'; it has {_listed(layers)}.", "Choose one of them.")
    return spec.layer or layers[0]


def _unreadable(path: str, error: Exception) -> LabelError:
    return LabelError(
        f"'{path}' cannot be read as a vector file: {error}.", "Choose a GeoPackage, Shapefile or GeoJSON."
    )


def _crs(text: str | None, path: str) -> CRS:
    if not text:
        raise LabelError(
            f"The layer '{path}' has no coordinate reference system.",
            "Set it in the layer's properties and save it anew.",
        )
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise LabelError(f"The coordinate reference system of '{path}' is not understood: {error}.") from error


def _key(value: Any) -> str | None:
    """Returns the class key of an attribute value; None for NULL and for blank text, which name no class."""
    # NaN (a NULL number) and NaT (a NULL date) are not equal to themselves.
    if value is None or value != value:
        return None
    return class_key(value) or None


def _repaired(geometry: BaseGeometry) -> BaseGeometry:
    """Repairs a geometry and drops the lines and points that a broken polygon leaves behind."""
    valid = shapely.make_valid(geometry)
    if valid.geom_type != "GeometryCollection":
        return valid
    parts = shapely.get_parts(valid)
    dimensions = shapely.get_dimensions(parts)
    return shapely.union_all(parts[dimensions == dimensions.max()]) if parts.size else valid


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "none"
