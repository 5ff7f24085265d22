"""Fine-tuning and classification end to end, on small true files; failures are named and leave nothing."""

import itertools
import json
import os
import subprocess
import time

import numpy as np
import pytest
import rasterio
import shapely
from helpers import S2_12, SHARED, squares, two_class_s2, write_features, write_raster
from landsketch.core.card_files import read_card
from landsketch.core.errors import (
    Cancelled,
    CheckpointError,
    LabelError,
    LandSketchError,
    OutputError,
    SceneError,
    SpecError,
)
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.simulate import LEGEND, simulate
from rasterio.enums import ColorInterp


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """A simulated scene of 192 × 192 pixels."""
    return simulate(str(tmp_path_factory.mktemp("scene")), seed=1, size=192)


@pytest.fixture(scope="module")
def fitted(scene, tmp_path_factory):
    """A checkpoint fitted on the simulated scene with the default encoder."""
    path = str(tmp_path_factory.mktemp("fitted") / "m.safetensors")
    finetune(scene, path)
    return path


def images(scene):
    return [{"role": "optical", "path": scene.optical}, {"role": "sar", "path": scene.sar}]


def drawn(scene):
    """The labels with the legend that QGIS would hand over."""
    return {"path": scene.labels, "field": "class", "legend": LEGEND.to_json(), "keys": list(LEGEND.names)}


def finetune(scene, output, reporter=None, **changes):
    spec = {"sources": images(scene), "labels": drawn(scene), "output": output} | changes
    return run_job("finetune", spec, reporter or Reporter())


def classify(scene, checkpoint, output, reporter=None, **changes):
    spec = {"checkpoint": checkpoint, "sources": images(scene), "output": str(output)} | changes
    return run_job("classify", spec, reporter or Reporter())


def read(path, band=1):
    with rasterio.open(path) as dataset:
        return dataset.read(band)


def macro_f1(reference, predicted):
    from sklearn.metrics import f1_score

    inside = reference > 0
    return f1_score(reference[inside], predicted[inside], average="macro")


def test_frozen_fine_tuning_gives_a_good_map_with_everything_on_it(scene, fitted, tmp_path):
    out = {name: str(tmp_path / f"{name}.tif") for name in ("output", "confidence", "probabilities")}
    classify(scene, fitted, **out)
    card = read_card(fitted)
    with rasterio.open(out["output"]) as dataset, rasterio.open(scene.optical) as image:
        assert dataset.crs == image.crs
        assert dataset.transform == image.transform
        assert dataset.nodata == 0
        assert dataset.block_shapes[0] == (256, 256) or dataset.width < 256
        tags = dataset.tags()
        assert json.loads(tags["LANDSKETCH_LEGEND"]) == card.legend.to_json()
        assert json.loads(tags["LANDSKETCH_JOB"])["spec"]["checkpoint"] == fitted
        colours = dataset.colormap(1)
        for entry in card.legend:
            assert colours[entry.value][:3] == tuple(bytes.fromhex(entry.colour[1:]))
    assert macro_f1(read(scene.reference), read(out["output"])) > 0.6
    with rasterio.open(out["probabilities"]) as dataset:
        probabilities = dataset.read() * dataset.scales[0]
        assert dataset.descriptions == card.legend.names
        assert set(dataset.colorinterp) <= {ColorInterp.gray, ColorInterp.undefined}
    assert np.abs(probabilities.sum(axis=0) - 1).max() < 0.03
    values = np.array(card.legend.values)
    assert np.array_equal(values[probabilities.argmax(axis=0)], read(out["output"])) or (
        np.mean(values[probabilities.argmax(axis=0)] == read(out["output"])) > 0.99
    )
    assert np.abs(read(out["confidence"]) - probabilities.max(axis=0)).max() < 0.01


def test_the_card_tells_what_was_done(scene, tmp_path):
    path = str(tmp_path / "m.safetensors")
    result = finetune(scene, path, report=str(tmp_path / "r.html"), seed=5)
    card = read_card(path)
    assert card.provenance["seed"] == 5
    assert card.provenance["metrics"] == result["metrics"]
    assert {entry["name"] for entry in card.provenance["labels"]} == set(card.legend.names)
    assert [source.role for source in card.sources] == ["optical", "sar"]
    assert "<html" in (tmp_path / "r.html").read_text().lower()


