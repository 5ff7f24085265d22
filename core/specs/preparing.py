"""Preparing images before anything is learned from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Optional, Tuple, Union

from ..errors import SpecError
from ..stack_file import is_stack
from .building import choice, given
from .inputs import SourceSpec
from .job import JobSpec

PERIODS = ("month", "days", "date")
"""How time is divided: calendar months, a number of days, or each day of the stack by itself."""

COMPOSITES = ("median", "mean", "medoid", "best", "greenest")
"""How one value is made of the dates of a period."""

SAR_COMPOSITES = ("mean", "median")

SPECKLE_FILTERS = ("none", "lee", "refined-lee", "gamma-map", "multitemporal")
SAR_OUTPUT_UNITS = ("db", "linear")
LARGEST_WINDOW = 25

RANGES = {"0-255": 255.0, "0-1": 1.0}
"""What 3-sigma scaling scales to, and its upper end."""

SCALED_TYPES = ("uint8", "int16", "uint16", "float32")
MISSING = ("leave", "interpolate")
OUTLIERS = ("clip", "remove")


@dataclass(frozen=True)
class CompositeSpec(JobSpec):
    """Stack → stack of composites, one raster per period.

    Attributes:
        stack: A time stack.
        output: The new stack (`.json`); its rasters lie beside it and begin with its name.
        every: One of `PERIODS`.
        days: Length of a period for `days`.
        start: First day of the first period, as `2020-05-14`; empty: that of the stack. Months begin with its month.
        end: Last day that is taken; empty: that of the stack.
        method: How optical images are composited, one of `COMPOSITES`.
        sar_method: How radar images are, in linear power, one of `SAR_COMPOSITES`.
        fill: Whether gaps are filled linearly in time; before the first and after the last value, that one is kept.
        counts: Whether rasters are written that say how many dates each pixel of each composite was made of.
    """

    job: ClassVar[str] = "composite"

    stack: str
    output: str
    every: str = "month"
    days: int = 10
    start: str = ""
    end: str = ""
    method: str = "median"
    sar_method: str = "mean"
    fill: bool = False
    counts: bool = False

    def __post_init__(self) -> None:
        given("stack", self.stack)
        given("output", self.output)
        choice("every", self.every, PERIODS)
        choice("method", self.method, COMPOSITES)
        choice("sar_method", self.sar_method, SAR_COMPOSITES)
        if self.days < 1:
            raise SpecError(f"days is {self.days}; 1 or more is expected.")
        first, last = _day("start", self.start), _day("end", self.end)
        if first and last and first > last:
            raise SpecError(f"start is {self.start}, after the end {self.end}.")
        _check_stack_output(self.output)
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return (self.output,)


@dataclass(frozen=True)
class PrepareSarSpec(JobSpec):
    """Radar image or stack → the same without speckle and border noise, in the units that are wanted.

    Attributes:
        source: The image, or a stack whose radar images are taken.
        output: The prepared image (GeoTIFF); of a stack, the new stack (`.json`), with its rasters beside it.
        speckle: One of `SPECKLE_FILTERS`; `multitemporal` needs a stack.
        window: Odd side of the filter's window in pixels; the refined Lee filter takes 7.
        looks: Equivalent number of looks; 0: estimated.
        units: What is written: `db` or `linear` (power).
        border: Whether noise at the border of the swath is removed.
        border_threshold: Decibels below which pixels beside no data count as noise.
        border_reach: Pixels from no data up to which there is noise.
        incidence: Incidence angle in degrees, or a raster of them, to normalise by; None: not normalised.
        reference_angle: Incidence angle in degrees to normalise to.
        exponent: Power of the cosine by which backscatter falls with the incidence angle.
    """

    job: ClassVar[str] = "preparesar"

    source: SourceSpec
    output: str
    speckle: str = "refined-lee"
    window: int = 7
    looks: float = 0.0
    units: str = "db"
    border: bool = False
    border_threshold: float = -30.0
    border_reach: int = 100
    incidence: Union[str, float, None] = None
    reference_angle: float = 38.0
    exponent: float = 2.0

    def __post_init__(self) -> None:
        given("output", self.output)
        choice("speckle", self.speckle, SPECKLE_FILTERS)
        choice("units", self.units, SAR_OUTPUT_UNITS)
        if self.source.role != "sar":
            raise SpecError(f"'{self.source.path}' was given as {self.source.role}.", "Give a radar image.")
        if not 3 <= self.window <= LARGEST_WINDOW or self.window % 2 == 0:
            raise SpecError(f"window is {self.window}; an odd number from 3 to {LARGEST_WINDOW} is expected.")
        if self.speckle == "refined-lee" and self.window != 7:
            raise SpecError(f"window is {self.window}; the refined Lee filter is laid out for 7.", "Leave it at 7.")
        if self.looks < 0:
            raise SpecError(f"looks is {self.looks:g}; 0 (estimated) or more is expected.")
        if self.border_reach < 1:
            raise SpecError(f"border_reach is {self.border_reach}; 1 or more is expected.")
        for name, angle in (("incidence", self.incidence), ("reference_angle", self.reference_angle)):
            if isinstance(angle, (int, float)) and not 0 <= angle < 90:
                raise SpecError(f"{name} is {angle:g}; degrees from 0 to below 90 are expected.")
        if self.is_stack:
            _check_stack_output(self.output)
        elif self.speckle == "multitemporal":
            raise SpecError(
                "The multi-temporal filter was asked for one image.", "Give a time stack, or choose another filter."
            )
        self._check_outputs()

    @property
    def is_stack(self) -> bool:
        """Whether a stack is prepared rather than one image."""
        return is_stack(self.source.path)

    def outputs(self) -> Tuple[str, ...]:
        return (self.output,)


@dataclass(frozen=True)
class Scale3SigmaSpec(JobSpec):
    """Image → image scaled by mean and standard deviation of each band.

    Attributes:
        image: A raster that GDAL opens.
        output: The scaled image (GeoTIFF).
        sigmas: Standard deviations on either side of the mean that become the ends of the range.
        range: One of `RANGES`.
        dtype: Type of the values that are written, one of `SCALED_TYPES`.
        missing: Whether missing values are left, or interpolated from the pixels around them.
        reach: Pixels from which a missing value is interpolated at most.
        outliers: Whether values beyond the range are clipped to it, or taken for missing and left out of statistics.
        statistics: Statistics of another image to scale with (JSON); empty: those of this one.
        statistics_output: Where the statistics are written (JSON); empty: nowhere.
    """

    job: ClassVar[str] = "scale3sigma"

    image: str
    output: str
    sigmas: float = 3.0
    range: str = "0-255"
    dtype: str = "uint8"
    missing: str = "leave"
    reach: int = 50
    outliers: str = "clip"
    statistics: str = ""
    statistics_output: str = ""

    def __post_init__(self) -> None:
        given("image", self.image)
        given("output", self.output)
        choice("range", self.range, tuple(RANGES))
        choice("dtype", self.dtype, SCALED_TYPES)
        choice("missing", self.missing, MISSING)
        choice("outliers", self.outliers, OUTLIERS)
        if self.sigmas <= 0:
            raise SpecError(f"sigmas is {self.sigmas:g}; a number above 0 is expected.")
        if not 1 <= self.reach <= 500:
            raise SpecError(f"reach is {self.reach}; 1 to 500 pixels are expected.")
        if self.range == "0-1" and self.dtype != "float32":
            raise SpecError(f"dtype is {self.dtype} for values from 0 to 1.", "Choose float32, or the range 0-255.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.statistics_output) if path)


def _day(name: str, text: str) -> Optional[date]:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise SpecError(f"{name} is '{text}'; a day such as 2020-05-14 is expected.") from error


def _check_stack_output(path: str) -> None:
    if not is_stack(path):
        raise SpecError(f"The output '{path}' is to hold a time stack.", "Its name should end in .json.")
