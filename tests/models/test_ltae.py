import pytest
import torch
from landsketch.models.encoders.ltae import (
    SeriesNorm,
    TemporalAttention,
    aggregated,
    date_code,
    masked_softmax,
)

DAYS = torch.tensor([3.0, 80.0, 200.0, 340.0])


def attention(channels=32, **arguments):
    torch.manual_seed(0)
    return TemporalAttention(channels, channels, **({"heads": 4, "inner": 16} | arguments)).eval()


def series(batch=2, dates=4, channels=32, side=3):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(batch, dates, channels, side, side, generator=generator)


def everything(maps):
    return torch.ones_like(maps[:, :, 0], dtype=torch.bool)


def test_it_has_as_many_parameters_as_the_authors():
    assert sum(parameter.numel() for parameter in TemporalAttention(128, 128).parameters()) == 83_200


def test_dates_have_the_known_code():
    found = date_code(torch.tensor([100.0]), 4)[0]
    assert torch.allclose(found, torch.tensor([-0.5064, 0.8623, -0.0207, -0.9998]), atol=1e-4)


def test_attention_sums_to_1_and_is_exactly_0_where_nothing_is_seen():
    maps = series()
    seen = torch.rand(2, 4, 3, 3, generator=torch.Generator().manual_seed(1)) > 0.4
    seen[0, :, 0, 0] = False
    seen[1, 2] = False
    with torch.inference_mode():
        _, weights = attention()(maps, DAYS, seen)
    total = weights.sum(dim=2)
    some = seen.any(dim=1).expand_as(total)
    assert weights.shape == (4, 2, 4, 3, 3)
    assert torch.allclose(total[some], torch.ones(()), atol=1e-6) and (total[~some] == 0).all()
    assert (weights[:, ~seen] == 0).all()


def test_what_a_missing_date_holds_has_no_effect():
    maps, seen = series(), everything(series())
    seen[:, 1] = False
    changed = maps.clone()
    changed[:, 1] = 1e3
    with torch.inference_mode():
        before, after = attention()(maps, DAYS, seen), attention()(changed, DAYS, seen)
        without = attention()(maps[:, [0, 2, 3]], DAYS[[0, 2, 3]], seen[:, [0, 2, 3]])
    assert torch.equal(before[0], after[0])
    assert torch.allclose(before[0], without[0], atol=1e-5)


def test_the_order_of_dates_does_not_matter_but_when_they_are_does():
    maps, order = series(), [2, 0, 3, 1]
    seen = everything(maps)
    with torch.inference_mode():
        network = attention()
        before = network(maps, DAYS, seen)[0]
        assert torch.allclose(network(maps[:, order], DAYS[order], seen)[0], before, atol=1e-5)
        assert not torch.allclose(network(maps[:, order], DAYS, seen)[0], before, atol=1e-2)


def test_gradients_are_finite_where_nothing_is_seen():
    maps, seen = series().requires_grad_(), everything(series())
    seen[0] = False
    attention().train()(maps, DAYS, seen)[0].square().sum().backward()
    assert torch.isfinite(maps.grad).all() and (maps.grad[0] == 0).all()


def test_softmax_of_nothing_is_nothing():
    match = torch.tensor([[5.0, 1.0], [2.0, 2.0], [1.0, 9.0]])
    seen = torch.tensor([[False, True], [True, True], [False, False]])
    assert masked_softmax(match, seen).tolist() == [[0.0, 1.0], [0.5, 0.5], [0.0, 0.0]]


def test_the_norm_is_that_of_torch_where_all_is_seen():
    pixels = torch.randn(5, 3, 8)
    ours = SeriesNorm(4, 8)(pixels, torch.ones(5, 3, dtype=torch.bool))
    theirs = torch.nn.functional.group_norm(pixels.transpose(1, 2), 4).transpose(1, 2)
    assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("channels", [8, 6])
def test_finer_maps_get_the_mean_of_the_dates_they_have(channels):
    maps = series(channels=channels, side=4)
    weights = torch.full((4, 2, 4, 2, 2), 0.25)
    seen = everything(maps)
    seen[:, 0, :2] = False  # finer than the attention's elements
    found = aggregated(maps, weights, seen)
    assert torch.allclose(found[:, :, 2:], maps[:, :, :, 2:].mean(dim=1), atol=1e-5)
    assert torch.allclose(found[:, :, :2], maps[:, 1:, :, :2].mean(dim=1), atol=1e-5)


def test_each_head_averages_its_own_channels():
    maps = series(channels=8, side=2)
    weights = torch.zeros(4, 2, 4, 1, 1)
    for head in range(4):
        weights[head, :, head] = 1
    found = aggregated(maps, weights, everything(maps))
    expected = torch.cat([maps[:, head, 2 * head : 2 * head + 2] for head in range(4)], dim=1)
    assert torch.allclose(found, expected)
