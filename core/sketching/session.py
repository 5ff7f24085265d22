"""What stays warm from one sketch to the next: the scene as it was understood, and the encoder."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ...models.context import BandContext, band_context
from ..devices import choose_device
from ..fingerprints import files_of, state_of
from ..fit import strange_values
from ..grids import Grid
from ..progress import Reporter
from ..scenes import Scene, Source, describe, open_scene
from ..specs import SketchSpec
from ..starts import Start, frozen_start
from ..tiles import TilePlan, even_side, plan_tiles
from ..version import version
from .layout import Layout

BLOCK_SIDE = 64
"""Small, since labels off screen ask for the features of the whole block that they lie in."""

_running = threading.local()


@dataclass(frozen=True)
class Session:
    """A scene and an encoder, ready to compute. No file is open, so that all of them may be replaced meanwhile.

    Attributes:
        sources: What the scene was found to consist of.
        grid: Its grid.
        start: The encoder, on the device.
        context: The band context, on the device, or None.
        device: Where it computes.
        plan: The blocks.
        layout: How they are kept.
        space: Under which name.
        remarks: What was found out, in sentences for the log.
        warnings: What the user should not miss.
    """

    sources: tuple[Source, ...]
    grid: Grid
    start: Start
    context: BandContext | None
    device: torch.device
    plan: TilePlan
    layout: Layout
    space: str
    remarks: tuple[str, ...]
    warnings: tuple[str, ...]

    def open(self) -> Scene:
        """Opens the scene; its files are opened when something has to be read."""
        return Scene(self.sources)


class WarmSession:
    """The session of the last sketch; another scene, another encoder or a changed file begins a new one."""

    def __init__(self) -> None:
        self._key = ""
        self._session: Session | None = None

    def of(self, spec: SketchSpec, reporter: Reporter) -> Session:
        """Returns the session for a job.

        Raises:
            LandSketchError: If the scene or the encoder cannot be used.
        """
        files = _states(spec)
        key = json.dumps(
            [[dataclasses.asdict(source) for source in spec.sources], spec.checkpoint, spec.seed, spec.device, files]
        )
        if self._session is None or key != self._key:
            self._session = None  # the old encoder makes room for the new one
            self._session = reporter.await_result(_begun, spec, files)
            self._key = key
        return self._session


def compute_for(reporter: Reporter) -> None:
    """Says for which job this thread computes.

    A computation that a cancelled job left behind must not take the next job, which has the same encoder, for its own.
    """
    _running.reporter = reporter


def _check_in() -> None:
    """Stops an encoder in the middle if the job that its thread computes for was stopped."""
    _running.reporter.check()


def _begun(spec: SketchSpec, files: Sequence[object]) -> Session:
    device, words = choose_device(spec.device)
    with open_scene(spec.sources) as scene:
        start = frozen_start(spec.checkpoint, scene, spec.seed)
        notes = (*scene.doubts, *start.warnings, *strange_values(start.sources, scene))
        start.encoder.to(device).eval()
        start.encoder.check_in = _check_in
        context = band_context(start.sources)
        if context:
            context.to(device)
        plan = _planned(scene.grid, start)
        encoder = start.encoder
        layout = Layout(plan, encoder.channels, encoder.strides, context.channels if context else 0)
        return Session(
            sources=scene.sources,
            grid=scene.grid,
            start=start,
            context=context,
            device=device,
            plan=plan,
            layout=layout,
            space=_space(scene, start, plan, files),
            remarks=(*describe(scene), words),
            warnings=notes,
        )


def _planned(grid: Grid, start: Start) -> TilePlan:
    """Plans the blocks of a scene.

    Where an encoder's features depend on the tile, blocks are the tiles that classifying would choose.
    """
    encoder = start.encoder
    alignment = math.lcm(encoder.alignment, *encoder.strides, *(source.step for source in start.sources))
    if encoder.ramp:
        side = even_side(grid, encoder.tile, encoder.halo, alignment)
        return plan_tiles(grid, side, encoder.halo, encoder.ramp, alignment)
    return plan_tiles(grid, BLOCK_SIDE, encoder.halo, 0, alignment)


def _states(spec: SketchSpec) -> list[object]:
    """Returns the files that the features depend on, with their states."""
    paths = [path for source in spec.sources for path in files_of(source.path)]
    return [(path, state_of(path)) for path in (*paths, spec.checkpoint) if path]


def _space(scene: Scene, start: Start, plan: TilePlan, files: Sequence[object]) -> str:
    """Returns a text that is the same where the features of every block are the same.

    It follows from the files of the scene, from how they are read and scaled, and from the encoder with its weights.
    """
    grid = scene.grid
    read = [(s.role, s.bands, s.match.sensor, dataclasses.asdict(s.conversion)) for s in scene.sources]
    scaled = [dataclasses.asdict(source) for source in start.sources]
    on = [grid.crs.to_wkt(), tuple(grid.transform), grid.shape, plan.side, plan.halo, plan.ramp]
    parts = [version(), files, read, start.card.architecture, scaled, on]
    digest = hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16)
    for name, tensor in sorted(start.encoder.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()
