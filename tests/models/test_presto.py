from typing import ClassVar

import numpy as np
import pytest
import torch
from encoder_checks import EncoderChecks
from landsketch.core.errors import CheckpointError
from landsketch.models.encoders.offers import SceneOffer, SourceOffer
from landsketch.models.encoders.presto import (
    GROUPS,
    LAND_COVER,
    LAND_COVERS,
    S1_BANDS,
    S2_BANDS,
    Presto,
    from_published,
)
from landsketch.models.encoders.presto_features import PrestoFeatures, source_card
from support import SHARED

PUBLISHED = SHARED / "checkpoints" / "presto"
needs_weights = pytest.mark.skipif(not PUBLISHED.exists(), reason="the published Presto weights are not at hand")

OPTICAL = SourceOffer("optical", "s2.tif", "sentinel-2-l1c", S2_BANDS, "dn", 10)
RADAR = SourceOffer("sar", "s1.tif", "sentinel-1-grd", S1_BANDS, "db", 10)
SMALL = {"width": 16, "depth": 2, "heads": 2, "ratio": 2}
UNASKED = ("eo_patch_embed.ERA5", "eo_patch_embed.SRTM", "dw_embed")  # a scene has no weather, terrain or land cover


class TestPresto(EncoderChecks):
    architecture: ClassVar = {"name": "presto", "month": 5, "longitude": 10.0, "latitude": 45.0, **SMALL}
    sources = (source_card(OPTICAL), source_card(RADAR))
    unused = UNASKED


class TestPrestoOfRadarAlone(EncoderChecks):
    architecture: ClassVar = {"name": "presto", **SMALL}
    sources = (source_card(RADAR),)
    unused = (*UNASKED, "eo_patch_embed.S2", "eo_patch_embed.NDVI")


def published():
    weights = torch.load(PUBLISHED / "default_model.pt", map_location="cpu", weights_only=True)
    return from_published(weights)


def authors_network():
    weights, arguments = published()
    network = Presto(**arguments).eval()
    network.load_state_dict(weights)
    return network


def embedding(network, x, land_cover, places, mask, month):
    """Runs the network on what the authors' code takes: all 17 channels, a mask of the same shape, the first month."""
    x, mask = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(mask) > 0
    groups, hidden, start = {LAND_COVER: torch.as_tensor(land_cover)}, {}, 0
    hidden[LAND_COVER] = groups[LAND_COVER] == LAND_COVERS
    for name, bands in GROUPS.items():
        channels = slice(start, start + len(bands))
        groups[name], hidden[name] = x[..., channels], mask[..., channels].any(dim=-1)
        start += len(bands)
    months = (torch.as_tensor(month)[:, None] + torch.arange(x.shape[1])) % 12
    with torch.inference_mode():
        return network(groups, months, torch.as_tensor(places, dtype=torch.float32), hidden).numpy()


@needs_weights
@pytest.mark.parametrize("name", ["reference_t1", "reference_t12", "reference_t6_s1only"])
def test_embeddings_equal_those_of_the_authors_code(name):
    reference = np.load(PUBLISHED / f"{name}.npz")
    inputs = (reference[key] for key in ("x", "dynamic_world", "latlon", "mask", "month"))
    assert np.abs(embedding(authors_network(), *inputs) - reference["embedding"]).max() < 1e-4


@needs_weights
@pytest.mark.parametrize(
    ("masked", "first", "norm"),
    [
        (slice(0), [1.35879, -1.94345, 1.60621, -0.08222, -1.17985], 12.61741),
        (slice(2, 12), [1.29258, -2.75787, 1.94715, -0.4267, -1.90286], 12.9925),
    ],
)
def test_embeddings_have_the_known_numbers(masked, first, norm):
    mask = np.zeros((1, 2, 17))
    mask[:, 1, masked] = 1
    x = torch.arange(34).reshape(1, 2, 17) / 34
    found = embedding(authors_network(), x, torch.full((1, 2), LAND_COVERS), [[45.0, 10.0]], mask, [5])[0]
    assert np.abs(found[:5] - first).max() < 1e-4
    assert abs(np.linalg.norm(found) - norm) < 1e-4


def test_a_file_that_is_not_presto_is_refused():
    with pytest.raises(CheckpointError, match="not Presto: 'pos_embed' is missing"):
        from_published({"conv1.weight": torch.zeros(3)})


def small():
    torch.manual_seed(0)
    network = Presto(**SMALL).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return network


def pixels(names, count=3, dates=2):
    generator = torch.Generator().manual_seed(0)
    groups = {name: torch.randn(count, dates, len(GROUPS[name]), generator=generator) for name in names}
    return groups, torch.tensor([[5, 6]] * count), torch.tensor([[45.0, 10.0]] * count)


def test_hiding_a_group_equals_leaving_it_out():
    network = small()
    groups, months, places = pixels(["S1", "S2_RGB", "SRTM", "NDVI"])
    hidden = {name: torch.full((3, 2), name in ("S1", "SRTM")) for name in groups}
    with torch.inference_mode():
        masked = network(groups, months, places, hidden)
        removed = network({name: groups[name] for name in ("S2_RGB", "NDVI")}, months, places)
    assert torch.allclose(masked, removed, atol=1e-5)


