"""Time stacks as series of months, which is how Presto and Galileo saw time in pretraining."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..dated import by_date

YEAR = 12


@dataclass(frozen=True)
class Timeline:
    """Months, and which of them each date belongs to.

    Attributes:
        months: Of each step, 0 for January.
        steps: Per role the step of each date; of a single image its one step.
    """

    months: tuple[int, ...]
    steps: Mapping[str, tuple[int, ...]]


def timeline(dates: Mapping[str, Sequence[str]], month: int, longest: int) -> Timeline:
    """Returns the months from the first date to the last one, those without a date among them.

    Series that are too long become one year: the same months of all years together. A single image beside a series
    comes in the middle of it.

    Args:
        dates: Per role, as in `SourceCard.dates`.
        month: Of single images without a series, 1 to 12.
        longest: Most months.
    """
    places = {role: [int(day[:4]) * YEAR + int(day[5:7]) - 1 for day in days] for role, days in dates.items()}
    every = [place for of_role in places.values() for place in of_role]
    if not every:
        return Timeline((month - 1,), dict.fromkeys(dates, (0,)))
    first, count = min(every), max(every) - min(every) + 1
    if count > longest:
        first, count = 0, YEAR
    steps = {role: tuple((place - first) % count for place in of_role) for role, of_role in places.items()}
    months = tuple((first + step) % YEAR for step in range(count))
    return Timeline(months, {role: of_role or (count // 2,) for role, of_role in steps.items()})


def monthly(image: Tensor, bands: int, steps: Sequence[int], count: int, decibel: bool) -> Tensor:
    """Averages what was seen of each band in each month; backscatter in linear power.

    Args:
        image: (batch, date × band, y, x), NaN for no data.
        bands: Per date.
        steps: The month of each date, as in `Timeline.steps`.
        count: Number of months.
        decibel: Whether values are in dB.

    Returns:
        (batch, month × band, y, x), NaN where a month has nothing.
    """
    if count == 1 and len(steps) == 1:
        return image
    series = by_date(image, bands)
    series = 10 ** (series / 10) if decibel else series
    place = torch.tensor(steps, device=image.device)
    seen = ~series.isnan()
    shape = (series.shape[0], count, *series.shape[2:])
    total = series.new_zeros(shape).index_add(1, place, series.nan_to_num(0.0))
    number = series.new_zeros(shape).index_add(1, place, seen.to(series))
    mean = torch.where(number > 0, total / number.clamp_min(1), torch.nan)
    return (10 * mean.log10() if decibel else mean).flatten(1, 2)
