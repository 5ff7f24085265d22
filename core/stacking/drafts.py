"""From files to the items of a stack: which files are one image, what its bands are, and when it was taken."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..errors import SceneError
from ..sensors import AUTO, GENERIC, SENSORS, match_bands
from ..stack_file import Stack, StackBand, StackItem, StackMask
from ..stack_names import PLANET_ORDERS, mask_kind
from .headers import Header


@dataclass(frozen=True)
class Draft:
    """An item before its pixels are looked at.

    Attributes:
        item: What its files say; its date is empty where they say nothing.
        header: Of the file with its finest band, which is the item's grid.
        baseline: Of Sentinel-2's processing; None: unknown.
        use: As in `CorrectionSpec`.
    """

    item: StackItem
    header: Header
    baseline: int | None = None
    use: bool | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """The files of its bands, each once."""
        return tuple(dict.fromkeys(band.path for band in self.item.bands))


def drafts_of(headers: Sequence[Header], date_bands: bool) -> tuple[list[Draft], dict[str, str]]:
    """Makes images of files: one, or one per band.

    Args:
        headers: Of files that are no masks.
        date_bands: As in `BuildStackSpec`.

    Returns:
        The images, and of the files that cannot be used, why.
    """
    drafts: list[Draft] = []
    unusable: dict[str, str] = {}
    groups: dict[tuple[str, ...], list[Header]] = {}
    for header in headers:
        single = header.named.band and len(header.descriptions) == 1
        key = (product_of(header.path), header.named.image) if single else (header.path,)
        groups.setdefault(key, []).append(header)
    for group in groups.values():
        try:
            drafts += _drafts_of(group, date_bands)
        except SceneError as error:
            unusable.update({header.path: str(error) for header in group})
    return _with_ids(drafts), unusable


def drafts_of_stack(stack: Stack, headers: dict[str, Header]) -> list[Draft]:
    """Returns the items of a stack that was built before; those with a file that cannot be used are left out."""
    drafts = []
    for item in stack.items:
        found = [headers[band.path] for band in item.bands if band.path in headers]
        if len(found) == len(item.bands):
            use = False if item.dropped == BY_HAND else None
            drafts.append(Draft(replace(item, dropped=""), _finest(found), found[0].baseline, use))
    return drafts


BY_HAND = "left out by hand"
"""Why an item is dropped that the user does not want."""


def _drafts_of(group: Sequence[Header], date_bands: bool) -> list[Draft]:
    first = group[0]
    if first.days and date_bands:
        return _of_date_bands(first)
    if first.named.band and len(first.descriptions) == 1:
        return [_of_single_bands(group)]
    return [_of_file(first)]


def _of_file(header: Header) -> Draft:
    """An image whose bands are in one file."""
    radar = header.named.radar or any(re.fullmatch(r"[vh][vh]", text.strip(), re.I) for text in header.descriptions)
    role, sensor = "sar" if radar else "optical", header.named.sensor or AUTO
    masks = [mask_kind(text) if text else "" for text in header.descriptions]
    stated: tuple[str, ...] = ()
    if sensor == GENERIC and not any(header.descriptions):
        stated = PLANET_ORDERS.get(len(masks), ())
    if sensor in SENSORS and not _speaks(sensor, header.descriptions):
        sensor = AUTO if any(header.descriptions) else sensor
    match = match_bands(role, header.descriptions, header.name, sensor, stated)
    bands = tuple(
        StackBand(name, header.path, place + 1)
        for place, (name, kind) in enumerate(zip(match.bands, masks, strict=True))
        if name and not kind
    )
    if not bands:
        raise SceneError(f"'{header.name}' has no bands that are known.", "Name its bands, or state its sensor.")
    place = next((place for place, kind in enumerate(masks) if kind), None)
    mask = None if place is None else StackMask(header.path, place + 1, masks[place])
    return _draft(os.path.splitext(header.name)[0], header.date, role, match.sensor, bands, header, mask)


def _speaks(sensor: str, descriptions: Iterable[str]) -> bool:
    """Whether some description is the name of one of a sensor's bands."""
    return any(SENSORS[sensor].canonical(text) for text in descriptions if text)


def _of_single_bands(group: Sequence[Header]) -> Draft:
    """An image with a file for each band; of a band at several resolutions, the finest is taken."""
    finest: dict[str, Header] = {}
    for header in sorted(group, key=lambda header: (header.grid.gsd, header.path)):
        finest.setdefault(header.named.band, header)
    names, files = list(finest), list(finest.values())
    role = "sar" if files[0].named.radar else "optical"
    match = match_bands(role, names, files[0].name, files[0].named.sensor or AUTO)
    bands = [StackBand(name, header.path, 1) for name, header in zip(match.bands, files, strict=True) if name]
    if not bands:
        raise SceneError(f"'{files[0].name}' is no band that is known.", "State its sensor.")
    order = SENSORS[match.sensor].names if match.sensor in SENSORS else tuple(sorted(names))
    bands.sort(key=lambda band: order.index(band.name))
    day = next((header.date for header in group if header.date), "")
    stem = files[0].named.image.strip("_-. ") or os.path.basename(product_of(files[0].path))
    return _draft(stem, day, role, match.sensor, tuple(bands), _finest(files), None)


def _of_date_bands(header: Header) -> list[Draft]:
    """An image for each band of a file; the band is named after the file."""
    stem = os.path.splitext(header.name)[0]
    name = next((word for word in re.split(r"[_\-. ]+", stem) if word.isalpha()), stem)
    return [
        _draft(f"{stem}_{day}", day, "optical", GENERIC, (StackBand(name, header.path, place),), header, None)
        for place, day in enumerate(header.days, 1)
    ]


def _draft(
    name: str, day: str, role: str, sensor: str, bands: tuple[StackBand, ...], header: Header, mask: StackMask | None
) -> Draft:
    return Draft(StackItem(name, day, role, sensor, AUTO, None, bands, mask), header, header.baseline)


def _finest(headers: Sequence[Header]) -> Header:
    return min(headers, key=lambda header: (header.grid.gsd, header.path))


def product_of(path: str) -> str:
    """Returns what the files of a product have in common: its `.SAFE` folder, or the folder that they lie in."""
    found = re.match(r".*\.SAFE(?=[/\\])", path, re.IGNORECASE)
    return found.group() if found else os.path.dirname(path)


def _with_ids(drafts: Sequence[Draft]) -> list[Draft]:
    """Makes ids unique: those that repeat get the names of their folders, then numbers."""
    done: list[Draft] = []
    taken: dict[str, str] = {}
    for draft in sorted(drafts, key=lambda draft: (draft.files, draft.item.bands[0].index)):
        product = product_of(draft.header.path)
        stem = name = draft.item.id
        if taken.get(name, product) != product:
            stem = name = f"{os.path.basename(product)}_{stem}"
        number = 2
        while name in taken:
            name, number = f"{stem}_{number}", number + 1
        taken[name] = product
        done.append(replace(draft, item=replace(draft.item, id=name)))
    return done