def test_month_and_place_matter():
    network = small()
    network.month_embed.weight.data.normal_()
    groups, months, places = pixels(["S1"])
    with torch.inference_mode():
        before = network(groups, months, places)
        assert not torch.allclose(before, network(groups, months + 1, places))
        assert not torch.allclose(before, network(groups, months, places + 20))


def features(*offers, **arguments):
    torch.manual_seed(0)
    return PrestoFeatures([source_card(offer) for offer in offers or (OPTICAL, RADAR)], **(SMALL | arguments)).eval()


def tiles(side=8):
    generator = torch.Generator().manual_seed(0)
    return {
        "optical": torch.rand(2, 10, side, side, generator=generator) * 4000 + 50,
        "sar": torch.rand(2, 2, side, side, generator=generator) * -20,
    }


@needs_weights
def test_a_pixel_of_a_tile_has_the_embedding_of_the_authors_code():
    weights, arguments = published()
    encoder = features(month=3, longitude=10.0, latitude=45.0, **arguments)
    encoder.pretrained_part().load_state_dict(weights)
    images = tiles()
    with torch.inference_mode():
        found = encoder(images)[0][1, :, 2, 5].numpy()
    optical, radar = images["optical"][1, :, 2, 5], images["sar"][1, :, 2, 5]
    ndvi = (optical[6:7] - optical[2:3]) / (optical[6:7] + optical[2:3])
    x = torch.cat([(radar + 25) / 25, optical / 10_000, torch.zeros(4), ndvi])
    mask = torch.zeros(17)
    mask[12:16] = 1
    expected = embedding(
        authors_network(), x.view(1, 1, 17), torch.full((1, 1), LAND_COVERS), [[45.0, 10.0]], mask.view(1, 1, 17), [2]
    )
    assert np.abs(found - expected[0]).max() < 1e-4


def test_pixels_without_any_data_get_zeros_and_others_what_they_have():
    encoder, images = features(), tiles()
    images["optical"][0, :, :3] = torch.nan
    images["sar"][0, :, 2:4] = torch.nan
    radar_only = {"sar": images["sar"]}
    with torch.inference_mode():
        (both,) = encoder(images)
        (alone,) = features(RADAR)(radar_only)
    assert (both[0, :, 2] == 0).all() and (both[0, :, [0, 1, 3]].abs().sum(dim=0) > 0).all()
    assert torch.allclose(both[0, :, :2], alone[0, :, :2], atol=1e-5), "radar without optical is radar alone"


def test_only_wanted_pixels_are_encoded():
    encoder, images = features(), tiles()
    wanted = torch.zeros(2, 8, 8, dtype=torch.bool)
    wanted[1, 3, 4] = True
    with torch.inference_mode():
        (everything,), (some,) = encoder(images), encoder(images, wanted)
    assert torch.allclose(some[1, :, 3, 4], everything[1, :, 3, 4], atol=1e-6)
    assert some.abs().sum(dim=1).count_nonzero() == 1


def test_it_can_be_stopped_while_it_computes():
    class Stopped(Exception):
        pass

    def stop():
        raise Stopped

    encoder = features()
    encoder.check_in = stop
    with pytest.raises(Stopped):
        encoder(tiles())


def test_month_and_place_are_the_scenes():
    found = PrestoFeatures.adapted((), SMALL, SceneOffer((OPTICAL, RADAR), 3, 12.5, 47.5))
    assert found.arguments == {**SMALL, "month": 3, "longitude": 12.5, "latitude": 47.5}
    assert found.sources == (source_card(OPTICAL), source_card(RADAR)) and not found.warnings


def test_an_unknown_month_and_another_level_are_said():
    l2a = SourceOffer("optical", "s2.tif", "sentinel-2-l2a", S2_BANDS, "dn", 10)
    warnings = " ".join(PrestoFeatures.adapted((), SMALL, SceneOffer((l2a,))).warnings)
    assert "L2A" in warnings and "July" in warnings


def test_whole_groups_of_bands_are_taken():
    ten_metres = SourceOffer("optical", "s2.tif", "sentinel-2-l2a", ("B08", "B04", "B05", "B03", "B02"), "dn", 10)
    assert source_card(ten_metres).bands == ("B02", "B03", "B04", "B08")
    assert features(ten_metres).groups == ("S2_RGB", "S2_NIR_10m", "NDVI")


@pytest.mark.parametrize(
    ("sensor", "bands"), [("landsat-8", ("B2", "B3", "B4")), ("sentinel-2-l2a", ("B02", "B03")), ("generic", ("B08",))]
)
def test_what_presto_does_not_know_is_refused_by_name(sensor, bands):
    with pytest.raises(CheckpointError, match=rf"Presto needs Sentinel.*'a.tif' was read as {sensor}"):
        source_card(SourceOffer("optical", "a.tif", sensor, bands, "dn", 10))
