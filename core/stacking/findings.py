"""What a person should know about a series of images before using it, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from statistics import median

from ..sensors import GENERIC, SENSORS
from .drafts import Draft
from .headers import code_of

LONG_GAP = 3.0
"""A gap is named that is so many times as long as the usual one."""

_MOST_NAMED = 5


def apart(drafts: Sequence[Draft]) -> dict[str, str]:
    """Returns, by id, why images lie elsewhere than most: they overlap with fewer than half of the others."""
    grids = [draft.header.grid for draft in drafts]
    distinct: list[int] = []
    place_of = []
    for number, grid in enumerate(grids):
        same = next((place for place, other in enumerate(distinct) if grids[other].same(grid)), None)
        if same is None:
            same = len(distinct)
            distinct.append(number)
        place_of.append(same)
    counts = Counter(place_of)
    found = {}
    for number, draft in enumerate(drafts):
        mine = grids[number]
        touched = sum(count for place, count in counts.items() if grids[distinct[place]].overlaps(mine))
        if 2 * touched < len(drafts):
            found[draft.item.id] = (
                f"'{draft.header.name}' ({crs_of(draft)}) does not overlap most of the other images; is it of another "
                "place, or is its coordinate reference system wrong?"
            )
    return found


def series_findings(role: str, drafts: Sequence[Draft]) -> list[str]:
    """Returns what is noteworthy about the images of a role: repeated days, gaps, mixed sensors, bands and grids."""
    kind = {"optical": "optical", "sar": "radar"}[role]
    return [
        *_repeated(kind, drafts),
        *_gaps(kind, drafts),
        *_sensors(kind, drafts),
        *_bands(kind, drafts),
        *_grids(kind, drafts),
    ]


def _repeated(kind: str, drafts: Sequence[Draft]) -> list[str]:
    by_day: dict[str, list[str]] = {}
    for draft in drafts:
        by_day.setdefault(draft.item.date, []).append(draft.item.id)
    repeated = [f"{day} ({listed(names)})" for day, names in sorted(by_day.items()) if len(names) > 1]
    if not repeated:
        return []
    days = "day has" if len(repeated) == 1 else "days have"
    return [
        f"{len(repeated)} {days} more than one {kind} image: {listed(repeated, '')}. Drop those that you do not want."
    ]


def _gaps(kind: str, drafts: Sequence[Draft]) -> list[str]:
    days = sorted({date.fromisoformat(draft.item.date) for draft in drafts})
    steps = [(later - earlier).days for earlier, later in zip(days, days[1:], strict=False)]
    usual = median(steps) if len(steps) > 1 else 0
    long = [place for place, step in enumerate(steps) if usual and step >= LONG_GAP * usual]
    if not long:
        return []
    longest = sorted(sorted(long, key=lambda place: -steps[place])[:_MOST_NAMED])
    parts = [f"{days[place]} to {days[place + 1]} ({steps[place]} days)" for place in longest]
    more = f" and {len(long) - _MOST_NAMED} shorter ones" if len(long) > _MOST_NAMED else ""
    return [f"Gaps between {kind} images, of which usually {usual:g} days lie between two: {', '.join(parts)}{more}."]


def _sensors(kind: str, drafts: Sequence[Draft]) -> list[str]:
    counts = Counter(draft.item.sensor for draft in drafts)
    if len(counts) < 2:
        return []
    parts = [f"{count} of {_title(sensor)}" for sensor, count in sorted(counts.items(), key=lambda e: (-e[1], e[0]))]
    return [f"The {kind} images are of different sensors or levels: {', '.join(parts)}."]


def _bands(kind: str, drafts: Sequence[Draft]) -> list[str]:
    sets = [tuple(band.name for band in draft.item.bands) for draft in drafts]
    if len(set(map(frozenset, sets))) < 2:
        return []
    common = [name for name in sets[0] if all(name in names for names in sets)]
    if common:
        return [f"The {kind} images have different bands; those that all have are used: {', '.join(common)}."]
    rare = min(sets, key=lambda names: (sets.count(names), names))
    names = [draft.item.id for draft, bands in zip(drafts, sets, strict=True) if bands == rare]
    return [
        f"The {kind} images have no band in common, so that they make no series: {listed(names)} with "
        f"{', '.join(rare[:_MOST_NAMED])} should be left out, or their sensor corrected."
    ]


def _grids(kind: str, drafts: Sequence[Draft]) -> list[str]:
    groups: list[list[Draft]] = []
    for draft in drafts:
        same = next((group for group in groups if group[0].header.grid.same(draft.header.grid)), None)
        if same is None:
            groups.append([draft])
        else:
            same.append(draft)
    if len(groups) < 2:
        return []
    groups.sort(key=lambda group: (-len(group), group[0].item.id))
    parts = [f"{len(group)} on {_grid(group[0])}" for group in groups[:_MOST_NAMED]]
    more = f", and {len(groups) - _MOST_NAMED} grids more" if len(groups) > _MOST_NAMED else ""
    return [
        f"The {kind} images lie on {len(groups)} grids and are aligned while they are read: {'; '.join(parts)}{more}."
    ]


def _grid(draft: Draft) -> str:
    grid = draft.header.grid
    return f"{crs_of(draft)}, {grid.gsd:g} m, {grid.width} × {grid.height} pixels (such as '{draft.item.id}')"


def crs_of(draft: Draft) -> str:
    """Returns the coordinate reference system of an image for people."""
    code = code_of(draft.header.grid.crs)
    return f"EPSG:{code}" if code else "a reference system without a code"


def _title(sensor: str) -> str:
    return "unknown sensors" if sensor == GENERIC else SENSORS[sensor].title


def listed(names: Sequence[str], quote: str = "'") -> str:
    """Returns names, of many the first ones and how many more there are."""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(f"{quote}{name}{quote}" for name in names[:_MOST_NAMED]) + more
