"""Items of a time stack as single rasters: whatever files hold their bands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePath

import rasterio
from affine import Affine

from .errors import SceneError
from .grids import Grid
from .rasters import check_geocoded, readable
from .stack_items import StackBand, StackItem

_TYPES = {
    "uint8": "Byte", "int8": "Int8", "uint16": "UInt16", "int16": "Int16", "uint32": "UInt32", "int32": "Int32",
    "float32": "Float32", "float64": "Float64",
}  # fmt: skip
"""What GDAL calls the types of values."""


@dataclass(frozen=True)
class ItemRaster:
    """A raster with all bands of an item.

    Attributes:
        name: What GDAL opens: the item's file, or the text of a virtual raster.
        layer: Its name, for people.
        bands: Names of its bands, in order; '' for those that are not the item's.
    """

    name: str
    layer: str
    bands: tuple[str, ...]


@dataclass(frozen=True)
class _File:
    grid: Grid
    count: int
    dtypes: tuple[str, ...]
    no_data: tuple[float | None, ...]
    block: tuple[int, int]


def raster_of(item: StackItem) -> ItemRaster:
    """Returns an item's raster.

    Bands in several files, and few bands of a file with many, become a virtual raster on the grid of the finest band.
    Pixels of coarser bands are repeated there, as is usual for the bands of Sentinel-2 at 20 and 60 m: interpolated,
    they would mix with the fill at the edge of the data.

    Raises:
        SceneError: If a file cannot be read, or has no such band, or the files have different reference systems.
    """
    layer = PurePath(item.bands[0].path).name
    files = {path: _described(path) for path in dict.fromkeys(band.path for band in item.bands)}
    for band in item.bands:
        if band.index > files[band.path].count:
            raise SceneError(
                f"'{PurePath(band.path).name}' has {files[band.path].count} bands; the time stack takes {band.name} "
                f"from band {band.index}.",
                "Build the time stack anew.",
            )
    only = files[item.bands[0].path]
    if len(files) == 1 and 2 * len(item.bands) >= only.count:
        names = {band.index: band.name for band in item.bands}
        return ItemRaster(item.bands[0].path, layer, tuple(names.get(i + 1, "") for i in range(only.count)))
    title = layer if len(files) == 1 else item.id
    systems = {file.grid.crs.to_wkt() for file in files.values()}
    if len(systems) > 1:
        raise SceneError(
            f"The bands of '{title}' have different coordinate reference systems.", "Give them one, by warping some."
        )
    return ItemRaster(_joined(item.bands, files), title, tuple(band.name for band in item.bands))


def _described(path: str) -> _File:
    layer = PurePath(path).name
    with readable(layer), rasterio.open(path) as dataset:
        check_geocoded(dataset, layer)
        height, width = dataset.block_shapes[0]
        return _File(
            Grid.of(dataset), dataset.count, dataset.dtypes, dataset.nodatavals, (int(height), int(width))
        )  # fmt: skip


def _joined(bands: Sequence[StackBand], files: dict[str, _File]) -> str:
    """Returns the text of a virtual raster of the bands."""
    finest = min((files[band.path] for band in bands), key=lambda file: file.grid.gsd)
    return "".join(_lines(bands, files, finest))


def _lines(bands: Sequence[StackBand], files: dict[str, _File], finest: _File) -> Iterator[str]:
    grid, (height, width) = finest.grid, finest.block
    yield f'<VRTDataset rasterXSize="{grid.width}" rasterYSize="{grid.height}"><SRS>{escape(grid.crs.to_wkt())}</SRS>'
    yield f"<GeoTransform>{', '.join(repr(float(v)) for v in grid.transform.to_gdal())}</GeoTransform>"
    for number, band in enumerate(bands, 1):
        file = files[band.path]
        kind, no_data = _TYPES[file.dtypes[band.index - 1]], file.no_data[band.index - 1]
        yield f'<VRTRasterBand dataType="{kind}" band="{number}" blockXSize="{width}" blockYSize="{height}">'
        yield "" if no_data is None else f"<NoDataValue>{no_data!r}</NoDataValue>"
        yield f'<SimpleSource><SourceFilename relativeToVRT="0" shared="0">{escape(band.path)}</SourceFilename>'
        yield f"<SourceBand>{band.index}</SourceBand>"
        yield f'<SrcRect xOff="0" yOff="0" xSize="{file.grid.width}" ySize="{file.grid.height}"/>'
        yield f"{_placed(file.grid, grid)}</SimpleSource></VRTRasterBand>"
    yield "</VRTDataset>"


def _placed(own: Grid, grid: Grid) -> str:
    """Returns where a file lies on the grid, in pixels of that."""
    place: Affine = ~grid.transform @ own.transform
    left, top = place @ (0, 0)
    right, bottom = place @ (own.width, own.height)
    return f'<DstRect xOff="{left!r}" yOff="{top!r}" xSize="{right - left!r}" ySize="{bottom - top!r}"/>'