def test_the_same_seed_gives_the_same_checkpoint(scene, fitted, tmp_path):
    again = str(tmp_path / "again.safetensors")
    finetune(scene, again)
    with open(fitted, "rb") as one, open(again, "rb") as two:
        assert one.read() == two.read()


@pytest.fixture(scope="module")
def trained(scene, tmp_path_factory):
    """A U-Net trained on the simulated scene for some epochs, and what was measured meanwhile."""
    path = str(tmp_path_factory.mktemp("trained") / "unet.safetensors")
    events = []
    finetune(scene, path, Reporter(events.append), mode="full", epochs=8)
    return path, [event["values"] for event in events if event["event"] == "metric"]


def test_a_network_from_scratch_learns(scene, trained, tmp_path):
    path, metrics = trained
    classify(scene, path, tmp_path / "map.tif")
    assert metrics[-1]["loss"] < 0.7 * metrics[0]["loss"]
    assert {"epoch", "loss", "held_out_loss", "held_out_macro_f1"} <= set(metrics[0])
    assert macro_f1(read(scene.reference), read(tmp_path / "map.tif")) > 0.3


def test_the_map_of_a_network_does_not_depend_on_tile_size(scene, trained, tmp_path):
    maps = []
    for tile, batch in [(64, 2), (128, 1), (192, 1)]:
        classify(scene, trained[0], tmp_path / "m.tif", tile=tile, batch=batch)
        maps.append(read(tmp_path / "m.tif"))
    assert np.mean(maps[0] == maps[2]) > 0.999
    assert np.mean(maps[1] == maps[2]) > 0.999


def test_decoder_training_without_a_trained_encoder_says_that_it_trains_everything(scene, tmp_path):
    events = []
    optical = [images(scene)[0] | {"sensor": "generic"}]
    path = str(tmp_path / "m.safetensors")
    finetune(scene, path, Reporter(events.append), mode="decoder", epochs=1, sources=optical)
    assert any("from scratch" in event["message"] for event in events if event["event"] == "log")


def test_another_product_level_than_the_checkpoints_is_said(scene, fitted, tmp_path):
    events = []
    optical, sar = images(scene)
    sources = [optical | {"sensor": "sentinel-2-l1c"}, sar]
    classify(scene, fitted, tmp_path / "m.tif", Reporter(events.append), sources=sources)
    assert any("is sentinel-2-l1c; the checkpoint" in event.get("message", "") for event in events)


def test_a_fine_tuned_network_is_fine_tuned_further(scene, trained, tmp_path):
    first, (second, third) = trained[0], (str(tmp_path / f"{i}.safetensors") for i in range(2))
    finetune(scene, second, checkpoint=first, mode="decoder", epochs=1)
    one, two = (_tensors(path) for path in (first, second))
    encoder = [name for name in one if name.startswith("encoder.unet.encoder.")]
    assert encoder
    assert all(np.array_equal(one[name], two[name]) for name in encoder)
    assert not np.array_equal(one["head.bias"], two["head.bias"])
    finetune(scene, third, checkpoint=second, mode="frozen")
    classify(scene, third, tmp_path / "map.tif")


def _tensors(path):
    from safetensors.numpy import load_file

    return load_file(path)


def test_tile_and_batch_size_leave_the_map_as_it_is(scene, fitted, tmp_path):
    maps = []
    for tile, batch in [(0, 0), (32, 3), (64, 1)]:
        classify(scene, fitted, tmp_path / "m.tif", tile=tile, batch=batch)
        maps.append(read(tmp_path / "m.tif"))
    assert np.mean(maps[0] == maps[1]) > 0.9999
    assert np.mean(maps[0] == maps[2]) > 0.9999


def test_no_data_stays_no_data_and_the_mask_masks(scene, fitted, tmp_path):
    with rasterio.open(scene.optical) as dataset:
        image, profile, names, bounds = dataset.read(), dataset.profile, dataset.descriptions, dataset.bounds
    image[:, 20:40, 30:60] = 0
    holed = tmp_path / "holed.tif"
    with rasterio.open(holed, "w", **profile) as dataset:
        dataset.write(image)
        for index, name in enumerate(names, 1):
            dataset.set_band_description(index, name)
    left_half = shapely.box(bounds.left, bounds.bottom, (bounds.left + bounds.right) / 2, bounds.top)
    mask = write_features(tmp_path / "mask.gpkg", [left_half], [1], crs=profile["crs"].to_string())
    sources = [{"role": "optical", "path": str(holed)}, {"role": "sar", "path": scene.sar}]
    classify(
        scene, fitted, tmp_path / "m.tif", sources=sources, mask={"path": mask}, confidence=str(tmp_path / "c.tif")
    )
    classes, confidence = read(tmp_path / "m.tif"), read(tmp_path / "c.tif")
    assert (classes[20:40, 30:60] == 0).all()
    assert (confidence[20:40, 30:60] == -1).all()
    assert (classes[:, 97:] == 0).all()
    kept = np.ones(classes.shape, bool)
    kept[20:40, 30:60] = False
    kept[:, 96:] = False
    assert (classes[kept] > 0).all()


