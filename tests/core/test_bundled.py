"""The encoder that comes with LandSketch is the default where it knows the sensors."""

import os

import numpy as np
import pytest
import torch
from helpers import write_raster
from landsketch.core.bundled import BUNDLED, bundled_knows
from landsketch.core.card_files import read_card
from landsketch.core.scenes import open_scene
from landsketch.core.simulate import simulate
from landsketch.core.specs import FinetuneSpec, SourceSpec, VectorSpec
from landsketch.core.starts import frozen_start, starting_point
from landsketch.models.checkpoints import load_weights


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return simulate(str(tmp_path_factory.mktemp("bundled")))


def both(files):
    return SourceSpec("optical", files.optical), SourceSpec("sar", files.sar)


def test_it_is_small_and_says_what_it_is():
    card, weights = read_card(BUNDLED), load_weights(BUNDLED)
    assert os.path.getsize(BUNDLED) < 8e6
    assert {tensor.dtype for tensor in weights.values()} == {torch.float16}
    assert card.roles == ("optical", "sar") and all(source.optional and source.partial for source in card.sources)
    assert card.provenance["teacher"] and card.provenance["licence"].startswith("GPL-3.0")
    learned_from = " ".join(source["name"] for source in card.provenance["data"])
    judged_on = ("282D_485L_3_3", "637U_59R_1_3")  # Brazil and Denmark
    assert not any(place in learned_from for place in judged_on)


@pytest.mark.parametrize("roles", [("optical", "sar"), ("optical",), ("sar",)])
def test_it_is_the_default_for_sentinel_images(files, roles):
    with open_scene([spec for spec in both(files) if spec.role in roles]) as scene:
        start = frozen_start("", scene, seed=0)
    assert start.pretrained and start.card.architecture["encoder"]["name"] == "merged-galileo"
    assert start.card.roles == roles
    weights = load_weights(BUNDLED)
    assert all(torch.equal(tensor, weights[name].float()) for name, tensor in start.encoder.state_dict().items())


def test_other_sensors_get_random_features(files, tmp_path):
    aerial = write_raster(tmp_path / "aerial.tif", np.full((3, 64, 64), 90, np.uint8))
    for spec in (SourceSpec("optical", files.optical, sensor="generic"), SourceSpec("optical", aerial)):
        with open_scene([spec]) as scene:
            assert not bundled_knows(scene)
            assert frozen_start("", scene, seed=0).card.architecture["encoder"]["name"] == "random-features"


def test_four_of_its_bands_are_enough_and_three_are_not(files, tmp_path):
    for names, enough in ((("B02", "B03", "B04", "B08"), True), (("B02", "B03", "B04"), False)):
        image = np.full((len(names), 64, 64), 1500, np.uint16)
        few = write_raster(tmp_path / f"{len(names)}.tif", image, names=names)
        with open_scene([SourceSpec("optical", few, sensor="sentinel-2-l2a")]) as scene:
            assert bundled_knows(scene) == enough


@pytest.mark.parametrize(
    ("mode", "encoder"), [("decoder", "merged-galileo"), ("lora", "merged-galileo"), ("full", "unet")]
)
def test_training_that_keeps_an_encoder_starts_from_it(files, mode, encoder):
    sources = both(files)
    spec = FinetuneSpec(sources, VectorSpec(files.labels, field="class"), os.devnull, mode=mode)
    with open_scene(sources) as scene:
        start = starting_point(spec, scene)
    assert start.card.architecture["encoder"]["name"] == encoder
    assert start.pretrained == (encoder == "merged-galileo")
