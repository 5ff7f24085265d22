"""Precomputed embeddings as an encoder, from the tile to the map."""

import numpy as np
import pytest
import rasterio
import torch
from landsketch.core.card_files import read_card
from landsketch.core.cards import Card, Normalisation, SourceCard
from landsketch.core.errors import CheckpointError
from landsketch.core.jobs import run_job
from landsketch.core.legend import ClassLegend
from landsketch.core.progress import Reporter
from landsketch.core.sensors import SENSORS
from landsketch.models.checkpoints import load_segmenter, save_checkpoint
from landsketch.models.encoders.embedding import EmbeddingFeatures
from landsketch.models.segmenter import build_segmenter
from support import PLAIN, RADAR, SHARED

A64 = SENSORS["alphaearth"].names
EMBEDDINGS = SourceCard(
    "embedding", "alphaearth", A64, "raw", 10.0, Normalisation("constant", (0.0,) * 64, (0.125,) * 64)
)
SOURCES = {"alone": (EMBEDDINGS,), "beside images": (PLAIN, RADAR, EMBEDDINGS)}
every_scene = pytest.mark.parametrize("scene", SOURCES)
every_head = pytest.mark.parametrize("head", ["linear", "convolutional"])


def network_of(scene, head):
    torch.manual_seed(0)
    architecture = {"encoder": {"name": "embedding"}, "head": {"name": head, "context": True}}
    card = Card(architecture, SOURCES[scene], 240, 8, ClassLegend.from_names(["a", "b", "c"]))
    network = build_segmenter(card)
    for parameter in network.head.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.1)
    return network.eval(), card


def images_of(scene, height=40, width=48, batch=2):
    generator = torch.Generator().manual_seed(0)
    images = {
        "embedding": torch.nn.functional.normalize(torch.randn(batch, 64, height, width, generator=generator), dim=1),
        "optical": torch.rand(batch, 10, height, width, generator=generator) * 3000,
        "sar": torch.rand(batch, 2, height, width, generator=generator) * -20,
    }
    return {source.role: images[source.role] for source in SOURCES[scene]}


def test_embeddings_are_passed_on_pixel_by_pixel():
    images = images_of("beside images")
    images["embedding"][:, :, 3, 4] = torch.nan
    (features,) = EmbeddingFeatures(SOURCES["beside images"])(images)
    assert features.shape == (2, 64, 40, 48)
    assert (features[:, :, 3, 4] == 0).all()
    torch.testing.assert_close(features[:, :, 5, 6], images["embedding"][:, :, 5, 6] * 8)
    assert features.square().mean().sqrt() == pytest.approx(1, abs=0.01)


def test_without_embeddings_there_is_nothing_to_pass_on():
    with pytest.raises(CheckpointError, match="none of its sources holds any"):
        EmbeddingFeatures((PLAIN,))


@every_scene
@every_head
def test_the_context_is_that_of_the_images_only(scene, head):
    network, _ = network_of(scene, head)
    assert (network.context is None) == (scene == "alone")
    if network.context:
        assert network.context.channels == 4 * 12 and "embedding" not in network.context.normalisers


@every_scene
@every_head
def test_saved_and_loaded_it_gives_the_same_logits(scene, head, tmp_path):
    network, card = network_of(scene, head)
    save_checkpoint(str(tmp_path / "m.safetensors"), network, card)
    again, loaded = load_segmenter(str(tmp_path / "m.safetensors"))
    assert again == card
    images = images_of(scene)
    with torch.inference_mode():
        logits = network(images)
        assert logits.shape == (2, 3, 40, 48)
        assert torch.equal(logits, loaded(images))


@every_scene
@every_head
def test_every_source_matters_and_the_head_learns(scene, head):
    network, _ = network_of(scene, head)
    images = images_of(scene)
    with torch.inference_mode():
        plain = network(images)
        for role in images:
            other = {name: image.flip(0) if name == role else image for name, image in images.items()}
            assert not torch.allclose(plain, network(other), atol=1e-3)
    network.train()(images).square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.head.parameters() if p.dim() > 1)


@every_scene
@every_head
def test_no_data_stays_away_from_pixels_beyond_the_halo(scene, head):
    network, _ = network_of(scene, head)
    images = images_of(scene)
    holed = {role: image.clone() for role, image in images.items()}
    for image in holed.values():
        image[..., :10] = torch.nan
    with torch.inference_mode():
        logits = network(holed)
        assert torch.isfinite(logits).all()
        torch.testing.assert_close(logits[..., 18:], network(images)[..., 18:], rtol=0, atol=1e-5)


@every_scene
def test_an_exported_network_gives_the_same_probabilities(scene):
    import onnxruntime
    from landsketch.models.onnx_export import onnx_bytes

    network, card = network_of(scene, "linear")
    images = images_of(scene, 32, 32)
    images["embedding"][:, :, 2:5, 7] = torch.nan
    session = onnxruntime.InferenceSession(onnx_bytes(network, card.sources, 32))
    (found,) = session.run(None, {role: image.numpy() for role, image in images.items()})
    with torch.inference_mode():
        expected = network(images).softmax(dim=1)
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)


SIZE = 72
ORIGIN, GSD = (500_000.0, 5_000_000.0), 10.0


def write(path, image, **profile):
    options = {
        "driver": "GTiff", "width": image.shape[2], "height": image.shape[1], "count": image.shape[0],
        "dtype": image.dtype, "crs": "EPSG:32632", "transform": rasterio.Affine(GSD, 0, ORIGIN[0], 0, -GSD, ORIGIN[1]),
    } | profile  # fmt: skip
    with rasterio.open(path, "w", **options) as dataset:
        dataset.write(image)
    return str(path)


