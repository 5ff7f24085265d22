"""A Galileo of one token a place: it begins as its teacher, and is told what is missing."""

from typing import ClassVar

import pytest
import torch
from encoder_checks import EncoderChecks
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.core.errors import CheckpointError, SpecError
from landsketch.models.encoders.galileo import CHANNELS, GROUPS, MEAN, STD, Galileo, place_encoding
from landsketch.models.encoders.merged_galileo import MergedGalileo, MergedGalileoFeatures
from landsketch.models.pretraining.method import Schedule
from landsketch.models.pretraining.recipes import recipe

BANDS = {"optical": ("B02", "B03", "B04", "B08"), "sar": ("VV", "VH")}
SENSORS = {"optical": ("sentinel-2-l1c", "dn"), "sar": ("sentinel-1-grd", "db"), "embedding": ("generic", "raw")}
MEANS = {"optical": 2000.0, "sar": -15.0, "embedding": 0.3}
DEVIATIONS = {"optical": 800.0, "sar": 4.0, "embedding": 2.0}
SMALL = {"dim": 32, "depth": 2, "heads": 4}


def source(role, bands):
    mean, deviation = MEANS[role], DEVIATIONS[role]
    scaling = Normalisation("3-sigma", (mean - 3 * deviation,) * len(bands), (6 * deviation,) * len(bands))
    sensor, units = SENSORS[role]
    return SourceCard(role, sensor, bands, units, 10, scaling, optional=True, partial=True)


SOURCES = tuple(source(role, bands) for role, bands in BANDS.items())
TARGET = source("embedding", tuple(f"f{number}" for number in range(32)))


class TestMergedGalileo(EncoderChecks):
    architecture: ClassVar = {
        "name": "merged-galileo",
        "layout": {role: list(bands) for role, bands in BANDS.items()},
        "features": 8,
        "window": 32,
        **SMALL,
    }
    sources = SOURCES


class TestMergedGalileoOfRadarAlone(EncoderChecks):
    architecture: ClassVar = TestMergedGalileo.architecture
    sources = (SOURCES[1],)
    unused = ("embed.S2",)


def teacher():
    """A small Galileo whose months are all alike, since the student knows none."""
    torch.manual_seed(0)
    network = Galileo(**SMALL).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn(parameter.shape), alpha=0.05)
        network.month_embed.weight[:] = network.month_embed.weight[0].clone()
    return network


def student():
    torch.manual_seed(1)
    return MergedGalileo(BANDS, features=32, **SMALL).eval()


def image(side=16):
    """(1, channel, y, x) in deviations, in the order of the layout."""
    return torch.randn(1, 6, side, side, generator=torch.Generator().manual_seed(2))


def as_galileo_sees(stacked, shown):
    """The same pixels as Galileo takes them, with a single group of bands."""
    names = [band for bands in BANDS.values() for band in bands]
    window = torch.zeros(1, *stacked.shape[-2:], 1, len(CHANNELS))
    for index, (role, band) in enumerate((role, band) for role, bands in BANDS.items() for band in bands):
        place = CHANNELS.index(band)
        value = stacked[0, index] * DEVIATIONS[role] + MEANS[role]
        window[0, ..., 0, place] = (value - (MEAN[place] - 2 * STD[place])) / (4 * STD[place])
    assert set(GROUPS[shown]) <= set(names)
    hidden = torch.ones(*window.shape[:4], len(GROUPS), dtype=torch.bool)
    hidden[..., list(GROUPS).index(shown)] = False
    return window, hidden


@pytest.mark.parametrize("shown", ["S1", "S2_RGB", "S2_NIR_10m"])
def test_of_one_group_it_begins_as_the_teacher_is(shown):
    galileo, merged, stacked = teacher(), student(), image()
    merged.begin_as(galileo, SOURCES, TARGET)
    window, hidden = as_galileo_sees(stacked, shown)
    names = [band for bands in BANDS.values() for band in bands]
    for index, band in enumerate(names):
        if band not in GROUPS[shown]:
            stacked[:, index] = torch.nan
    with torch.inference_mode():
        tokens, _ = galileo(window, hidden, torch.full((1, 1), 6), 4)
        expected = (tokens[0, :, :, 0, list(GROUPS).index(shown)] - MEANS["embedding"]) / DEVIATIONS["embedding"]
        found = merged(stacked)[0].permute(1, 2, 0)
    assert torch.allclose(found, expected, atol=1e-4)
    assert expected.std() > 0.05


