"""Pretraining end to end on small true files: what is drawn, what is learned, how it goes on, and how it fails."""

import itertools
import os

import numpy as np
import pytest
import torch
from helpers import S2_12, SHARED, write_raster
from landsketch.core.card_files import BUNDLED, read_card
from landsketch.core.errors import Cancelled, SceneError, SpecError
from landsketch.core.jobs import run_job
from landsketch.core.pretraining.places import place_of
from landsketch.core.pretraining.statistics import cards_of
from landsketch.core.pretraining.stepped import SteppedScene, stepped
from landsketch.core.pretraining.stream import WindowStream
from landsketch.core.progress import Reporter
from landsketch.core.scenes import open_scene
from landsketch.core.simulate import LEGEND, simulate
from landsketch.core.specs import SourceSpec
from landsketch.models.checkpoints import load_weights
from landsketch.models.published import read_published

TINY = {"network": "nano", "window": 32, "batch": 4, "steps": 12, "options": {"decoder_dim": 32, "decoder_depth": 1}}


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return simulate(str(tmp_path_factory.mktemp("scene")), seed=1, size=192)


def both(scene):
    return {"sources": [{"role": "optical", "path": scene.optical}, {"role": "sar", "path": scene.sar}]}


def pretrain(scenes, output, reporter=None, **changes):
    return run_job("pretrain", {"scenes": scenes, "output": str(output)} | TINY | changes, reporter or Reporter())


def optical(path, image, **options):
    return write_raster(path, image, names=S2_12, **options)


def noise(side, seed=0):
    return np.random.default_rng(seed).integers(300, 3000, (12, side, side)).astype(np.uint16)


def opened(path, grid=None):
    return SteppedScene(open_scene((SourceSpec("optical", path, offset=0.0),), grid))


def test_a_pretrained_encoder_is_fine_tuned_and_classifies(scene, tmp_path):
    output = tmp_path / "encoder.safetensors"
    result = pretrain([both(scene)], output, steps=40)
    card = read_card(str(output))
    assert card.legend is None
    assert {source.role for source in card.sources} == {"optical", "sar"}
    assert card.provenance["method"] == "pretrained: 3DMAE"
    assert result["history"][-1]["step"] == 40
    assert result["history"][-1]["loss"] < result["history"][0]["loss"]
    labels = {"path": scene.labels, "field": "class", "legend": LEGEND.to_json(), "keys": list(LEGEND.names)}
    fitted = str(tmp_path / "fitted.safetensors")
    spec = {"sources": both(scene)["sources"], "labels": labels, "output": fitted, "checkpoint": str(output)}
    metrics = run_job("finetune", spec, Reporter())["metrics"]
    assert metrics["oa"] > 0.5
    sar_only = spec | {"sources": spec["sources"][1:], "output": str(tmp_path / "sar.safetensors")}
    assert run_job("finetune", sar_only, Reporter())["metrics"] is not None, "a modality may be missing"


def distilled(scene, folder, network, **changes):
    """Pretrains on the features of the default encoder, or a published one; returns checkpoint and history."""
    features, output = str(folder / "features.tif"), str(folder / "student.safetensors")
    sources = both(scene)["sources"]
    teacher = changes.get("options", {}).get("start", BUNDLED)
    run_job("embed", {"checkpoint": teacher, "sources": sources, "output": features, "stored": "float16"}, Reporter())
    learned = {"sources": [*sources, {"role": "embedding", "path": features}]}
    result = pretrain([learned], output, method="distillation", network=network, **{"options": {}} | changes)
    return output, result["history"]


@pytest.mark.parametrize("network", ["stack-conv", "merged-galileo"])
def test_a_student_learns_from_another_encoders_features_and_maps(scene, tmp_path, network):
    student, history = distilled(scene, tmp_path, network, rate=2e-3, steps=50, window=64)
    assert history[-1]["loss"] < history[0]["loss"]
    card = read_card(student)
    assert card.architecture["encoder"]["name"] == network and card.roles == ("optical", "sar")
    labels = {"path": scene.labels, "field": "class", "legend": LEGEND.to_json(), "keys": list(LEGEND.names)}
    spec = {"sources": both(scene)["sources"], "labels": labels, "checkpoint": student}
    metrics = run_job("finetune", spec | {"output": str(tmp_path / "fitted.safetensors")}, Reporter())["metrics"]
    assert metrics["oa"] > 0.5


