"""A classification job with all its inputs opened and checked."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from rasterio.windows import Window

from ..cards import SourceCard
from ..coarse import SERIES
from ..ensembles import title_of
from ..errors import SpecError
from ..fit import bound, specs_for
from ..grids import Grid
from ..legend import ClassLegend
from ..processor import worker_threads
from ..progress import Reporter
from ..runtimes.choice import fastest, matching
from ..runtimes.halving import Halving
from ..runtimes.model import Candidate, Model, Place
from ..runtimes.runtime import Images, Runtime
from ..scenes import Scene, open_scene
from ..specs import ClassifySpec
from ..tiles import TilePlan, even_side, plan_tiles
from ..windows import read_window, valid_pixels
from .absent import Completing, completed
from .extents import area_of, mask_of
from .layers import Layer, layers_of
from .members import check_members
from .pipeline import Mask, Work
from .smoothing import Smoother

BATCH_PIXELS = {"cpu": 1 << 17, "cuda": 1 << 22, "mps": 1 << 20, "directml": 1 << 20}
"""Pixels per batch that are worth it on each kind of device; larger ones only cost memory."""

WORTH_CHOOSING = 1 << 22
"""Maps of fewer pixels are done before the fastest runtime would be found."""

MOST_READERS = 8
"""Threads that read for a GPU; each decodes some ten million pixels of twelve bands a second."""

WINDOW_VALUES = 1 << 26
"""Values of a window of a long time stack, at most: 256 MB. Several windows are in memory at once."""

TRIAL_SIDE = 192
TRIAL_WINDOWS, TRIAL_WINDOWS_LATER = 4, 2
_PLACES = 6


@dataclass(frozen=True)
class Setting:
    """What a job works on.

    Attributes:
        spec: The job.
        model: The classifier.
        legend: Its classes.
        place: Where it runs.
        scene: The scene.
        cards: What the classifier reads of it.
        absent: What it takes besides and can do without, as this scene has to.
        plan: The tiles, on the scene's grid.
        area: The part of that grid which is mapped.
        mask: (y, x), True where a window of the grid is wanted; None: everywhere.
        layers: The rasters to write.
    """

    spec: ClassifySpec
    model: Model
    legend: ClassLegend
    place: Place
    scene: Scene
    cards: tuple[SourceCard, ...]
    absent: tuple[SourceCard, ...]
    plan: TilePlan
    area: Window
    mask: Mask | None
    layers: tuple[Layer, ...]

    @property
    def grid(self) -> Grid:
        """The map's grid."""
        whole = self.scene.grid
        return Grid(whole.crs, whole.window_transform(self.area), self.area.width, self.area.height)

    def work(self, runtime: Runtime, reporter: Reporter) -> Work:
        """Returns what the rows of the map are made from."""
        smoothing = self.spec.smoothing
        cores = worker_threads(self.spec.threads)
        dates = max(len(card.dates) for card in self.cards) or 1
        batch = self.spec.batch or max(BATCH_PIXELS[self.place.kind] // (self.plan.window_side**2 * dates), 1)
        return Work(
            scene=self.scene,
            cards=self.cards,
            classes=len(self.legend),
            plan=self.plan,
            runtime=Halving(Completing(runtime, self.cards, self.absent), reporter.warn),
            batch=batch,
            readers=max(cores // 2, 1) if self.place.kind == "cpu" else min(cores, MOST_READERS),
            mask=self.mask,
            smoother=(lambda: Smoother(smoothing.method, smoothing.radius)) if smoothing else None,
            reach=smoothing.radius if smoothing else 0,
        )

    def runtime(self, name: str, precision: str, reporter: Reporter) -> Runtime:
        """Returns a stated runtime.

        Raises:
            EngineError: If it is not there.
        """
        return matching(self._candidates(reporter), name, precision)[0].build()

    def choose_runtime(self, reporter: Reporter) -> Runtime:
        """Returns the fastest runtime that gives the map of the slowest, or what the spec states.

        Raises:
            EngineError: If what the spec states is not there.
        """
        candidates = self._candidates(reporter)
        allowed = matching(candidates, self.spec.runtime, self.spec.precision)
        small = self.area.width * self.area.height < WORTH_CHOOSING
        if allowed == [candidates[0]] or (small and candidates[0] in allowed):
            return allowed[0].build()
        side = self.model.window_side or min(self.plan.window_side, TRIAL_SIDE)
        windows = self._trial_windows(side)
        if windows is None:
            return allowed[0].build()
        key = (self.place.device, worker_threads(self.spec.threads), self.spec.runtime, self.spec.precision)
        if key in self.model.fastest:
            # How fast it is does not change from scene to scene; whether it gives the same map may.
            known = self.model.fastest[key]
            windows = {role: images[:TRIAL_WINDOWS_LATER] for role, images in windows.items()}
            allowed = [one for one in allowed if one is candidates[0] or (one.name, one.precision) == known]
        found = fastest(candidates, allowed, windows, reporter)
        self.model.fastest.setdefault(key, (found.name, found.precision))
        return found

    def _candidates(self, reporter: Reporter) -> list[Candidate]:
        return self.model.candidates(self.place.device, worker_threads(self.spec.threads), reporter.check)

    def _trial_windows(self, side: int) -> Images | None:
        """Reads some windows with data, spread over the area; None where no window has any."""
        found: list[dict[str, np.ndarray]] = []
        step = math.lcm(self.model.alignment, *(card.step for card in self.cards))
        side = max(side // step, 1) * step
        for row in _spread(self.area.row_off, self.area.height, side, step):
            for column in _spread(self.area.col_off, self.area.width, side, step):
                images = read_window(self.scene, self.cards, Window(column, row, side, side))
                if valid_pixels(images, self.cards).mean() > 0.5:
                    found.append(images)
                if len(found) == TRIAL_WINDOWS:
                    return completed(_stacked(found), self.cards, self.absent)
        return completed(_stacked(found), self.cards, self.absent) if found else None


@contextmanager
def opened(spec: ClassifySpec, model: Model, reporter: Reporter) -> Iterator[Setting]:
    """Opens a job's inputs and checks that they fit each other.

    Raises:
        LandSketchError: If an input cannot be used.
    """
    card = model.card
    if card.legend is None:
        raise SpecError(f"Checkpoint '{title_of(model.members)}' has no classes.", "Fine-tune it with labels first.")
    with reporter.await_result(open_scene, specs_for(card, spec.sources)) as scene:
        check_members(model, scene)
        cards = bound(card, scene)
        model.bind(cards)
        place = model.place(spec.device)
        yield Setting(
            spec=spec,
            model=model,
            legend=card.legend,
            place=place,
            scene=scene,
            cards=tuple(card for card in cards if card.role in scene.roles),
            absent=tuple(card for card in cards if card.role not in scene.roles),
            plan=_plan(spec, model, scene.grid, cards),
            area=area_of(spec.extent, scene.grid),
            mask=mask_of(spec.mask, scene.grid),
            layers=layers_of(spec, card.legend),
        )


def _plan(spec: ClassifySpec, model: Model, grid: Grid, cards: Sequence[SourceCard]) -> TilePlan:
    card = model.card
    if not model.window_side:
        most = min(card.tile, _most_side(cards, card.halo, model.alignment))
        side = spec.tile or even_side(grid, most, card.halo, model.alignment)
        return plan_tiles(grid, side, card.halo, model.ramp, model.alignment)
    if spec.tile and spec.tile + 2 * card.halo != model.window_side:
        raise SpecError(
            f"tile is {spec.tile}, but '{title_of(model.members)}' only takes tiles of "
            f"{model.window_side - 2 * card.halo}.",
            "Leave the tile size to the checkpoint.",
        )
    return TilePlan(grid, model.window_side - 2 * card.halo, card.halo, min(model.ramp, card.halo))


def _most_side(cards: Sequence[SourceCard], halo: int, alignment: int) -> int:
    """Returns the largest side of tiles whose windows have no more than `WINDOW_VALUES` values, all dates together."""
    channels = sum(card.channels for card in cards if card.dates and card.role != SERIES)
    if not channels:
        return sys.maxsize
    side = math.isqrt(WINDOW_VALUES // channels) - 2 * halo
    return max(side // alignment, 1) * alignment


def _stacked(windows: Sequence[dict[str, np.ndarray]]) -> Images:
    return {role: np.stack([images[role] for images in windows]) for role in windows[0]}


def _spread(first: int, length: int, side: int, step: int) -> list[int]:
    """Starts of windows spread over a length, in multiples of a step, the middle ones first."""
    last = max(length - side, 0)
    starts = sorted({round(last * i / (_PLACES - 1)) for i in range(_PLACES)}, key=lambda s: abs(s - last / 2))
    return [(first + start) // step * step for start in starts]
