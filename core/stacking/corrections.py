"""What the user knows better about images than their names and values."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from ..errors import SpecError
from ..sensors import AUTO, GENERIC, SENSORS
from ..specs.stacks import CorrectionSpec
from .drafts import Draft


def corrected(drafts: Sequence[Draft], corrections: Sequence[CorrectionSpec]) -> list[Draft]:
    """Returns the images with the corrections that are meant for them.

    Raises:
        SpecError: If a correction is for no image, or its sensor lacks a band that the image has.
    """
    result = list(drafts)
    for correction in corrections:
        places = [place for place, draft in enumerate(result) if _is_meant(draft, correction.image)]
        if not places:
            raise SpecError(
                f"No image '{correction.image}' is there to be corrected.",
                f"Name it by its id or file name, such as '{result[0].item.id}'." if result else "",
            )
        for place in places:
            result[place] = _corrected(result[place], correction)
    return result


def _is_meant(draft: Draft, image: str) -> bool:
    if image in (draft.item.id, draft.header.name):
        return True
    return os.path.isabs(image) and os.path.normpath(image) in draft.files


def _corrected(draft: Draft, correction: CorrectionSpec) -> Draft:
    item = draft.item
    if correction.date:
        item = replace(item, date=correction.date)
    if correction.sensor != AUTO:
        bands = item.bands
        if correction.sensor != GENERIC:
            profile = SENSORS[correction.sensor]
            names = [profile.canonical(band.name) for band in bands]
            unknown = [band.name for band, name in zip(bands, names, strict=True) if name is None]
            if unknown:
                raise SpecError(
                    f"'{item.id}' has the bands {', '.join(unknown)}, which {profile.title} does not have.",
                    f"Its bands are {', '.join(profile.names)}.",
                )
            bands = tuple(replace(band, name=name or "") for band, name in zip(bands, names, strict=True))
            item = replace(item, role=profile.role)
        item = replace(item, sensor=correction.sensor, bands=bands)
    if correction.units != AUTO:
        item = replace(item, units=correction.units)
    if correction.offset is not None:
        item = replace(item, offset=correction.offset)
    return replace(draft, item=item, use=draft.use if correction.use is None else correction.use)
