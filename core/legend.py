"""The class legend: the value, name and colour of each class, from the drawn labels to the finished map."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, Iterable, Iterator, List, Tuple

from .errors import LabelError

NO_DATA = 0
"""The map value of pixels without a class."""

MAX_VALUE = 255
"""Class maps are 8-bit."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")

PALETTE = (
    "#4477aa", "#228833", "#ccbb44", "#ee6677", "#aa3377", "#66ccee", "#bbbbbb", "#997700",
    "#44bb99", "#aaaa00", "#ee8866", "#99ddff", "#ffaabb", "#77aadd", "#bbcc33", "#dddddd",
)  # fmt: skip
"""Paul Tol's colour-blind safe qualitative schemes, for classes that bring no colour of their own."""


@dataclass(frozen=True)
class LegendClass:
    """One class: its value in the map (1 to 255), its name, and its colour as `#rrggbb`."""

    value: int
    name: str
    colour: str


@dataclass(frozen=True)
class ClassLegend:
    """The classes of a map, in the order of the model's outputs.

    Raises:
        LabelError: If a value is repeated or does not fit an 8-bit map, or a colour is not `#rrggbb`.
    """

    classes: Tuple[LegendClass, ...]

    def __post_init__(self) -> None:
        values = [entry.value for entry in self.classes]
        if len(set(values)) != len(values):
            raise LabelError(f"Class values are repeated: {values}.", "Give each class a value of its own.")
        for entry in self.classes:
            if not NO_DATA < entry.value <= MAX_VALUE:
                raise LabelError(
                    f"Class '{entry.name}' has the value {entry.value}; maps hold values from 1 to {MAX_VALUE}.",
                    "Use smaller class values, or class names instead of numbers.",
                )
            if not _COLOUR.fullmatch(entry.colour):
                raise LabelError(f"Class '{entry.name}' has the colour '{entry.colour}'.", "Expected #rrggbb.")

    def __len__(self) -> int:
        return len(self.classes)

    def __iter__(self) -> Iterator[LegendClass]:
        return iter(self.classes)

    @property
    def values(self) -> Tuple[int, ...]:
        """The map values, in the order of the model's outputs."""
        return tuple(entry.value for entry in self.classes)

    @property
    def names(self) -> Tuple[str, ...]:
        """The class names, in the order of the model's outputs."""
        return tuple(entry.name for entry in self.classes)

    def to_json(self) -> List[Dict[str, Any]]:
        """Returns the legend as a list of `{value, name, colour}`."""
        return [{"value": entry.value, "name": entry.name, "colour": entry.colour} for entry in self.classes]

    @classmethod
    def from_json(cls, entries: Iterable[Dict[str, Any]]) -> ClassLegend:
        """Rebuilds a legend from `to_json`'s list."""
        return cls(tuple(LegendClass(int(e["value"]), str(e["name"]), str(e["colour"]).lower()) for e in entries))

    @classmethod
    def from_names(cls, names: Iterable[str]) -> ClassLegend:
        """Numbers class names from 1 and gives them colours of the palette."""
        return cls(tuple(LegendClass(i + 1, name, palette_colour(i)) for i, name in enumerate(names)))


def palette_colour(index: int) -> str:
    """Returns the palette's colour for the class at `index`; the palette repeats after its end."""
    return PALETTE[index % len(PALETTE)]


def legend_of_values(values: Iterable[Any]) -> ClassLegend:
    """Makes a legend of the distinct values of a class attribute.

    Whole numbers from 1 to 255 stay the map's values, as analysts expect of their class codes; anything else
    (names, other numbers) is sorted and numbered from 1.
    """
    distinct = sorted({class_key(value) for value in values})
    if all(key.isdigit() and NO_DATA < int(key) <= MAX_VALUE for key in distinct):
        codes = sorted(int(key) for key in distinct)
        return ClassLegend(tuple(LegendClass(code, str(code), palette_colour(i)) for i, code in enumerate(codes)))
    return ClassLegend.from_names(distinct)


def class_key(value: Any) -> str:
    """Returns an attribute value as the text under which classes are compared: 3, 3.0 and '3' are one class."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