def test_an_encoder_only_job_needs_no_optical_layer(scene, tmp_path):
    path = str(tmp_path / "m.safetensors")
    sar_only = [images(scene)[1]]
    finetune(scene, path, sources=sar_only)
    classify(scene, path, tmp_path / "m.tif", sources=sar_only)
    assert (read(tmp_path / "m.tif") > 0).all()


@pytest.mark.skipif(not SHARED.exists(), reason="the published Galileo weights are not at hand")
@pytest.mark.parametrize("mode", ["frozen", "decoder", "full"])
def test_galileo_fine_tunes_in_every_mode(scene, tmp_path, mode):
    galileo = str(SHARED / "checkpoints" / "galileo-nano" / "encoder.pt")
    path = str(tmp_path / "m.safetensors")
    boxes, classes = squares(64)
    small = write_raster(tmp_path / "s2.tif", two_class_s2(64), names=S2_12)
    labels = write_features(tmp_path / "l.gpkg", boxes, classes)
    sources = [{"role": "optical", "path": small}]
    finetune(
        scene, path, sources=sources, labels={"path": labels, "field": "class"}, checkpoint=galileo, mode=mode, epochs=1
    )
    classify(scene, path, tmp_path / "m.tif", sources=sources)
    classified = read(tmp_path / "m.tif")
    if mode == "frozen":
        assert (classified[:, :28] == 1).all()
        assert (classified[:, 36:] == 2).all()
    assert read_card(path).architecture["encoder"]["name"] == "galileo"
    assert "MIT" in read_card(path).provenance["licence"]


# --- What goes wrong --------------------------------------------------------------------------------------------------


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def refused(kind, message, run, folder):
    before = files_in(folder)
    with pytest.raises(kind, match=message) as caught:
        run()
    assert isinstance(caught.value, LandSketchError)
    assert files_in(folder) == before


def test_bad_input_to_fine_tuning_is_named_and_leaves_nothing(scene, tmp_path):
    output = str(tmp_path / "out" / "m.safetensors")
    (tmp_path / "out").mkdir()
    boxes, classes = squares()
    away = write_features(tmp_path / "away.gpkg", boxes, classes, crs="EPSG:32601")
    one = write_features(
        tmp_path / "one.gpkg", [shapely.box(*_bounds(scene.optical))], ["water"], crs=_crs(scene.optical)
    )
    two_bands = write_raster(tmp_path / "two.tif", np.full((2, 192, 192), 500, np.uint16))
    (tmp_path / "junk.safetensors").write_bytes(b"junk")
    optical, _ = images(scene)
    cases = [
        (LabelError, "lies on the scene", {"labels": {"path": away, "field": "class"}}),
        (LabelError, "only one class", {"labels": {"path": one, "field": "class"}}),
        (LabelError, "no field 'kind'", {"labels": {"path": scene.labels, "field": "kind"}}),
        (LabelError, "does not exist", {"labels": {"path": str(tmp_path / "no.gpkg"), "field": "class"}}),
        (SceneError, "has 2 bands", {"sources": [{"role": "optical", "path": two_bands, "sensor": "sentinel-2-l2a"}]}),
        (SceneError, "stated as linear", {"sources": [optical, {"role": "sar", "path": scene.sar, "units": "linear"}]}),
        (CheckpointError, "is not a checkpoint", {"checkpoint": str(tmp_path / "junk.safetensors")}),
        (CheckpointError, "cannot be read", {"checkpoint": str(tmp_path / "none.safetensors")}),
        (SpecError, "mode is 'deep'", {"mode": "deep"}),
    ]
    for kind, message, changes in cases:
        refused(kind, message, lambda: finetune(scene, output, **changes), tmp_path)  # noqa: B023


