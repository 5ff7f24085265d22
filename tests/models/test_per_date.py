from dataclasses import replace
from typing import ClassVar

import pytest
import torch
from dated_checks import DATES, DatedChecks, series_card
from landsketch.core.errors import CheckpointError
from landsketch.models.dated import by_date
from landsketch.models.encoders.per_date import PerDateFeatures
from landsketch.models.segmenter import build_encoder

FILTERS = {"name": "random-features", "filters": 8}
CONVOLUTIONS = {
    "name": "stack-conv",
    "layout": {"optical": ["B1", "B2", "B3", "B4"]},
    "width": 16,
    "depth": 1,
    "dim": 8,
}
SERIES = (series_card(),)
RADAR = replace(series_card(2, ("2020-03-01", "2020-07-25"), "sar"), bands=("VV", "VH"))


class TestStatisticsOfRandomFeatures(DatedChecks):
    architecture: ClassVar = {"name": "per-date", "inner": FILTERS}
    sources = (series_card(),)


class TestStatisticsOfConvolutions(DatedChecks):
    architecture: ClassVar = {"name": "per-date", "inner": CONVOLUTIONS}
    sources = (series_card(),)


class TestAttentionOverAResNet(DatedChecks):
    architecture: ClassVar = {
        "name": "per-date",
        "inner": {"name": "resnet", "model": "resnet10t", "levels": [1, 2]},
        "pooling": "attention",
    }
    sources = (series_card(),)
    unused = ("layer3", "layer4")
    tolerance = 1e-3


class TestDatesSideBySide(DatedChecks):
    architecture: ClassVar = {"name": "per-date", "inner": CONVOLUTIONS, "pooling": "concatenate"}
    sources = (series_card(),)

    # Each date has channels of its own, and their number is fixed.
    test_the_order_of_dates_does_not_matter = None
    test_a_missing_date_is_as_good_as_none = None
    test_one_date_will_do = None

    def test_another_number_of_dates_is_refused(self):
        with pytest.raises(CheckpointError, match="takes 3 dates side by side; the time stack has 2"):
            self.build().bind([series_card(dates=DATES[:2])])

    def test_a_missing_date_has_the_mean_of_the_others(self):
        encoder, images = self.rebound([0, 1, 2])
        by_date(images["optical"], 4)[:, 1] = torch.nan
        (features,) = self.features(encoder, images)
        first, second, third = features.chunk(3, dim=1)
        self.assert_same(second, (first + third) / 2)


def encoder(inner=FILTERS, sources=SERIES, **arguments):
    return build_encoder({"encoder": {"name": "per-date", "inner": inner, **arguments}}, sources).eval()


def stack(dates=3, bands=4, side=16):
    return torch.rand(2, dates * bands, side, side, generator=torch.Generator().manual_seed(0)) * 3000


def test_statistics_are_those_of_the_dates_by_themselves():
    network, image = encoder(), stack()
    with torch.inference_mode():
        (pooled,) = network({"optical": image})
        alone = torch.stack([network.inner({"optical": date})[0] for date in by_date(image, 4).unbind(1)])
    mean, deviation = pooled.chunk(2, dim=1)
    assert torch.allclose(mean, alone.mean(dim=0), atol=1e-5)
    assert torch.allclose(deviation, alone.std(dim=0, correction=0), atol=2e-3)


def test_each_pixel_has_the_statistics_of_its_own_dates():
    network, image = encoder(), stack(side=48)
    by_date(image, 4)[:, 0, :, :, :24] = torch.nan
    with torch.inference_mode():
        (pooled,) = network({"optical": image})
        (all_dates,) = network({"optical": stack(side=48)})
        network.bind([series_card(dates=DATES[1:])])
        (two,) = network({"optical": image[:, 4:]})
    left, right = slice(0, 4), slice(8, 12)  # elements of four pixels, without those next to the border
    assert torch.allclose(pooled[..., left], two[..., left], atol=1e-4)
    assert torch.allclose(pooled[..., right], all_dates[..., right], atol=1e-4)


def test_radar_comes_with_its_nearest_date():
    network = encoder(sources=(series_card(), RADAR))
    images = {"optical": stack(), "sar": stack(2, 2)}
    nearest = by_date(images["sar"], 2)[:, [0, 0, 1]]
    with torch.inference_mode():
        (pooled,) = network(images)
        dated = zip(by_date(images["optical"], 4).unbind(1), nearest.unbind(1), strict=True)
        alone = [network.inner({"optical": optical, "sar": radar})[0] for optical, radar in dated]
    assert torch.allclose(pooled.chunk(2, dim=1)[0], torch.stack(alone).mean(dim=0), atol=1e-5)


def test_a_single_image_comes_with_each_date():
    terrain = replace(series_card(1, (), "sar"), bands=("VV",))
    network = encoder(sources=(series_card(), terrain))
    with torch.inference_mode():
        (pooled,) = network({"optical": stack(), "sar": stack(1, 1)})
    assert torch.isfinite(pooled).all() and pooled.shape[1] == 2 * network.inner.channels[0]


def test_without_dates_it_is_refused():
    with pytest.raises(CheckpointError, match="no source with dates"):
        encoder(sources=(series_card(dates=()),))


def test_an_unknown_pooling_is_refused():
    with pytest.raises(CheckpointError, match="pooling is 'median'"):
        PerDateFeatures([series_card()], FILTERS, "median")


def test_weights_of_the_inner_encoder_are_the_pretrained_part():
    network = encoder(CONVOLUTIONS)
    assert network.pretrained_part() is network.inner.pretrained_part()
    assert (network.alignment, network.halo) == (network.inner.alignment, network.inner.halo)
