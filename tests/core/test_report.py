"""The pages: well-formed, safe, on their own, and saying what the numbers say."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from landsketch.core.areas import estimate_areas
from landsketch.core.cards import Card, Normalisation, SourceCard
from landsketch.core.curves import charts
from landsketch.core.legend import ClassLegend
from landsketch.core.metrics import accuracy
from landsketch.core.report import (
    assessment_page,
    confusions,
    finetune_page,
)

NAMES = ("<b>", "forest & wood", "town", "absent")
MATRIX = np.array([[50, 10, 0, 0], [5, 80, 15, 0], [0, 0, 40, 0], [0, 0, 0, 0]], np.int64)
COLOURS = {"<b>": "#0000ff", "forest & wood": "#008000"}
FACTS = {"Map": "map <script>alert(1)</script>.tif"}
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Outline(HTMLParser):
    """Checks that every element that opens closes, and gathers tags, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words += data


def card() -> Card:
    source = SourceCard(
        "optical", "sentinel-2-l2a", ("B02", "B03"), "dn", 10.0, Normalisation("3-sigma", (0, 0), (1, 1))
    )
    return Card({"name": "unet"}, (source,), 128, 16, ClassLegend.from_names(NAMES))


def assessed(warnings: list[str] | None = None) -> str:
    areas = estimate_areas(MATRIX, np.array([100.0, 200.0, 80.0, 0.0]), NAMES)
    return assessment_page(accuracy(MATRIX, NAMES), areas, COLOURS, warnings or [], ["a note"], FACTS)


def tuned(history: list[dict[str, float]], measured: bool = True) -> str:
    result = accuracy(MATRIX, NAMES) if measured else None
    return finetune_page(card(), result, "Held out: 3 of 12 features.", history, [], FACTS)


HISTORY = [{"epoch": float(i), "loss": 1 / i, "held_out_macro_f1": 1 - 1 / i} for i in range(1, 8)]


@pytest.mark.parametrize("page", [assessed(), tuned(HISTORY), tuned([]), tuned([], measured=False)])
def test_page_is_well_formed_and_needs_nothing_from_outside(page: str) -> None:
    outline = Outline(page)
    assert outline.links == []
    assert not re.search(r"https?://|@import|url\(", page)
    assert "script" not in outline.tags
    assert "prefers-color-scheme: dark" in page


def test_names_are_shown_as_text_and_never_run() -> None:
    outline = Outline(assessed(["Layer <img src=x onerror=alert(1)> is odd."]))
    assert "img" not in outline.tags
    assert "<b>" in outline.words
    assert "forest & wood" in outline.words
    assert "<script>alert(1)</script>" in outline.words


def test_warnings_come_before_any_number() -> None:
    words = Outline(assessed(["Mind the gap."])).words
    assert words.index("Mind the gap.") < words.index("Overall accuracy")


def test_matrix_and_its_margins_are_complete() -> None:
    words = Outline(assessed()).words
    for number in ("50", "80", "15", "85.0 %", "0.833", "0.909", "200"):
        assert number in words, number


def test_undefined_values_are_dashes() -> None:
    words = Outline(assessed()).words
    assert "–" in words
    assert "nan" not in words.lower()


def test_areas_show_estimate_and_margin() -> None:
    areas = estimate_areas(MATRIX, np.array([1000.0, 2000.0, 800.0, 0.0]), NAMES)
    words = Outline(assessment_page(accuracy(MATRIX, NAMES), areas, {}, [], [], {})).words
    assert f"{areas.classes[0].area.value:,.0f}" in words
    assert f"± {areas.classes[0].area.margin:,.0f}" in words


def test_report_without_areas_says_nothing_of_them() -> None:
    assert "Class areas" not in assessment_page(accuracy(MATRIX, NAMES), None, {}, [], [], {})


def test_largest_confusion_is_named_first_in_words() -> None:
    assert confusions(accuracy(MATRIX, NAMES)) == [
        "17 % of <b> in the reference is forest & wood in the map.",
        "15 % of forest & wood in the reference is town in the map.",
        "5 % of forest & wood in the reference is <b> in the map.",
    ]


def test_learning_curve_appears_with_epochs_only() -> None:
    assert Outline(tuned(HISTORY)).tags.count("polyline") == 2
    assert "svg" not in Outline(tuned([])).tags


def test_curve_runs_through_its_values() -> None:
    loss, score = charts([{"epoch": 1.0, "loss": 2.0, "f1": 0.0}, {"epoch": 3.0, "loss": 1.0, "f1": 1.0}])
    assert loss.lines[0].points == "44.0,26.0 425.0,111.0"
    assert score.lines[0].points == "44.0,196.0 425.0,26.0"
    assert (loss.first, loss.last) == (1, 3)


def test_curve_bears_gaps_and_a_single_epoch() -> None:
    (loss,) = charts([{"epoch": 1.0, "loss": math.nan}, {"epoch": 2.0, "loss": 0.5}])
    assert loss.lines[0].single
    assert charts([{"epoch": 1.0, "loss": math.nan}]) == ()


def test_unmeasured_checkpoint_says_why_and_shows_no_score() -> None:
    words = Outline(tuned([], measured=False)).words
    assert "Held out: 3 of 12 features." in words
    assert "Overall accuracy" not in words
