"""Many scenes in one job: what is finished stays, what fails is named, and the next run goes on."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from helpers import S2_12, squares, two_class_s2, write_features, write_raster
from landsketch.core.batch import classify_batch
from landsketch.core.errors import Cancelled, CheckpointError, LandSketchError, OutputError, SceneError, SpecError
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.specs import ClassifyBatchSpec, ClassifySpec, SourceSpec, VectorSpec, spec_from_json
from landsketch.core.version import version

SITE = Path(__file__).resolve().parents[2] / ".dev" / "site"
NAMES = ("a", "b", "c")


class Classifier:
    """Stands for the classification: writes small maps, fails where it is told to, and remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.errors = {}
        self.before = lambda reporter: None

    def __call__(self, spec, reporter):
        name = Path(spec.output).stem
        self.asked.append(name)
        reporter.stage(0.0, 1.0, "Classifying")
        self.before(reporter)
        reporter.progress(0.5, "Classifying")
        if name in self.errors:
            raise self.errors[name]
        with rasterio.open(spec.sources[0].path) as dataset:
            place = {"origin": (dataset.bounds.left, dataset.bounds.top)}
            write_raster(spec.output, np.full((1, *dataset.shape), NAMES.index(name) + 1, np.uint8), nodata=0, **place)
        return {"output": spec.output}


@pytest.fixture
def classifier():
    return Classifier()


@pytest.fixture
def batch(tmp_path):
    """Three scenes side by side, the second of twice the height."""
    (tmp_path / "maps").mkdir()
    checkpoint = tmp_path / "m.safetensors"
    checkpoint.write_bytes(b"weights")
    jobs = []
    for i, name in enumerate(NAMES):
        image = np.full((1, 40 if name == "b" else 20, 20), 500, np.uint16)
        path = write_raster(tmp_path / f"{name}.tif", image, origin=(500_000 + 200 * i, 5_000_000))
        jobs.append(
            ClassifySpec(str(checkpoint), (SourceSpec("optical", path),), str(tmp_path / "maps" / f"{name}.tif"))
        )
    return ClassifyBatchSpec(tuple(jobs), str(tmp_path / "maps" / "batch.json"), str(tmp_path / "maps" / "all.vrt"))


def run(spec, classifier, events=None):
    """Runs a batch; returns its result and the manifest."""
    result = classify_batch(spec, Reporter((events if events is not None else []).append), classifier)
    return result, manifest_of(spec)


def manifest_of(spec):
    return json.loads(Path(spec.manifest).read_text(encoding="utf-8"))


def statuses(spec):
    return [scene["status"] for scene in manifest_of(spec)["scenes"]]


def warnings(events):
    return [e["message"] for e in events if e["event"] == "log" and e["level"] == "warning"]


# --- The spec ---------------------------------------------------------------------------------------------------------


def test_the_spec_survives_json(batch):
    spec = replace(batch, again=True)
    assert spec_from_json("classifybatch", json.loads(json.dumps(spec.to_json()))) == spec


def test_contradictions_are_refused(batch, tmp_path):
    first, second, third = batch.jobs
    (tmp_path / "link").symlink_to(tmp_path / "maps")
    cases = [
        ("No scene", {"jobs": ()}),
        (r"m\.safetensors, .*other", {"jobs": (first, replace(second, checkpoint=str(tmp_path / "other")))}),
        ("given twice", {"jobs": (first, replace(second, output=first.output))}),
        ("given twice", {"jobs": (first, replace(second, confidence=str(tmp_path / "link" / "a.tif")))}),
        ("given twice", {"manifest": third.output}),
        ("is an input too", {"jobs": (first, replace(second, output=first.sources[0].path))}),
        ("is an input too", {"manifest": first.checkpoint}),
        ("is an input too", {"jobs": (replace(first, mask=VectorSpec(second.output)), second)}),
        (r"should end in \.vrt", {"mosaic": str(tmp_path / "all.tif")}),
        ("'manifest' is missing", {"manifest": ""}),
        ("does not exist", {"manifest": str(tmp_path / "none" / "batch.json")}),
    ]
    for message, changes in cases:
        with pytest.raises(SpecError, match=message):
            replace(batch, **changes)


