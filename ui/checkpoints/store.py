"""Where checkpoints are kept: a folder, and files that the user added from elsewhere; both in QGIS' settings."""

from __future__ import annotations

import os
from typing import List

from qgis.core import QgsSettings

from ...algorithms.folders import path_identity
from ...bridge import environment
from ...core.cards import PUBLISHED_SUFFIXES, SUFFIX
from ...core.onnx_card import ONNX_SUFFIX

SUFFIXES = (SUFFIX, ONNX_SUFFIX, *PUBLISHED_SUFFIXES)
"""Of files that are listed; published weights are listed to say that they have to be imported."""

_FOLDER = "landsketch/checkpoints/folder"
_ADDED = "landsketch/checkpoints/added"


def folder() -> str:
    """Returns the folder of checkpoints; it need not exist yet."""
    return os.path.abspath(str(QgsSettings().value(_FOLDER, "") or default_folder()))


def default_folder() -> str:
    """Returns the folder beside the engine's environments, which all profiles of QGIS share."""
    return os.path.join(environment.root(), "checkpoints")


def set_folder(path: str) -> None:
    """Keeps checkpoints in another folder from now on; the default one is not written down."""
    if path_identity(path) == path_identity(default_folder()):
        QgsSettings().remove(_FOLDER)
    else:
        QgsSettings().setValue(_FOLDER, path)


def added() -> List[str]:
    """Returns the files that the user added from elsewhere."""
    value = QgsSettings().value(_ADDED, [])
    # An INI file makes a text of a list of one, and None of an empty one.
    return [value] if isinstance(value, str) and value else [str(path) for path in value or ()]


def add(path: str) -> None:
    """Lists a file where it is."""
    if path_identity(path) not in map(path_identity, added()):
        QgsSettings().setValue(_ADDED, [*added(), os.path.abspath(path)])


def forget(path: str) -> None:
    """Lists an added file no more; it stays where it is."""
    QgsSettings().setValue(_ADDED, [other for other in added() if path_identity(other) != path_identity(path)])


def files_in(place: str) -> List[str]:
    """Returns the checkpoints of a folder; hidden files are those that are still being written.

    Raises:
        OSError: If the folder cannot be read.
    """
    if not os.path.isdir(place):
        return []
    names = [name for name in os.listdir(place) if name.lower().endswith(SUFFIXES) and not name.startswith(".")]
    return [os.path.join(place, name) for name in sorted(names, key=str.lower)]


def free_path(place: str, name: str) -> str:
    """Returns a path that is not taken: 'name.safetensors', else 'name-2.safetensors' and so on."""
    stem, suffix = os.path.splitext(name)
    path, number = os.path.join(place, name), 2
    while os.path.lexists(path):
        path = os.path.join(place, f"{stem}-{number}{suffix}")
        number += 1
    return path
