"""Pretraining on time stacks: dates one by one, and as a series beside a finer image."""

import itertools
from contextlib import ExitStack

import numpy as np
import pytest
import torch
from helpers import squares, write_features, write_raster
from landsketch.core import training
from landsketch.core.card_files import read_card
from landsketch.core.errors import SpecError
from landsketch.core.jobs import run_job
from landsketch.core.pretraining import page
from landsketch.core.pretraining.calendar import SLOTS, drawn_dates, slot_of
from landsketch.core.pretraining.opening import opened_dates
from landsketch.core.pretraining.places import place_of
from landsketch.core.pretraining.statistics import cards_of
from landsketch.core.pretraining.stepped import SteppedScene
from landsketch.core.pretraining.stream import WindowStream
from landsketch.core.progress import Reporter
from landsketch.core.scenes import open_scene
from landsketch.core.specs import SourceSpec
from landsketch.models.checkpoints import load_weights
from rasterio.windows import Window
from stacks import image_item, write_stack

BANDS = ("B02", "B03", "B04", "B08")
DAYS = ("2020-03-02", "2020-03-09", "2020-05-20", "2021-07-30")
SIDE, FINE = 48, 4
TINY = {"window": 64, "batch": 2, "steps": 2, "device": "cpu"}


@pytest.fixture
def stack(tmp_path):
    """Four dates of a place, whose values rise to the east; the last one is hidden in the west by a mask file."""
    items = []
    for number, day in enumerate(DAYS):
        ramp = np.broadcast_to(np.arange(SIDE) * 40 + 1000 * (number + 1), (4, SIDE, SIDE)).astype(np.uint16)
        path = write_raster(tmp_path / f"{day}.tif", ramp, names=BANDS)
        clouds = np.zeros((1, SIDE, SIDE), np.uint8)
        clouds[:, :, : SIDE // 2] = number == len(DAYS) - 1
        mask = write_raster(tmp_path / f"clouds_{day}.tif", clouds)
        items.append(image_item(day, path, BANDS, mask=(mask, 1, "mask")))
    return write_stack(tmp_path / "stack.json", items)


@pytest.fixture
def aerial(tmp_path):
    """A finer image of the same ground, whose values rise to the east as well."""
    ramp = np.broadcast_to(np.arange(SIDE * FINE) + 20, (3, SIDE * FINE, SIDE * FINE)).astype(np.uint8)
    return write_raster(tmp_path / "aerial.tif", ramp, names=("red", "green", "blue"), gsd=10 / FINE)


def pair(aerial, stack):
    return {"sources": [{"role": "optical", "path": aerial}, {"role": "series", "path": stack}]}


def pretrain(scenes, output, reporter=None, **changes):
    return run_job("pretrain", {"scenes": scenes, "output": str(output)} | TINY | changes, reporter or Reporter())


def test_half_months_hold_one_of_their_dates():
    assert [slot_of(day) for day in ("2020-01-15", "2021-01-16", "1999-12-31")] == [0, 1, 23]
    assert [slot_of(day) for day in SLOTS] == list(range(24))
    generator = np.random.default_rng(0)
    draws = [drawn_dates(DAYS, generator) for _ in range(40)]
    assert {tuple(drawn) for drawn in draws} == {(4, 9, 13)}
    assert {drawn[4] for drawn in draws} == {0, 1}, "each date of a slot has its turn"


def test_windows_of_a_series_lie_where_the_image_does(aerial, stack):
    with open_scene((SourceSpec("optical", aerial), SourceSpec("series", stack, offset=0.0))) as opened:
        scene = SteppedScene(opened)
        cards = cards_of([scene])
        scene.bind(cards)
        series = next(card for card in cards if card.role == "series")
        assert (series.dates, series.step, series.margin) == (SLOTS, FINE, 8)
        bands = {card.role: card.bands for card in cards}
        stream = WindowStream([place_of([scene], bands)], bands, 64, seed=0)
        shown = set()
        for sample in itertools.islice(stream, 30):
            west = float(sample["optical"][0, 0, 0]) - 20  # fine pixels from the image's edge
            by_date = sample["series"].unflatten(0, (24, 4))
            there = [slot for slot in range(24) if by_date[slot].isfinite().any()]
            assert set(there) <= {4, 9, 13}
            shown.add(round(float(by_date[4, 0, 16, 8] - 40 * west / FINE) / 1000))
            inner = by_date[9, 0, 8:-8, 8:-8]
            expected = 3000 + 40 * (west / FINE + torch.arange(16.0))
            assert torch.allclose(inner[8], expected, atol=30)
        assert shown == {1, 2}, "both dates of the first half of March"


def test_a_network_of_two_branches_is_pretrained_and_fine_tuned(aerial, stack, tmp_path, monkeypatch):
    monkeypatch.setattr(page, "COMPARED", 6)
    monkeypatch.setattr(training, "STEPS_PER_EPOCH", 1)
    warnings = []
    reporter = Reporter(lambda event: warnings.append(event.get("message", "")))
    output, report = tmp_path / "encoder.safetensors", tmp_path / "report.html"
    options = {"options": {"compare": "branches", "temperature": 0.7, "dim": 16}, "report": str(report)}
    scenes = [pair(aerial, stack)]
    result = pretrain(scenes, output, reporter, method="simclr", network="two-branch", **options)
    assert np.isfinite(list(result["history"][-1].values())).all()
    assert any("2 are few: in a study of Hameln" in line for line in warnings)
    assert "What it takes for alike" in report.read_text(encoding="utf-8")
    card = read_card(str(output))
    assert card.architecture["encoder"] == {"name": "two-branch", "encoder": "resnet18"}
    assert card.roles == ("optical", "series") and card.source("series").dates == SLOTS
    labels = {"path": write_features(tmp_path / "labels.gpkg", *squares(SIDE)), "field": "class"}
    fitted = str(tmp_path / "fitted.safetensors")
    spec = {"labels": labels, "output": fitted, "checkpoint": str(output), "network": "two-branch", "device": "cpu"}
    run_job("finetune", scenes[0] | spec | {"mode": "decoder", "epochs": 1}, Reporter())
    card = read_card(fitted)
    assert card.source("series").dates == DAYS and card.provenance["parent"] == "encoder.safetensors"
    learned, before = (load(path)["unet.encoder.model.conv1.weight"] for path in (fitted, str(output)))
    assert torch.equal(torch.as_tensor(learned), torch.as_tensor(before)), "it did not start from the encoder"


def load(path):
    return {name.removeprefix("encoder."): tensor for name, tensor in load_weights(path).items()}


def test_what_a_mask_hides_is_no_data(stack):
    with ExitStack() as opened:
        whole, dates = opened_dates((SourceSpec("optical", stack, offset=0.0),), None, opened)
        assert whole.source("optical").dates == DAYS
        assert [scene.source("optical").dates for scene in dates] == [(day,) for day in DAYS]
        images = [scene.read(Window(0, 0, SIDE, SIDE), {"optical": BANDS})["optical"] for scene in dates]
    assert all(np.isfinite(image).all() for image in images[:3])
    assert np.isnan(images[3][:, :, : SIDE // 2]).all() and np.isfinite(images[3][:, :, SIDE // 2 :]).all()


def test_dates_of_a_stack_are_learned_from_one_by_one(stack, tmp_path):
    lines = []
    reporter = Reporter(lambda event: lines.append(event.get("message", "")))
    scenes = [{"sources": [{"role": "optical", "path": stack}], "series": "here"}]
    output = tmp_path / "e.safetensors"
    options = {"decoder_dim": 32, "decoder_depth": 1}
    pretrain(scenes, output, reporter, method="3dmae", network="nano", window=32, options=options)
    card = read_card(str(output))
    assert card.source("optical").dates == () and "Learns from its 4 dates one by one." in lines
    assert [entry["name"] for entry in card.provenance["data"]] == ["stack.json"]


def test_what_a_network_does_not_read_is_named(aerial, stack, tmp_path):
    with pytest.raises(SpecError, match="does not read a time stack beside an image"):
        pretrain([pair(aerial, stack)], tmp_path / "e.safetensors", method="3dmae", network="nano")
    alone = [{"sources": [{"role": "optical", "path": aerial}]}]
    with pytest.raises(SpecError, match=r"a scene has optical\."):
        pretrain(alone, tmp_path / "e.safetensors", method="simclr", network="two-branch")
    wrong = {"method": "simclr", "options": {"compare": "branches"}}
    with pytest.raises(SpecError, match="one encoder for all bands can compare views only"):
        pretrain(alone, tmp_path / "e.safetensors", network="resnet18", **wrong)