# --- What becomes of the scenes ---------------------------------------------------------------------------------------


def test_every_scene_gets_its_map_and_the_manifest_tells_of_it(batch, classifier):
    result, manifest = run(batch, classifier)
    assert classifier.asked == ["a", "b", "c"]
    assert result == {
        "manifest": batch.manifest,
        "mosaic": batch.mosaic,
        "outputs": [job.output for job in batch.jobs],
        "done": 3,
        "skipped": 0,
        "failed": 0,
    }
    assert manifest["landsketch"] == version()
    assert manifest["checkpoint"]["sha256"] == hashlib.sha256(b"weights").hexdigest()
    assert manifest["checkpoint"]["name"] == "m.safetensors"
    assert manifest["started"] <= manifest["ended"]
    scene = manifest["scenes"][1]
    assert scene["sources"] == [{"role": "optical", "path": batch.jobs[1].sources[0].path}]
    assert scene["outputs"] == [batch.jobs[1].output]
    assert (scene["status"], scene["pixels"], scene["error"]) == ("done", 800, None)
    assert scene["pixels_per_second"] == pytest.approx(800 / scene["seconds"], rel=0.5)
    with rasterio.open(batch.mosaic) as mosaic:
        assert np.array_equal(mosaic.read(1)[:20], np.repeat([[1, 2, 3]], 20, axis=1).repeat(20, axis=0))


def test_progress_is_that_of_the_whole_and_counts_pixels(batch, classifier):
    events = []
    run(batch, classifier, events)
    progress = [e for e in events if e["event"] == "progress"]
    fractions = [e["fraction"] for e in progress]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    halves = [e["fraction"] for e in progress if e["message"].endswith(": Classifying")][1::2]
    assert halves == pytest.approx([0.99 * share for share in (0.125, 0.5, 0.875)])
    assert "Scene 2 of 3, b.tif: Classifying" in [e["message"] for e in progress]


def test_a_bad_scene_is_named_and_the_others_go_on(batch, classifier):
    classifier.errors["b"] = SceneError("It is damaged.", "Copy it again.")
    events = []
    result, manifest = run(batch, classifier, events)
    assert (result["done"], result["failed"], len(result["outputs"])) == (2, 1, 2)
    assert statuses(batch) == ["done", "failed", "done"]
    assert manifest["scenes"][1]["error"] == {"kind": "scene", "message": "It is damaged.", "hint": "Copy it again."}
    assert warnings(events) == [
        "Scene 2 of 3, b.tif: failed. It is damaged. Copy it again.",
        "1 of 3 scenes could not be classified: b.tif.",
    ]
    with rasterio.open(batch.mosaic) as mosaic:
        assert np.array_equal(np.unique(mosaic.read(1)), [0, 1, 3])


def test_a_defect_of_ours_on_one_scene_does_not_end_the_batch(batch, classifier, capsys):
    classifier.errors["a"] = ZeroDivisionError("division by zero")
    _, manifest = run(batch, classifier)
    assert statuses(batch) == ["failed", "done", "done"]
    assert manifest["scenes"][0]["error"]["kind"] == "internal"
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_when_all_fail_the_batch_fails_and_the_manifest_says_why(batch, classifier):
    classifier.errors = {name: SceneError(f"{name} is damaged.") for name in NAMES}
    with pytest.raises(LandSketchError, match=r"None of the 3 scenes could be classified; a\.tif: a is damaged"):
        run(batch, classifier)
    assert statuses(batch) == ["failed"] * 3
    assert not os.path.exists(batch.mosaic)


