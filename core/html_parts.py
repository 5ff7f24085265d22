"""Values as HTML: tables, facts, folded lists. Text is escaped; what is called HTML is taken as it is.

Standard library only, and Python 3.9, since QGIS shows cards without the engine.
"""

from __future__ import annotations

from html import escape
from typing import Any, Dict, Iterable, List, Sequence

from .sensors import SENSORS

_MOST_WORDS = 12
"""Longer lists are folded."""


def value_of(value: Any) -> str:
    """Returns a JSON value as HTML: tables for lists of alike objects, long lists folded."""
    if isinstance(value, dict):
        pairs = [f"{escape(plain(k))} {value_of(v)}" for k, v in value.items() if k != "name" and is_said(v)]
        if "name" not in value:
            return ", ".join(pairs)
        return value_of(value["name"]) + (f" ({', '.join(pairs)})" if pairs else "")
    if isinstance(value, (list, tuple)):
        return _list(list(value))
    return number(value)


def _list(values: List[Any]) -> str:
    if values and all(isinstance(value, dict) for value in values):
        keys = list(dict.fromkeys(key for value in values for key in value))
        keys = [key for key in keys if any(is_said(value.get(key)) for value in values)]
        rows = [[_cell(key, value.get(key)) for key in keys] for value in values]
        return table([titled(key) for key in keys], rows)
    return folded_list(values)


def folded_list(values: Sequence[Any]) -> str:
    """Returns values beside each other; many of them folded."""
    text = ", ".join(value_of(value) for value in values)
    if len(values) <= _MOST_WORDS:
        return text
    return folded(f"{len(values)} names", text)


def _cell(key: Any, value: Any) -> str:
    if key == "sensor" and value in SENSORS:
        return escape(SENSORS[value].title)
    return value_of(value) if is_said(value) else "–"


def folded(title: str, content: str) -> str:
    """Returns HTML that is shown on a click on its title."""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def as_list(value: Any) -> List[Any]:
    """Returns a value that may be one or many as many."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def is_said(value: Any) -> bool:
    """Whether there is anything to show."""
    return value is not None and value != "" and value != [] and value != {} and value != ()


def number(value: Any) -> str:
    """Returns a single value as HTML; numbers with as many digits as matter."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return escape(str(value))


def ratio(value: Any) -> str:
    """Returns a number from 0 to 1."""
    return f"{value:.3f}" if isinstance(value, (int, float)) else "–"


def plain(key: Any) -> str:
    """Returns a key as words."""
    return str(key).replace("_", " ")


def titled(key: Any) -> str:
    """Returns a key as a title."""
    text = plain(key)
    return text[:1].upper() + text[1:]


def swatch(colour: str) -> str:
    """Returns a patch of a colour."""
    return f'<span class="swatch" style="background: {escape(colour)}"></span>'


def section(title: str, body: str) -> str:
    """Returns HTML under a title."""
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>"


def facts(values: Dict[str, str]) -> str:
    """Returns a table of names, and of values that are HTML."""
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{value}</td></tr>' for name, value in values.items())
    return f'<table class="facts">{rows}</table>\n'


def table(titles: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table of cells that are HTML; the first of each row names it."""
    head = _cells([escape(title) for title in titles], "th")
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>\n"


def _cells(cells: Sequence[str], others: str = "td") -> str:
    first, *rest = cells
    return f'<th scope="row">{first}</th>' + "".join(f"<{others}>{cell}</{others}>" for cell in rest)
