"""The export job: what it writes is the checkpoint's network, here, in Deepness and in GeoDeep."""

import hashlib
import importlib
import json
import os
import re
import sys
from functools import cache

import numpy as np
import onnx
import onnxruntime
import pytest
import rasterio
import torch
from landsketch.core.card_files import read_card
from landsketch.core.cards import Card, Normalisation, SourceCard
from landsketch.core.errors import Cancelled, CheckpointError, SpecError
from landsketch.core.jobs import run_job
from landsketch.core.legend import ClassLegend
from landsketch.core.mlm import EXTENSIONS
from landsketch.core.onnx_card import OUTPUT, read_metadata, read_tiling
from landsketch.core.progress import Reporter
from landsketch.models.checkpoints import save_checkpoint
from landsketch.models.encoders.windows import WindowedEncoder, filled, mostly
from landsketch.models.heads import LinearHead
from landsketch.models.onnx_export import OPSET, exported
from landsketch.models.segmenter import Segmenter, build_segmenter
from support import PLAIN, RADAR, SHARED
from torch import nn

UNET, RANDOM = {"name": "unet", "encoder": "resnet18"}, {"name": "random-features", "filters": 16}
LINEAR, CONTEXT = {"name": "linear", "context": False}, {"name": "linear", "context": True}
RGB = SourceCard(
    "optical", "aerial", ("red", "green", "blue"), "raw", 1.0, Normalisation("3-sigma", (0.0,) * 3, (255.0,) * 3)
)
LEGEND = ClassLegend.from_names(["water", "forêt", "Stadt / Dorf", "crops"])
CHECKPOINTS = {
    "random features": (RANDOM, CONTEXT, (PLAIN,)),
    "unet": (UNET, LINEAR, (PLAIN,)),
    "radar": (RANDOM, CONTEXT, (RADAR,)),
    "pair": (RANDOM, CONTEXT, (PLAIN, RADAR)),
    "aerial": (RANDOM, CONTEXT, (RGB,)),
}


def checkpoint(name, folder):
    """Writes a checkpoint with weights that tell four classes, and returns its path."""
    encoder, head, sources = CHECKPOINTS[name]
    torch.manual_seed(0)
    draft = Card({"encoder": encoder, "head": head}, sources, 64, 16, LEGEND, {"method": "a test", "parent": None})
    network = build_segmenter(draft).eval()
    for parameter in network.head.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.5)
    halo = min(network.encoder.halo, 32)
    card = Card(draft.architecture, sources, network.encoder.tile, halo, LEGEND, draft.provenance)
    path = str(folder / f"{name.replace(' ', '-')}.safetensors")
    save_checkpoint(path, network, card)
    return path


def export(name, folder, reporter=None, **changes):
    """Exports a checkpoint; returns the result and the path of the network."""
    path = str(folder / "Net 1.onnx")
    spec = {"checkpoint": checkpoint(name, folder), "output": path, "item": str(folder / "item.json")} | changes
    return run_job("exportonnx", spec, reporter or Reporter()), path


@pytest.fixture(scope="module")
def scene():
    """A real scene: 12 bands of 224 × 224 digital numbers."""
    found = sorted((SHARED / "s1s2_lulc_brazil").glob("*S2L2A.tif"))
    if not found:
        pytest.skip(f"no real scene in {SHARED}")
    return str(found[0])


@pytest.fixture(scope="module")
def trained(scene, tmp_path_factory):
    """A checkpoint fine-tuned on some polygons of the real scene."""
    path = str(tmp_path_factory.mktemp("trained") / "brazil.safetensors")
    labels = str(SHARED / "s1s2_lulc_brazil" / "task" / "train_polys.gpkg")
    sources = [{"role": "optical", "path": scene}]
    spec = {"sources": sources, "labels": {"path": labels, "field": "class"}, "output": path}
    run_job("finetune", spec, Reporter())
    return path


