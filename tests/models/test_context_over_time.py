"""The band context of time stacks: mean and spread over the dates that are seen."""

import torch
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.models.context import band_context, over_dates

DATES = ("2020-01-01", "2020-04-01", "2020-07-01", "2020-10-01")


def source(role="optical", dates=DATES, bands=2):
    scaling = Normalisation("z-score", (0.0,) * bands, (1.0,) * bands)
    return SourceCard(role, "generic", tuple(f"b{i}" for i in range(bands)), "raw", 10.0, scaling, dates=dates)


def series(seed=0, dates=4, bands=2, side=12):
    return torch.randn(1, dates * bands, side, side, generator=torch.Generator().manual_seed(seed))


def test_mean_and_spread_are_those_of_the_seen_dates():
    image = series()
    image[:, 2, :6] = torch.nan  # one band of the second date: it is not seen there at all
    image[:, :, 0, 0] = torch.nan
    found = over_dates(image, 2)
    values = image.reshape(4, 2, 12, 12)
    assert torch.allclose(found[0, :2, 8, 8], values[:, :, 8, 8].mean(dim=0), atol=1e-6)
    assert torch.allclose(found[0, 2:, 8, 8], values[:, :, 8, 8].std(dim=0, correction=0), atol=1e-6)
    assert torch.allclose(found[0, :2, 3, 8], values[[0, 2, 3], :, 3, 8].mean(dim=0), atol=1e-6)
    assert found[0, :, 0, 0].isnan().all()


def test_the_order_of_dates_does_not_matter_and_one_date_is_enough():
    context = band_context([source()])
    image = series()
    turned = image.reshape(1, 4, 2, 12, 12).flip(1).reshape(image.shape)
    first = context({"optical": image})
    assert first.shape == (1, context.channels, 12, 12)
    assert torch.allclose(first, context({"optical": turned}), atol=1e-5)
    one = context({"optical": image[:, :2]})
    assert one.shape == first.shape
    assert one.isfinite().all()


def test_channels_are_as_stated_beside_images_and_series():
    context = band_context([source(), source("sar", (), 3), source("series", DATES, 5)])
    assert context.channels == 4 * (2 * 2 + 3)
    images = {"optical": series(), "sar": series(1, 1, 3), "series": series(2, 4, 5, 3)}
    assert context(images).shape == (1, context.channels, 12, 12)
    assert band_context([source("series")]) is None


def test_gaps_spread_nothing():
    image = series()
    image[:, :, :, :4] = torch.nan
    found = band_context([source()])({"optical": image})
    assert found.isfinite().all()
    assert (found[..., 0] == 0).all()
