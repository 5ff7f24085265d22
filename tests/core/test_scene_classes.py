"""Scene classification: which patches there are, what is learned of them, and the layer that comes out."""

import json
import sqlite3
import threading

import numpy as np
import pyogrio
import pytest
import shapely
import torch
from helpers import S2_12, SHARED, two_class_s2, write_features, write_raster
from landsketch.core.card_files import read_card
from landsketch.core.errors import Cancelled, CheckpointError, LabelError
from landsketch.core.grids import Grid
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.scene_classes import labels as labels_module
from landsketch.core.scene_classes.accuracy import multilabel_accuracy
from landsketch.core.scene_classes.labels import PatchLabels, read_patch_labels
from landsketch.core.scene_classes.layer import score_fields
from landsketch.core.scene_classes.light_head import CERTAIN, fit_patches, scores_of
from landsketch.core.scene_classes.patches import Patches, drawn, lattice
from landsketch.core.scene_classes.pooling import pooled_patches
from landsketch.core.scenes import open_scene
from landsketch.core.specs import SourceSpec, VectorSpec
from landsketch.core.specs.scene_classes import FinetuneScenesSpec
from landsketch.core.starts import frozen_start
from landsketch.models.scene_heads import pooled, scene_classifier
from rasterio.crs import CRS
from rasterio.transform import from_origin
from rasterio.windows import Window

