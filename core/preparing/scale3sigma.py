"""The job that scales an image by mean and standard deviation: the preprocessing of the seed slides as a tool.

Missing values are left or interpolated, outliers clipped or taken for missing, and mean ± 3 standard deviations become
0 and 255, or 0 and 1. Mean and deviation are those of all valid pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.fill import fillnodata
from rasterio.io import DatasetReader
from rasterio.windows import Window

from ..errors import SceneError
from ..grids import Grid, padded
from ..open_files import OpenFiles
from ..outputs import all_finished
from ..progress import Reporter
from ..specs import RANGES, Scale3SigmaSpec
from .rasters import add_overviews, create, origin_tags
from .statistics import BandStatistics, read_statistics, statistics_text
from .windows import in_order, window_side, windows, with_halo

NO_DATA = {"uint8": 0.0, "int16": -1.0, "uint16": 65535.0, "float32": np.nan}
"""What stands for missing values in each type; only in 8 bits is it one that a scaled value could have."""

_MEASURED, _SCALED = 0.4, 0.92


def scaled(
    values: NDArray[np.float64], mean: float, deviation: float, sigmas: float = 3.0, top: float = 255.0
) -> NDArray[np.float64]:
    """Returns clip((x - (μ - kσ)) / 2kσ, 0, 1) × top; NaN stays NaN.

    Args:
        values: Of one band.
        mean: μ.
        deviation: σ; if 0, all values are the mean and become the middle of the range.
        sigmas: k.
        top: Upper end of the range.
    """
    if deviation <= 0:
        return np.where(np.isnan(values), np.nan, top / 2)
    share = (values - (mean - sigmas * deviation)) / (2 * sigmas * deviation)
    return np.asarray(share.clip(0.0, 1.0) * top)


class _Image:
    """The image, read in windows from several threads.

    Attributes:
        grid: Its grid.
        names: Descriptions of its bands.
    """

    def __init__(self, path: str) -> None:
        self._path, self._layer, self._files = path, PurePath(path).name, OpenFiles()
        try:
            with rasterio.open(path) as dataset:
                self.grid = Grid.of(dataset)
                self.names = tuple(text or "" for text in dataset.descriptions)
                if any(kind.startswith("complex") for kind in dataset.dtypes):
                    raise SceneError(f"'{self._layer}' holds complex numbers.", "Choose an image of real numbers.")
        except RasterioError as error:
            raise SceneError(f"Layer '{self._layer}' cannot be read: {error}.", "Choose a raster file.") from error

    def close(self) -> None:
        self._files.close()

    def read(self, window: Window) -> NDArray[np.float64]:
        """Returns (band, y, x), NaN for missing values and beyond the edges."""
        inside, pads = self.grid.clip(window)

        def opened() -> list[Any]:
            return [rasterio.open(self._path)]

        try:
            with self._files.lent(self._layer, self._path, opened) as dataset:
                values = _known(dataset, inside)
        except RasterioError as error:
            raise SceneError(f"Layer '{self._layer}' cannot be read: {error}.", "Copy the file again.") from error
        return padded(values, pads, np.nan)


def _known(dataset: DatasetReader, window: Window) -> NDArray[np.float64]:
    values = dataset.read(window=window).astype(np.float64)
    values[(dataset.read_masks(window=window) == 0) | ~np.isfinite(values)] = np.nan
    return values


@dataclass(frozen=True)
class _Run:
    """What a job works on.

    Attributes:
        bands: Statistics that the image is scaled with.
        lowest: The least value that a pixel with data gets.
    """

    spec: Scale3SigmaSpec
    image: _Image
    bands: tuple[BandStatistics, ...]
    lowest: float

    @property
    def halo(self) -> int:
        """Pixels around a window on which its values depend."""
        return self.spec.reach + 1 if self.spec.missing == "interpolate" else 0


def scale_3sigma(spec: Scale3SigmaSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs a job that scales an image.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.

    Returns:
        `output` and `statistics` (paths), and `bands`: the statistics that each was scaled with.

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then.
    """
    reporter.stage(0.0, _MEASURED, "Measuring the image")
    image = _Image(spec.image)
    try:
        with all_finished(spec.outputs()) as temporaries:
            run = _measured(spec, image, reporter)
            _write(run, temporaries[0], reporter)
            if spec.statistics_output:
                Path(temporaries[1]).write_text(statistics_text(spec.image, run.bands), encoding="utf-8")
    finally:
        image.close()
    reporter.artifact(spec.output, "raster")
    if spec.statistics_output:
        reporter.artifact(spec.statistics_output, "metrics")
    bands = [{"name": band.name, "mean": band.mean, "deviation": band.deviation} for band in run.bands]
    return {"output": spec.output, "statistics": spec.statistics_output, "bands": bands}


