"""Encoders of several sensors, or of any: claims over all of them, and equality with torchgeo's own networks."""

from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
import timm
import torch
from encoder_checks import EncoderChecks
from landsketch.core.cards import ANY_SENSOR, Normalisation, SourceCard
from landsketch.core.errors import CheckpointError
from landsketch.core.starts import with_statistics
from landsketch.models.checkpoints import fill
from landsketch.models.encoders import copernicus_fm, croma, pair, panopticon
from landsketch.models.encoders.offers import SceneOffer, SourceOffer
from landsketch.models.segmenter import build_encoder
from torchgeo.models import CROMA, CopernicusFM, Panopticon
from torchgeo.models.copernicusfm import resize_abs_pos_embed
from torchgeo.models.croma import get_2dalibi

S2_12 = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
S2_4 = ("B02", "B03", "B04", "B08")


def optical(bands=S2_12, sensor="sentinel-2-l2a"):
    count = len(bands)
    return SourceCard("optical", sensor, bands, "dn", 10, Normalisation("2-sigma", (0.0,) * count, (4000.0,) * count))


RADAR = SourceCard("sar", "sentinel-1-grd", ("VV", "VH"), "db", 10, Normalisation("2-sigma", (-30.0,) * 2, (40.0,) * 2))
OPEN = Normalisation("scene-2-sigma", (), ())
ANY = (
    SourceCard("optical", ANY_SENSOR, (), "raw", 0, OPEN, optional=True, partial=True),
    SourceCard("sar", ANY_SENSOR, (), "db", 0, OPEN, optional=True, partial=True),
)

CROMA_SMALL = {"name": "croma", "width": 32, "depth": 2, "image": 24}
PANOPTICON_SMALL = {"name": "panopticon", "width": 32, "depth": 1, "heads": 2, "fusion": 48}
COPERNICUS_SMALL = {"name": "copernicus-fm", "width": 32, "depth": 1, "heads": 2, "hyper": 16, "longitude": 10.0}
COPERNICUS_SMALL["latitude"] = 45.0
RESNET = {"name": "resnet", "model": "resnet18"}
PAIR_SMALL = {"name": "pair", "encoders": {"optical": RESNET, "sar": RESNET}}


class TestCroma(EncoderChecks):
    architecture: ClassVar = CROMA_SMALL
    sources = (optical(), RADAR)


class TestCromaOfRadarAlone(EncoderChecks):
    architecture: ClassVar = CROMA_SMALL
    sources = (RADAR,)


class TestPanopticon(EncoderChecks):
    architecture: ClassVar = PANOPTICON_SMALL
    sources = (optical(S2_4), RADAR)


class TestCopernicusFM(EncoderChecks):
    architecture: ClassVar = COPERNICUS_SMALL
    sources = (optical(S2_4), RADAR)
    unused = ("coord_token", "scale_token")  # place and area are known


class TestPair(EncoderChecks):
    architecture: ClassVar = PAIR_SMALL
    sources = (optical(S2_4), RADAR)
    unused = ("optical.layer4", "sar.layer4", "optical.fc", "sar.fc")


def tiles(sources, side):
    """One tile of each source, and the same normalised."""
    generator = torch.Generator().manual_seed(0)
    images = {}
    for source in sources:
        scale = torch.tensor(source.normalisation.scale).view(1, -1, 1, 1)
        images[source.role] = torch.rand(1, len(source.bands), side, side, generator=generator) * scale * 0.9
        images[source.role] += torch.tensor(source.normalisation.offset).view(1, -1, 1, 1)
    return images


def normalised(encoder, images):
    return {role: encoder.normalisers[role](image) for role, image in images.items()}


def randomised(network):
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn(parameter.shape), alpha=0.02)
    return network.eval()


def loaded(architecture, sources, weights):
    encoder = build_encoder({"encoder": architecture}, sources).eval()
    fill(encoder.pretrained_part(), encoder.used(weights), "published.pt")
    return encoder


