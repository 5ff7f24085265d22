"""`embed`: an encoder's features as a raster."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import rasterio
import torch
from helpers import S2_12, SITE, squares, two_class_s2, write_features, write_raster
from landsketch.core import embedding, feature_maps
from landsketch.core.card_files import read_card
from landsketch.core.cards import Card, Normalisation, SourceCard
from landsketch.core.embedding_tags import MAKER_TAG
from landsketch.core.errors import Cancelled, CheckpointError, SpecError
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.scenes import open_scene
from landsketch.core.specs import SourceSpec
from landsketch.core.starts import pretrained_start
from landsketch.models.checkpoints import save_checkpoint
from landsketch.models.encoders.random_features import RandomFeatures
from landsketch.models.encoders.unet import UNetFeatures
from rasterio.windows import Window

SCALING = Normalisation("3-sigma", (0.0,) * 12, (3000.0,) * 12, (0.0, 1.0))
SOURCE = SourceCard("optical", "sentinel-2-l2a", S2_12, "dn", 10.0, SCALING)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def write_encoder(path, filters=6, seed=0):
    """An encoder without classes: 2 × `filters` features of 4 × 4 pixels."""
    arguments = {"filters": filters, "seed": seed}
    encoder = RandomFeatures((SOURCE,), **arguments)
    card = Card({"encoder": {"name": "random-features", **arguments}}, (SOURCE,), encoder.tile, encoder.halo)
    save_checkpoint(str(path), encoder, card)
    return str(path)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp("encoder") / "tiny.safetensors")


def scene_with_a_hole(path, height=118, width=203):
    """Sides that no tile, and no cell of 4 × 4 pixels, divides."""
    image = np.zeros((12, height, width), np.uint16)
    image[:] = two_class_s2(max(height, width))[:, :height, :width]
    image[:, 40:62, 30:50] = 0
    image[:, :2, 100:104] = 0
    return write_raster(path, image, names=S2_12)


def embed(encoder, raster, output, listen=lambda event: None, **changes):
    source = {"role": "optical", "path": str(raster), "sensor": "sentinel-2-l2a", "offset": 0.0}
    spec = {"checkpoint": encoder, "sources": [source], "output": str(output), "tile": 32, "device": "cpu"} | changes
    return run_job("embed", spec, Reporter(listen))


def values_of(path):
    """True values (band, row, column), NaN for no data."""
    with rasterio.open(path) as dataset:
        stored = dataset.read(masked=True)
        scales, offsets = (np.array(x)[:, None, None] for x in (dataset.scales, dataset.offsets))
        return np.ma.filled(stored.astype(np.float64) * scales + offsets, np.nan)


def in_one_piece(checkpoint, raster, side):
    """What the encoder itself gives for the whole scene, and where most pixels of a cell have data."""
    with open_scene([SourceSpec(role="optical", path=raster, sensor="sentinel-2-l2a", offset=0.0)]) as scene:
        start = pretrained_start(checkpoint, scene)
        halo = -(-start.encoder.halo // start.encoder.alignment) * start.encoder.alignment
        window = Window(-halo, -halo, side + 2 * halo, side + 2 * halo)
        image = scene.read(window, {"optical": start.sources[0].bands})["optical"]
        with torch.no_grad():
            (features,) = start.encoder.eval()({"optical": torch.from_numpy(image)[None]})
        step = start.encoder.strides[0]
        rows, columns = (-(-n // step) for n in scene.grid.shape)
        inner = slice(halo // step, None)
        known = np.isfinite(image).all(axis=0)[halo : halo + rows * step, halo : halo + columns * step]
        inside = np.zeros_like(known)
        inside[: scene.grid.height, : scene.grid.width] = True
    share = [m.reshape(rows, step, columns, step).sum(axis=(1, 3)) for m in (known, inside)]
    return features[0, :, inner, inner][:, :rows, :columns].numpy(), 2 * share[0] >= share[1]


def test_float_features_are_the_encoders_own(encoder, tmp_path):
    raster = scene_with_a_hole(tmp_path / "s2.tif")
    result = embed(encoder, raster, tmp_path / "e.tif", stored="float16")
    expected, known = in_one_piece(encoder, raster, 208)
    found = values_of(tmp_path / "e.tif")
    assert result["bands"] == 12 and result["gsd"] == 40
    assert found.shape == expected.shape == (12, 30, 51)
    assert (np.isfinite(found).all(axis=0) == known).all() and not known.all()
    # To the rounding of half precision; the sums of a convolution may differ in the last bits.
    np.testing.assert_allclose(found[:, known], expected[:, known].astype(np.float16), rtol=1e-3, atol=1e-6)


def test_codes_give_the_features_to_half_a_scale(encoder, tmp_path):
    raster = scene_with_a_hole(tmp_path / "s2.tif")
    result = embed(encoder, raster, tmp_path / "e.tif", stored="int8")
    expected, known = in_one_piece(encoder, raster, 208)
    with rasterio.open(tmp_path / "e.tif") as dataset:
        assert set(dataset.dtypes) == {"int8"} and dataset.nodata == -128
        scales, offsets = (np.array(x)[:, None, None] for x in (dataset.scales, dataset.offsets))
        assert float(dataset.tags()["LANDSKETCH_CLIPPED"]) == pytest.approx(result["clipped"], rel=0.01)
    found = values_of(tmp_path / "e.tif")
    assert (np.isfinite(found).all(axis=0) == known).all()
    clipped = np.abs(expected - offsets) > 127.5 * scales
    assert result["clipped"] == pytest.approx(clipped[:, known].mean(), abs=1e-6)
    assert 0 < result["clipped"] < 0.02
    error = np.abs(found - expected)
    assert (error <= 0.5001 * scales + 1e-6)[~clipped & known].all()


def test_the_raster_lies_where_the_scene_does_and_says_who_made_it(encoder, tmp_path):
    raster = scene_with_a_hole(tmp_path / "s2.tif")
    embed(encoder, raster, tmp_path / "e.tif")
    with rasterio.open(raster) as scene, rasterio.open(tmp_path / "e.tif") as dataset:
        assert dataset.crs == scene.crs
        assert dataset.transform == scene.transform @ scene.transform.scale(4)
        assert dataset.descriptions[:2] == ("E000", "E001")
        tags = dataset.tags()
        assert tags[MAKER_TAG].startswith("random-features tiny.safetensors@")
        assert json.loads(tags["LANDSKETCH_JOB"])["spec"]["checkpoint"] == encoder
        assert dataset.profile["tiled"] and dataset.profile["compress"] == "deflate"


def test_an_extent_is_widened_to_whole_cells(encoder, tmp_path):
    raster = scene_with_a_hole(tmp_path / "s2.tif")
    embed(encoder, raster, tmp_path / "whole.tif", stored="float16")
    # Columns 61 to 149 and rows 50 to 99 of pixels.
    bounds = (500_000 + 611, 5_000_000 - 991, 500_000 + 1491, 5_000_000 - 501)
    extent = {"bounds": list(bounds), "crs": "EPSG:32632"}
    embed(encoder, raster, tmp_path / "part.tif", stored="float16", extent=extent)
    with rasterio.open(tmp_path / "part.tif") as part:
        assert part.bounds == (500_600, 4_999_000, 501_520, 4_999_520)
    np.testing.assert_array_equal(values_of(tmp_path / "part.tif"), values_of(tmp_path / "whole.tif")[:, 12:25, 15:38])


@pytest.mark.parametrize("shape", [(3, 5), (32, 32), (33, 97)])
def test_scenes_smaller_than_a_tile(encoder, tmp_path, shape):
    raster = write_raster(tmp_path / "s2.tif", two_class_s2(100)[:, : shape[0], : shape[1]], names=S2_12)
    embed(encoder, raster, tmp_path / "e.tif", stored="float16", tile=0)
    expected, known = in_one_piece(encoder, raster, 100)
    np.testing.assert_allclose(values_of(tmp_path / "e.tif"), expected, rtol=1e-3, atol=1e-6)
    assert known.all()


def test_coarser_maps_follow_upsampled(tmp_path, monkeypatch):
    raster = scene_with_a_hole(tmp_path / "s2.tif", 64, 64)
    checkpoint = write_encoder(tmp_path / "two.safetensors", 2)
    plain = RandomFeatures.forward

    def two_maps(self, images, wanted=None):
        (features,) = plain(self, images, wanted)
        return [features, torch.nn.functional.avg_pool2d(features, 2)]

    started = RandomFeatures.__init__

    def initialised(self, *arguments, **named):
        started(self, *arguments, **named)
        self.channels, self.strides, self.halo = (4, 4), (4, 8), 16

    monkeypatch.setattr(RandomFeatures, "forward", two_maps)
    monkeypatch.setattr(RandomFeatures, "__init__", initialised)
    result = embed(checkpoint, raster, tmp_path / "e.tif", stored="float16", tile=16)
    whole = embed(checkpoint, raster, tmp_path / "one.tif", stored="float16", tile=64)
    assert result["bands"] == whole["bands"] == 8
    np.testing.assert_allclose(values_of(tmp_path / "e.tif"), values_of(tmp_path / "one.tif"), atol=2e-3)
    fine, coarse = values_of(tmp_path / "e.tif")[:4], values_of(tmp_path / "e.tif")[4:]
    inner = (slice(None), slice(1, 3), slice(1, 3))
    np.testing.assert_allclose(coarse[inner].mean(axis=(1, 2)), fine[:, :4, :4].mean(axis=(1, 2)), rtol=0.2, atol=0.05)


def test_an_empty_scene_is_refused(encoder, tmp_path):
    image = two_class_s2(64)
    far = write_raster(tmp_path / "sar.tif", np.full((2, 64, 64), -12, np.float32), names=("VV", "VH"))
    image[:] = 0
    image[:, 0, 0] = 500
    raster = write_raster(tmp_path / "s2.tif", image, names=S2_12)
    with pytest.raises(SpecError, match="would be empty"):
        embed(encoder, raster, tmp_path / "e.tif")
    with pytest.raises(CheckpointError, match="does not use a SAR layer"):
        run_job(
            "embed",
            {
                "checkpoint": encoder,
                "sources": [{"role": "optical", "path": raster}, {"role": "sar", "path": far}],
                "output": str(tmp_path / "e.tif"),
            },
            Reporter(),
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s2.tif", "sar.tif"]


def contents(path):
    with rasterio.open(path) as dataset:
        tags = {k: v for k, v in dataset.tags().items() if k not in ("LANDSKETCH_DATE", "LANDSKETCH_JOB")}
        return dataset.read().tobytes(), dataset.scales, dataset.offsets, dataset.overviews(1), tags


CHILDREN = """
import os, sys, json, time
sys.path.insert(0, sys.argv[1])
import torch
torch.set_num_threads(1)
from landsketch.core import embedding, feature_maps
from landsketch.core.jobs import run_job
from landsketch.core.mapping import classification
from landsketch.core.progress import Reporter
classification.KEEP_SECONDS = 0.0
feature_maps.PART_VALUES = 1
slow = feature_maps.FeatureMaker.features
def features(self, *arguments):
    time.sleep(0.02)
    return slow(self, *arguments)
