"""The registry as the page that users read, `docs/encoders.md`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...core.cards import ANY_SENSOR, Normalisation, SourceCard
from ...core.encoder_registry import EncoderEntry
from ...core.sensors import SENSORS
from .corrections import CORRECTIONS
from .torchgeo_weights import LEFT_OUT

_INTRODUCTION = Path(__file__).with_name("introduction.md")

_GROUPS = (
    ("Sentinel-2", {"sentinel-2-l1c", "sentinel-2-l2a"}),
    ("Sentinel-1", {"sentinel-1-grd"}),
    ("Sentinel-1 and Sentinel-2", {"sentinel-1-grd", "sentinel-2-l1c", "sentinel-2-l2a"}),
    ("Aerial images", {"aerial"}),
    ("Landsat", {"landsat-7", "landsat-8"}),
    ("Any sensor", {ANY_SENSOR}),
)

_UNITS = {"dn": "reflectance × 10 000", "db": "dB", "raw": "as stored"}


def as_page(entries: Sequence[EncoderEntry]) -> str:
    """Returns the page as Markdown."""
    parts = [_INTRODUCTION.read_text(encoding="utf-8")]
    left = list(entries)
    for title, sensors in _GROUPS:
        group = [entry for entry in left if {source.sensor for source in entry.sources} <= sensors]
        left = [entry for entry in left if entry not in group]
        parts.append(_section(title, group))
    if left:
        raise ValueError(f"no section of the page is for {', '.join(entry.id for entry in left)}")
    parts.append(_corrections())
    parts.append(_left_out())
    return "\n".join(parts)


def _section(title: str, entries: Sequence[EncoderEntry]) -> str:
    lines = [
        f"## {title}",
        "",
        "| id | bands, in order | units → network's input | patch | GSD | size | licence | file |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [_row(entry) for entry in entries]
    notes = dict.fromkeys(note for entry in entries for note in entry.notes)
    lines += ["", *(f"- {note} ({_named(entries, note)})" for note in notes), ""]
    return "\n".join(lines)


def _row(entry: EncoderEntry) -> str:
    """One encoder; a line within a cell for each source."""
    cells = (
        f"`{entry.id}`<br>{entry.method}; [paper]({entry.paper})",
        "<br>".join(_bands(source) for source in entry.sources),
        "<br>".join(f"{_UNITS[source.units]} → {scaling_in_numbers(source.normalisation)}" for source in entry.sources),
        f"{entry.patch} px",
        f"{entry.gsd:g} m" if entry.gsd else "many",
        f"{entry.size_mb} MB",
        entry.licence,
        f"[{'page' if entry.manual else entry.file_name}]({entry.url})"
        + (f"<br>sha256 {entry.sha256[:8]}…" if entry.sha256 else "<br>no checksum published"),
    )
    return f"| {' | '.join(cells)} |"


def _bands(source: SourceCard) -> str:
    if source.sensor == ANY_SENSOR:
        return f"any {'radar' if source.role == 'sar' else 'optical'}"
    title = SENSORS[source.sensor].title
    optional = " (optional)" if source.optional else ""
    return f"{title}{optional}: {' '.join(source.bands)}"


def scaling_in_numbers(scaling: Normalisation) -> str:
    """Returns how values x become the network's input, with the numbers where they fit into a line."""
    if scaling.method == "scene-2-sigma":
        return f"(x − (μ − 2σ)) / 4σ of the scene{', cut to 0–1' if scaling.clip else ''}"
    if scaling.method == "scene-z-score":
        return "(x − μ) / σ of the scene"
    if scaling.method == "scene-maximum":
        return f"{_minus('x', scaling.offset[0])} / the scene's largest, cut to 0–1"
    cut = f", cut to {scaling.clip[0]:g}–{scaling.clip[1]:g}" if scaling.clip else ""
    pairs = list(zip(scaling.offset, scaling.scale, strict=True))
    distinct = list(dict.fromkeys(pairs))
    if len(distinct) > 2:
        formula = "(x − (μ − 2σ)) / 4σ" if scaling.method == "2-sigma" else "(x − μ) / σ"
        return f"{formula} per band of the pretraining images{cut}"
    if len(distinct) == 1:
        return _affine(*distinct[0]) + cut
    counts = [f"{pairs.count(pair)} bands {_affine(*pair)}" for pair in distinct]
    return ("; ".join(counts) if len(pairs) > 2 else " and ".join(_affine(*pair) for pair in pairs)) + cut


def _affine(offset: float, scale: float) -> str:
    return f"{_minus('x', offset)} / {_number(scale)}"


def _minus(x: str, offset: float) -> str:
    return x if not offset else f"({x} {'−' if offset > 0 else '+'} {_number(abs(offset))})"


def _number(value: float) -> str:
    return f"{value:.5g}" if value < 1e5 else f"{value:.0f}"


def _named(entries: Sequence[EncoderEntry], note: str) -> str:
    """Returns which entries of a section a note is for, or which it is not for, whichever is shorter."""
    concerned = [f"`{entry.id}`" for entry in entries if note in entry.notes]
    others = [f"`{entry.id}`" for entry in entries if note not in entry.notes]
    if not others:
        return "all"
    return f"all but {', '.join(others)}" if len(others) < len(concerned) else ", ".join(concerned)


def _corrections() -> str:
    lines = [
        "## Where LandSketch scales otherwise than torchgeo",
        "",
        "| weights | what is done here | where that is stated |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {name} | {correction.note} | {correction.source} |" for name, correction in CORRECTIONS.items()]
    return "\n".join([*lines, ""])


def _left_out() -> str:
    lines = [
        "## What is left out, and why",
        "",
        "Of torchgeo's weights (`enumeration.member`, as a pattern):",
        "",
    ]
    lines += [f"- `{pattern}`: {reason}." for pattern, reason in LEFT_OUT]
    return "\n".join([*lines, ""])
