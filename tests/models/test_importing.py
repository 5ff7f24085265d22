"""Published files become checkpoints: unwrapped, recognised, compared, cut only when asked; nothing in them is run."""

import argparse
import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from helpers import write_raster
from landsketch.core import importing
from landsketch.core.card_files import read_card
from landsketch.core.encoder_registry import encoder, encoders
from landsketch.core.errors import CheckpointError, SpecError
from landsketch.core.importing import import_checkpoint
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.scenes import open_scene
from landsketch.core.specs import ImportSpec, SourceSpec
from landsketch.core.starts import pretrained_start
from landsketch.models.checkpoints import fill, load_weights
from landsketch.models.encoders.croma import CromaFeatures
from landsketch.models.fitting import compared
from landsketch.models.identification import Claim, identified
from landsketch.models.published import example_source, read_published
from landsketch.models.recognition import recognise
from landsketch.models.segmenter import build_encoder
from safetensors.torch import save_file
from support import SHARED
from test_presto import embedding

CHECKPOINTS = SHARED / "checkpoints"
needs_weights = pytest.mark.skipif(not CHECKPOINTS.exists(), reason="the published weights are not at hand")

MOCO = encoder("ssl4eo-s12-resnet18-s2-moco")
RGB = Claim(sensor="sentinel-2-l2a", bands=("B04", "B03", "B02"), mean=(1.0, 2.0, 3.0), std=(4.0, 5.0, 6.0))


def resnet(bands=13, seed=0):
    """A ResNet-18 with random weights, as a flat dictionary in the published layout."""
    torch.manual_seed(seed)
    return timm.create_model("resnet18", in_chans=bands, num_classes=0).state_dict()


def vit(bands=3, seed=0, **arguments):
    """A small vision transformer with random weights."""
    torch.manual_seed(seed)
    size = {"embed_dim": 64, "depth": 2, "num_heads": 1, "num_classes": 0, "in_chans": bands}
    return timm.create_model("vit_small_patch16_224", **size, **arguments).state_dict()


def saved(path, content):
    torch.save(content, path)
    return str(path)


def prefixed(prefix, weights):
    return {prefix + name: tensor for name, tensor in weights.items()}


def assert_same_weights(found, expected):
    assert set(found) == set(expected)
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def imported(tmp_path, path, **values):
    """Runs the job and returns its result, the events, and the card."""
    events = []
    spec = ImportSpec(output=str(tmp_path / "encoder.safetensors"), path=str(path), **values)
    result = import_checkpoint(spec, Reporter(events.append))
    return result, events, read_card(spec.output)


def loaded(path):
    """Builds the encoder that a checkpoint's card describes, with its weights."""
    card = read_card(str(path))
    network = build_encoder(card.architecture, [example_source(source) for source in card.sources])
    fill(network, load_weights(str(path)), str(path))
    return network.eval()


