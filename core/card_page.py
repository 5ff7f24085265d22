"""A checkpoint's card as a page to read: one HTML file without anything from outside, in light and dark.

Standard library only, and Python 3.9, since QGIS shows cards without the engine.
"""

from __future__ import annotations

import os
from html import escape
from typing import Any, Dict, Iterable, List, Sequence, Tuple

from . import card_words as words
from .cards import BY_POSITION, Card, Normalisation, SourceCard
from .sensors import MANY_BANDS, SENSORS

_STYLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates", "style.css")

_PROVENANCE = {
    "method": "Method",
    "data": "Data",
    "labels": "Labels",
    "split": "Held out",
    "seed": "Seed",
    "parent": "Made from",
    "licence": "Licence of the weights",
    "versions": "Versions",
}
"""What is known of how a checkpoint was made, in the order of the page; anything else follows under its own name."""

_ELSEWHERE = ("metrics", "warnings")
"""Parts of the provenance that have a section of their own."""

_MOST_WORDS = 12
"""Longer lists are folded."""

_SIGMAS = {
    "z-score": (0.0, 1.0),
    "2-sigma": (2.0, 4.0),
    "3-sigma": (3.0, 6.0),
    "scene-2-sigma": (2.0, 4.0),
    "scene-z-score": (0.0, 1.0),
}
"""By method, how many standard deviations the offset lies below the mean, and how many the scale has."""


def card_page(card: Card, name: str) -> str:
    """Returns the page about a checkpoint.

    Args:
        card: Its card.
        name: Its file name.
    """
    with open(_STYLE, encoding="utf-8") as file:
        style = file.read()
    sections = (
        _warnings(card),
        _section("How to use it", f"<p>{escape(words.needs(card))}</p><p>{escape(words.use(card))}</p>"),
        _classes(card),
        *(_source(source) for source in card.sources),
        _accuracy(card),
        _provenance(card),
        _network(card),
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(name)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n<header>\n"
        f'<h1>{escape(name)}</h1>\n<p class="lead">{escape(words.headline(card))}</p>\n</header>\n'
        + "\n".join(section for section in sections if section)
        + "\n</main>\n</body>\n</html>\n"
    )


def _warnings(card: Card) -> str:
    warnings = card.provenance.get("warnings") or ()
    if not isinstance(warnings, (list, tuple)):
        warnings = (warnings,)
    items = "".join(f"<li>{escape(str(warning))}</li>" for warning in warnings)
    if not items:
        return ""
    return f'<section class="warnings" role="note">\n<h2>Before you use this</h2>\n<ul>{items}</ul>\n</section>'


def _classes(card: Card) -> str:
    if card.legend is None:
        return ""
    rows = [(_swatch(entry.colour) + escape(entry.name), str(entry.value), entry.colour) for entry in card.legend]
    return _section("Classes", _table(("Class", "Value in the map", "Colour"), rows))


def _source(source: SourceCard) -> str:
    """What the model expects of one layer."""
    facts = {
        "Sensor": words.sensor(source),
        "Units": words.units(source),
        "Ground sampling distance": f"{source.gsd:g} m" if source.gsd else "not known",
        "Scaling": words.normalisation(source.normalisation),
        "Needed": _need(source),
    }
    if source.maker:
        facts["Made by"] = source.maker
    title = f"What it reads: {words.role(source)} image"
    return _section(title, _facts({name: escape(text) for name, text in facts.items()}) + _bands(source))


def _need(source: SourceCard) -> str:
    layer = "no, it also works without this image" if source.optional else "yes"
    return f"{layer}; a part of the bands is enough" if source.partial else f"{layer}; all bands"


def _bands(source: SourceCard) -> str:
    """The bands in the order of the model's channels, with the numbers of their scaling."""
    scaling = source.normalisation
    known = [(words.meaning(source.sensor, band), words.wavelength(source.sensor, band)) for band in source.bands]
    columns: List[Tuple[str, Sequence[str]]] = [("Band", [escape(band) for band in source.bands])]
    for title, texts in (("Shows", [pair[0] for pair in known]), ("Wavelength", [pair[1] for pair in known])):
        if any(texts):
            columns.append((title, [escape(text) for text in texts]))
    columns += [(title, [_number(value) for value in values]) for title, values in _scalings(scaling)]
    rows = zip(*(values for _, values in columns if len(values) == len(source.bands)))
    titles = [title for title, values in columns if len(values) == len(source.bands)]
    if not source.bands:
        return ""
    note = "In the order of the model's channels; LandSketch finds bands by their names, in any order."
    if source.sensor == BY_POSITION:
        note = (
            "Bands are taken in the order of the file; check that yours lie in the order that the model was made for."
        )
    table = _table(titles, list(rows))
    if len(source.bands) > MANY_BANDS:
        table = _folded(f"{len(source.bands)} bands", table)
    return f'<p style="margin-top: .8rem">{note}</p>{table}'


