"""The engine's report on the machine as tables to read, in the colours of QGIS's theme."""

from __future__ import annotations

from html import escape
from typing import Any, Dict, Iterable, List, Sequence

from ..algorithms.text import tr

Report = Dict[str, Any]


def report_html(report: Report) -> str:
    """Returns the report as HTML; `report` is the result of the job `inspect`."""
    parts = [
        f"<p><b>{escape(report['summary'])}</b></p>",
        _table((tr("Device"), tr("Memory"), tr("Usable"), tr("Why")), map(_device, report["devices"])),
        _table((tr("Runtime"), tr("Version"), tr("Usable"), tr("What it offers")), map(_runtime, report["runtimes"])),
    ]
    if report["processor"]:
        parts.append(f"<p>{escape(_processor(report['processor']))}</p>")
    parts += [f"<p>{escape(problem)}</p>" for problem in report["problems"]]
    return "".join(parts)


def _device(device: Report) -> List[str]:
    name = escape(device["name"])
    known = [device["id"], device["capability"] and tr("compute capability {n}").format(n=device["capability"])]
    facts = escape(", ".join(filter(None, known)))
    return [
        (f"<b>{name}</b>" if device["taken"] else name) + (f"<br><small>{facts}</small>" if facts else ""),
        escape(device["memory"] or "–"),
        _yes(device["runs"]),
        escape(device["why"]),
    ]


def _runtime(runtime: Report) -> List[str]:
    return [escape(runtime["name"]), escape(runtime["version"] or "–"), _yes(runtime["runs"]), escape(runtime["notes"])]


def _processor(processor: Report) -> str:
    has = [name for name, there in processor["instructions"].items() if there]
    lacks = [name for name, there in processor["instructions"].items() if not there]
    all_usable = processor["usable"] == processor["logical"]
    words = tr("{name} with {cores} cores, {usable} of them for LandSketch.")
    words = tr("{name} with {cores} cores.") if all_usable else words
    sentences = [
        words.format(name=processor["name"], cores=processor["logical"], usable=processor["usable"]),
        tr("Instruction sets: {names}.").format(names=", ".join(has)) if has else "",
        tr("Not there: {names}.").format(names=", ".join(lacks)) if lacks else "",
    ]
    return " ".join(filter(None, sentences))


def _yes(value: bool) -> str:
    return tr("✓ yes") if value else tr("✗ no")


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table whose cells are HTML; its last column takes the space that is left."""
    widths = ["26%", "20%", "12%", "42%"]
    head = "".join(f'<th align="left" width="{width}">{title}</th>' for title, width in zip(titles, widths))
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table width="100%" cellpadding="4" cellspacing="0" style="margin-top: 6px"><tr>{head}</tr>{body}</table>'
