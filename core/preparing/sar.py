"""The job that prepares radar images: border noise, speckle, incidence angle, units."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from ..errors import SceneError
from ..outputs import all_finished
from ..progress import Reporter
from ..scenes import Scene, describe, open_scene
from ..specs import PrepareSarSpec
from .border_noise import SMOOTHED, border_noise
from .incidence import IncidenceAngle, normalising_factor
from .looks import log_variations, looks_of
from .rasters import add_overviews, create, origin_tags
from .speckle import FILTERS, MEAN_SIZE, multitemporal
from .stacks import DatedRaster, raster_paths, write_rasters_stack
from .windows import in_order, window_side, windows, with_halo

_OPENED, _FILTERED = 0.05, 0.9
"""Shares of the job that are done after these steps."""

_SAMPLE_SIDE, _SAMPLE_PLACES = 192, 4
"""Looks are estimated from 4 × 4 windows of 192 × 192 pixels spread over the image."""

_SAMPLE_DATES = 4

_UNITS = {"db": "dB", "linear": "linear power"}


@dataclass(frozen=True)
class _Run:
    """What a job works on.

    Attributes:
        dates: Days of the images of a stack; one '' for a single image.
        bands: Polarisations.
        looks: Of all of them.
        angle: Incidence angles; None: not normalised.
    """

    spec: PrepareSarSpec
    scene: Scene
    dates: tuple[str, ...]
    bands: tuple[str, ...]
    looks: float
    angle: IncidenceAngle | None

    @property
    def halo(self) -> int:
        """Pixels around a window on which its values depend."""
        filtered = 0 if self.spec.speckle == "none" else self.spec.window // 2 + (self.spec.speckle == "refined-lee")
        if self.spec.speckle in FILTERS:
            filtered += MEAN_SIZE // 2
        return filtered + (self.spec.border_reach + SMOOTHED // 2 + 1 if self.spec.border else 0)

    def power(self, window: Window) -> NDArray[np.float64]:
        """Reads (date, band, y, x) linear power, NaN for no data."""
        decibels = self.scene.read(window, {"sar": self.bands})["sar"].astype(np.float64)
        power: NDArray[np.float64] = np.power(10.0, decibels / 10)
        return power.reshape(len(self.dates), len(self.bands), *power.shape[1:])


def prepare_sar(spec: PrepareSarSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs a job that prepares radar images, in linear power and window by window.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.

    Returns:
        `output` (path), `images` (paths of the rasters), `looks` (that the filter worked with; None without one).

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then.
    """
    reporter.stage(0.0, _OPENED, "Opening the image")
    with reporter.await_result(open_scene, (spec.source,)) as scene:
        for line in describe(scene):
            reporter.log(line)
        for doubt in scene.doubts:
            reporter.warn(doubt)
        dates = tuple(scene.source("sar").dates) or ("",)
        paths = raster_paths(spec.output, dates) if spec.is_stack else (spec.output,)
        angle = IncidenceAngle(spec.incidence, scene.grid) if spec.incidence is not None else None
        try:
            run = _Run(spec, scene, dates, tuple(scene.source("sar").bands), spec.looks, angle)
            run = _with_looks(run, reporter)
            with all_finished((*paths, *((spec.output,) if spec.is_stack else ()))) as temporaries:
                _write(run, temporaries[: len(paths)], reporter)
                if spec.is_stack:
                    sensor, units = scene.source("sar").match.sensor, spec.units
                    made = [
                        DatedRaster(path, "sar", sensor, units, run.bands, day, scene.grid)
                        for path, day in zip(paths, dates, strict=True)
                    ]
                    write_rasters_stack(temporaries[-1], spec.output, made)
        finally:
            if angle:
                angle.close()
    for path in paths:
        reporter.artifact(path, "raster")
    return {"output": spec.output, "images": list(paths), "looks": run.looks or None}