def assert_tokens(features, tokens):
    """Checks a map (1, channel, row, column) against tokens (1, row × column, channel)."""
    assert torch.allclose(features.flatten(2).transpose(1, 2), tokens, atol=1e-5)


def torchgeo_croma():
    network = randomised(CROMA(encoder_dim=32, encoder_depth=2, image_size=24))
    parts = ("s1_encoder", "s1_GAP_FFN", "s2_encoder", "s2_GAP_FFN", "joint_encoder")
    return network, {part: getattr(network, part).state_dict() for part in parts}


@pytest.mark.parametrize("roles", [("optical", "sar"), ("sar",), ("optical",)])
def test_croma_equals_torchgeos_network(roles):
    network, published = torchgeo_croma()
    weights, arguments = croma.from_published(published)
    assert arguments == {"width": 32, "depth": 2}
    sources = [source for source in (optical(), RADAR) if source.role in roles]
    encoder = loaded({"name": "croma", "image": 24, **arguments}, sources, weights)
    images = tiles(sources, 24)
    scaled = normalised(encoder, images)
    with torch.inference_mode():
        if len(roles) == 2:
            expected = network(scaled["sar"], scaled["optical"])["joint_encodings"]
        else:
            branch = network.s1_encoder if roles == ("sar",) else network.s2_encoder
            expected = branch(scaled[roles[0]], network.attn_bias)
        assert_tokens(encoder(images)[0], expected)


def test_cromas_bias_falls_with_distance():
    bias = croma.distance_bias(4)
    assert torch.allclose(bias, get_2dalibi(16, 16), atol=1e-5)
    assert torch.equal(bias, bias.transpose(2, 3)) and (bias.diagonal(dim1=2, dim2=3) == 0).all()
    assert bias[0, 0, 0, 1].item() == pytest.approx(-0.70711, abs=1e-5)


def test_croma_of_radar_alone_does_not_know_the_optical_weights():
    _, published = torchgeo_croma()
    weights, arguments = croma.from_published(published)
    images = tiles([RADAR], 24)
    with torch.inference_mode():
        before = loaded({**CROMA_SMALL, **arguments}, [RADAR], weights)(images)[0]
        changed = {name: tensor + 1 if name.startswith("s2_encoder") else tensor for name, tensor in weights.items()}
        encoder = loaded({**CROMA_SMALL, **arguments}, [RADAR], changed)
        assert torch.equal(before, encoder(images)[0])
    assert not any(name.startswith(("s2_", "joint")) for name in encoder.pretrained_part().state_dict())


def test_croma_takes_windows_of_multiples_of_8_only():
    assert build_encoder({"encoder": {**CROMA_SMALL, "image": 40}}, [RADAR]).window == 40
    with pytest.raises(CheckpointError, match=r"100 pixels.*patches of 8"):
        build_encoder({"encoder": {**CROMA_SMALL, "image": 100}}, [RADAR])


def test_croma_refuses_a_scene_without_one_of_its_bands():
    stated = (SourceCard("optical", "sentinel-2-l2a", S2_12, "dn", 10, OPEN, optional=True),)
    offer = SourceOffer("optical", "s2.tif", "sentinel-2-l2a", S2_12[1:], "dn", 10)
    with pytest.raises(CheckpointError, match="missing: B01"):
        croma.CromaFeatures.adapted(stated, {}, SceneOffer((offer,)))


def test_a_file_that_is_not_cromas_is_refused():
    with pytest.raises(CheckpointError, match="s1_encoder, s2_encoder, joint_encoder is missing"):
        croma.from_published({"conv1.weight": torch.zeros(3)})


