"""The year in half-months: how series of other dates go into one batch.

Places have other numbers of dates, on other days. A window's series therefore has a slot for each half of a month,
which holds one of the dates of that half-month, of any year, drawn anew for each region that is read; slots without a
date are missing. So all series are equally long, a place shows other dates each time, and a date is at most eight days
from where its slot stands. What is pretrained this way reads series with their own dates afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SLOTS = tuple(f"2001-{month:02}-{day:02}" for month in range(1, 13) for day in (8, 23))
"""The days that stand for the half-months, in a year that stands for any."""

_SECOND_HALF = 16


def slot_of(day: str) -> int:
    """Returns the position in `SLOTS` of a day such as `2020-05-14`."""
    return 2 * (int(day[5:7]) - 1) + (int(day[8:10]) >= _SECOND_HALF)


def drawn_dates(days: Sequence[str], generator: np.random.Generator) -> dict[int, int]:
    """Draws a date for each slot that has some.

    Returns:
        By slot the position of its date, in the order of slots.
    """
    slots = np.array([slot_of(day) for day in days])
    return {int(slot): int(generator.choice(np.flatnonzero(slots == slot))) for slot in np.unique(slots)}