def alphaearth(path, seed=0, **profile):
    """Left half and right half around two directions of unit vectors, with noise as strong as the difference."""
    rng = np.random.default_rng(seed)
    directions = np.random.default_rng(1).normal(size=(2, 64))
    field = np.repeat(directions, SIZE // 2, axis=0).T[:, None] + rng.normal(size=(64, SIZE, SIZE))
    unit = field / np.linalg.norm(field, axis=0)
    codes = np.rint(np.sign(unit) * np.sqrt(np.abs(unit)) * 127.5).clip(-127, 127).astype(np.int8)
    codes[:, :5, :7] = -128
    return write(path, codes, nodata=-128, **profile)


def labels(path):
    """Four squares in each half."""
    import pyogrio
    import shapely

    boxes, classes = [], []
    for cls, x0 in ((1, 6), (2, SIZE // 2 + 6)):
        for x in (x0, x0 + 14):
            for y in (10, SIZE - 16):
                left, top = ORIGIN[0] + x * GSD, ORIGIN[1] - y * GSD
                boxes.append(shapely.box(left, top - 6 * GSD, left + 6 * GSD, top))
                classes.append(cls)
    pyogrio.raw.write(
        str(path), geometry=shapely.to_wkb(np.array(boxes)), field_data=[np.array(classes)], fields=["class"],
        geometry_type="Polygon", crs="EPSG:32632", driver="GPKG",
    )  # fmt: skip
    return {"path": str(path), "field": "class"}


def logs_of(job, spec):
    lines = []
    result = run_job(job, spec, Reporter(lambda e: e["event"] == "log" and lines.append(e["message"])))
    return result, lines


def finetune(tmp_path, sources, **changes):
    spec = {
        "sources": sources, "labels": labels(tmp_path / "labels.gpkg"), "output": str(tmp_path / "m.safetensors"),
        "device": "cpu",
    } | changes  # fmt: skip
    return logs_of("finetune", spec)


def classify(tmp_path, sources):
    spec = {
        "checkpoint": str(tmp_path / "m.safetensors"), "sources": sources, "output": str(tmp_path / "map.tif"),
        "device": "cpu",
    }  # fmt: skip
    _, lines = logs_of("classify", spec)
    with rasterio.open(tmp_path / "map.tif") as dataset:
        return dataset.read(1), lines


def truth():
    return np.repeat([1, 2], SIZE // 2)[None].repeat(SIZE, axis=0)


@pytest.mark.parametrize("mode", ["frozen", "decoder", "full"])
def test_labels_on_embeddings_become_a_map(tmp_path, mode):
    sources = [{"role": "embedding", "path": alphaearth(tmp_path / "aef.tif")}]
    result, lines = finetune(tmp_path, sources, mode=mode, epochs=3)
    assert any("read as AlphaEarth embeddings from codes" in line for line in lines)
    card = read_card(result["checkpoint"])
    assert card.architecture["encoder"] == {"name": "embedding"} and card.sources[0].sensor == "alphaearth"
    if mode == "frozen":
        assert result["metrics"]["macro"]["f1"] > 0.95
    found, _ = classify(tmp_path, sources)
    assert (found[:5, :7] == 0).all() and (found > 0).sum() == SIZE**2 - 35
    valid = found > 0
    assert (found == truth())[valid].mean() > (0.97 if mode == "frozen" else 0.9)


def test_a_map_of_another_scene_of_the_same_sensor_and_none_of_another_sensor(tmp_path):
    finetune(tmp_path, [{"role": "embedding", "path": alphaearth(tmp_path / "one.tif")}])
    found, _ = classify(tmp_path, [{"role": "embedding", "path": alphaearth(tmp_path / "two.tif", seed=7)}])
    assert (found == truth())[found > 0].mean() > 0.97
    values = np.random.default_rng(0).normal(size=(128, SIZE, SIZE)).astype(np.float32)
    with pytest.raises(CheckpointError, match=r"'other_tessera\.tif' has 128 bands"):
        classify(tmp_path, [{"role": "embedding", "path": write(tmp_path / "other_tessera.tif", values)}])


def test_images_beside_embeddings_give_the_context(tmp_path):
    rng = np.random.default_rng(0)
    optical = (np.full((12, SIZE, SIZE), 900.0) + rng.normal(0, 50, (12, SIZE, SIZE))).clip(1).astype(np.uint16)
    sources = [
        {"role": "embedding", "path": alphaearth(tmp_path / "aef.tif")},
        {"role": "optical", "path": write(tmp_path / "s2.tif", optical), "sensor": "sentinel-2-l2a"},
    ]
    result, _ = finetune(tmp_path, sources)
    assert read_card(result["checkpoint"]).roles == ("optical", "embedding")
    found, _ = classify(tmp_path, sources)
    assert (found == truth())[found > 0].mean() > 0.95
    with pytest.raises(CheckpointError, match="needs an embedding raster"):
        classify(tmp_path, sources[1:])


def test_a_checkpoint_that_computes_features_is_not_combined_with_embeddings(tmp_path):
    path = SHARED / "checkpoints" / "galileo-nano" / "encoder.pt"
    if not path.exists():
        pytest.skip("Galileo's published weights are not here.")
    sources = [{"role": "embedding", "path": alphaearth(tmp_path / "aef.tif")}]
    with pytest.raises(CheckpointError, match=r"'galileo' computes features .* 'aef\.tif' holds features already"):
        finetune(tmp_path, sources, checkpoint=str(path))
