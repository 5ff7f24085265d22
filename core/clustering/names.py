"""Names and colours of clusters: numbers at first, then those of the classes they turn out to be."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

from ..class_matching import ReferenceClass
from ..legend import PALETTE, ClassLegend, LegendClass, palette_colour
from .agreement import Agreement

_GOLDEN = 0.618034
"""Steps around the circle of hues by which many colours stay apart."""


def cluster_legend(count: int) -> ClassLegend:
    """Returns 'cluster 1' to 'cluster n', each with a colour of its own."""
    return ClassLegend(tuple(LegendClass(i + 1, f"cluster {i + 1}", _colour(i)) for i in range(count)))


def named_after(legend: ClassLegend, agreement: Agreement, classes: Sequence[ReferenceClass]) -> ClassLegend:
    """Gives clusters name and colour of their classes; those without a class of their own say what they mostly are.

    Args:
        legend: Of the clusters.
        agreement: With a reference.
        classes: Of the reference, in the order of the agreement.
    """
    entries = []
    for place, entry in enumerate(legend):
        partner, majority = agreement.partners[place], agreement.majority(place)
        if partner is not None:
            name, colour = classes[partner].name, classes[partner].colour or entry.colour
        else:
            name, colour = f"{entry.name} (mostly {majority[0]})" if majority else entry.name, entry.colour
        entries.append(LegendClass(entry.value, name, colour))
    return ClassLegend(tuple(entries))


def _colour(index: int) -> str:
    """The palette's colours; after its end others, since a repeated colour would join two clusters."""
    if index < len(PALETTE):
        return palette_colour(index)
    turn = index - len(PALETTE)
    rgb = colorsys.hls_to_rgb(turn * _GOLDEN % 1, (0.35, 0.5, 0.65)[turn % 3], 0.6)
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)
