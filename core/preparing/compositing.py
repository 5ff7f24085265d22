"""The job that makes a regular series of an irregular one: a composite for each period."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.io import DatasetWriter
from rasterio.windows import Window

from ..errors import SpecError
from ..grids import Grid
from ..outputs import all_finished
from ..progress import Reporter
from ..scenes import Scene, describe, open_scene
from ..sensors import SENSORS
from ..specs import CompositeSpec, SourceSpec
from ..stack_file import read_stack
from . import composites
from .gaps import filled_in_time
from .periods import Period, periods_of
from .rasters import add_overviews, create, origin_tags
from .stacks import DatedRaster, beside, write_rasters_stack
from .windows import in_order, window_side, windows, with_halo

_WRITTEN = 0.92

_MOST_PERIODS = 400
"""Each period is a file that is open while the job runs."""

_OPTICAL_TYPE, _OPTICAL_NO_DATA = "uint16", 0
"""Digital numbers of Sentinel-2; darker ones than 1 would read as no data."""


@dataclass(frozen=True)
class _Run:
    """What is made of the images of one role.

    Attributes:
        source: The images as one source of a scene.
        bands: That all images have.
        periods: For each of which a composite is made.
        red: Positions of the red and the near infrared band, for the greenest pixel.
    """

    spec: CompositeSpec
    scene: Scene
    role: str
    bands: tuple[str, ...]
    periods: tuple[Period, ...]
    days: tuple[str, ...]
    red: tuple[int, int] = (0, 0)

    @property
    def in_decibels(self) -> bool:
        return self.role == "sar"

    @property
    def method(self) -> str:
        return self.spec.sar_method if self.in_decibels else self.spec.method

    @property
    def halo(self) -> int:
        """Pixels around a window on which its values depend."""
        return composites.CLOUD_DISTANCE if self.method == "best" else 0

    @property
    def units(self) -> str:
        return self.scene.source(self.role).conversion.canonical

    @property
    def whole_numbers(self) -> bool:
        """Whether values are digital numbers, which need no more than 16 bits."""
        return self.units == "dn"


def composite(spec: CompositeSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs a compositing job, window by window.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.

    Returns:
        `output` (the new stack), `images` (paths of its rasters), `periods` (first day, last day and number of images
        of each, per role) and `counts` (paths of the rasters with the numbers of dates).

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then.
    """
    with ExitStack() as opened:
        scenes = {
            role: opened.enter_context(reporter.await_result(open_scene, (SourceSpec(role, spec.stack),)))
            for role in read_stack(spec.stack).roles
        }
        days = sorted(day for role, scene in scenes.items() for day in scene.source(role).dates)
        runs = [_opened(spec, role, scene, (days[0], days[-1]), reporter) for role, scene in scenes.items()]
        made = [_made(run) for run in runs]
        paths = [image.path for images in made for image in images]
        counts = [path for run in runs if spec.counts for path in [beside(spec.output, f"{run.role}_counts.tif")]]
        with all_finished((*paths, *counts, spec.output)) as temporaries:
            places = dict(zip((*paths, *counts, spec.output), temporaries, strict=True))
            for index, (run, images) in enumerate(zip(runs, made, strict=True)):
                share = reporter.part(index / len(runs), (index + 1) / len(runs), "")
                _write(run, [places[image.path] for image in images], places.get(_count_path(run), ""), share)
            write_rasters_stack(places[spec.output], spec.output, [image for images in made for image in images])
    for path in paths:
        reporter.artifact(path, "raster")
    periods = {run.role: [[str(p.start), str(p.end), len(p.members)] for p in run.periods] for run in runs}
    return {"output": spec.output, "images": paths, "periods": periods, "counts": counts}


def _count_path(run: _Run) -> str:
    return beside(run.spec.output, f"{run.role}_counts.tif")


def _opened(spec: CompositeSpec, role: str, scene: Scene, covered: tuple[str, str], reporter: Reporter) -> _Run:
    """Looks at the images of a role and divides the time that the whole stack covers, alike for each role."""
    for line in describe(scene):
        reporter.log(line)
    for doubt in scene.doubts:
        reporter.warn(doubt)
    source = scene.source(role)
    first, last = spec.start or covered[0], spec.end or covered[1]
    periods = periods_of(source.dates, first, last, spec.every, spec.days)
    empty = [period.name for period in periods if not period.members]
    if not any(period.members for period in periods):
        raise SpecError(f"No {role} image was taken from {first} to {last}.", "Choose other days.")
    if not spec.fill:
        periods = [period for period in periods if period.members]
    if len(periods) > _MOST_PERIODS:
        raise SpecError(
            f"That makes {len(periods)} composites; {_MOST_PERIODS} are possible.", "Choose longer periods."
        )
    if empty:
        done = "filled from those before and after" if spec.fill else "left out"
        reporter.log(f"Periods without an {role} image, {done}: {', '.join(empty)}.")
    greenest = spec.method == "greenest" and role != "sar"
    red = _red_and_infrared(source.match.sensor, tuple(source.bands)) if greenest else (0, 0)
    reporter.log(f"{len(periods)} {role} composites of {len(source.dates)} images.")
    return _Run(spec, scene, role, tuple(source.bands), tuple(periods), tuple(source.dates), red)