SIDE = 96
WEST, NORTH = 500_000, 5_000_000
GRID = Grid(CRS.from_epsg(32632), from_origin(WEST, NORTH, 10, 10), SIDE, SIDE)


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """Dark in the west, bright in the east, without data in the first eight rows of the west."""
    image = two_class_s2(SIDE)
    image[:, :8, : SIDE // 2] = 0
    return write_raster(tmp_path_factory.mktemp("scene") / "s2.tif", image, names=S2_12)


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """5 in the west and 2 in the east, with a border in the middle of a column of squares of 16 pixels."""
    values = np.full((1, SIDE, SIDE), 5, np.uint8)
    values[..., SIDE // 2 + 4 :] = 2
    return write_raster(tmp_path_factory.mktemp("classes") / "classes.tif", values)


def sources(scene):
    return [{"role": "optical", "path": scene}]


def learn(scene, labels, folder, reporter=None, **changes):
    spec = {"sources": sources(scene), "labels": labels, "output": str(folder / "model.safetensors"), "side": 16}
    return run_job("finetunescenes", spec | {"device": "cpu"} | changes, reporter or Reporter())


def classify(scene, folder, name="patches.gpkg", reporter=None, **changes):
    spec = {"checkpoint": str(folder / "model.safetensors"), "sources": sources(scene), "output": str(folder / name)}
    return run_job("classifyscenes", spec | {"device": "cpu"} | changes, reporter or Reporter())


def table(path):
    """Geometries, and values by field."""
    meta, _, wkb, columns = pyogrio.raw.read(str(path), layer="patches")
    return shapely.from_wkb(wkb), dict(zip(meta["fields"], columns, strict=True))


def box(left, top, right, bottom):
    """A polygon in pixels of the grid."""
    return shapely.box(WEST + 10 * left, NORTH - 10 * bottom, WEST + 10 * right, NORTH - 10 * top)


# --- Patches ----------------------------------------------------------------------------------------------------------


def test_squares_lie_side_by_side_and_end_with_the_area():
    patches = lattice(GRID, 40, Window(0, 0, SIDE, SIDE))
    assert patches.windows.tolist()[:3] == [[0, 0, 40, 40], [0, 40, 40, 80], [0, 80, 40, 96]]
    covered = np.zeros((SIDE, SIDE), int)
    for patch in range(len(patches)):
        rows, columns = patches.pixels(patch, GRID, Window(0, 0, SIDE, SIDE))
        np.add.at(covered, (rows, columns), 1)
    assert (covered == 1).all()
    assert patches.geometry(0, GRID).equals(box(0, 0, 40, 40))


def test_a_polygon_is_its_pixels_and_a_point_the_square_around_it():
    triangle = shapely.Polygon([(WEST, NORTH), (WEST + 200, NORTH), (WEST, NORTH - 200)])
    point = shapely.Point(WEST + 505, NORTH - 305)
    away = shapely.Point(WEST - 505, NORTH)
    patches, owners = drawn([triangle, point, away], GRID, 8)
    assert owners.tolist() == [0, 1]
    rows, columns = patches.pixels(0, GRID, Window(0, 0, SIDE, SIDE))
    assert (rows + columns < 20).all()
    assert rows.size == pytest.approx(200, abs=12)
    assert patches.windows[1].tolist() == [27, 47, 35, 55]
    assert patches.pixels(1, GRID, Window(0, 0, SIDE, SIDE))[0].size == 64


def test_a_polygon_smaller_than_a_pixel_is_the_pixel_it_lies_in():
    patches, _ = drawn([box(10.1, 20.1, 10.3, 20.3)], GRID, 16)
    rows, columns = patches.pixels(0, GRID, Window(0, 0, SIDE, SIDE))
    assert (rows.tolist(), columns.tolist()) == ([20], [10])


# --- Targets ----------------------------------------------------------------------------------------------------------


def read(labels, **changes):
    spec = FinetuneScenesSpec((SourceSpec("optical", "a.tif"),), labels, "m.safetensors", **changes)
    return read_patch_labels(spec, GRID, Reporter())


def test_of_a_class_raster_a_patch_has_the_class_of_most_of_its_pixels(classes):
    found = read(classes)
    assert found.legend.values == (2, 5)
    squares = found.targets.argmax(axis=1).reshape(6, 6)
    assert squares[0].tolist() == [1, 1, 1, 0, 0, 0]
    assert (found.targets.sum(axis=1) == 1).all()


def test_where_patches_may_have_several_classes_those_above_the_share_count(classes):
    fourth = read(classes, multilabel=True).targets.reshape(6, 6, 2)[0, 3]
    assert fourth.tolist() == [True, True], "4 of 16 columns are of the smaller class"
    assert read(classes, multilabel=True, share=0.3).targets.reshape(6, 6, 2)[0, 3].tolist() == [True, False]


def test_squares_with_few_labelled_pixels_teach_nothing(tmp_path):
    values = np.zeros((1, SIDE, SIDE), np.uint8)
    values[:, :16, :16], values[:, :16, 32:39], values[:, :16, 48:56] = 1, 2, 3
    found = read(write_raster(tmp_path / "few.tif", values))
    assert found.patches.windows[:, 1].tolist() == [0, 48]
    assert found.legend.values == (1, 3)


def test_classes_of_an_attribute_are_separated_by_semicolons(tmp_path):
    shapes = [box(0, 0, 16, 16), box(16, 0, 32, 16), box(32, 0, 48, 16)]
    path = write_features(tmp_path / "p.gpkg", shapes, ["forest; water", "water", "town;forest"])
    found = read(VectorSpec(path, field="class"), multilabel=True)
    assert found.legend.names == ("forest", "town", "water")
    assert found.targets.tolist() == [[True, False, True], [False, False, True], [True, True, False]]
    assert read(VectorSpec(path, field="class")).legend.names == ("forest; water", "town;forest", "water")


def test_names_and_colours_of_a_style_are_kept(tmp_path):
    path = write_features(tmp_path / "p.gpkg", [box(0, 0, 16, 16), box(16, 0, 32, 16)], ["a", "b"])
    legend = ({"value": 7, "name": "ash", "colour": "#aa0000"}, {"value": 3, "name": "birch", "colour": "#00bb00"})
    found = read(VectorSpec(path, field="class", legend=legend, keys=("a", "b")))
    assert [(e.value, e.name, e.colour) for e in found.legend] == [(3, "birch", "#00bb00"), (7, "ash", "#aa0000")]
    assert found.targets.tolist() == [[False, True], [True, False]]


def test_one_class_is_refused_by_name(tmp_path):
    path = write_features(tmp_path / "p.gpkg", [box(0, 0, 16, 16)], ["water"])
    with pytest.raises(LabelError, match=r"only one class on the scene \(water\)"):
        read(VectorSpec(path, field="class"))


def test_patches_are_dealt_out_by_their_rarest_class():
    targets = np.array([[True, True], [True, False], [True, False], [False, False]])
    labels = PatchLabels(None, Patches(np.zeros((4, 4), int)), targets)
    object.__setattr__(labels, "legend", (1, 2))
    assert labels.strata().tolist() == [1, 0, 0, 2]


def test_a_long_row_of_squares_is_counted_right(monkeypatch, tmp_path):
    values = np.random.default_rng(0).integers(1, 250, (1, 16, SIDE)).astype(np.uint8)
    monkeypatch.setattr(labels_module, "LEAST_LABELLED", 1e-9)
    found = read(write_raster(tmp_path / "noise.tif", values), side=8, multilabel=True, share=0.0)
    for patch, (top, left, bottom, right) in enumerate(found.patches.windows.tolist()):
        if bottom <= 16:
            inside = set(np.unique(values[0, top:bottom, left:right]).tolist())
            assert {found.legend.values[i] for i in np.flatnonzero(found.targets[patch])} == inside


# --- Features and heads -----------------------------------------------------------------------------------------------


def features_of(scene, patches, tile):
    with open_scene([SourceSpec("optical", scene)]) as opened:
        start = frozen_start("", opened, 0)
        network = scene_classifier(start.encoder, start.sources, 2, True, True, False).eval()
        features = np.zeros((len(patches), network.head.linear.in_features))
        pixels, times = np.zeros(len(patches), int), np.zeros(len(patches), int)
        cpu = torch.device("cpu")
        for part in pooled_patches(opened, start.sources, network, patches, tile, cpu, Reporter()):
            features[part.patches], pixels[part.patches] = part.features, part.pixels
            times[part.patches] += 1
        assert (times == 1).all()
        return features, pixels, network, opened, start


def test_features_do_not_depend_on_tiles(scene):
    wide = [box(3, 5, 90, 93), box(40, 2, 47, 80), shapely.Point(WEST + 300, NORTH - 300).buffer(180)]
    patches, _ = drawn(wide, GRID, 16)
    small, pixels, *_ = features_of(scene, patches, 16)
    large, same, *_ = features_of(scene, patches, 96)
    assert pixels.tolist() == same.tolist()
    np.testing.assert_allclose(small, large, rtol=2e-3, atol=2e-3)


def test_sums_over_tiles_are_what_the_network_computes_of_one_window(scene):
    patches = lattice(GRID, 16, Window(0, 0, SIDE, SIDE))
    features, _, network, *_ = features_of(scene, patches, 96)
    with open_scene([SourceSpec("optical", scene)]) as opened:
        start = frozen_start("", opened, 0)
        # With what lies around, where there is no data: a network sees the end of an image as that.
        images = opened.read(Window(-SIDE, -SIDE, 3 * SIDE, 3 * SIDE), {"optical": start.sources[0].bands})
        tensors = {"optical": torch.from_numpy(images["optical"])[None]}
        maps, strides = network.encode(tensors)
        inside = torch.zeros(1, 3 * SIDE, 3 * SIDE, dtype=torch.bool)
        inside[0, SIDE + 32 : SIDE + 48, SIDE + 64 : SIDE + 80] = True
        expected = pooled(maps, strides, inside, True)[0].detach().numpy()
    np.testing.assert_allclose(features[2 * 6 + 4], expected, rtol=1e-3, atol=2e-3)


def test_pixels_without_data_do_not_count(scene):
    _, pixels, *_ = features_of(scene, lattice(GRID, 16, Window(0, 0, SIDE, SIDE)), 0)
    assert pixels.reshape(6, 6)[0].tolist() == [128, 128, 128, 256, 256, 256]


def test_a_class_that_every_patch_has_is_certain():
    features = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    targets = np.column_stack([np.ones(40, bool), np.zeros(40, bool), features[:, 0] > 0])
    model = fit_patches(features, targets, multilabel=True)
    logits = model.logits(features)
    assert np.allclose(logits[:, 0], CERTAIN)
    assert np.allclose(logits[:, 1], -CERTAIN)
    assert ((logits[:, 2] > 0) == targets[:, 2]).mean() > 0.9


def test_scores_are_probabilities():
    logits = np.array([[2.0, 0.0], [-800.0, 800.0]], np.float32)
    np.testing.assert_allclose(scores_of(logits, False), [[0.8807971, 0.1192029], [0, 1]], atol=1e-6)
    np.testing.assert_allclose(scores_of(logits, True), [[0.8807971, 0.5], [0, 1]], atol=1e-6)


def test_known_values_of_average_precision():
    targets = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], bool)
    scores = np.array([[0.9, 0.2], [0.6, 0.9], [0.4, 0.3], [0.1, 0.1]], np.float32)
    found = multilabel_accuracy(targets, scores, ["a", "b"])
    # a: ranks 1 and 3 are right: (1/1 + 2/3) / 2; b: ranks 1 and 2.
    assert found.classes[0].ap == pytest.approx(5 / 6)
    assert found.classes[1].ap == pytest.approx(1)
    assert found.map == pytest.approx(11 / 12)
    assert found.classes[0].f1 == pytest.approx(0.5)
    assert found.micro_f1 == pytest.approx(2 * 2 / (4 + 3))
    assert found.exact == pytest.approx(2 / 4)
    assert multilabel_accuracy(targets[:, :1] & False | targets, scores, ["a", "b"]).count == 4


