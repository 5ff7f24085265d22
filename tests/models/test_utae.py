from dataclasses import replace
from typing import ClassVar

import pytest
import torch
from dated_checks import DATES, DatedChecks, series_card
from encoder_checks import EncoderChecks
from landsketch.core.errors import CheckpointError
from landsketch.models.encoders.utae import PixelNorm, Utae, filled_in_time
from landsketch.models.encoders.utae_features import UtaeFeatures, series_of

SMALL: dict = {"widths": [16, 32], "decoder": [16, 32], "heads": 4, "inner": 16, "keys": 4}


class TestUtae(DatedChecks):
    architecture: ClassVar = {"name": "utae", **SMALL}
    sources = (series_card(),)
    tolerance = 1e-3


class TestUtaeThatSeesNoTile(DatedChecks):
    architecture: ClassVar = {"name": "utae", "norm": "pixel", **SMALL}
    sources = (series_card(),)
    tolerance = 1e-3


class TestUtaeOfASingleImage(EncoderChecks):
    architecture: ClassVar = {"name": "utae", **SMALL}
    sources = (series_card(dates=()),)
    unused = ("attention.query", "attention.key")  # one date gets all the attention
    exports = False
    tolerance = 1e-3


def parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_it_has_as_many_parameters_as_published():
    assert parameters(Utae(10, out=(32, 20))) == 1_087_260
    assert parameters(Utae(10, (64, 64, 128, 128), (64, 64, 128, 128), out=(32, 13))) == 2_284_199


def test_encoder_and_decoder_meet():
    with pytest.raises(ValueError, match="do not meet"):
        Utae(4, (16, 32), (16, 16))


def small(**arguments):
    torch.manual_seed(0)
    return Utae(4, **(SMALL | arguments)).eval()


def test_a_date_of_zeros_alone_counts_as_any_other():
    generator = torch.Generator().manual_seed(0)
    series, seen = torch.randn(1, 3, 4, 8, 8, generator=generator), torch.ones(1, 3, 8, 8, dtype=torch.bool)
    series[:, 1] = 0
    hidden = seen.clone()
    hidden[:, 1] = False
    days = torch.tensor([0.0, 50.0, 100.0])
    with torch.inference_mode():
        assert not torch.allclose(small()(series, days, seen), small()(series, days, hidden), atol=1e-3)


def test_what_a_masked_pixel_holds_has_no_effect():
    generator = torch.Generator().manual_seed(0)
    series = torch.randn(1, 3, 4, 8, 8, generator=generator)
    seen = torch.rand(1, 3, 8, 8, generator=generator) > 0.5
    days = torch.tensor([0.0, 50.0, 100.0])
    changed = torch.where(seen[:, :, None], series, torch.nan)
    with torch.inference_mode():
        assert torch.equal(small()(series, days, seen), small()(changed, days, seen))


def test_missing_values_become_the_mean_of_the_others_in_time():
    series = torch.tensor([1.0, 3.0, torch.nan, torch.nan]).view(1, 4, 1, 1, 1).repeat(1, 1, 1, 1, 2)
    seen = torch.tensor([True, True, False, False]).view(1, 4, 1, 1).repeat(1, 1, 1, 2)
    seen[..., 1] = False
    filled = filled_in_time(series, seen)[0, :, 0, 0]
    assert filled[:, 0].tolist() == [1, 3, 2, 2] and (filled[:, 1] == 0).all()


def test_the_norm_of_a_pixel_does_not_see_other_pixels():
    norm, maps = PixelNorm(2, 8), torch.randn(1, 8, 3, 3)
    with torch.no_grad():
        alone = torch.nn.functional.group_norm(maps[..., 1:2, 1:2], 2)
        assert torch.allclose(norm(maps)[..., 1:2, 1:2], alone, atol=1e-5)


def test_days_count_from_the_first_of_january_of_the_first_year():
    image = torch.rand(1, 8, 2, 2)
    image[:, 4:] = torch.nan
    series, days, seen = series_of(image, 4, ("2019-12-31", "2020-01-02"))
    assert days.tolist() == [364] and series.shape[1] == 1 and seen.all()
    _, days, _ = series_of(torch.rand(1, 8, 2, 2), 4, ("2019-12-31", "2020-01-02"))
    assert days.tolist() == [364, 366]


def test_longer_series_are_read_in_smaller_tiles():
    card = series_card(dates=tuple(f"2020-{month:02}-01" for month in range(1, 13)))
    encoder = UtaeFeatures([series_card(dates=DATES)], **SMALL)
    assert encoder.tile == 256
    encoder.bind([card])
    assert encoder.tile == 128 and encoder.dates == {"optical": card.dates}


def test_two_sources_are_refused():
    card = series_card()
    with pytest.raises(CheckpointError, match="reads one source; there are optical, sar"):
        UtaeFeatures([card, replace(card, role="sar")], **SMALL)
