"""The manifest of a batch: a JSON file that says of each scene what went in, what came out, and how it went."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from .errors import CheckpointError, OutputError
from .fingerprints import Fingerprints
from .outputs import finished
from .specs import ClassifyBatchSpec, ClassifySpec
from .version import version

PENDING, DONE, FAILED, SKIPPED = "pending", "done", "failed", "skipped"
"""What may become of a scene; a skipped one was done by an earlier run."""

_SCHEMA = 1
_TAKEN_OVER = ("fingerprint", "status", "started", "ended", "seconds", "pixels")
"""What the next run wants to know of a scene."""


def now() -> str:
    """Returns the time in UTC, to the second."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


@dataclass
class SceneRecord:
    """What became of one scene.

    Attributes:
        job: What is to be done.
        fingerprint: Tells whether the job or a file it reads has changed since.
        status: `pending`, `done`, `failed` or `skipped`.
        started: When it was begun; empty: not yet.
        ended: When it ended.
        seconds: How long it took.
        pixels: Size of the map.
        error: `kind`, `message` and `hint` of a failure.
    """

    job: ClassifySpec
    fingerprint: str
    status: str = PENDING
    started: str = ""
    ended: str = ""
    seconds: float = 0.0
    pixels: int = 0
    error: dict[str, str] | None = None

    @property
    def name(self) -> str:
        """The image's file name."""
        return PurePath(self.reference).name

    @property
    def reference(self) -> str:
        """The image whose grid is the map's: the optical one, where there is one."""
        return min(self.job.sources, key=lambda source: source.role != "optical").path

    @property
    def message(self) -> str:
        """What went wrong and what to do about it; empty: nothing."""
        return f"{self.error['message']} {self.error['hint']}".strip() if self.error else ""

    def to_json(self) -> dict[str, Any]:
        """Returns the record as JSON values."""
        return {
            "sources": [{"role": source.role, "path": source.path} for source in self.job.sources],
            "outputs": list(self.job.outputs()),
            "status": self.status,
            "started": self.started,
            "ended": self.ended,
            "seconds": self.seconds,
            "pixels": self.pixels,
            "pixels_per_second": round(self.pixels / self.seconds) if self.seconds else 0,
            "error": self.error,
            "fingerprint": self.fingerprint,
        }


@dataclass
class Manifest:
    """The manifest of one run.

    Attributes:
        path: Where it is written.
        checkpoints: Path of the checkpoint, or of those of an ensemble, and the digest of its content.
        scenes: One record for each scene, in the order of the spec.
        started: When the run began.
        ended: When it ended; empty: it has not, or was stopped.
        mosaic: The mosaic that was made; empty: none.
    """

    path: str
    checkpoints: dict[str, str]
    scenes: list[SceneRecord]
    started: str = field(default_factory=now)
    ended: str = ""
    mosaic: str = ""

    @classmethod
    def begin(cls, spec: ClassifyBatchSpec) -> Manifest:
        """Begins a run: scenes that an earlier one finished are skipped, unless they are to be classified again.

        Raises:
            CheckpointError: If the checkpoint cannot be read.
            OutputError: If there is a file of another kind where the manifest is to be.
        """
        earlier = _finished_scenes(spec.manifest)
        fingerprints = Fingerprints()
        scenes = [SceneRecord(job, fingerprints.of(job)) for job in spec.jobs]
        if not spec.again:
            for scene in scenes:
                _skip_if_there(scene, earlier.get(scene.fingerprint))
        return cls(spec.manifest, {path: _sha256(path) for path in spec.jobs[0].checkpoints()}, scenes)

    def count(self, status: str) -> int:
        """Returns how many scenes have a status."""
        return sum(scene.status == status for scene in self.scenes)

    def write(self) -> None:
        """Writes the manifest in one step, so that a reader never meets half of it.

        Raises:
            OutputError: If it cannot be written.
        """
        first, *members = [{"name": PurePath(path).name, "sha256": sha} for path, sha in self.checkpoints.items()]
        values = {
            "manifest": _SCHEMA,
            "landsketch": version(),
            "checkpoint": first,
            "members": members,
            "started": self.started,
            "ended": self.ended,
            "mosaic": self.mosaic,
            "scenes": [scene.to_json() for scene in self.scenes],
        }
        with finished(self.path) as temporary, open(temporary, "w", encoding="utf-8") as file:
            json.dump(values, file, indent=2, ensure_ascii=False)


def _skip_if_there(scene: SceneRecord, earlier: dict[str, Any] | None) -> None:
    """Takes over what an earlier run did, if all of its outputs are still there."""
    if earlier is None or not all(os.path.isfile(path) for path in scene.job.outputs()):
        return
    scene.status = SKIPPED
    scene.started, scene.ended = earlier["started"], earlier["ended"]
    scene.seconds, scene.pixels = earlier["seconds"], earlier["pixels"]


def _finished_scenes(path: str) -> dict[str, dict[str, Any]]:
    """Returns the records of finished scenes by fingerprint; empty where there is no manifest yet."""
    try:
        with open(path, encoding="utf-8") as file:
            values = json.load(file)
        if values["manifest"] != _SCHEMA:
            raise ValueError(f"manifest {values['manifest']}")
        scenes = [{name: scene[name] for name in _TAKEN_OVER} for scene in values["scenes"]]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"'{path}' exists and is not a manifest that this LandSketch can go on with.", "Choose another name."
        ) from error
    return {scene["fingerprint"]: scene for scene in scenes if scene["status"] in (DONE, SKIPPED)}


def _sha256(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(
            f"Checkpoint '{path}' cannot be read: {error.strerror}.", "Choose an existing checkpoint file."
        ) from error