def _measured(spec: Scale3SigmaSpec, image: _Image, reporter: Reporter) -> _Run:
    """Measures the image, and decides what it is scaled with."""
    given = read_statistics(spec.statistics, image.names) if spec.statistics else None
    parts = 1 if given or spec.outliers == "clip" else 2
    own = _statistics(image, reporter.part(0.0, 1 / parts, ""))
    if not any(band.count for band in own):
        raise SceneError(f"'{PurePath(spec.image).name}' has no valid pixels.", "Choose an image with data.")
    gaps = any(band.count < image.grid.width * image.grid.height for band in own)
    bands = given or own
    if spec.outliers == "remove":
        low, high = _limits(bands, spec.sigmas)
        gaps = gaps or any(
            band.minimum < least or band.maximum > most for band, least, most in zip(own, low, high, strict=True)
        )
        if not given:
            bands = _statistics(image, reporter.part(0.5, 1.0, ""), lambda values: _without_outliers(values, low, high))
    for band in bands:
        if not band.deviation:
            reporter.warn(f"Band '{band.name}' has the same value everywhere; it becomes the middle of the range.")
    return _Run(spec, image, tuple(bands), 1.0 if gaps and spec.dtype == "uint8" else 0.0)


def _statistics(
    image: _Image, reporter: Reporter, cleaned: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None
) -> list[BandStatistics]:
    """Returns the statistics of all valid pixels; windows are joined in order, so that they are always the same."""
    bands = [BandStatistics(name) for name in image.names]
    parts = windows(image.grid, window_side(len(bands)))
    for _, values in in_order(image.read, parts, reporter, "Measuring the image"):
        values = cleaned(values) if cleaned else values
        bands = [band.joined(layer) for band, layer in zip(bands, values, strict=True)]
    return bands


def _limits(bands: tuple[BandStatistics, ...] | list[BandStatistics], sigmas: float) -> tuple[list[float], list[float]]:
    """Returns the least and the largest value of each band that is no outlier."""
    low = [band.mean - sigmas * band.deviation for band in bands]
    return low, [band.mean + sigmas * band.deviation for band in bands]


def _without_outliers(values: NDArray[np.float64], low: list[float], high: list[float]) -> NDArray[np.float64]:
    least, most = (np.array(limit)[:, None, None] for limit in (low, high))
    return np.where((values >= least) & (values <= most), values, np.nan)


def _write(run: _Run, path: str, reporter: Reporter) -> None:
    spec, grid = run.spec, run.image.grid
    side = window_side(len(run.bands), run.halo)
    limits = _limits(run.bands, spec.sigmas)

    def work(window: Window) -> NDArray[Any]:
        values = run.image.read(with_halo(window, run.halo))
        if spec.outliers == "remove":
            values = _without_outliers(values, *limits)
        return _stored(run, _interpolated(run, values, window))

    reporter.stage(_MEASURED, _SCALED, "Scaling the image")
    tags = origin_tags(spec)
    with create(path, grid, run.image.names, spec.dtype, _no_data(run), tags, side) as raster:
        for window, values in in_order(work, windows(grid, side), reporter, "Scaling the image"):
            raster.write(values, window=window)
    reporter.stage(_SCALED, 1.0, "Writing overviews")
    add_overviews(path, grid, len(run.bands), reporter)


def _no_data(run: _Run) -> float | None:
    """Returns the value that stands for missing ones; in 8 bits, an image without any has none."""
    return NO_DATA[run.spec.dtype] if run.spec.dtype != "uint8" or run.lowest else None


def _interpolated(run: _Run, values: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    """Returns the window without its surroundings, with what is missing taken from there if that is wanted.

    GDAL's interpolation (inverse distance, in four directions) looks no farther than `reach`.
    """
    halo = run.halo
    inner = (slice(halo, halo + window.height), slice(halo, halo + window.width))
    whole = (slice(None), *inner)
    if not halo or not np.isnan(values[whole]).any():
        return values[whole]
    bands = []
    for band in values:
        known = np.isfinite(band)
        if known.any() and not known[inner].all():
            filled = fillnodata(np.where(known, band, 0).astype(np.float32), known, run.spec.reach, 0)
            # What lies too far from data comes back as 0, so it is looked up where something came near.
            reached = fillnodata(known.astype(np.float32), known, run.spec.reach, 0) > 0
            band = np.where(known, band, np.where(reached, filled, np.nan))
        bands.append(band[inner])
    return np.stack(bands)


def _stored(run: _Run, values: NDArray[np.float64]) -> NDArray[Any]:
    """Returns (band, y, x) as it is written."""
    spec, top = run.spec, RANGES[run.spec.range]
    layers = [
        scaled(band, statistics.mean, statistics.deviation, spec.sigmas, top)
        for band, statistics in zip(values, run.bands, strict=True)
    ]
    image = np.stack(layers)
    if spec.dtype == "float32":
        return image.astype(np.float32)
    missing = np.isnan(image)
    numbers = np.rint(np.where(missing, 0, image)).clip(run.lowest)
    return np.where(missing, NO_DATA[spec.dtype], numbers).astype(spec.dtype)