def test_panopticon_equals_torchgeos_network(monkeypatch):
    create = timm.create_model
    # torchgeo's class lets all be chosen but the depth, which would be twelve.
    monkeypatch.setattr(timm, "create_model", lambda name, **chosen: create(name, **({"depth": 2} | chosen)))
    network = Panopticon(attn_dim=48)
    with torch.no_grad():
        network.model.patch_embed.chnfus.chnemb.embed_transmit.normal_()
    published = {**network.eval().model.state_dict(), "mask_token": torch.zeros(1, 768)}
    weights, arguments = panopticon.from_published(published)
    assert arguments == {"width": 768, "depth": 2, "heads": 12, "fusion": 48}
    sources = [optical(("B02", "B08")), RADAR]
    encoder = loaded({"name": "panopticon", "upsample": 1, **arguments}, sources, weights)
    images = tiles(sources, 224)
    scaled = torch.cat(list(normalised(encoder, images).values()), dim=1)
    names = torch.tensor([[493, 828, -1, -2]])
    with torch.inference_mode():
        expected = network.model.forward_features({"imgs": scaled, "chn_ids": names})[:, 1:]
        assert_tokens(encoder(images)[0], expected)


def test_panopticons_positions_are_resampled_to_its_windows():
    positions = torch.randn(1, 1 + 37 * 37, 64)
    published = {"pos_embed": positions, "patch_embed.chnfus.query": torch.zeros(1, 1, 48), "blocks.0.norm1.bias": 0}
    weights, _ = panopticon.from_published(published)
    expected = resize_abs_pos_embed(positions, 16, 37)
    assert weights["pos_embed"].shape == (1, 257, 64)
    assert torch.allclose(weights["pos_embed"], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("sensor", "band", "number"),
    [
        ("sentinel-2-l1c", "B08", 828),
        ("sentinel-1-rtc", "VH", -2),
        ("landsat-8", "B5", 865),
        ("aerial", "red", 660),
    ],
)
def test_panopticon_is_told_wavelengths_and_polarisations(sensor, band, number):
    assert panopticon.channel_name(sensor, band) == number


def test_copernicus_fm_equals_torchgeos_network():
    network = randomised(CopernicusFM(embed_dim=32, depth=2, num_heads=2, hyper_dim=16))
    weights, arguments = copernicus_fm.from_published(
        {name: tensor for name, tensor in network.state_dict().items() if not name.startswith("fc_norm")}
    )
    assert arguments == {"width": 32, "depth": 2, "heads": 1, "hyper": 16}
    architecture = {
        "name": "copernicus-fm",
        "upsample": 1,
        "longitude": 12.5,
        "latitude": 47.5,
        **arguments,
        "heads": 2,
    }
    sources = [optical(S2_4, "sentinel-2-l1c"), RADAR]
    encoder = loaded(architecture, sources, weights)
    images = tiles(sources, 224)
    scaled = normalised(encoder, images)
    metadata = torch.tensor([[12.5, 47.5, torch.nan, 0.0256]])
    tokens = []
    network.blocks[-1].register_forward_hook(lambda module, inputs, output: tokens.append(output[:, 1:]))
    with torch.inference_mode():
        pooled = [
            network(scaled["optical"], metadata, [490, 560, 665, 842], [65, 35, 30, 115], kernel_size=16),
            network(scaled["sar"], metadata, [5e7, 5e7], [1e9, 1e9], kernel_size=16),
        ]
        features = encoder(images)[0]
    for source, (expected, image_feature) in enumerate(zip(tokens, pooled, strict=True)):
        assert_tokens(features[:, 32 * source : 32 * (source + 1)], torch.nn.functional.layer_norm(expected, (32,)))
        normed = network.fc_norm(expected.mean(dim=1))
        assert torch.allclose(normed, image_feature, atol=1e-5), "these are the tokens that torchgeo pools"


