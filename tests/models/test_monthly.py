import torch
from landsketch.models.dated import by_date
from landsketch.models.encoders.monthly import Timeline, monthly, timeline


def test_series_are_months_from_the_first_date_to_the_last():
    found = timeline({"optical": ("2019-11-30", "2020-01-02", "2020-01-28"), "sar": ("2020-02-01",)}, 7, 24)
    assert found == Timeline((10, 11, 0, 1), {"optical": (0, 2, 2), "sar": (3,)})


def test_series_that_are_too_long_become_one_year():
    found = timeline({"optical": ("2017-03-01", "2019-12-31", "2020-03-05")}, 7, 24)
    assert found == Timeline(tuple(range(12)), {"optical": (2, 11, 2)})


def test_single_images_have_the_scenes_month():
    assert timeline({"optical": (), "sar": ()}, 5, 24) == Timeline((4,), {"optical": (0,), "sar": (0,)})


def test_a_single_image_beside_a_series_comes_in_its_middle():
    found = timeline({"optical": ("2020-01-01", "2020-03-01"), "sar": ()}, 7, 24)
    assert found.steps == {"optical": (0, 2), "sar": (1,)}


def test_dates_of_a_month_are_averaged_where_they_have_data():
    image = torch.tensor([[1.0, 10.0], [3.0, torch.nan], [5.0, 50.0], [torch.nan, 70.0]]).view(1, 8, 1, 1)
    months = by_date(monthly(image, 2, (0, 0, 2, 2), 3, decibel=False), 2)[0, :, :, 0, 0]
    assert months[0].tolist() == [2, 10] and months[1].isnan().all() and months[2].tolist() == [5, 60]


def test_backscatter_is_averaged_in_linear_power():
    image = torch.tensor([0.0, -10.0]).view(1, 2, 1, 1)
    (mean,) = monthly(image, 1, (0, 0), 1, decibel=True).flatten().tolist()
    assert abs(mean - 10 * torch.tensor(0.55).log10().item()) < 1e-5