def _red_and_infrared(sensor: str, bands: tuple[str, ...]) -> tuple[int, int]:
    profile = SENSORS.get(sensor)
    names = [profile.canonical(name) if profile else name for name in ("red", "nir")]
    if any(name not in bands for name in names):
        raise SpecError(
            f"The greenest pixel needs red and near infrared; the stack has {' '.join(bands)}.",
            "Choose another method, or name the bands when building the stack.",
        )
    return bands.index(str(names[0])), bands.index(str(names[1]))


def _made(run: _Run) -> list[DatedRaster]:
    sensor = run.scene.source(run.role).match.sensor
    return [
        DatedRaster(
            beside(run.spec.output, f"{run.role}_{period.name}.tif"), run.role, sensor, run.units, run.bands,
            str(period.middle), run.scene.grid, (str(period.start), str(period.end)),
        )
        for period in run.periods
    ]  # fmt: skip


def _write(run: _Run, paths: list[str], count_path: str, reporter: Reporter) -> None:
    """Writes the composites of a role, and how many dates they are made of."""
    grid = run.scene.grid
    side = window_side((len(run.days) + len(run.periods)) * len(run.bands), run.halo)
    reporter.stage(0.0, _WRITTEN, f"Making composites of {run.role} images")
    with _rasters(run, paths, count_path, side) as (rasters, counts):
        work = in_order(lambda window: composites_of(run, window), windows(grid, side), reporter, "Making composites")
        for window, (images, seen) in work:
            for raster, image in zip(rasters, images, strict=True):
                raster.write(_stored(image, run.whole_numbers), window=window)
            if counts:
                counts.write(seen, window=window)
    reporter.stage(_WRITTEN, 1.0, "Writing overviews")
    for index, path in enumerate(paths, 1):
        add_overviews(path, grid, len(run.bands), reporter)
        reporter.progress(index / len(paths), "Writing overviews")


@contextmanager
def _rasters(
    run: _Run, paths: list[str], count_path: str, side: int
) -> Iterator[tuple[list[DatasetWriter], DatasetWriter | None]]:
    """Opens the rasters for writing."""
    grid: Grid = run.scene.grid
    dtype, no_data = (_OPTICAL_TYPE, float(_OPTICAL_NO_DATA)) if run.whole_numbers else ("float32", np.nan)
    with ExitStack() as opened:
        rasters = [
            opened.enter_context(create(path, grid, run.bands, dtype, no_data, _tags(run, period), side))
            for path, period in zip(paths, run.periods, strict=True)
        ]
        counts = None
        if count_path:
            names = [period.name for period in run.periods]
            counts = opened.enter_context(create(count_path, grid, names, "uint16", None, origin_tags(run.spec), side))
        yield rasters, counts


def _tags(run: _Run, period: Period) -> dict[str, str]:
    days = " ".join(run.days[member] for member in period.members)
    return origin_tags(
        run.spec, COMPOSITE_METHOD=run.method, COMPOSITE_START=str(period.start), COMPOSITE_END=str(period.end),
        COMPOSITE_DATES=days,
    )  # fmt: skip


def composites_of(run: _Run, window: Window) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """Returns the composites of a window.

    Returns:
        (period, band, y, x) in canonical units, NaN for no data; (period, y, x), the dates that each is made of.
    """
    halo, larger = run.halo, with_halo(window, run.halo)
    stored = run.scene.read(larger, {run.role: run.bands})[run.role]
    dates = stored.reshape(len(run.days), len(run.bands), *stored.shape[1:])
    inner = (..., slice(halo, halo + window.height), slice(halo, halo + window.width))
    result = np.full((len(run.periods), len(run.bands), window.height, window.width), np.nan, np.float32)
    seen = np.zeros((len(run.periods), window.height, window.width), np.uint16)
    for index, period in enumerate(run.periods):
        if period.members:
            members = dates[list(period.members)]
            known = np.isfinite(members).all(axis=1)
            members[np.broadcast_to(~known[:, None], members.shape)] = np.nan
            seen[index] = known[inner].sum(axis=0)
            result[index] = _one_of(run, period)(members)[inner]
    if run.spec.fill:
        result = filled_in_time(result, [period.middle for period in run.periods])
    return result, seen


def _one_of(run: _Run, period: Period) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Returns what makes one image of those of a period."""
    if run.in_decibels:
        average = composites.mean if run.method == "mean" else composites.median
        return lambda series: _decibels(average(_power(series)))
    if run.method == "greenest":
        return lambda series: composites.greenest(series, *run.red)
    if run.method == "best":
        offsets = [(np.datetime64(run.days[m]) - np.datetime64(period.middle)).astype(int) for m in period.members]
        # A sixth of the period: its ends are three standard deviations from the middle.
        spread = max((period.end - period.start).days / 6, 1.0)
        return lambda series: composites.best(series, offsets, spread)
    return {"median": composites.median, "mean": composites.mean, "medoid": composites.medoid}[run.method]


def _power(decibels: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.power(np.float32(10.0), decibels / 10)


def _decibels(power: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(10 * np.log10(power), np.float32)


def _stored(image: NDArray[np.float32], whole_numbers: bool) -> NDArray[Any]:
    """Returns (band, y, x) as it is written."""
    if not whole_numbers:
        return image
    missing = np.isnan(image)
    numbers = np.rint(np.where(missing, 0, image)).clip(1, np.iinfo(np.uint16).max).astype(np.uint16)
    numbers[missing] = _OPTICAL_NO_DATA
    return numbers
