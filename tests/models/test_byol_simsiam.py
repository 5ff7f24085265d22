"""BYOL and SimSiam on single bands: what gradients reach, how the copy follows, and that features do not collapse."""

from dataclasses import replace

import lightning
import pytest
import torch
from landsketch.core.errors import SpecError
from landsketch.models.encoders.single_band import BAND, SingleBandFeatures
from landsketch.models.pretraining.band_views import BandViews, random_band
from landsketch.models.pretraining.byol import Byol, ByolOptions, regression_loss
from landsketch.models.pretraining.pooled import Projected
from landsketch.models.pretraining.simsiam import Simsiam, SimsiamOptions, siamese_loss
from landsketch.models.pretraining.views import VIEWS
from lightly.utils.scheduler import cosine_schedule
from places import OPTICAL, SAR, SCHEDULE, places, trained


def encoder(*sources):
    torch.manual_seed(0)
    return SingleBandFeatures(sources or (OPTICAL, SAR), "resnet10t", (1,))


def byol(**options):
    return Byol(encoder(), SCHEDULE, ByolOptions(hidden=64, dim=32, **options))


def simsiam():
    return Simsiam(encoder(), SCHEDULE, SimsiamOptions(dim=32, hidden=16))


def constant_bands(count=64):
    """(place, band, y, x) whose value says which band it is, distinct in both sensors."""
    values = torch.linspace(0.1, 0.9, 4)
    optical = values.view(1, 4, 1, 1).expand(count, 4, 32, 32) * torch.tensor(OPTICAL.normalisation.scale).view(
        -1, 1, 1
    )
    sar = torch.tensor([0.25, 0.75]).view(1, 2, 1, 1).expand(count, 2, 32, 32)
    return {
        "optical": optical + torch.tensor(OPTICAL.normalisation.offset).view(-1, 1, 1),
        "sar": sar * 30 + torch.tensor(SAR.normalisation.offset).view(-1, 1, 1),
    }


def test_regression_loss():
    generator = torch.Generator().manual_seed(0)
    first = torch.randn(5, 2, generator=generator)
    orthogonal = torch.stack([-first[:, 1], first[:, 0]], dim=1)
    for other, expected in ((first, 0), (3 * first, 0), (orthogonal, 2), (-first, 4)):
        assert float(regression_loss(first, other)) == pytest.approx(expected, abs=1e-5)


def test_siamese_loss_stops_the_gradient():
    predictions = [torch.randn(4, 8, requires_grad=True) for _ in range(2)]
    projections = [torch.randn(4, 8, requires_grad=True) for _ in range(2)]
    siamese_loss(predictions, projections).backward()
    assert all(prediction.grad is not None for prediction in predictions)
    assert all(projection.grad is None for projection in projections)
    same = torch.randn(4, 8)
    assert float(siamese_loss([same, same], [same, same])) == pytest.approx(-1, abs=1e-6)
    assert float(siamese_loss([same, same], [-same, same])) == pytest.approx(0, abs=1e-6)


def test_momentum_rises_along_a_cosine():
    schedule = [cosine_schedule(step, 101, ByolOptions().momentum, 1.0) for step in (0, 50, 100)]
    assert schedule == pytest.approx([0.996, 0.998, 1.0])


def test_no_gradient_reaches_the_target():
    method = byol()
    parts, _ = method.losses(places())
    parts["regression"].backward()
    assert all(parameter.grad is None for parameter in method.target.parameters())
    assert all(parameter.grad is not None for parameter in method.prediction.parameters())
    assert method.encoder.pretrained_part().conv1[0].weight.grad.abs().sum() > 0


class Weights(lightning.Callback):
    """The online network's weights after each update."""

    def __init__(self):
        self.seen = []

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        self.seen.append([parameter.detach().clone() for parameter in pl_module.online.parameters()])


@pytest.mark.parametrize("steps", [1, 3])
def test_the_target_follows_after_each_update(steps):
    method, weights = byol(momentum=0.9), Weights()
    method.schedule = replace(SCHEDULE, steps=5)
    expected = [parameter.clone() for parameter in method.target.parameters()]
    trained(method, places(), steps=steps, watch=[weights])
    for step, online in enumerate(weights.seen):
        kept = cosine_schedule(step, 5, 0.9, 1.0)
        expected = [kept * old + (1 - kept) * new for old, new in zip(expected, online, strict=True)]
    assert len(weights.seen) == steps
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(expected, method.target.parameters(), strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(weights.seen[-1], expected, strict=True))


