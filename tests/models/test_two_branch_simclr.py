"""SimCLR of a network of two branches."""

from dataclasses import replace

import pytest
import torch
from dated_checks import series_card
from landsketch.core.errors import SpecError
from landsketch.models.encoders.two_branch import TwoBranchFeatures
from landsketch.models.encoders.utae_features import LEARNED_DATES, series_of
from landsketch.models.pretraining.method import Schedule
from landsketch.models.pretraining.recipes import recipe
from landsketch.models.pretraining.simclr import Simclr, SimclrOptions
from landsketch.models.pretraining.two_branch import TwoBranchSimclr

DATES = ("2001-03-08", "2001-05-23", "2001-08-08")
STEP, MARGIN, SIDE = 8, 2, 32
SOURCES = (
    replace(series_card(3, ()), gsd=1.0),
    series_card(2, DATES, "series", step=STEP, margin=MARGIN),
)
SMALL: dict = {"widths": [16, 32], "decoder": [16, 32], "heads": 4, "inner": 16, "keys": 4}


def method(**options):
    torch.manual_seed(0)
    encoder = TwoBranchFeatures(SOURCES, "resnet10t", 3, SMALL)
    return TwoBranchSimclr(encoder, Schedule(40, 1e-3), SimclrOptions(dim=16, **options))


def windows(count=8, seed=0):
    """Windows whose image and series have the brightness of their place in common, and nothing else."""
    generator = torch.Generator().manual_seed(seed)
    brightness = torch.linspace(0.2, 0.8, count)[:, None, None, None] * 3000
    own = SIDE // STEP + 2 * MARGIN
    noise = [torch.rand(shape, generator=generator) * 100 for shape in ((count, 3, SIDE, SIDE), (count, 6, own, own))]
    return {"optical": brightness + noise[0], "series": brightness + noise[1]}


def trained(chosen, steps=30):
    """Returns the losses of a training on windows that are always new."""
    optimizer, losses = torch.optim.Adam(chosen.parameters(), 3e-3), []
    for step in range(steps):
        parts, _ = chosen.losses(windows(seed=step))
        optimizer.zero_grad()
        parts["contrast"].backward()
        optimizer.step()
        losses.append(float(parts["contrast"]))
    return losses


def test_it_finds_the_series_of_an_image():
    losses = trained(method(compare="branches", temperature=0.5))
    assert sum(losses[-5:]) < 0.75 * sum(losses[:5])


def test_it_tells_pairs_apart_by_their_views():
    parts, features = method().losses(windows())
    assert torch.isfinite(parts["contrast"]) and features.shape == (8, 16)
    parts["contrast"].backward()


@pytest.mark.parametrize("compare", ["views", "branches"])
def test_gradients_reach_both_branches(compare):
    chosen = method(compare=compare)
    chosen.losses(windows())[0]["contrast"].backward()
    for part in (chosen.encoder.unet.encoder, chosen.encoder.series):
        assert any(parameter.grad is not None and parameter.grad.any() for parameter in part.parameters())
    learned = {name: parameter for name, parameter in chosen.named_parameters() if parameter.requires_grad}
    assert [name for name, parameter in learned.items() if parameter.grad is None] == [], "several devices would wait"
    fused = [parameter.grad for parameter in chosen.encoder.fusion.parameters()]
    assert any(gradient is not None and gradient.any() for gradient in fused) == (compare == "views")


@pytest.mark.parametrize("missing", ["optical", "series"])
def test_a_window_without_one_of_them_does_no_harm(missing):
    images = windows()
    images[missing][3] = torch.nan
    for compare in ("views", "branches"):
        parts, _ = method(compare=compare).losses(images)
        assert torch.isfinite(parts["contrast"])


def test_small_batches_are_warned_of():
    (warning,) = method().warnings(16)
    assert "16 are few: in a study of Hameln" in warning and method().warnings(256) == []


def test_options_that_do_not_go_with_two_branches_are_named():
    with pytest.raises(SpecError, match="compare is 'all'"):
        method(compare="all")
    with pytest.raises(SpecError, match="remembers no earlier windows"):
        method(memory=64)
    encoder = TwoBranchFeatures(SOURCES, "resnet10t", 3, SMALL)
    with pytest.raises(SpecError, match="can compare views only"):
        Simclr(encoder, Schedule(4, 1e-3), SimclrOptions(compare="branches"))
    with pytest.raises(SpecError, match="multiples of 32 pixels"):
        recipe("simclr").build(SOURCES, "two-branch", 40, Schedule(4, 1e-3), SimclrOptions())


def test_training_sees_other_dates_of_a_long_series_each_time():
    count = 3 * LEARNED_DATES
    days = tuple(f"20{10 + number // 12}-{number % 12 + 1:02}-01" for number in range(count))
    image = torch.arange(count, dtype=torch.float32)[None, :, None, None].expand(2, count, 4, 4).clone()
    image[:, 0] = torch.nan
    torch.manual_seed(0)
    draws = [series_of(image, 1, days, learning=True) for _ in range(20)]
    for series, when, visible in draws:
        assert series.shape[1] == len(when) == visible.shape[1] == LEARNED_DATES and visible.all()
        assert (when.diff() > 0).all() and when[0] < 200 and when[-1] > 365 * 5
    assert len({float(value) for series, _, _ in draws for value in series[0, :, 0, 0, 0]}) > 2 * LEARNED_DATES
    assert series_of(image, 1, days)[0].shape[1] == count - 1
