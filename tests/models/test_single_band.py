"""The encoder of single bands: any bands of any sensor, one at a time."""

from dataclasses import replace
from typing import ClassVar

import pytest
import torch
from encoder_checks import EncoderChecks
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.core.errors import CheckpointError
from landsketch.models.encoders.offers import SceneOffer, SourceOffer
from landsketch.models.encoders.single_band import FEW, SingleBandFeatures
from places import OPTICAL, SAR, places

FIVE = replace(
    OPTICAL,
    bands=("B02", "B03", "B04", "B08", "B11"),
    normalisation=Normalisation("3-sigma", (0.0,) * 5, (3000.0,) * 5, (0.0, 1.0)),
)


class SingleBandChecks(EncoderChecks):
    unused = ("layer3", "layer4")


class TestSideBySide(SingleBandChecks):
    architecture: ClassVar = {"name": "single-band", "model": "resnet10t", "levels": [1, 2]}
    sources = (SAR,)


class TestAveraged(SingleBandChecks):
    architecture: ClassVar = {"name": "single-band", "model": "resnet10t", "levels": [1, 2]}
    sources = (FIVE, SAR)


def encoder(*sources, **arguments):
    torch.manual_seed(0)
    return SingleBandFeatures(sources or (SAR,), "resnet10t", (1, 2), **arguments).eval()


def test_few_bands_stand_side_by_side_and_many_are_averaged():
    width = encoder(SAR).of_band.channels
    assert encoder(SAR).channels == tuple(2 * count for count in width)
    assert encoder(OPTICAL).channels == tuple(FEW * count for count in width)
    assert encoder(FIVE).channels == encoder(OPTICAL, join="mean").channels == width
    assert encoder(FIVE, SAR, join="concat").channels == tuple(7 * count for count in width)
    with pytest.raises(CheckpointError, match="'sum'; one of auto, concat, mean"):
        encoder(SAR, join="sum")


def test_each_band_is_encoded_on_its_own():
    network, images = encoder(SAR), {"sar": places(2)["sar"]}
    swapped = {"sar": images["sar"].flip(1)}
    flipped = replace(SAR, normalisation=Normalisation("3-sigma", (-32.0, -25.0), (30.0, 30.0), (0.0, 1.0)))
    other = encoder(flipped)
    with torch.inference_mode():
        for before, after in zip(network(images), other(swapped), strict=True):
            first, second = before.chunk(2, dim=1)
            assert torch.allclose(torch.cat([second, first], dim=1), after, atol=1e-5)


def test_the_mean_leaves_out_bands_without_data():
    network = encoder(SAR, join="mean")
    image = places(2)["sar"]
    image[:, 1] = torch.nan
    alone = encoder(replace(SAR, bands=("VV",), normalisation=Normalisation("3-sigma", (-25.0,), (30.0,), (0.0, 1.0))))
    with torch.inference_mode():
        for mean, one in zip(network({"sar": image}), alone({"sar": image[:, :1]}), strict=True):
            assert torch.allclose(mean, one, atol=1e-4)


def test_it_takes_whatever_bands_a_scene_has_and_scales_them_by_the_scene():
    scene = SceneOffer(
        (
            SourceOffer("optical", "a.tif", "aerial", ("red", "nir"), "raw", 0.2),
            SourceOffer("sar", "b.tif", "generic", ("band 1",), "db", 10.0),
        )
    )
    adapted = SingleBandFeatures.adapted((OPTICAL, SAR), {"model": "resnet10t"}, scene)
    assert adapted.arguments == {"model": "resnet10t"}
    assert [(taken.role, taken.sensor, taken.bands, taken.units) for taken in adapted.sources] == [
        ("optical", "aerial", ("red", "nir"), "raw"),
        ("sar", "generic", ("band 1",), "db"),
    ]
    assert all(taken.normalisation.is_open for taken in adapted.sources)


def test_scaling_by_two_or_three_deviations_means_the_same():
    mean, deviation = -12.0, 5.0
    generator = torch.Generator().manual_seed(0)
    image = mean + deviation * (3 * torch.rand(2, 2, 32, 32, generator=generator) - 1.5)
    maps = []
    for method, count in (("scene-2-sigma", 2), ("3-sigma", 3)):
        offset, scale = mean - count * deviation, 2 * count * deviation
        scaling = Normalisation(method, (offset,) * 2, (scale,) * 2, (0.0, 1.0))
        with torch.inference_mode():
            maps.append(encoder(replace(SAR, normalisation=scaling))({"sar": image})[-1])
    assert torch.allclose(*maps, atol=1e-4)


def test_weights_go_from_one_sensor_to_another():
    trained = encoder(FIVE, SAR).pretrained_part()
    red = SourceCard("optical", "aerial", ("red",), "raw", 0.2, Normalisation("constant", (0.0,), (255.0,)))
    other = SingleBandFeatures([red], "resnet10t", (1, 2))
    other.pretrained_part().load_state_dict(trained.state_dict())
