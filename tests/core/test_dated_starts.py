"""Fine-tuning and classifying time stacks, from start to map."""

import numpy as np
import pytest
import rasterio
import torch
from helpers import squares, write_features, write_raster
from landsketch.core import training
from landsketch.core.card_files import read_card
from landsketch.core.errors import SpecError
from landsketch.core.jobs import run_job
from landsketch.core.network_starts import network_start
from landsketch.core.progress import Reporter
from landsketch.core.scenes import open_scene
from landsketch.core.specs import FinetuneSpec, SourceSpec, VectorSpec
from landsketch.core.starts import frozen_start, starting_point
from landsketch.core.windows import read_window
from rasterio.windows import Window
from stacks import image_item, write_stack

BANDS = ("B02", "B03", "B04", "B08")
SIDE = 64
DAYS = ("2020-03-02", "2020-04-15", "2020-07-20")


def season(number, side=SIDE, seed=0):
    """(band, y, x): the left half is bright in spring, the right one in summer; over all dates both are alike."""
    random = np.random.default_rng(seed + number)
    image = np.full((4, side, side), 800.0)
    half = slice(None, side // 2) if number < 2 else slice(side // 2, None)
    image[:, :, half] = 2400 if number == 2 else 1600
    return (image + random.normal(0, 60, image.shape)).astype(np.uint16)


@pytest.fixture
def stack(tmp_path):
    items = []
    for number, day in enumerate(DAYS):
        image = season(number)
        if number == 1:
            image[:, :, 40:] = 0  # no data
        path = write_raster(tmp_path / f"{day}.tif", image, names=BANDS)
        items.append(image_item(day, path, BANDS))
    return write_stack(tmp_path / "stack.json", items)


@pytest.fixture
def labels(tmp_path):
    return write_features(tmp_path / "labels.gpkg", *squares(SIDE))


def learned(stack, labels, tmp_path, **changes):
    """Fine-tunes and classifies; returns the card and the map."""
    sources = changes.pop("sources", [{"role": "optical", "path": stack}])
    checkpoint, output = str(tmp_path / "c.safetensors"), str(tmp_path / "map.tif")
    spec = {"sources": sources, "labels": {"path": labels, "field": "class"}, "output": checkpoint}
    run_job("finetune", spec | {"epochs": 3} | changes, Reporter())
    run_job("classify", {"sources": sources, "checkpoint": checkpoint, "output": output}, Reporter())
    with rasterio.open(output) as dataset:
        return read_card(checkpoint), dataset.read(1)


def assert_halves(found):
    left, right = np.split(found, 2, axis=1)
    assert (left[:, :-2] == 1).mean() > 0.97 and (right[:, 2:] == 2).mean() > 0.97


@pytest.mark.parametrize("pooling", ["auto", "concatenate"])
def test_the_light_head_takes_a_stack(stack, labels, tmp_path, pooling):
    card, found = learned(stack, labels, tmp_path, pooling=pooling)
    wanted = "statistics" if pooling == "auto" else pooling
    assert card.architecture["encoder"]["name"] == "per-date" and card.architecture["encoder"]["pooling"] == wanted
    assert card.sources[0].dates == DAYS
    assert_halves(found)


def test_a_stack_gets_a_utae_which_goes_on_with_other_dates(stack, labels, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "STEPS_PER_EPOCH", 1)
    card, found = learned(stack, labels, tmp_path, mode="full", epochs=1)
    assert card.architecture["encoder"] == {"name": "utae"} and card.architecture["head"]["name"] == "linear"
    assert found.shape == (SIDE, SIDE) and set(np.unique(found)) <= {1, 2}
    later = [image_item(day.replace("2020", "2021"), str(tmp_path / f"{day}.tif"), BANDS) for day in (DAYS[0], DAYS[2])]
    parent = str(tmp_path / "c.safetensors")
    with open_scene([SourceSpec("optical", write_stack(tmp_path / "later.json", later))]) as scene:
        start = frozen_start(parent, scene, 0)
    assert start.sources[0].dates == start.encoder.dates["optical"] == ("2021-03-02", "2021-07-20")
    assert start.previous is not None and start.pretrained


def test_a_checkpoint_of_single_images_is_run_on_each_date(stack, labels, tmp_path):
    image = [{"role": "optical", "path": str(tmp_path / f"{DAYS[0]}.tif")}]
    learned("", labels, tmp_path, sources=image)
    parent = str(tmp_path / "parent.safetensors")
    (tmp_path / "c.safetensors").rename(parent)
    card, found = learned(stack, labels, tmp_path, checkpoint=parent)
    entry = card.architecture["encoder"]
    assert entry["name"] == "per-date" and entry["inner"] == read_card(parent).architecture["encoder"]
    assert card.sources[0].normalisation == read_card(parent).sources[0].normalisation
    assert_halves(found)


@pytest.fixture
def beside(tmp_path, stack):
    """A fine image of the same ground, whose brightness tells nothing, and the stack as a series beside it."""
    random = np.random.default_rng(5).integers(40, 200, (3, 4 * SIDE, 4 * SIDE)).astype(np.uint8)
    fine = write_raster(tmp_path / "aerial.tif", random, names=("red", "green", "blue"), gsd=2.5)
    return [{"role": "optical", "path": fine}, {"role": "series", "path": stack}]


def test_a_light_head_sees_the_series_beside_a_fine_image(beside, labels, tmp_path):
    card, found = learned("", labels, tmp_path, sources=beside)
    assert card.source("series").step == 4 and card.source("series").dates == DAYS
    assert found.shape == (4 * SIDE, 4 * SIDE)
    left, right = np.split(found, 2, axis=1)  # features are as coarse as 16 pixels of the image
    assert (left[:, :-32] == 1).mean() > 0.95 and (right[:, 32:] == 2).mean() > 0.95


def test_from_scratch_a_series_beside_a_fine_image_gets_two_branches(beside):
    sources = tuple(SourceSpec(source["role"], source["path"]) for source in beside)
    spec = FinetuneSpec(sources, VectorSpec("l"), "c.safetensors", mode="full", timm_encoder="resnet10t")
    with open_scene(sources) as scene:
        start = starting_point(spec, scene)
        network = start.network(2).eval()
        window = read_window(scene, start.sources, Window(0, 0, 64, 64))
    assert start.card.architecture["encoder"] == {"name": "two-branch", "encoder": "resnet10t"}
    series = start.card.source("series")
    assert (series.step, series.margin, series.dates) == (4, 8, DAYS)
    with torch.inference_mode():
        logits = network({role: torch.from_numpy(image)[None] for role, image in window.items()})
    assert logits.shape == (1, 2, 64, 64) and torch.isfinite(logits).all()


def test_attention_has_to_be_trained():
    with pytest.raises(SpecError, match="attention over dates has to be trained"):
        FinetuneSpec((SourceSpec("optical", "s.json"),), VectorSpec("l.gpkg"), "c.safetensors", pooling="attention")


def test_attention_is_learned_over_a_frozen_encoder(stack, tmp_path):
    with open_scene([SourceSpec("optical", stack)]) as scene:
        pretrained = frozen_start("", scene, 0, "attention")
        spec = FinetuneSpec(
            (SourceSpec("optical", stack),), VectorSpec("l"), "c.safetensors", mode="full", network="utae"
        )
        assert starting_point(spec, scene).encoder.network.channels == 32
    part = {id(parameter) for parameter in pretrained.encoder.inner.parameters()}
    assert any(id(parameter) not in part for parameter in pretrained.encoder.parameters())


@pytest.mark.parametrize("network", ["swin-unet", "dual-swin"])
def test_networks_of_single_images_say_so(stack, network):
    sources = tuple(SourceSpec(role, stack) for role in ("optical", "sar")[: 2 if network == "dual-swin" else 1])
    spec = FinetuneSpec(sources, VectorSpec("l"), "c.safetensors", mode="full", network=network)
    words = r"reads single images; 'stack\.json' is a time stack.*\(U-Net, Double U-Net, U-TAE\)"
    with open_scene(sources[:1]) as scene, pytest.raises(SpecError, match=words):
        network_start(spec, scene)


def test_a_unet_from_scratch_runs_on_each_date(stack):
    sources = (SourceSpec("optical", stack),)
    spec = FinetuneSpec(
        sources, VectorSpec("l"), "c.safetensors", mode="full", network="unet", timm_encoder="resnet10t"
    )
    with open_scene(sources) as scene:
        start = network_start(spec, scene)
        network = start.network(2).eval()
        window = read_window(scene, start.sources, Window(0, 0, 64, 64))
    with torch.inference_mode():
        logits = network({role: torch.from_numpy(image)[None] for role, image in window.items()})
    assert logits.shape == (1, 2, 64, 64) and torch.isfinite(logits).all()