def test_bad_input_to_classification_is_named_and_leaves_nothing(scene, fitted, tmp_path):
    output = tmp_path / "out" / "map.tif"
    output.parent.mkdir()
    optical, sar = images(scene)
    with rasterio.open(scene.optical) as dataset:
        place = {"crs": dataset.crs, "origin": (dataset.bounds.left, dataset.bounds.top)}
    rgb = write_raster(
        tmp_path / "rgb.tif", np.full((3, 192, 192), 500, np.uint16), names=("B04", "B03", "B02"), **place
    )
    with open(scene.optical, "rb") as file:
        (tmp_path / "cut.tif").write_bytes(file.read()[:60_000])
    far = write_features(tmp_path / "far.gpkg", [shapely.box(0, 0, 1, 1)], [1], crs=_crs(scene.optical))
    cases = [
        (CheckpointError, "needs a SAR layer", {"sources": [optical]}),
        (CheckpointError, r"'rgb.tif' has 3 bands .* needs B02", {"sources": [{"role": "optical", "path": rgb}, sar]}),
        (
            SceneError,
            "'cut.tif' cannot be read",
            {"sources": [{"role": "optical", "path": str(tmp_path / "cut.tif")}, sar]},
        ),
        (LabelError, "does not lie on the scene", {"mask": {"path": far}}),
        (CheckpointError, "is not a checkpoint", {"checkpoint": scene.labels}),
        (SpecError, "does not exist", {"output": str(tmp_path / "none" / "m.tif")}),
    ]
    for kind, message, changes in cases:
        run = {"checkpoint": fitted, "output": output} | changes
        refused(kind, message, lambda: classify(scene, **run), tmp_path)  # noqa: B023


def _bounds(path):
    with rasterio.open(path) as dataset:
        return tuple(dataset.bounds)


def _crs(path):
    with rasterio.open(path) as dataset:
        return dataset.crs.to_string()


@pytest.mark.parametrize("mode", ["frozen", "full"])
def test_cancelling_fine_tuning_answers_at_once_and_leaves_nothing(scene, tmp_path, mode):
    reporter = Reporter(lambda event: seen.append(event["event"]) or (len(seen) > 8 and cancel()))
    seen, asked = [], []

    def cancel():
        asked.append(time.monotonic())
        reporter.cancel()

    with pytest.raises(Cancelled):
        finetune(scene, str(tmp_path / "m.safetensors"), reporter, mode=mode, report=str(tmp_path / "r.html"))
    assert time.monotonic() - asked[0] < 10, "the whole training takes minutes"
    assert files_in(tmp_path) == []


def test_cancelling_classification_leaves_nothing_and_an_old_map_stays(scene, fitted, tmp_path):
    (tmp_path / "map.tif").write_text("the old map")
    counter = itertools.count()
    reporter = Reporter(lambda event: event["event"] == "progress" and next(counter) == 4 and reporter.cancel())
    with pytest.raises(Cancelled):
        classify(scene, fitted, tmp_path / "map.tif", reporter, tile=32, batch=1, confidence=str(tmp_path / "c.tif"))
    assert files_in(tmp_path) == ["map.tif"]
    assert (tmp_path / "map.tif").read_text() == "the old map"


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 64 KiB; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.name != "posix" or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_leaves_nothing(scene, fitted, small_disk):
    with pytest.raises(OutputError, match="disk is full"):
        finetune(scene, str(small_disk / "m.safetensors"))
    with pytest.raises(OutputError, match="disk is full"):
        classify(scene, fitted, small_disk / "map.tif", probabilities=str(small_disk / "p.tif"))
    assert files_in(small_disk) == []


def test_training_with_nothing_to_hold_out_runs_all_epochs_and_says_so(tmp_path):
    boxes, classes = squares(64)
    small = write_raster(tmp_path / "s2.tif", two_class_s2(64), names=S2_12)
    labels = write_features(tmp_path / "l.gpkg", [boxes[0], boxes[-1]], [classes[0], classes[-1]])
    metrics = []
    result = run_job(
        "finetune",
        {"sources": [{"role": "optical", "path": small}], "labels": {"path": labels, "field": "class"}}
        | {"output": str(tmp_path / "m.safetensors"), "mode": "full", "epochs": 2},
        Reporter(lambda event: metrics.append(event) if event["event"] == "metric" else None),
    )
    assert len(metrics) == 2
    assert result["metrics"] is None
    assert "Nothing was held out" in read_card(result["checkpoint"]).provenance["split"]
