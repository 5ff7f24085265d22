"""Sketching: the preview is the map that fine-tuning would give, and everything but the labels is computed once."""

import json
import os
import threading
import time

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
import torch
from helpers import S2_12, SHARED, squares, two_class_s2, write_features, write_raster
from landsketch.core.errors import Cancelled, LabelError, SpecError
from landsketch.core.grids import Grid
from landsketch.core.jobs import run_job
from landsketch.core.linear import LinearModel
from landsketch.core.progress import Reporter
from landsketch.core.scenes import open_scene
from landsketch.core.simulate import CLASS_FIELD, simulate
from landsketch.core.sketching import job
from landsketch.core.sketching.cache import BlockCache
from landsketch.core.sketching.estimate import estimate, wilson
from landsketch.core.sketching.layout import Layout
from landsketch.core.sketching.preview import shown
from landsketch.core.sketching.suggestions import FROM_LABELS, suggest
from landsketch.core.specs import SketchSpec, SourceSpec
from landsketch.core.splits import Split
from landsketch.core.starts import new_start
from landsketch.core.tiles import Tile, TilePlan
from landsketch.models.checkpoints import save_checkpoint
from landsketch.models.heads import LinearHead
from rasterio.crs import CRS
from rasterio.transform import from_origin
from rasterio.windows import Window
from stacks import image_item, write_stack

SIZE = 288

BLOCK = 96
"""Side of the default encoder's blocks: at least 64 pixels, in steps of its windows."""

SIDE = 2 * BLOCK
"""Of a scene of four blocks."""

GALILEO = SHARED / "checkpoints" / "galileo-nano" / "encoder.pt"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    return simulate(str(tmp_path_factory.mktemp("scene")), seed=3, size=SIZE)


