"""Time stacks as tensors."""

import torch
from landsketch.core.cards import Normalisation
from landsketch.models.dated import by_date, days_of_year, days_since, months, seen
from landsketch.models.normalisation import Normaliser


def test_channels_are_date_by_date():
    image = torch.arange(6.0).view(1, 6, 1, 1)
    assert by_date(image, 2)[0, :, :, 0, 0].tolist() == [[0, 1], [2, 3], [4, 5]]


def test_a_date_is_seen_where_all_its_bands_are():
    series = torch.zeros(1, 2, 3, 1, 2)
    series[0, 1, 2, 0, 1] = torch.nan
    assert seen(series)[0, :, 0].tolist() == [[True, True], [True, False]]


def test_dates_become_numbers():
    dates = ["2018-08-31", "2018-09-01", "2019-01-01"]
    assert days_since(dates, "2018-09-01").tolist() == [-1, 0, 122]
    assert days_of_year(dates).tolist() == [242, 243, 0]
    assert months(dates).tolist() == [7, 8, 0]


def test_all_dates_are_scaled_alike():
    scale = Normaliser(Normalisation("z-score", (1.0, 10.0), (1.0, 10.0)))
    single = torch.tensor([2.0, 30.0]).view(1, 2, 1, 1)
    assert scale(single).flatten().tolist() == [1, 2]
    assert scale(single.repeat(1, 3, 1, 1)).flatten().tolist() == [1, 2] * 3
