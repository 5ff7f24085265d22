"""Where the files of previews lie: in a folder of this QGIS, beside the engine's environments.

Not in QGIS's temporary folder: when QGIS is closed, it asks whether layers there may be lost, and a preview is no loss.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from contextlib import suppress

from ...bridge import environment

_ABANDONED_SECONDS = 24 * 3600.0
"""A folder this old was left by a QGIS that was killed."""

_own = ""


def previews_folder() -> str:
    """Returns the folder that holds one for each QGIS that runs."""
    return os.path.join(environment.root(), "previews")


def new_folder() -> str:
    """Makes a folder for the files of one sketch; all are deleted when QGIS ends."""
    global _own
    if not os.path.isdir(_own):
        parent = previews_folder()
        os.makedirs(parent, exist_ok=True)
        _delete_abandoned(parent)
        _own = tempfile.mkdtemp(dir=parent)
        atexit.register(shutil.rmtree, _own, ignore_errors=True)
    os.utime(_own)  # as long as it is used, it is not abandoned
    return tempfile.mkdtemp(dir=_own)


def _delete_abandoned(parent: str) -> None:
    for entry in os.scandir(parent):
        with suppress(OSError):
            if time.time() - entry.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(entry.path, ignore_errors=True)