def test_copernicus_fm_uses_its_learned_codes_for_what_is_not_known():
    place = {"longitude": None, "latitude": None}
    tiny = SourceCard(
        "optical", "aerial", ("red", "nir"), "raw", 0.2, Normalisation("z-score", (0.0,) * 2, (255.0,) * 2)
    )
    encoder = build_encoder({"encoder": COPERNICUS_SMALL | place}, [tiny])
    with torch.no_grad():
        before = encoder.eval()(tiles([tiny], encoder.window))[0]
        for token in (encoder.network.coord_token, encoder.network.scale_token):
            token.normal_()
            after = encoder(tiles([tiny], encoder.window))[0]
            assert not torch.allclose(before, after)
            before = after


@pytest.mark.parametrize("encoder", [panopticon.PanopticonFeatures, copernicus_fm.CopernicusFMFeatures])
class TestOfAnySensor:
    def test_all_bands_of_known_wavelength_are_read_by_the_scenes_statistics(self, encoder):
        landsat = SourceOffer("optical", "l8.tif", "landsat-8", ("B2", "B5", "B10"), "raw", 30)
        found = encoder.adapted(ANY, {}, SceneOffer((landsat,)))
        (source,) = found.sources
        assert (source.sensor, source.bands, source.gsd) == ("landsat-8", ("B2", "B5"), 30)
        assert source.normalisation == Normalisation("scene-z-score", (), ())
        assert "B10 of 'l8.tif'" in found.warnings[0]

    def test_both_sources_are_read(self, encoder):
        offers = (
            SourceOffer("optical", "s2.tif", "sentinel-2-l2a", S2_4, "dn", 10),
            SourceOffer("sar", "s1.tif", "sentinel-1-rtc", ("VV",), "db", 10),
        )
        found = encoder.adapted(ANY, {}, SceneOffer(offers))
        assert [source.bands for source in found.sources] == [S2_4, ("VV",)] and not found.warnings

    def test_unknown_wavelengths_are_refused_by_name(self, encoder):
        generic = SourceOffer("optical", "a.tif", "generic", ("band 1",), "raw", 10)
        with pytest.raises(CheckpointError, match=r"'a\.tif' has bands of unknown wavelengths"):
            encoder.adapted(ANY, {}, SceneOffer((generic,)))

    def test_thermal_bands_alone_are_refused_by_name(self, encoder):
        thermal = SourceOffer("optical", "l8.tif", "landsat-8", ("B10", "B11"), "raw", 100)
        with pytest.raises(CheckpointError, match=r"'l8.tif' has the bands B10, B11.*up to 2600"):
            encoder.adapted(ANY, {}, SceneOffer((thermal,)))

    def test_a_card_with_a_band_of_no_known_wavelength_is_refused(self, encoder):
        with pytest.raises(CheckpointError, match="'B10' of sensor 'generic'"):
            encoder([SourceCard("optical", "generic", ("B10",), "raw", 10, Normalisation("z-score", (0.0,), (1.0,)))])


