"""Networks of others with Deepness' keys: their cards, and maps with them."""

import json
import subprocess
import sys

import numpy as np
import onnx
import pytest
import rasterio
from helpers import SITE, write_raster
from landsketch.core.card_files import read_card
from landsketch.core.cards import BY_POSITION, check_bands
from landsketch.core.deepness_keys import read_foreign
from landsketch.core.errors import CheckpointError
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.runtimes import openvino_runtime
from landsketch.core.runtimes.onnx_model import OnnxModel
from landsketch.core.runtimes.runtime import FULL
from landsketch.core.sensors import BandMatch
from onnx import TensorProto, helper, numpy_helper

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
WEIGHT = np.array([[2.0, -1.0, 0.5], [-1.0, 2.0, 0.0], [0.0, -0.5, 1.5], [0.3, 0.3, 0.3]], np.float32)
NAMES = ("background", "building", "tree", "water")
KEYS = {
    "model_type": "Segmentor",
    "class_names": {str(i): name for i, name in enumerate(NAMES)},
    "resolution": 20.0,
    "tile_size": 96,
    "tiles_overlap": 20,
    "standardization_mean": MEAN,
    "standardization_std": STD,
}
with_openvino = pytest.mark.skipif(not openvino_runtime.available(), reason="OpenVINO is not installed")