@pytest.mark.skipif(not SHARED.exists(), reason="the published Galileo weights are not at hand")
def test_a_student_may_begin_with_its_teachers_weights(scene, tmp_path):
    galileo = SHARED / "checkpoints" / "galileo-nano" / "encoder.pt"
    student, _ = distilled(scene, tmp_path, "merged-galileo", options={"start": str(galileo)}, steps=10, rate=1e-4)
    published, learned = read_published(str(galileo)).weights, load_weights(student)
    attention = "blocks.0.attn.q.weight"
    assert torch.allclose(torch.as_tensor(learned[f"network.{attention}"]), published[attention], atol=5e-3)
    assert read_card(student).provenance["options"] == {"start": "encoder.pt"}, "folders are nobody else's business"


def test_a_scene_given_twice_is_named_once(scene, tmp_path):
    output = tmp_path / "encoder.safetensors"
    pretrain([both(scene), both(scene)], output, steps=2)
    assert [entry["role"] for entry in read_card(str(output)).provenance["data"]] == ["optical", "sar"]


def test_the_same_seed_gives_the_same_weights_and_another_one_others(scene, tmp_path):
    paths = [str(tmp_path / f"{name}.safetensors") for name in "abc"]
    for path, seed in zip(paths, (3, 3, 4), strict=True):
        pretrain([both(scene)], path, steps=4, seed=seed)
    first, second, other = (load_weights(path) for path in paths)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert not all(np.array_equal(first[name], other[name]) for name in first)


def test_a_stopped_run_goes_on_and_leaves_nothing_behind(scene, tmp_path, monkeypatch):
    monkeypatch.setattr("landsketch.core.pretraining.training.SAVE_SECONDS", 0)
    output = tmp_path / "encoder.safetensors"
    events = []
    reporter = Reporter()

    def stop_after_some(event):
        events.append(event)
        if event["event"] == "metric" and event["values"]["step"] >= 20:
            reporter.cancel()

    reporter._emit = stop_after_some
    with pytest.raises(Cancelled):
        pretrain([both(scene)], output, reporter, steps=60)
    assert not output.exists()
    later = []
    result = pretrain([both(scene)], output, Reporter(later.append), steps=60)
    steps = [event["values"]["step"] for event in later if event["event"] == "metric"]
    assert 10 <= steps[0] <= 30, "it began anew"
    assert [entry["step"] for entry in result["history"]] == list(range(10, 61, 10))
    assert any("goes on" in event.get("message", "").lower() for event in later)
    assert os.listdir(tmp_path) == ["encoder.safetensors"]


def test_other_settings_begin_anew(scene, tmp_path, monkeypatch):
    monkeypatch.setattr("landsketch.core.pretraining.training.SAVE_SECONDS", 0)
    reporter = Reporter(lambda event: event["event"] == "metric" and reporter.cancel())
    with pytest.raises(Cancelled):
        pretrain([both(scene)], tmp_path / "encoder.safetensors", reporter, steps=60)
    events = []
    pretrain([both(scene)], tmp_path / "encoder.safetensors", Reporter(events.append), steps=10, seed=9)
    assert not any("goes on" in event.get("message", "").lower() for event in events)


def test_windows_come_from_where_there_is_data_by_its_area(tmp_path):
    large, small = noise(128), noise(64, 1)
    large[:, :, :64] = 0  # no data
    small += 20_000
    scenes = [
        opened(optical(tmp_path / "large.tif", large)),
        opened(optical(tmp_path / "small.tif", small, origin=(700_000, 5_000_000))),
    ]
    places = [place_of([scene], {"optical": ("B02", "B04")}) for scene in scenes]
    assert places[0].valid_pixels == pytest.approx(128 * 64, rel=0.05)
    stream = WindowStream(places, {"optical": ("B02", "B04")}, 16, seed=0)
    windows = [sample["optical"] for sample in itertools.islice(stream, 600)]
    assert all(window.isfinite().any(dim=0).float().mean() >= 0.5 for window in windows)
    from_small = np.mean([float(np.nanmedian(window)) > 15_000 for window in windows])
    assert from_small == pytest.approx(64 * 64 / (128 * 64 + 64 * 64), abs=0.12)