def test_a_class_that_no_judged_patch_has_does_not_change_the_mean():
    targets, scores = np.array([[1, 0], [0, 0]], bool), np.array([[0.9, 0.2], [0.1, 0.1]], np.float32)
    found = multilabel_accuracy(targets, scores, ["a", "b"])
    assert found.map == 1.0
    assert found.to_json()["classes"][1]["ap"] is None


# --- The whole way ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def learned(scene, classes, tmp_path_factory):
    """A folder with a checkpoint for single classes, its report and its numbers."""
    folder = tmp_path_factory.mktemp("learned")
    events = []
    result = learn(
        scene, classes, folder, Reporter(events.append), report=str(folder / "r.html"), json=str(folder / "r.json"),
        legend=[{"value": 2, "name": "bright", "colour": "#ffee00"}, {"value": 5, "name": "dark", "colour": "#222222"}],
    )  # fmt: skip
    return folder, result, events


def test_patches_get_their_class(learned, scene):
    folder, result, events = learned
    assert result["metrics"]["oa"] > 0.95
    assert json.loads((folder / "r.json").read_text())["metrics"] == result["metrics"]
    assert "Reference patches" in (folder / "r.html").read_text()
    progress = [event["fraction"] for event in events if event["event"] == "progress"]
    assert progress == sorted(progress)
    assert classify(scene, folder)["patches"] == 36
    outlines, values = table(folder / "patches.gpkg")
    middles = shapely.get_x(shapely.centroid(outlines)) - WEST
    assert [*values["class"][middles < 480]] == ["dark"] * 18
    assert [*values["value"][middles > 600]] == [2] * 12
    assert values["score"].min() > 0.5
    np.testing.assert_allclose(values["p_bright"] + values["p_dark"], 1, atol=1e-5)
    assert values["pixels"].sum() == SIDE * SIDE - 8 * SIDE // 2
    card = read_card(str(folder / "model.safetensors"))
    assert card.classifies_scenes
    assert card.architecture["scene_head"]["side"] == 16