def foreign(
    path, *, keys=KEYS, tail=("Softmax",), weight=WEIGHT, side=None, batch="n", opset=17, flat=False, last=False,
    element=TensorProto.FLOAT, named=True,
):  # fmt: skip
    """Writes a network that classifies pixel by pixel: scores are `weight` × bands, then the operators of `tail`."""
    kind = np.float16 if element == TensorProto.FLOAT16 else np.float32
    channels, bands = weight.shape
    nodes, name = [], "image"

    def add(operator, inputs, **attributes):
        nodes.append(helper.make_node(operator, inputs, [f"v{len(nodes)}"], **attributes))
        return nodes[-1].output[0]

    name = add("Transpose", [name], perm=[0, 3, 1, 2]) if last else name
    name = add("Conv", [name, "weight"])
    for operator in tail:
        if operator == "Softmax":  # over the last axis, which is the same in all versions
            name = add("Transpose", [name], perm=[0, 2, 3, 1])
            name = add("Softmax", [name], axis=3)
            name = add("Transpose", [name], perm=[0, 3, 1, 2])
        else:
            name = add(operator, [name, "half"] if operator in ("Mul", "Sub") else [name])
    name = add("Transpose", [name], perm=[0, 2, 3, 1]) if last else name
    if flat:
        name = add("Squeeze", [name, "one"]) if opset >= 13 else add("Squeeze", [name], axes=[1])
    nodes[-1].output[0] = "mask"
    size = [side or "h", side or "w"]
    shapes = [[batch, bands, *size], [batch, channels if named else None, *size]]
    if last:
        shapes = [[batch, *size, bands], [batch, *size, channels]]
    if flat:
        shapes[1] = [batch, *size]
    constants = {"weight": weight.reshape(channels, bands, 1, 1).astype(kind), "half": np.array(0.5, kind)}
    weights = [numpy_helper.from_array(value, key) for key, value in constants.items()]
    graph = helper.make_graph(
        nodes, "foreign",
        [helper.make_tensor_value_info("image", element, shapes[0])],
        [helper.make_tensor_value_info("mask", element, shapes[1])],
        [*weights, numpy_helper.from_array(np.array([1], np.int64), "one")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    helper.set_model_props(model, {key: json.dumps(value) for key, value in (keys or {}).items()})
    onnx.save(model, str(path))
    return str(path)


def picture(height=150, width=170, bands=3, seed=0):
    """(band, y, x) uint8, smooth enough to have areas."""
    coarse = np.random.default_rng(seed).integers(0, 256, (bands, height // 8 + 1, width // 8 + 1), dtype=np.uint8)
    return coarse.repeat(8, axis=1).repeat(8, axis=2)[:, :height, :width]


def scores(image, weight=WEIGHT, mean=MEAN, std=STD):
    """What the network computes in Deepness: (channel, y, x)."""
    scaled = np.float32(image * 1.0 / 255.0).transpose(1, 2, 0)
    standardised = (scaled - np.array(mean, np.float32)) / np.array(std, np.float32)
    return np.einsum("cb,yxb->cyx", weight, standardised)


def classify(network, raster, folder, **changes):
    """Classifies a raster; returns the map and what was said, by level."""
    said = {"info": [], "warning": []}

    def note(event):
        if event["event"] == "log":
            said[event["level"]].append(event["message"])

    spec = {"checkpoint": network, "sources": [{"role": "optical", "path": raster}], "output": str(folder / "map.tif")}
    run_job("classify", spec | changes, Reporter(note))
    with rasterio.open(folder / "map.tif") as dataset:
        return dataset.read(1), said


def test_the_card_says_what_the_keys_say(tmp_path):
    card = read_card(foreign(tmp_path / "f.onnx", side=96))
    (source,) = card.sources
    assert (source.role, source.sensor, source.units) == ("optical", BY_POSITION, "raw")
    assert source.bands == ("band 1", "band 2", "band 3")
    assert source.gsd == pytest.approx(0.2)
    assert source.normalisation.offset == pytest.approx([255 * mean for mean in MEAN])
    assert source.normalisation.scale == pytest.approx([255 * std for std in STD])
    assert card.legend.names == NAMES and card.legend.values == (1, 2, 3, 4)
    # A fifth of the window overlaps; half of that is context at each side.
    assert (card.tile, card.halo) == (78, 9)
    assert read_foreign(str(tmp_path / "f.onnx")).tiling.side == 96


def test_a_card_of_others_can_be_passed_on(tmp_path):
    card = read_card(foreign(tmp_path / "f.onnx"))
    assert type(card).from_json(json.loads(json.dumps(card.to_json()))) == card


@pytest.mark.parametrize(
    "variant",
    [
        {},
        {"side": 96},
        {"side": 96, "batch": 1},
        {"side": 96, "batch": 4},
        {"tail": ()},
        {"tail": ("Mul",)},
        {"tail": ("Sigmoid",)},
        {"tail": (), "opset": 11},
        {"tail": (), "opset": 9, "side": 64, "batch": 1},
        {"last": True},
        {"last": True, "side": 64, "tail": ()},
        {"named": False},
        {"element": TensorProto.FLOAT16},
    ],
    ids=str,
)
def test_the_map_is_that_of_deepness(tmp_path, variant):
    image = picture()
    raster = write_raster(tmp_path / "ortho.tif", image, gsd=0.2)
    found, _ = classify(foreign(tmp_path / "f.onnx", **variant), raster, tmp_path)
    expected = scores(image)
    ordered = np.sort(expected, axis=0)
    sure = ordered[-1] - ordered[-2] > (0.05 if "element" in variant else 1e-3)
    assert sure.mean() > 0.9
    assert (found == expected.argmax(axis=0) + 1)[sure].all()
    assert set(np.unique(found)) == {1, 2, 3, 4}


@pytest.mark.parametrize("threshold", [0.5, 0.2, 0.9])
@pytest.mark.parametrize(
    "variant", [{"tail": ("Sigmoid",)}, {"tail": ()}, {"tail": ("Sigmoid",), "flat": True}], ids=str
)
@pytest.mark.parametrize("opset", [11, 17])
def test_a_single_class_is_taken_from_its_threshold_on(tmp_path, threshold, variant, opset):
    image, weight = picture(), WEIGHT[:1]
    keys = KEYS | {"class_names": {"0": "roof"}, "seg_thresh": threshold}
    network = foreign(tmp_path / "f.onnx", keys=keys, weight=weight, opset=opset, **variant)
    raster = write_raster(tmp_path / "ortho.tif", image, gsd=0.2)
    found, said = classify(network, raster, tmp_path)
    probability = 1 / (1 + np.exp(-scores(image, weight)[0]))
    sure = np.abs(probability - threshold) > 1e-3
    assert (found == (probability >= threshold) + 1)[sure].all()
    assert set(np.unique(found)) == {1, 2}
    assert read_card(network).legend.names == ("background", "roof")
    assert any(f"at least {threshold:g} are 'roof'" in line for line in said["info"])


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        (("Softmax",), "ends in Softmax: its output is taken as probabilities"),
        (("Sigmoid",), "ends in Sigmoid: it gives probabilities, which are scaled to a sum of 1"),
        ((), "ends in Conv: Softmax makes probabilities"),
        (("Sub",), "gives values from"),
        (("Softmax", "Abs"), "gives values that are probabilities"),
        (("Sigmoid", "Abs"), "gives values from 0 to 1, which are scaled"),
    ],
)
def test_what_comes_out_is_made_probabilities_once_and_said(tmp_path, tail, words):
    model = OnnxModel(foreign(tmp_path / "f.onnx", tail=tail))
    assert words in model.place("cpu").words
    runtime = model.candidates("cpu", 1, lambda: None)[0].build()
    image = picture(64, 64)
    steps = runtime.steps({"optical": image[None].astype(np.float32)}, 0)[0] / FULL
    assert steps.sum(axis=0) == pytest.approx(np.ones((64, 64)), abs=1e-3)
    raw = scores(image) - (0.5 if tail == ("Sub",) else 0)
    expected = 1 / (1 + np.exp(-raw)) if "Sigmoid" in tail else np.exp(raw)
    assert steps == pytest.approx(expected / expected.sum(axis=0), abs=1e-3)


@with_openvino
@pytest.mark.parametrize("variant", [{}, {"side": 64, "batch": 1}, {"tail": (), "opset": 11}], ids=str)
def test_every_runtime_gives_the_same(tmp_path, variant):
    model = OnnxModel(foreign(tmp_path / "f.onnx", **variant))
    images = {"optical": np.stack([picture(64, 64, seed=seed) for seed in range(3)]).astype(np.float32)}
    images["optical"][1, :, 10:30, 20:40] = np.nan
    first, *others = [one.build() for one in model.candidates("cpu", 2, lambda: None) if one.precision == "fp32"]
    expected = first.steps(images, 4)
    assert expected.shape == (3, 4, 56, 56)
    assert others
    for other in others:
        assert np.abs(other.steps(images, 4).astype(int) - expected).max() < FULL * 1e-3


def test_the_first_bands_are_taken_in_file_order_and_as_stored_whatever_the_sensor(tmp_path):
    image = picture(bands=4).astype(np.uint16) * 40
    raster = write_raster(tmp_path / "S2A_MSIL2A.tif", image, names=("B02", "B03", "B04", "B08"), gsd=0.2)
    found, said = classify(foreign(tmp_path / "f.onnx"), raster, tmp_path)
    expected = scores(image[:3])
    ordered = np.sort(expected, axis=0)
    sure = ordered[-1] - ordered[-2] > 1e-3
    assert (found == expected.argmax(axis=0) + 1)[sure].all()
    line = "first 3 of 4 bands of 'S2A_MSIL2A.tif', in the order of the file and as they are stored: B02, B03, B04"
    assert any(line in text for text in said["info"])
    assert said["warning"] == []


def test_another_resolution_is_warned_about(tmp_path):
    raster = write_raster(tmp_path / "coarse.tif", picture(), gsd=10.0)
    _, said = classify(foreign(tmp_path / "f.onnx"), raster, tmp_path)
    (line,) = said["warning"]
    assert "pixels of 10 m" in line and "0.2 m" in line


def test_pixels_without_data_stay_without_a_class(tmp_path):
    image = picture()
    image[:, 20:60, 30:90] = 0
    raster = write_raster(tmp_path / "ortho.tif", image, gsd=0.2, nodata=0)
    found, _ = classify(foreign(tmp_path / "f.onnx"), raster, tmp_path)
    assert ((found == 0) == (image == 0).all(axis=0)).all()


def test_what_is_not_done_as_in_deepness_is_said(tmp_path):
    keys = KEYS | {"seg_thresh": 0.4, "seg_small_segment": 7}
    raster = write_raster(tmp_path / "ortho.tif", picture(), gsd=0.2)
    _, said = classify(foreign(tmp_path / "f.onnx", keys=keys), raster, tmp_path)
    text = " ".join(said["info"])
    assert "threshold of 0.4 is not applied" in text
    assert "Small areas are kept" in text


def test_a_layer_with_too_few_bands_is_refused_on_both_sides(tmp_path):
    path = foreign(tmp_path / "f.onnx")
    (source,) = read_card(path).sources
    check_bands(source, BandMatch("sentinel-2-l2a", ("B02", "", "B04", "B08")), "layer", path)
    with pytest.raises(CheckpointError, match=r"has 2 bands; checkpoint .* takes 3"):
        check_bands(source, BandMatch("generic", ("a", "b")), "layer", path)
    raster = write_raster(tmp_path / "two.tif", picture(bands=2))
    with pytest.raises(CheckpointError, match="has 2 bands; checkpoint"):
        classify(path, raster, tmp_path)
    assert not (tmp_path / "map.tif").exists()


@pytest.mark.parametrize("kind", ["Detector", "Regressor", "Superresolution", "Recognition"])
def test_networks_that_do_another_thing_are_refused_by_name(tmp_path, kind):
    with pytest.raises(CheckpointError, match=f"of the kind '{kind}'"):
        read_card(foreign(tmp_path / "f.onnx", keys=KEYS | {"model_type": kind}))


def test_a_network_without_any_description_is_refused(tmp_path):
    path = foreign(tmp_path / "f.onnx", keys=None)
    with pytest.raises(CheckpointError, match="without a LandSketch card and without Deepness' keys"):
        read_card(path)
    with pytest.raises(CheckpointError, match="without a LandSketch card"):
        OnnxModel(path)


@pytest.mark.parametrize(
    ("changes", "variant", "words"),
    [
        ({"class_names": {"0": "a", "2": "b"}}, {}, "classes numbered 0, 2"),
        ({"class_names": {"0": "a", "1": "b"}}, {}, "gives 4 channels and names 2 classes"),
        ({"class_names": {"0": "a", "1": "b"}}, {"named": False}, "gives 4 channels and names 2 classes"),
        ({"class_names": {"x": "a"}}, {}, "class_names"),
        ({"standardization_mean": [1, 2]}, {}, "2 means or standard deviations for 3 bands"),
        ({"standardization_std": [0, 1, 1]}, {}, "standard deviations of 0, 1, 1"),
        ({"standardization_std": "abc"}, {}, "standardization_std"),
        ({"resolution": "fine"}, {}, "resolution = 'fine'"),
        ({"tiles_overlap": 120}, {}, "120 % overlap"),
    ],
    ids=str,
)
def test_keys_that_cannot_be_are_refused(tmp_path, changes, variant, words):
    with pytest.raises(CheckpointError, match=words):
        OnnxModel(foreign(tmp_path / "f.onnx", keys=KEYS | changes, **variant))


def test_what_python_writes_for_a_dictionary_is_read_and_never_run(tmp_path):
    path = foreign(tmp_path / "f.onnx")
    model = onnx.load(path)
    texts = {entry.key: entry.value for entry in model.metadata_props}
    helper.set_model_props(model, texts | {"class_names": "{0: 'a', 1: 'b', 2: 'c', 3: 'd'}"})
    onnx.save(model, path)
    assert read_card(path).legend.names == ("a", "b", "c", "d")
    helper.set_model_props(model, texts | {"class_names": "__import__('os').abort()"})
    onnx.save(model, path)
    with pytest.raises(CheckpointError, match="which cannot be"):
        read_card(path)


def test_classes_without_names_are_numbered(tmp_path):
    keys = {key: value for key, value in KEYS.items() if key != "class_names"}
    assert read_card(foreign(tmp_path / "f.onnx", keys=keys)).legend.names == tuple(f"channel {i}" for i in range(4))


def test_maps_of_another_size_than_the_window_are_refused(tmp_path):
    path = foreign(tmp_path / "f.onnx", side=64)
    model = onnx.load(path)
    for axis in (2, 3):
        model.graph.output[0].type.tensor_type.shape.dim[axis].dim_value = 60
    onnx.save(model, path)
    with pytest.raises(CheckpointError, match="60 × 60 pixels for windows of 64 × 64"):
        read_card(path)


def test_reading_the_card_needs_the_standard_library_only(tmp_path):
    code = "import sys; from landsketch.core.card_files import read_card; print(read_card(sys.argv[1]).legend.names[3])"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, foreign(tmp_path / "f.onnx")],
        cwd=SITE,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "water\n"
