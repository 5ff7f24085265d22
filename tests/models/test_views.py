"""Random views: all sensors are moved alike, gaps stay gaps, and a seed fixes everything."""

import pytest
import torch
from landsketch.core.cards import Normalisation
from landsketch.models.normalisation import Normaliser
from landsketch.models.pretraining.views import VIEWS, ViewOptions, Views, blurred, random_affines, warped
from places import OPTICAL, SAR, places
from torch import nn

STILL = {"brightness": 0.0, "contrast": 0.0, "blur": 0.0, "erasing": 0.0}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def views(options, *sources):
    return Views(
        nn.ModuleDict({source.role: Normaliser(source.normalisation) for source in sources or (OPTICAL, SAR)}), options
    )


def ramps(count, side):
    """(sample, 2, y, x) of coordinates, from 0 to 1, at the centres of pixels."""
    centres = (torch.arange(side) + 0.5) / side
    return torch.stack(torch.meshgrid(centres, centres, indexing="ij"))[None].repeat(count, 1, 1, 1)


def test_all_sensors_are_moved_alike_whatever_their_resolution():
    geometry = views(ViewOptions(area=0.4, **STILL))
    seen = geometry({"optical": ramps(16, 120), "sar": ramps(16, 40)}, seeded())
    coarse = nn.functional.avg_pool2d(seen["optical"], 3)
    inner = (..., slice(1, -1), slice(1, -1))  # at the border the last pixel is repeated
    assert torch.allclose(coarse[inner], seen["sar"][inner], atol=2e-3)
    assert (seen["sar"] - ramps(16, 40)).abs().amax(dim=(1, 2, 3)).min() > 0.05  # all were moved


def test_flips_and_turns_keep_every_pixel():
    turn = views(ViewOptions(area=1.0, **STILL), OPTICAL)
    image = places(32)["optical"]
    seen = turn({"optical": image}, seeded())["optical"]
    symmetries = [f(torch.rot90(image, k, (2, 3))) for k in range(4) for f in (lambda x: x, lambda x: x.flip(-1))]
    same = torch.stack([(seen - one).abs().amax(dim=(1, 2, 3)) < 1.0 for one in symmetries])  # of 10 000
    assert same.any(dim=0).all()
    assert same.any(dim=1).all(), "not all eight ways of laying a window were drawn"


def test_a_crop_keeps_at_least_the_stated_area_inside_the_window():
    affine = random_affines(2000, ViewOptions(area=0.3), seeded())
    area = affine[:, :, :2].det().abs()
    assert 0.3 <= area.min() < 0.32 and 0.98 < area.max() <= 1
    corners = torch.tensor([[-1.0, -1, 1], [1, 1, 1], [-1, 1, 1], [1, -1, 1]]).T
    assert (affine @ corners).abs().max() <= 1 + 1e-6


def test_values_stay_in_the_range_that_the_card_states():
    batch, options = places(64), ViewOptions(brightness=0.8, contrast=0.8)
    for role, image in views(options)(batch, seeded()).items():
        source = {"optical": OPTICAL, "sar": SAR}[role]
        scaled = Normaliser(source.normalisation)(image).nan_to_num(0.5)
        raw = (image - Normaliser(source.normalisation).offset) / Normaliser(source.normalisation).scale
        assert torch.allclose(raw.nan_to_num(0.5), scaled, atol=1e-5), role
        assert (image - batch[role]).nan_to_num(0.0).abs().max() > 0.3 * source.normalisation.scale[0]


def test_brightness_and_contrast_also_suit_normalisations_without_bounds():
    image = 1000 + 50 * torch.randn(8, 2, 32, 32, generator=seeded())
    scaling = nn.ModuleDict({"sar": Normaliser(Normalisation("z-score", (1000.0, 1000.0), (50.0, 50.0)))})
    seen = Views(scaling, ViewOptions(area=1.0, blur=0.0, erasing=0.0))({"sar": image}, seeded())["sar"]
    shift = (seen.mean(dim=(2, 3)) - image.mean(dim=(2, 3))).abs()
    assert 10 < shift.max() <= 0.2 * 6 * 55
    assert torch.allclose(shift[:, 0], shift[:, 1], atol=5)  # all bands alike


def test_no_data_stays_no_data_and_reaches_nothing_else():
    image = torch.full((8, 2, 32, 32), 0.5)
    image[:, 0, :, :10] = torch.nan
    seen = views(ViewOptions(area=1.0, brightness=0.0, contrast=0.0, blur=1.0, erasing=0.0), SAR)(
        {"sar": image}, seeded()
    )["sar"]
    assert (seen[:, 0].isnan().sum(dim=(1, 2)) == 320).all()
    assert not seen[:, 1].isnan().any()
    assert torch.allclose(seen[~seen.isnan()], torch.tensor(0.5), atol=1e-5)


def test_an_empty_image_stays_empty():
    seen = views(VIEWS["hameln"], SAR)({"sar": torch.full((2, 2, 32, 32), torch.nan)}, seeded())
    assert seen["sar"].isnan().all()


def test_erasing_leaves_a_gap_in_all_bands():
    erase = views(ViewOptions(area=1.0, brightness=0.0, contrast=0.0, blur=0.0, erasing=1.0, erased=0.2))
    seen = erase(places(64), seeded())
    gaps = {role: image.isnan() for role, image in seen.items()}
    assert all((gap == gap[:, :1]).all() for gap in gaps.values())
    share = gaps["sar"][:, 0].float().mean(dim=(1, 2))
    assert share.min() > 0.005 and 0.1 < share.max() <= 0.24
    assert not torch.equal(gaps["sar"][:, 0], gaps["optical"][:, 0])