def test_failed_scenes_are_tried_again_and_the_others_skipped(batch, classifier):
    classifier.errors["b"] = SceneError("It is damaged.")
    _, before = run(batch, classifier)
    classifier.errors.clear()
    classifier.asked.clear()
    result, after = run(batch, classifier)
    assert classifier.asked == ["b"]
    assert (result["done"], result["skipped"]) == (1, 2)
    assert len(result["outputs"]) == 3
    assert after["scenes"][0] == before["scenes"][0] | {"status": "skipped"}
    classifier.asked.clear()
    run(batch, classifier)
    assert classifier.asked == [], "what was skipped once is still done"


def test_a_changed_input_spec_or_a_missing_map_is_classified_again(batch, classifier, tmp_path):
    run(batch, classifier)
    checkpoint = Path(batch.jobs[0].checkpoint)
    write_raster(tmp_path / "b.tif", np.full((1, 40, 20), 700, np.uint16), origin=(500_200, 5_000_000))
    asked = []
    for change in (
        lambda: batch,
        lambda: replace(batch, jobs=(*batch.jobs[:2], replace(batch.jobs[2], tile=64))),
        lambda: os.remove(batch.jobs[0].output) or batch,
        lambda: checkpoint.write_bytes(b"other weights") and batch,
        lambda: replace(batch, again=True),
    ):
        classifier.asked.clear()
        run(change(), classifier)
        asked.append("".join(classifier.asked))
    assert asked == ["b", "c", "ac", "abc", "abc"]


def test_the_same_mask_in_another_file_changes_nothing_and_another_mask_does(batch, classifier, tmp_path):
    def masked(name, width):
        path = write_features(tmp_path / name, [shapely.box(500_000, 4_999_000, 500_000 + width, 5_000_000)], [1])
        return replace(batch, jobs=tuple(replace(job, mask=VectorSpec(path)) for job in batch.jobs))

    run(masked("one.gpkg", 400), classifier)
    classifier.asked.clear()
    run(masked("copy.gpkg", 400), classifier)
    assert classifier.asked == []
    run(masked("wider.gpkg", 500), classifier)
    assert classifier.asked == ["a", "b", "c"]


def test_scenes_added_to_a_batch_are_all_that_is_classified(batch, classifier):
    run(replace(batch, jobs=batch.jobs[1:2]), classifier)
    classifier.asked.clear()
    run(batch, classifier)
    assert classifier.asked == ["a", "c"]


# --- Stopping and going on --------------------------------------------------------------------------------------------


def test_cancelling_stops_at_once_and_keeps_the_manifest(batch, classifier):
    reporter = Reporter()

    def cancel_the_second(part):
        if len(classifier.asked) == 2:
            reporter.cancel()
            part.check()
            pytest.fail("the scene went on after the cancel")

    classifier.before = cancel_the_second
    with pytest.raises(Cancelled):
        classify_batch(batch, reporter, classifier)
    assert classifier.asked == ["a", "b"]
    assert statuses(batch) == ["done", "pending", "pending"]
    assert manifest_of(batch)["ended"] == ""
    assert sorted(os.listdir(os.path.dirname(batch.manifest))) == ["a.tif", "batch.json"]
    classifier.before = lambda part: None
    classifier.asked.clear()
    run(batch, classifier)
    assert classifier.asked == ["b", "c"]


def test_a_killed_run_goes_on_with_the_scene_that_was_not_finished(batch, classifier):
    script = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from landsketch.core.batch import classify_batch