def test_of_several_groups_it_begins_with_their_mean():
    merged, stacked = student(), image()
    merged.begin_as(teacher(), SOURCES, TARGET)
    shares = torch.ones(1, 6, 4, 4)
    with torch.inference_mode():
        tokens, known = merged._merged(stacked, shares)
        parts = []
        for role in ("optical", "sar"):
            alone = shares.clone()
            alone[:, slice(4, 6) if role == "optical" else slice(0, 4)] = 0
            parts.append(merged._merged(stacked, alone)[0])
    # Optical: red, green and blue are one group, near infrared is another; radar is the third.
    assert torch.allclose(tokens, (2 * parts[0] + parts[1]) / 3, atol=1e-5)
    assert (known == 3).all()


@pytest.mark.parametrize("size", [{"dim": 64}, {"depth": 3}])
def test_a_teacher_of_another_size_is_refused(size):
    with pytest.raises(CheckpointError, match="blocks"):
        student().begin_as(Galileo(**SMALL | size), SOURCES, TARGET)


def encoder(*roles):
    torch.manual_seed(1)
    sources = [source(role, BANDS[role]) for role in roles or BANDS]
    return MergedGalileoFeatures(sources, BANDS, features=8, window=32, **SMALL).eval()


def test_a_missing_sensor_is_not_an_average_one():
    both, alone = encoder(), encoder("optical")
    alone.load_state_dict(both.state_dict())
    optical = 2000 + 800 * torch.randn(1, 4, 64, 64, generator=torch.Generator().manual_seed(0))
    sar = torch.full((1, 2, 64, 64), MEANS["sar"])
    with torch.inference_mode():
        (missing,) = alone({"optical": optical})
        (hidden,) = both({"optical": optical, "sar": torch.full_like(sar, torch.nan)})
        (average,) = both({"optical": optical, "sar": sar})
    assert torch.equal(missing, hidden)
    assert not torch.allclose(missing, average, atol=1e-3)


def test_places_of_which_nothing_is_known_are_not_attended_to():
    network, stacked = student(), image(32)
    stacked[..., :8, :] = torch.nan  # the first two of eight rows of tokens
    with torch.inference_mode():
        found = network(stacked)[0].permute(1, 2, 0)[2:]
        tokens, known = network._merged(stacked.nan_to_num(0.0), (~stacked[..., ::4, ::4].isnan()).float())
        assert torch.equal(known > 0, torch.arange(8).expand(1, 8, 8).mT >= 2)
        tokens[..., 24:] += place_encoding(8, 8, 4, 8)
        alone = tokens[0, 2:].flatten(0, 1)[None]
        for block in network.blocks:
            alone = block(alone, None)
        expected = network.out(network.norm(alone))[0].unflatten(0, (6, 8))
    assert torch.allclose(found, expected, atol=1e-5)


def built(network="merged-galileo", images=SOURCES, window=32, **options):
    chosen = recipe("distillation")
    return chosen.build([*images, TARGET], network, window, Schedule(10, 1e-3), chosen.options_of(options))


def test_the_recipe_leaves_out_bands_that_galileo_does_not_know():
    method, entry = built(images=[source("optical", ("B01", "B02", "B03", "B04", "B09")), SOURCES[1]])
    assert entry["layout"] == {"optical": ["B02", "B03", "B04"], "sar": ["VV", "VH"]}
    assert method.encoder_module().bands["optical"] == ("B02", "B03", "B04")
    assert entry["features"] == 32 and entry["window"] == 32


def test_the_recipe_refuses_what_it_cannot_build():
    aerial = SourceCard("optical", "generic", ("red", "green"), "raw", 0.2, source("optical", ("a", "b")).normalisation)
    with pytest.raises(SpecError, match="there is neither"):
        built(images=[aerial])
    with pytest.raises(SpecError, match="start"):
        built("stack-conv", start="encoder.pt")
    with pytest.raises(SpecError, match="but for its edge"):
        built("stack-conv", window=32)
    assert built("stack-conv", window=36)


def test_it_learns_from_a_teacher():
    method, _ = built(whole=1.0, jitter=0.0)
    generator = torch.Generator().manual_seed(0)
    images = {
        each.role: MEANS[each.role]
        + DEVIATIONS[each.role] * torch.randn(4, len(each.bands), 32, 32, generator=generator)
        for each in SOURCES
    }
    seen = torch.nn.functional.avg_pool2d((images["optical"] - MEANS["optical"]) / DEVIATIONS["optical"], 4)
    images["embedding"] = seen.repeat(1, 8, 1, 1)
    optimizer = torch.optim.AdamW(method.parameters(), 3e-3)
    losses = []
    for _ in range(60):
        loss = sum(method.losses(images)[0].values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
