"""A checkpoint's card in a few lines of simple HTML, as Qt's text widgets show it."""

from __future__ import annotations

from html import escape
from typing import Any, Dict, List, Sequence

from ...algorithms.text import tr
from ...core.card_words import headline, needs
from ...core.cards import Card
from ...core.html_parts import as_list, ratio
from .entries import Entry, size, state_words

WHOLE_CARD = "card:"
"""Address of the link to all that the card says."""

_MOST = 4
"""Of more names, the first ones are given, and how many more there are."""


def card_text(entry: Entry, uses: Sequence[str]) -> str:
    """Returns what there is to know of a checkpoint.

    Args:
        entry: The checkpoint.
        uses: Where it is used, in sentences.
    """
    parts = [f"<h3>{escape(entry.published.title if entry.published is not None else entry.name)}</h3>"]
    if entry.problem:
        parts.append(f"<p><b>{tr('It cannot be used.')}</b> {_text(entry.problem)}</p>")
    if entry.card is not None:
        parts.append(f"<p>{_text(headline(entry.card))} {_text(needs(entry.card))}</p>")
        parts += _warnings(entry)
    parts.append(_facts(_described(entry)))
    parts.append(f"<h4>{tr('Where it is used')}</h4>")
    parts.append(_items(uses) if uses else f"<p>{tr('Nowhere that LandSketch knows of.')} {_known()}</p>")
    if entry.published is None and entry.card is not None:
        parts.append(f'<p><a href="{WHOLE_CARD}">{tr("All that the card says…")}</a></p>')
    return "".join(parts)


def _known() -> str:
    return str(
        tr(
            "It knows the dock's choice, the rasters of this project that were made with LandSketch, and the "
            "checkpoints of this list."
        )
    )


def _warnings(entry: Entry) -> List[str]:
    """What a user should not miss: changes and notes."""
    if entry.published is not None:
        texts: List[Any] = list(entry.published.notes)
    else:
        provenance = entry.card.provenance if entry.card is not None else {}
        texts = [text for key in ("changes", "notes") for text in as_list(provenance.get(key) or ())]
    return [_items([str(text) for text in texts])] if texts else []


def _described(entry: Entry) -> Dict[str, str]:
    facts = {tr("State"): _state(entry), tr("File"): _path(entry.path), tr("Size"): size(entry.size)}
    facts[tr("Licence")] = _text(entry.licence) or (tr("not stated") if entry.card is not None else "")
    if entry.published is not None:
        published = entry.published
        facts[tr("Method")] = _text(published.method)
        facts[tr("Data")] = _text(published.data)
        facts[tr("From")] = _link(published.url, published.url.split("/")[2])
        facts[tr("Paper")] = _link(published.paper, published.paper)
    elif entry.card is not None:
        facts.update(_provenance(entry.card))
    return {name: value for name, value in facts.items() if value}


def _state(entry: Entry) -> str:
    words = str(state_words()[entry.state])
    if entry.published is not None and entry.published.manual:
        return str(tr("to be downloaded by hand, and then imported"))
    return str(tr("{state}, kept elsewhere and listed here").format(state=words)) if entry.added else words


def _provenance(card: Card) -> Dict[str, str]:
    values = card.provenance
    facts = {
        tr("Method"): _text(values.get("trained by") or values.get("method")),
        tr("Data"): _text(_named(values.get("data"))),
        tr("Labels"): _text(_labels(values.get("labels"))),
        tr("Held out"): _text(values.get("split")),
        tr("Accuracy"): _text(_accuracy(values.get("metrics"))),
        tr("Made from"): _text(values.get("parent")),
        tr("Published at"): _link(values.get("url"), values.get("url")),
        tr("Paper"): _link(values.get("paper"), values.get("paper")),
    }
    if card.tile:
        facts[tr("Tiles")] = tr("{tile} × {tile} pixels, and {halo} more at each side").format(
            tile=card.tile, halo=card.halo
        )
    return facts


def _named(data: Any) -> str:
    """Returns on what it was trained: a sentence, or the names of images."""
    if not isinstance(data, (list, tuple)):
        return str(data or "")
    names = [str(entry.get("name", "")) if isinstance(entry, dict) else str(entry) for entry in data]
    return _in_short([name for name in dict.fromkeys(names) if name])


def _in_short(names: Sequence[str]) -> str:
    more = len(names) - _MOST
    if more < 2:
        return ", ".join(names)
    return str(tr("{names} and {n} more").format(names=", ".join(names[:_MOST]), n=more))


def _labels(labels: Any) -> str:
    """Returns how many features each class had."""
    entries = [entry for entry in labels if isinstance(entry, dict)] if isinstance(labels, (list, tuple)) else []
    return ", ".join(f"{entry.get('name')} {entry.get('features')}" for entry in entries)


def _accuracy(metrics: Any) -> str:
    """Returns the overall numbers on held-out labels, of a classifier of pixels or of patches."""
    if not isinstance(metrics, dict):
        return ""
    macro = metrics.get("macro")
    macro = macro if isinstance(macro, dict) else {}
    found = {
        tr("overall accuracy"): metrics.get("oa"),
        tr("macro F1"): metrics.get("macro_f1", macro.get("f1")),
        tr("mean IoU"): macro.get("iou"),
        tr("mean average precision"): metrics.get("map"),
    }
    return ", ".join(f"{title} {ratio(value)}" for title, value in found.items() if value is not None)


def _facts(values: Dict[str, str]) -> str:
    rows = "".join(
        f'<tr><td style="padding-right: 8px"><i>{escape(name)}</i></td><td>{value}</td></tr>'
        for name, value in values.items()
    )
    return f'<table cellspacing="0" cellpadding="2" style="margin-top: 8px; margin-bottom: 8px">{rows}</table>'


def _items(texts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{_text(text)}</li>" for text in texts) + "</ul>"


def _text(value: Any) -> str:
    return escape(str(value)) if value else ""


def _path(path: str) -> str:
    """A long path may break after each folder."""
    return escape(path).replace("/", "/\u200b").replace("\\", "\\\u200b")


def _link(address: Any, text: Any) -> str:
    if not str(address or "").startswith(("https://", "http://")):
        return _text(address)
    return f'<a href="{escape(str(address))}">{escape(str(text))}</a>'
