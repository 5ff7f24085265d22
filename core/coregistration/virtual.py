"""Moved images as virtual rasters: with another geotransform, or warped while they are read."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from affine import Affine
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.warp import transform, transform_bounds

from ..errors import SceneError
from ..grids import Grid
from ..mosaics import GDAL_TYPES
from .field import Field

LATTICE = 12
"""Points along a side at which a warped image is tied down."""

_LARGEST_ERROR = 0.05
"""Pixels by which GDAL may approximate the warp."""


def write_moved(path: str, target: str, east: float, north: float) -> None:
    """Writes a virtual raster that shows a raster elsewhere; its pixels stay as they are.

    Args:
        path: The raster.
        target: Where to write, in the folder where the virtual raster will lie.
        east: How far to move, in units of the raster's coordinate system.
        north: The same.
    """
    rasterio.shutil.copy(path, target, driver="VRT")
    with rasterio.open(path) as dataset:
        moved = Affine.translation(east, north) @ dataset.transform
    with open(target, encoding="utf-8") as file:
        text = file.read()
    # A function, since a replacement text would be searched for backslashes.
    text, count = re.subn(
        r"<GeoTransform>.*?</GeoTransform>", lambda _: _geotransform(moved), text, count=1, flags=re.DOTALL
    )
    if not count:
        raise SceneError(f"'{path}' has no geotransform to correct.", "Save it as a GeoTIFF first.")
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)


def write_warped(path: str, target: str, reference: Grid, compared: Grid, field: Field) -> None:
    """Writes a virtual raster that warps a raster while it is read, onto pixels of the reference.

    So nothing is resampled again when both are read together. A raster that is finer than the reference keeps its
    resolution, in whole parts of the reference's pixels.

    Args:
        path: The raster.
        target: Where to write, in the folder where the virtual raster will lie.
        reference: Grid of the reference.
        compared: Grid whose pixels the field counts.
        field: Shift of every place.
    """
    with rasterio.open(path) as dataset:
        grid = _aligned(dataset, reference)
        points = _tied(dataset, compared, field)
        text = _warped(dataset, path, os.path.dirname(os.path.abspath(target)), grid, points)
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)


def _tied(dataset: DatasetReader, compared: Grid, field: Field) -> NDArray[np.float64]:
    """Returns (point, 4): column and row in the raster, and where on the reference's ground they belong."""
    columns, rows = np.meshgrid(np.linspace(0, dataset.width, LATTICE), np.linspace(0, dataset.height, LATTICE))
    pixels = np.column_stack([columns.ravel(), rows.ravel()])
    xs, ys = dataset.transform @ (pixels[:, 0], pixels[:, 1])
    xs, ys = (np.array(axis) for axis in transform(dataset.crs, compared.crs, list(xs), list(ys)))
    column, row = ~compared.transform @ (xs, ys)
    # The field tells of where the image says that something lies.
    shift = field(np.column_stack([row, column]))
    xs, ys = compared.transform @ (column + shift[:, 1], row + shift[:, 0])
    return np.column_stack([pixels, xs, ys])


def _aligned(dataset: DatasetReader, reference: Grid) -> Grid:
    """The common ground in pixels of the reference, or in whole parts of them where the raster is finer."""
    parts = max(round(reference.gsd / Grid.of(dataset).gsd), 1)
    fine = reference.transform @ Affine.scale(1 / parts)
    west, south, east, north = transform_bounds(dataset.crs, reference.crs, *dataset.bounds)
    corners = [~fine @ corner for corner in ((west, north), (east, north), (west, south), (east, south))]
    columns, rows = zip(*corners, strict=True)
    left, top = max(math.floor(min(columns)), 0), max(math.floor(min(rows)), 0)
    right = min(math.ceil(max(columns)), reference.width * parts)
    bottom = min(math.ceil(max(rows)), reference.height * parts)
    return Grid(reference.crs, fine @ Affine.translation(left, top), right - left, bottom - top)