def test_bands_of_one_sensor_are_never_paired():
    views = BandViews(encoder(), VIEWS["geometry and blur"])
    first, second = views(constant_bands(), torch.Generator().manual_seed(0))
    optical, sar = (view[BAND].mean(dim=(1, 2, 3)) / 6 + 0.5 for view in (first, second))
    levels = torch.linspace(0.1, 0.9, 4)
    assert (optical[:, None] - levels).abs().amin(dim=1).max() < 1e-3
    assert (sar[:, None] - torch.tensor([0.25, 0.75])).abs().amin(dim=1).max() < 1e-3
    assert all(((optical - level).abs() < 1e-3).any() for level in levels)  # all bands have their turn
    assert ((sar - 0.25).abs() < 1e-3).any() and ((sar - 0.75).abs() < 1e-3).any()


def test_bands_are_picked_for_each_sample_on_its_own_and_equally_often():
    image = torch.arange(4.0).view(1, 4, 1, 1).expand(8000, 4, 1, 1)
    picked = random_band(image, torch.Generator().manual_seed(0)).flatten().long().bincount()
    assert (picked - 2000).abs().max() < 3 * (8000 * 0.25 * 0.75) ** 0.5


def test_both_views_are_turned_and_cut_on_their_own():
    centres = (torch.arange(32) + 0.5) / 32
    ramp = (centres[:, None] + 2 * centres)[None, None] / 3
    batch = {
        "optical": (ramp * 3000).expand(64, 1, 32, 32), "sar": (ramp * 30 - 25).expand(64, 1, 32, 32)
    }  # fmt: skip
    one = replace(OPTICAL.normalisation, offset=OPTICAL.normalisation.offset[:1], scale=OPTICAL.normalisation.scale[:1])
    two = replace(SAR.normalisation, offset=SAR.normalisation.offset[:1], scale=SAR.normalisation.scale[:1])
    network = encoder(
        replace(OPTICAL, bands=("B02",), normalisation=one), replace(SAR, bands=("VV",), normalisation=two)
    )
    first, second = BandViews(network, VIEWS["geometry and blur"])(batch, torch.Generator().manual_seed(0))
    slopes = [
        torch.stack([view[BAND].diff(dim=2).mean(dim=(1, 2, 3)), view[BAND].diff(dim=3).mean(dim=(1, 2, 3))], dim=1)
        for view in (first, second)
    ]
    same_way = ((slopes[0] * slopes[1]) > 0).all(dim=1)
    assert 0.05 < same_way.float().mean() < 0.5  # a quarter by chance
    sides = [slope.norm(dim=1) for slope in slopes]
    assert (sides[0] - sides[1]).abs().max() > 0.005


@pytest.mark.parametrize("build", [byol, simsiam])
def test_loss_falls_and_features_do_not_collapse(build):
    method = build()
    method.schedule = replace(SCHEDULE, steps=50)
    record = trained(method, places(16))
    start, end = (sum(part) / 5 for part in (record.losses[:5], record.losses[-5:]))
    assert end < start - 0.2, f"{start} to {end}"
    assert record.spreads[-1] > 0.3


def test_without_its_gradient_stop_and_prediction_it_collapses_and_the_spread_tells():
    class Unstopped(Simsiam):
        def losses(self, batch):
            views = self.views(batch, self.draws())
            first, second = (self.online(view) for view in views)
            return {"similarity": -torch.cosine_similarity(first, second).mean()}, first

    network = encoder()
    method = Unstopped(network, SCHEDULE, SimsiamOptions(dim=32, hidden=16))
    # Nor a norm at its end, which would keep features apart.
    method.online = Projected(network.of_band, torch.nn.Linear(network.of_band.channels[-1], 32))
    assert trained(method, places(16)).spreads[-1] < 0.15


@pytest.mark.parametrize("build", [byol, simsiam])
def test_windows_with_gaps_give_finite_losses_and_gradients(build):
    method, batch = build(), places(6)
    batch["sar"][0] = torch.nan
    batch["optical"][1, :2, :, 12:] = torch.nan
    parts, features = method.losses(batch)
    sum(parts.values()).backward()
    assert torch.isfinite(features).all()
    assert all(torch.isfinite(p.grad).all() for p in method.parameters() if p.grad is not None)


@pytest.mark.parametrize("method", [Byol, Simsiam])
def test_one_source_is_refused(method):
    options = {Byol: ByolOptions, Simsiam: SimsiamOptions}[method]()
    with pytest.raises(SpecError, match="there is sar only"):
        method(encoder(SAR), SCHEDULE, options)