def test_the_layer_opens_in_the_colours_of_the_classes(learned, scene):
    folder, *_ = learned
    classify(scene, folder, "styled.gpkg")
    with sqlite3.connect(folder / "styled.gpkg") as database:
        ((name, style, default),) = database.execute("SELECT f_table_name, styleQML, useAsDefault FROM layer_styles")
    assert (name, default) == ("patches", 1)
    assert "255,238,0,255" in style
    assert 'attr="value"' in style


def test_drawn_patches_keep_their_shape_and_number(learned, scene, tmp_path):
    folder, *_ = learned
    shapes = [box(2, 20, 30, 40), box(60, 20, 90, 50), box(0, 0, 20, 7), box(200, 0, 210, 10)]
    path = write_features(tmp_path / "fields.gpkg", shapes, ["11", "12", "13", "14"], field="number")
    result = classify(scene, folder, "drawn.gpkg", patches={"path": path, "field": "number"})
    assert (result["patches"], result["empty"]) == (3, 1)
    outlines, values = table(folder / "drawn.gpkg")
    found = {key: (outline, name) for key, outline, name in zip(values["id"], outlines, values["class"], strict=True)}
    assert (found["11"][1], found["12"][1], found["13"][1]) == ("dark", "bright", None)
    assert found["12"][0].equals(shapes[1])
    assert np.isnan(values["score"][values["id"] == "13"]).all()


