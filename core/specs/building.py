"""From plain JSON values to a dataclass, naming the field where they do not fit."""

from __future__ import annotations

import dataclasses
from typing import Any, List, Tuple, Union, get_args, get_origin, get_type_hints

from ..errors import SpecError


def given(name: str, value: str) -> None:
    """Checks that a field has a value."""
    if not value:
        raise SpecError(f"'{name}' is missing.")


def choice(name: str, value: str, choices: Tuple[str, ...]) -> None:
    """Checks that a field's value is one of some."""
    if value not in choices:
        raise SpecError(f"{name} is '{value}'.", f"Expected one of {', '.join(choices)}.")


def build(cls: type, values: Any, where: str) -> Any:
    """Builds the dataclass `cls` from plain JSON values, naming the field where they do not fit."""
    if not isinstance(values, dict):
        raise SpecError(f"{where} is {type(values).__name__}; an object with fields is expected.")
    hints = get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise SpecError(f"{where} has unknown fields: {', '.join(unknown)}.", f"Known ones: {', '.join(fields)}.")
    required = [
        n for n, f in fields.items() if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    missing = [name for name in required if name not in values]
    if missing:
        raise SpecError(f"{where} lacks the fields {', '.join(missing)}.")
    return cls(**{name: _convert(hints[name], value, f"{where}.{name}") for name, value in values.items()})


def _convert(hint: Any, value: Any, where: str) -> Any:
    """Converts a JSON value to the annotated type of its field."""
    if hint is Any:
        return value
    if get_origin(hint) is Union:
        return _convert_union(get_args(hint), value, where)
    if get_origin(hint) is tuple:
        if not isinstance(value, (list, tuple)):
            raise SpecError(f"{where} is {value!r}; a list is expected.")
        return tuple(_convert(get_args(hint)[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if dataclasses.is_dataclass(hint):
        return value if isinstance(value, hint) else build(hint, value, where)  # type: ignore[arg-type]
    expected: Any = (int, float) if hint is float else get_origin(hint) or hint
    if not isinstance(value, expected) or (isinstance(value, bool) and hint is not bool):
        raise SpecError(f"{where} is {value!r}; {getattr(hint, '__name__', hint)} is expected.")
    return value


def _convert_union(options: Tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in options:
        return None
    problems: List[SpecError] = []
    for option in options:
        if option is type(None):
            continue
        try:
            return _convert(option, value, where)
        except SpecError as error:
            problems.append(error)
    raise problems[-1]
