"""Dividing time: which dates make one composite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Period:
    """Some days, and the images of a series that were taken then.

    Attributes:
        start: First day.
        end: Last day.
        members: Positions of the images in the series, in order.
    """

    start: date
    end: date
    members: tuple[int, ...]

    @property
    def middle(self) -> date:
        """The day in the middle, which stands for the period."""
        return self.start + (self.end - self.start) / 2

    @property
    def name(self) -> str:
        """First and last day, for file names; the day itself where that is all."""
        days = f"{self.start:%Y%m%d}_{self.end:%Y%m%d}"
        return days if self.start != self.end else f"{self.start:%Y%m%d}"


def periods_of(days: Sequence[str], start: str, end: str, every: str, length: int = 10) -> list[Period]:
    """Divides time; periods without an image are among them.

    Args:
        days: Of the images, in order, as `2020-05-14`.
        start: First day that is taken. Months begin with its month.
        end: Last day that is taken.
        every: One of `core.specs.PERIODS`.
        length: Days of a period for `days`; the last one may reach beyond the end.
    """
    taken = [date.fromisoformat(day) for day in days]
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return [
        Period(begin, stop, tuple(i for i, day in enumerate(taken) if max(begin, first) <= day <= min(stop, last)))
        for begin, stop in _spans(taken, every, length, first, last)
    ]


def _spans(taken: Sequence[date], every: str, length: int, first: date, last: date) -> list[tuple[date, date]]:
    if every == "date":
        return [(day, day) for day in sorted(set(taken)) if first <= day <= last]
    spans = []
    begin = first.replace(day=1) if every == "month" else first
    while begin <= last:
        following = _next_month(begin) if every == "month" else begin + timedelta(days=length)
        spans.append((begin, following - timedelta(days=1)))
        begin = following
    return spans


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
