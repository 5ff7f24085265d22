"""Training parts of networks: low-rank additions, and stages in the order of their use."""

import pytest
import timm
import torch
from landsketch.models.adaptation.lora import LowRank, add_low_rank, merge_low_rank
from landsketch.models.adaptation.stages import stages_of
from torch import nn

IMAGE = torch.randn(2, 3, 32, 32)


def swin():
    return timm.create_model(
        "swin_tiny_patch4_window7_224", img_size=32, embed_dim=24, depths=(2, 2), num_heads=(2, 4), window_size=4,
        num_classes=0,
    )  # fmt: skip


def vit():
    return timm.create_model("vit_tiny_patch16_224", img_size=32, patch_size=8, embed_dim=24, depth=8, num_classes=0)


def resnet():
    return timm.create_model("resnet18", num_classes=0)


def torch_transformer():
    layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
    return nn.Sequential(nn.Flatten(2), nn.Linear(1024, 16), nn.TransformerEncoder(layer, 2))


@pytest.mark.parametrize("make", [swin, vit, resnet, torch_transformer])
def test_low_rank_additions_change_nothing_at_first_and_merge_into_the_weights(make):
    torch.manual_seed(0)
    network = make().eval()
    names = list(network.state_dict())
    before = network(IMAGE)
    added = add_low_rank(network, 4)
    assert torch.equal(network(IMAGE), before)
    learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
    assert {id(p) for p in learned} == {id(p) for p in added}
    assert sum(p.numel() for p in learned) < 0.5 * sum(p.numel() for p in network.parameters())
    for parameter in added:
        parameter.data += 0.02 * torch.randn_like(parameter)
    apart = network(IMAGE)
    assert (apart - before).abs().max() > 1e-3
    merge_low_rank(network)
    assert torch.allclose(network(IMAGE), apart, atol=1e-5 * float(apart.detach().abs().max()))
    assert sorted(network.state_dict()) == sorted(names)


def test_merged_and_unmerged_weights_are_the_same():
    layer = nn.Sequential(nn.Linear(12, 10))
    add_low_rank(layer, 8)
    layer[0].parametrizations.weight[0].b.data.normal_()
    unmerged = layer[0].weight.detach().clone()
    merge_low_rank(layer)
    assert (layer[0].weight - unmerged).abs().max() < 1e-6


def test_what_is_added_has_the_rank_that_was_asked_for():
    low_rank = LowRank(torch.zeros(20, 30), 3)
    low_rank.b.data.normal_()
    assert torch.linalg.matrix_rank(low_rank(torch.zeros(20, 30))) == 3


def holders(network, stage):
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    return {names[id(parameter)] for parameter in stage}


@pytest.mark.parametrize(
    ("make", "count", "last"), [(swin, 2, "layers.1."), (vit, 8, "blocks.7."), (resnet, 8, "layer4.1.")]
)
def test_stages_are_in_the_order_of_their_use(make, count, last):
    network = make()
    stages = stages_of(network, lambda: [network.eval()(IMAGE)])
    assert len(stages) == 1 + count
    assert all(name.startswith((last, "norm.")) for name in holders(network, stages[-1]))
    every = [id(parameter) for stage in stages for parameter in stage]
    assert sorted(every) == sorted(map(id, network.parameters()))


def test_the_order_of_use_counts_rather_than_that_of_registration():
    class Backwards(nn.Module):
        def __init__(self):
            super().__init__()
            self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)) for _ in range(3)])

        def forward(self, x):
            for block in reversed(self.blocks):
                x = block(x)
            return x

    network = Backwards()
    stages = stages_of(network, lambda: [network(torch.zeros(1, 4))])
    assert all(name.startswith("blocks.0.") for name in holders(network, stages[-1]))


def test_what_is_not_used_is_not_the_last_stage():
    network = resnet().eval()

    def run():
        kept = network.layer2(network.layer1(network.maxpool(network.act1(network.bn1(network.conv1(IMAGE))))))
        network.layer3(kept)  # for nothing
        return [kept]

    stages = stages_of(network, run)
    assert all(name.startswith("layer2.1.") for name in holders(network, stages[-1]))
    assert {"layer3.0.conv1.weight", "layer4.1.conv1.weight"} <= holders(network, stages[0])


def test_networks_side_by_side_end_together():
    pair = nn.ModuleDict({"sar": vit(), "optical": resnet()})
    stages = stages_of(pair, lambda: [network.eval()(IMAGE) for network in pair.values()])
    last = holders(pair, stages[-1])
    assert any(name.startswith("sar.blocks.7.") for name in last)
    assert any(name.startswith("optical.layer4.1.") for name in last)