@pytest.fixture(scope="module")
def of_trained(trained, tmp_path_factory):
    """Returns what exports that checkpoint once for a side and gives the path again."""

    @cache
    def once(side):
        path = str(tmp_path_factory.mktemp("of_trained") / "net.onnx")
        run_job("exportonnx", {"checkpoint": trained, "output": path, "side": side}, Reporter())
        return path

    return once


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Returns what exports a checkpoint once and gives the result and the path again."""

    @cache
    def once(name, side=0):
        return export(name, tmp_path_factory.mktemp("written"), side=side)

    return once


def classify(network, raster, folder, name, **source):
    path = str(folder / name)
    sources = [{"role": "optical", "path": raster} | source]
    run_job("classify", {"checkpoint": network, "sources": sources, "output": path, "runtime": "auto"}, Reporter())
    with rasterio.open(path) as dataset:
        return dataset.read(1)


@pytest.mark.parametrize("name", ["random features", "unet"])
def test_the_file_holds_what_is_needed_to_use_it(written, tmp_path, name):
    result, path = written(name)
    with open(path, "rb") as file:
        content = file.read()
    assert (result["size"], result["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert (result["opset"], result["side"], result["deepness"]) == (OPSET, 0, False)
    assert 0 <= result["difference"] <= 1e-4
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert model.opset_import[0].version == OPSET
    card, original = read_card(path), read_card(checkpoint(name, tmp_path))
    how = card.provenance.pop("export")
    assert (how["opset"], how["difference"]) == (OPSET, result["difference"])
    assert how["checkpoint"] == f"{name.replace(' ', '-')}.safetensors"
    assert card == original


def test_any_number_of_windows_of_any_size_goes_in(written):
    _, path = written("unet")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for batch, height, width in ((1, 64, 64), (3, 96, 128)):
        image = np.random.default_rng(0).random((batch, 10, height, width), dtype=np.float32) * 12
        (found,) = session.run([OUTPUT], {"optical": image})
        assert found.shape == (batch, 4, height, width)
        assert found.sum(axis=1) == pytest.approx(np.ones((batch, height, width)), abs=1e-5)


def test_a_stated_side_is_the_only_one(written):
    result, path = written("unet", 128)
    assert (result["side"], result["deepness"], read_tiling(path).side) == (128, True, 128)
    card = read_card(path)
    assert card.tile + 2 * card.halo == 128
    (port,) = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).get_inputs()
    assert port.shape == ["batch", 10, 128, 128]


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"side": 100}, SpecError, "multiples of 16 pixels"),
        ({"side": 32}, SpecError, "multiples of 16 pixels"),
        ({"output": "net.pt"}, SpecError, r"should end in \.onnx"),
        ({"checkpoint": "weights.pth"}, CheckpointError, "no checkpoint that can be exported"),
        ({"checkpoint": "missing.safetensors"}, CheckpointError, "cannot be read"),
    ],
    ids=str,
)
def test_what_cannot_be_exported_is_refused_and_leaves_nothing(tmp_path, changes, error, words):
    changes = {key: str(tmp_path / text) if isinstance(text, str) else text for key, text in changes.items()}
    with pytest.raises(error, match=words):
        export("unet", tmp_path, **changes)
    assert [path.name for path in tmp_path.iterdir()] == ["unet.safetensors"]


def test_an_encoder_without_classes_is_refused(tmp_path):
    path = str(tmp_path / "encoder.safetensors")
    network = build_segmenter(Card({"encoder": RANDOM, "head": LINEAR}, (PLAIN,), 64, 16, LEGEND)).encoder
    save_checkpoint(path, network, Card({"encoder": RANDOM}, (PLAIN,), 64, 16))
    with pytest.raises(CheckpointError, match="encoder without classes"):
        run_job("exportonnx", {"checkpoint": path, "output": str(tmp_path / "net.onnx")}, Reporter())


def test_a_cancelled_export_leaves_nothing(tmp_path):
    reporter = Reporter(lambda event: reporter.cancel() if "comparing" in event.get("message", "") else None)
    with pytest.raises(Cancelled):
        export("random features", tmp_path, reporter)
    assert [path.name for path in tmp_path.iterdir()] == ["random-features.safetensors"]


@pytest.mark.parametrize("side", [0, 288])
def test_the_map_is_that_of_the_checkpoint_on_a_real_scene(tmp_path, scene, trained, of_trained, side):
    path = of_trained(side)
    expected = classify(trained, scene, tmp_path, "a.tif")
    found = classify(path, scene, tmp_path, "b.tif")
    assert len(np.unique(expected)) >= 3
    assert (found == expected).mean() > 0.9999


def test_networks_of_two_images_have_no_keys_of_deepness_and_take_canonical_units(tmp_path):
    lines = []
    reporter = Reporter(lambda event: lines.append(event.get("message", "")))
    result, path = export("pair", tmp_path, reporter)
    assert not result["deepness"] and read_tiling(path).scale == 1
    assert set(read_metadata(path)) == {"landsketch_card", "landsketch_tiling"}
    assert any("needs two" in line for line in lines)


def test_what_others_need_to_know_is_said(tmp_path):
    lines = []
    export("random features", tmp_path, Reporter(lambda event: lines.append(event.get("message", ""))))
    text = " ".join(lines)
    assert "only take networks of windows of one size; state a side for them" in text
    assert "the bands B02, B03, B04, B05, B06, B07, B08, B8A, B11, B12 in this order" in text
    assert "without the offset of 1000" in text


# A network that sees overlapping windows, as transformers do.


class Tokens(WindowedEncoder):
    """Windows of 32 pixels as 4 × 4 tokens, mixed with each other."""

    tile, chip = 32, 32

    def __init__(self, sources):
        super().__init__(sources, 32, 16, (8,), (12,), smoothing=3)
        self.patch = nn.Conv2d(sum(len(source.bands) for source in sources), 12, 8, stride=8)
        self.places = nn.Parameter(torch.randn(1, 16, 12) * 0.1)
        self.mix = nn.TransformerEncoderLayer(12, 2, 24, batch_first=True)

    def pretrained_part(self):
        return self

    def encode_windows(self, channels, hidden):
        patches = self.patch(filled(channels, hidden))
        tokens = self.mix(patches.flatten(2).transpose(1, 2) + self.places)
        return [(tokens.transpose(1, 2).reshape(patches.shape), (~mostly(hidden, 8)[:, 0]).float())]


def test_windows_on_a_lattice_are_written_for_one_size_and_any_batch():
    torch.manual_seed(0)
    encoder = Tokens((PLAIN,))
    network = Segmenter(encoder, None, LinearHead((12,), (8,), 0, 4)).eval()
    nn.init.normal_(network.head.maps[0].weight, std=0.5)
    card = Card({"encoder": {"name": "tokens"}}, (PLAIN,), 32, encoder.halo, LEGEND)
    side = 32 + 2 * encoder.halo
    model = exported(network, card, side)
    assert (model.tiling.side, model.tiling.alignment) == (side, 16)
    assert model.difference < 1e-4
    session = onnxruntime.InferenceSession(model.content, providers=["CPUExecutionProvider"])
    images = torch.rand(5, 10, side, side) * 3000
    images[1, :, :20, :50] = torch.nan
    images[2] = torch.nan
    images[2, :, 60:, 60:] = 900.0
    (found,) = session.run(None, {"optical": images.numpy() / np.float32(255)})
    with torch.inference_mode():
        expected = network({"optical": images}).softmax(dim=1).numpy()
    assert np.abs(found - expected).max() < 1e-4
    assert expected.std(axis=(0, 2, 3)).min() > 0.005


# Deepness and GeoDeep, from their public sources.


def imported(module, variable):
    """Imports a module of a peer from the folder that an environment variable names, or where it is installed."""
    folder = os.environ.get(variable)
    if folder and folder not in sys.path:
        sys.path.append(folder)
    try:
        return importlib.import_module(module)
    except ImportError as error:
        pytest.skip(f"{module} is not importable ({error}); {variable} may name the folder that holds its package")


def deepness_classes(path, image):
    """Runs a network as Deepness does: (y, x, band) as stored → (y, x) channels."""
    model = imported("deepness.processing.models.segmentor", "LANDSKETCH_DEEPNESS").Segmentor(path)
    (result,) = model.process(image.transpose(1, 2, 0)[None])
    return model, result[0].argmax(axis=0)


def test_deepness_reads_its_keys(written):
    _, path = written("unet", 128)
    segmentor = imported("deepness.processing.models.segmentor", "LANDSKETCH_DEEPNESS").Segmentor
    assert segmentor.get_model_type_from_metadata(path) == "Segmentor"
    model = segmentor(path)
    assert model.outputs_names == [["water", "forêt", "Stadt / Dorf", "crops"]]
    assert model.get_metadata_resolution() == 1000
    assert model.get_metadata_tile_size() == 128
    halo = read_card(path).halo
    assert 128 * model.get_metadata_tiles_overlap() / 100 >= 2 * halo
    assert (model.get_metadata_segmentation_threshold(), model.get_metadata_segmentation_small_segment()) == (0, 0)
    # What its panel puts into number boxes has to be a number.
    assert (model.get_input_size_in_pixels(), model.get_number_of_channels()) == ([128, 128], 10)
    assert model.get_model_batch_size() is None
    assert (model.get_number_of_output_channels(), model.check_loaded_model_outputs()) == ([4], [False])


@pytest.mark.parametrize("hole", [False, True], ids=["whole", "with a hole"])
def test_deepness_gives_the_same_classes_on_a_real_scene(tmp_path, scene, trained, of_trained, hole):
    """Of 16-bit digital numbers, which it divides by 255 like everything else, as one window.

    Zeros are no data for a Sentinel-2 network in Deepness too: features next to them do not see them.
    """
    with rasterio.open(scene) as dataset:
        image, profile, names = dataset.read(), dataset.profile, dataset.descriptions
    if hole:
        image[:, 60:130, 40:150] = 0
    raster = str(tmp_path / "s2_l2a.tif")
    with rasterio.open(raster, "w", **profile) as dataset:
        dataset.write(image)
        dataset.descriptions = names
    path = of_trained(384)
    card = read_card(path)
    read = image[[names.index(band) for band in card.sources[0].bands]]
    before, after = 96, 64  # its windows begin at multiples of 48 pixels, and the last ones reach beyond the scene
    _, found = deepness_classes(path, np.pad(read, ((0, 0), (before, after), (before, after))))
    expected, values = classify(trained, raster, tmp_path, "ours.tif"), np.array(card.legend.values)
    valid = expected > 0
    assert valid.sum() == 224**2 - hole * 70 * 110
    assert len(np.unique(expected[valid])) >= 3
    assert (values[found[before:-after, before:-after]] == expected)[valid].mean() > 0.9999


def test_deepness_and_geodeep_give_the_same_classes_on_a_picture_of_eight_bits(tmp_path):
    _, path = export("aerial", tmp_path, side=256)
    coarse = np.random.default_rng(0).integers(0, 256, (3, 32, 32), dtype=np.uint8)
    image = coarse.repeat(8, axis=1).repeat(8, axis=2)
    network_input = {"optical": image[None].astype(np.float32) / np.float32(255)}
    (probabilities,) = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, network_input)
    expected = probabilities[0].argmax(axis=0)
    assert len(np.unique(expected)) > 2
    inference = imported("geodeep.inference", "LANDSKETCH_GEODEEP")
    segmentation = imported("geodeep.segmentation", "LANDSKETCH_GEODEEP")
    session, config = inference.create_session(path)
    assert (config["model_type"], config["tiles_size"], config["resolution"]) == ("Segmentor", 256, 100)
    assert config["class_names"]["1"] == "forêt"
    found = segmentation.execute_segmentation(image[None], session, config)
    assert (found[0] == expected).mean() > 0.9999
    _, deepness = deepness_classes(path, image)
    assert (deepness == expected).mean() > 0.9999


# The STAC item.


def test_the_item_describes_the_file(tmp_path):
    (tmp_path / "stac").mkdir()
    item_path = tmp_path / "stac" / "item.json"
    result, _ = export("random features", tmp_path, item=str(item_path))
    item = json.loads(item_path.read_text(encoding="utf-8"))
    (asset,) = item["assets"].values()
    assert (item_path.parent / asset["href"]).resolve() == (tmp_path / "Net 1.onnx").resolve()
    assert asset["href"] == "./../Net 1.onnx"
    # A multihash: SHA-256 is function 0x12 of 0x20 bytes.
    assert (asset["file:size"], asset["file:checksum"]) == (result["size"], "1220" + result["sha256"])
    assert asset["mlm:artifact_type"] == "onnx" and "mlm:model" in asset["roles"]


@pytest.mark.parametrize("name", ["unet", "pair", "radar"])
def test_the_item_has_the_fields_of_the_extension(written, name):
    result, path = written(name)
    with open(result["item"], encoding="utf-8") as file:
        item = json.load(file)
    properties = item["properties"]
    assert (item["type"], item["stac_version"], item["geometry"]) == ("Feature", "1.1.0", None)
    assert "bbox" not in item  # which a place would need
    assert item["stac_extensions"] == list(EXTENSIONS)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", properties["datetime"])
    assert re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_.\-\s]+[a-zA-Z0-9]", properties["mlm:name"])
    assert properties["mlm:tasks"] == ["semantic-segmentation"]
    assert properties["mlm:framework"] == "ONNX"
    assert properties["mlm:architecture"].split()[0] in ("unet", "random-features")
    assert (properties["mlm:pretrained"], properties["mlm:pretrained_source"]) == (False, None)
    assert properties["mlm:total_parameters"] > 0
    card, tiling = read_card(path), read_tiling(path)
    assert [entry["name"] for entry in properties["mlm:input"]] == list(card.roles)
    described = {band["name"] for band in properties["bands"]}
    for entry, source in zip(properties["mlm:input"], card.sources, strict=True):
        assert entry["bands"] == list(source.bands) and set(entry["bands"]) <= described
        shape = dict(zip(entry["input"]["dim_order"], entry["input"]["shape"], strict=True))
        assert shape == {"batch": -1, "bands": len(source.bands), "height": -1, "width": -1}
        scaling = [{"type": "scale", "value": 255}] if tiling.scale == 255 else None
        assert entry["value_scaling"] == scaling and (scaling is None) == (name == "pair")
        norm = properties["mlm:hyperparameters"][f"normalisation_{source.role}"]
        assert (norm["offset"], norm["scale"]) == (list(source.normalisation.offset), list(source.normalisation.scale))
    (output,) = properties["mlm:output"]
    assert (output["name"], output["result"]["shape"]) == (OUTPUT, [-1, 4, -1, -1])
    classes = output["classification:classes"]
    assert [entry["title"] for entry in classes] == list(LEGEND.names)
    assert [entry["value"] for entry in classes] == [1, 2, 3, 4]
    assert all(re.fullmatch(r"[0-9A-Za-z_-]+", entry["name"]) for entry in classes)
    assert all(re.fullmatch(r"[0-9A-F]{6}", entry["color_hint"]) for entry in classes)


def test_no_item_is_written_where_none_is_wanted(tmp_path):
    result, _ = export("random features", tmp_path, item="")
    assert result["item"] == ""
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".onnx", ".safetensors"]
