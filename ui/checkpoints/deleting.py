"""Taking checkpoints away: what is asked before, when it is refused, and the system's trash."""

from __future__ import annotations

import os
import sys
from typing import Any, Iterator, Sequence

from qgis.PyQt.QtCore import QFile, QStandardPaths

from ...algorithms.folders import path_identity
from ...algorithms.text import tr
from ...core.errors import OutputError
from . import store
from .entries import BUNDLED, DOWNLOADABLE, MISSING, Entry


def can_be_removed(entry: Entry) -> bool:
    """Whether there is anything to take away; the bundled encoder stays."""
    return entry.state not in (BUNDLED, DOWNLOADABLE)


def is_only_listed(entry: Entry) -> bool:
    """Whether it is taken from the list alone, and its file, which lies elsewhere, stays."""
    return entry.added or entry.state == MISSING


def question(entry: Entry, uses: Sequence[str]) -> str:
    """Returns what is asked before a checkpoint is taken away."""
    if is_only_listed(entry):
        lines = [tr("Take '{name}' off this list?").format(name=entry.name)]
        if entry.state != MISSING:
            lines.append(tr("The file stays: {path}").format(path=entry.path))
    else:
        lines = [tr("Move '{name}' to the trash?").format(name=entry.name), entry.path]
        if uses:
            lines += ["", tr("It is used:"), *(f"• {text}" for text in uses)]
    return "\n".join(lines)


def remove(entry: Entry) -> bool:
    """Takes a checkpoint off the list, or moves its file to the trash.

    Returns:
        Whether it is gone; if not, there is no trash for it.

    Raises:
        OutputError: If a job uses the file now.
    """
    if is_only_listed(entry):
        store.forget(entry.path)
        return True
    if is_in_use(entry.path):
        raise OutputError(tr("A job uses '{name}' now.").format(name=entry.name), tr("Wait for its end, or cancel it."))
    return _moved_to_trash(entry.path)


def delete(path: str) -> None:
    """Deletes a file for good.

    Raises:
        OutputError: If it cannot be deleted.
    """
    try:
        os.remove(path)
    except OSError as error:
        raise OutputError(
            tr("'{path}' cannot be deleted: {error}.").format(path=path, error=error.strerror or error),
            tr("Close what has opened it, or delete it yourself."),
        ) from error


def is_in_use(path: str) -> bool:
    """Whether the job that the engine runs now reads a file; a client that was never needed runs none."""
    client = sys.modules.get(f"{__package__.rsplit('.', 2)[0]}.bridge.client")
    job = client.engine().job if client is not None else None
    return job is not None and path_identity(path) in map(path_identity, _texts(job.to_json()))


def _moved_to_trash(path: str) -> bool:
    try:
        # Where the folder of the trash's folder is missing, Qt 5 makes a trash of the folder that QGIS was started in.
        os.makedirs(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation), exist_ok=True)
    except OSError:
        return False
    try:
        moved = QFile.moveToTrash(path)
    except AttributeError:  # Qt before 5.15
        return False
    return bool(moved[0] if isinstance(moved, tuple) else moved)


def _texts(value: Any) -> Iterator[str]:
    """Iterates all texts in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)
