"""Folders of images: which files are images, and which radar image belongs to which optical one."""

from __future__ import annotations

import os
import re
from typing import Dict, List, Sequence, Tuple

from ..core.errors import SceneError
from .text import tr

SUFFIXES = (".tif", ".tiff", ".vrt", ".jp2")

_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_:/]?(0[1-9]|1[0-2])[-_:/]?(0[1-9]|[12]\d|3[01])(?!\d)")
_TILE = re.compile(r"(?<![A-Z0-9])T?(\d\d[C-HJ-NP-X][A-HJ-NP-Z]{2})(?![A-Z0-9])")
"""A tile of Sentinel-2's grid, such as T32UPU."""

_MOST_NAMED = 10


def images_in(folder: str, recursive: bool, without: str = "") -> List[str]:
    """Returns the images of a folder, sorted.

    Args:
        folder: Where to look.
        recursive: Whether its subfolders are looked through, too.
        without: A folder that is passed over, since results are written to it; empty: none.

    Raises:
        SceneError: If there is no such folder, or no image in it.
    """
    if not os.path.isdir(folder):
        raise SceneError(tr("The folder '{folder}' does not exist.").format(folder=folder), tr("Choose another one."))
    passed_over = path_identity(without) if without else ""
    paths: List[str] = []
    for where, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in (folders if recursive else [])
            if not name.startswith(".") and path_identity(os.path.join(where, name)) != passed_over
        ]
        # Hidden files are those that are still being written.
        paths += [os.path.join(where, f) for f in files if f.lower().endswith(SUFFIXES) and not f.startswith(".")]
    if not paths:
        raise SceneError(
            tr("The folder '{folder}' holds no image ({suffixes}).").format(
                folder=folder, suffixes=", ".join(SUFFIXES)
            ),
            tr("Choose another one, or look through its subfolders, too."),
        )
    return sorted(paths)


def pair_by_name(optical: Sequence[str], radar: Sequence[str]) -> Dict[str, str]:
    """Returns the radar image of each optical one.

    It has the same file name; else, it is the only one whose name has the same date and the same tile, or one of the
    two where a name lacks the other.

    Raises:
        SceneError: If an optical image has no radar image, or could have several; all of them are named.
    """
    problems: List[str] = []
    pairs: Dict[str, str] = {}
    for path in optical:
        found = candidates(path, radar)
        if len(found) == 1:
            pairs[path] = found[0]
        elif found:
            names = ", ".join(os.path.basename(candidate) for candidate in found)
            problems.append(
                tr("'{image}' could belong to each of {names}.").format(image=os.path.basename(path), names=names)
            )
        else:
            problems.append(tr("'{image}' has no radar image.").format(image=os.path.basename(path)))
    if problems:
        raise SceneError(
            listed(problems),
            tr("Give both images of a pair the same file name, or the same date (such as 20240713) and tile."),
        )
    return pairs


def listed(problems: Sequence[str]) -> str:
    """Returns sentences on a line each; of very many, the first ones and how many more there are."""
    lines = list(problems[:_MOST_NAMED])
    if len(problems) > _MOST_NAMED:
        lines.append(tr("... and {n} more.").format(n=len(problems) - _MOST_NAMED))
    return "\n".join(lines)


def path_identity(path: str) -> str:
    """One text for each file, however its path is spelt."""
    return os.path.normcase(os.path.realpath(path))


def stem(path: str) -> str:
    """Returns a file's name without folder and suffix."""
    return os.path.splitext(os.path.basename(path))[0]


def candidates(path: str, radar: Sequence[str]) -> List[str]:
    """Returns the radar images that belong to an optical one by their names.

    They have the same file name; else, the same date and the same tile, or one of the two where a name lacks the other.
    """
    same_name = [other for other in radar if stem(other).lower() == stem(path).lower()]
    return same_name or [other for other in radar if _agree(_tokens(path), _tokens(other))]


def date_in(text: str) -> str:
    """Returns the first date in a name or a tag as 20240713; '' where there is none."""
    found = _DATE.search(text)
    return "".join(found.groups()) if found else ""


def _tokens(path: str) -> Tuple[str, str]:
    """Returns the date and the tile in a file's name, '' for what it lacks."""
    # Of several dates, the first one is that of the image; later ones are those of its processing.
    name = stem(path).upper()
    tile = _TILE.search(name)
    return date_in(name), tile.group(1) if tile else ""


def _agree(one: Tuple[str, str], other: Tuple[str, str]) -> bool:
    """Whether two names share a token, and contradict each other in none."""
    both = [(a, b) for a, b in zip(one, other) if a and b]
    return bool(both) and all(a == b for a, b in both)