def test_blur_smooths_and_keeps_the_mean():
    noise = torch.rand(3, 1, 64, 64, generator=seeded())
    smooth = blurred(noise, torch.tensor([0.1, 1.0, 2.0]))
    assert torch.allclose(smooth[0], noise[0], atol=1e-3)
    deviations = smooth.std(dim=(1, 2, 3))
    assert deviations[1] < 0.5 * deviations[0] and deviations[2] < 0.7 * deviations[1]
    assert torch.allclose(smooth.mean(dim=(1, 2, 3)), noise.mean(dim=(1, 2, 3)), atol=5e-3)


def test_time_series_are_views_of_one_geometry():
    series = ramps(4, 40)[:, None].repeat(1, 5, 1, 1, 1)
    seen = views(ViewOptions(area=0.4, **STILL), SAR)({"sar": series}, seeded())["sar"]
    assert seen.shape == series.shape
    assert (seen == seen[:, :1]).all()


@pytest.mark.parametrize("name", list(VIEWS))
def test_a_seed_fixes_the_view_and_two_views_differ(name):
    batch, draw, generator = places(), views(VIEWS[name]), seeded(3)
    first, second = draw(batch, generator), draw(batch, generator)
    again = draw(batch, seeded(3))
    assert all(torch.equal(first[role].nan_to_num(-99), again[role].nan_to_num(-99)) for role in batch)
    differs = (first["sar"] - second["sar"]).nan_to_num(1e3).abs().amax(dim=(1, 2, 3)) > 0.1
    assert differs.all()


def test_views_for_single_bands_leave_colours_alone():
    flat = {"sar": torch.rand(8, 2, 1, 1, generator=seeded()).expand(-1, -1, 32, 32)}
    seen = views(VIEWS["geometry and blur"], SAR)(flat, seeded())["sar"]
    assert torch.allclose(seen, flat["sar"], atol=1e-5)


def test_resampling_is_exact_for_a_known_crop():
    image = torch.arange(16.0).view(1, 1, 4, 4)
    half = torch.tensor([[[0.5, 0, -0.5], [0, 0.5, -0.5]]])  # the upper left quarter
    seen = warped(image, half)
    assert seen[0, 0, 0, 0] == 0 and seen[0, 0, 1, 1] == pytest.approx(1.25) and seen[0, 0, 3, 3] == pytest.approx(6.25)


def dated(count, side, dates=5, seed=1):
    """(sample, date × band, y, x) of two bands in the card's units, and the card's scaling."""
    scaling = Normalisation("3-sigma", (100.0, -50.0), (1000.0, 400.0), (0.0, 1.0))
    random = torch.rand(count, dates, 2, side, side, generator=seeded(seed))
    series = random * torch.tensor([1000.0, 400.0])[:, None, None] + torch.tensor([100.0, -50.0])[:, None, None]
    return series, Normaliser(scaling)


def test_a_series_is_scaled_by_band_however_its_dates_are_laid():
    """Of five dates of two bands, 5 // 2 is no number of dates."""
    series, normaliser = dated(3, 8)
    flat = normaliser(series.flatten(1, 2))
    assert torch.equal(flat.view_as(series), normaliser(series)) and 0.3 < flat.mean() < 0.7
    assert torch.allclose(normaliser.restored(flat), series.flatten(1, 2), atol=1e-3)


def test_brightness_changes_all_dates_of_a_series_alike():
    series, normaliser = dated(4, 24)
    series = series * 0.2 + torch.tensor([480.0, 120.0])[:, None, None]  # far from the bounds
    options = ViewOptions(area=1.0, symmetries=False, contrast=0.0, blur=0.0, erasing=0.0, dates=0.0)
    shown = Views(nn.ModuleDict({"series": normaliser}), options)
    seen = shown({"series": series.flatten(1, 2)}, seeded())["series"].view_as(series)
    shift = normaliser(seen) - normaliser(series)
    assert torch.allclose(shift, shift[:, :1, :1, :1, :1].expand_as(shift), atol=1e-4)
    assert shift.abs().max() > 0.05


def test_some_dates_of_a_series_are_hidden_but_never_all_that_have_data():
    series, normaliser = dated(64, 8)
    series[:32, 1:] = torch.nan  # one date has data
    shown = Views(nn.ModuleDict({"series": normaliser}), ViewOptions(area=1.0, **STILL, dates=0.6))
    seen = shown({"series": series.flatten(1, 2)}, seeded())["series"].view_as(series)
    there = seen.isfinite().flatten(2)
    assert torch.equal(there.any(dim=2), there.all(dim=2)), "a date is hidden as a whole"
    dates = there.any(dim=2).sum(dim=1)
    assert (dates[:32] == 1).all() and (dates[32:] >= 1).all() and 1.6 < dates[32:].float().mean() < 2.6


def test_a_margin_does_not_shift_what_lies_beside_each_other():
    """The ground of the fine image stays in the middle of a series that reaches farther."""
    step, margin, side = 8, 3, 96
    width = side // step + 2 * margin
    wide = ramps(16, width * step)
    inner = slice(margin * step, margin * step + side)
    fine, coarse = wide[..., inner, inner], nn.functional.avg_pool2d(wide, step)
    geometry = Views(
        nn.ModuleDict({"optical": dated(1, 4)[1], "series": dated(1, 4)[1]}),
        ViewOptions(area=0.3, **STILL, dates=0.0), {"series": margin},
    )  # fmt: skip
    seen = geometry({"optical": fine, "series": coarse}, seeded())
    cut = slice(margin + 1, -margin - 1)
    shown = nn.functional.avg_pool2d(seen["optical"], step)[..., 1:-1, 1:-1]
    assert torch.allclose(shown, seen["series"][..., cut, cut], atol=2e-3)
    assert (seen["optical"] - fine).abs().amax(dim=(1, 2, 3)).min() > 0.02
