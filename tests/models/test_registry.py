"""The registry of encoders: generated, complete, true to torchgeo, and buildable."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from landsketch.core.cards import ANY_SENSOR
from landsketch.core.encoder_registry import PATH, EncoderEntry, encoder, encoders
from landsketch.core.errors import CheckpointError
from landsketch.core.sensors import SENSORS
from landsketch.models import registry
from landsketch.models.encoders.classes import encoder_class
from landsketch.models.encoders.offers import SceneOffer, SourceOffer
from landsketch.models.identification import FREE_INPUT
from landsketch.models.normalisation import Normaliser
from landsketch.models.published import example_source
from landsketch.models.registry import torchgeo_weights
from landsketch.models.registry.corrections import CORRECTIONS
from landsketch.models.registry.files import as_json
from landsketch.models.registry.page import as_page
from landsketch.models.registry.transforms import as_normalisation
from landsketch.models.segmenter import build_encoder
from torch import nn
from torchvision.transforms import v2

ROOT = Path(PATH).parents[1]
IDS = [entry.id for entry in encoders()]


@pytest.fixture(scope="module")
def built():
    return registry.build()


@pytest.fixture(scope="module")
def offered():
    return list(torchgeo_weights.offered())


def test_the_file_and_the_page_are_what_the_code_generates(built):
    command = "run python -m landsketch.models.registry"
    assert Path(PATH).read_text(encoding="utf-8") == as_json(built), command
    assert (ROOT / "docs" / "encoders.md").read_text(encoding="utf-8") == as_page(built), command


def test_entries_survive_the_file(built):
    assert tuple(EncoderEntry.from_json(values) for values in json.loads(as_json(built))) == built


def test_every_family_is_there():
    wanted = (
        *(f"ssl4eo-s12-{net}" for net in ("resnet18-s2-moco", "resnet50-s2-moco", "resnet50-s2-dino")),
        *(f"ssl4eo-s12-{net}" for net in ("resnet50-s1-moco", "vit-s16-s2-moco", "vit-s16-s2-dino")),
        *("ssl4eo-s12-vit-s16-s2-mae", "ssl4eo-s12-vit-s16-s1-mae", "fg-mae-vit-s16-s2", "fg-mae-vit-s16-s1"),
        *("decur-resnet50-s1", "decur-resnet50-s2"),
        *(f"softcon-{net}-{s}" for net in ("resnet50", "vit-s14", "vit-b14") for s in ("s1", "s2")),
        *("satlas-swin-t-s2-ms", "satlas-swin-b-s2-rgb", "satlas-swin-b-aerial"),
        *("dofa-base", "dofa-large", "croma-base", "croma-large", "panopticon-base", "copernicus-fm-base"),
        *("scalemae-large", "galileo-nano", "galileo-tiny", "galileo-base", "presto"),
        *("dual-simclr-swin-t", "dual-simclr-resnet50", "dual-simclr-resnet18"),
    )
    assert set(wanted) <= set(IDS)
    assert len(set(IDS)) == len(IDS)


def test_each_of_torchgeos_weights_is_offered_or_left_out_for_a_reason(offered):
    names = {weights.name for _, weights in offered}
    for enumeration in torchgeo_weights.MODELS:
        for weights in enumeration:
            assert torchgeo_weights.reason_left_out(weights) or weights.name in names
    for pattern, _ in torchgeo_weights.LEFT_OUT:
        left_out = [f"{type(w).__name__}.{w.name}" for enumeration in torchgeo_weights.MODELS for w in enumeration]
        assert any(re.search(pattern, name) for name in left_out), f"{pattern} leaves nothing out"


def test_seco_with_its_suspicious_statistics_is_not_offered():
    assert not [entry for entry in encoders() if "RGB_SECO" in entry.file_name.upper() or "_seco-" in entry.url]


@pytest.mark.parametrize("name", IDS)
def test_sources_are_of_known_sensors_and_bands(name):
    entry = encoder(name)
    assert entry.sources
    for source in entry.sources:
        if source.sensor == ANY_SENSOR:
            assert source.bands == () and source.normalisation.is_open
            continue
        profile = SENSORS[source.sensor]
        assert set(source.bands) <= set(profile.names) and len(set(source.bands)) == len(source.bands)
        assert (source.role, source.units) == (profile.role, profile.units)
        scaling = source.normalisation
        if not scaling.is_open:
            assert len(scaling.offset) == len(scaling.scale) == len(source.bands)
            assert min(scaling.scale) > 0


@pytest.mark.parametrize("name", IDS)
def test_addresses_are_pinned_or_said_not_to_be(name):
    entry = encoder(name)
    assert entry.url.startswith("https://") and entry.licence and entry.paper.startswith("https://")
    pinned = re.search(r"/(resolve|raw)/[0-9a-f]{40}/", entry.url)
    assert pinned or entry.manual or any("no fixed revision" in note for note in entry.notes)
    assert re.fullmatch(r"([0-9a-f]{8}|[0-9a-f]{64})?", entry.sha256)
    assert entry.manual or len(entry.sha256) != 8 or f"-{entry.sha256}." in entry.file_name


DISTINCT = {
    json.dumps([entry.architecture, [len(source.bands) for source in entry.sources]]): entry.id for entry in encoders()
}


@pytest.mark.parametrize("name", sorted(DISTINCT.values()))
def test_its_network_can_be_built_and_is_as_large_as_it_says(name):
    entry = encoder(name)
    architecture, size = entry.architecture, entry.size_mb
    if architecture["name"] == "copernicus-fm":  # looks at values while it is built, which empty tensors do not have
        architecture, size = {**architecture, "width": 64, "depth": 1, "heads": 1, "hyper": 16}, None
    encoder_class(architecture["name"])
    with torch.device("meta" if size else "cpu"):
        network = build_encoder({"encoder": architecture}, [example_source(source) for source in entry.sources])
    weights = network.pretrained_part().state_dict().values()
    if size:
        found = sum(weight.numel() * weight.element_size() for weight in weights) / 1e6
        # Files hold more than what maps need: Presto's decoder, CROMA's parts for whole images.
        assert found <= size * 1.01 + 1 and found >= size * 0.5
    assert min(network.strides) <= entry.patch


def offer(sources):
    """A scene that has just these sources."""
    return SceneOffer(
        tuple(SourceOffer(s.role, f"{s.role}.tif", s.sensor, s.bands, s.units, s.gsd or 1.0) for s in sources), 7
    )


@pytest.mark.parametrize("name", IDS)
def test_it_takes_a_scene_of_its_own_sensors_band_by_band(name):
    entry = encoder(name)
    wanted = [example_source(source) for source in entry.sources]
    if entry.architecture["name"] == "dofa":
        wanted = wanted[:1]  # one sensor at a time
    arguments = {key: value for key, value in entry.architecture.items() if key != "name"}
    adapted = encoder_class(entry.architecture["name"]).adapted(entry.sources, arguments, offer(wanted))
    assert [(s.role, s.sensor, s.bands) for s in adapted.sources] == [(s.role, s.sensor, s.bands) for s in wanted]
    for source, given in zip(adapted.sources, entry.sources, strict=False):
        scaling, stated = source.normalisation, given.normalisation
        assert scaling.method == stated.method
        assert scaling.is_open == stated.is_open and scaling.scale == stated.scale


@pytest.mark.parametrize("name", [name for name in IDS if encoder(name).architecture["name"] in FREE_INPUT])
def test_it_refuses_a_scene_without_one_of_its_bands(name):
    (source,) = encoder(name).sources
    arguments = {key: value for key, value in encoder(name).architecture.items() if key != "name"}
    scene = offer([replace(source, bands=source.bands[1:])])
    with pytest.raises(CheckpointError, match=f"missing: {source.bands[0]}"):
        encoder_class(encoder(name).architecture["name"]).adapted((source,), arguments, scene)


def test_bands_and_scaling_are_torchgeos(offered):
    entry, weights = next((e, w) for e, w in offered if e.id == "ssl4eo-s12-resnet50-s2-moco")
    assert [band.lower().lstrip("b").lstrip("0") for band in entry.sources[0].bands] == [
        band.lower().lstrip("b") for band in weights.meta["bands"]
    ]
    assert entry.sources[0].normalisation.scale == (10_000.0,) * 13


@pytest.mark.parametrize(
    "name", ["ssl4eo-s12-vit-s16-s2-dino", "softcon-vit-s14-s2", "decur-resnet50-s1", "satlas-swin-b-aerial"]
)
def test_the_shipped_scaling_does_what_torchgeos_transform_does(name, offered):
    entry, weights = next((e, w) for e, w in offered if e.id == name)
    bands = len(entry.sources[0].bands)
    image = torch.rand(1, bands, 8, 8, generator=torch.Generator().manual_seed(0)) * 3000
    expected = image.clone()
    for step in weights.transforms if isinstance(weights.transforms, nn.Sequential) else [weights.transforms]:
        expected = step(expected) if isinstance(step, v2.Normalize) else expected
    found = Normaliser(torchgeo_weights.shipped_normalisation(weights))(image)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_true_colour_and_landsat_are_8_bit_to_the_network(offered):
    shipped = {e.id: torchgeo_weights.shipped_normalisation(w) for e, w in offered}
    red = Normaliser(shipped["satlas-swin-t-s2-ms"])(torch.full((1, 9, 1, 1), 1779.0))
    assert red[0, :3].flatten().tolist() == pytest.approx([127.5 / 255] * 3)
    assert red[0, 3:].flatten().tolist() == pytest.approx([1779 / 8160] * 6)
    # Reflectance 0.15 is half of 0.3: 128 of 256 steps, over 255.
    half = Normaliser(shipped["ssl4eo-l-resnet18-landsat8-moco"])(torch.full((1, 7, 1, 1), (0.15 + 0.2) / 0.0000275))
    assert half.flatten().tolist() == pytest.approx([128 / 255] * 7)


def test_the_authors_scaling_replaces_torchgeos_where_they_differ(offered):
    for entry, weights in offered:
        shipped, used = torchgeo_weights.shipped_normalisation(weights), entry.sources[0].normalisation
        if entry.id.startswith(("softcon", "decur-resnet50-s1")):
            assert (shipped.method, used.method) == ("z-score", "2-sigma") and used.clip == (0.0, 1.0)
            assert any("torchgeo ships a z-score" in note for note in entry.notes)
        elif entry.id.startswith(("ssl4eo-s12", "satlas")) and used.method != "2-sigma":
            assert (used.offset, used.scale) == (shipped.offset, shipped.scale) and used.clip == (0.0, 1.0)
    page = (ROOT / "docs" / "encoders.md").read_text(encoding="utf-8")
    assert all(correction.source in page for correction in CORRECTIONS.values())


def test_a_transform_of_another_kind_is_not_taken_for_a_scaling():
    with pytest.raises(ValueError, match="no normalisation"):
        as_normalisation(nn.Sequential(v2.GaussianBlur(3)), 3)


def test_an_unknown_id_is_refused():
    with pytest.raises(CheckpointError, match="no encoder 'resnet'"):
        encoder("resnet")
