"""The label-ratio study: what is drawn, what is judged, and what is kept of a study that was stopped."""

import csv

import numpy as np
import pytest
import shapely
from helpers import S2_12, two_class_s2, write_features, write_raster
from landsketch.core.errors import Cancelled, LabelError, SpecError
from landsketch.core.grids import Grid
from landsketch.core.jobs import run_job
from landsketch.core.label_ratio import job as job_module
from landsketch.core.label_ratio.curves import MEASURES, panels, summaries
from landsketch.core.label_ratio.draws import drawn_features, held_out_features, in_classes_of
from landsketch.core.label_ratio.runs import Run, write_labels
from landsketch.core.labels import read_labels
from landsketch.core.progress import Reporter
from landsketch.core.specs import LabelRatioSpec, SourceSpec, VectorSpec
from PIL import Image
from rasterio.crs import CRS
from rasterio.transform import from_origin

SIDE = 96
WEST, NORTH = 500_000, 5_000_000
GRID = Grid(CRS.from_epsg(32632), from_origin(WEST, NORTH, 10, 10), SIDE, SIDE)


def points(count, seed=0):
    """As many points of each half, and their classes."""
    generator = np.random.default_rng(seed)
    shapes, classes = [], []
    for name, first in (("dark", 2), ("bright", SIDE // 2 + 2)):
        for x, y in generator.uniform(0, [SIDE // 2 - 4, SIDE], (count, 2)):
            shapes.append(shapely.Point(WEST + 10 * (first + x), NORTH - 10 * y))
            classes.append(name)
    return shapes, classes


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return write_raster(tmp_path_factory.mktemp("scene") / "s2.tif", two_class_s2(SIDE), names=S2_12)


@pytest.fixture(scope="module")
def labels(tmp_path_factory):
    return write_features(tmp_path_factory.mktemp("labels") / "labels.gpkg", *points(60))


def study(scene, labels, folder, reporter=None, **changes):
    spec = {
        "sources": [{"role": "optical", "path": scene}], "labels": {"path": labels, "field": "class"},
        "csv": str(folder / "study.csv"), "shares": [0.1, 1.0], "draws": 2, "device": "cpu",
    }  # fmt: skip
    return run_job("labelratio", spec | changes, reporter or Reporter())


def rows(folder):
    with open(folder / "study.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- Draws ------------------------------------------------------------------------------------------------------------


def test_a_share_of_each_class_is_drawn_and_at_least_one_feature():
    classes = np.repeat([0, 1, 2, -1], [100, 10, 3, 50])
    counts = {
        share: np.bincount(classes[drawn_features(classes, share, 0, 0)], minlength=3).tolist()
        for share in (0.01, 0.1, 0.5, 1.0)
    }
    assert counts == {0.01: [1, 1, 1], 0.1: [10, 1, 1], 0.5: [50, 5, 2], 1.0: [100, 10, 3]}


def test_in_a_draw_more_labels_include_fewer_and_draws_differ():
    classes = np.repeat([0, 1], 50)
    few, more = (drawn_features(classes, share, 0, 7) for share in (0.1, 0.5))
    assert (more | ~few).all()
    assert (drawn_features(classes, 0.1, 1, 7) != few).any()
    assert (drawn_features(classes, 0.1, 0, 7) == few).all()


def test_what_is_held_out_lies_apart_and_leaves_every_class(labels):
    found = read_labels(VectorSpec(labels, field="class"), GRID, "s2")
    held_out, words = held_out_features(found, 0)
    assert 0.2 < held_out.mean() < 0.7
    assert np.unique(found.feature_classes[~held_out]).size == 2
    assert "spatial blocks" in words


def test_one_feature_per_class_is_too_few(scene, tmp_path):
    few = write_features(tmp_path / "few.gpkg", *points(1))
    with pytest.raises(LabelError, match="Too few labels to hold some out"):
        study(scene, few, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["few.gpkg"]


def test_labels_written_for_a_run_label_the_same_pixels(tmp_path):
    shapes = [
        shapely.Point(WEST + 300, NORTH - 300).buffer(70),
        shapely.box(WEST + 600, NORTH - 500, WEST + 705, NORTH),
    ]
    path = write_features(tmp_path / "l.gpkg", [*shapes, shapely.Point(WEST + 95, NORTH - 95)], ["a", "b", "a"])
    before = read_labels(VectorSpec(path, field="class"), GRID, "s2")
    spec = write_labels(str(tmp_path / "again.gpkg"), before, np.array([True, True, False]), GRID)
    after = read_labels(spec, GRID, "s2")
    kept = before.take(before.features < 2)
    pixels = [sorted(zip(each.rows, each.columns, each.classes, strict=True)) for each in (kept, after)]
    assert pixels[0] == pixels[1]
    assert after.legend == before.legend


def test_classes_are_matched_by_name(tmp_path):
    first = write_features(tmp_path / "a.gpkg", *points(3))
    shapes, classes = points(3, seed=1)
    other = [name.title() for name in classes]
    other[0] = "aquatic"
    second = write_features(tmp_path / "b.gpkg", shapes, other)
    legend = read_labels(VectorSpec(first, field="class"), GRID, "s2").legend
    found, unknown = in_classes_of(read_labels(VectorSpec(second, field="class"), GRID, "s2"), legend)
    assert unknown == ["aquatic"]
    assert found.rows.size == 5
    east = found.columns > SIDE // 2
    assert {legend.names[i] for i in found.classes[east]} == {"bright"}
    assert {legend.names[i] for i in found.classes[~east]} == {"dark"}


@pytest.mark.parametrize("shares", [(), (0.0,), (1.1,)])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(SpecError, match="shares is"):
        LabelRatioSpec((SourceSpec("optical", "a.tif"),), VectorSpec("l"), "study.csv", shares=shares)


# --- Curves -----------------------------------------------------------------------------------------------------------


def run(arm, share, draw, value):
    return Run(arm, share, draw, int(100 * share), value, value, value, value, value)


def test_curves_are_means_with_their_spread():
    found = summaries([run("a", 0.1, 0, 0.4), run("a", 0.1, 1, 0.6), run("a", 1.0, 0, 0.9), run("b", 0.1, 0, 0.2)])
    assert [(entry.arm, entry.share, entry.runs) for entry in found] == [("a", 0.1, 2), ("a", 1.0, 1), ("b", 0.1, 1)]
    assert found[0].mean["iou"] == pytest.approx(0.5)
    assert found[0].spread["iou"] == pytest.approx(0.02**0.5)
    drawn = panels(found)
    assert [panel.title for panel in drawn] == list(MEASURES.values())
    few, all_ = drawn[0].curves[0].marks
    assert (few[0], all_[0]) == (drawn[0].left, drawn[0].right)
    assert drawn[0].top <= all_[1] < few[1], "upwards is better"
    assert [tick.text for tick in drawn[0].across] == ["10 %", "100 %"]


def test_even_one_run_can_be_drawn():
    (panel, *_) = panels(summaries([run("a", 1.0, 0, 1.0)]))
    assert panel.left < panel.curves[0].marks[0][0] < panel.right


# --- The whole way ----------------------------------------------------------------------------------------------------


def test_frozen_features_are_computed_once(scene, labels, tmp_path, monkeypatch):
    calls = []
    original = job_module.FrozenArm.__init__
    monkeypatch.setattr(job_module.FrozenArm, "__init__", lambda *given: (calls.append(1), original(*given))[1])
    events = []
    outputs = {"png": str(tmp_path / "study.png"), "html": str(tmp_path / "study.html")}
    result = study(scene, labels, tmp_path, Reporter(events.append), **outputs)
    assert calls == [1]
    found = rows(tmp_path)
    assert [(row["share"], row["draw"]) for row in found] == [("0.1", "0"), ("1.0", "0"), ("0.1", "1")]
    assert float(found[1]["f1"]) > 0.95
    assert result["summary"][-1]["mean"]["f1"] == pytest.approx(float(found[1]["f1"]))
    with Image.open(outputs["png"]) as picture:
        assert len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) > 10
    assert "share of the labels" in (tmp_path / "study.html").read_text()
    progress = [event["fraction"] for event in events if event["event"] == "progress"]
    assert progress == sorted(progress)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study.csv", "study.html", "study.png"]


def test_labels_of_their_own_judge(scene, labels, tmp_path):
    shapes, classes = points(6, seed=5)
    swapped = [{"dark": "bright", "bright": "dark"}[name] for name in classes]
    held_out = {"path": write_features(tmp_path / "other.gpkg", shapes, swapped), "field": "class"}
    study(scene, labels, tmp_path, held_out=held_out)
    assert float(rows(tmp_path)[1]["oa"]) < 0.1
    every = read_labels(VectorSpec(labels, field="class"), GRID, "s2").feature_classes.size
    assert rows(tmp_path)[1]["features"] == str(every), "all labels are learned from"


@pytest.fixture(scope="module")
def encoder(scene, labels, tmp_path_factory):
    """A checkpoint with a small network, as trained by fine-tuning."""
    path = str(tmp_path_factory.mktemp("encoder") / "net.safetensors")
    spec = {
        "sources": [{"role": "optical", "path": scene}], "labels": {"path": labels, "field": "class"}, "output": path,
        "mode": "full", "epochs": 1, "device": "cpu",
    }  # fmt: skip
    run_job("finetune", spec, Reporter())
    return path


def test_a_checkpoint_is_compared_with_the_same_network_untrained(scene, labels, encoder, tmp_path):
    events = []
    study(scene, labels, tmp_path, Reporter(events.append), checkpoint=encoder)
    warnings = [event["message"] for event in events if event.get("level") == "warning"]
    assert any("has learned from labels before" in warning for warning in warnings)
    found = rows(tmp_path)
    assert [row["arm"] for row in found[:2]] == ["pretrained encoder", "same encoder, untrained"]
    assert found[0]["features"] == found[1]["features"]
    study(scene, labels, tmp_path, checkpoint=encoder, baseline=False)
    assert {row["arm"] for row in rows(tmp_path)} == {"pretrained encoder"}


@pytest.mark.slow
def test_networks_are_trained_as_fine_tuning_does(scene, labels, encoder, tmp_path, monkeypatch):
    seen = []

    def finetune(spec, reporter):
        from landsketch.core.finetuning import finetune as true

        seen.append(spec)
        return true(spec, reporter)

    monkeypatch.setattr("landsketch.core.label_ratio.runs.finetune", finetune)
    study(scene, labels, tmp_path, checkpoint=encoder, mode="decoder", epochs=1, draws=1, shares=[0.2])
    assert [row["arm"] for row in rows(tmp_path)] == ["pretrained", "from scratch"]
    assert [spec.mode for spec in seen] == ["decoder", "full"]
    assert seen[0].checkpoint == encoder
    assert [path.name for path in tmp_path.iterdir()] == ["study.csv"]


def test_a_study_that_was_stopped_goes_on(scene, labels, tmp_path):
    reporter = Reporter()
    done = []

    def listen(event):
        if event["event"] == "log" and "IoU" in event["message"]:
            done.append(event["message"])
            reporter.cancel()

    reporter._emit = listen
    with pytest.raises(Cancelled):
        study(scene, labels, tmp_path, reporter)
    assert not (tmp_path / "study.csv").exists()
    assert len(done) == 1
    again = []
    study(
        scene, labels, tmp_path, Reporter(lambda e: again.append(e["message"]) if "IoU" in e.get("message", "") else 0)
    )
    assert len(again) == 2
    assert set(again).isdisjoint(done)
    assert len(rows(tmp_path)) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["study.csv"]


def test_other_labels_make_another_study(scene, labels, tmp_path):
    reporter = Reporter()
    reporter._emit = lambda event: reporter.cancel() if "IoU" in event.get("message", "") else None
    with pytest.raises(Cancelled):
        study(scene, labels, tmp_path, reporter)
    other = write_features(tmp_path / "other.gpkg", *points(20, seed=3))
    again = []
    study(scene, other, tmp_path, Reporter(lambda e: again.append(e) if "IoU" in e.get("message", "") else None))
    assert len(again) == 3
