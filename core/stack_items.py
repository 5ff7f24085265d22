"""What a time stack is made of, and how its file names the images.

Standard library only, for QGIS too.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Optional, Tuple
from urllib.parse import unquote

PREFIX = "landsketch:"
"""Of the properties that STAC has no word for."""

_ARCHIVE = "/vsizip/"


@dataclass(frozen=True)
class StackBand:
    """A band of an item: canonical name, absolute path of its file, and its number there, from 1."""

    name: str
    path: str
    index: int


@dataclass(frozen=True)
class StackMask:
    """What hides pixels of an item: absolute path, number of the band from 1, and how it says so.

    `kind` is one of `core.stack_masks.KINDS`.
    """

    path: str
    index: int
    kind: str


@dataclass(frozen=True)
class StackItem:
    """An image of one day.

    Attributes:
        id: Unique in its stack.
        date: Day it was taken, as `2020-05-14`.
        role: `optical` or `sar`.
        sensor: A sensor id of `core.sensors`, or `generic`.
        units: As in `SourceSpec.units`; `auto`: found by the values.
        offset: As in `SourceSpec.offset`; None: found by the values.
        bands: Its bands.
        mask: What hides its pixels; None: nothing, or only where there is no data.
        clear: Share of its pixels with data that nothing hides, 0 to 1; None: unknown.
        dropped: Why it is left out; empty: it is not.
        bounds: West, south, east and north of its footprint in degrees; None: unknown.
    """

    id: str
    date: str
    role: str
    sensor: str
    units: str
    offset: Optional[float]
    bands: Tuple[StackBand, ...]
    mask: Optional[StackMask] = None
    clear: Optional[float] = None
    dropped: str = ""
    bounds: Optional[Tuple[float, float, float, float]] = None


@dataclass(frozen=True)
class Stack:
    """The items of a stack file, by date, then by id."""

    path: str
    items: Tuple[StackItem, ...]

    def of(self, role: str) -> Tuple[StackItem, ...]:
        """Returns the items of a role, by date."""
        return tuple(item for item in self.items if item.role == role)

    @property
    def roles(self) -> Tuple[str, ...]:
        """Roles of the items, `optical` first."""
        return tuple(role for role in ("optical", "sar") if self.of(role))


def absolute(href: str, folder: str) -> str:
    """Returns the path that a reference of a stack file stands for.

    Args:
        href: Relative to the folder, absolute, or a `file:` URI; of a file in an archive, after `/vsizip/`.
        folder: Of the stack file.
    """
    if href.startswith("file:"):
        href = unquote(re.sub(r"^file:(//(localhost)?)?", "", href))
        href = href[1:] if re.match(r"/[A-Za-z]:[/\\]", href) else href
    if href.startswith(_ARCHIVE):
        return _ARCHIVE + absolute(href[len(_ARCHIVE) :], folder)
    return os.path.normpath(os.path.join(folder, href))


def relative(path: str, folder: str) -> str:
    """Returns how a stack file in a folder names a file: by a relative path with forward slashes.

    What lies on another drive has none; it stays absolute.
    """
    if path.startswith(_ARCHIVE):
        return _ARCHIVE + relative(path[len(_ARCHIVE) :], folder)
    try:
        return os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:
        return os.path.abspath(path).replace(os.sep, "/")


def is_web(href: str) -> bool:
    """Tells whether a reference leads off this machine."""
    return bool(re.match(r"(https?|s3|gs|az|abfs|ftp)://|/vsi(curl|s3|gs|az|adls)", href, re.IGNORECASE))
