"""The page about a checkpoint: whole, safe, on its own, and saying what the card says."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from landsketch.core.card_page import card_page
from landsketch.core.card_words import headline, meaning, needs, normalisation, wavelength
from landsketch.core.cards import ANY_SENSOR, BY_POSITION, SCENE_METHODS, Card, Normalisation, SourceCard
from landsketch.core.encoder_registry import encoders
from landsketch.core.legend import ClassLegend, LegendClass
from landsketch.core.metrics import accuracy

VOID = {"meta", "br", "link", "img", "input", "hr"}
EVIL = "<script>alert(1)</script>"


class Outline(HTMLParser):
    """Checks that every element that opens closes, and gathers tags, links, table rows and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.rows: list[list[str]] = []
        self.inside: list[list[str]] = []
        self.words = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
            self.inside.append(self.rows[-1])
        elif tag in ("th", "td"):
            self.inside[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "tr":
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words += data
        for row in self.inside:
            row[-1] += data

    def row(self, first: str) -> list[str]:
        """The cells that follow the first one of a row."""
        return next(cells[1:] for cells in self.rows if cells[0] == first)


def source(role: str = "optical", method: str = "2-sigma", **changes: Any) -> SourceCard:
    known = {"optical": ("sentinel-2-l2a", ("B02", "B04"), "dn"), "sar": ("sentinel-1-grd", ("VV", "VH"), "db")}
    scaling = Normalisation(method, (-200.0, 100.0), (4000.0, 2000.0), (0.0, 1.0))
    return replace(SourceCard(role, *known[role], 10.0, scaling), **changes)


def card(*sources: SourceCard, names: tuple[str, ...] = (), **provenance: Any) -> Card:
    colours = ("#0044cc", "#117711", "#cc2211")
    legend = ClassLegend(tuple(LegendClass(2 * i + 3, name, colours[i]) for i, name in enumerate(names)))
    architecture = {"encoder": {"name": "vit", "model": "vit_small_patch16_224"}, "head": {"name": "linear"}}
    return Card(architecture, sources or (source(),), 224, 32, legend if names else None, provenance)


TUNED = {
    "method": "fine-tuned: frozen",
    "data": [{"role": "optical", "name": "july.tif", "sensor": "sentinel-2-l2a", "offset": 1000.0}],
    "labels": [{"name": "water", "features": 6, "pixels": 22700}],
    "split": "Features held out in 3 folds.",
    "metrics": accuracy(np.array([[8, 2], [1, 9]]), ("water", "forest")).to_json(),
    "seed": 7,
    "parent": "galileo-nano.safetensors",
    "licence": "MIT",
    "versions": {"landsketch": "0.1.0", "torch": "2.9"},
}


def pages() -> list[str]:
    """One for each kind of card, all published encoders among them."""
    tuned = card(source(), source("sar"), names=("water", "forest"), **TUNED)
    published = [Card({"encoder": entry.architecture}, entry.sources, 224, 0) for entry in encoders()]
    return [card_page(each, "x.safetensors") for each in (tuned, card(), *published)]


@pytest.mark.parametrize("page", pages())
def test_page_is_well_formed_and_needs_nothing_from_outside(page: str) -> None:
    outline = Outline(page)
    assert outline.links == []
    assert not re.search(r"@import|url\(", page)
    assert "script" not in outline.tags
    assert "prefers-color-scheme: dark" in page
    assert "nan" not in outline.words.lower().split()
    assert "None" not in outline.words


def test_whatever_a_card_holds_is_text_and_never_runs() -> None:
    provenance = {
        "method": EVIL, EVIL: EVIL, "report": {EVIL: [EVIL] * 20}, "data": [{EVIL: EVIL}], "notes": [EVIL],
        "changes": EVIL, "parent": {"name": EVIL},
        "metrics": {"classes": [{"name": EVIL, "support": EVIL, "f1": EVIL}], "oa": EVIL, "macro": EVIL},
    }  # fmt: skip
    evil = card(source(sensor=EVIL, bands=(EVIL, "B04"), units=EVIL, maker=EVIL), names=(EVIL,), **provenance)
    evil = replace(evil, architecture={"encoder": {"name": EVIL, EVIL: [EVIL]}})
    outline = Outline(card_page(evil, EVIL))
    assert "script" not in outline.tags
    assert outline.words.count(EVIL) > 15


def test_legend_shows_names_values_and_colours() -> None:
    page = card_page(card(names=("water", "forest")), "x")
    outline = Outline(page)
    assert outline.row("water") == ["3", "#0044cc"]
    assert outline.row("forest") == ["5", "#117711"]
    assert page.count('class="swatch"') == 2


def test_bands_keep_the_models_order_and_show_every_number() -> None:
    outline = Outline(card_page(card(source(bands=("B04", "B02"))), "x"))
    header = outline.row("Band")
    assert header == ["Shows", "Wavelength", "Mean μ", "Deviation σ", "Offset", "Scale"]
    names = [cells[0] for cells in outline.rows]
    assert names.index("B04") < names.index("B02")
    # 2-sigma: the offset is μ − 2σ, the scale 4σ.
    assert outline.row("B04") == ["red", "665 nm", "1800", "1000", "-200", "4000"]
    assert outline.row("B02") == ["blue", "492 nm", "1100", "500", "100", "2000"]


@pytest.mark.parametrize("method", SCENE_METHODS)
def test_a_scaling_left_to_the_scene_is_named_and_has_no_numbers(method: str) -> None:
    open_scaling = Normalisation(method, (0.0, 0.0) if method == "scene-maximum" else (), ())
    outline = Outline(card_page(card(source(normalisation=open_scaling)), "x"))
    assert "taken from the first scene that it is used on" in outline.row("Scaling")[0]
    assert not {"Mean μ", "Scale"} & set(outline.row("Band"))
    closed = replace(open_scaling, offset=(1.0, 2.0), scale=(3.0, 4.0))
    assert "taken from the scene that it was first used on" in normalisation(closed)


def test_a_scaling_says_where_it_cuts_off() -> None:
    assert normalisation(source().normalisation).endswith("; then cut off at 0 and 1")
    assert "cut off" not in normalisation(Normalisation("z-score", (0.0,), (1.0,)))


def test_accuracy_and_provenance_are_told() -> None:
    outline = Outline(card_page(card(names=("water", "forest"), **TUNED), "x"))
    assert outline.row("water")[:2] == ["3", "#0044cc"]
    assert ["water", "10", "0.800", "0.889", "0.842", "0.727"] in outline.rows
    assert outline.row("Overall accuracy") == ["0.850"]
    assert outline.row("Held out") == ["Features held out in 3 folds."]
    assert ["optical", "july.tif", "Sentinel-2 L2A", "1000"] in outline.rows
    assert outline.row("Made from") == ["galileo-nano.safetensors"]
    assert outline.row("Licence of the weights") == ["MIT"]
    assert outline.row("Versions") == ["landsketch 0.1.0, torch 2.9"]


def test_an_import_tells_what_became_of_the_weights() -> None:
    report = {"matched": 152, "missing": [], "unexpected": [f"head.{i}" for i in range(30)]}
    (shown,) = Outline(card_page(card(report=report), "x")).row("Weights")
    assert shown.startswith("152 taken over, 30 not used: ")
    assert "head.29" in shown
    assert "missing" not in shown
    (untrained,) = Outline(card_page(card(report={**report, "missing": ["norm.weight"]}), "x")).row("Weights")
    assert "1 missing in the file, and left untrained: norm.weight" in untrained


def test_what_the_page_does_not_know_by_name_is_shown_too() -> None:
    outline = Outline(card_page(card(teacher={"epochs": 300, "crops": [224, 96]}, cloud_free=True), "x"))
    assert outline.row("Teacher") == ["epochs 300, crops 224, 96"]
    assert outline.row("Cloud free") == ["yes"]


def test_changes_and_notes_come_before_anything_else() -> None:
    words = Outline(card_page(card(notes=["Trained on L1C."], changes=["First layer cut."]), "x")).words
    assert words.index("First layer cut.") < words.index("Trained on L1C.") < words.index("How to use it")
    assert words.count("Trained on L1C.") == 1


def test_sentences_of_a_classifier() -> None:
    tuned = card(source(), source("sar"), names=("water", "forest"))
    assert headline(tuned) == (
        "A classifier of Sentinel-2 L2A and Sentinel-1 GRD images at 10 m with 2 classes: water, forest."
    )
    assert needs(tuned) == (
        "It needs a Sentinel-2 layer with the bands B02, B04 and a Sentinel-1 layer with the bands VV, VH."
    )


def test_sentences_of_encoders() -> None:
    either = card(source(optional=True, partial=True), source("sar", optional=True))
    assert headline(either).startswith("An encoder for Sentinel-2 L2A and Sentinel-1 GRD images at 10 m: ")
    assert needs(either) == (
        "It needs a Sentinel-2 layer with some or all of the bands B02, B04 or a Sentinel-1 layer with the bands VV, "
        "VH, or both."
    )
    added = card(source(), source("sar", optional=True))
    assert needs(added).endswith("B02, B04; a Sentinel-1 layer with the bands VV, VH can be added.")
    nothing = Normalisation("z-score", (), ())
    any_sensor = card(source(sensor=ANY_SENSOR, bands=(), normalisation=nothing))
    assert needs(any_sensor) == "It needs an optical layer of any sensor whose bands are known."


def test_a_network_that_takes_bands_by_position_warns_of_their_order() -> None:
    network = card(source(sensor=BY_POSITION, bands=("band 1", "band 2"), units="raw"), names=("water", "forest"))
    assert needs(network) == "It needs an optical layer with 2 bands, taken in the order of the file."
    words = Outline(card_page(network, "x")).words
    assert "check that yours lie in the order" in words
    assert "finds bands by their names" not in words


def test_sentences_of_embeddings_do_not_list_all_bands() -> None:
    bands = tuple(f"A{i:02d}" for i in range(64))
    numbers = Normalisation("z-score", (0.0,) * 64, (1.0,) * 64)
    embedded = card(SourceCard("embedding", "alphaearth", bands, "raw", 10.0, numbers), names=("water", "forest"))
    assert headline(embedded) == "A classifier of AlphaEarth embeddings at 10 m with 2 classes: water, forest."
    assert needs(embedded) == "It needs an AlphaEarth embedding layer with the bands A00 to A63."
    page = card_page(embedded, "x")
    assert "64 bands" in Outline(page).words
    assert "<details>" in page


@pytest.mark.parametrize(
    ("sensor", "band", "shows", "nanometres"),
    [
        ("sentinel-2-l2a", "B09", "water vapour", "945 nm"),
        ("landsat-8", "B6", "swir1", "1609 nm"),
        ("aerial", "red", "", "660 nm"),
        ("sentinel-1-grd", "VV", "", ""),
        ("generic", "band 1", "", ""),
    ],
)
def test_bands_are_explained_where_their_name_does_not(sensor: str, band: str, shows: str, nanometres: str) -> None:
    assert (meaning(sensor, band), wavelength(sensor, band)) == (shows, nanometres)
