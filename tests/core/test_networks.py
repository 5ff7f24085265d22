"""Fine-tuning the networks of the seeds, and maps by them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch
from helpers import squares, two_class_s2, write_features, write_raster
from landsketch.core.card_files import read_card
from landsketch.core.cards import Card, Normalisation, SourceCard
from landsketch.core.errors import CheckpointError, SpecError
from landsketch.core.jobs import run_job
from landsketch.core.network_starts import network_start
from landsketch.core.networks import NETWORKS
from landsketch.core.progress import Reporter
from landsketch.core.scenes import open_scene
from landsketch.core.specs import FinetuneSpec
from landsketch.core.starts import with_statistics
from landsketch.models.checkpoints import load_segmenter, load_weights, save_checkpoint
from landsketch.models.encoders.double_unet import DoubleUNetFeatures
from landsketch.models.encoders.swin import SWINS
from landsketch.models.encoders.unet import UNetFeatures
from landsketch.models.normalisation import Normaliser
from landsketch.models.segmenter import build_encoder
from rasterio.windows import Window

S2 = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
SMALL = {
    "name": "swin",
    "model": "swin_tiny_patch4_window7_224",
    "window_size": 2,
    "embed_dim": 8,
    "depths": [1, 2, 1, 1],
    "num_heads": [1, 1, 2, 2],
    "image": 64,
}
OPTICAL = SourceCard(
    "optical", "sentinel-2-l2a", S2, "dn", 10.0, Normalisation("z-score", (1500.0,) * 12, (900.0,) * 12)
)
SAR = SourceCard("sar", "sentinel-1-grd", ("VV", "VH"), "db", 10.0, Normalisation("z-score", (-12.0,) * 2, (5.0,) * 2))
FROM_SCRATCH = ("unet", "double-unet", "swin-unet", "dual-stmim-unet", "dual-swin")


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """A scene of two classes, that both images show."""
    folder = tmp_path_factory.mktemp("scene")
    radar = np.full((2, 96, 96), -15.0) + np.random.default_rng(1).normal(0, 1, (2, 96, 96))
    radar[:, :, 48:] += 7
    shapes, classes = squares()
    return {
        "sources": [
            {"role": "optical", "path": write_raster(folder / "s2.tif", two_class_s2(), names=S2)},
            {"role": "sar", "path": write_raster(folder / "s1.tif", radar.astype(np.float32), names=("VV", "VH"))},
        ],
        "labels": {"path": write_features(folder / "labels.gpkg", shapes, classes), "field": "class"},
    }


@pytest.fixture(autouse=True)
def small_networks(monkeypatch):
    """Networks from scratch as small as they can be, or trained on windows as small as they can be."""
    for network in (UNetFeatures, DoubleUNetFeatures):
        monkeypatch.setattr(network, "chip", 32)
    monkeypatch.setitem(SWINS, "swin-nano", {name: value for name, value in SMALL.items() if name != "image"})


def encoder_file(path, entry, *sources, method="pretrained: STMIM", seed=0):
    """Writes an encoder as pretraining does."""
    torch.manual_seed(seed)
    encoder = build_encoder({"encoder": entry}, sources)
    save_checkpoint(
        str(path), encoder, Card({"encoder": entry}, sources, encoder.tile, encoder.halo, None, {"method": method})
    )
    return str(path)


def pair_of(entry):
    return {"name": "pair", "encoders": {"sar": entry, "optical": entry}}


def finetune(scene, output, reporter=None, **changes):
    spec = scene | {"output": str(output), "mode": "full", "epochs": 1, "size": "nano", "device": "cpu"} | changes
    return run_job("finetune", spec, reporter or Reporter())


def start_of(scene, **changes):
    spec = FinetuneSpec.from_json(scene | {"output": "x.safetensors", "mode": "full", "device": "cpu"} | changes)
    with open_scene(spec.sources) as opened:
        return network_start(spec, opened)


def mapped(scene, checkpoint, output, roles=("optical", "sar")):
    sources = [source for source in scene["sources"] if source["role"] in roles]
    run_job("classify", {"sources": sources, "checkpoint": str(checkpoint), "output": str(output)}, Reporter())
    with rasterio.open(output) as dataset:
        return dataset.read(1)


def check_map(classes):
    """Checks a map of the two halves."""
    assert classes.shape == (96, 96) and set(np.unique(classes)) <= {1, 2}
    assert (classes[:, 4:40] == 1).mean() > 0.8 and (classes[:, 56:92] == 2).mean() > 0.8


@pytest.mark.parametrize("name", FROM_SCRATCH)
def test_it_is_trained_and_maps(name, scene, tmp_path):
    checkpoint, report = tmp_path / "m.safetensors", tmp_path / "m.html"
    finetune(scene, checkpoint, network=name, report=str(report), epochs=6)
    assert read_card(str(checkpoint)).provenance["network"] == NETWORKS[name].title
    assert NETWORKS[name].title in report.read_text(encoding="utf-8")
    classes = mapped(scene, checkpoint, tmp_path / "map.tif")
    check_map(classes)


def test_an_encoder_by_stmim_becomes_a_stmim_unet(scene, tmp_path):
    images = [{"sources": scene["sources"]}]
    encoder, checkpoint = str(tmp_path / "encoder.safetensors"), str(tmp_path / "m.safetensors")
    pretraining = {"scenes": images, "output": encoder, "method": "stmim", "network": "swin-nano", "steps": 1}
    run_job("pretrain", pretraining | {"window": 64, "batch": 2, "device": "cpu"}, Reporter())
    start = start_of(scene, network="stmim-unet", checkpoint=encoder)
    learned = load_weights(encoder)
    assert start.pretrained and not start.warnings
    assert all(torch.equal(tensor, learned[name]) for name, tensor in start.encoder.state_dict().items())
    finetune(scene, checkpoint, network="stmim-unet", checkpoint=encoder, mode="decoder")
    assert read_card(checkpoint).architecture["head"]["name"] == "swin-unet"
    kept = {name.removeprefix("encoder."): tensor for name, tensor in load_weights(checkpoint).items()}
    assert all(torch.equal(kept[name], tensor) for name, tensor in learned.items()), "decoder training leaves it"
    assert set(np.unique(mapped(scene, checkpoint, tmp_path / "map.tif"))) <= {1, 2}


@pytest.mark.parametrize("name", ["dual-stmim-unet", "dual-swin"])
def test_two_checkpoints_start_as_the_pair_that_holds_both(name, scene, tmp_path):
    optical = encoder_file(tmp_path / "optical.safetensors", SMALL, OPTICAL, seed=1)
    sar = encoder_file(tmp_path / "sar.safetensors", SMALL, SAR, seed=2)
    both = encoder_file(tmp_path / "pair.safetensors", pair_of(SMALL), SAR, OPTICAL)
    torch.manual_seed(0)
    joined = build_encoder({"encoder": pair_of(SMALL)}, (SAR, OPTICAL))
    for role, path in (("sar", sar), ("optical", optical)):
        joined.encoders[role].load_state_dict(load_weights(path))
    save_checkpoint(both, joined, read_card(both))
    starts = [
        start_of(scene, network=name, checkpoint=sar, checkpoint_2=optical),
        start_of(scene, network=name, checkpoint=both),
    ]
    first, second = (start.encoder.state_dict() for start in starts)
    assert list(first) == list(second) and all(torch.equal(first[key], second[key]) for key in first)
    assert starts[0].card.architecture == starts[1].card.architecture
    assert starts[0].head["name"] == ("swin-unet" if name == "dual-stmim-unet" else "dual-swin")


def test_a_pair_is_fine_tuned_and_goes_on_from_its_own_decoder(scene, tmp_path):
    both = encoder_file(tmp_path / "pair.safetensors", pair_of(SMALL), SAR, OPTICAL, method="pretrained: MMA")
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    finetune(scene, first, network="dual-swin", checkpoint=both)
    again = start_of(scene, network="dual-swin", checkpoint=str(first))
    weights = load_weights(str(first))
    assert all(torch.equal(tensor, weights[name]) for name, tensor in again.network(2).state_dict().items())
    other = start_of(scene, network="dual-stmim-unet", checkpoint=str(first))
    assert other.previous is None and other.head["name"] == "swin-unet"
    finetune(scene, second, checkpoint=str(first))  # no network stated: the decoder goes on
    assert read_card(str(second)).architecture == read_card(str(first)).architecture


@pytest.mark.parametrize("fusion", ["concat", "sum", "gated"])
def test_the_fusion_is_chosen(fusion, scene, tmp_path):
    start = start_of(scene, network="dual-stmim-unet", fusion=fusion, size="nano")
    kind = type(start.network(2).head.fusions[0]).__name__
    assert kind == {"concat": "ProjectedFusion", "sum": "SumFusion", "gated": "GatedFusion"}[fusion]


@pytest.mark.parametrize("name", ["double-unet", "dual-stmim-unet", "dual-swin"])
def test_trained_with_images_hidden_it_maps_a_scene_with_one_of_them(name, scene, tmp_path):
    checkpoint = tmp_path / "m.safetensors"
    hiding = {"turns": True, "sources": 0.5}
    finetune(scene, checkpoint, network=name, epochs=8, augmentation=hiding)
    assert all(source.optional for source in read_card(str(checkpoint)).sources)
    for role in ("optical", "sar"):
        classes = mapped(scene, checkpoint, tmp_path / f"{role}.tif", [role])
        check_map(classes)


def test_a_unet_decoder_goes_on_any_encoder_of_several_resolutions(scene, tmp_path):
    resnet = encoder_file(tmp_path / "resnet.safetensors", {"name": "resnet", "model": "resnet18"}, OPTICAL)
    optical = scene | {"sources": scene["sources"][:1]}
    start = start_of(optical, network="unet", checkpoint=resnet)
    assert start.head == {"name": "unet", "context": True} and start.encoder.strides == (4, 8, 16, 32)
    swin = encoder_file(tmp_path / "swin.safetensors", SMALL, OPTICAL)
    assert start_of(optical, network="unet", checkpoint=swin).head["name"] == "unet"


def test_an_encoder_by_another_method_is_taken_with_a_warning(scene, tmp_path):
    optical = scene | {"sources": scene["sources"][:1]}
    other = encoder_file(tmp_path / "other.safetensors", SMALL, OPTICAL, method="pretrained: SimCLR")
    (warning,) = start_of(optical, network="stmim-unet", checkpoint=other).warnings
    assert "pretrained: SimCLR" in warning and "STMIM" in warning
    assert not start_of(optical, network="swin-unet", checkpoint=other).warnings


def test_without_a_checkpoint_decoder_training_says_that_all_is_trained(scene):
    (warning,) = start_of(scene, network="swin-unet", mode="decoder", size="nano").warnings
    assert "Without a checkpoint" in warning and "Swin-UNet" in warning


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": "swin-unet", "mode": "frozen"}, "'frozen' fits a light classifier"),
        ({"network": "stmim-unet"}, "no checkpoint was given"),
        ({"network": "swin-unet", "checkpoint": "a", "checkpoint_2": "b"}, "takes 1"),
        ({"checkpoint": "a", "checkpoint_2": "b"}, "no network that takes two encoders"),
        ({"network": "segformer"}, "network is 'segformer'"),
        ({"network": "swin-unet", "size": "huge"}, "size is 'huge'"),
        ({"network": "dual-stmim-unet", "fusion": "product"}, "fusion is 'product'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(changes, message, scene):
    with pytest.raises(SpecError, match=message):
        FinetuneSpec.from_json(scene | {"output": "x.safetensors", "mode": "full"} | changes)


@pytest.mark.parametrize("name", ["double-unet", "dual-stmim-unet", "dual-swin"])
def test_networks_of_two_images_need_both(name, scene):
    with pytest.raises(SpecError, match="has no sar image"):
        FinetuneSpec.from_json(
            scene | {"sources": scene["sources"][:1], "output": "x.safetensors", "mode": "full", "network": name}
        )


def test_encoders_that_do_not_fit_the_network_are_refused(scene, tmp_path):
    optical = scene | {"sources": scene["sources"][:1]}
    one = encoder_file(tmp_path / "one.safetensors", SMALL, OPTICAL)
    sar = encoder_file(tmp_path / "sar.safetensors", SMALL | {"embed_dim": 16}, SAR)
    resnet = encoder_file(tmp_path / "resnet.safetensors", {"name": "resnet", "model": "resnet18"}, OPTICAL)
    plain = encoder_file(tmp_path / "plain.safetensors", {"name": "random-features", "filters": 8, "seed": 0}, OPTICAL)
    cases = [
        (scene, {"network": "dual-swin", "checkpoint": one}, "takes a pair of encoders"),
        (scene, {"network": "dual-swin", "checkpoint": one, "checkpoint_2": one}, "one encoder for each of"),
        (scene, {"network": "dual-swin", "checkpoint": one, "checkpoint_2": sar}, "two encoders that are alike"),
        (optical, {"network": "swin-unet", "checkpoint": resnet}, "mirrors a Swin transformer"),
        (optical, {"network": "unet", "checkpoint": plain}, "maps of several resolutions"),
    ]
    for where, changes, message in cases:
        with pytest.raises(CheckpointError, match=message):
            start_of(where, **changes)


def test_the_published_pairs_scaling_has_its_maximum_once_per_scene(scene):
    """Its authors divide each sample by its own maximum, which makes tiles of a map differ at their seams."""
    source = replace(SAR, normalisation=Normalisation("scene-maximum", (-25.0, -25.0), (), (0.0, 1.0)))
    with open_scene(FinetuneSpec.from_json(scene | {"output": "x.safetensors"}).sources) as opened:
        closed = with_statistics(opened, source)
        whole = torch.from_numpy(opened.read(Window(0, 0, 96, 96), {"sar": source.bands})["sar"])[None]
    scaled = Normaliser(closed.normalisation)(whole)
    assert torch.allclose(scaled.amax(dim=(0, 2, 3)), torch.ones(2))
    assert scaled.min() >= 0 and (scaled[..., :48].amax(dim=(0, 2, 3)) < 0.9).all(), "the dark half is dark"


def test_chips_are_one_window_of_the_coarsest_map():
    encoder = build_encoder({"encoder": SWINS["swin-tiny"] | {"levels": [1, 2, 3, 4]}}, (SAR,))
    assert encoder.chip + 2 * encoder.chip_alignment == encoder.alignment == 224


def test_a_result_is_read_without_what_made_it(scene, tmp_path):
    checkpoint = tmp_path / "m.safetensors"
    finetune(scene, checkpoint, network="dual-stmim-unet")
    card, network = load_segmenter(str(checkpoint))
    assert json.loads(json.dumps(card.to_json()))["architecture"]["head"]["fusion"] == "concat"
    assert network.head.classes == 2 and Path(checkpoint).stat().st_size > 0
