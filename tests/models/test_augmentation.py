"""Variations of labelled windows: geometry is one for all, radiometry stays, and nothing disappears altogether."""

import math

import pytest
import torch
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.core.specs import AUGMENTATIONS, AugmentationSpec
from landsketch.models.augmentation import Augmentation, resampled, speckled, with_hidden_bands, without
from landsketch.models.losses import IGNORED

SIDE = 24


def source(role, bands=1, dates=0, step=1, margin=0, units="dn"):
    scaling = Normalisation("3-sigma", (100.0,) * bands, (200.0,) * bands, (0.0, 1.0))
    days = tuple(f"2020-0{i + 1}-01" for i in range(dates))
    names = tuple(f"B{i}" for i in range(bands))
    return SourceCard(role, "generic", names, units, 10.0, scaling, dates=days, step=step, margin=margin)


OPTICAL = source("optical", bands=2, dates=3)
SAR = source("sar", bands=2, units="db")


def numbered(channels, side=SIDE):
    """Each pixel has its own number, the same in all channels."""
    return torch.arange(side * side, dtype=torch.float32).view(1, side, side).repeat(channels, 1, 1)


def chip():
    """A chip in which sources, target and weight show the same thing."""
    image = numbered(1)[0]
    return {"optical": numbered(6), "sar": numbered(2)}, image.long(), image.clone()


@pytest.mark.parametrize("name", ["turns", "geometry"])
def test_all_sources_dates_labels_and_weights_move_alike(name):
    torch.manual_seed(0)
    vary = Augmentation(AUGMENTATIONS[name], (OPTICAL, SAR))
    moved = 0
    for _ in range(20):
        images, target, weight = vary(chip())
        inside = target != IGNORED
        moved += not torch.equal(target, chip()[1])
        for image in images.values():
            assert (image[:, inside] == target[inside]).all()
            assert image[:, ~inside].isnan().all()
        assert (weight[inside] == target[inside]).all()
        assert (weight[~inside] == 0).all()
    assert moved > 10


def test_a_quarter_turn_by_angle_is_a_quarter_turn():
    images, target, _ = resampled(chip(), math.pi / 2, 1.0, (0.0, 0.0))
    assert torch.equal(target.rot90(-1), chip()[1]) or torch.equal(target.rot90(1), chip()[1])
    assert torch.equal(images["sar"][0].long(), target)


def test_enlarging_and_shifting_take_the_right_part():
    _, target, _ = resampled(chip(), 0.0, 2.0, (0.25, 0.25))
    quarter = chip()[1][SIDE // 2 :, SIDE // 2 :]
    assert set(target[1:, 1:].flatten().tolist()) <= set(chip()[1][SIDE // 2 - 1 :, SIDE // 2 - 1 :].flatten().tolist())
    assert set(quarter[:-1, :-1].flatten().tolist()) <= set(target.flatten().tolist())
    _, target, _ = resampled(chip(), 0.0, 0.5, (0.0, 0.0))
    assert (target == IGNORED).float().mean() == pytest.approx(0.75, abs=0.05)


def test_beside_a_coarser_source_only_the_orientation_varies():
    torch.manual_seed(1)
    coarse = source("series", step=4, margin=1)
    fine = source("optical")
    vary = Augmentation(AUGMENTATIONS["geometry"], (fine, coarse))
    # The coarse source shows the mean position of its pixels in the fine one, within its margin.
    rows = torch.arange(SIDE, dtype=torch.float32)[:, None].expand(SIDE, SIDE)
    for _ in range(20):
        low = torch.nn.functional.pad(torch.nn.functional.avg_pool2d(rows[None], 4), (1, 1, 1, 1), value=-1)
        images, target, _ = vary(({"optical": rows[None], "series": low}, rows.long(), torch.ones(SIDE, SIDE)))
        inner = images["series"][:, 1:-1, 1:-1]
        assert torch.equal(torch.nn.functional.avg_pool2d(images["optical"], 4), inner)
        assert torch.equal(images["optical"][0].long(), target)


def test_the_chip_itself_stays_as_it_is():
    before = chip()
    Augmentation(AUGMENTATIONS["full"], (OPTICAL, SAR))(before)
    after = chip()
    assert all(torch.equal(before[0][role], after[0][role]) for role in before[0])


def test_never_all_sources_or_all_dates_are_hidden():
    torch.manual_seed(0)
    vary = Augmentation(AugmentationSpec(dates=0.9, sources=0.9), (OPTICAL, SAR))
    hidden = {"optical": 0, "sar": 0}
    for _ in range(60):
        images, target, _ = vary(chip())
        empty = [role for role, image in images.items() if image.isnan().all()]
        assert len(empty) <= 1
        for role in empty:
            hidden[role] += 1
        assert (target != IGNORED).all()
        if "optical" not in empty:
            dates = images["optical"].view(3, 2, SIDE, SIDE).isnan().all(dim=(1, 2, 3))
            assert not dates.all()
    assert min(hidden.values()) > 10


def test_hidden_bands_have_the_middle_value_where_there_is_data():
    image = torch.randn(6, 4, 4)
    image[:, 0, 0] = torch.nan
    hidden = with_hidden_bands(image, OPTICAL, torch.tensor([False, True]))
    assert hidden[:, 0, 0].isnan().all()
    assert torch.equal(hidden[0::2, 1:], image[0::2, 1:])
    assert (hidden[1::2, 1:] == 200).all()


def test_speckle_keeps_the_mean_power_and_has_the_number_of_looks_that_was_asked_for():
    torch.manual_seed(0)
    power = 10 ** (speckled(torch.full((1, 400, 400), -12.0), 4.0) / 10)
    assert float(power.mean()) == pytest.approx(10**-1.2, rel=0.01)
    assert float(power.mean() ** 2 / power.var()) == pytest.approx(4.0, rel=0.03)


def test_speckle_is_for_radar_in_decibel_alone():
    vary = Augmentation(AugmentationSpec(turns=False, speckle=4), (OPTICAL, SAR))
    images, _, _ = vary(chip())
    assert torch.equal(images["optical"], chip()[0]["optical"])
    assert not torch.equal(images["sar"], chip()[0]["sar"])


def test_a_source_that_is_hidden_has_no_data():
    images = without(chip()[0], "sar")
    assert images["sar"].isnan().all()
    assert not images["optical"].isnan().any()