def test_a_pair_is_one_place_on_two_dates(tmp_path):
    ramp = np.broadcast_to(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) + 500, (12, 64, 64)).copy()
    first = opened(optical(tmp_path / "a.tif", ramp))
    second = opened(optical(tmp_path / "b.tif", ramp + 10_000), first.grid)
    third = opened(optical(tmp_path / "c.tif", ramp + 20_000), first.grid)
    place = place_of([first, second, third], {"optical": ("B02",)})
    stream = WindowStream([place], {"optical": ("B02",)}, 16, seed=0, pairs=True)
    gaps = set()
    for sample in itertools.islice(stream, 60):
        gap = float(sample["gap"])
        gaps.add(gap)
        assert (sample["optical@2"] - sample["optical"] == 10_000 * gap).all(), "other pixels, or another date"
    assert gaps == {-2.0, -1.0, 1.0, 2.0}


def test_a_place_of_one_date_makes_a_pair_with_itself(tmp_path):
    place = place_of([opened(optical(tmp_path / "a.tif", noise(32)))], {"optical": ("B02",)})
    sample = next(iter(WindowStream([place], {"optical": ("B02",)}, 16, seed=0, pairs=True)))
    assert float(sample["gap"]) == 0
    assert (sample["optical"] == sample["optical@2"]).all()


def test_scenes_of_one_role_share_their_bands_and_one_scaling(tmp_path):
    low, high = np.full((12, 40, 40), 1000, np.uint16), np.full((12, 40, 40), 3000, np.uint16)
    low[:, 0], high[:, 0] = 900, 3100
    first = opened(optical(tmp_path / "low.tif", low))
    second = opened(write_raster(tmp_path / "high.tif", high[:4], names=("B02", "B03", "B04", "B08")))
    (card,) = cards_of([first, second])
    assert card.bands == ("B02", "B03", "B04", "B08")
    scaling = card.normalisation
    middle = scaling.offset[0] + scaling.scale[0] / 2
    assert middle == pytest.approx(2000, abs=1)
    assert scaling.scale[0] / 6 == pytest.approx(1000, rel=0.01)
    aerial = write_raster(tmp_path / "naip.tif", high[:3].astype(np.uint8), names=("red", "green", "blue"), gsd=1.0)
    with pytest.raises(SceneError, match=r"naip\.tif"):
        cards_of([first, opened(aerial)])


def test_images_without_a_usable_window_are_named(tmp_path):
    image = np.zeros((12, 128, 128), np.uint16)
    image[:, ::16, ::16] = 700
    path = optical(tmp_path / "dots.tif", image)
    with pytest.raises(SceneError, match="no window of 32 pixels"):
        pretrain([{"sources": [{"role": "optical", "path": path}]}], tmp_path / "e.safetensors")
    assert not (tmp_path / "e.safetensors").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"method": "alchemy"}, "alchemy"),
        ({"network": "gigantic"}, "gigantic"),
        ({"options": {"ratoi": 0.5}}, "ratoi"),
        ({"options": {"ratio": "most"}}, "most"),
        ({"options": {"decoder_depth": True}}, "decoder_depth"),
        ({"options": {"strategy": "4DM"}}, "4DM"),
        ({"window": 30}, "30"),
    ],
)
def test_wrong_settings_are_named(scene, tmp_path, changes, words):
    with pytest.raises(SpecError, match=words):
        pretrain([both(scene)], tmp_path / "e.safetensors", **changes)


def test_stmim_learns_from_a_series_and_is_fine_tuned(scene, tmp_path):
    scenes = [both(scene) | {"series": "here"}, both(scene) | {"series": "here"}]
    output = tmp_path / "swin.safetensors"
    changes = {"method": "stmim", "network": "swin-nano", "window": 64, "options": {}, "batch": 2, "steps": 3}
    result = pretrain(scenes, output, **changes)
    assert {"reconstruction", "sequence"} <= set(result["history"][-1])
    labels = {"path": scene.labels, "field": "class", "legend": LEGEND.to_json(), "keys": list(LEGEND.names)}
    spec = {"sources": both(scene)["sources"], "labels": labels, "output": str(tmp_path / "fitted.safetensors")}
    assert run_job("finetune", spec | {"checkpoint": str(output)}, Reporter())["metrics"]["oa"] > 0.4


