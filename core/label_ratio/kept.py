"""Finished runs of a study, kept beside its table until it is complete: a study that was stopped goes on there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from ..fingerprints import state_of
from ..progress import Reporter
from ..specs import LabelRatioSpec, VectorSpec
from ..vectors import read_features
from ..version import version
from .runs import Run

_END = ".draws"
_ABOUT_OUTPUTS = ("csv", "png", "html", "labels", "held_out", "shares", "draws", "device")
"""What does not change a single run: others may be added to those that are finished."""


class KeptRuns:
    """The runs that are finished.

    Args:
        folder: Where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "runs.jsonl"
        self.runs: list[Run] = []
        if self._file.exists():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                try:
                    self.runs.append(Run(**json.loads(line)))
                except (ValueError, TypeError):
                    break  # the process was killed while it wrote this line

    def find(self, arm: str, share: float, draw: int) -> Run | None:
        """Returns a finished run, or None."""
        return next((r for r in self.runs if (r.arm, r.share, r.draw) == (arm, share, draw)), None)

    def add(self, run: Run) -> None:
        """Keeps a run."""
        self.runs.append(run)
        text = "".join(json.dumps(asdict(each)) + "\n" for each in self.runs)
        temporary = self._file.with_suffix(".new")
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, self._file)


@contextmanager
def kept_runs(spec: LabelRatioSpec, reporter: Reporter) -> Iterator[KeptRuns]:
    """Yields the finished runs of this very study, in a hidden folder beside its table; those of others are deleted."""
    table = Path(os.path.abspath(spec.csv))
    begin = f".{table.stem[:80]}-"
    folder = table.with_name(begin + _digest(spec) + _END)
    for other in table.parent.iterdir():
        if other != folder and other.name.startswith(begin) and other.name.endswith(_END):
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    kept = KeptRuns(folder)
    try:
        yield kept
    except BaseException:
        if kept.runs:
            reporter.log(f"{len(kept.runs)} finished runs stay in '{folder}'; the same study would go on from there.")
        else:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _digest(spec: LabelRatioSpec) -> str:
    values = {name: value for name, value in spec.to_json().items() if name not in _ABOUT_OUTPUTS}
    states = [state_of(path) for path in (spec.checkpoint, *(source.path for source in spec.sources))]
    # QGIS hands labels over in a new temporary file each time: what counts is what they hold.
    labels = [_contents(layer) for layer in (spec.labels, spec.held_out) if layer is not None]
    text = json.dumps([version(), values, states, labels], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _contents(layer: VectorSpec) -> list[str]:
    features = read_features(layer)
    texts = [f"{key}:{geometry.wkb_hex}" for key, geometry in zip(features.keys, features.geometries, strict=True)]
    return [features.crs.to_wkt(), hashlib.sha256("\n".join(texts).encode()).hexdigest()]
