"""Windows of unlabelled scenes, drawn without end and without a copy on disk."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from rasterio.windows import Window
from torch import Tensor
from torch.utils.data import IterableDataset

from ...models.pretraining.method import SECOND
from ..coarse import SERIES, own_window
from ..errors import SceneError
from .places import Bands, Place, known_bands
from .stepped import SteppedScene

CUTS = 4
"""Regions are this many windows wide: reading a compressed block costs the same for one window as for all it holds."""

REUSED = 2
"""How often a pixel of a region is seen, each time in another window; reading it anew would take twice the time."""

REGIONS_MIXED = 12
"""Regions from which windows are drawn in turn, so that neighbours in a batch are not neighbours on the ground."""

MOST_EMPTY = 200
READERS = 2
LEAST_VALID = 0.5
"""Share of its pixels with which a window is worth learning from."""

Images = dict[str, NDArray[np.float32]]
Sample = dict[str, Tensor]
"""Per role (band, y, x) in canonical units, NaN for no data and for what a place lacks. Of a pair of dates,
the second one's roles end in `@2`, and `gap` is the number of dates from the first to the second."""


class WindowStream(IterableDataset[Sample]):
    """Random windows of places, each place drawn as often as its valid area is large.

    Args:
        places: Where to draw from.
        bands: What to read.
        side: Of the windows in pixels; a multiple of the steps of coarser sources.
        seed: Of all draws.
        start: Windows that an interrupted run has already had; others are drawn now.
        pairs: Whether each sample is two dates of one place.
        share: This process's number and the number of processes that draw side by side.
    """

    def __init__(
        self,
        places: Sequence[Place],
        bands: Bands,
        side: int,
        seed: int,
        start: int = 0,
        pairs: bool = False,
        share: tuple[int, int] = (0, 1),
    ) -> None:
        self.places = list(places)
        self.bands, self.side, self.pairs = bands, side, pairs
        self.seed = (seed, start, share[0])
        self._running = self._drawn()
        area = np.array([place.valid_pixels for place in self.places])
        self.chances = area / area.sum()

    def __iter__(self) -> Iterator[Sample]:
        """Goes on where it was left: an epoch's end is no reason to read all regions anew."""
        return self._running

    def _drawn(self) -> Iterator[Sample]:
        generator = np.random.default_rng(self.seed)
        mixed: list[list[Sample]] = []
        empty = 0
        for region in self._regions(generator):
            empty = 0 if region else empty + 1
            if empty > MOST_EMPTY:
                raise SceneError(
                    f"{MOST_EMPTY} regions in a row hold no window of {self.side} pixels with enough data.",
                    "Choose a smaller window, or scenes with fewer gaps.",
                )
            if region:
                mixed.append(region)
            while mixed and len(mixed) >= REGIONS_MIXED:
                chosen = int(generator.integers(len(mixed)))
                yield mixed[chosen].pop()
                if not mixed[chosen]:
                    mixed.pop(chosen)

    def _regions(self, generator: np.random.Generator) -> Iterator[list[Sample]]:
        """Yields the windows of one region after the other, which are read ahead."""
        seeds = (int(generator.integers(2**63)) for _ in itertools.count())
        with ThreadPoolExecutor(READERS, "windows") as pool:
            ahead: deque[Future[list[Sample]]] = deque()
            try:
                while True:
                    while len(ahead) < 2 * READERS:
                        ahead.append(pool.submit(self._read, next(seeds)))
                    yield ahead.popleft().result()
            finally:
                for future in ahead:
                    future.cancel()

    def _read(self, seed: int) -> list[Sample]:
        """Reads a region and cuts random windows from it, those with enough data."""
        generator = np.random.default_rng(seed)
        place = self.places[int(generator.choice(len(self.places), p=self.chances))]
        longest = max(place.grid.shape)
        region = place.region(min(self.side * CUTS, -(-longest // self.side) * self.side), generator)
        chosen = self._dates(len(place.dates), generator)
        images = [self._complete(place.dates[date], region, generator) for date in chosen]
        count = round(REUSED * (region.width // self.side) ** 2)
        step = max(place.dates[date].step for date in chosen)
        samples = []
        for _ in range(count):
            last = (region.width - self.side) // step
            row, column = (int(generator.integers(last + 1)) * step for _ in range(2))
            window = Window(column, row, self.side, self.side)
            cuts = [_cut(image, window, place.dates[date]) for image, date in zip(images, chosen, strict=True)]
            if all(_has_enough(cut, place.dates[date]) for cut, date in zip(cuts, chosen, strict=True)):
                samples.append(_sample(cuts, chosen))
        return samples

    def _dates(self, count: int, generator: np.random.Generator) -> list[int]:
        """Draws one date, or two different ones in any order; the only date of a place makes a pair with itself."""
        if count == 1:
            return [0, 0] if self.pairs else [0]
        return [int(date) for date in generator.choice(count, 2 if self.pairs else 1, replace=False)]

    def _complete(self, scene: SteppedScene, region: Window, generator: np.random.Generator) -> Images:
        """Reads a region; roles and bands that the scene lacks are NaN."""
        known = known_bands(scene, self.bands)
        read = scene.read(region, known, generator)
        images = {}
        for role, names in self.bands.items():
            if known.get(role) == list(names):
                images[role] = read[role]
                continue
            shape = region.height // scene.step_of(role), region.width // scene.step_of(role)
            images[role] = np.full((len(names), *shape), np.nan, np.float32)
            if role in read:
                images[role][[list(names).index(name) for name in known[role]]] = read[role]
        return images


def _cut(images: Images, window: Window, scene: SteppedScene) -> Images:
    """Cuts a window from the images of a region; coarser ones are cut at the same place, with their margin."""
    cuts = {}
    for role, image in images.items():
        own = own_window(window, scene.step_of(role), scene.margin_of(role))
        cuts[role] = image[:, own.row_off : own.row_off + own.height, own.col_off : own.col_off + own.width].copy()
    return cuts


def _has_enough(images: Images, scene: SteppedScene) -> bool:
    """Whether some band is known of enough of the pixels; and of a series any date, as what it shows is learned."""
    fine = [image for role, image in images.items() if scene.step_of(role) == 1 and role != SERIES]
    seen = np.logical_or.reduce([np.isfinite(image).any(axis=0) for image in fine])
    return bool(seen.mean() >= LEAST_VALID) and (SERIES not in images or bool(np.isfinite(images[SERIES]).any()))


def _sample(cuts: list[Images], dates: list[int]) -> Sample:
    sample = {role: torch.from_numpy(image) for role, image in cuts[0].items()}
    if len(cuts) > 1:
        sample |= {role + SECOND: torch.from_numpy(image) for role, image in cuts[1].items()}
        sample["gap"] = torch.tensor(float(dates[1] - dates[0]))
    return sample
