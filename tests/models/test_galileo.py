import numpy as np
import pytest
import torch
from landsketch.core.errors import CheckpointError
from landsketch.models.encoders.galileo import CHANNELS, GROUPS, Galileo
from landsketch.models.encoders.galileo_features import S2_BANDS, GalileoFeatures, source_card
from landsketch.models.published import read_published
from support import SHARED

PUBLISHED = SHARED / "checkpoints" / "galileo-nano"
needs_weights = pytest.mark.skipif(not PUBLISHED.exists(), reason="the published Galileo weights are not at hand")


def published_network():
    published = read_published(str(PUBLISHED / "encoder.pt"))
    network = Galileo(**{k: v for k, v in published.architecture.items() if k != "name"}).eval()
    network.load_state_dict(published.weights)
    return network


@needs_weights
@pytest.mark.parametrize(
    "name", ["reference_s1s2_p4", "reference_s1s2_p8_t3", "reference_s2only_p2", "reference_s1only_p4"]
)
def test_tokens_equal_those_of_the_authors_code(name):
    network = published_network()
    reference = np.load(PUBLISHED / f"{name}.npz")
    with torch.inference_mode():
        tokens, hidden = network(
            torch.tensor(reference["space_time"]),
            torch.tensor(reference["space_time_mask"]) > 0,
            torch.tensor(reference["months"]),
            int(reference["patch_size"]),
            float(reference["gsd_m"]),
        )
    visible = reference["mask_out"] == 0
    assert np.array_equal(~hidden.numpy(), visible)
    assert np.abs(tokens.numpy() - reference["tokens_space_time"])[visible].max() < 1e-4


def random_window(seed=0, batch=2, side=8):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, side, side, 1, len(CHANNELS), generator=generator)


def small():
    torch.manual_seed(0)
    return Galileo(dim=32, depth=2, heads=4).eval()


def test_hidden_groups_do_not_leak_into_visible_tokens():
    network, window = small(), random_window()
    hidden = torch.zeros(*window.shape[:4], len(GROUPS), dtype=torch.bool)
    hidden[..., 0] = True
    changed = window.clone()
    changed[..., :2] += 100
    months = torch.full((2, 1), 6)
    with torch.inference_mode():
        before, _ = network(window, hidden, months, 4)
        after, _ = network(changed, hidden, months, 4)
    assert torch.equal(before, after)


def test_removing_hidden_tokens_equals_masking_them():
    network, window = small(), random_window()
    months = torch.full((2, 1), 6)
    hidden = torch.zeros(*window.shape[:4], len(GROUPS), dtype=torch.bool)
    hidden[..., 3] = True
    mixed = hidden.clone()
    mixed[1, ..., 5] = True  # samples differ, so the masked path runs
    with torch.inference_mode():
        removed, _ = network(window, hidden, months, 4)
        masked, _ = network(window, mixed, months, 4)
    assert torch.allclose(removed[0], masked[0], atol=1e-5)


def features(bands=S2_BANDS):
    sources = [
        source_card("optical", "sentinel-2-l1c", bands, 10),
        source_card("sar", "sentinel-1-grd", ("VV", "VH"), 10),
    ]
    torch.manual_seed(0)
    return GalileoFeatures(sources, month=7, dim=32, depth=1, heads=4).eval()


def scene(height, width, bands=10, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return {
        "optical": torch.rand(1, bands, height, width, generator=generator) * 3000,
        "sar": torch.rand(1, 2, height, width, generator=generator) * -20,
    }


def test_features_depend_on_the_place_and_not_on_the_tile():
    network, whole = features(), scene(160, 192)
    with torch.inference_mode():
        (everything,) = network(whole)
        (part,) = network({role: image[..., 16:144, 48:176] for role, image in whole.items()})
    inner = everything[..., (16 + 32) // 4 : (144 - 32) // 4, (48 + 32) // 4 : (176 - 32) // 4]
    assert torch.allclose(part[..., 8:-8, 8:-8], inner, atol=1e-5)


def test_skipping_far_windows_changes_nothing_at_the_wanted_pixels():
    network, whole = features(), scene(128, 128)
    wanted = torch.zeros(1, 128, 128, dtype=torch.bool)
    wanted[0, 45:52, 77:80] = True
    with torch.inference_mode():
        (everything,), (some,) = network(whole), network(whole, wanted)
    upsample = torch.nn.functional.interpolate
    difference = (
        upsample(everything, scale_factor=4, mode="bilinear") - upsample(some, scale_factor=4, mode="bilinear")
    )[0]
    assert difference[:, wanted[0]].abs().max() < 1e-5
    assert some[0, :, 0].abs().max() == 0, "windows far away were encoded all the same"


def test_the_edge_of_the_data_is_no_weaker_than_its_inside():
    network, whole = features(), scene(96, 96)
    for image in whole.values():
        image[:, :, :20] = torch.nan
        image[:, :, :, 80:] = torch.nan
    with torch.inference_mode():
        (out,) = network(whole)
    strength = out[0].norm(dim=0)
    inside = strength[8:, :16].median()
    assert strength[5:, :20].min() > 0.85 * inside
    assert strength[4, :20].min() > 0.85 * inside, "upsampling needs a neighbour beyond the edge"


def test_a_missing_layer_is_hidden_and_not_zero():
    network, whole = features(), scene(64, 64)
    holed = {**whole, "sar": torch.full_like(whole["sar"], torch.nan)}
    other = {**holed, "optical": whole["optical"].clone()}
    with torch.inference_mode():
        (with_radar,), (without,) = network(whole), network(holed)
        (again,) = network(other)
    assert torch.isfinite(without).all()
    assert not torch.allclose(with_radar, without)
    assert torch.equal(without, again)


def test_four_band_sentinel_2_hides_the_other_groups():
    card = source_card("optical", "sentinel-2-l2a", ("B02", "B03", "B04", "B08"), 10)
    assert card.bands == ("B02", "B03", "B04", "B08")
    network = features(("B02", "B03", "B04", "B08"))
    with torch.inference_mode():
        (out,) = network(scene(64, 64, bands=4))
    assert torch.isfinite(out).all()


def test_landsat_is_refused_by_name():
    with pytest.raises(CheckpointError, match=r"Galileo needs Sentinel.*read as landsat-8"):
        source_card("optical", "landsat-8", ("B2", "B3", "B4"), 30)
