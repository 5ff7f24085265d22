"""Heads that classify whole patches."""

import pytest
import torch
from landsketch.core.cards import SCENE_HEAD, Card
from landsketch.core.errors import CheckpointError
from landsketch.core.legend import ClassLegend
from landsketch.models.checkpoints import fill, load_weights, save_checkpoint
from landsketch.models.encoders.classes import encoder_class
from landsketch.models.scene_heads import SceneHead, build_scene_classifier, pooled, scene_classifier
from support import ARCHITECTURES, PLAIN, RADAR, images, small_card

DUAL_SWIN = {
    "sar": {"name": "swin", "model": "swin_tiny_patch4_window7_224", "levels": [4]},
    "optical": {"name": "swin", "model": "swin_tiny_patch4_window7_224", "levels": [4]},
}
SMALL_PAIR = {role: {"name": "resnet", "model": "resnet18", "levels": [3, 4]} for role in ("sar", "optical")}


def halves(batch=2, height=64, width=96):
    """The left half of each image."""
    inside = torch.zeros(batch, height, width, dtype=torch.bool)
    inside[:, :, : width // 2] = True
    return inside


def test_mean_and_deviation_of_a_patch():
    fine = torch.arange(16.0).reshape(1, 1, 4, 4)
    coarse = torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]])
    inside = torch.zeros(1, 4, 4, dtype=torch.bool)
    inside[0, :2, :3] = True
    found = pooled([fine, coarse], [1, 2], inside, spread=True)[0]
    values = fine[0, 0, :2, :3]
    assert found[0] == pytest.approx(values.mean().item())
    assert found[1] == pytest.approx((4 * 1 + 2 * 3) / 6), "two thirds of the patch lie in the first element"
    assert found[2] == pytest.approx(values.std(correction=0).item())
    assert found[3] == pytest.approx((8 / 9) ** 0.5)


def test_what_lies_beside_the_patch_does_not_matter():
    maps = [torch.rand(2, 5, 16, 24), torch.rand(2, 3, 64, 96)]
    first = pooled(maps, [4, 1], halves(), True)
    maps[0][:, :, :, 12:], maps[1][:, :, :, 48:] = 100, -100
    torch.testing.assert_close(pooled(maps, [4, 1], halves(), True), first)


def test_the_head_of_dual_simclr_is_a_linear_layer_on_both_pooled_last_stages():
    encoder = encoder_class("pair")((RADAR, PLAIN), DUAL_SWIN)
    network = scene_classifier(encoder, (RADAR, PLAIN), 8, context=False, spread=False, norm=False)
    assert [tuple(p.shape) for p in network.head.parameters()] == [(8, 1536), (8,)]


def test_each_half_of_a_pair_reads_its_own_source():
    torch.manual_seed(0)
    encoder = encoder_class("pair")((RADAR, PLAIN), SMALL_PAIR)
    network = scene_classifier(encoder, (RADAR, PLAIN), 3, context=False, spread=False, norm=False).eval()
    given = images(64, 64, 1)
    inside = torch.ones(1, 64, 64, dtype=torch.bool)
    assert network.head.linear.in_features == 2 * (256 + 512)
    changed = given | {"sar": given["sar"].flip(-1) - 3}
    with torch.no_grad():
        before, after = (pooled(*network.encode(each), inside, False)[0] for each in (given, changed))
    # Per stride the channels of the radar encoder come first.
    fine_radar, fine_optical, radar, optical = (before == after).split([256, 256, 512, 512])
    assert fine_optical.all() and optical.all()
    assert not fine_radar.all() and not radar.all()


def test_gradients_reach_the_whole_network():
    encoder = encoder_class("pair")((RADAR, PLAIN), SMALL_PAIR)
    network = scene_classifier(encoder, (RADAR, PLAIN), 3, context=True, spread=True, norm=True)
    network(images(), halves()).square().sum().backward()
    missing = [name for name, p in network.named_parameters() if p.requires_grad and p.grad is None]
    assert missing == []


def test_gaps_in_the_data_give_numbers():
    encoder_entry, _ = ARCHITECTURES["random features"]
    entry = dict(encoder_entry)
    encoder = encoder_class(entry.pop("name"))((PLAIN, RADAR), **entry)
    network = scene_classifier(encoder, (PLAIN, RADAR), 3, True, True, False).eval()
    given = images()
    given["optical"][:, :, 10:20] = torch.nan
    inside = halves()
    inside[:, 10:20] = False
    assert torch.isfinite(network(given, inside)).all()


def scene_card():
    card = small_card("random features")
    head = {"multilabel": True, "side": 16, "context": True, "spread": True, "norm": False}
    architecture = {"encoder": card.architecture["encoder"], SCENE_HEAD: head}
    return Card(architecture, card.sources, card.tile, card.halo, ClassLegend.from_names("abc"))


def test_a_checkpoint_gives_the_same_logits(tmp_path):
    card = scene_card()
    network = build_scene_classifier(card).eval()
    torch.nn.init.normal_(network.head.linear.weight)
    path = str(tmp_path / "m.safetensors")
    save_checkpoint(path, network, card)
    again = build_scene_classifier(Card.from_json(card.to_json())).eval()
    fill(again, load_weights(path), path)
    with torch.no_grad():
        torch.testing.assert_close(again(images(), halves()), network(images(), halves()))


def test_a_card_of_pixels_is_refused():
    with pytest.raises(CheckpointError, match="does not classify patches"):
        build_scene_classifier(small_card("unet"))


def test_weights_of_a_linear_model_are_taken_over():
    head = SceneHead(3, 2)
    weight, bias = torch.rand(2, 6), torch.rand(2)
    head.assign(weight, bias)
    features = torch.rand(5, 6)
    torch.testing.assert_close(head(features), features @ weight.T + bias)
