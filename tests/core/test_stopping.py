"""A training that is ended by hand keeps its best weights; what is told on the way, and the examples that are shown."""

import base64
import io
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from helpers import SITE, job_file
from landsketch.core import monitoring, training
from landsketch.core.card_files import read_card
from landsketch.core.errors import Cancelled
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.simulate import LEGEND, simulate
from landsketch.models.checkpoints import load_weights
from PIL import Image


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return simulate(str(tmp_path_factory.mktemp("scene")), seed=3, size=192)


@pytest.fixture(autouse=True)
def short_epochs(monkeypatch):
    monkeypatch.setattr(training, "STEPS_PER_EPOCH", 2)
    monkeypatch.setattr(monitoring, "_SECONDS_BETWEEN_PICTURES", 0.0)


def spec(scene, output, **changes):
    images = [{"role": "optical", "path": scene.optical}]
    labels = {"path": scene.labels, "field": "class", "legend": LEGEND.to_json(), "keys": list(LEGEND.names)}
    own = {"timm_encoder": "lcnet_050", "mode": "full", "epochs": 30, "device": "cpu"}
    return {"sources": images, "labels": labels, "output": str(output)} | own | changes


class Watcher:
    """Remembers the events of a job, and does something after some metrics."""

    def __init__(self, after=0, do="finish"):
        self.events = []
        self.reporter = Reporter(self._take, watched=True)
        self._after, self._do = after, do

    def _take(self, event):
        self.events.append(event)
        if self._after and len(self.of("metric")) >= self._after:
            getattr(self.reporter, self._do)()

    def of(self, kind):
        return [event for event in self.events if event["event"] == kind]


def test_each_epoch_tells_losses_accuracy_and_the_f1_of_the_classes(scene, tmp_path):
    watcher = Watcher()
    result = run_job("finetune", spec(scene, tmp_path / "m.safetensors", epochs=2), watcher.reporter)
    metrics = watcher.of("metric")
    assert [event["values"]["epoch"] for event in metrics] == [1, 2]
    for event in metrics:
        assert set(event["values"]) == {"epoch", "loss", "held_out_loss", "held_out_macro_f1", "held_out_oa"}
        assert set(event["f1"]) <= set(LEGEND.names)
        assert len(event["f1"]) > 1
    best = min(metrics, key=lambda event: event["values"]["held_out_loss"])
    assert best["values"]["held_out_oa"] == pytest.approx(result["metrics"]["oa"])
    assert best["values"]["held_out_macro_f1"] == pytest.approx(result["metrics"]["macro"]["f1"])
    told = {entry["name"]: entry["f1"] for entry in result["metrics"]["classes"] if entry["f1"] is not None}
    assert best["f1"] == pytest.approx(told)


def test_examples_show_image_labels_and_prediction_in_the_colours_of_the_classes(scene, tmp_path):
    watcher = Watcher()
    run_job("finetune", spec(scene, tmp_path / "m.safetensors", epochs=2), watcher.reporter)
    pictures = [Image.open(io.BytesIO(base64.b64decode(event["png"]))) for event in watcher.of("picture")]
    assert len(pictures) >= 2
    assert len(base64.b64decode(watcher.of("picture")[-1]["png"])) < 150_000
    last = np.asarray(pictures[-1].convert("RGBA").convert("RGB"))
    third = last.shape[0] // 3
    colours = {tuple(bytes.fromhex(entry.colour[1:])) for entry in LEGEND}
    for rows, share in ((last[third : 2 * third], 0.001), (last[2 * third + 8 :], 0.5)):
        distance = np.min([np.abs(rows.astype(int) - colour).sum(axis=-1) for colour in colours], axis=0)
        assert (distance < 24).mean() > share


