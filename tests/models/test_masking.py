"""What masked image modelling hides."""

import pytest
import torch
from landsketch.models.pretraining.masking import VERTICAL, token_mask, unit_mask, vertical_mask, volume_mask

GROUPS = (10, 2)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    ("tokens", "ratio", "kept"),
    [(196, 0.75, 49), (256, 0.75, 64), (1024, 0.75, 256), (225, 0.75, 56), (64, 0.75, 16), (196, 0.8, 39),
     (400, 0.7, 120), (196, 0.7, 58)],
)  # fmt: skip
def test_number_of_tokens_kept(tokens, ratio, kept):
    assert (~token_mask(3, tokens, ratio, generator())).sum(dim=1).tolist() == [kept] * 3


@pytest.mark.parametrize(
    ("side", "unit", "ratio", "hidden"),
    [(192, 32, 0.6, 22), (224, 4, 0.8, 2509), (128, 4, 0.8, 820), (96, 4, 0.8, 461), (224, 32, 0.8, 40)],
)
def test_number_of_units_hidden(side, unit, ratio, hidden):
    mask = unit_mask(2, side, unit, 4, ratio, generator())
    assert mask.shape == (2, side // 4, side // 4)
    assert mask.sum(dim=(1, 2)).tolist() == [hidden * (unit // 4) ** 2] * 2
    blocks = mask.unflatten(1, (-1, unit // 4)).unflatten(3, (-1, unit // 4)).float().mean(dim=(2, 4))
    assert set(blocks.unique().tolist()) <= {0.0, 1.0}, "a unit is hidden as a whole"


@pytest.mark.parametrize("strategy", VERTICAL)
def test_some_channel_is_always_visible(strategy):
    hidden = vertical_mask(strategy, 10_000, GROUPS, 0.9, generator())
    assert not hidden.all(dim=1).any()


def test_random_modality_hides_each_or_none_equally_often():
    hidden = vertical_mask("RM", 9000, GROUPS, 0.3, generator())
    optical, sar = hidden[:, :10], hidden[:, 10:]
    assert (optical.all(dim=1) == optical.any(dim=1)).all()
    assert (sar.all(dim=1) == sar.any(dim=1)).all()
    deviation = (9000 * 1 / 3 * 2 / 3) ** 0.5
    for count in (optical[:, 0].sum(), sar[:, 0].sum(), (~hidden).all(dim=1).sum()):
        assert abs(int(count) - 3000) < 3 * deviation


def test_random_channels_are_hidden_at_their_rate():
    hidden = vertical_mask("RC", 20_000, GROUPS, 0.3, generator())
    assert float(hidden.float().mean()) == pytest.approx(0.3, abs=0.005)


def test_modality_and_channels_keep_the_hidden_modality_hidden():
    hidden = vertical_mask("RM+RC", 20_000, (1, 2), 0.8, generator())
    pattern = {tuple(row) for row in hidden.int().tolist()}
    assert (1, 1, 1) not in pattern
    assert {(1, 0, 0), (0, 1, 1), (1, 0, 1)} <= pattern


@pytest.mark.parametrize("strategy", VERTICAL)
def test_whole_tokens_are_hidden_in_the_volume(strategy):
    spatial, volume = volume_mask(strategy, 4, 196, GROUPS, 0.75, 0.3, generator())
    assert spatial.sum(dim=1).tolist() == [147] * 4
    assert volume[spatial].all()
    assert volume.all(dim=2).sum(dim=1).tolist() == [147] * 4


def test_only_3dm_draws_a_pattern_for_each_token():
    for strategy in VERTICAL:
        _, volume = volume_mask(strategy, 8, 64, GROUPS, 0.0, 0.3, generator())
        same = (volume == volume[:, :1]).all()
        assert bool(same) == (strategy != "3DM")


def test_a_seed_fixes_the_mask_and_an_unknown_strategy_is_refused():
    first, second = (volume_mask("3DM", 2, 64, GROUPS, 0.5, 0.3, generator(7))[1] for _ in range(2))
    assert torch.equal(first, second)
    with pytest.raises(ValueError, match="4DM"):
        vertical_mask("4DM", 1, GROUPS, 0.3, generator())
