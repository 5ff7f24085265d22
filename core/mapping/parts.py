"""Finished parts of a map: what survives when a run is killed, and what several machines write at once.

Parts are rectangles of the map, one small raster for each layer, in a hidden folder beside the map. A part counts once
its marker is there, which is written last; whatever else is found is thrown away. A run with the same fingerprint goes
on with the parts that are there, and a run with another one starts anew.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from ..errors import OutputError
from ..fingerprints import Fingerprints
from ..grids import Grid
from ..specs import ClassifySpec, EmbedSpec
from ..version import version
from .blending import Steps
from .layers import Layer
from .strips import BLOCK, StripWriter

PART_PIXELS = 1 << 18
"""A part of a single machine's run has at least this many pixels: a fraction of a second of work, and few files."""

Covered = Callable[[NDArray[Any]], NDArray[np.bool_]]

_MARKER = ".done"
_STATE = "run.json"


@dataclass(frozen=True)
class Part:
    """A rectangle of the map, in pixels from the map's upper left corner.

    Attributes:
        covered: Pixels with data; 0 until it is finished.
    """

    row: int
    column: int
    height: int
    width: int
    covered: int = 0

    @property
    def name(self) -> str:
        """Distinguishes it from the other parts."""
        return f"{self.row:08d}-{self.column:08d}"


def _has_steps(steps: Steps) -> NDArray[np.bool_]:
    has: NDArray[np.bool_] = steps.max(axis=0) > 0
    return has


class PartStore:
    """The parts of one map.

    Args:
        folder: Where they are; created.
        grid: The map's grid.
        layers: The map's rasters.
        covered: From what a part is written from to (y, x), True where there is data.
    """

    def __init__(self, folder: Path, grid: Grid, layers: Sequence[Layer], covered: Covered = _has_steps) -> None:
        self.folder = folder
        self.grid = grid
        self.layers = tuple(layers)
        self.covered = covered
        folder.mkdir(parents=True, exist_ok=True)

    def finished(self) -> list[Part]:
        """Returns the finished parts, from the top."""
        markers = sorted(self.folder.glob("*" + _MARKER))
        return [Part(**json.loads(marker.read_text(encoding="utf-8"))) for marker in markers]

    def path(self, layer: Layer, part: Part) -> Path:
        """Returns the file of a part."""
        return self.folder / f"{part.name}-{layer.name}.tif"

    @contextmanager
    def writing(self, part: Part) -> Iterator[PartWriter]:
        """Yields a writer for a part, which counts as finished when the block succeeds."""
        with PartWriter(self, part) as writer:
            yield writer
        writer.finish()

    def state(self) -> dict[str, Any]:
        """Returns what an earlier run of the same job decided; empty for the first one."""
        try:
            values: dict[str, Any] = json.loads((self.folder / _STATE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return values

    def save_state(self, values: dict[str, Any]) -> None:
        """Keeps decisions for a run that goes on with this one's parts."""
        _write_whole(self.folder / _STATE, json.dumps(values))

    def clear(self) -> None:
        """Begins anew."""
        self.remove()
        self.folder.mkdir()

    def remove(self) -> None:
        """Deletes all parts."""
        _delete(self.folder)


class PartWriter:
    """Writes the layers of one part from top to bottom."""

    def __init__(self, store: PartStore, part: Part) -> None:
        self._store, self._part, self._covered = store, part, 0
        self._temporary = [
            (store.path(layer, part).with_suffix(f".{os.getpid()}.tif"), store.path(layer, part))
            for layer in store.layers
        ]
        window = Window(part.column, part.row, part.width, part.height)
        grid = Grid(store.grid.crs, store.grid.window_transform(window), part.width, part.height)
        with ExitStack() as stack:
            self._writers = [
                stack.enter_context(StripWriter(str(path), grid, layer.bands, layer.dtype, layer.no_data))
                for layer, (path, _) in zip(store.layers, self._temporary, strict=True)
            ]
            self._stack = stack.pop_all()

    def __enter__(self) -> PartWriter:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._stack.close()
        if error is not None:
            for path, _ in self._temporary:
                with suppress(OSError):
                    path.unlink()

    def write(self, steps: NDArray[Any]) -> None:
        """Appends rows of probability steps, or of what else the layers are made from."""
        self._covered += int(np.count_nonzero(self._store.covered(steps)))
        for layer, writer in zip(self._store.layers, self._writers, strict=True):
            writer.write(layer.values(steps))

    def finish(self) -> None:
        """Puts the closed files in place, then the marker. Each is on the disk before the next counts on it."""
        for path, final in self._temporary:
            _sync(path)
            os.replace(path, final)
        done = dataclasses.replace(self._part, covered=self._covered)
        _write_whole(self._store.folder / (done.name + _MARKER), json.dumps(dataclasses.asdict(done)))


class RowParts:
    """Cuts rows that come from above into parts.

    Args:
        store: Takes the parts.
        first: Map row of the first rows that will come.
    """

    def __init__(self, store: PartStore, first: int) -> None:
        self._store, self._row = store, first
        self._height = -(-PART_PIXELS // (store.grid.width * BLOCK)) * BLOCK
        self._stack = ExitStack()
        self._writer: PartWriter | None = None
        self._left = 0

    def __enter__(self) -> RowParts:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, traceback)

    def write(self, steps: Steps) -> None:
        """Appends rows of the whole map width."""
        while steps.shape[1]:
            if self._writer is None:
                self._left = min(self._height, self._store.grid.height - self._row)
                part = Part(self._row, 0, self._left, self._store.grid.width)
                self._writer = self._stack.enter_context(self._store.writing(part))
            count = min(steps.shape[1], self._left)
            self._writer.write(steps[:, :count])
            self._row += count
            self._left -= count
            if not self._left:
                self._writer = None
                self._stack.close()
            steps = steps[:, count:]


def open_store(
    spec: ClassifySpec | EmbedSpec, fingerprint: str, grid: Grid, layers: Sequence[Layer], covered: Covered = _has_steps
) -> PartStore:
    """Opens the parts of a job, and deletes those that another job left for the same output.

    Raises:
        OutputError: If the folder cannot be written to.
    """
    output = Path(os.path.abspath(spec.output))
    folder = output.with_name(f".{output.stem[:80]}-{fingerprint[:16]}.parts")
    for other in output.parent.glob(f".{_escaped(output.stem[:80])}-{'[0-9a-f]' * 16}.parts"):
        if other != folder:
            _delete(other)
    try:
        return PartStore(folder, grid, layers, covered)
    except OSError as error:
        raise OutputError(
            f"The folder '{output.parent}' cannot be written to: {error.strerror}.", "Choose another folder."
        ) from error


def fingerprint(spec: ClassifySpec) -> str:
    """Returns a text that is the same for jobs that make the same map, in the same parts."""
    same = dataclasses.replace(spec, threads=0, scheduler="any" if spec.scheduler else "")
    return hashlib.sha256(f"{version()} {Fingerprints().of(same)}".encode()).hexdigest()


def _delete(folder: Path) -> None:
    """Deletes parts, their markers first: a run that is killed meanwhile must not leave a marker without its data."""
    with suppress(OSError):
        for marker in folder.glob("*" + _MARKER):
            marker.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _write_whole(path: Path, text: str) -> None:
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    _sync(temporary)
    os.replace(temporary, path)


def _sync(path: Path) -> None:
    """Waits until a file is on the disk: after a power failure, a marker must not be there without its data."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _escaped(text: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)