@pytest.fixture(scope="module")
def corner(simulated, tmp_path_factory):
    """A corner of the optical image, and labels on it: a piece for large encoders."""
    folder, side = tmp_path_factory.mktemp("corner"), 128
    with rasterio.open(simulated.optical) as image, rasterio.open(simulated.reference) as reference:
        pixels, truth = image.read(window=Window(0, 0, side, side)), reference.read(1)[:side, :side]
        origin, crs = (image.transform.c, image.transform.f), image.crs.to_string()
    path = write_raster(folder / "s2.tif", pixels, names=S2_12, origin=origin, crs=crs)
    shapes, classes = [], []
    for row, column in np.random.default_rng(0).integers(2, side - 4, (60, 2)).tolist():
        if len(np.unique(truth[row : row + 3, column : column + 3])) == 1:
            left, top = origin[0] + 10 * column, origin[1] - 10 * row
            shapes.append(shapely.box(left, top - 30, left + 30, top))
            classes.append(int(truth[row, column]))
    labels = write_features(folder / "labels.gpkg", shapes, classes, crs=crs)
    return path, {"path": labels, "field": "class"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A cache that tests share, as users' sketches do."""
    return str(tmp_path_factory.mktemp("cache"))


def sources_of(scene):
    return [{"role": "optical", "path": scene.optical}, {"role": "sar", "path": scene.sar}]


def extent_of(path, left=0, top=0, width=SIZE, height=SIZE):
    """The extent of some pixels of a raster."""
    with rasterio.open(path) as dataset:
        window = Window(left, top, min(width, dataset.width), min(height, dataset.height))
        return {"bounds": list(rasterio.windows.bounds(window, dataset.transform)), "crs": dataset.crs.to_string()}


@pytest.fixture
def sketch(simulated, kept, tmp_path):
    """Runs a sketch of the simulated scene with some fields changed."""

    def run(reporter=None, **changes):
        spec = {
            "sources": sources_of(simulated),
            "labels": {"path": simulated.labels, "field": CLASS_FIELD},
            "extent": extent_of(simulated.optical),
            "output": str(tmp_path / "preview.tif"),
            "cache": kept,
            "device": "cpu",
        }
        return run_job("sketch", spec | changes, reporter or Reporter())

    return run


@pytest.fixture
def small(tmp_path):
    """A sketch of two halves, in a cache of its own."""
    path = write_raster(tmp_path / "s2.tif", two_class_s2(SIDE), names=S2_12)
    shapes, classes = squares(SIDE)
    labels = write_features(tmp_path / "labels.gpkg", shapes, classes)

    def run(reporter=None, **changes):
        spec = {
            "sources": [{"role": "optical", "path": path}],
            "labels": {"path": labels, "field": "class"},
            "extent": extent_of(path),
            "output": str(tmp_path / "preview.tif"),
            "cache": str(tmp_path / "cache"),
            "device": "cpu",
        }
        return run_job("sketch", spec | changes, reporter or Reporter())

    return run


def values(path):
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def blocks_in(folder):
    return sorted(name for _, _, names in os.walk(folder) for name in names)


def mapped_as_usual(sources, labels, folder, **start):
    """Returns what fine-tuning and classifying make of the same labels."""
    checkpoint, output = str(folder / "usual.safetensors"), str(folder / "usual.tif")
    spec = {"sources": sources, "labels": labels, "output": checkpoint, "device": "cpu", **start}
    metrics = run_job("finetune", spec, Reporter())["metrics"]
    run_job("classify", {"checkpoint": checkpoint, "sources": sources, "output": output, "device": "cpu"}, Reporter())
    return values(output), metrics


# --- The preview is the map -------------------------------------------------------------------------------------------


def test_the_preview_is_what_fine_tuning_and_classifying_give(simulated, sketch, tmp_path):
    result = sketch(classifier=str(tmp_path / "sketch.safetensors"), margin=str(tmp_path / "margin.tif"))
    preview = values(result["preview"])
    usual, metrics = mapped_as_usual(sources_of(simulated), {"path": simulated.labels, "field": CLASS_FIELD}, tmp_path)
    assert preview.shape == usual.shape
    assert (preview == usual).mean() > 0.995
    spec = {"checkpoint": result["classifier"], "sources": sources_of(simulated), "margin": str(tmp_path / "m.tif")}
    run_job("classify", spec | {"output": str(tmp_path / "again.tif"), "device": "cpu"}, Reporter())
    assert (preview == values(tmp_path / "again.tif")).mean() > 0.995
    assert np.abs(values(result["margin"]) - values(tmp_path / "m.tif")).mean() < 0.01
    counted = {row["name"]: row["features"] for row in result["classes"]}
    assert sum(counted.values()) == pyogrio.read_info(simulated.labels)["features"]
    assert metrics["oa"] == pytest.approx(result["accuracy"]["value"], abs=0.25), "one by pixels, the other by labels"


@pytest.mark.skipif(not GALILEO.exists(), reason="the published weights are not here")
def test_a_transformer_of_windows_gives_the_same_map_too(corner, sketch, tmp_path):
    path, labels = corner
    sources = [{"role": "optical", "path": path}]
    result = sketch(checkpoint=str(GALILEO), sources=sources, labels=labels, extent=extent_of(path))
    usual, _ = mapped_as_usual(sources, labels, tmp_path, checkpoint=str(GALILEO))
    assert len(result["classes"]) > 2
    assert (values(result["preview"]) == usual).mean() > 0.995


def test_an_encoder_that_sees_tiles_as_a_whole_has_no_seams(simulated, sketch, tmp_path):
    """Its blocks fade into each other as tiles do; features of labels depend a little on the tile they lie in."""
    torch.manual_seed(0)
    with open_scene([SourceSpec("optical", simulated.optical), SourceSpec("sar", simulated.sar)]) as scene:
        start = new_start(scene, {"name": "unet", "encoder": "resnet18"}, ())
    assert start.encoder.ramp > 0
    unet = str(tmp_path / "unet.safetensors")
    save_checkpoint(unet, start.encoder, start.card)
    result = sketch(checkpoint=unet, classifier=str(tmp_path / "sketch.safetensors"))
    spec = {"checkpoint": result["classifier"], "sources": sources_of(simulated), "output": str(tmp_path / "map.tif")}
    run_job("classify", spec | {"device": "cpu"}, Reporter())
    assert (values(result["preview"]) == values(tmp_path / "map.tif")).mean() > 0.995


def test_the_preview_does_not_depend_on_where_the_screen_begins(simulated, sketch, tmp_path):
    whole = values(sketch()["preview"])
    moved = sketch(extent=extent_of(simulated.optical, 37, 71, 130, 90), output=str(tmp_path / "moved.tif"))
    assert np.array_equal(values(moved["preview"]), whole[71 : 71 + 90, 37 : 37 + 130])
    with rasterio.open(moved["preview"]) as preview, rasterio.open(simulated.optical) as image:
        assert preview.transform @ (0, 0) == pytest.approx(image.transform @ (37, 71))
        assert preview.nodata == 0
        legend = json.loads(preview.tags()["LANDSKETCH_LEGEND"])
        first = bytes.fromhex(legend[0]["colour"][1:])
        assert preview.colormap(1)[legend[0]["value"]] == (*first, 255)
        assert json.loads(preview.tags()["LANDSKETCH_JOB"])["job"] == "sketch"


@pytest.mark.parametrize(("halo", "ramp"), [(32, 0), (32, 12), (16, 16)])
def test_a_block_gives_the_logits_of_its_window(halo, ramp):
    plan = TilePlan(Grid(CRS.from_epsg(32632), from_origin(0, 0, 10, 10), 512, 512), 64, halo, ramp)
    channels, strides, context, classes = (5, 7), (1, 8), 3, 4
    generator = torch.Generator().manual_seed(0)
    side = plan.window_side
    maps = [torch.randn(c, side // s, side // s, generator=generator) for c, s in zip(channels, strides, strict=True)]
    around, valid = torch.randn(context, side, side, generator=generator), torch.ones(side, side, dtype=torch.bool)
    model = LinearModel(*(torch.randn(*s, generator=generator).numpy() for s in ((classes, 15), (classes,))))
    head = LinearHead(channels, strides, context, classes)
    head.assign(torch.from_numpy(model.weight), torch.from_numpy(model.bias))
    expected = head([one[None] for one in maps], around[None])[0].detach()
    crop = halo - ramp
    expected = expected[:, crop : side - crop, crop : side - crop]
    layout = Layout(plan, channels, strides, context)
    block = layout.unpack(layout.pack(maps, around, valid, 0, 0))
    assert torch.allclose(layout.logits(block, model), expected, atol=0.02)
    rows, columns = np.array([0, 0, layout.side - 1, 31]), np.array([0, layout.side - 1, layout.side - 1, 7])
    at = model.logits(layout.at(block, rows, columns))
    assert at == pytest.approx(expected.numpy()[:, rows, columns].T, abs=0.02)


# --- What is computed, and what is kept -------------------------------------------------------------------------------


def test_a_change_of_the_labels_computes_no_features(small, tmp_path):
    first = small()
    assert first["cached"] == 0
    shapes, classes = squares(SIDE)
    fewer = write_features(tmp_path / "fewer.gpkg", shapes[1:], classes[1:])
    second = small(labels={"path": fewer, "field": "class"})
    assert second["cached"] == 1
    assert [row["features"] for row in second["classes"]] == [3, 4]


def test_panning_computes_only_what_was_never_on_screen(simulated, sketch, tmp_path):
    cache = str(tmp_path / "cache")
    empty = {"path": write_features(tmp_path / "none.gpkg", [shapely.Point(0, 0)], [1]), "field": "class"}
    left = sketch(cache=cache, labels=empty, extent=extent_of(simulated.optical, 0, 0, SIDE, SIDE))
    right = sketch(cache=cache, labels=empty, extent=extent_of(simulated.optical, BLOCK, 0, SIDE, SIDE))
    again = sketch(cache=cache, labels=empty, extent=extent_of(simulated.optical, 0, 0, SIZE, SIDE))
    assert (left["cached"], right["cached"], again["cached"]) == (0, 0.5, 1)


def test_another_process_finds_the_features(small, monkeypatch):
    expected = values(small()["preview"])
    monkeypatch.setattr(job, "warm_session", job.WarmSession())
    result = small()
    assert result["cached"] == 1
    assert np.array_equal(values(result["preview"]), expected)


def test_a_changed_image_is_computed_anew(small, tmp_path):
    before = small()
    image = two_class_s2(SIDE)[:, :, ::-1]
    write_raster(tmp_path / "s2.tif", image, names=S2_12)
    os.utime(tmp_path / "s2.tif", ns=(1, 1))
    first = values(before["preview"])
    after = small()
    assert after["cached"] == 0
    assert (values(after["preview"]) != first[:, ::-1]).mean() > 0.9, "labels say the opposite now"


def test_the_cache_stays_within_its_bound_and_the_oldest_go(tmp_path):
    cache = BlockCache(str(tmp_path), 1)
    line = np.zeros(150_000, np.float16)  # 0.3 MB
    for column in range(3):
        assert cache.store("a" * 32, Tile(0, column), line)
        os.utime(tmp_path / ("a" * 32) / f"0-{column}.npy", (column, column))
    assert cache.load("a" * 32, Tile(0, 0)) is not None, "now it is the newest"
    cache.store("b" * 32, Tile(0, 0), line)
    cache.trim()
    assert [cache.load("a" * 32, Tile(0, c)) is not None for c in range(3)] == [True, False, True]
    assert cache.measure()[1] <= 1_000_000


def test_what_is_damaged_is_computed_again(small, tmp_path):
    expected = values(small()["preview"])
    for folder, _, names in os.walk(tmp_path / "cache"):
        for name, text in zip(sorted(names), (b"", b"\x93NUMPY damaged", b"no numbers"), strict=False):
            (tmp_path / "cache" / os.path.basename(folder) / name).write_bytes(text)
    result = small()
    assert result["cached"] == pytest.approx(0.25)
    assert np.array_equal(values(result["preview"]), expected)


def test_without_a_place_to_keep_features_the_preview_is_the_same(small, tmp_path):
    expected = values(small()["preview"])
    assert np.array_equal(values(small(cache_mb=0, cache=str(tmp_path / "none"))["preview"]), expected)
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("in the way")
    assert np.array_equal(values(small(cache=str(tmp_path / "file"))["preview"]), expected)


def test_unfinished_blocks_of_killed_processes_are_removed(tmp_path):
    cache = BlockCache(str(tmp_path), 1)
    cache.store("a" * 32, Tile(0, 0), np.zeros(9, np.float16))
    old, new = (tmp_path / ("a" * 32) / f".{letter * 32}.npy" for letter in "01")
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    cache.trim()
    assert blocks_in(tmp_path) == [new.name, "0-0.npy"]


def test_many_may_use_a_cache_at_once(tmp_path):
    """Blocks are whole or absent, whatever others store, trim and clear meanwhile."""
    lines = [np.full(1000, number, np.float16) for number in range(8)]
    failures, stop = [], time.monotonic() + 1.0

    def work(kind):
        cache = BlockCache(str(tmp_path), 1)
        try:
            while time.monotonic() < stop:
                for number, line in enumerate(lines):
                    cache.store("c" * 32, Tile(number, 0), line)
                    found = cache.load("c" * 32, Tile(number, 0))
                    assert found is None or np.array_equal(found, line)
                getattr(cache, kind)()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(kind,)) for kind in ("trim", "clear", "measure")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_clearing_says_how_much_it_was_and_touches_nothing_else(small, tmp_path):
    small()
    cache = str(tmp_path / "cache")
    (tmp_path / "cache" / "notes.txt").write_text("mine")
    measured = run_job("clearcache", {"cache": cache, "measure": True}, Reporter())
    assert measured["blocks"] == 4
    assert measured["left"] == measured["bytes"] > 100_000
    cleared = run_job("clearcache", {"cache": cache}, Reporter())
    assert (cleared["blocks"], cleared["bytes"], cleared["left"]) == (4, measured["bytes"], 0)
    assert os.listdir(cache) == ["notes.txt"]


# --- Few labels -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([], "There are no labels on the scene yet"),
        ([(0, 0)], "There are no labels on the scene yet"),
        ([(500_100, 4_999_900), (500_200, 4_999_800)], "All labels on the scene are of class '1'"),
    ],
)
def test_without_two_classes_only_features_are_computed(small, tmp_path, points, words):
    shapes = [shapely.Point(*point) for point in points]
    path = str(tmp_path / "few.gpkg")
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(shapes, object)), [np.ones(len(shapes), np.int32)], ["class"],
        geometry_type="Point", crs="EPSG:32632", driver="GPKG",
    )  # fmt: skip
    result = small(labels={"path": path, "field": "class"}, confidence=str(tmp_path / "c.tif"))
    assert result["words"].startswith(words)
    assert (result["preview"], result["confidence"], result["accuracy"]) == ("", "", None)
    assert not (tmp_path / "preview.tif").exists()
    assert small()["cached"] == 1
    with pytest.raises(LabelError, match="no field 'kind'"):
        small(labels={"path": path, "field": "kind"})


