"""The page about how much accuracy depends on the number of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..report import rendered
from .curves import Panel, Summary


def label_ratio_page(
    lead: str,
    panels: Sequence[Panel],
    summary: Sequence[Summary],
    notes: Sequence[str],
    warnings: Sequence[str],
    facts: Mapping[str, str],
) -> str:
    """Returns the page about how much accuracy depends on the number of labels.

    Args:
        lead: What was done, in a sentence.
        panels: One for each measure.
        summary: One for each way of training and share of the labels.
        notes: How to read the curves.
        warnings: What the reader should not miss, shown first.
        facts: Names and values: data, method, seed, versions.
    """
    return rendered(
        "label_ratio.html",
        title="Label-ratio study",
        lead=lead,
        panels=panels,
        summary=summary,
        notes=notes,
        warnings=warnings,
        facts=facts,
    )