LAYOUTS = {
    "flat": lambda w: w,
    "training state": lambda w: {"state_dict": prefixed("module.", w), "epoch": 3, "optimizer": {"state": {}}},
    "MoCo v2": lambda w: {
        "state_dict": prefixed("module.encoder_q.", w)
        | prefixed("module.encoder_k.", vit(seed=1))
        | {"module.encoder_q.fc.0.weight": torch.zeros(2, 2), "module.queue": torch.zeros(2, 2)}
    },
    "MoCo v3": lambda w: {
        "state_dict": prefixed("module.base_encoder.", w) | prefixed("module.momentum_encoder.", vit(seed=1))
    },
    "DINO": lambda w: {
        "student": prefixed("module.backbone.", vit(seed=1)),
        "teacher": prefixed("backbone.", w) | {"head.mlp.0.weight": torch.zeros(2, 2)},
        "args": argparse.Namespace(lr=0.1),
        "loss": np.float64(0.5),
        "accuracy": np.float32(0.5),
    },
    "student alone": lambda w: {"student": prefixed("module.backbone.", w)},
    "Satlas": lambda w: prefixed("backbone.backbone.", w) | {"heads.0.weight": torch.zeros(2, 2)},
    "Lightning": lambda w: {"state_dict": prefixed("model.encoder.", w), "pytorch-lightning_version": "2.5"},
    "model_state_dict": lambda w: {"model_state_dict": prefixed("network.", w)},
    "nested": lambda w: {"model": {"module": {"encoder": prefixed("_timm_module.", w)}}},
    "backbone": lambda w: {"backbone": prefixed("visual.", w)},
    "peft": lambda w: {"network": prefixed("base_model.model.", w)},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_wrappers_and_prefixes_come_off(layout, tmp_path):
    weights = vit()
    published = read_published(saved(tmp_path / "x.pth", LAYOUTS[layout](weights)), RGB)
    assert_same_weights(published.weights, weights)
    assert published.report.matched == len(weights) and published.report.missing == ()


def test_tensors_without_use_are_named(tmp_path):
    weights = prefixed("module.", vit() | {"head.weight": torch.zeros(5, 64)})
    assert read_published(saved(tmp_path / "x.pth", weights), RGB).report.unexpected == ("head.weight",)


@pytest.mark.parametrize("suffix", ["pt", "pth", "ckpt"])
def test_pytorch_files_are_read_by_any_of_their_names(suffix, tmp_path):
    assert_same_weights(read_published(saved(tmp_path / f"x.{suffix}", vit()), RGB).weights, vit())


def test_safetensors_of_others_are_read(tmp_path):
    save_file(vit(), tmp_path / "x.safetensors")
    assert_same_weights(read_published(str(tmp_path / "x.safetensors"), RGB).weights, vit())


class _Payload:
    """Would make a folder if it were unpickled."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (self.target,)


@pytest.mark.parametrize("place", ["alone", "beside weights", "in settings"])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_malicious_pickle_is_refused_and_nothing_runs(place, zipped, tmp_path):
    payload = _Payload(str(tmp_path / "owned"))
    content = {
        "alone": payload,
        "beside weights": {"state_dict": vit(), "extra": payload},
        "in settings": {"state_dict": vit(), "args": argparse.Namespace(evil=payload)},
    }[place]
    torch.save(content, tmp_path / "evil.pth", _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointError, match="nothing of it was run"):
        imported(tmp_path, tmp_path / "evil.pth")
    assert not (tmp_path / "owned").exists() and not (tmp_path / "encoder.safetensors").exists()


@pytest.mark.parametrize("content", [b"", b"no weights at all", b"PK\x03\x04 half a zip"])
def test_a_file_that_is_none_is_refused(content, tmp_path):
    for name in ("x.pth", "x.safetensors"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CheckpointError, match=r"x\.(pth|safetensors)"):
            read_published(str(tmp_path / name))


def test_a_missing_file_is_named(tmp_path):
    for name in ("none.pth", "none.safetensors"):
        with pytest.raises(CheckpointError, match=f"{name}' does not exist"):
            read_published(str(tmp_path / name))


def test_a_checkpoint_of_landsketch_is_not_imported_again(tmp_path):
    stated = {"sensor": RGB.sensor, "bands": RGB.bands, "mean": RGB.mean, "std": RGB.std}
    imported(tmp_path, saved(tmp_path / "x.pth", vit()), **stated)
    with pytest.raises(CheckpointError, match="already"):
        read_published(str(tmp_path / "encoder.safetensors"))


def test_the_card_says_where_the_weights_come_from(tmp_path):
    path = saved(tmp_path / "x.pth", resnet() | {"fc.weight": torch.zeros(2, 512)})
    result, events, card = imported(tmp_path, path)
    assert card.legend is None and card.sources == MOCO.sources
    assert card.architecture == {"encoder": MOCO.architecture}
    facts = card.provenance
    assert (facts["method"], facts["encoder"], facts["url"]) == ("imported", MOCO.id, MOCO.url)
    assert (facts["licence"], facts["file"]) == ("CC-BY-4.0", "x.pth")
    assert facts["sha256"] == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert facts["report"] == {"matched": 120, "missing": [], "unexpected": ["fc.weight"]}
    assert result["matched"] == 120 and result["unexpected"] == ["fc.weight"]
    logged = " ".join(event["message"] for event in events if event["event"] == "log")
    assert "fc.weight" in logged and MOCO.id in logged
    assert_same_weights(loaded(tmp_path / "encoder.safetensors").pretrained_part().state_dict(), resnet())


def test_a_few_missing_tensors_are_reported_and_many_refused(tmp_path):
    few = {name: tensor for name, tensor in resnet().items() if not name.startswith("layer4.1.bn2.")}
    result, events, card = imported(tmp_path, saved(tmp_path / "few.pth", few))
    assert len(result["missing"]) == 5 == len(card.provenance["report"]["missing"])
    assert any("layer4.1.bn2.weight" in event["message"] and event["level"] == "warning" for event in logs(events))
    many = {name: tensor for name, tensor in resnet().items() if not name.startswith("layer4.1.") or "conv1" in name}
    with pytest.raises(CheckpointError, match=r"109 of 120 tensors match. Missing: .*layer4\.1\.bn1\.weight"):
        read_published(saved(tmp_path / "many.pth", many))


def logs(events):
    return [event for event in events if event["event"] == "log"]


@pytest.mark.parametrize("essential", ["conv1.weight", "pos_embed", "optical.conv1.weight"])
def test_a_missing_first_layer_or_position_is_refused_whatever_else_matches(essential):
    others = {f"blocks.{i}": torch.zeros(1) for i in range(99)}
    report = compared({**others, "norm.bias": torch.zeros(1)}, others, others, "'x.pth' does not fit")
    assert (report.matched, report.missing) == (99, ("norm.bias",))
    with pytest.raises(CheckpointError, match=f"99 of 100 tensors match. Missing: {essential}"):
        compared({**others, essential: torch.zeros(1)}, others, others, "'x.pth' does not fit")


def test_encoders_that_only_differ_in_scaling_must_be_named(tmp_path):
    torch.manual_seed(0)
    weights = timm.create_model("resnet50", in_chans=13, num_classes=0).state_dict()
    path = saved(tmp_path / "x.pth", weights)
    with pytest.raises(CheckpointError, match="ssl4eo-s12-resnet50-s2-moco") as caught:
        read_published(path)
    assert "decur-resnet50-s2" in str(caught.value) and "softcon-resnet50-s2" in str(caught.value)
    assert read_published(path, Claim("softcon-resnet50-s2")).sources == encoder("softcon-resnet50-s2").sources
    named = tmp_path / encoder("softcon-resnet50-s2").file_name
    os.rename(path, named)
    assert read_published(str(named)).entry == encoder("softcon-resnet50-s2")


def test_a_transformer_that_scale_mae_could_be_must_be_named():
    with torch.device("meta"):
        weights = timm.create_model("vit_large_patch16_224", num_classes=0).state_dict()
        found = recognise(weights, "x.pth")
    with pytest.raises(CheckpointError, match="scalemae-large"):
        identified(found, Claim(), "x.pth", "0" * 64)
    assert identified(found, Claim("scalemae-large"), "x.pth", "0" * 64).entry == encoder("scalemae-large")
    known = identified(found, Claim(), encoder("scalemae-large").file_name, "98ed9821" + "0" * 56)
    assert known.entry == encoder("scalemae-large") and known.notes == ()


def test_a_changed_file_of_a_known_encoder_is_pointed_out(tmp_path):
    _, events, card = imported(tmp_path, saved(tmp_path / MOCO.file_name, resnet()))
    assert any("not that of" in event["message"] and event["level"] == "warning" for event in logs(events))
    assert any("not that of" in note for note in card.provenance["notes"])


def test_the_wrong_encoder_is_refused_with_shapes(tmp_path):
    path = saved(tmp_path / "x.pth", resnet())
    with pytest.raises(CheckpointError, match=r"conv1\.weight \(64, 13, 7, 7\) instead of \(64, 3, 7, 7\)"):
        read_published(path, Claim("ssl4eo-s12-resnet18-s2-rgb-moco"))
    with pytest.raises(CheckpointError, match="does not fit the encoder presto"):
        read_published(path, Claim("presto"))


def test_an_unknown_input_must_be_stated(tmp_path):
    path = saved(tmp_path / "x.pth", vit())
    with pytest.raises(CheckpointError, match="nothing says which bands"):
        read_published(path)
    published = read_published(path, RGB)
    (source,) = published.sources
    assert (source.role, source.sensor, source.bands, source.units) == ("optical", RGB.sensor, RGB.bands, "dn")
    assert (source.normalisation.offset, source.normalisation.scale) == (RGB.mean, RGB.std)
    assert published.entry is None
    assert_same_weights(published.weights, vit())


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (Claim(sensor="sentinel-2-l2a"), "bands, mean, std is not stated"),
        (Claim(sensor="sentinel-2-l2a", bands=("B04",), mean=(1,), std=(1,)), "takes 3"),
        (Claim(sensor="aerial", bands=("B04", "B03", "B02"), mean=(1,) * 3, std=(1,) * 3), "has no band B04"),
        (Claim(sensor="aerial", bands=("red", "green", "blue"), mean=(1,) * 3, std=(1, 0, 1)), "greater than 0"),
    ],
)
def test_a_wrong_statement_is_refused(claim, words, tmp_path):
    with pytest.raises(CheckpointError, match=words):
        read_published(saved(tmp_path / "x.pth", vit()), claim)


def test_a_statement_beside_a_name_is_refused(tmp_path):
    path = saved(tmp_path / "x.pth", resnet())
    with pytest.raises(CheckpointError, match="both an encoder"):
        read_published(path, Claim(MOCO.id, sensor="sentinel-2-l2a"))
    with pytest.raises(CheckpointError, match="takes B01, B02"):
        read_published(path, Claim(MOCO.id, bands=("B04", "B03", "B02")))


def test_positions_of_other_images_are_taken_as_they_are(tmp_path):
    weights = vit(img_size=96)
    published = read_published(saved(tmp_path / "x.pth", weights), RGB)
    assert published.architecture["published"] == 96
    assert_same_weights(published.weights, weights)


def test_the_first_layer_is_cut_only_when_asked_and_keeps_its_sum(tmp_path):
    path = saved(tmp_path / "x.pth", resnet())
    bands = ("B04", "B03", "B02", "B08")
    _, events, card = imported(tmp_path, path, bands=bands, adapt=True)
    (source,), (whole,) = card.sources, MOCO.sources
    assert source.bands == bands and source.normalisation.scale == (10_000.0,) * 4
    assert any("cut from 13 bands" in change for change in card.provenance["changes"])
    assert any("cut from 13 bands" in event["message"] and event["level"] == "warning" for event in logs(events))
    kernel = loaded(tmp_path / "encoder.safetensors").pretrained_part().state_dict()["conv1.weight"]
    places = [whole.bands.index(band) for band in bands]
    torch.testing.assert_close(kernel, resnet()["conv1.weight"][:, places] * 13 / 4)


def test_a_cut_of_equal_channels_answers_a_flat_image_as_before(tmp_path):
    weights = resnet()
    weights["conv1.weight"] = weights["conv1.weight"][:, :1].expand(-1, 13, -1, -1).contiguous()
    path = saved(tmp_path / "x.pth", weights)
    kernel = read_published(path, Claim(bands=("B02", "B03"), adapt=True)).weights["conv1.weight"]
    flat = torch.rand(1, 1, 32, 32)
    before = torch.conv2d(flat.expand(-1, 13, -1, -1), weights["conv1.weight"])
    torch.testing.assert_close(torch.conv2d(flat.expand(-1, 2, -1, -1), kernel), before, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("bands", [(), ("B04", "red"), ("B04", "B04")])
def test_a_cut_to_bands_that_it_has_not_is_refused(bands, tmp_path):
    with pytest.raises(CheckpointError, match="State"):
        read_published(saved(tmp_path / "x.pth", resnet()), Claim(MOCO.id, bands=bands, adapt=True))


def test_aerial_weights_are_never_spread_over_more_bands(tmp_path):
    path = saved(tmp_path / "x.pth", resnet(3))
    claim = Claim("ssl4eo-s12-resnet18-s2-rgb-moco", bands=("B04", "B03", "B02", "B08"), adapt=True)
    with pytest.raises(CheckpointError, match="State those that are left"):
        read_published(path, claim)


def test_cromas_parts_are_joined(tmp_path):
    sources = [example_source(source) for source in encoder("croma-base").sources]
    torch.manual_seed(0)
    weights = CromaFeatures(sources, width=32, depth=2).pretrained_part().state_dict()
    parts = {"s1_GAP_FFN": {"x": torch.zeros(2)}, "s2_GAP_FFN": {"x": torch.zeros(2)}}
    for name, tensor in weights.items():
        part, rest = name.split(".", 1)
        parts.setdefault(part, {})[rest] = tensor
    published = read_published(saved(tmp_path / "x.pt", parts))
    assert published.architecture == {"name": "croma", "width": 32, "depth": 2}
    assert published.sources == encoder("croma-base").sources
    assert_same_weights(published.weights, weights)


def test_a_pair_is_imported_as_a_pair(tmp_path):
    radar, optical = resnet(2), resnet(13, seed=1)
    content = {"state_dict": prefixed("backbone1.", radar) | prefixed("backbone2.", optical), "arch": "resnet18"}
    result, _, card = imported(tmp_path, saved(tmp_path / "x.pth", content))
    assert result["encoder"] == "dual-simclr-resnet18" and result["unexpected"] == []
    assert [source.role for source in card.sources] == ["sar", "optical"]
    part = loaded(tmp_path / "encoder.safetensors").pretrained_part().state_dict()
    assert_same_weights(part, prefixed("sar.", radar) | prefixed("optical.", optical))


PUBLISHED_NAMES = {
    "presto": lambda w: prefixed("encoder.", w),
    "pair": lambda w: {n.replace("sar.", "backbone1.").replace("optical.", "backbone2."): t for n, t in w.items()},
}
"""How names are published where they are not those of the encoder's class."""

NOT_EMPTY = ("galileo", "copernicus-fm")
"""Encoders that look at values while they are built or read, which tensors without memory do not have."""

DISTINCT = {
    str(entry.architecture): entry for entry in encoders() if entry.architecture["name"] not in (*NOT_EMPTY, "scalemae")
}


@pytest.mark.parametrize("entry", DISTINCT.values(), ids=lambda entry: entry.id)
def test_every_architecture_of_the_registry_is_recognised_by_its_tensors(entry):
    with torch.device("meta"):
        network = build_encoder({"encoder": entry.architecture}, [example_source(s) for s in entry.sources])
        weights = network.pretrained_part().state_dict()
        found = recognise(PUBLISHED_NAMES.get(entry.architecture["name"], dict)(weights), "x.pth")
    assert found.architecture == entry.architecture
    assert {name: t.shape for name, t in found.weights.items()} == {name: t.shape for name, t in weights.items()}


@pytest.mark.parametrize(
    "architecture",
    [
        {"name": "galileo", "dim": 128, "depth": 1, "heads": 8, "dates": 24},
        {"name": "copernicus-fm", "width": 64, "depth": 1, "heads": 1, "hyper": 16},
    ],
)
def test_smaller_ones_of_a_family_are_recognised_with_its_input(architecture, tmp_path):
    family = [entry for entry in encoders() if entry.architecture["name"] == architecture["name"]]
    sources = [example_source(source) for source in family[0].sources]
    weights = build_encoder({"encoder": architecture}, sources).pretrained_part().state_dict()
    published = read_published(saved(tmp_path / "x.pth", weights))
    assert (published.architecture, published.sources) == (architecture, family[0].sources)
    assert_same_weights(published.weights, weights)


@needs_weights
def test_galileo_gives_the_references_tokens_after_the_round_trip(tmp_path):
    result, _, card = imported(tmp_path, CHECKPOINTS / "galileo-nano" / "encoder.pt")
    assert result["encoder"] == "galileo-nano" and not result["missing"]
    assert card.provenance["licence"] == "MIT" and card.provenance["notes"] == list(encoder("galileo-nano").notes)
    network = loaded(tmp_path / "encoder.safetensors").pretrained_part()
    reference = np.load(CHECKPOINTS / "galileo-nano" / "reference_s1s2_p4.npz")
    with torch.inference_mode():
        tokens, _ = network(
            torch.tensor(reference["space_time"]),
            torch.tensor(reference["space_time_mask"]) > 0,
            torch.tensor(reference["months"]),
            int(reference["patch_size"]),
            float(reference["gsd_m"]),
        )
    visible = reference["mask_out"] == 0
    assert np.abs(tokens.numpy() - reference["tokens_space_time"])[visible].max() < 1e-4


@needs_weights
def test_presto_gives_the_references_embeddings_after_the_round_trip(tmp_path):
    result, _, card = imported(tmp_path, CHECKPOINTS / "presto" / "default_model.pt")
    assert result["encoder"] == "presto" and not result["missing"]
    assert card.architecture == {"encoder": encoder("presto").architecture}
    network = loaded(tmp_path / "encoder.safetensors").pretrained_part()
    reference = np.load(CHECKPOINTS / "presto" / "reference_t12.npz")
    inputs = (reference[key] for key in ("x", "dynamic_world", "latlon", "mask", "month"))
    assert np.abs(embedding(network, *inputs) - reference["embedding"]).max() < 1e-4


def test_the_file_to_import_or_the_encoder_to_download_is_needed(tmp_path):
    with pytest.raises(SpecError, match="Neither a file nor an encoder"):
        ImportSpec(output=str(tmp_path / "x.safetensors"))


def test_what_only_a_person_can_download_is_said_to_be(tmp_path):
    spec = ImportSpec(output=str(tmp_path / "x.safetensors"), encoder="dual-simclr-swin-t")
    with pytest.raises(CheckpointError, match=r"Download it from https://drive\.google\.com"):
        import_checkpoint(spec, Reporter())


def test_the_job_runs_by_its_name(tmp_path):
    path, output = saved(tmp_path / "x.pth", resnet()), str(tmp_path / "out.safetensors")
    result = run_job("importcheckpoint", {"path": path, "output": output}, Reporter())
    assert (result["output"], result["encoder"]) == (output, MOCO.id)
    assert json.loads(json.dumps(result)) == result and read_card(output).tile > 0


def test_without_a_file_the_named_encoder_is_downloaded_by_its_entry(tmp_path, monkeypatch):
    asked = []

    def download(url, name, sha256, reporter):
        asked.append((url, name, sha256))
        return saved(tmp_path / "came.pth", resnet())

    monkeypatch.setattr(importing, "download", download)
    spec = ImportSpec(output=str(tmp_path / "x.safetensors"), encoder=MOCO.id)
    assert import_checkpoint(spec, Reporter())["encoder"] == MOCO.id
    assert asked == [(MOCO.url, os.path.join(MOCO.id, MOCO.file_name), MOCO.sha256)]


def test_fine_tuning_starts_from_a_file_and_from_its_import_alike(tmp_path):
    image = np.random.default_rng(0).integers(1, 4000, (13, 96, 96)).astype(np.uint16)
    raster = write_raster(tmp_path / "s2_l1c.tif", image, names=encoder(MOCO.id).sources[0].bands)
    path = saved(tmp_path / "x.pth", resnet())
    imported(tmp_path, path)
    with open_scene([SourceSpec("optical", raster, "sentinel-2-l1c")]) as scene:
        direct = pretrained_start(path, scene)
        through_card = pretrained_start(str(tmp_path / "encoder.safetensors"), scene)
    assert direct.pretrained and direct.licence == through_card.licence == "CC-BY-4.0"
    assert direct.sources == through_card.sources
    assert direct.sources[0].normalisation == MOCO.sources[0].normalisation
    assert_same_weights(direct.encoder.pretrained_part().state_dict(), resnet())
    assert_same_weights(through_card.encoder.state_dict(), direct.encoder.state_dict())


@pytest.mark.parametrize("roles", [("optical",), ("sar",), ("sar", "optical")])
def test_an_imported_pair_starts_with_what_the_scene_has(roles, tmp_path):
    radar, optical = resnet(2), resnet(13, seed=1)
    content = {"state_dict": prefixed("backbone1.", radar) | prefixed("backbone2.", optical)}
    imported(tmp_path, saved(tmp_path / "x.pth", content))
    rng = np.random.default_rng(0)
    specs = {
        "optical": ("sentinel-2-l1c", rng.integers(1, 4000, (13, 64, 64)).astype(np.uint16)),
        "sar": ("sentinel-1-grd", rng.uniform(-25, -2, (2, 64, 64)).astype(np.float32)),
    }
    sources = [
        SourceSpec(role, write_raster(tmp_path / f"{role}.tif", specs[role][1]), specs[role][0]) for role in roles
    ]
    with open_scene(sources) as scene:
        start = pretrained_start(str(tmp_path / "encoder.safetensors"), scene)
    assert {source.role for source in start.sources} == set(roles)
    assert not any(source.normalisation.is_open for source in start.sources)
    expected = {"sar": radar, "optical": optical}
    part = start.encoder.pretrained_part().state_dict()
    for role in roles:
        found = {name.removeprefix(f"{role}."): t for name, t in part.items() if name.startswith(f"{role}.")}
        assert_same_weights(found, expected[role])