def test_a_rectangle_limits_the_squares(learned, scene):
    folder, *_ = learned
    extent = {"bounds": [WEST + 320, NORTH - 640, WEST + 640, NORTH - 320], "crs": "EPSG:32632"}
    assert classify(scene, folder, "part.gpkg", extent=extent)["patches"] == 4
    assert shapely.union_all(table(folder / "part.gpkg")[0]).equals(box(32, 32, 64, 64))
    assert classify(scene, folder, "fine.gpkg", extent=extent, side=8)["patches"] == 16


def test_patches_may_have_several_classes(scene, classes, tmp_path):
    result = learn(scene, classes, tmp_path, multilabel=True, report=str(tmp_path / "r.html"))
    assert result["metrics"]["map"] > 0.95
    assert "Mean average precision" in (tmp_path / "r.html").read_text()
    classify(scene, tmp_path)
    outlines, values = table(tmp_path / "patches.gpkg")
    west = shapely.get_x(shapely.centroid(outlines)) < WEST + 200
    assert set(values["classes"][west]) == {"5"}
    with_score = classify(scene, tmp_path, "none.gpkg", threshold=0.99999)
    assert with_score["patches"] == 36
    assert None in set(table(tmp_path / "none.gpkg")[1]["class"])


def test_the_whole_network_can_be_trained(scene, classes, tmp_path):
    result = learn(scene, classes, tmp_path, mode="full", epochs=1, report=str(tmp_path / "r.html"))
    card = read_card(result["checkpoint"])
    assert card.architecture["scene_head"] == {
        "multilabel": False, "side": 16, "context": False, "spread": False, "norm": True,
    }  # fmt: skip
    assert "epoch 1" in (tmp_path / "r.html").read_text()
    classify(scene, tmp_path)
    assert set(table(tmp_path / "patches.gpkg")[1]["class"]) <= {"2", "5"}


def test_an_earlier_result_is_a_start(learned, scene, classes, tmp_path):
    folder, *_ = learned
    result = learn(scene, classes, tmp_path, checkpoint=str(folder / "model.safetensors"), multilabel=True)
    assert read_card(result["checkpoint"]).provenance["parent"] == "model.safetensors"


def test_the_same_seed_gives_the_same_weights(scene, classes, tmp_path):
    files = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        learn(scene, classes, tmp_path / name)
        files.append((tmp_path / name / "model.safetensors").read_bytes())
    assert files[0] == files[1]


