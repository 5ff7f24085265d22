"""Virtual mosaics: raster files side by side on one grid, as a small GDAL VRT file that copies no pixel."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from .errors import OutputError
from .grids import Grid
from .legend import NO_DATA, ClassLegend

Colour = tuple[int, int, int, int]

GDAL_TYPES = {
    "uint8": "Byte", "int8": "Int8", "uint16": "UInt16", "int16": "Int16", "uint32": "UInt32", "int32": "Int32",
    "float32": "Float32", "float64": "Float64",
}  # fmt: skip
"""What GDAL calls the types that numpy names."""

_LARGEST_SIDE = 2**31 - 1
"""GDAL counts rows and columns in 32 bits."""


@dataclass(frozen=True)
class Band:
    """What a band of a mosaic is, besides its pixels.

    Attributes:
        dtype: Type of the stored values, as numpy names it.
        no_data: Value of pixels without data; None: none.
        name: The band's description.
        scale: Factor from stored to true values.
        interpretation: As GDAL names it: `Palette`, `Gray`, `Undefined`.
        colours: Colour table, from value 0 on, as red, green, blue and alpha.
        categories: Names of the values, from 0 on.
        offset: True value of a stored zero.
    """

    dtype: str
    no_data: float | None
    name: str = ""
    scale: float = 1.0
    interpretation: str = "Gray"
    colours: tuple[Colour, ...] = ()
    categories: tuple[str, ...] = ()
    offset: float = 0.0


@dataclass(frozen=True)
class Piece:
    """A raster file and where its pixels lie on the mosaic's grid.

    Attributes:
        path: The file, or any name that GDAL opens.
        column: Column of its left edge.
        row: Row of its upper edge.
        width: Its width; all of it is shown.
        height: Its height.
    """

    path: str
    column: int
    row: int
    width: int
    height: int


def class_band(legend: ClassLegend, name: str = "class") -> Band:
    """Returns the band of a class map: 8-bit, 0 is no data, with the classes' colours and names."""
    entries = {entry.value: entry for entry in legend}
    values = range(max(entries, default=0) + 1)
    return Band(
        "uint8", float(NO_DATA), name, interpretation="Palette",
        colours=tuple(_rgba(entries[v].colour) if v in entries else (0, 0, 0, 0) for v in values),
        categories=tuple(entries[v].name if v in entries else "" for v in values),
    )  # fmt: skip


def vrt_of(
    pieces: Sequence[Piece], grid: Grid, bands: Sequence[Band], folder: str, *,
    tags: Mapping[str, str] | None = None, block: int = 256,
) -> str:  # fmt: skip
    """Returns the text of a VRT that lays pieces side by side.

    Files below the VRT's folder are named relative to it, so that the folder can be moved as a whole. Where pieces
    overlap, the later one lies on top, except for its no data.

    Args:
        pieces: All with the same bands; no file is opened.
        grid: The mosaic's grid.
        bands: What each band is.
        folder: Where the VRT will lie.
        tags: Dataset tags.
        block: Side of the pieces' blocks; the mosaic is read in the same ones.

    Raises:
        OutputError: If the mosaic would have more rows or columns than GDAL can count.
    """
    if max(grid.shape) > _LARGEST_SIDE:
        raise OutputError(f"The mosaic would have {grid.width} × {grid.height} pixels.", "Make several smaller ones.")
    covering = _covering(pieces)
    lines = [
        f'<VRTDataset rasterXSize="{grid.width}" rasterYSize="{grid.height}">',
        *([f"<SRS>{escape(grid.crs.to_wkt())}</SRS>"] if grid.crs else []),
        f"<GeoTransform>{', '.join(repr(float(v)) for v in grid.transform.to_gdal())}</GeoTransform>",
        *_metadata(tags or {}),
    ]
    for index, band in enumerate(bands, 1):
        blocks = f'blockXSize="{min(block, grid.width)}" blockYSize="{min(block, grid.height)}"'
        lines.append(f'<VRTRasterBand dataType="{GDAL_TYPES[band.dtype]}" band="{index}" {blocks}>')
        lines += _properties(band)
        for piece, covers in zip(pieces, covering, strict=True):
            lines += _source(piece, index, band, os.path.abspath(folder), block, covers)
        lines.append("</VRTRasterBand>")
    return "\n".join([*lines, "</VRTDataset>", ""])