def test_the_report_shows_what_was_learned(scene, tmp_path):
    report = tmp_path / "report.html"
    pretrain([both(scene)], tmp_path / "e.safetensors", report=str(report))
    page = report.read_text(encoding="utf-8")
    assert page.count("data:image/png") == 4 * 2 * 3 + 4 * 6, (
        "four windows filled in for two sensors; four with five alike"
    )
    assert "What it takes for alike" in page
    assert "Spread of the features" in page
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize(
    ("method", "network"),
    [
        ("simclr", "resnet18"),
        ("simclr", "swin-nano"),
        ("dual-simclr", "resnet18"),
        ("mma", "swin-nano"),
        ("byol", "resnet18"),
        ("simsiam", "resnet18"),
        ("gcc-rs", "resnet18"),
    ],
)
def test_every_method_gives_an_encoder_that_fine_tuning_takes(scene, tmp_path, method, network):
    output = tmp_path / "encoder.safetensors"
    changes = {"method": method, "network": network, "window": 32, "batch": 2, "steps": 2, "options": {}}
    history = pretrain([both(scene)], output, **changes)["history"]
    assert np.isfinite(list(history[-1].values())).all()
    labels = {"path": scene.labels, "field": "class", "legend": LEGEND.to_json(), "keys": list(LEGEND.names)}
    spec = {"sources": both(scene)["sources"], "labels": labels, "checkpoint": str(output)}
    fitted = run_job("finetune", spec | {"output": str(tmp_path / "fitted.safetensors")}, Reporter())
    assert fitted["metrics"]["oa"] > 0.4


def test_a_stack_has_every_band_that_some_scene_has(tmp_path):
    image = noise(64)
    first = opened(write_raster(tmp_path / "four.tif", image[:4], names=("B02", "B03", "B04", "B08")))
    second = opened(write_raster(tmp_path / "two.tif", image[4:6] + 5000, names=("B08", "B11"), origin=(9e5, 5e6)))
    (card,) = cards_of([first, second], union=True)
    assert card.bands == ("B02", "B03", "B04", "B08", "B11")
    bands = {"optical": card.bands}
    stream = WindowStream([place_of([scene], bands) for scene in (first, second)], bands, 16, seed=0)
    patterns = {
        tuple(sample["optical"].isfinite().flatten(1).all(dim=1).tolist()) for sample in itertools.islice(stream, 80)
    }
    assert patterns == {(True, True, True, True, False), (False, False, False, True, True)}


def test_a_place_without_a_source_gives_windows_of_the_same_shape(tmp_path):
    fine = open_scene((SourceSpec("optical", optical(tmp_path / "fine.tif", noise(64)), offset=0.0),))
    bands = {"optical": ("B02",), "sar": ("VV",), "embedding": ("f0", "f1")}
    scene = SteppedScene(fine, None, {"embedding": 4})
    sample = next(iter(WindowStream([place_of([scene], bands)], bands, 16, seed=0)))
    assert {role: tuple(image.shape) for role, image in sample.items()} == {
        "optical": (1, 16, 16), "sar": (1, 16, 16), "embedding": (2, 4, 4),
    }  # fmt: skip


def test_coarser_features_lie_under_their_pixels(tmp_path):
    place = np.arange(64 * 64, dtype=np.float32).reshape(64, 64)
    fine = open_scene(
        (SourceSpec("optical", optical(tmp_path / "fine.tif", np.tile(place + 500, (12, 1, 1))), offset=0.0),)
    )
    means = place.reshape(16, 4, 16, 4).mean(axis=(1, 3))[None]
    path = write_raster(tmp_path / "features.tif", means, names=("f0",), gsd=40.0)
    coarse = open_scene((SourceSpec("embedding", path, sensor="generic"),), stepped(fine.grid, 4))
    bands = {"optical": ("B02",), "embedding": coarse.source("embedding").bands}
    stream = WindowStream([place_of([SteppedScene(fine, coarse, {"embedding": 4})], bands)], bands, 16, seed=0)
    for sample in itertools.islice(stream, 40):
        assert sample["embedding"].shape == (1, 4, 4)
        below = torch.nn.functional.avg_pool2d(sample["optical"] - 500, 4)
        assert torch.allclose(sample["embedding"], below, atol=1e-2)
