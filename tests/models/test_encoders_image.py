"""Encoders of images: what holds for all of them, what they refuse, and how they take a scene."""

from typing import ClassVar

import pytest
import torch
from encoder_checks import EncoderChecks
from landsketch.core.cards import ANY_SENSOR, Normalisation, SourceCard
from landsketch.core.errors import CheckpointError
from landsketch.models.encoders.offers import SceneOffer, SourceOffer
from landsketch.models.encoders.positions import resampled
from landsketch.models.segmenter import build_encoder
from support import GALILEO, OPTICAL, PLAIN, RADAR
from timm.layers import resample_abs_pos_embed

RGB = SourceCard(
    "optical", "aerial", ("red", "green", "blue"), "raw", 0.5, Normalisation("constant", (0.0,) * 3, (255.0,) * 3)
)
SMALL_VIT = {"embed_dim": 32, "depth": 2, "num_heads": 2}


class TestGalileo(EncoderChecks):
    architecture: ClassVar = GALILEO
    sources = (OPTICAL, RADAR)
    exports = False


class TestUNet(EncoderChecks):
    architecture: ClassVar = {"name": "unet", "encoder": "resnet18"}
    sources = (PLAIN, RADAR)
    unused = ("model.layer4",)  # four stages are the stem and three layers


class TestRandomFeatures(EncoderChecks):
    architecture: ClassVar = {"name": "random-features", "filters": 16}
    sources = (PLAIN, RADAR)


class TestResNet(EncoderChecks):
    architecture: ClassVar = {"name": "resnet", "model": "resnet18"}
    sources = (PLAIN, RADAR)
    unused = ("layer4",)


class TestVit(EncoderChecks):
    architecture: ClassVar = {
        "name": "vit",
        "model": "vit_tiny_patch16_224",
        "published": 64,
        "blocks": [1],
        **SMALL_VIT,
    }
    sources = (PLAIN, RADAR)


class TestVitWithRegistersAndOtherPositions(EncoderChecks):
    architecture: ClassVar = {
        "name": "vit", "model": "vit_small_patch14_reg4_dinov2", "published": 56, "image": 84, **SMALL_VIT,
    }  # fmt: skip
    sources = (PLAIN,)


class TestSwinV2(EncoderChecks):
    architecture: ClassVar = {"name": "swin-v2", "model": "swin_v2_t", "levels": [1, 2], "depths": [2, 2, 1, 1]}
    sources = (PLAIN, RADAR)
    unused = ("features.4", "features.5", "features.6", "features.7")


class TestSwin(EncoderChecks):
    architecture: ClassVar = {
        "name": "swin", "levels": [1, 2], "embed_dim": 24, "depths": [2, 2, 1, 1], "num_heads": [1, 2, 3, 3],
    }  # fmt: skip
    sources = (PLAIN, RADAR)
    unused = ("layers.2", "layers.3", "norm")


class TestDofa(EncoderChecks):
    architecture: ClassVar = {"name": "dofa", "width": 32, "depth": 2, "heads": 2, "image": 64}
    sources = (PLAIN,)


class TestScaleMAE(EncoderChecks):
    architecture: ClassVar = {"name": "scalemae", "width": 32, "depth": 2, "heads": 2, "image": 64}
    sources = (RGB,)


@pytest.mark.parametrize("prefix", [0, 1, 5])
def test_positions_are_resampled_as_in_timm_and_only_where_needed(prefix):
    positions = torch.randn(1, prefix + 16 * 16, 8, generator=torch.Generator().manual_seed(0))
    assert resampled(positions, 16, 16, prefix) is positions
    expected = resample_abs_pos_embed(positions, [10, 24], num_prefix_tokens=prefix, antialias=False)
    assert torch.allclose(resampled(positions, 10, 24, prefix), expected, atol=1e-6)


@pytest.mark.parametrize("claims", [TestResNet, TestVit, TestSwinV2, TestSwin, TestDofa, TestScaleMAE])
def test_the_edge_of_the_data_is_no_edge_to_the_network(claims):
    encoder = claims().build()
    side = 2 * claims().side(encoder)
    tiles = claims().images(side, side)
    flat = {role: tile.mean(dim=(-2, -1), keepdim=True).expand_as(tile) for role, tile in tiles.items()}
    holed = {role: tile.clone() for role, tile in flat.items()}
    for tile in holed.values():
        tile[..., : side // 2, : side // 3] = torch.nan
    with torch.inference_mode():
        for whole, part in zip(encoder(flat), encoder(holed), strict=True):
            difference = (part - whole).abs() / whole.std()
            assert difference[..., part.shape[-2] // 2 :, :].max() < 1e-3, "below the edge"
            assert difference[..., part.shape[-1] // 3 + 1 :].max() < 1e-3, "beside the edge"


def dofa_adapted(sensor, bands, role="optical", more=()):
    cards = [
        SourceCard(role, ANY_SENSOR, (), "raw", 0, Normalisation("scene-z-score", (), ()), optional=True)
        for role in ("optical", "sar")
    ]
    offer = SourceOffer(role, "scene.tif", sensor, bands, "raw", 30.0)
    return TestDofa().build().adapted(cards, {}, SceneOffer((offer, *more)))


def test_dofa_takes_all_bands_of_known_wavelength_but_the_thermal_ones():
    adapted = dofa_adapted("landsat-8", ("B2", "B3", "B4", "B5", "B10", "B11"))
    (source,) = adapted.sources
    assert source.bands == ("B2", "B3", "B4", "B5") and source.sensor == "landsat-8" and source.gsd == 30
    assert source.normalisation.is_open
    assert any("B10, B11" in warning for warning in adapted.warnings)
    assert dofa_adapted("sentinel-1-grd", ("VV", "VH"), "sar").sources[0].bands == ("VV", "VH")
    with pytest.raises(CheckpointError, match=r"B10.*0\.4 and"):
        dofa_adapted("landsat-8", ("B10",))
    with pytest.raises(CheckpointError, match=r"unknown wavelengths"):
        dofa_adapted("generic", ("band 1", "band 2"))
    with pytest.raises(CheckpointError, match=r"one sensor at a time; 2 layers"):
        dofa_adapted("landsat-8", ("B2",), more=(SourceOffer("sar", "s1.tif", "sentinel-1-grd", ("VV",), "db", 10),))


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ({"name": "resnet", "levels": [0, 5]}, r"stages \[0, 5\]"),
        ({"name": "swin-v2", "model": "swin_v2_x"}, r"'swin_v2_x'; known are swin_v2_t"),
        ({"name": "vit", "model": "resnet18"}, r"resnet18"),
        ({"name": "vit", "upsample": 3}, r"enlarged 3 times, cannot be cut into patches of 16"),
        ({"name": "vit", "blocks": [12]}, r"blocks \[12\].*1 to 11"),
        ({"name": "swin", "model": "vit_tiny_patch16_224"}, r"vit_tiny_patch16_224"),
        ({"name": "swin", "model": "no_such_model"}, r"no_such_model"),
    ],
)
def test_arguments_that_cannot_be_are_refused(architecture, words):
    with pytest.raises(CheckpointError, match=words):
        build_encoder({"encoder": architecture}, [PLAIN])


def test_dofa_refuses_bands_of_unknown_wavelength():
    with pytest.raises(CheckpointError, match=r"wavelength of band 'B77' of sensor 'sentinel-2-l2a'"):
        build_encoder({"encoder": TestDofa.architecture}, [SourceCard(**{**vars(PLAIN), "bands": ("B77",)})])