def _scalings(scaling: Normalisation) -> List[Tuple[str, Sequence[float]]]:
    """Titles and values, one for each band, of the numbers of a normalisation."""
    columns: List[Tuple[str, Sequence[float]]] = []
    if scaling.method in _SIGMAS and not scaling.is_open:
        below, width = _SIGMAS[scaling.method]
        deviations = [scale / width for scale in scaling.scale]
        means = [offset + below * sigma for offset, sigma in zip(scaling.offset, deviations)]
        columns += [("Mean μ", means), ("Deviation σ", deviations)]
    if not scaling.method.endswith("z-score"):
        columns += [("Offset", scaling.offset), ("Scale", scaling.scale)]
    return columns


def _accuracy(card: Card) -> str:
    """The accuracy on held-out labels, as `core.metrics.Accuracy.to_json` writes it."""
    metrics = card.provenance.get("metrics")
    if not isinstance(metrics, dict) or not isinstance(metrics.get("classes"), list):
        return ""
    macro = metrics.get("macro")
    macro = macro if isinstance(macro, dict) else {}
    averages = {
        "Overall accuracy": metrics.get("oa"),
        "Macro F1": macro.get("f1"),
        "Mean IoU": macro.get("iou"),
        "Kappa": metrics.get("kappa"),
    }
    tiles = "".join(
        f"<div><b>{escape(title)}</b><strong>{_ratio(value)}</strong></div>" for title, value in averages.items()
    )
    colours = {entry.name: entry.colour for entry in card.legend or ()}
    rows = [
        (
            _swatch(colours.get(str(entry.get("name")), "#888888")) + escape(str(entry.get("name"))),
            _number(entry.get("support")),
            *(_ratio(entry.get(key)) for key in ("recall", "precision", "f1", "iou")),
        )
        for entry in metrics["classes"]
        if isinstance(entry, dict)
    ]
    note = "<p>On labels that training did not see; 'How it was made' says which.</p>"
    table = _table(("Class", "Reference pixels", "Recall", "Precision", "F1", "IoU"), rows)
    return f'<section class="headline">{tiles}</section>\n' + _section("How accurate it was", note + table)


def _provenance(card: Card) -> str:
    values = {key: value for key, value in card.provenance.items() if key not in _ELSEWHERE}
    order = [key for key in _PROVENANCE if key in values] + [key for key in values if key not in _PROVENANCE]
    facts = {_PROVENANCE.get(key, _title(key)): _value(values[key]) for key in order if _is_said(values[key])}
    return _section("How it was made", _facts(facts)) if facts else ""


def _network(card: Card) -> str:
    metres = next((source.gsd for source in card.sources if source.gsd), 0.0)
    side = f" ({card.tile * metres / 1000:.3g} km)" if metres else ""
    facts = {_title(key): _value(value) for key, value in card.architecture.items()}
    facts["Tiles"] = (
        f"best {card.tile} × {card.tile} pixels{side}; {card.halo} pixels at each side serve as context only"
    )
    facts["Card"] = f"schema {card.schema}"
    return _section("The network", _facts(facts))


def _value(value: Any) -> str:
    """Returns a JSON value as HTML: tables for lists of alike objects, long lists folded."""
    if isinstance(value, dict):
        pairs = [f"{escape(_plain(k))} {_value(v)}" for k, v in value.items() if k != "name" and _is_said(v)]
        if "name" not in value:
            return ", ".join(pairs)
        return _value(value["name"]) + (f" ({', '.join(pairs)})" if pairs else "")
    if isinstance(value, (list, tuple)):
        return _list(list(value))
    return _number(value)


def _list(values: List[Any]) -> str:
    if values and all(isinstance(value, dict) for value in values):
        keys = list(dict.fromkeys(key for value in values for key in value))
        keys = [key for key in keys if any(_is_said(value.get(key)) for value in values)]
        rows = [[_cell(key, value.get(key)) for key in keys] for value in values]
        return _table([_title(key) for key in keys], rows)
    text = ", ".join(_value(value) for value in values)
    if len(values) <= _MOST_WORDS:
        return text
    return _folded(f"{len(values)} entries", text)


def _cell(key: Any, value: Any) -> str:
    if key == "sensor" and value in SENSORS:
        return escape(SENSORS[value].title)
    return _value(value) if _is_said(value) else "–"


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def _is_said(value: Any) -> bool:
    return value is not None and value != "" and value != [] and value != {} and value != ()


def _number(value: Any) -> str:
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


def _ratio(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, (int, float)) else "–"


def _plain(key: Any) -> str:
    return str(key).replace("_", " ")


def _title(key: Any) -> str:
    text = _plain(key)
    return text[:1].upper() + text[1:]


def _swatch(colour: str) -> str:
    return f'<span class="swatch" style="background: {escape(colour)}"></span>'


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>"


def _facts(facts: Dict[str, str]) -> str:
    """Names, and values as HTML."""
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{value}</td></tr>' for name, value in facts.items())
    return f'<table class="facts">{rows}</table>\n'


def _table(titles: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML; the first of each row names it."""
    head = _cells([escape(title) for title in titles], "th")
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>\n"


def _cells(cells: Sequence[str], others: str = "td") -> str:
    first, *rest = cells
    return f'<th scope="row">{first}</th>' + "".join(f"<{others}>{cell}</{others}>" for cell in rest)
