import pytest
from landsketch.core.cards import Normalisation, SourceCard, check_bands
from landsketch.core.errors import CheckpointError, SceneError
from landsketch.core.sensors import BandMatch, match_bands

S2_13 = ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12"]


@pytest.mark.parametrize(
    ("role", "descriptions", "name", "sensor", "first"),
    [
        ("optical", S2_13, "scene.tif", "sentinel-2-l1c", "B01"),
        ("optical", [b for b in S2_13 if b != "B10"], "scene.tif", "sentinel-2-l2a", "B01"),
        ("optical", ["B2", "B3", "B4", "B8A"], "x.tif", "sentinel-2-l2a", "B02"),
        ("optical", [""] * 12, "T32_L2A.tif", "sentinel-2-l2a", "B01"),
        ("optical", ["B02", "B03", "B04"], "S2_L1C_20200101.tif", "sentinel-2-l1c", "B02"),
        ("optical", ["Red", "Green", "Blue", "NIR"], "p0.tif", "aerial", "red"),
        ("optical", ["B1", "B2", "B3", "B4", "B5", "B7", "B6T"], "ETM_1999-11-18.tif", "landsat-7", "B1"),
        ("optical", ["", "", ""], "anything.tif", "generic", "band 1"),
        ("sar", ["VV", "VH"], "x_S1RTC.tif", "sentinel-1-rtc", "VV"),
        ("sar", ["VH", "VV"], "x.tif", "sentinel-1-rtc", "VH"),
        ("sar", ["", ""], "radar.tif", "sentinel-1-grd", "VV"),
    ],
)
def test_layers_are_recognised(role, descriptions, name, sensor, first):
    match = match_bands(role, descriptions, name)
    assert (match.sensor.rsplit("-", 1)[0] if role == "sar" else match.sensor) == (
        sensor.rsplit("-", 1)[0] if role == "sar" else sensor
    )
    assert match.bands[0] == first


def test_stated_bands_win_over_descriptions():
    match = match_bands("optical", ["B02", "B03", "B04"], "x.tif", "sentinel-2-l2a", ["red", "green", "blue"])
    assert match.bands == ("B04", "B03", "B02")


def test_stated_bands_may_be_left_out_but_not_repeated():
    stated = ("B04", "-", "B02")
    assert match_bands("optical", [""] * 3, "s2_l2a.tif", "sentinel-2-l2a", stated).bands == ("B04", "", "B02")
    assert match_bands("optical", [""] * 2, "x.tif", "generic", ("-", "height")).bands == ("", "height")
    with pytest.raises(SceneError, match=r"Band names B02 of layer 's2.tif' are stated more than once\."):
        match_bands("optical", [""] * 3, "s2.tif", "sentinel-2-l2a", ("B02", "B2", "B04"))
    with pytest.raises(SceneError, match=r"No band of layer 's2\.tif' is used"):
        match_bands("optical", [""] * 2, "s2.tif", "sentinel-2-l2a", ("-", "-"))


def test_too_few_bands_are_named_with_what_was_expected():
    with pytest.raises(SceneError, match=r"'x.tif' has 3 bands .*Sentinel-2 L2A is expected with 12 \(B01 B02"):
        match_bands("optical", ["", "", ""], "x.tif", "sentinel-2-l2a")


def test_wrong_number_of_stated_bands_is_refused():
    with pytest.raises(SceneError, match="has 3 bands, but 2 band names"):
        match_bands("optical", ["", "", ""], "x.tif", "sentinel-2-l2a", ["B02", "B03"])


def _needs(*bands, sensor="sentinel-2-l2a"):
    scaling = Normalisation("z-score", (0.0,) * len(bands), (1.0,) * len(bands))
    return SourceCard("optical", sensor, bands, "dn", 10.0, scaling)


def test_a_layer_without_a_needed_band_names_both_sides():
    with pytest.raises(
        CheckpointError, match=r"'x.tif' has 2 bands \(B02, B03\); checkpoint 'm' needs B02, B04 .*missing: B04"
    ):
        check_bands(_needs("B02", "B04"), BandMatch("sentinel-2-l2a", ("B02", "B03")), "x.tif", "m")


def test_both_levels_of_sentinel_2_are_one_family_and_landsat_is_not():
    check_bands(_needs("B02"), BandMatch("sentinel-2-l1c", ("B02",)), "x.tif", "m")
    with pytest.raises(CheckpointError, match="looks like Landsat"):
        check_bands(_needs("B1"), BandMatch("landsat-8", ("B1",)), "x.tif", "m")
