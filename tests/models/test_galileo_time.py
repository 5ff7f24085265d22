from dataclasses import replace
from typing import ClassVar

import torch
from dated_checks import DATES, DatedChecks
from landsketch.models.dated import by_date
from landsketch.models.encoders.galileo import CHANNELS
from landsketch.models.encoders.galileo_features import GalileoFeatures, source_card
from support import OPTICAL, RADAR
from test_galileo import needs_weights, published_network

SERIES = replace(OPTICAL, dates=DATES)
RADAR_SERIES = replace(RADAR, dates=("2020-03-01", "2020-03-07", "2020-05-01"))
SMALL = {"dim": 32, "depth": 1, "heads": 4}


class TestGalileoOverTime(DatedChecks):
    architecture: ClassVar = {"name": "galileo", **SMALL}
    sources = (SERIES, RADAR_SERIES)
    tolerance = 1e-3


def features(*sources, **arguments):
    torch.manual_seed(0)
    encoder = GalileoFeatures(sources or (SERIES,), **(SMALL | arguments)).eval()
    with torch.no_grad():
        encoder.galileo.month_embed.weight.normal_()
        encoder.galileo.pos_embed.normal_()
    return encoder


def stack(dates=3, side=32):
    return {"optical": torch.rand(1, 10 * dates, side, side, generator=torch.Generator().manual_seed(0)) * 3000}


@needs_weights
def test_a_windows_series_has_the_tokens_of_the_network_with_empty_months_hidden():
    """The network itself is compared with the authors' tokens in `test_galileo`, over time as well."""
    network = published_network()
    encoder = GalileoFeatures((SERIES,), dim=network.dim, depth=len(network.blocks), heads=8)
    encoder.galileo = network
    images = stack()
    with torch.inference_mode():
        channels, hidden = encoder.eval().prepared(images)
        ((found, _),) = encoder.encode_windows(channels, hidden)
        normalised, months = by_date(encoder.normalisers["optical"](images["optical"]), 10), (0, 1, 4)
        inputs, masks = torch.full((1, 32, 32, 5, 13), 0.5), torch.ones(1, 32, 32, 5, 7, dtype=torch.bool)
        for place, month in enumerate(months):
            inputs[:, :, :, month, 2:12] = normalised[:, place].permute(0, 2, 3, 1)
            inputs[:, :, :, month, 12] = by_date(channels, len(CHANNELS))[:, month, 12]
            masks[:, :, :, month, 1:] = False
        tokens, unseen = network(inputs, masks, torch.tensor([[2, 3, 4, 5, 6]]), 4)
        visible = (~unseen)[..., None]
        mean = (tokens * visible).sum(dim=(3, 4)) / visible.sum(dim=(3, 4))
        seen = tokens[:, :, :, [0, 1, 4], 1:].mean(dim=4)  # optical groups of the months that have data
    expected = torch.cat([mean, seen.std(dim=3, correction=0)], dim=-1).permute(0, 3, 1, 2)
    assert torch.allclose(found, expected, atol=2e-3) and torch.allclose(found[:, :128], expected[:, :128], atol=1e-4)


def test_when_a_date_was_matters_but_not_in_which_year():
    encoder, images = features(), stack()
    with torch.inference_mode():
        (before,) = encoder(images)
        encoder.bind([replace(SERIES, dates=tuple(day.replace("2020", "2016") for day in DATES))])
        (another_year,) = encoder(images)
        encoder.bind([replace(SERIES, dates=(*DATES[:2], "2020-10-20"))])
        (another_month,) = encoder(images)
    assert torch.equal(before, another_year)
    assert not torch.allclose(before, another_month, atol=1e-3)


def test_a_cloud_hides_the_tokens_below_it_and_no_others():
    """Without blocks, tokens are what their own pixels make them."""
    encoder = features(depth=0)
    encoder.smoothing = 1
    images, whole = stack(side=64), stack(side=64)
    by_date(images["optical"], 10)[:, 1, :, :, :32] = torch.nan
    with torch.inference_mode():
        (clouded,), (clear,) = encoder(images), encoder(whole)
        encoder.bind([replace(SERIES, dates=(DATES[0], DATES[2]))])
        (two,) = encoder({"optical": by_date(whole["optical"], 10)[:, [0, 2]].flatten(1, 2)})
    assert torch.allclose(clouded[..., 8:], clear[..., 8:], atol=1e-5)
    assert torch.allclose(clouded[..., :8], two[..., :8], atol=1e-5)


def test_it_has_no_place_for_more_than_its_longest_series():
    days = tuple(f"{year}-{month:02}-11" for year in (2018, 2019, 2020) for month in (1, 5, 12))
    encoder = features(replace(SERIES, dates=days))
    with torch.inference_mode():
        (found,) = encoder(stack(9))
    assert torch.isfinite(found).all() and len(encoder.timeline.months) == 12


def test_radar_and_optical_series_have_dates_of_their_own():
    encoder = features(SERIES, replace(source_card("sar", "sentinel-1-grd", ("VV", "VH"), 10), dates=("2020-06-01",)))
    _, hidden = encoder.prepared(stack() | {"sar": torch.full((1, 2, 32, 32), -10.0)})
    seen = ~by_date(hidden, 7)[0, :, :2, 0, 0]
    assert seen.tolist() == [[False, True], [False, True], [False, False], [True, False], [False, True]]