def test_watching_changes_nothing_in_what_is_learned(scene, tmp_path):
    paths = [str(tmp_path / f"{name}.safetensors") for name in ("watched", "alone")]
    for path, reporter in zip(paths, (Watcher().reporter, Reporter()), strict=True):
        run_job("finetune", spec(scene, path, epochs=2), reporter)
    first, second = (load_weights(path) for path in paths)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_ending_early_keeps_the_best_weights_and_says_so(scene, tmp_path):
    watcher = Watcher(after=3)
    output, report = tmp_path / "m.safetensors", tmp_path / "r.html"
    result = run_job("finetune", spec(scene, output, report=str(report)), watcher.reporter)
    metrics = [event["values"] for event in watcher.of("metric")]
    assert len(metrics) <= 4, "it ends with the batch in which it was asked to"
    best = min(metrics, key=lambda values: values["held_out_loss"])
    assert result["metrics"]["oa"] == pytest.approx(best["held_out_oa"])
    words = f"by hand in epoch {len(metrics)} of at most 30; the weights of epoch {best['epoch']:.0f} are kept"
    assert read_card(str(output)).provenance["training"]["ended"] == words
    assert words in report.read_text()
    images = spec(scene, output)["sources"]
    run_job("classify", {"checkpoint": str(output), "sources": images, "output": str(tmp_path / "map.tif")}, Reporter())


def test_cancelling_leaves_nothing(scene, tmp_path):
    with pytest.raises(Cancelled):
        run_job("finetune", spec(scene, tmp_path / "m.safetensors"), Watcher(after=2, do="cancel").reporter)
    assert os.listdir(tmp_path) == []


def test_pretraining_ends_early_with_the_weights_of_now(scene, tmp_path):
    watcher = Watcher(after=1)
    output = tmp_path / "encoder.safetensors"
    own = {"network": "nano", "window": 32, "batch": 4, "options": {"decoder_dim": 32, "decoder_depth": 1}}
    scenes = [{"sources": spec(scene, output)["sources"]}]
    report = tmp_path / "r.html"
    result = run_job(
        "pretrain",
        {"scenes": scenes, "output": str(output), "report": str(report), "steps": 500, "device": "cpu"} | own,
        watcher.reporter,
    )
    steps = int(result["history"][-1]["step"])
    assert steps < 30
    provenance = read_card(str(output)).provenance
    assert provenance["steps"] == steps
    assert provenance["ended"] == f"by hand after update {steps} of 500"
    assert provenance["ended"] in report.read_text()
    assert sorted(os.listdir(tmp_path)) == ["encoder.safetensors", "r.html"], "no state to go on from is left"


@pytest.mark.parametrize("multilabel", [False, True])
def test_training_on_patches_tells_and_ends_alike(scene, tmp_path, multilabel):
    watcher = Watcher(after=2)
    output = tmp_path / "m.safetensors"
    own = {"labels": scene.reference, "output": str(output), "side": 48, "mode": "full", "epochs": 20, "share": 0.1}
    values = {"sources": spec(scene, output)["sources"], "device": "cpu", "multilabel": multilabel} | own
    result = run_job("finetunescenes", values, watcher.reporter)
    metrics = watcher.of("metric")
    assert 2 <= len(metrics) <= 3
    assert all(0 <= event["values"]["held_out_macro_f1"] <= 1 and event["f1"] for event in metrics)
    assert f"by hand in epoch {len(metrics)} of at most 20" in read_card(str(output)).provenance["split"]
    assert result["metrics"] is not None
    picture = Image.open(io.BytesIO(base64.b64decode(watcher.of("picture")[-1]["png"])))
    assert len(np.unique(np.asarray(picture.convert("RGBA").convert("RGB"))[-40:].reshape(-1, 3), axis=0)) > 1


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="needs SIGUSR1")
def test_a_signal_ends_a_training_of_the_command_line(scene, tmp_path):
    output = tmp_path / "m.safetensors"
    path = job_file(tmp_path / "job.json", "finetune", spec(scene, output, epochs=2000))
    command = [sys.executable, "-m", "landsketch", "run", path]
    process = subprocess.Popen(command, cwd=SITE, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if line.startswith("epoch 1 "):
                break
        process.send_signal(signal.SIGUSR1)
        start = time.monotonic()
        _, said = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 0
    assert time.monotonic() - start < 60
    assert "Ended by hand" in said
    assert output.exists()
