"""The files that a stack could be made of, and what their headers say."""

from __future__ import annotations

import fnmatch
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import rasterio
from rasterio.crs import CRS
from rasterio.errors import RasterioError

from ..errors import SceneError
from ..grids import Grid
from ..progress import Reporter
from ..sensors import AUTO
from ..stack_file import is_stack
from ..stack_names import Named, date_in, dates_of_bands, read_name, tagged_date
from ..units import product_baseline

SUFFIXES = (".tif", ".tiff", ".jp2", ".vrt", ".img")

_ASIDE = ("preview", "html", "aux_data", "rep_info", "annotation", "datastrip", "support")
"""Folders of products without bands."""


@dataclass(frozen=True)
class Header:
    """What a file says without its pixels.

    Attributes:
        path: Absolute.
        named: What its name says.
        date: Of its name, else of its tags, else of the folders around it; empty: unknown.
        descriptions: Of its bands, '' where there is none.
        days: Dates of its bands, where it has none itself.
        grid: Where it lies.
        no_data: The value that stands for no data.
        baseline: Of Sentinel-2's processing, as `product_baseline` returns it.
    """

    path: str
    named: Named
    date: str
    descriptions: tuple[str, ...]
    days: tuple[str, ...]
    grid: Grid
    no_data: float | None
    baseline: int | None

    @property
    def name(self) -> str:
        """The file's name."""
        return os.path.basename(self.path)


@lru_cache(maxsize=256)
def code_of(crs: CRS) -> int | None:
    """Returns the EPSG code of a coordinate reference system; PROJ takes a fifth of a second to find it."""
    code: int | None = crs.to_epsg()
    return code


def files_of(inputs: Sequence[str]) -> tuple[list[str], list[str]]:
    """Returns the images and the stacks among files and folders, sorted, each once.

    Raises:
        SceneError: If an input does not exist.
    """
    images: dict[str, None] = {}
    stacks: dict[str, None] = {}
    for given in inputs:
        path = given if given.startswith("/vsi") else os.path.abspath(given)
        if os.path.isdir(path):
            images.update(dict.fromkeys(_in_folder(path)))
        elif path.lower().endswith(".zip") and os.path.isfile(path):
            images.update(dict.fromkeys(_in_archive(path)))
        elif os.path.isfile(path) or path.startswith("/vsi"):
            (stacks if is_stack(path) else images)[path] = None
        else:
            raise SceneError(f"The input '{given}' does not exist.", "Was it moved, renamed or deleted?")
    return sorted(images), sorted(stacks)


def _in_folder(folder: str) -> Iterator[str]:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name.lower() not in _ASIDE)
        for name in sorted(files):
            path = os.path.join(where, name)
            if name.startswith("."):  # such as files that are still being written
                continue
            if name.lower().endswith(SUFFIXES):
                yield path
            elif name.lower().endswith(".zip"):
                yield from _in_archive(path)


def _in_archive(path: str) -> Iterator[str]:
    """Yields the images in a zipped product."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(archive.namelist())
    except (OSError, zipfile.BadZipFile) as error:
        raise SceneError(f"The archive '{path}' cannot be read: {error}.", "Download it again.") from error
    for name in names:
        if name.lower().endswith(SUFFIXES) and not set(name.lower().split("/")) & set(_ASIDE):
            yield f"/vsizip/{path}/{name}"


def read_headers(
    paths: Iterable[str], masks: str, mask_kind: str, reporter: Reporter
) -> tuple[list[Header], dict[str, str]]:
    """Reads the headers of files.

    Args:
        paths: The files.
        masks: As in `BuildStackSpec`.
        mask_kind: As in `BuildStackSpec`.
        reporter: Takes progress and stops the job.

    Returns:
        The headers of images and masks, and of the files that cannot be used, why.
    """
    headers: list[Header] = []
    unusable: dict[str, str] = {}
    every = list(paths)
    for place, path in enumerate(every):
        reporter.progress(place / len(every))
        named = _by_pattern(read_name(path), path, masks, mask_kind)
        if named.beside:
            continue
        try:
            headers.append(_header(path, named))
        except SceneError as error:
            unusable[path] = str(error)
    return headers, unusable


def _by_pattern(named: Named, path: str, masks: str, mask_kind: str) -> Named:
    """Tells by the user's pattern which files are masks."""
    if masks == AUTO:
        return named
    if masks == "none" or not fnmatch.fnmatch(os.path.basename(path), masks):
        return replace(named, beside=named.beside or bool(named.mask), mask="")
    kind = mask_kind if mask_kind != AUTO else named.mask or "mask"
    return replace(named, mask=kind, beside=False)


def _header(path: str, named: Named) -> Header:
    name = os.path.basename(path)
    try:
        with rasterio.open(path) as dataset:
            descriptions = tuple(text or "" for text in dataset.descriptions)
            tags, grid = dataset.tags(), Grid.of(dataset)
            geocoded = dataset.crs is not None and not (dataset.transform.is_identity and dataset.gcps[0])
            no_data = dataset.nodata
    except (RasterioError, OSError) as error:
        raise SceneError(f"'{name}' cannot be read: {error}.", "Copy or download it again.") from error
    if not geocoded:
        raise SceneError(
            f"'{name}' has no coordinate reference system or is not geocoded.",
            "Assign its reference system; radar products must be terrain-corrected first.",
        )
    stem = os.path.splitext(name)[0]
    day = date_in(stem) or tagged_date(tags)
    days = () if day else dates_of_bands(descriptions)
    baseline = product_baseline([path, *tags.values()])
    return Header(path, named, day or ("" if days else named.date), descriptions, days, grid, no_data, baseline)