def _metadata(tags: Mapping[str, str]) -> list[str]:
    if not tags:
        return []
    items = [f'<MDI key="{escape(key)}">{escape(value)}</MDI>' for key, value in tags.items()]
    return ["<Metadata>", *items, "</Metadata>"]


def _properties(band: Band) -> Iterator[str]:
    if band.name:
        yield f"<Description>{escape(band.name)}</Description>"
    if band.no_data is not None:
        yield f"<NoDataValue>{_number(band.no_data)}</NoDataValue>"
    yield f"<ColorInterp>{band.interpretation}</ColorInterp>"
    if band.scale != 1.0:
        yield f"<Scale>{_number(band.scale)}</Scale>"
    if band.offset:
        yield f"<Offset>{_number(band.offset)}</Offset>"
    if band.colours:
        entries = [f'<Entry c1="{r}" c2="{g}" c3="{b}" c4="{a}"/>' for r, g, b, a in band.colours]
        yield from ("<ColorTable>", *entries, "</ColorTable>")
    if band.categories:
        yield from ("<CategoryNames>", *(f"<Category>{escape(c)}</Category>" for c in band.categories))
        yield "</CategoryNames>"


def _source(piece: Piece, index: int, band: Band, folder: str, block: int, covers: bool) -> Iterator[str]:
    """A piece that covers none is copied as it is, which is faster than looking for its no data."""
    kind = "ComplexSource" if covers and band.no_data is not None else "SimpleSource"
    name, relative = _name_from(folder, piece.path)
    size = f'xSize="{piece.width}" ySize="{piece.height}"'
    yield f"<{kind}>"
    yield f'<SourceFilename relativeToVRT="{int(relative)}">{escape(name)}</SourceFilename>'
    yield f"<SourceBand>{index}</SourceBand>"
    # With these, GDAL opens a piece only when its pixels are asked for.
    yield (
        f'<SourceProperties RasterXSize="{piece.width}" RasterYSize="{piece.height}" '
        f'DataType="{GDAL_TYPES[band.dtype]}" BlockXSize="{min(block, piece.width)}" '
        f'BlockYSize="{min(block, piece.height)}"/>'
    )
    yield f'<SrcRect xOff="0" yOff="0" {size}/>'
    yield f'<DstRect xOff="{piece.column}" yOff="{piece.row}" {size}/>'
    if kind == "ComplexSource" and band.no_data is not None:
        yield f"<NODATA>{_number(band.no_data)}</NODATA>"
    yield f"</{kind}>"


def _name_from(folder: str, path: str) -> tuple[str, bool]:
    """Returns how a VRT in `folder` names a file, and whether that is relative to it."""
    if path.startswith("/vsi"):
        return path, False
    whole = Path(os.path.abspath(path))
    if whole.is_relative_to(folder):
        return whole.relative_to(folder).as_posix(), True
    return str(whole), False


def _covering(pieces: Sequence[Piece]) -> list[bool]:
    """Tells of each piece whether it lies over an earlier one."""
    left = np.array([piece.column for piece in pieces])
    top = np.array([piece.row for piece in pieces])
    right = left + np.array([piece.width for piece in pieces], int)
    bottom = top + np.array([piece.height for piece in pieces], int)
    return [
        bool(((left[:i] < right[i]) & (right[:i] > left[i]) & (top[:i] < bottom[i]) & (bottom[:i] > top[i])).any())
        for i in range(len(pieces))
    ]


def _rgba(colour: str) -> Colour:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue, 255


def _number(value: float) -> str:
    """Whole numbers without a decimal point; the others so that reading gives the same number again."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))
