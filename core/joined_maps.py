"""Finished maps of neighbouring scenes as one mosaic; a map that does not fit is left out and named."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import rasterio
from affine import Affine
from rasterio.errors import RasterioIOError
from rasterio.io import DatasetReader

from .class_rasters import known_classes
from .errors import SceneError
from .grids import Grid
from .mosaics import Band, Piece, vrt_of
from .outputs import finished
from .progress import Reporter

_TOLERANCE = 0.01
"""Grids may be this part of a pixel apart and still count as one."""


@dataclass(frozen=True)
class _Map:
    """A finished map: where it is, what its bands are, and where it came from."""

    path: str
    grid: Grid
    bands: tuple[Band, ...]
    tags: dict[str, str]


def join_maps(paths: Sequence[str], output: str, reporter: Reporter) -> tuple[str, ...]:
    """Writes a VRT of maps that share coordinate system, pixel grid and legend.

    Where they do not, the largest group of maps that do is taken, and the others are left out with a warning each.
    Where maps overlap, the later one lies on top, except for its no data.

    Args:
        paths: The maps.
        output: The VRT to write.
        reporter: Takes the warnings and stops the work.

    Returns:
        The maps that are in the mosaic.

    Raises:
        SceneError: If none of the maps can be read.
        OutputError: If the VRT cannot be written.
    """
    maps = _read(paths, reporter)
    if not maps:
        raise SceneError("None of the maps can be read; there is no mosaic.", "Classify the scenes again.")
    groups = _groups(maps)
    joined = max(groups, key=len)  # the earliest of equals
    first = joined[0]
    for one in (one for group in groups if group is not joined for one in group):
        reporter.warn(
            f"'{os.path.basename(one.path)}' is not in the mosaic: {_misfit(first, one)} "
            f"'{os.path.basename(first.path)}'."
        )
    grid, pieces = _lay_out(first.grid, joined)
    folder = os.path.dirname(os.path.abspath(output))
    with finished(output) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(vrt_of(pieces, grid, first.bands, folder, tags=_common_tags(joined)))
    reporter.artifact(output, "raster")
    return tuple(one.path for one in joined)


def _read(paths: Sequence[str], reporter: Reporter) -> list[_Map]:
    maps = []
    for path in paths:
        reporter.check()
        try:
            with rasterio.open(path) as dataset:
                maps.append(_Map(path, Grid.of(dataset), bands_of(dataset), dataset.tags()))
        except RasterioIOError:
            reporter.warn(f"'{os.path.basename(path)}' is not in the mosaic: it cannot be read.")
    return maps


def _groups(maps: Sequence[_Map]) -> list[list[_Map]]:
    """Puts maps together that fit the first one of their group."""
    groups: list[list[_Map]] = []
    for one in maps:
        group = next((group for group in groups if not _misfit(group[0], one)), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return groups


def bands_of(dataset: DatasetReader) -> tuple[Band, ...]:
    """Returns what the bands of an open raster are; colours and names only for a single band, as class maps have."""
    colours: tuple[tuple[int, int, int, int], ...] = ()
    categories: tuple[str, ...] = ()
    if dataset.count == 1:
        try:
            table = dataset.colormap(1)
            colours = tuple(table.get(value, (0, 0, 0, 0)) for value in range(max(table) + 1))
        except ValueError:
            pass  # it has no colour table
        names = {value: known.name for value, known in known_classes(dataset).items() if known.named}
        categories = tuple(names.get(value, "") for value in range(max(names, default=-1) + 1))
    return tuple(
        Band(
            dataset.dtypes[i], dataset.nodatavals[i], dataset.descriptions[i] or "", dataset.scales[i],
            dataset.colorinterp[i].name.capitalize(), colours, categories,
        )
        for i in range(dataset.count)
    )  # fmt: skip


def _misfit(first: _Map, other: _Map) -> str:
    """Says why a map cannot be laid beside another on one grid; empty: it can."""
    if first.grid.crs != other.grid.crs:
        return f"its coordinate system is {_name(other)}, not {_name(first)} as that of"
    shift = ~first.grid.transform @ other.grid.transform
    size = max(*first.grid.shape, *other.grid.shape)
    if max(abs(shift.a - 1), abs(shift.b), abs(shift.d), abs(shift.e - 1)) * size >= _TOLERANCE:
        return f"its pixels of {_pixel(other)} differ from those of {_pixel(first)} of"
    if max(abs(shift.c - round(shift.c)), abs(shift.f - round(shift.f))) >= _TOLERANCE:
        return "its pixels lie between those of"
    if first.bands != other.bands:
        return "its classes, or their names or colours, are not those of"
    return ""


def _name(one: _Map) -> str:
    return str(one.grid.crs.to_string()) if one.grid.crs else "unknown"


def _pixel(one: _Map) -> str:
    transform = one.grid.transform
    return f"{math.hypot(transform.a, transform.d):.9g} × {math.hypot(transform.b, transform.e):.9g}"


def _lay_out(origin: Grid, maps: Sequence[_Map]) -> tuple[Grid, list[Piece]]:
    """Returns the grid that holds all maps, in whole pixels of the first one's, and where each map lies on it."""
    shifts = [~origin.transform @ one.grid.transform for one in maps]
    columns, rows = [round(shift.c) for shift in shifts], [round(shift.f) for shift in shifts]
    left, top = min(columns), min(rows)
    pieces = [
        Piece(one.path, column - left, row - top, one.grid.width, one.grid.height)
        for one, column, row in zip(maps, columns, rows, strict=True)
    ]
    width = max(piece.column + piece.width for piece in pieces)
    height = max(piece.row + piece.height for piece in pieces)
    return Grid(origin.crs, origin.transform @ Affine.translation(left, top), width, height), pieces


def _common_tags(maps: Sequence[_Map]) -> dict[str, str]:
    """The tags on which all maps agree, such as the checkpoint and the legend."""
    return {key: value for key, value in maps[0].tags.items() if all(one.tags.get(key) == value for one in maps)}
