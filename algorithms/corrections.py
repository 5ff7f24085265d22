"""Corrections of dated images as text, as people type them and the dialog writes them."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Sequence, Tuple

from ..core.errors import SpecError
from ..core.sensors import AUTO
from ..core.specs import CorrectionSpec
from .text import tr

_CHOICES = {"drop": False, "keep": True}


def read_corrections(text: str) -> Tuple[CorrectionSpec, ...]:
    """Returns the corrections in a text such as 'july.tif: 2020-07-11, sensor=landsat-8; S2_20200514: drop'.

    Raises:
        SpecError: If a part of it is not of this form.
    """
    return tuple(_correction(entry.strip()) for entry in re.split(r"[;\n]", text) if entry.strip())


def corrections_text(corrections: Sequence[CorrectionSpec]) -> str:
    """Returns the text that `read_corrections` reads."""
    entries = []
    for one in corrections:
        words: List[str] = [one.date] if one.date else []
        words += [f"{name}={value}" for name, value in (("sensor", one.sensor), ("units", one.units)) if value != AUTO]
        words += [f"offset={one.offset:g}"] if one.offset is not None else []
        words += [] if one.use is None else ["keep" if one.use else "drop"]
        if words:
            entries.append(f"{one.image}: {', '.join(words)}")
    return "; ".join(entries)


def _correction(entry: str) -> CorrectionSpec:
    image, colon, rest = entry.rpartition(":")
    words = [word.strip() for word in rest.split(",") if word.strip()]
    if not colon or not image.strip() or not words:
        raise _wrong(entry)
    values: Dict[str, Any] = {"image": image.strip()}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        if word.lower() in _CHOICES:
            values["use"] = _CHOICES[word.lower()]
        elif re.fullmatch(r"\d{4}-\d\d-\d\d", word):
            values["date"] = word
        elif equals and name in ("date", "sensor", "units"):
            values[name] = value
        elif equals and name == "offset" and re.fullmatch(r"-?\d+(\.\d+)?", value):
            values["offset"] = float(value)
        else:
            raise _wrong(entry)
    return CorrectionSpec(**values)


def _wrong(entry: str) -> SpecError:
    return SpecError(
        tr("'{entry}' is no correction.").format(entry=entry),
        tr("Expected an image and what is right, as in 'july.tif: 2020-07-11, sensor=landsat-8' or 'may.tif: drop'."),
    )
