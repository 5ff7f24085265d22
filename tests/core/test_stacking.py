"""Building time stacks: files as they come → items with dates, bands and masks, wherever the folder lies."""

import json
import random
import shutil
import sys
from pathlib import Path

import numpy as np
import pystac
import pytest
import rasterio
from landsketch.core.errors import SceneError, SpecError
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.specs import MASK_KINDS
from landsketch.core.stack_file import read_stack
from landsketch.core.stack_items import absolute, relative
from landsketch.core.stack_masks import KINDS, hidden

from .helpers import SHARED, write_raster

SLOVENIA = SHARED / "sits_s2_lulc_slovenia"
MONTHLY = SHARED / "sits_s1s2_monthly_belgium_unlabelled"
IRREGULAR = SHARED / "sits_s1_s2_irregular_belgium_unlabelled" / "be_2023-04"
TREESAT = SHARED / "aerial_sits_treesat_abies"
LANDSAT = SHARED / "landsat_polygons_chiapas"

real = pytest.mark.skipif(not SLOVENIA.is_dir(), reason="the real data is not here")

FOUR = ("B02", "B03", "B04", "B08")


def image(path, names=FOUR, side=16, value=1200, **profile):
    """Writes a small Sentinel-2-like raster and returns its path."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(len(str(path))).normal(value, 200, (len(names), side, side)).clip(1)
    return write_raster(path, values.astype(profile.pop("dtype", "uint16")), names=names, **profile)


def mask(path, values, **profile):
    """Writes a mask of 16 × 16 pixels and returns its path."""
    return write_raster(path, np.broadcast_to(np.asarray(values, "uint8"), (1, 16, 16)), **profile)


def build(*inputs, **spec):
    """Runs the job; returns its result and the sentences it said."""
    said = []
    reporter = Reporter(lambda event: said.append(event["message"]) if event["event"] == "log" else None)
    result = run_job("buildstack", {"inputs": [str(path) for path in inputs], **spec}, reporter)
    return result, said


def stack(tmp_path, *inputs, name="stack.json", **spec):
    """Builds a stack and reads it."""
    build(*inputs, output=str(tmp_path / name), **spec)
    return read_stack(str(tmp_path / name))


@real
def test_slovenia_as_it_comes(tmp_path):
    found = stack(tmp_path, SLOVENIA)
    assert [item.date for item in found.items] == ["2015-07-11", "2015-08-30", "2015-09-09"]
    assert {item.sensor for item in found.items} == {"sentinel-2-l1c"}
    assert [Path(item.mask.path).name for item in found.items] == [f"CLOUD_{item.date}.tif" for item in found.items]
    every = read_stack(found.path, dropped=True)
    assert {item.date: item.dropped for item in every.items if item.dropped} == {
        "2015-07-31": "nothing clear", "2015-08-20": "nothing clear"
    }  # fmt: skip
    assert all(len(item.bands) == 13 for item in every.items)


@real
def test_bands_that_are_dates_become_a_series_with_the_masks_of_their_dates(tmp_path):
    files = [SLOVENIA / "NDVI_68dates.tif", SLOVENIA / "CLOUD_68dates.tif"]
    _, said = build(SLOVENIA)
    assert any("names a date for each of its 68 bands" in sentence for sentence in said)
    found = stack(tmp_path, *files, date_bands=True)
    every = read_stack(found.path, dropped=True)
    assert len(every.items) == 68
    assert {band.name for item in every.items for band in item.bands} == {"NDVI"}
    assert [item.bands[0].index for item in every.items] == list(range(1, 69))
    assert all(item.mask.index == item.bands[0].index for item in every.items)
    with rasterio.open(SLOVENIA / "CLOUD_68dates.tif") as clouds:
        clear = [float((clouds.read(item.mask.index) == 0).mean()) for item in every.items]
    assert [item.clear for item in every.items] == pytest.approx(clear, abs=1e-4)


@real
def test_belgium_has_two_series_and_its_empty_months_are_named(tmp_path):
    result, said = build(MONTHLY, output=str(tmp_path / "stack.json"))
    found = read_stack(result["output"])
    assert (len(found.of("optical")), len(found.of("sar"))) == (10, 12)
    assert found.of("sar")[0].date == "2020-11-01"
    assert any("S2_2020-12-01 (no data), S2_2021-01-01 (no data)" in sentence for sentence in said)
    assert sorted(Path(path).name for path in result["left_out"]) == [
        "PREDICTION_cropland.tif", "PREDICTION_croptype.tif", "elevation.tif", "slope.tif"
    ]  # fmt: skip


@real
def test_a_band_of_the_image_is_its_mask(tmp_path):
    every = read_stack(stack(tmp_path, IRREGULAR, min_clear=0.5).path, dropped=True)
    optical = every.of("optical")
    assert {(item.mask.kind, item.mask.index) for item in optical} == {("scl", 5)}
    assert {tuple(band.name for band in item.bands) for item in optical} == {("B01", "B04", "B08", "B11")}
    for item in optical:
        with rasterio.open(item.mask.path) as dataset:
            assert item.clear == pytest.approx(float((~hidden("scl", dataset.read(5))).mean()), abs=1e-3)
    assert [item.date for item in optical if not item.dropped] == ["2023-04-05", "2023-04-15"]


@real
def test_treesat_has_its_dates_and_cloud_probabilities():
    result, said = build(TREESAT / "S2", TREESAT / "S1asc", TREESAT / "aerial.tif")
    rows = result["items"]
    assert sum(row["role"] == "optical" for row in rows) == 146
    assert {row["mask"]["kind"] for row in rows if row["role"] == "optical"} == {"probability"}
    cloudy = {row["date"]: row["clear"] for row in rows if row["role"] == "optical"}
    assert (cloudy["2020-01-02"], cloudy["2020-01-05"]) == (1.0, 0.0)
    assert any("'aerial.tif' has no date" in sentence for sentence in said)


@real
def test_landsat_with_fmask(tmp_path):
    items = stack(tmp_path, LANDSAT).items
    assert [(item.sensor, item.mask.kind, len(item.bands)) for item in items] == [("landsat-7", "fmask", 7)] * 2


def test_the_folder_can_move_and_every_path_is_relative(tmp_path):
    first = tmp_path / "first"
    for day in ("20200514", "20200601"):
        image(first / "images" / f"S2_{day}.tif")
        mask(first / "images" / f"S2_{day}_SCL.tif", 4)
    stack(tmp_path, first, name="first/stack.json")
    text = (first / "stack.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    shutil.move(first, tmp_path / "second")
    moved = read_stack(str(tmp_path / "second" / "stack.json"))
    assert all(Path(item.bands[0].path).is_file() and Path(item.mask.path).is_file() for item in moved.items)
    assert len(moved.items) == 2


def test_the_order_of_the_inputs_changes_nothing(tmp_path):
    paths = [image(tmp_path / f"S2_2020-{month:02}-14.tif") for month in range(1, 8)]
    paths += [image(tmp_path / f"S1_2020-{month:02}-11.tif", ("VV", "VH"), dtype="float32") for month in range(1, 8)]
    written = []
    for seed in range(3):
        random.Random(seed).shuffle(paths)
        stack(tmp_path, *paths, name=f"stack{seed}.json")
        written.append((tmp_path / f"stack{seed}.json").read_bytes())
    assert written[0] == written[1] == written[2]


def test_pystac_and_geojson_readers_take_the_file(tmp_path):
    for day in ("20200514", "20200601"):
        image(tmp_path / f"S2_{day}.tif")
    found = stack(tmp_path, tmp_path)
    collection = pystac.ItemCollection.from_file(found.path)
    assert [item.datetime.date().isoformat() for item in collection] == ["2020-05-14", "2020-06-01"]
    ring = collection[0].geometry["coordinates"][0]
    assert ring[0] == ring[-1]
    west, _, east, north = collection[0].bbox
    assert west == pytest.approx(9.0, abs=1e-4)
    assert north == pytest.approx(45.1535, abs=1e-3)
    assert (east - west) * 78_700 == pytest.approx(160, rel=0.02)


def test_a_file_per_band_makes_one_image_of_the_finest(tmp_path):
    product = tmp_path / "S2B_MSIL2A_20220709T094031_N0400_R036_T32TQM_20220709T094309.SAFE"
    data = product / "GRANULE" / "L2A_T32TQM_A010689_20220709T094308"
    name = "T32TQM_20220709T094031"
    for band in ("B02", "B03", "B04", "B08"):
        image(data / "IMG_DATA" / "R10m" / f"{name}_{band}_10m.tif", ("",), value=2200)
    for band in ("B02", "B8A", "B11", "B12"):
        image(data / "IMG_DATA" / "R20m" / f"{name}_{band}_20m.tif", ("",), side=8, gsd=20.0, value=2200)
    mask_path = data / "IMG_DATA" / "R20m" / f"{name}_SCL_20m.tif"
    mask(mask_path, 4, gsd=10.0)
    image(data / "IMG_DATA" / "R10m" / f"{name}_TCI_10m.tif", ("", "", ""), dtype="uint8", value=90)
    (item,) = stack(tmp_path, product).items
    assert [band.name for band in item.bands] == ["B02", "B03", "B04", "B08", "B8A", "B11", "B12"]
    assert item.bands[0].path.endswith("B02_10m.tif")
    assert (item.date, item.sensor, item.offset) == ("2022-07-09", "sentinel-2-l2a", 1000.0)
    assert (Path(item.mask.path).name, item.mask.kind, item.clear) == (mask_path.name, "scl", 1.0)


def test_landsat_planet_and_radar_products(tmp_path):
    scene = "LC08_L2SP_191027_20200514_20200820_02_T1"
    for band in ("SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_QA_AEROSOL", "ST_EMIS"):
        image(tmp_path / "landsat" / f"{scene}_{band}.TIF", ("",), value=9000)
    image(tmp_path / "landsat" / f"{scene}_QA_PIXEL.TIF", ("",), value=1)
    (item,) = stack(tmp_path, tmp_path / "landsat", masks="none").items
    assert (item.sensor, item.date) == ("landsat-8", "2020-05-14")
    assert [band.name for band in item.bands] == ["B2", "B3", "B4", "B5"]
    assert build(tmp_path / "landsat")[0]["items"][0]["mask"]["kind"] == "qa_pixel"
    image(tmp_path / "planet" / "20200514_101112_55_2403_3B_AnalyticMS_SR.tif", ("",) * 4)
    mask(tmp_path / "planet" / "20200514_101112_55_2403_3B_udm2.tif", np.r_[np.full(4, 0), np.full(12, 1)][:, None])
    (item,) = stack(tmp_path, tmp_path / "planet").items
    assert [band.name for band in item.bands] == ["blue", "green", "red", "nir"]
    assert (item.mask.kind, item.clear) == ("udm2", 0.75)
    for number, band in enumerate(("vv", "vh"), 1):
        name = f"s1a-iw-grd-{band}-20200103t170841-20200103t170906-030639-0382d5-00{number}.tif"
        image(tmp_path / "radar" / name, ("",), dtype="float32", value=-12)
    (item,) = stack(tmp_path, tmp_path / "radar").items
    assert (item.role, item.date, [band.name for band in item.bands]) == ("sar", "2020-01-03", ["VV", "VH"])


def test_a_zipped_product_is_read_where_it_lies_and_moves_with_its_stack(tmp_path):
    folder, product = tmp_path / "first", "S2B_MSIL2A_20200709T094031_N0214_R036_T32TQM_20200709T094309.SAFE"
    for band in FOUR:
        image(tmp_path / "loose" / product / "IMG_DATA" / f"T32TQM_20200709T094031_{band}_10m.tif", ("",))
    folder.mkdir()
    shutil.make_archive(str(folder / "product"), "zip", tmp_path / "loose")
    (item,) = stack(tmp_path, folder, name="first/stack.json").items
    assert (item.date, len(item.bands), item.offset) == ("2020-07-09", 4, 0.0)
    shutil.move(folder, tmp_path / "second")
    (moved,) = read_stack(str(tmp_path / "second" / "stack.json")).items
    with rasterio.open(moved.bands[0].path) as dataset:
        assert dataset.count == 1


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("images/a.tif", "/data/images/a.tif"),
        ("./images/a.tif", "/data/images/a.tif"),
        ("../a.tif", "/a.tif"),
        ("/other/a.tif", "/other/a.tif"),
        ("file:///other/a%20b.tif", "/other/a b.tif"),
        ("file://localhost/other/a.tif", "/other/a.tif"),
        ("/vsizip/x.zip/a.tif", "/vsizip//data/x.zip/a.tif"),
        ("/vsizip//other/x.zip/a.tif", "/vsizip//other/x.zip/a.tif"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="paths of other systems")
def test_references_are_paths_from_the_stack_file(href, path):
    assert absolute(href, "/data") == path
    assert absolute(relative(path, "/data"), "/data") == path


def test_what_is_wrong_is_named_with_the_file(tmp_path):
    for day in ("20200504", "20200514", "20200524", "20200603", "20201101"):
        image(tmp_path / f"S2_{day}.tif")
    (tmp_path / "S2_20200701.tif").write_bytes(b"II*\0 not an image")
    image(tmp_path / "S2_20200702.tif", crs=None)
    image(tmp_path / "S2_20200703.tif", crs="EPSG:32633", origin=(500_000, 4_000_000))
    write_raster(tmp_path / "S2_20200613.tif", np.zeros((4, 16, 16), "uint16"), names=FOUR)
    mask(tmp_path / "S2_20200514_SCL.tif", 0)
    mask(tmp_path / "S2_20200524_SCL.tif", np.r_[np.full(8, 9), np.full(8, 4)][:, None])
    image(tmp_path / "again" / "S2_20200504.tif")
    result, said = build(tmp_path)
    reasons = {Path(path).name: reason for path, reason in result["left_out"].items()}
    assert "'S2_20200701.tif' cannot be read" in reasons["S2_20200701.tif"]
    assert "'S2_20200702.tif' has no coordinate reference system" in reasons["S2_20200702.tif"]
    assert "'S2_20200703.tif' (EPSG:32633) does not overlap" in reasons["S2_20200703.tif"]
    text = " ".join(said)
    assert "S2_20200613 (no data)" in text
    assert "The mask 'S2_20200514_SCL.tif' is empty" in text
    assert "1 day has more than one optical image: 2020-05-04 ('S2_20200504', 'again_S2_20200504')" in text or (
        "2020-05-04 (" in text and "more than one optical image" in text
    )
    assert "2020-06-03 to 2020-11-01 (151 days)" in text
    clear = {row["id"]: row["clear"] for row in result["items"]}
    assert (clear["S2_20200524"], clear["S2_20200514"]) == (0.5, None)


def test_mixed_sensors_bands_and_grids_are_named(tmp_path):
    image(tmp_path / "S2_L2A_20200514.tif")
    image(tmp_path / "S2_L1C_20200601.tif", ("B02", "B03", "B04", "B10"))
    image(tmp_path / "S2_L2A_20200620.tif", side=8, gsd=20.0)
    _, said = build(tmp_path)
    text = " ".join(said)
    assert "2 of Sentinel-2 L2A, 1 of Sentinel-2 L1C" in text
    assert "those that all have are used: B02, B03, B04." in text
    assert "lie on 2 grids" in text
    assert "20 m, 8 × 8 pixels (such as 'S2_L2A_20200620')" in text


def test_corrections_change_date_sensor_and_choice(tmp_path):
    paths = [image(tmp_path / name) for name in ("july.tif", "S2_20200514.tif", "S2_20200601.tif", "S2_20200701.tif")]
    mask(tmp_path / "S2_20200601_SCL.tif", 9)
    corrections = [
        {"image": "july.tif", "date": "2020-07-11", "sensor": "sentinel-2-l1c", "units": "dn", "offset": 0.0},
        {"image": paths[1], "use": False},
        {"image": "S2_20200601", "use": True},
    ]
    found = stack(tmp_path, tmp_path, corrections=corrections)
    assert [(item.id, item.date, item.sensor) for item in found.items] == [
        ("S2_20200601", "2020-06-01", "sentinel-2-l2a"),
        ("S2_20200701", "2020-07-01", "sentinel-2-l2a"),
        ("july", "2020-07-11", "sentinel-2-l1c"),
    ]
    assert (found.items[2].units, found.items[2].offset) == ("dn", 0.0)
    again = stack(tmp_path, found.path, name="again.json")
    assert again.items == found.items[1:]  # the cloudy one was wanted by hand, which a stack does not remember
    dropped = [item.dropped for item in read_stack(again.path, dropped=True).items]
    assert dropped == ["left out by hand", "nothing clear", "", ""]
    with pytest.raises(SpecError, match=r"No image 'june' is there to be corrected\. .*'S2_20200514'"):
        build(tmp_path, corrections=[{"image": "june", "date": "2020-06-01"}])
    with pytest.raises(SpecError, match="Write it as 2020-05-14"):
        build(tmp_path, corrections=[{"image": "july", "date": "14.5.2020"}])
    with pytest.raises(SpecError, match=r"'S2_20200514' has the bands .* which Sentinel-1 GRD does not have"):
        build(tmp_path, corrections=[{"image": "S2_20200514", "sensor": "sentinel-1-grd"}])


def test_masks_can_be_named_by_a_pattern_or_left_out(tmp_path):
    image(tmp_path / "S2_20200514.tif")
    mask(tmp_path / "hidden_20200514.tif", np.r_[np.full(4, 1), np.full(12, 0)][:, None])
    mask(tmp_path / "S2_20200514_SCL.tif", 4)
    assert build(tmp_path)[0]["items"][0]["clear"] == 1.0
    assert build(tmp_path, masks="hidden_*.tif")[0]["items"][0]["clear"] == 0.75
    assert build(tmp_path, masks="hidden_*.tif", mask_kind="udm2")[0]["items"][0]["clear"] == 0.25
    assert build(tmp_path, masks="none")[0]["items"][0]["clear"] is None


def test_a_stack_of_nothing_is_refused_and_leaves_no_file(tmp_path):
    output = str(tmp_path / "stack.json")
    image(tmp_path / "DEM.tif")
    with pytest.raises(SceneError, match=r"'DEM\.tif' has no date"):
        build(tmp_path, output=output)
    assert [Path(path).name for path in build(tmp_path)[0]["undated"]] == ["DEM.tif"]  # asked what there is, it tells
    with pytest.raises(SceneError, match="'gone' does not exist"):
        build("gone", output=output)
    image(tmp_path / "S2_20200514.tif")
    mask(tmp_path / "S2_20200514_SCL.tif", 9)
    with pytest.raises(SceneError, match=r"All 1 images are dropped: the best of them is 0% clear\. Lower"):
        build(tmp_path, output=output)
    assert not Path(output).exists()
    stack(tmp_path, tmp_path, masks="none")
    with pytest.raises(SpecError, match="would overwrite an input"):
        build(output, output=output)


def test_pictures_are_made_on_request(tmp_path):
    import base64

    image(tmp_path / "S2_20200514.tif")
    assert build(tmp_path)[0]["items"][0]["picture"] == ""
    png = base64.b64decode(build(tmp_path, thumbnails=8)[0]["items"][0]["picture"])
    assert png.startswith(b"\x89PNG")


def test_a_cloud_does_not_make_the_ground_black_in_a_picture():
    import base64
    import io
    from types import SimpleNamespace

    import numpy as np
    from landsketch.core.stacking.pictures import thumbnail
    from PIL import Image

    item = SimpleNamespace(bands=[SimpleNamespace(name=name) for name in ("B04", "B03", "B02")], sensor="")
    stored = np.tile(np.linspace(300, 900, 40), (3, 40, 1))
    cloud = np.zeros((40, 40), bool)
    cloud[:, :8] = True
    stored[:, cloud] = 9000

    def brightness(covered):
        png = base64.b64decode(thumbnail(item, stored, np.zeros_like(cloud), 40, covered))
        return np.asarray(Image.open(io.BytesIO(png)))[:, 8:].mean()

    assert brightness(None) < 20
    assert brightness(cloud) > 100
    assert brightness(np.ones_like(cloud)) < 20, "under clouds alone, all of it counts"


def test_others_collections_are_read_with_their_own_words(tmp_path):
    def item(name, **fields):
        feature = {"type": "Feature", "stac_version": "1.0.0", "id": name, "geometry": None, "links": []}
        return feature | {"properties": {"datetime": "2022-05-14T10:00:00Z"}, "assets": {}} | fields

    assets = {
        "red": {"href": "./a/B04.tif", "eo:bands": [{"name": "B04", "common_name": "red"}]},
        "B08": {"href": "a/B08.tif"},
        "scl": {"href": "a/SCL.tif", "roles": ["data"]},
        "visual": {"href": "a/TCI.tif", "eo:bands": [{"name": "B04"}], "roles": ["visual"]},
        "thumbnail": {"href": "https://example.org/a.png", "roles": ["thumbnail"]},
    }
    baseline = {"datetime": "2022-05-14T10:00:00Z", "s2:processing_baseline": "04.00", "eo:cloud_cover": 20}
    applied = {**baseline, "earthsearch:boa_offset_applied": True}
    radar = {"datetime": None, "start_datetime": "2022-05-01T00:00:00Z", "end_datetime": "2022-05-31T00:00:00Z"}
    path = tmp_path / "found.json"
    features = [
        item("b", collection="sentinel-2-l2a", properties=baseline, assets=assets),
        item("a", collection="sentinel-2-l2a", properties=applied, assets=assets),
        item("c", collection="sentinel-1-rtc", properties=radar, assets={"vv": {"href": str(tmp_path / "vv.tif")}}),
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    first, second, third = read_stack(str(path)).items
    assert (first.id, first.offset, second.id, second.offset) == ("a", 0.0, "b", 1000.0)
    assert [(band.name, Path(band.path).name) for band in first.bands] == [("B04", "B04.tif"), ("B08", "B08.tif")]
    assert (first.mask.kind, first.clear, first.role) == ("scl", 0.8, "optical")
    assert (third.date, third.role, third.bands[0].name) == ("2022-05-16", "sar", "VV")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a time stack: it is no STAC ItemCollection"),
        ('{"type": "FeatureCollection", "features": []}', "has no items"),
        ('{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}}]}', "no STAC assets"),
        ('{"type": "FeatureCollection", "features": [{"id": "x", "properties": {}, "assets": {"a": {"href": "a"}}}]}',
         "Item 'x' of the time stack 'bad.json' has no datetime"),
        ('{"type": "FeatureCollection", "features": [{"id": "x", "properties": {"datetime": "May"}, '
         '"assets": {"a": {"href": "a"}}}]}', "has the date 'May'"),
        ('{"type": "FeatureCollection", "features": [{"id": "x", "properties": {"datetime": "2020-05-14"}, '
         '"assets": {"a": {"href": "https://example.org/a.tif"}}}]}', "lie on the web"),
        ('{"type": "FeatureCollection", "features": [{"id": "x", "properties": {"datetime": "2020-05-14"}, '
         '"assets": {"a": {}}}]}', "without a path"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_stack_is_explained(tmp_path, text, sentence):
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SceneError, match=sentence):
        read_stack(str(path))


def test_masks_hide_what_their_products_say():
    assert tuple(KINDS) == MASK_KINDS
    assert hidden("scl", np.arange(12)).tolist() == [True, True, False, True] + [False] * 4 + [True] * 3 + [False]
    assert hidden("qa60", np.array([0, 1024, 2048, 512])).tolist() == [False, True, True, False]
    # Landsat Collection 2: clear land, water, cloud with high confidence, shadow, cirrus, fill, snow.
    pixels = np.array([21824, 21952, 22280, 23888, 54596, 1, 30048])
    assert hidden("qa_pixel", pixels).tolist() == [False, False, True, True, True, True, False]
    assert hidden("fmask", np.array([0, 1, 2, 3, 4, 255])).tolist() == [False, False, True, False, True, True]
    assert hidden("hls_fmask", np.array([0, 64, 2, 4, 8, 16, 255])).tolist() == [False, False, *[True] * 3, False, True]
    assert hidden("force_qai", np.array([0, 1, 2, 4, 6, 8, 16])).tolist() == [False, *[True] * 5, False]
    assert hidden("udm2", np.array([0, 1])).tolist() == [True, False]
    assert hidden("mask", np.array([0, 1, 255])).tolist() == [False, True, True]
    assert hidden("probability", np.array([0.0, 59.0, 60.0, np.nan])).tolist() == [False, False, True, True]
    with pytest.raises(SceneError, match="'fog' is unknown"):
        hidden("fog", np.zeros(3))
