"""One set of claims over every network."""

import json
import struct

import pytest
import torch
from landsketch.core.card_files import read_card
from landsketch.core.errors import CheckpointError
from landsketch.models.checkpoints import load_segmenter, save_checkpoint
from landsketch.models.heads import pixel_features
from landsketch.models.published import read_published
from support import ARCHITECTURES, images, small_card, small_network

every_network = pytest.mark.parametrize("name", ARCHITECTURES)


@every_network
def test_logits_have_the_size_of_the_tile(name):
    with torch.inference_mode():
        assert small_network(name)(images()).shape == (2, 3, 64, 96)


@every_network
def test_saved_and_loaded_it_gives_the_same_logits(name, tmp_path):
    network, card, path = small_network(name), small_card(name), str(tmp_path / "m.safetensors")
    save_checkpoint(path, network, card)
    again, loaded = load_segmenter(path)
    assert again == card
    with torch.inference_mode():
        assert torch.equal(network(images()), loaded(images()))


@every_network
def test_gradients_reach_the_head(name):
    network = small_network(name).train()
    network(images(64, 64)).square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.head.parameters() if p.dim() > 1)


@every_network
def test_no_data_never_becomes_nan(name):
    holed = images()
    holed["optical"][:, :, :20] = torch.nan
    holed["sar"][:, :, :, 50:] = torch.nan
    with torch.inference_mode():
        assert torch.isfinite(small_network(name)(holed)).all()


@every_network
def test_batch_elements_do_not_depend_on_each_other(name):
    network, pair = small_network(name), images()
    with torch.inference_mode():
        together = network(pair)
        alone = network({role: image[1:] for role, image in pair.items()})
    assert torch.allclose(together[1:], alone, atol=1e-4)


@every_network
def test_every_source_matters(name):
    network, pair = small_network(name), images()
    with torch.inference_mode():
        before = network(pair)
        for role in pair:
            assert (before - network(pair | {role: pair[role] * 0.5})).abs().max() > 1e-3 * before.abs().max()


@pytest.mark.parametrize("name", ["galileo linear", "random features"])
def test_the_linear_head_is_linear_in_the_features_of_single_pixels(name):
    network, pair = small_network(name), images(batch=1)
    rows, columns = torch.tensor([0, 3, 33, 63]), torch.tensor([0, 90, 41, 95])
    with torch.inference_mode():
        logits = network(pair)[0, :, rows, columns].T
        features = pixel_features(network.encoder(pair), network.encoder.strides, network.context(pair), rows, columns)
        weight = torch.cat([layer.weight[:, :, 0, 0] for layer in [*network.head.maps, network.head.context]], dim=1)
        assert torch.allclose(features @ weight.T + network.head.bias, logits, atol=1e-3)


def test_random_features_do_not_fade_at_the_edge_of_the_data():
    network, flat = small_network("random features"), images(batch=1)
    for image in flat.values():
        image[:] = image.mean(dim=(2, 3), keepdim=True)
        image[:, :, :13] = torch.nan
    with torch.inference_mode():
        out = network.encoder(flat)[0][..., 2:-2]  # without the tile's own border
    inside = out[:, :, 8]
    assert torch.allclose(out[:, :, 3], inside, atol=1e-4), "the block at the edge"
    assert torch.allclose(out[:, :, 2], inside, atol=1e-4), "the block beyond the edge, for upsampling"


def test_the_card_is_readable_with_the_standard_library_alone(tmp_path):
    card, path = small_card("random features"), str(tmp_path / "m.safetensors")
    save_checkpoint(path, small_network("random features"), card)
    assert read_card(path) == card


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda b: b"", "is not a checkpoint"),
        (lambda b: b"PK\x03\x04" + b"x" * 500, "is not a checkpoint"),
        (lambda b: b[:-100], "truncated"),
        (lambda b: struct.pack("<Q", 2) + b"{}", "without a LandSketch card"),
    ],
)
def test_what_is_no_whole_checkpoint_is_refused(tmp_path, damage, message):
    path = tmp_path / "m.safetensors"
    save_checkpoint(str(path), small_network("unet"), small_card("unet"))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CheckpointError, match=message):
        read_card(str(path))


def test_a_card_of_a_newer_schema_is_refused(tmp_path):
    card = small_card("unet").to_json() | {"schema": 99}
    header = json.dumps({"__metadata__": {"landsketch_card": json.dumps(card)}}).encode()
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(CheckpointError, match="schema 99"):
        read_card(str(tmp_path / "m.safetensors"))


def test_weights_that_do_not_fit_the_card_are_counted(tmp_path):
    path = str(tmp_path / "m.safetensors")
    save_checkpoint(path, small_network("unet"), small_card("random features"))
    with pytest.raises(CheckpointError, match="missing"):
        load_segmenter(path)


class _Payload:
    def __reduce__(self):
        import os

        return os.mkdir, (self.target,)


def test_a_malicious_pickle_is_refused_and_nothing_runs(tmp_path):
    payload = _Payload()
    payload.target = str(tmp_path / "owned")
    torch.save({"state_dict": payload}, tmp_path / "evil.pt")
    with pytest.raises(CheckpointError, match="nothing of it was run"):
        read_published(str(tmp_path / "evil.pt"))
    assert not (tmp_path / "owned").exists()


def test_an_unknown_published_file_is_refused(tmp_path):
    torch.save({"conv1.weight": torch.zeros(3)}, tmp_path / "other.pt")
    with pytest.raises(CheckpointError, match="not an encoder that LandSketch knows"):
        read_published(str(tmp_path / "other.pt"))