def _warped(dataset: DatasetReader, path: str, folder: str, grid: Grid, points: NDArray[np.float64]) -> str:
    """Returns the text of GDAL's warped virtual raster (https://gdal.org/drivers/raster/vrt.html)."""
    name, relative = _named(path, folder)
    lines = [
        f'<VRTDataset rasterXSize="{grid.width}" rasterYSize="{grid.height}" subClass="VRTWarpedDataset">',
        f"<SRS>{escape(grid.crs.to_wkt())}</SRS>",
        _geotransform(grid.transform),
        "<Metadata>",
        *(f'<MDI key="{escape(key)}">{escape(value)}</MDI>' for key, value in dataset.tags().items()),
        "</Metadata>",
    ]
    fills = [_fill(dataset, index) for index in dataset.indexes]
    for index, fill in zip(dataset.indexes, fills, strict=True):
        described = dataset.descriptions[index - 1]
        lines += [
            f'<VRTRasterBand dataType="{GDAL_TYPES[dataset.dtypes[index - 1]]}" band="{index}" '
            'subClass="VRTWarpedRasterBand">',
            *([f"<Description>{escape(described)}</Description>"] if described else []),
            *([f"<UnitType>{escape(dataset.units[index - 1])}</UnitType>"] if dataset.units[index - 1] else []),
            *([f"<NoDataValue>{fill!r}</NoDataValue>"] if fill is not None else []),
            f"<Offset>{dataset.offsets[index - 1]!r}</Offset><Scale>{dataset.scales[index - 1]!r}</Scale>",
            "</VRTRasterBand>",
        ]
    lines += [
        "<BlockXSize>256</BlockXSize><BlockYSize>256</BlockYSize>",
        "<GDALWarpOptions><WarpMemoryLimit>6.71089e+07</WarpMemoryLimit><ResampleAlg>Bilinear</ResampleAlg>",
        f"<WorkingDataType>{_working_type(dataset)}</WorkingDataType>",
        '<Option name="INIT_DEST">NO_DATA</Option><Option name="UNIFIED_SRC_NODATA">YES</Option>',
        '<Option name="ERROR_OUT_IF_EMPTY_SOURCE_WINDOW">FALSE</Option>',
        f'<SourceDataset relativeToVRT="{relative}">{escape(name)}</SourceDataset>',
        *_transformer(grid, points),
        "<BandList>",
        *(_mapping(index, fill) for index, fill in zip(dataset.indexes, fills, strict=True)),
        "</BandList></GDALWarpOptions></VRTDataset>",
    ]
    return "\n".join([*lines, ""])


def _transformer(grid: Grid, points: NDArray[np.float64]) -> list[str]:
    """From the raster's pixels over its tied points (thin plate splines) to the grid."""
    inverse = (~grid.transform).to_gdal()
    return [
        f"<Transformer><ApproxTransformer><MaxError>{_LARGEST_ERROR}</MaxError><BaseTransformer>",
        "<GenImgProjTransformer><SrcTPSTransformer><TPSTransformer><Reversed>0</Reversed><GCPList>",
        *(
            f'<GCP Id="" Pixel="{column!r}" Line="{row!r}" X="{x!r}" Y="{y!r}" />'
            for column, row, x, y in points.tolist()
        ),
        "</GCPList></TPSTransformer></SrcTPSTransformer>",
        f"<DstGeoTransform>{_numbers(grid.transform.to_gdal())}</DstGeoTransform>",
        f"<DstInvGeoTransform>{_numbers(inverse)}</DstInvGeoTransform>",
        "</GenImgProjTransformer></BaseTransformer></ApproxTransformer></Transformer>",
    ]


def _mapping(index: int, fill: float | None) -> str:
    known = ""
    for side in ("Src", "Dst") if fill is not None else ():
        known += f"<{side}NoDataReal>{fill!r}</{side}NoDataReal><{side}NoDataImag>0</{side}NoDataImag>"
    return f'<BandMapping src="{index}" dst="{index}">{known}</BandMapping>'


def _fill(dataset: DatasetReader, index: int) -> float | None:
    """What stands for no data: what the raster says; NaN in rasters that can hold it; in others, zero is left."""
    stated = dataset.nodatavals[index - 1]
    if stated is not None:
        return float(stated)
    return math.nan if np.issubdtype(np.dtype(dataset.dtypes[index - 1]), np.floating) else None


def _working_type(dataset: DatasetReader) -> str:
    return "Float64" if any(np.dtype(kind).itemsize > 2 for kind in dataset.dtypes) else "Float32"


def _named(path: str, folder: str) -> tuple[str, int]:
    """The raster's name in the virtual raster, and whether it counts from its folder, so that both can be moved."""
    whole = os.path.abspath(path)
    if not os.path.exists(whole):
        return path, 0  # a name that only GDAL understands
    if Path(folder) in Path(whole).parents:
        return os.path.relpath(whole, folder), 1
    return whole, 0


def _geotransform(transform: Affine) -> str:
    return f"<GeoTransform>{_numbers(transform.to_gdal())}</GeoTransform>"


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(repr(float(value)) for value in values)
