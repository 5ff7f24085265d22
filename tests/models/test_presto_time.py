from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
import torch
from dated_checks import DatedChecks
from landsketch.models.dated import by_date
from landsketch.models.encoders.offers import SceneOffer
from landsketch.models.encoders.presto_features import PrestoFeatures, source_card
from test_presto import OPTICAL, RADAR, SMALL, UNASKED, authors_network, embedding, needs_weights, published

DATES = ("2020-03-02", "2020-04-15", "2020-07-20")
SERIES = replace(source_card(OPTICAL), dates=DATES)
RADAR_SERIES = replace(source_card(RADAR), dates=("2020-03-01", "2020-03-07", "2020-05-01"))


class TestPrestoOverTime(DatedChecks):
    architecture: ClassVar = {"name": "presto", "longitude": 10.0, "latitude": 45.0, **SMALL}
    sources = (SERIES, RADAR_SERIES)
    unused = UNASKED


def tiles(side=4):
    generator = torch.Generator().manual_seed(0)
    return {
        "optical": torch.rand(2, 30, side, side, generator=generator) * 4000 + 50,
        "sar": torch.rand(2, 6, side, side, generator=generator) * -20,
    }


def features(*sources, **arguments):
    torch.manual_seed(0)
    encoder = PrestoFeatures(sources or (SERIES, RADAR_SERIES), **(SMALL | arguments)).eval()
    with torch.no_grad():
        encoder.presto.month_embed.weight.normal_()
        encoder.presto.pos_embed.normal_()
    return encoder


@needs_weights
def test_a_pixels_series_has_the_embedding_of_the_authors_code():
    """March to July; two dates of radar in March, nothing in June; the optical image of one month is missing."""
    weights, arguments = published()
    encoder = features(longitude=10.0, latitude=45.0, **arguments)
    encoder.pretrained_part().load_state_dict(weights)
    images = tiles()
    by_date(images["optical"], 10)[:, 1] = torch.nan
    with torch.inference_mode():
        found = encoder(images)[0][1, :, 2, 3].numpy()
    optical, radar = by_date(images["optical"], 10)[1, :, :, 2, 3], by_date(images["sar"], 2)[1, :, :, 2, 3]
    power = 10 ** (radar / 10)
    x, mask = torch.zeros(1, 5, 17), torch.ones(1, 5, 17)
    for month, image in ((0, 10 * ((power[0] + power[1]) / 2).log10()), (2, radar[2])):
        x[0, month, :2], mask[0, month, :2] = (image + 25) / 25, 0
    for month, image in ((0, optical[0]), (4, optical[2])):
        x[0, month, 2:12], x[0, month, 16] = image / 10_000, (image[6] - image[2]) / (image[6] + image[2])
        mask[0, month, 2:12], mask[0, month, 16] = 0, 0
    expected = embedding(authors_network(), x, torch.full((1, 5), 9), [[45.0, 10.0]], mask, [2])
    assert np.abs(found - expected[0]).max() < 1e-4


def test_when_a_date_was_matters():
    images = {"optical": tiles()["optical"]}
    encoder = features(SERIES)
    with torch.inference_mode():
        (before,) = encoder(images)
        encoder.bind([replace(SERIES, dates=("2020-03-02", "2020-04-15", "2020-10-20"))])
        (after,) = encoder(images)
    assert not torch.allclose(before, after, atol=1e-3)


def test_the_same_months_of_another_year_are_the_same():
    images = {"optical": tiles()["optical"]}
    encoder = features(SERIES)
    with torch.inference_mode():
        (before,) = encoder(images)
        encoder.bind([replace(SERIES, dates=tuple(day.replace("2020", "2016") for day in DATES))])
        (after,) = encoder(images)
    assert torch.equal(before, after)


def test_three_years_of_dates_are_taken():
    days = tuple(f"{year}-{month:02}-11" for year in (2018, 2019, 2020) for month in range(1, 13))
    encoder = features(replace(SERIES, dates=days))
    with torch.inference_mode():
        (found,) = encoder({"optical": torch.rand(1, 360, 4, 4) * 3000})
    assert torch.isfinite(found).all() and len(encoder.timeline.months) == 12


@pytest.mark.parametrize("dated", [True, False])
def test_it_asks_for_a_month_only_where_there_are_no_dates(dated):
    scene = SceneOffer((replace(OPTICAL, dates=DATES if dated else ()),))
    assert any("July" in line for line in PrestoFeatures.adapted((), SMALL, scene).warnings) != dated
