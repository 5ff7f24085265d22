"""Encoders give the features of torchgeo's own networks, from weights in files as torchgeo downloads them."""

from functools import partial

import pytest
import timm
import torch
import torchgeo.models as torchgeo
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.models.checkpoints import fill
from landsketch.models.encoders.dofa import patch_kernel
from landsketch.models.encoders.swin import from_original
from landsketch.models.segmenter import build_encoder
from support import PLAIN
from timm.models.swin_transformer import checkpoint_filter_fn
from torch.nn import functional as F
from torchgeo.models.dofa import DOFA
from torchgeo.models.scale_mae import ScaleMAE

RGB = ("red", "green", "blue")
SMALL_DOFA = {"name": "dofa", "width": 32, "depth": 2, "heads": 2, "image": 64}
S2 = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
SATLAS = ("B04", "B03", "B02", "B05", "B06", "B07", "B08", "B11", "B12")


def normaliser(weights):
    """Returns torchgeo's own scaling, without what cuts images to the size of a benchmark."""
    return next(step for step in weights.transforms if type(step).__name__ == "Normalize")


def card(weights, sensor, bands, units="dn"):
    """Returns what torchgeo's scaling is as a card."""
    mean, std = ([float(value) for value in values] for values in (normaliser(weights).mean, normaliser(weights).std))
    repeat = len(bands) // len(mean)
    role = "sar" if units == "db" else "optical"
    scaling = Normalisation("z-score", tuple(mean * repeat), tuple(std * repeat))
    return SourceCard(role, sensor, bands, units, 10.0, scaling)


def pretrained(architecture, *sources):
    """Builds an encoder with random weights and statistics, none of them as they are initialised."""
    torch.manual_seed(0)
    encoder = build_encoder({"encoder": architecture}, sources).eval()
    with torch.no_grad():
        for name, tensor in encoder.pretrained_part().state_dict().items():
            if tensor.is_floating_point() and "relative_coords_table" not in name:
                tensor.add_(
                    torch.randn(tensor.shape).abs() if "running_var" in name else torch.randn(tensor.shape) * 0.02
                )
    return encoder