feature_maps.FeatureMaker.features = features
def listen(event):
    if event["event"] == "progress" and "features" in event["message"]:
        print(event["fraction"], flush=True)
from landsketch.core import embedding
spec = json.loads(sys.argv[2])
for line in sys.stdin:
    child = os.fork()
    if not child:
        run_job("embed", spec, Reporter(listen))
        os._exit(0)
    print("run", child, flush=True)
    os.waitpid(child, 0)
"""
"""Starts a run for each line on stdin and answers with its process id; forking spares it the imports."""


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_a_killed_run_goes_on_and_gives_the_same_raster(encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(feature_maps, "PART_VALUES", 1)
    raster = scene_with_a_hole(tmp_path / "s2.tif")
    embed(encoder, raster, tmp_path / "whole.tif", tile=24)
    source = {"role": "optical", "path": raster, "sensor": "sentinel-2-l2a", "offset": 0.0}
    killed = tmp_path / "killed"
    killed.mkdir()
    spec = {"checkpoint": encoder, "sources": [source], "output": str(killed / "e.tif"), "tile": 24, "device": "cpu"}
    command = [sys.executable, "-c", CHILDREN, str(SITE), json.dumps(spec)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as runs:
        for stop in (4, 11):
            runs.stdin.write("\n")
            runs.stdin.flush()
            line = next(line for line in runs.stdout if line.startswith("run"))
            child = int(line.split()[1])
            for _ in range(stop):
                assert runs.stdout.readline()
            os.kill(child, signal.SIGKILL)
            assert [path for path in killed.iterdir() if not path.name.startswith(".")] == []
        runs.stdin.close()
    lines = []
    embed(
        encoder, raster, killed / "e.tif", tile=24,
        listen=lambda event: event["event"] == "log" and lines.append(event["message"]),
    )  # fmt: skip
    assert any("Going on with a run" in line for line in lines)
    assert contents(killed / "e.tif") == contents(tmp_path / "whole.tif")
    assert [path.name for path in killed.iterdir()] == ["e.tif"]


def test_cancelling_answers_at_once_and_leaves_nothing(encoder, tmp_path):
    raster = scene_with_a_hole(tmp_path / "s2.tif", 400, 400)
    asked = []

    def listen(event):
        if event["event"] == "progress" and event["fraction"] > 0.3 and not asked:
            asked.append(time.monotonic())
            reporter.cancel()

    reporter = Reporter(listen)
    source = {"role": "optical", "path": raster}
    spec = {"checkpoint": encoder, "sources": [source], "output": str(tmp_path / "e.tif"), "tile": 32}
    with pytest.raises(Cancelled):
        run_job("embed", spec, reporter)
    assert time.monotonic() - asked[0] < 1
    assert [path.name for path in tmp_path.iterdir()] == ["s2.tif"]


def test_memory_holds_a_part_and_not_the_raster(encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(feature_maps, "PART_VALUES", 12 * 8 * 8 * 3)
    raster = scene_with_a_hole(tmp_path / "s2.tif", 100, 300)
    largest = []
    plain = embedding.coded
    monkeypatch.setattr(embedding, "coded", lambda values, codes: largest.append(values.shape) or plain(values, codes))
    embed(encoder, raster, tmp_path / "e.tif", tile=32)
    assert max(columns for _, _, columns in largest) == 24 and len(largest) == 4 * 4
    assert max(rows for _, rows, _ in largest) == 8


def finetune(raster, folder, checkpoint="", role="embedding"):
    labels = write_features(folder / "labels.gpkg", *squares(192))
    source = {"role": role, "path": str(raster)} | ({"offset": 0.0} if role == "optical" else {})
    spec = {
        "sources": [source], "labels": {"path": labels, "field": "class"}, "output": str(folder / "m.safetensors"),
        "checkpoint": checkpoint, "device": "cpu",
    }  # fmt: skip
    return run_job("finetune", spec, Reporter())["checkpoint"]


def maker(path):
    with rasterio.open(path) as dataset:
        return dataset.tags()[MAKER_TAG]


def test_a_classifier_of_embeddings_takes_those_of_its_own_encoder_only(encoder, tmp_path):
    raster = write_raster(tmp_path / "s2.tif", two_class_s2(192), names=S2_12)
    embed(encoder, raster, tmp_path / "e.tif", tile=0)
    checkpoint = finetune(tmp_path / "e.tif", tmp_path)
    card = read_card(checkpoint)
    assert card.sources[0].sensor == "landsketch-embedding" and card.sources[0].maker == maker(tmp_path / "e.tif")
    assert card.provenance["data"][0]["maker"] == card.sources[0].maker

    def classify(name):
        source = {"role": "embedding", "path": str(tmp_path / name)}
        spec = {"checkpoint": checkpoint, "sources": [source], "output": str(tmp_path / "map.tif"), "device": "cpu"}
        run_job("classify", spec, Reporter())
        with rasterio.open(tmp_path / "map.tif") as dataset:
            return dataset.read(1)

    truth = np.repeat([1, 2], 24)[None].repeat(48, axis=0)
    assert (classify("e.tif") == truth).mean() > 0.95
    # Stored another way, they are the same embeddings.
    embed(encoder, raster, tmp_path / "half.tif", tile=0, stored="float16")
    assert (classify("half.tif") == truth).mean() > 0.95
    other = write_encoder(tmp_path / "tiny.safetensors", seed=1)
    embed(other, raster, tmp_path / "other.tif", tile=0)
    with pytest.raises(CheckpointError, match=r"'other\.tif' holds embeddings of random-features tiny\.safetensors@"):
        classify("other.tif")


def test_an_encoder_is_known_by_its_weights_in_whatever_file(encoder, tmp_path):
    raster = write_raster(tmp_path / "s2.tif", two_class_s2(192), names=S2_12)
    embed(encoder, raster, tmp_path / "e.tif", tile=0)
    classifier = finetune(raster, tmp_path, encoder, role="optical")
    embed(classifier, raster, tmp_path / "again.tif", tile=0)
    first, again = maker(tmp_path / "e.tif"), maker(tmp_path / "again.tif")
    assert first != again and first.split("@")[1] == again.split("@")[1]
    np.testing.assert_array_equal(values_of(tmp_path / "e.tif"), values_of(tmp_path / "again.tif"))


def test_a_convolutional_network_embeds_each_pixel(tmp_path):
    """One with counters among its weights, and with features that look far around."""
    arguments = {"encoder": "resnet10t", "depth": 2}
    torch.manual_seed(0)
    network = UNetFeatures((SOURCE,), **arguments).eval()
    card = Card({"encoder": {"name": "unet", **arguments}}, (SOURCE,), network.tile, network.halo)
    save_checkpoint(str(tmp_path / "unet.safetensors"), network, card)
    raster = scene_with_a_hole(tmp_path / "s2.tif", 70, 90)
    result = embed(str(tmp_path / "unet.safetensors"), raster, tmp_path / "e.tif", tile=40, stored="float16")
    assert result["gsd"] == 10 and result["bands"] == network.channels[0]
    expected, known = in_one_piece(str(tmp_path / "unet.safetensors"), raster, 92)
    found = values_of(tmp_path / "e.tif")
    assert (np.isfinite(found).all(axis=0) == known).all()
    np.testing.assert_allclose(found[:, known], expected[:, known], rtol=2e-3, atol=2e-3)


def test_a_checkpoint_on_embeddings_has_no_encoder_to_embed_with(encoder, tmp_path):
    raster = write_raster(tmp_path / "s2.tif", two_class_s2(192), names=S2_12)
    embed(encoder, raster, tmp_path / "e.tif", tile=0)
    checkpoint = finetune(tmp_path / "e.tif", tmp_path)
    source = {"role": "embedding", "path": str(tmp_path / "e.tif")}
    with pytest.raises(CheckpointError, match="has no encoder: it was fine-tuned on embeddings"):
        run_job("embed", {"checkpoint": checkpoint, "sources": [source], "output": str(tmp_path / "x.tif")}, Reporter())