def test_a_classifier_of_patches_classifies_no_pixels(learned, scene, tmp_path):
    folder, *_ = learned
    spec = {"checkpoint": str(folder / "model.safetensors"), "sources": sources(scene)}
    with pytest.raises(CheckpointError, match="classifies whole patches"):
        run_job("classify", spec | {"output": str(tmp_path / "map.tif"), "device": "cpu"}, Reporter())


def test_a_classifier_of_pixels_classifies_no_patches(scene, tmp_path):
    shapes = [box(4, 20, 12, 30), box(60, 20, 70, 30)]
    labels = write_features(tmp_path / "l.gpkg", shapes, [1, 2])
    spec = {"sources": sources(scene), "labels": {"path": labels, "field": "class"}, "device": "cpu"}
    run_job("finetune", spec | {"output": str(tmp_path / "model.safetensors")}, Reporter())
    with pytest.raises(CheckpointError, match="does not classify patches"):
        classify(scene, tmp_path)


@pytest.mark.parametrize("after", ["Computing features of the patches", "Fitting the head"])
def test_cancelling_leaves_nothing(scene, classes, tmp_path, after):
    reporter = Reporter()
    reporter._emit = lambda event: reporter.cancel() if after in event.get("message", "") else None
    with pytest.raises(Cancelled):
        learn(scene, classes, tmp_path, reporter, report=str(tmp_path / "r.html"))
    assert [*tmp_path.iterdir()] == []


def test_cancelling_a_classification_leaves_nothing(learned, scene, tmp_path):
    folder, *_ = learned
    reporter = Reporter()
    threading.Timer(0.0, reporter.cancel).start()
    with pytest.raises(Cancelled):
        classify(scene, folder, "cancelled.gpkg", reporter, side=1)
    assert [path.name for path in folder.iterdir() if "cancelled" in path.name] == []


def test_fields_of_scores_are_plain_and_different():
    assert score_fields(("Forêt, mixed", "forêt mixed", "1")) == ["p_forêt_mixed", "p_forêt_mixed_", "p_1"]


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason="no real data here")
def test_real_patches_with_several_classes_of_bigearthnet(tmp_path):
    """Eleven patches from all over Europe, put side by side, a quarter of each a patch."""
    import rasterio

    files = sorted((SHARED / "s2_s1_bigearthnet_tiny").glob("*_S2L2A.tif"))
    images, shapes, named = [], [], []
    for place, path in enumerate(files):
        with rasterio.open(path) as dataset:
            images.append(dataset.read())
            names = dataset.tags()["labels"]
        for left in (0, 60):
            for top in (0, 60):
                shapes.append(box(place * 120 + left, top, place * 120 + left + 60, top + 60))
                named.append(names)
    scene = write_raster(tmp_path / "s2.tif", np.concatenate(images, axis=2), names=S2_12)
    labels = {"path": write_features(tmp_path / "p.gpkg", shapes, named), "field": "class"}
    result = learn(scene, labels, tmp_path, multilabel=True, report=str(tmp_path / "r.html"))
    assert len(result["metrics"]["classes"]) == 9
    classify(scene, tmp_path, patches=labels)
    _, values = table(tmp_path / "patches.gpkg")
    right = [set(found.split("; ")) == set(true.split("; ")) for found, true in
             zip(values["classes"], values["id"], strict=True)]  # fmt: skip
    assert np.mean(right) > 0.8, "it has learned these very patches"


def test_the_card_says_that_patches_are_classified(scene, classes, tmp_path):
    from landsketch.core.card_page import card_page
    from landsketch.core.card_words import use

    learn(scene, classes, tmp_path, multilabel=True)
    card = read_card(str(tmp_path / "model.safetensors"))
    page = card_page(card, "model.safetensors")
    assert "A classifier of whole patches of " in page
    assert "Mean average precision" in page
    assert "Reference patches" in page
    assert "Classify patches of an image" in use(card)
