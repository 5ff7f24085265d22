"""A checkpoint's card as a page to read: one HTML file without anything from outside, in light and dark.

Standard library only, and Python 3.9, since QGIS shows cards without the engine.
"""

from __future__ import annotations

import os
from html import escape
from typing import Any, Dict, List, Sequence, Tuple

from . import card_words as words
from . import html_parts as html
from .cards import BY_POSITION, Card, Normalisation, SourceCard
from .sensors import MANY_BANDS

_STYLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates", "style.css")

_PROVENANCE = {
    "method": "Method",
    "encoder": "Encoder",
    "trained by": "Trained by",
    "data": "Data",
    "labels": "Labels",
    "split": "Held out",
    "seed": "Seed",
    "parent": "Made from",
    "file": "File",
    "url": "Published at",
    "paper": "Paper",
    "sha256": "SHA-256 of the file",
    "licence": "Licence of the weights",
    "report": "Weights",
    "versions": "Versions",
}
"""What is known of how a checkpoint was made, in the order of the page; anything else follows under its own name."""

_WARNINGS = ("changes", "notes")
"""Parts of the provenance that a user should not miss."""

_ELSEWHERE = ("metrics", *_WARNINGS)
"""Parts of the provenance that have a section of their own."""

_REPORT = {"matched": "taken over", "missing": "missing in the file, and left untrained", "unexpected": "not used"}
"""What became of the tensors of an imported file."""

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
        html.section("How to use it", f"<p>{escape(words.needs(card))}</p><p>{escape(words.use(card))}</p>"),
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
    items = ""
    for key in _WARNINGS:
        texts = card.provenance.get(key) or ()
        items += "".join(f"<li>{escape(str(text))}</li>" for text in html.as_list(texts))
    if not items:
        return ""
    return f'<section class="warnings" role="note">\n<h2>Before you use this</h2>\n<ul>{items}</ul>\n</section>'


def _classes(card: Card) -> str:
    if card.legend is None:
        return ""
    rows = [(html.swatch(entry.colour) + escape(entry.name), str(entry.value), entry.colour) for entry in card.legend]
    return html.section("Classes", html.table(("Class", "Value in the map", "Colour"), rows))


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
    return html.section(title, html.facts({name: escape(text) for name, text in facts.items()}) + _bands(source))


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
    columns += [(title, [html.number(value) for value in values]) for title, values in _scalings(scaling)]
    rows = zip(*(values for _, values in columns if len(values) == len(source.bands)))
    titles = [title for title, values in columns if len(values) == len(source.bands)]
    if not source.bands:
        return ""
    note = "In the order of the model's channels; LandSketch finds bands by their names, in any order."
    if source.sensor == BY_POSITION:
        note = (
            "Bands are taken in the order of the file; check that yours lie in the order that the model was made for."
        )
    table = html.table(titles, list(rows))
    if len(source.bands) > MANY_BANDS:
        table = html.folded(f"{len(source.bands)} bands", table)
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
    if "map" in metrics:  # patches that may have several classes: `core.scene_classes.accuracy`
        averages = {
            "Mean average precision": html.ratio(metrics.get("map")),
            "Macro F1": html.ratio(metrics.get("macro_f1")),
            "Micro F1": html.ratio(metrics.get("micro_f1")),
            "Exactly right": html.ratio(metrics.get("exact")),
        }
        measures = {"recall": "Recall", "precision": "Precision", "f1": "F1", "ap": "Average precision"}
    else:
        averages = {
            "Overall accuracy": html.ratio(metrics.get("oa")),
            "Macro F1": html.ratio(macro.get("f1")),
            "Mean IoU": html.ratio(macro.get("iou")),
            "Kappa": html.ratio(metrics.get("kappa")),
        }
        measures = {"recall": "Recall", "precision": "Precision", "f1": "F1", "iou": "IoU"}
    colours = {entry.name: entry.colour for entry in card.legend or ()}
    rows = [
        (
            html.swatch(colours.get(str(entry.get("name")), "#888888")) + escape(str(entry.get("name"))),
            html.number(entry.get("support")),
            *(html.ratio(entry.get(key)) for key in measures),
        )
        for entry in metrics["classes"]
        if isinstance(entry, dict)
    ]
    note = "<p>On labels that training did not see; 'How it was made' says which.</p>"
    by_class = '<p style="margin-top: .8rem">By class:</p>'
    counted = "Reference patches" if card.classifies_scenes else "Reference pixels"
    table = html.table(("Class", counted, *measures.values()), rows)
    return html.section("How accurate it was", note + html.facts(averages) + by_class + table)


def _provenance(card: Card) -> str:
    values = {key: value for key, value in card.provenance.items() if key not in _ELSEWHERE}
    order = [key for key in _PROVENANCE if key in values] + [key for key in values if key not in _PROVENANCE]
    facts = {
        _PROVENANCE.get(key, html.titled(key)): html.value_of(values[key]) for key in order if html.is_said(values[key])
    }
    if isinstance(values.get("report"), dict):
        facts[_PROVENANCE["report"]] = _report(values["report"])
    return html.section("How it was made", html.facts(facts)) if facts else ""


def _report(report: Dict[str, Any]) -> str:
    """What became of the tensors of an imported file: a number, or their names."""
    parts = []
    for key, value in report.items():
        what = escape(_REPORT.get(key, html.plain(key)))
        if isinstance(value, (list, tuple)):
            parts += [f"{len(value)} {what}: {html.folded_list(value)}"] if value else []
        else:
            parts.append(f"{html.number(value)} {what}")
    return ", ".join(parts)


def _network(card: Card) -> str:
    metres = next((source.gsd for source in card.sources if source.gsd), 0.0)
    side = f" ({card.tile * metres / 1000:.3g} km)" if metres else ""
    facts = {html.titled(key): html.value_of(value) for key, value in card.architecture.items()}
    facts["Tiles"] = (
        f"best {card.tile} × {card.tile} pixels{side}; {card.halo} pixels at each side serve as context only"
    )
    facts["Card"] = f"schema {card.schema}"
    return html.section("The network", html.facts(facts))
