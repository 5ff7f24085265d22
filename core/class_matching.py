"""Which class of a reference is which class of a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .class_rasters import RasterClass
from .errors import LabelError
from .legend import palette_colour


@dataclass(frozen=True)
class ReferenceClass:
    """A class of the reference.

    Attributes:
        name: As people call it.
        value: Its number in the sense of map values; None where the reference only has names.
        colour: `#rrggbb`, or ''.
        pixels: Compared pixels.
    """

    name: str
    value: int | None
    colour: str = ""
    pixels: int = 0


@dataclass(frozen=True)
class ComparedClass:
    """A row and column of the confusion matrix; `value` is None where the map has no such class."""

    name: str
    value: int | None
    colour: str


@dataclass(frozen=True)
class Matching:
    """Result of matching.

    Attributes:
        classes: Of the confusion matrix: the map's in the order of its values, then those only the reference has.
        of_reference: Position of each reference class, by the reference's own code.
        of_map: Position of each map value.
        warnings: What the user should know about it.
    """

    classes: tuple[ComparedClass, ...]
    of_reference: dict[int, int]
    of_map: dict[int, int]
    warnings: tuple[str, ...]


def match_classes(reference: Mapping[int, ReferenceClass], mapped: Sequence[RasterClass]) -> Matching:
    """Matches reference to map classes: by name where both have names (ignoring case), else by value.

    Names come first because values are often numbered anew from one layer to the next: 1 may be 'water' in the map and
    'forest' in the reference. A class that only one side knows keeps a row and column of its own, and its pixels are
    errors.

    Args:
        reference: The classes by the reference's own codes.
        mapped: The classes that occur in the map.

    Raises:
        LabelError: If no class of the reference is one of the map.
    """
    mapped = sorted(mapped, key=lambda entry: entry.value)
    by_name = {_plain(entry.name): i for i, entry in enumerate(mapped) if entry.named}
    by_value = {entry.value: i for i, entry in enumerate(mapped)}
    of_reference = {code: by_name[_plain(c.name)] for code, c in reference.items() if _plain(c.name) in by_name}
    taken = set(of_reference.values())
    warnings = []
    for code, entry in reference.items():
        place = by_value.get(entry.value) if entry.value is not None else None
        if code in of_reference or place is None or place in taken:
            continue
        of_reference[code] = place
        if mapped[place].named and entry.name != str(entry.value):
            warnings.append(
                f"Reference class '{entry.name}' is compared with map class '{mapped[place].name}', because both have "
                f"the value {entry.value}."
            )
    if reference and not of_reference:
        raise LabelError(
            f"The reference has the classes {_listed([c.name for c in reference.values()])}; the map has "
            f"{_listed([c.name for c in mapped])}. They have none in common.",
            "Choose the field that holds the class names or values of the map.",
        )
    classes = [_map_class(entry, i, reference, of_reference) for i, entry in enumerate(mapped)]
    missing = {code: entry for code, entry in reference.items() if code not in of_reference}
    own: dict[str, int] = {}
    for code, entry in missing.items():
        if _plain(entry.name) not in own:
            own[_plain(entry.name)] = len(classes)
            classes.append(
                ComparedClass(_unused(entry.name, classes), None, entry.colour or palette_colour(len(classes)))
            )
        of_reference[code] = own[_plain(entry.name)]
    warnings += _unmatched(
        list(missing.values()), [c for i, c in enumerate(mapped) if i not in set(of_reference.values())]
    )
    return Matching(tuple(classes), of_reference, {entry.value: i for i, entry in enumerate(mapped)}, tuple(warnings))


def _map_class(
    entry: RasterClass, place: int, reference: Mapping[int, ReferenceClass], of_reference: Mapping[int, int]
) -> ComparedClass:
    """Takes name and colour from the reference where the map has none."""
    partner = next((reference[code] for code, other in of_reference.items() if other == place), None)
    name = entry.name if entry.named or partner is None else partner.name
    colour = entry.colour or (partner.colour if partner else "") or palette_colour(place)
    return ComparedClass(name, entry.value, colour)


def _unmatched(missing: Sequence[ReferenceClass], surplus: Sequence[RasterClass]) -> list[str]:
    warnings = []
    if missing:
        pixels = sum(entry.pixels for entry in missing)
        some = f"their {pixels} pixels count" if pixels > 1 else "its pixel counts"
        warnings.append(
            f"The map does not have what the reference calls {_listed([c.name for c in missing])}; {some} as wrong."
        )
    if surplus:
        warnings.append(
            f"The reference does not have the map classes {_listed([c.name for c in surplus])}; whether they are "
            "complete is unknown."
        )
    return warnings


def _unused(name: str, classes: Sequence[ComparedClass]) -> str:
    return f"{name} (reference)" if name in {entry.name for entry in classes} else name


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