def as_published(encoder, weights, build, monkeypatch, tmp_path, extra=None):
    """Has torchgeo load an encoder's weights from a file as it downloads them, under its own checks of their names."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save({**encoder.pretrained_part().state_dict(), **(extra or {})}, folder / weights.url.rsplit("/", 1)[1])
    return build(weights=weights).eval()


def values(encoder, side, seed=0):
    """Draws values of one tile: per role (1, band, y, x), mostly within the range that the scaling is made for."""
    generator = torch.Generator().manual_seed(seed)
    images = {}
    for role, normalise in encoder.normalisers.items():
        unit = torch.randn(1, normalise.offset.shape[1], side, side, generator=generator)
        images[role] = unit * normalise.scale + normalise.offset
    return images


def outputs_of(network, layers, image):
    """Runs a network and returns what some of its layers give."""
    seen = []
    hooks = [layer.register_forward_hook(lambda _module, _inputs, output: seen.append(output)) for layer in layers]
    with torch.inference_mode():
        network(image)
    for hook in hooks:
        hook.remove()
    return seen


def assert_equal_maps(maps, expected):
    assert len(maps) == len(expected)
    for ours, theirs in zip(maps, expected, strict=True):
        assert ours.shape == theirs.shape
        assert (ours - theirs).abs().max() <= 1e-5 * max(theirs.abs().max().item(), 1)


@pytest.mark.parametrize(
    ("model", "weights", "bands"),
    [
        ("resnet18", torchgeo.ResNet18_Weights.SENTINEL2_ALL_MOCO, S2),
        ("resnet50", torchgeo.ResNet50_Weights.SENTINEL1_ALL_MOCO, ("VV", "VH")),
    ],
)
def test_resnets_give_the_features_of_torchgeos(model, weights, bands, monkeypatch, tmp_path):
    radar = len(bands) == 2
    source = card(weights, "sentinel-1-grd" if radar else "sentinel-2-l1c", bands, "db" if radar else "dn")
    encoder = pretrained({"name": "resnet", "model": model, "levels": [1, 2, 3, 4]}, source)
    network = as_published(encoder, weights, getattr(torchgeo, model), monkeypatch, tmp_path)
    images = values(encoder, 96)
    layers = [network.layer1, network.layer2, network.layer3, network.layer4]
    expected = outputs_of(network, layers, normaliser(weights)(images[source.role].clone()))
    with torch.inference_mode():
        assert_equal_maps(encoder(images), expected)


@pytest.mark.parametrize("upsample", [1, 2])
@pytest.mark.parametrize(
    ("model", "weights"),
    [
        ("vit_small_patch16_224", torchgeo.ViTSmall16_Weights.SENTINEL2_ALL_MOCO),
        ("vit_small_patch14_dinov2", torchgeo.ViTSmall14_DINOv2_Weights.SENTINEL2_ALL_SOFTCON),
    ],
)
def test_vision_transformers_give_the_tokens_of_torchgeos(model, weights, upsample, monkeypatch, tmp_path):
    source = card(weights, "sentinel-2-l1c", S2)
    encoder = pretrained({"name": "vit", "model": model, "upsample": upsample}, source)
    network = as_published(encoder, weights, getattr(torchgeo, model), monkeypatch, tmp_path)
    images = values(encoder, encoder.window)
    assert encoder.window * upsample == 224
    enlarged = images["optical"]
    if upsample > 1:
        enlarged = F.interpolate(enlarged, scale_factor=upsample, mode="bilinear")
    with torch.inference_mode():
        tokens = network.forward_features(normaliser(weights)(enlarged.clone()))[:, 1:]
        expected = tokens.transpose(1, 2).reshape(1, 384, encoder.grid, encoder.grid)
        assert_equal_maps(encoder(images), [expected])


@pytest.mark.parametrize("name", ["t", pytest.param("b", marks=pytest.mark.slow)])
def test_swin_v2_gives_the_features_of_torchgeos(name, monkeypatch, tmp_path):
    weights = getattr(torchgeo, f"Swin_V2_{name.upper()}_Weights").SENTINEL2_SI_MS_SATLAS
    source = card(weights, "sentinel-2-l1c", SATLAS)
    encoder = pretrained({"name": "swin-v2", "model": f"swin_v2_{name}", "levels": [1, 2, 3, 4]}, source)
    build = getattr(torchgeo, f"swin_v2_{name}")
    # The published files hold a head and a last norm, which nothing was trained through.
    untrained = {key: tensor for key, tensor in build().state_dict().items() if not key.startswith("features.")}
    network = as_published(encoder, weights, build, monkeypatch, tmp_path, untrained)
    images = values(encoder, 256)
    stages = [network.features[index] for index in (1, 3, 5, 7)]
    expected = outputs_of(network, stages, normaliser(weights)(images["optical"].clone()))
    with torch.inference_mode():
        assert_equal_maps(encoder(images), [stage.permute(0, 3, 1, 2) for stage in expected])


def test_swin_gives_the_features_of_timms():
    size = {"embed_dim": 24, "depths": [2, 2, 3, 2], "num_heads": [1, 2, 3, 3]}
    scaling = Normalisation("constant", (0.0,) * 13, (10000.0,) * 13)
    source = SourceCard("optical", "sentinel-2-l1c", S2, "dn", 10.0, scaling)
    encoder = pretrained({"name": "swin", "levels": [1, 2, 3, 4], **size}, source)
    network = timm.create_model("swin_tiny_patch4_window7_224", in_chans=13, num_classes=0, **size).eval()
    fill(network, encoder.pretrained_part().state_dict(), "file")
    images = values(encoder, 224)
    expected = outputs_of(network, [*network.layers[:3], network.norm], images["optical"] / 10000)
    with torch.inference_mode():
        assert_equal_maps(encoder(images), [stage.permute(0, 3, 1, 2) for stage in expected])


def test_weights_of_the_authors_swin_get_timms_names():
    arguments = {"embed_dim": 24, "depths": (2, 1, 1, 1), "num_heads": (1, 2, 3, 3), "num_classes": 5, "in_chans": 2}
    network = timm.create_model("swin_tiny_patch4_window7_224", **arguments)
    theirs = {}
    for name, tensor in network.state_dict().items():
        parts = name.replace("head.fc.", "head.").split(".")
        if parts[2:3] == ["downsample"]:
            parts[1] = str(int(parts[1]) - 1)
        theirs[".".join(parts)] = tensor
    theirs["layers.0.blocks.1.attn_mask"] = torch.zeros(64, 49, 49)
    theirs["layers.0.blocks.1.attn.relative_position_index"] = torch.zeros(49, 49)
    renamed = from_original(theirs)
    expected = {key: tensor for key, tensor in network.state_dict().items() if not key.startswith("head.")}
    assert renamed.keys() == expected.keys()
    assert all(torch.equal(renamed[key], tensor) for key, tensor in expected.items())
    by_timm = checkpoint_filter_fn({"model": theirs}, network)
    assert all(torch.equal(renamed[key], by_timm[key]) for key in renamed)
    assert from_original(renamed).keys() == renamed.keys()


@pytest.mark.parametrize("bands", [SATLAS, ("B02", "B8A")])
def test_dofa_gives_the_tokens_of_torchgeos(bands):
    source = SourceCard(
        "optical",
        "sentinel-2-l2a",
        bands,
        "dn",
        10,
        Normalisation("z-score", (1500.0,) * len(bands), (800.0,) * len(bands)),
    )
    encoder = pretrained({"name": "dofa", "width": 64, "depth": 3, "heads": 2, "upsample": 1}, source)
    network = DOFA(embed_dim=64, depth=3, num_heads=2).eval()
    missing, unexpected = network.load_state_dict(encoder.pretrained_part().state_dict(), strict=False)
    assert set(missing) == {"fc_norm.weight", "fc_norm.bias", "head.weight", "head.bias"} and not unexpected
    images = values(encoder, 224)
    known = {
        "B04": 0.665,
        "B03": 0.56,
        "B02": 0.492,
        "B05": 0.704,
        "B06": 0.741,
        "B07": 0.783,
        "B08": 0.833,
        "B8A": 0.865,
        "B11": 1.614,
        "B12": 2.202,
    }
    run = partial(network, wavelengths=[known[band] for band in bands])
    hooked = []
    network.blocks[-1].register_forward_hook(lambda _module, _inputs, output: hooked.append(output))
    with torch.inference_mode():
        run((images["optical"] - 1500) / 800)
        expected = network.fc_norm(hooked[0][:, 1:]).transpose(1, 2).reshape(1, 64, 14, 14)
        assert_equal_maps(encoder(images), [expected])


def test_dofa_makes_the_patch_embedding_that_torchgeo_makes():
    embedding = pretrained({"name": "dofa", "width": 64, "depth": 1, "heads": 2}, PLAIN).network.patch_embed
    image, waves = torch.randn(1, 3, 64, 64), torch.tensor([0.665, 0.56, 5.405])
    with torch.inference_mode():
        expected, _ = embedding(image, waves)
        weight, bias = patch_kernel(embedding, waves)
        ours = F.conv2d(image, weight, bias, stride=16, padding=1).flatten(2).transpose(1, 2)
    assert (ours - expected).abs().max() <= 1e-5 * expected.abs().max()


@pytest.mark.parametrize("upsample", [1, 2])
def test_scale_mae_gives_the_tokens_of_torchgeos(upsample):
    weights = torchgeo.ScaleMAELarge16_Weights.FMOW_RGB
    byte, scaling = weights.transforms
    mean, std = (tuple(255 * float(value) for value in values) for values in (scaling.mean, scaling.std))
    source = SourceCard("optical", "aerial", RGB, "raw", 0.5, Normalisation("z-score", mean, std))
    size = {"width": 64, "depth": 3, "heads": 2}
    encoder = pretrained({"name": "scalemae", "upsample": upsample, **size}, source)
    network = ScaleMAE(
        0.5 / upsample,
        embed_dim=64,
        depth=3,
        num_heads=2,
        num_classes=0,
        norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
    ).eval()
    fill(network, encoder.pretrained_part().state_dict(), "file")
    images = values(encoder, 224 // upsample)
    image = images["optical"]
    if upsample > 1:
        image = F.interpolate(image, scale_factor=upsample, mode="bilinear")
    with torch.inference_mode():
        tokens = network.forward_features(scaling(byte(image.clone())))[:, 1:]
        assert_equal_maps(encoder(images), [tokens.transpose(1, 2).reshape(1, 64, 14, 14)])


def test_scale_mae_knows_how_wide_pixels_are():
    near, far = (
        pretrained(
            {"name": "scalemae", "width": 32, "depth": 2, "heads": 2, "image": 64},
            SourceCard("optical", "aerial", RGB, "raw", gsd, Normalisation("constant", (0.0,) * 3, (255.0,) * 3)),
        )
        for gsd in (0.5, 10.0)
    )
    images = values(near, near.window)
    with torch.inference_mode():
        assert not torch.allclose(near(images)[0], far(images)[0], atol=1e-2)