def _with_looks(run: _Run, reporter: Reporter) -> _Run:
    """Estimates the number of looks where it is needed and not stated."""
    if run.spec.speckle not in FILTERS or run.looks:
        return run
    parts = []
    for window in _spread(run.scene.grid.height, run.scene.grid.width):
        reporter.check()
        power = reporter.await_result(run.power, window)
        step = max(len(power) // _SAMPLE_DATES, 1)
        parts += [log_variations(band, run.spec.window) for image in power[::step] for band in image]
    looks = looks_of(np.concatenate(parts))
    if looks is None:
        raise SceneError(
            f"The number of looks of '{PurePath(run.spec.source.path).name}' cannot be estimated: too few pixels.",
            "State it: about 4.4 for Sentinel-1 ground range products at 10 m.",
        )
    reporter.log(f"The image has about {looks:.1f} looks, as windows of {run.spec.window} pixels see its speckle.")
    return _Run(run.spec, run.scene, run.dates, run.bands, looks, run.angle)


def _spread(height: int, width: int) -> list[Window]:
    side = _SAMPLE_SIDE

    def starts(length: int) -> list[int]:
        last = max(length - side, 0)
        return sorted({round(last * place / (_SAMPLE_PLACES - 1)) for place in range(_SAMPLE_PLACES)})

    return [
        Window(column, row, min(side, width), min(side, height)) for row in starts(height) for column in starts(width)
    ]


def _write(run: _Run, paths: tuple[str, ...], reporter: Reporter) -> None:
    """Writes the prepared images, one raster for each date."""
    grid = run.scene.grid
    side = window_side(len(run.dates) * len(run.bands), run.halo)
    more = {"LANDSKETCH_LOOKS": f"{run.looks:.3g}"} if run.looks else {}
    reporter.stage(_OPENED, _FILTERED, "Preparing the image")
    known = 0
    rasters = [
        create(path, grid, run.bands, "float32", np.nan, _tags(run, day, more), side, _UNITS[run.spec.units])
        for path, day in zip(paths, run.dates, strict=True)
    ]
    try:
        work = in_order(lambda window: prepared(run, window), windows(grid, side), reporter, "Preparing the image")
        for window, images in work:
            known += int(np.isfinite(images).sum())
            for raster, image in zip(rasters, images, strict=True):
                raster.write(image, window=window)
    finally:
        for raster in rasters:
            raster.close()
    if not known:
        raise SceneError(
            f"Nothing of '{PurePath(run.spec.source.path).name}' would be left.",
            "Lower the threshold of border noise, and check that the incidence angles lie on the image.",
        )
    reporter.stage(_FILTERED, 1.0, "Writing overviews")
    for count, path in enumerate(paths, 1):
        add_overviews(path, grid, len(run.bands), reporter)
        reporter.progress(count / len(paths), "Writing overviews")


def _tags(run: _Run, day: str, more: dict[str, str]) -> dict[str, str]:
    return origin_tags(run.spec, **more, **({"ACQUISITION_DATE": day} if day else {}))


def prepared(run: _Run, window: Window) -> NDArray[np.float32]:
    """Returns (date, band, y, x) of a window in the units that are written, NaN for no data."""
    spec, halo, grid = run.spec, run.halo, run.scene.grid
    larger = with_halo(window, halo)
    power = run.power(larger)
    if spec.border:
        rows = np.arange(larger.row_off, larger.row_off + larger.height)
        columns = np.arange(larger.col_off, larger.col_off + larger.width)
        inside = ((rows >= 0) & (rows < grid.height))[:, None] & (columns >= 0) & (columns < grid.width)
        threshold = 10 ** (spec.border_threshold / 10)
        for image in power:
            image[:, border_noise(image, inside, threshold, spec.border_reach)] = np.nan
    power = _filtered(power, run)
    power = power[:, :, halo : halo + window.height, halo : halo + window.width]
    if run.angle:
        power = power * normalising_factor(run.angle.read(window), spec.reference_angle, spec.exponent)
    if spec.units == "db":
        with np.errstate(divide="ignore", invalid="ignore"):
            power = np.where(power > 0, 10 * np.log10(power), np.nan)
    return power.astype(np.float32)


def _filtered(power: NDArray[np.float64], run: _Run) -> NDArray[np.float64]:
    spec = run.spec
    if spec.speckle == "multitemporal":
        return np.stack([multitemporal(power[:, band], spec.window) for band in range(len(run.bands))], axis=1)
    if spec.speckle in FILTERS:
        smooth = FILTERS[spec.speckle]
        return np.stack([np.stack([smooth(band, run.looks, spec.window) for band in image]) for image in power])
    return power
