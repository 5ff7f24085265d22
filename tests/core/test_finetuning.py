"""Every way of training a network, through the job, on the simulated scene."""

import time
from pathlib import Path

import numpy as np
import pytest
import rasterio
from landsketch.core import training
from landsketch.core.card_files import read_card
from landsketch.core.errors import Cancelled, CheckpointError, SpecError
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.simulate import LEGEND, simulate
from landsketch.core.specs import AUGMENTATIONS, LOSSES, FinetuneSpec, SourceSpec, VectorSpec
from landsketch.models.checkpoints import load_weights

ENCODER = "encoder.unet.encoder."
FIRST_LAYER = ENCODER + "model.conv_stem.weight"


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """A simulated scene of 192 × 192 pixels."""
    return simulate(str(tmp_path_factory.mktemp("scene")), seed=3, size=192)


@pytest.fixture(scope="module", autouse=True)
def short_epochs():
    """Epochs of few steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "STEPS_PER_EPOCH", 2)
        yield


def spec(scene, output, **changes):
    images = [{"role": "optical", "path": scene.optical}, {"role": "sar", "path": scene.sar}]
    labels = {"path": scene.labels, "field": "class", "legend": LEGEND.to_json(), "keys": list(LEGEND.names)}
    return {"timm_encoder": "lcnet_050", "sources": images, "labels": labels, "output": str(output)} | changes


def finetune(scene, output, reporter=None, **changes):
    return run_job("finetune", spec(scene, output, **changes), reporter or Reporter())


@pytest.fixture(scope="module")
def network(scene, tmp_path_factory):
    """A small U-Net trained on the scene: what the others go on from."""
    path = str(tmp_path_factory.mktemp("network") / "unet.safetensors")
    finetune(scene, path, mode="full", epochs=2)
    return path


def changed(before, after):
    """Names of the weights that training changed, without the statistics of normalisation layers."""
    first, second = load_weights(str(before)), load_weights(str(after))
    assert set(first) == set(second)
    return {
        name for name in first
        if not name.endswith(("running_mean", "running_var", "num_batches_tracked"))
        and not np.array_equal(first[name].numpy(), second[name].numpy())
    }  # fmt: skip


def test_decoder_training_leaves_the_encoder(scene, network, tmp_path):
    finetune(scene, tmp_path / "m.safetensors", checkpoint=network, mode="decoder", epochs=1)
    names = changed(network, tmp_path / "m.safetensors")
    assert names
    assert not any(name.startswith(ENCODER) for name in names)


def test_training_the_last_stages_leaves_the_first_ones(scene, network, tmp_path):
    finetune(scene, tmp_path / "m.safetensors", checkpoint=network, mode="last", epochs=1)
    names = {name for name in changed(network, tmp_path / "m.safetensors") if name.startswith(ENCODER)}
    assert names
    stages = {name.removeprefix(ENCODER + "model.").split(".")[1] for name in names}
    assert stages == {"3", "4"}
    words = read_card(str(tmp_path / "m.safetensors")).provenance["training"]["trained"]
    assert words.startswith("the decoder and the last 2 stages of the encoder: ")


def test_low_rank_training_is_merged_into_weights_that_classify(scene, network, tmp_path):
    out = tmp_path / "m.safetensors"
    result = finetune(
        scene, out, checkpoint=network, mode="lora", lora_rank=2, epochs=1, report=str(tmp_path / "r.html")
    )
    names = {name for name in changed(network, out) if name.startswith(ENCODER)}
    assert FIRST_LAYER in names
    first, second = load_weights(network), load_weights(str(out))
    name = ENCODER + "model.blocks.3.0.conv_pw.weight"
    difference = (second[name] - first[name]).flatten(1).numpy()
    assert np.linalg.matrix_rank(difference, tol=1e-5) <= 2
    assert result["metrics"]["oa"] > 0
    page = (tmp_path / "r.html").read_text()
    assert "additions of rank 2" in page
    images = spec(scene, out)["sources"]
    run_job("classify", {"checkpoint": str(out), "sources": images, "output": str(tmp_path / "map.tif")}, Reporter())
    assert (tmp_path / "map.tif").exists()


def test_slower_early_stages_change_less(scene, network, tmp_path):
    moved = {}
    for decay in (1.0, 0.3):
        out = tmp_path / f"{decay}.safetensors"
        finetune(scene, out, checkpoint=network, mode="full", epochs=1, layer_decay=decay)
        first, second = load_weights(network), load_weights(str(out))
        moved[decay] = float((second[FIRST_LAYER] - first[FIRST_LAYER]).abs().mean())
    assert moved[0.3] < 0.2 * moved[1.0]


@pytest.mark.parametrize("loss", LOSSES[1:])
def test_every_loss_trains(scene, network, tmp_path, loss):
    events = []
    result = finetune(
        scene,
        tmp_path / "m.safetensors",
        Reporter(events.append),
        checkpoint=network,
        mode="decoder",
        epochs=2,
        loss=loss,
    )
    losses = [event["values"]["loss"] for event in events if event["event"] == "metric"]
    assert len(losses) == 2
    assert np.isfinite(losses).all()
    assert losses[1] < losses[0]
    assert result["metrics"]["oa"] > 0
    warned = [
        e["message"] for e in events if e["event"] == "log" and e["level"] == "warning" and "Dice" in e["message"]
    ]
    assert bool(warned) == ("dice" in loss)


@pytest.mark.parametrize("augmentation", ["none", "full", {"turns": False, "speckle": 8.0, "bands": 0.2}])
def test_every_variation_trains(scene, network, tmp_path, augmentation):
    events = []
    out = tmp_path / "m.safetensors"
    finetune(
        scene, out, Reporter(events.append), checkpoint=network, mode="decoder", epochs=1, augmentation=augmentation
    )
    assert np.isfinite([event["values"]["loss"] for event in events if event["event"] == "metric"]).all()
    assert changed(network, out)


@pytest.mark.parametrize("mode", ["lora", "full"])
def test_the_same_seed_trains_the_same_network(scene, network, tmp_path, mode):
    files = [tmp_path / "1.safetensors", tmp_path / "2.safetensors"]
    for file in files:
        finetune(scene, file, checkpoint=network, mode=mode, epochs=1, augmentation="full", seed=4)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_training_stops_within_a_second_of_a_cancel(scene, network, tmp_path):
    started = []

    def emit(event):
        if event["event"] == "metric" and not started:
            started.append(time.monotonic())
            reporter.cancel()

    reporter = Reporter(emit)
    with pytest.raises(Cancelled):
        finetune(
            scene, tmp_path / "m.safetensors", reporter, checkpoint=network, mode="lora", epochs=50, augmentation="full"
        )
    assert time.monotonic() - started[0] < 1
    assert not list(tmp_path.iterdir())


def test_without_a_trained_encoder_partial_training_says_that_it_trains_everything(scene, tmp_path):
    events = []
    optical = [{"role": "optical", "path": scene.optical, "sensor": "generic"}]
    finetune(scene, tmp_path / "m.safetensors", Reporter(events.append), mode="lora", epochs=1, sources=optical)
    assert any("from scratch" in event["message"] for event in events if event["event"] == "log")


@pytest.fixture(scope="module")
def sparing(scene, tmp_path_factory):
    """A light head that was fitted with and without each source."""
    path = str(tmp_path_factory.mktemp("sparing") / "m.safetensors")
    finetune(scene, path, augmentation="full")
    return path


@pytest.mark.parametrize("role", ["optical", "sar"])
def test_a_head_that_saw_sources_hidden_classifies_without_them(scene, sparing, tmp_path, role):
    path = scene.optical if role == "optical" else scene.sar
    out = tmp_path / "map.tif"
    job = {"checkpoint": sparing, "sources": [{"role": role, "path": path}], "output": str(out), "runtime": "torch"}
    run_job("classify", job, Reporter())
    with rasterio.open(out) as found, rasterio.open(scene.reference) as true:
        one, two = found.read(1), true.read(1)
    assert (one > 0).mean() > 0.9
    if role == "optical":  # on the reference's grid
        assert (one == two)[one > 0].mean() > 0.6
    card = read_card(sparing)
    assert all(source.optional for source in card.sources)
    assert f"macro F1 without {role}" in card.provenance["training"]


def test_a_head_that_never_did_without_a_source_asks_for_it(scene, network, tmp_path):
    job = {"checkpoint": network, "sources": [{"role": "sar", "path": scene.sar}], "output": str(tmp_path / "m.tif")}
    with pytest.raises(CheckpointError, match="optical"):
        run_job("classify", job, Reporter())


def test_going_on_from_such_a_head_needs_all_sources(scene, sparing, tmp_path):
    with pytest.raises(CheckpointError, match="SAR"):
        finetune(
            scene, tmp_path / "m.safetensors", checkpoint=sparing, sources=[{"role": "optical", "path": scene.optical}]
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"loss": "hinge"}, {"augmentation": "strong"}, {"augmentation": {"sources": 1.0}}, {"layer_decay": 0.0},
        {"lora_rank": 0}, {"augmentation": {"rotation": 200.0}}, {"augmentation": {"scale": 0.5}},
        {"augmentation": {"speckle": -1.0}}, {"augmentation": {"hue": 0.5}}, {"mode": "half"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named(tmp_path, wrong):
    values = {
        "sources": [{"role": "sar", "path": "s.tif"}], "labels": {"path": "l.gpkg"},
        "output": str(tmp_path / "m.safetensors"), **wrong,
    }  # fmt: skip
    word = next(iter(wrong["augmentation"])) if isinstance(wrong.get("augmentation"), dict) else next(iter(wrong))
    with pytest.raises(SpecError, match=word):
        FinetuneSpec.from_json(values)


def test_variations_by_name_and_by_value_are_the_same_and_survive_json(tmp_path):
    source, labels = SourceSpec("sar", "s.tif"), VectorSpec("l.gpkg")
    one = FinetuneSpec((source,), labels, str(tmp_path / "m.safetensors"), augmentation="full")
    two = FinetuneSpec((source,), labels, str(tmp_path / "m.safetensors"), augmentation=AUGMENTATIONS["full"])
    assert one.variations == two.variations == FinetuneSpec.from_json(two.to_json()).variations
    assert Path(one.output).name == "m.safetensors"