from landsketch.core.progress import Reporter
from landsketch.core.specs import ClassifyBatchSpec
import test_batch
classify = test_batch.Classifier()
classify.before = lambda reporter: os._exit(9) if len(classify.asked) == 2 else None
classify_batch(ClassifyBatchSpec.from_json(json.loads(sys.stdin.read())), Reporter(), classify)
"""
    path = os.pathsep.join([str(SITE), str(Path(__file__).parent)])
    done = subprocess.run(
        [sys.executable, "-c", script, str(SITE)],
        env={**os.environ, "PYTHONPATH": path},
        input=json.dumps(batch.to_json()),
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 9, done.stderr
    assert statuses(batch) == ["done", "pending", "pending"]
    run(batch, classifier)
    assert classifier.asked == ["b", "c"]


def test_a_killed_run_does_not_forget_what_an_earlier_one_finished(batch, classifier):
    run(replace(batch, jobs=batch.jobs[2:]), classifier)
    classifier.errors["a"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run(batch, classifier)
    assert statuses(batch) == ["pending", "pending", "skipped"]


def test_another_file_in_the_manifests_place_is_not_overwritten(batch, classifier):
    for text in (
        '{"type": "FeatureCollection"}',
        "not JSON",
        '{"manifest": 1}',
        "[]",
        '{"manifest": 99, "scenes": []}',
    ):
        Path(batch.manifest).write_text(text, encoding="utf-8")
        with pytest.raises(OutputError, match="is not a manifest"):
            run(batch, classifier)
        assert Path(batch.manifest).read_text(encoding="utf-8") == text
    assert classifier.asked == []


def test_a_missing_checkpoint_is_said_once_before_anything_runs(batch, classifier):
    os.remove(batch.jobs[0].checkpoint)
    with pytest.raises(CheckpointError, match=r"m\.safetensors' cannot be read"):
        run(batch, classifier)
    assert classifier.asked == []


# --- For true ---------------------------------------------------------------------------------------------------------


def test_true_scenes_become_one_true_mosaic_with_one_load_of_the_checkpoint(tmp_path, monkeypatch):
    (tmp_path / "maps").mkdir()
    boxes, classes = squares(64)
    places = {"west": (500_000, 5_000_000), "east": (500_640, 5_000_000), "south": (500_000, 4_999_360)}
    images = {
        name: write_raster(tmp_path / f"{name}.tif", two_class_s2(64, seed=i), names=S2_12, origin=origin)
        for i, (name, origin) in enumerate(places.items())
    }
    labels = write_features(tmp_path / "labels.gpkg", boxes, ["dark" if c == 1 else "bright" for c in classes])
    run_job(
        "finetune",
        {"sources": [{"role": "optical", "path": images["west"]}], "labels": {"path": labels, "field": "class"}}
        | {"output": str(tmp_path / "m.safetensors")},
        Reporter(),
    )
    (tmp_path / "bad.tif").write_bytes(Path(images["west"]).read_bytes()[:3000])
    loads = []
    from landsketch.core.runtimes import torch_model

    load = torch_model.load_segmenter
    monkeypatch.setattr(torch_model, "load_segmenter", lambda path: loads.append(path) or load(path))
    jobs = [
        {
            "checkpoint": str(tmp_path / "m.safetensors"),
            "sources": [{"role": "optical", "path": path}],
            "output": str(tmp_path / "maps" / f"{name}.tif"),
        }
        for name, path in {**images, "bad": str(tmp_path / "bad.tif")}.items()
    ]
    spec = {"jobs": jobs, "manifest": str(tmp_path / "maps" / "b.json"), "mosaic": str(tmp_path / "maps" / "all.vrt")}
    result = run_job("classifybatch", spec, Reporter())
    assert (result["done"], result["failed"]) == (3, 1)
    assert len(loads) == 1
    with rasterio.open(spec["mosaic"]) as mosaic:
        values = mosaic.read(1)
    bright, dark = 1, 2  # in the order of their names
    half = np.repeat([dark, bright], 32)
    for row, column in ((0, 0), (0, 64), (64, 0)):
        right = values[row : row + 64, column : column + 64] == half
        assert right[:, :24].all()
        assert right[:, 40:].all()
    assert (values[64:, 64:] == 0).all()
    again = run_job("classifybatch", spec, Reporter())
    assert (again["done"], again["skipped"], again["failed"]) == (0, 3, 1)
