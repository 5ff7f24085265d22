"""Fusion of two encoders' maps."""

import pytest
import torch
from landsketch.core.networks import FUSIONS
from landsketch.models.fusion import ProjectedFusion, fusion

SHAPE = (2, 5, 6, 8)


def maps():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(SHAPE, generator=generator), torch.randn(SHAPE, generator=generator)


def trained(kind):
    torch.manual_seed(1)
    fused = fusion(kind, SHAPE[-1])
    for parameter in fused.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return fused


@pytest.mark.parametrize("kind", ["concat", "gated"])
def test_an_untrained_fusion_is_the_mean(kind):
    sar, optical = maps()
    assert torch.allclose(fusion(kind, SHAPE[-1])(sar, optical), (sar + optical) / 2, atol=1e-6)


@pytest.mark.parametrize("kind", ["concat", "gated"])
def test_an_untrained_fusion_of_equal_maps_is_that_map(kind):
    sar, _ = maps()
    assert torch.allclose(fusion(kind, SHAPE[-1])(sar, sar), sar, atol=1e-6)


def test_the_sum_is_a_sum():
    sar, optical = maps()
    assert torch.equal(fusion("sum", SHAPE[-1])(sar, optical), sar + optical)


def test_swapped_branches_with_mirrored_weights_give_the_same():
    sar, optical = maps()
    fused, mirrored = trained("concat"), trained("concat")
    with torch.no_grad():
        first, second = fused.project.weight.chunk(2, dim=1)
        mirrored.project.weight.copy_(torch.cat([second, first], dim=1))
    assert torch.allclose(fused(sar, optical), mirrored(optical, sar), atol=1e-5)
    assert not torch.allclose(fused(sar, optical), fused(optical, sar), atol=1e-2)


def test_swapped_branches_with_a_mirrored_gate_give_the_same():
    sar, optical = maps()
    fused, mirrored = trained("gated"), trained("gated")
    with torch.no_grad():
        first, second = fused.gate.weight.chunk(2, dim=1)
        mirrored.gate.weight.copy_(-torch.cat([second, first], dim=1))  # σ(−x) = 1 − σ(x)
        mirrored.gate.bias.neg_()
    assert torch.allclose(fused(sar, optical), mirrored(optical, sar), atol=1e-5)


def test_a_trained_gate_of_equal_maps_is_still_that_map():
    sar, _ = maps()
    assert torch.allclose(trained("gated")(sar, sar), sar, atol=1e-5)


@pytest.mark.parametrize("kind", FUSIONS)
def test_gradients_reach_both_maps_from_the_first_step(kind):
    sar, optical = (features.requires_grad_() for features in maps())
    fusion(kind, SHAPE[-1])(sar, optical).square().sum().backward()
    assert sar.grad.abs().min() > 0 and optical.grad.abs().min() > 0


def test_the_activation_is_learned_though_it_starts_at_zero():
    fused = ProjectedFusion(SHAPE[-1])
    fused(*maps()).square().sum().backward()
    assert fused.scale.grad.abs().min() > 0
