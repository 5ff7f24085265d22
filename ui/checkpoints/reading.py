"""Reads the cards of all checkpoints in the background, and where they are used."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import pyqtSignal

from ...algorithms.checks import checkpoint_card
from ...algorithms.folders import path_identity
from ...algorithms.sources import raster_path
from ...algorithms.text import tr
from ...core.card_files import BUNDLED as BUNDLED_FILE
from ...core.cards import Card
from ...core.encoder_registry import EncoderEntry, encoders
from ...core.errors import Cancelled, LandSketchError
from ..work import Work
from . import store
from .entries import BUNDLED, DOWNLOADABLE, LOCAL, MISSING, UNREADABLE, Entry
from .usage import Uses, uses


@dataclass(frozen=True)
class Shelf:
    """All checkpoints.

    Attributes:
        entries: In the order in which they are shown.
        uses: Where they are used.
        problem: Why the folder cannot be read; empty: it can.
    """

    entries: Tuple[Entry, ...]
    uses: Uses
    problem: str = ""


class Reading(Work):
    """Reads the folder, the added files and the project's rasters; `read` hands a `Shelf` to the main thread."""

    read = pyqtSignal(object)
    """The shelf; None where it was cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = store.folder()
        self._added = store.added()
        self._layers = project_rasters()
        self._shelf: Optional[Shelf] = None

    def run(self) -> bool:
        """See `Work.run`."""
        try:
            self._shelf = self._look()
        except Cancelled:
            pass
        except Exception as error:  # noqa: BLE001 - nobody would hear of it, and the dialog would wait for ever
            self._shelf = Shelf((), {}, tr("The checkpoints cannot be read: {error}.").format(error=error))
        return self._shelf is not None

    def finished(self, succeeded: bool) -> None:
        """See `Work.finished`."""
        self.read.emit(self._shelf)

    def _look(self) -> Shelf:
        problem = ""
        try:
            own = store.files_in(self._folder)
        except OSError as error:
            own, problem = [], f"{self._folder}: {error.strerror or error}."
        known = {path_identity(path) for path in own}
        elsewhere = [path for path in self._added if path_identity(path) not in known]
        entries = [
            of_file(BUNDLED_FILE, BUNDLED),
            *self._files(own, added=False),
            *self._files(elsewhere, added=True),
            *(of_registry(entry) for entry in encoders()),
        ]
        return Shelf(tuple(entries), uses(entries, self._layers, self.isCanceled), problem)

    def _files(self, paths: Sequence[str], added: bool) -> List[Entry]:
        result = []
        for path in paths:
            if self.isCanceled():
                raise Cancelled()
            result.append(of_file(path, LOCAL, added))
        return result


def of_file(path: str, state: str, added: bool = False) -> Entry:
    """Returns what is known of a file; one that is gone or cannot be read says why."""
    name = os.path.basename(path)
    try:
        count = os.path.getsize(path)
    except OSError:
        return Entry(name, MISSING, path, problem=tr("There is no such file any more."), added=added)
    try:
        return Entry(name, state, path, count, checkpoint_card(path), added=added)
    except LandSketchError as error:
        return Entry(name, UNREADABLE, path, count, problem=str(error), added=added)
    except Exception as error:  # noqa: BLE001 - one strange file must not hide the others
        return Entry(name, UNREADABLE, path, count, problem=repr(error), added=added)


def of_registry(entry: EncoderEntry) -> Entry:
    """Returns what the registry says of an encoder, as a card without a network."""
    card = Card({"encoder": entry.architecture}, entry.sources, 0, 0)
    return Entry(entry.id, DOWNLOADABLE, size=entry.size_mb * 1_000_000, card=card, published=entry)


def project_rasters() -> List[Tuple[str, str]]:
    """Returns name and path of the project's rasters that are files; called in the main thread."""
    result = []
    for layer in QgsProject.instance().mapLayers().values():
        if isinstance(layer, QgsRasterLayer):
            try:
                result.append((layer.name(), raster_path(layer)))
            except LandSketchError:  # a web service
                continue
    return result