def test_copernicus_fm_takes_the_bands_that_are_there_with_their_own_statistics():
    numbers = Normalisation("z-score", (1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
    stated = SourceCard("optical", "sentinel-2-l1c", ("B02", "B03", "B04"), "dn", 10, numbers, partial=True)
    offer = SourceOffer("optical", "s2.tif", "sentinel-2-l2a", ("B04", "B02"), "dn", 20)
    found = copernicus_fm.CopernicusFMFeatures.adapted([stated], {"width": 8}, SceneOffer((offer,), None, 12.5, 47.5))
    (source,) = found.sources
    assert (source.bands, source.sensor) == (("B02", "B04"), "sentinel-2-l2a")
    assert (source.normalisation.offset, source.normalisation.scale) == ((1.0, 3.0), (4.0, 6.0))
    assert found.arguments == {"width": 8, "longitude": 12.5, "latitude": 47.5}
    assert "pretrained on Sentinel-2 L1C; 's2.tif' is Sentinel-2 L2A" in found.warnings[0]


def test_left_to_the_scene_bands_are_standardised_by_its_statistics():
    pixels = np.random.default_rng(0).normal([[100.0], [2000.0]], [[5.0], [300.0]], (2, 10_000))
    scene = SimpleNamespace(sample=lambda role, bands: pixels.astype(np.float32))
    source = SourceCard("optical", "landsat-8", ("B2", "B5"), "raw", 30, Normalisation("scene-z-score", (), ()))
    numbers = with_statistics(scene, source).normalisation
    assert numbers.offset == pytest.approx((100, 2000), rel=0.01) and numbers.scale == pytest.approx((5, 300), rel=0.05)
    assert numbers.clip is None


def test_a_pairs_maps_are_those_of_its_encoders_side_by_side():
    sources = [optical(S2_4), RADAR]
    encoder = build_encoder({"encoder": PAIR_SMALL}, sources).eval()
    images = tiles(sources, encoder.alignment * 2)
    with torch.inference_mode():
        both = encoder(images)
        alone = [encoder.encoders[role]({role: images[role]}) for role in ("optical", "sar")]
    assert len(both) == len(encoder.strides)
    for joined, first, second in zip(both, *alone, strict=True):
        assert torch.equal(joined, torch.cat([first, second], dim=1))


def test_a_pairs_geometry_suits_both_encoders():
    encoders = {"optical": RESNET, "sar": CROMA_SMALL | {"image": 48}}
    encoder = build_encoder({"encoder": {"name": "pair", "encoders": encoders}}, [optical(S2_4), RADAR])
    members = encoder.encoders.values()
    assert all(encoder.alignment % member.alignment == 0 for member in members)
    assert all(encoder.halo >= member.halo and encoder.ramp >= member.ramp for member in members)
    assert encoder.halo % encoder.alignment == 0 and encoder.tile % encoder.alignment == 0
    assert encoder.strides == tuple(sorted({*encoder.encoders["optical"].strides, 8}))


@pytest.mark.parametrize("role", ["optical", "sar"])
def test_of_a_pair_the_encoder_of_the_only_source_is_used(role):
    stated = (optical(S2_4), RADAR)
    stated = tuple(SourceCard(**{**vars(source), "optional": True}) for source in stated)
    chosen = next(source for source in stated if source.role == role)
    offer = SourceOffer(role, "a.tif", chosen.sensor, chosen.bands, chosen.units, 10)
    arguments = {"encoders": PAIR_SMALL["encoders"]}
    found = pair.PairFeatures.adapted(stated, arguments, SceneOffer((offer,)))
    assert [source.role for source in found.sources] == [role]
    whole = build_encoder({"encoder": PAIR_SMALL}, stated)
    encoder = build_encoder({"encoder": {"name": "pair", **found.arguments}}, found.sources)
    fill(encoder, encoder.used(whole.state_dict()), "pair.safetensors")
    fill(encoder.pretrained_part(), encoder.used(whole.pretrained_part().state_dict()), "pair.pth")
    assert sum(encoder.channels) * 2 == sum(whole.channels)


def test_a_published_pair_is_split_by_its_prefixes():
    published = {
        "backbone1.conv1.weight": torch.zeros(1),
        "backbone2.conv1.weight": torch.ones(1),
        "fc.bias": torch.ones(1),
    }
    parts = pair.from_published(published)
    assert {role: list(part) for role, part in parts.items()} == {"sar": ["conv1.weight"], "optical": ["conv1.weight"]}
    assert pair.together(parts)["optical.conv1.weight"] == 1
    with pytest.raises(CheckpointError, match=r"no weights begin with backbone2\."):
        pair.from_published({"backbone1.conv1.weight": torch.zeros(1)})


def test_a_pair_without_an_encoder_for_a_source_is_refused():
    with pytest.raises(CheckpointError, match="encoders for sar, and a source 'optical'"):
        build_encoder({"encoder": {"name": "pair", "encoders": {"sar": RESNET}}}, [optical(S2_4)])
