"""Which mask belongs to which image."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace

from ..specs.stacks import MASK_KINDS
from ..stack_file import StackMask
from ..stack_names import mask_kind
from .drafts import Draft, product_of
from .headers import Header

_PREFERRED = ("scl", "qa_pixel", "udm2", "hls_fmask", "fmask", "force_qai", "qa60", "mask", "probability")
"""Masks that tell shadows come before those that do not."""


def with_masks(drafts: Sequence[Draft], masks: Sequence[Header]) -> list[Draft]:
    """Gives each optical image the mask of its day and place that fits best; one among its own bands stays.

    Of several, the one of the same product is taken, then of the kind that tells most, then of the most similar name.
    """
    return [
        replace(draft, item=replace(draft.item, mask=draft.item.mask or _mask_for(draft, masks)))
        if draft.item.role == "optical"
        else draft
        for draft in drafts
    ]


def _mask_for(draft: Draft, masks: Sequence[Header]) -> StackMask | None:
    day, found = draft.item.date, []
    for mask in masks:
        if not day or day not in (mask.date, *mask.days):
            continue
        if not draft.header.grid.overlaps(mask.grid):
            continue
        if mask.date:
            found.append((_rank(draft, mask), _used(mask)))
        else:
            # A day may come twice, as in the images' own bands: the same position is the same moment then.
            index = draft.item.bands[0].index
            place = index if mask.days[index - 1 : index] == (day,) else mask.days.index(day) + 1
            found.append((_rank(draft, mask), StackMask(mask.path, place, mask.named.mask)))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _rank(draft: Draft, mask: Header) -> tuple[bool, int, int, float, str]:
    other = product_of(draft.header.path) != product_of(mask.path)
    shared = len(_words(draft.header.path) & _words(mask.path))
    return other, _PREFERRED.index(mask.named.mask), -shared, mask.grid.gsd, mask.path


def _words(path: str) -> set[str]:
    return set(re.split(r"[_\-. ]+", os.path.basename(path).lower()))


def _used(mask: Header) -> StackMask:
    """Returns the band of a mask's file that is the mask: by its description, or the first."""
    for place, text in enumerate(mask.descriptions, 1):
        kind = mask_kind(text) if text else ""
        if kind in MASK_KINDS and kind != "mask":
            return StackMask(mask.path, place, mask.named.mask if mask.named.mask != "mask" else kind)
    return StackMask(mask.path, 1, mask.named.mask)
