"""The page about a pretraining: its curve, and what the encoder has learned, to look at."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from torch.utils.data import default_collate

from ...models.pretraining.method import Method
from ..cards import Card, SourceCard
from ..report import pretrain_page
from .pictures import ROWS, neighbours, reconstructions
from .training import Windows

COMPARED = 120
"""Windows among which the most alike are looked for."""

_UNSEEN = 10**9
"""Start of a stream of windows that no training reaches."""


def page_of(
    method: Method,
    windows: Windows,
    sources: Sequence[SourceCard],
    card: Card,
    history: Sequence[dict[str, float]],
    warnings: Sequence[str],
) -> str:
    """Returns the page as HTML.

    Args:
        method: The method with its trained encoder, on the CPU.
        windows: What it learned from; others of the same places are shown.
        sources: What the encoder reads.
        card: Of the checkpoint.
        history: See `training.train`.
        warnings: What the reader should not miss.
    """
    shown: list[Any] = list(itertools.islice(windows.stream(_UNSEEN), COMPARED))
    pictures = [
        (
            "What it fills in",
            "The network saw the left picture, dark where it was hidden, and filled in the middle one. Fine detail is "
            "not to be expected; forms and tones of each land cover are.",
            reconstructions(method, default_collate(shown[:ROWS])),
        ),
        (
            "What it takes for alike",
            "Beside some windows, those whose features are nearest (1 is the same). In a good encoder they show the "
            "same kind of land, whatever its brightness.",
            neighbours(method, sources, shown),
        ),
    ]
    lead = f"An encoder {card.provenance['method']}, in {card.provenance['steps']:,} updates."
    return pretrain_page(lead, history, pictures, warnings, _facts(card))


def _facts(card: Card) -> dict[str, str]:
    provenance = card.provenance
    encoder = dict(card.architecture["encoder"])
    facts = {"Encoder": ", ".join(f"{name} {value}" for name, value in encoder.items() if name != "layout")}
    facts |= {f"Bands ({source.role})": f"{source.sensor}: {' '.join(source.bands)}" for source in card.sources}
    facts |= {"Images": ", ".join(dict.fromkeys(entry["name"] for entry in provenance["data"]))}
    facts |= {
        "Options": ", ".join(f"{name} {value}" for name, value in provenance["options"].items()) or "the method's"
    }
    facts |= {"Ended": provenance["ended"]} if "ended" in provenance else {}
    facts |= {"Seed": str(provenance["seed"])}
    return facts | {"Versions": ", ".join(f"{name} {value}" for name, value in provenance["versions"].items())}