def test_labels_where_there_is_no_data_teach_nothing(small, tmp_path):
    image = two_class_s2(SIDE)
    image[:, :, SIDE // 2 :] = 0
    path = write_raster(tmp_path / "half.tif", image, names=S2_12)
    result = small(sources=[{"role": "optical", "path": path}])
    assert "must lie where every layer has data" in result["words"]
    assert result["preview"] == ""


def test_each_class_says_how_many_labels_each_round_holds_out(small, tmp_path):
    result = small()
    for row in result["classes"]:
        assert len(row["held_out"]) > 1 and sum(row["held_out"]) == row["features"]
    assert sum(sum(row["held_out"]) for row in result["classes"]) == result["accuracy"]["held_out"]


def test_with_one_label_of_a_class_the_accuracy_is_not_known(small, tmp_path):
    shapes, classes = squares(SIDE)
    path = write_features(tmp_path / "two.gpkg", [shapes[0], shapes[-1]], [classes[0], classes[-1]])
    result = small(labels={"path": path, "field": "class"})
    assert [row["held_out"] for row in result["classes"]] == [[], []]
    assert result["accuracy"] is None
    assert "Nothing was held out" in result["words"]
    assert (values(result["preview"])[:, : SIDE // 2 - 8] == 1).mean() > 0.9


def test_known_values_of_the_interval():
    assert wilson(0.9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    assert wilson(1.0, 5) == pytest.approx((0.5655, 1.0), abs=1e-4)
    assert wilson(0.0, 5)[0] == 0


def test_each_label_counts_once():
    found = estimate(np.array([1.0, 0.5, 0.0, 1.0]), Split(np.zeros(4, np.int64), "Held out in one fold."))
    assert (found["value"], found["held_out"]) == (0.625, 4)
    assert found["low"] < 0.3 < 0.85 < found["high"]
    assert "4 held-out labels" in found["words"]


# --- Where to label next ----------------------------------------------------------------------------------------------


def test_places_are_uncertain_spread_and_of_every_class():
    generator = np.random.default_rng(0)
    margin = generator.uniform(0.8, 1, (200, 200)).astype(np.float32)
    margin[:, 40:60] = 0.1  # one long border, of class 0 almost everywhere
    margin[20:32, 150:162] = 0.2
    margin[120:132, 150:162] = 0.2
    margin[:, :10] = -1
    guess = np.zeros((200, 200), np.int64)
    guess[:100, 140:], guess[100:, 140:] = 1, 2
    labelled = np.zeros((200, 200), bool)
    labelled[100, 50] = True
    places = suggest(margin, guess, labelled, 6)
    assert len(places) == 6
    assert {place.guess for place in places} == {0, 1, 2}
    assert [place.guess for place in places[:2]] == [0, 0], "its share of the six"
    assert {place.guess for place in places[2:4]} == {1, 2}, "the least certain pixels of the others"
    at = np.array([(place.row, place.column) for place in places])
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))[~np.eye(6, dtype=bool)]
    assert apart.min() > 10
    assert np.hypot(at[:, 0] - 100, at[:, 1] - 50).min() > FROM_LABELS
    assert (margin[at[:4, 0], at[:4, 1]] < 0.3).all()


def test_where_there_is_no_room_fewer_places_are_suggested():
    nothing = np.full((30, 30), -1, np.float32)
    assert suggest(nothing, np.zeros((30, 30), np.int64), np.zeros((30, 30), bool), 5) == []
    tiny = suggest(np.full((6, 6), 0.5, np.float32), np.zeros((6, 6), np.int64), np.zeros((6, 6), bool), 50)
    assert 0 < len(tiny) <= 36


def test_suggestions_are_points_to_step_through(simulated, sketch, tmp_path):
    result = sketch(suggestions=8, places=str(tmp_path / "places.gpkg"), margin=str(tmp_path / "margin.tif"))
    meta, _, wkb, columns = pyogrio.raw.read(result["places"])
    assert list(meta["fields"]) == ["rank", "class", "margin"]
    rank, names, margins = columns
    assert rank.tolist() == list(range(1, 9))
    assert set(names) <= {row["name"] for row in result["classes"]}
    margin = values(result["margin"])
    assert np.mean(margins) < np.mean(margin[margin >= 0])
    with rasterio.open(simulated.optical) as image:
        inside = shapely.box(*image.bounds)
    assert inside.contains(shapely.from_wkb(wkb)).all()


# --- Kinds of scenes --------------------------------------------------------------------------------------------------


def test_a_time_stack_can_be_sketched_on(small, tmp_path):
    items = []
    for number, date in enumerate(("2021-04-01", "2021-06-01", "2021-08-01")):
        image = two_class_s2(SIDE, seed=number)
        image[:, :20, number * 20 : number * 20 + 20] = 0
        items.append(image_item(date, write_raster(tmp_path / f"{date}.tif", image, names=S2_12), S2_12))
    stack = write_stack(tmp_path / "stack.json", items)
    result = small(sources=[{"role": "optical", "path": stack}])
    preview = values(result["preview"])
    assert (preview[:, : SIDE // 2 - 4] == 1).mean() > 0.95
    assert (preview[:, SIDE // 2 + 4 :] == 2).mean() > 0.95
    assert small(sources=[{"role": "optical", "path": stack}])["cached"] == 1


def test_embeddings_can_be_sketched_on(small, tmp_path):
    generator = np.random.default_rng(0)
    features = generator.normal(0, 1, (8, SIDE, SIDE)).astype(np.float32)
    features[:3, :, SIDE // 2 :] += 4
    path = write_raster(tmp_path / "embedding.tif", features)
    result = small(sources=[{"role": "embedding", "path": path}])
    preview = values(result["preview"])
    assert (preview[:, : SIDE // 2] == 1).mean() > 0.95
    assert (preview[:, SIDE // 2 :] == 2).mean() > 0.95


def test_of_a_large_extent_the_middle_is_shown_in_whole_blocks():
    assert shown(Window(10, 20, 300, 400), 512, 64) == Window(10, 20, 300, 400)
    assert shown(Window(100, 200, 1000, 900), 512, 64) == Window(320, 384, 512, 512)
    assert shown(Window(3, 5, 520, 516), 512, 64) == Window(7, 7, 512, 512), "no block begins in the middle"


def test_no_data_stays_no_data(small, tmp_path):
    image = two_class_s2(SIDE)
    image[:, 40:60, 20:70] = 0
    path = write_raster(tmp_path / "hole.tif", image, names=S2_12)
    result = small(sources=[{"role": "optical", "path": path}], confidence=str(tmp_path / "confidence.tif"))
    preview, confidence = values(result["preview"]), values(result["confidence"])
    hole = np.zeros((SIDE, SIDE), bool)
    hole[40:60, 20:70] = True
    assert np.array_equal(preview == 0, hole)
    assert np.array_equal(confidence == -1, hole)


# --- Stopping ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["Computing features of what", "Fitting", "Drawing"])
def test_a_stopped_sketch_leaves_nothing_and_the_next_one_works(sketch, tmp_path, stage):
    reporter, stopped = Reporter(), []

    def stop(event):
        if event.get("message", "").startswith(stage) and not stopped:
            stopped.append(time.monotonic())
            threading.Timer(0.02, reporter.cancel).start()

    reporter._emit = stop
    outputs = {"confidence": str(tmp_path / "confidence.tif"), "suggestions": 3, "places": str(tmp_path / "p.gpkg")}
    if stage.startswith("Computing"):
        outputs["cache"] = str(tmp_path / "cache")
    try:
        sketch(reporter, **outputs)
    except Cancelled:
        assert time.monotonic() - stopped[0] < 1.0
        assert [name for name in os.listdir(tmp_path) if name != "cache"] == []
        assert not any(name.startswith(".") for name in blocks_in(tmp_path))
    else:
        assert not stage.startswith("Computing"), "it was fast enough to finish in spite of the cancel"
    assert os.path.exists(sketch(**outputs)["confidence"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"side": 4}, "side is 4"),
        ({"cache_mb": -1}, "cache_mb is -1"),
        ({"suggestions": 5}, "Give both"),
        ({"places": "places.gpkg"}, "Give both"),
        ({"sources": []}, "No image"),
    ],
)
def test_wrong_settings_are_named(changes, words):
    spec = {
        "sources": [{"role": "optical", "path": "s2.tif"}], "labels": {"path": "labels.gpkg"}, "output": "preview.tif",
        "extent": {"bounds": [0, 0, 1, 1], "crs": "EPSG:4326"},
    }  # fmt: skip
    assert SketchSpec.from_json(spec).to_json()["side"] == 512
    with pytest.raises(SpecError, match=words):
        SketchSpec.from_json(spec | changes)
