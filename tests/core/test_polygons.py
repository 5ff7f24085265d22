"""Class maps as polygons: what they cover, what they share, and how they look."""

from __future__ import annotations

import sqlite3
from xml.etree import ElementTree

import numpy as np
import pyogrio
import pytest
import shapely
from helpers import write_raster
from landsketch.core.errors import Cancelled, SceneError
from landsketch.core.legend import ClassLegend, LegendClass
from landsketch.core.mapping import coverage
from landsketch.core.mapping import polygons as module
from landsketch.core.mapping.patches import find_patches
from landsketch.core.mapping.polygons import LAYER, write_polygons
from landsketch.core.progress import Reporter
from scipy import ndimage

LEGEND = ClassLegend(
    (
        LegendClass(1, "water & ice", "#0000ff"),
        LegendClass(2, "Wald <dicht>", "#228833"),
        LegendClass(7, "été", "#ccbb44"),
    )
)


def random_map(height=60, width=50, seed=0, missing=True):
    """(y, x) uint8: patches of the legend's classes of all sizes, and no data in a few of them."""
    rng = np.random.default_rng(seed)
    fields = ndimage.gaussian_filter(rng.normal(size=(4, height, width)), (0, 2, 2))
    classes = np.array([1, 2, 7, 0 if missing else 1], np.uint8)[fields.argmax(axis=0)]
    noisy = rng.random((height, width)) < 0.05
    return np.where(noisy & (classes > 0), 2, classes).astype(np.uint8)


def written(tmp_path, classes, smallest=0, tolerance=0.0, *, reporter=None, band=None, monkeypatch=None, **raster):
    """Writes a map and its polygons, and returns their attributes as a dict with `geometry` and `count`."""
    if band:
        monkeypatch.setattr(module, "_BAND_PIXELS", band)
    source = write_raster(tmp_path / "map.tif", np.asarray(classes, np.uint8)[None], nodata=0, **raster)
    target = tmp_path / "polygons.gpkg"
    target.unlink(missing_ok=True)
    count = write_polygons(source, str(target), LEGEND, smallest, tolerance, reporter or Reporter())
    meta, _, wkb, columns = pyogrio.raw.read(str(target), layer=LAYER)
    table = dict(zip(meta["fields"].tolist(), columns, strict=True))
    return table | {"geometry": shapely.from_wkb(wkb), "count": count, "crs": meta["crs"]}


def burnt(table, classes, gsd=10.0, origin=(500_000, 5_000_000)):
    """The classes of the polygons at the pixels' centres; fails where two polygons lie over each other."""
    rows, columns = np.indices(np.shape(classes))
    points = shapely.points(origin[0] + gsd * (columns.ravel() + 0.5), origin[1] - gsd * (rows.ravel() + 0.5))
    pixel, polygon = shapely.STRtree(table["geometry"]).query(points, predicate="within")
    assert len(set(pixel)) == len(pixel)
    result = np.zeros(np.size(classes), np.uint8)
    result[pixel] = table["value"][polygon]
    return result.reshape(np.shape(classes))


def components(classes):
    """How many patches of 4-connected pixels there are."""
    return sum(ndimage.label(classes == value)[1] for value in np.unique(classes[classes > 0]))


def sieved(classes, smallest):
    """The map after `find_patches`."""
    patches = find_patches(lambda: iter([np.asarray(classes, np.uint8)]), smallest, Reporter())
    return patches.values[np.concatenate(list(patches.maps()))]


@pytest.mark.parametrize("seed", range(4))
def test_unsimplified_polygons_are_the_map(tmp_path, seed):
    classes = random_map(seed=seed)
    table = written(tmp_path, classes)
    np.testing.assert_array_equal(burnt(table, classes), classes)
    assert table["count"] == len(table["geometry"]) == components(classes)
    assert table["pixels"].sum() == (classes > 0).sum()
    np.testing.assert_allclose(table["area_m2"], table["pixels"] * 100.0)
    np.testing.assert_allclose(shapely.area(table["geometry"]), table["area_m2"])


def test_attributes_name_the_classes_of_the_legend(tmp_path):
    table = written(tmp_path, [[1, 1, 7], [2, 2, 7]])
    assert table["value"].tolist() == [1, 7, 2]
    assert table["class"].tolist() == ["water & ice", "été", "Wald <dicht>"]
    assert table["pixels"].tolist() == [2, 2, 2]
    assert "32632" in table["crs"]


@pytest.mark.parametrize("tolerance", [0.0, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("smallest", [0, 5])
def test_neighbours_share_their_borders_without_gaps_or_overlaps(tmp_path, smallest, tolerance):
    geometry = written(tmp_path, random_map(seed=3, missing=False), smallest, tolerance)["geometry"]
    assert shapely.is_valid(geometry).all()
    assert shapely.coverage_is_valid(geometry)
    whole = shapely.union_all(geometry)
    assert whole.area == pytest.approx(shapely.area(geometry).sum())
    assert len(whole.interiors) == 0  # no gap within a map without no data


def test_simplifying_takes_the_steps_out_of_a_slope(tmp_path):
    classes = np.where(np.add.outer(np.arange(40), np.arange(40)) < 40, 1, 2)
    stepped = written(tmp_path, classes)["geometry"]
    straight = written(tmp_path, classes, 0, 1.0)["geometry"]
    assert shapely.get_num_coordinates(stepped).min() > 80
    assert shapely.get_num_coordinates(straight).max() < 10
    assert shapely.hausdorff_distance(stepped, straight).max() <= 1.5 * 10  # a pixel's diagonal


def test_simplified_map_differs_only_along_borders(tmp_path):
    classes = random_map(seed=5, missing=False)
    table = written(tmp_path, classes, 5, 1.0)
    stepped = sieved(classes, 5)
    edge = ndimage.maximum_filter(stepped, 3) != ndimage.minimum_filter(stepped, 3)
    inner = ~edge
    inner[[0, -1]] = inner[:, [0, -1]] = False  # the map's own outline is simplified too
    assert inner.sum() > 200
    np.testing.assert_array_equal(burnt(table, classes)[inner], stepped[inner])


def test_no_data_within_a_class_is_a_hole(tmp_path):
    classes = np.ones((12, 12))
    classes[3:9, 4:8] = 0
    for tolerance in (0.0, 1.0):
        (polygon,) = written(tmp_path, classes, 50, tolerance)["geometry"]
        (hole,) = polygon.interiors
        assert hole.bounds == (500_040, 4_999_910, 500_080, 4_999_970)


def test_a_patch_within_another_fills_its_hole(tmp_path):
    classes = np.ones((9, 9))
    classes[2:7, 2:7] = 2
    classes[4, 4] = 7
    ring, inner, core = written(tmp_path, classes)["geometry"]
    assert [len(polygon.interiors) for polygon in (ring, inner, core)] == [1, 1, 0]
    assert shapely.union_all([ring, inner, core]).equals(shapely.box(500_000, 4_999_910, 500_090, 5_000_000))


def test_pixels_that_only_touch_at_a_corner_are_apart(tmp_path):
    assert written(tmp_path, [[1, 2], [2, 1]])["count"] == 4


def test_outline_that_meets_itself_at_a_corner_is_valid(tmp_path):
    """A ring of pixels closed by a corner only: the hole touches the outer ring there."""
    classes = np.array([[1, 1, 1, 1], [1, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 0]])
    (polygon,) = written(tmp_path, classes)["geometry"]
    assert polygon.is_valid
    assert polygon.area == 1100
    assert len(polygon.interiors) == 1


@pytest.mark.parametrize("band", [1, 3 * 50, 7 * 50, 59 * 50])
def test_result_does_not_depend_on_the_bands(tmp_path, monkeypatch, band):
    classes = random_map(seed=8)
    whole = written(tmp_path, classes, 6, 1.0)
    cut = written(tmp_path, classes, 6, 1.0, band=band, monkeypatch=monkeypatch)
    assert shapely.to_wkb(cut["geometry"]).tolist() == shapely.to_wkb(whole["geometry"]).tolist()
    for name in module.FIELDS:
        assert cut[name].tolist() == whole[name].tolist()


@pytest.mark.parametrize("side", [1, 8, 17])
@pytest.mark.parametrize("tolerance", [0.0, 1.0, 3.0])
def test_squares_fit_together_without_gaps_or_overlaps(tmp_path, monkeypatch, side, tolerance):
    classes = random_map(30, 25, seed=4, missing=False)
    whole = written(tmp_path, classes, 3, 0.0)
    monkeypatch.setattr(coverage, "_SIDE", side)
    table = written(tmp_path, classes, 3, tolerance)
    geometry = table["geometry"]
    assert (shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON).all()
    assert shapely.is_valid(geometry).all()
    assert shapely.coverage_is_valid(geometry)
    joined = shapely.union_all(geometry)
    assert joined.area == pytest.approx(shapely.area(geometry).sum())
    assert len(joined.interiors) == 0
    assert table["pixels"].tolist() == whole["pixels"].tolist()
    if tolerance == 0:
        assert shapely.equals(geometry, whole["geometry"]).all()


def test_no_data_stays_a_hole_across_squares(tmp_path, monkeypatch):
    monkeypatch.setattr(coverage, "_SIDE", 5)
    classes = np.ones((12, 12))
    classes[3:9, 4:8] = 0
    (polygon,) = written(tmp_path, classes, 0, 1.0)["geometry"]
    (hole,) = polygon.interiors
    assert hole.bounds == (500_040, 4_999_910, 500_080, 4_999_970)


def test_borders_are_simplified_within_squares(tmp_path, monkeypatch):
    """What a square's sides hold fast is few beside what is simplified between them."""
    classes = random_map(seed=6)
    stepped, whole = (written(tmp_path, classes, 5, tolerance)["geometry"] for tolerance in (0.0, 1.0))
    monkeypatch.setattr(coverage, "_SIDE", 20)
    squares = written(tmp_path, classes, 5, 1.0)["geometry"]
    counts = [shapely.get_num_coordinates(geometry).sum() for geometry in (whole, squares, stepped)]
    assert counts[1] - counts[0] < 0.4 * (counts[2] - counts[0])


@pytest.mark.parametrize("band", [1, 20, 1000])
def test_small_patches_join_their_largest_neighbour_also_across_seams(tmp_path, monkeypatch, band):
    classes = np.full((10, 10), 1)
    classes[:, 6:] = 2
    classes[2:5, 5:7] = 7  # six pixels; class 1 is the larger neighbour
    for smallest, expected in ((6, {1, 2, 7}), (7, {1, 2})):
        table = written(tmp_path, classes, smallest, band=band, monkeypatch=monkeypatch)
        assert set(table["value"].tolist()) == expected
    assert dict(zip(table["value"].tolist(), table["pixels"].tolist(), strict=True)) == {1: 63, 2: 37}


def test_sieving_leaves_no_small_patch_that_has_a_neighbour():
    for seed in range(5):
        classes = np.random.default_rng(seed).integers(0, 4, (40, 30)).astype(np.uint8)
        result = sieved(classes, 9)
        np.testing.assert_array_equal(result == 0, classes == 0)
        for value in (1, 2, 3):
            patches, count = ndimage.label(result == value)
            for patch in range(1, count + 1):
                mine = patches == patch
                around = ndimage.binary_dilation(mine) & ~mine
                assert mine.sum() >= 9 or not result[around].any()


def test_patches_joined_by_what_was_sieved_become_one():
    classes = np.full((5, 9), 1)
    classes[:, 4] = 2
    assert (sieved(classes, 6) == 1).all()
    patches = find_patches(lambda: iter([classes.astype(np.uint8)]), 6, Reporter())
    assert (len(patches), patches.pixels.tolist()) == (1, [0, 45])


def test_no_data_neither_shrinks_nor_grows():
    classes = np.ones((6, 6), int)
    classes[2, 2] = 0  # smaller than the least patch, and not filled
    classes[0] = 0
    classes[0, 3] = 7  # goes to class 1, not to no data
    result = sieved(classes, 4)
    np.testing.assert_array_equal(result, np.where(classes == 7, 1, classes))
    lonely = np.zeros((3, 3), int)
    lonely[1, 1] = 2
    np.testing.assert_array_equal(sieved(lonely, 4), lonely)


def test_a_checkerboard_is_sieved_in_few_rounds():
    """Patches of one size that all touch: a round for each would never end on a large map."""
    rounds = []

    class Counting(Reporter):
        def check(self):
            rounds.append(1)

    classes = (np.indices((100, 100)).sum(axis=0) % 2 + 1).astype(np.uint8)
    find_patches(lambda: iter([classes]), 2, Counting())
    assert len(rounds) < 40


def test_area_of_geographic_maps_is_that_on_the_ground(tmp_path):
    classes = np.ones((100, 100))
    table = written(tmp_path, classes, crs="EPSG:4326", origin=(10, 51), gsd=0.01)
    assert table["area_m2"][0] == pytest.approx(authalic(51) - authalic(50), rel=1e-6)


def authalic(latitude):
    """Area in m² between the equator and a latitude, per degree of longitude: Snyder (1987), eq. 3-12."""
    major, e2 = 6_378_137.0, 0.00669437999014
    e, sine = np.sqrt(e2), np.sin(np.radians(latitude))
    q = (1 - e2) * (sine / (1 - e2 * sine**2) - np.log((1 - e * sine) / (1 + e * sine)) / (2 * e))
    return np.radians(1) * major**2 * q / 2


def test_web_mercator_does_not_inflate_areas(tmp_path):
    y = 6_446_275.8  # 50° north, where Web Mercator stretches lengths by 1 / cos 50°
    table = written(tmp_path, np.ones((10, 10)), crs="EPSG:3857", origin=(0, y))
    assert table["area_m2"][0] == pytest.approx(10_000 * np.cos(np.radians(50)) ** 2, rel=0.01)


def test_area_in_feet_is_converted(tmp_path):
    table = written(tmp_path, np.ones((10, 10)), crs="EPSG:2263")
    assert table["area_m2"][0] == pytest.approx(10_000 * (1200 / 3937) ** 2)


def test_default_style_has_the_legends_names_and_colours(tmp_path):
    written(tmp_path, [[1, 2, 7]])
    database = sqlite3.connect(tmp_path / "polygons.gpkg")
    ((table, column, default, qml),) = database.execute(
        "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
    ).fetchall()
    assert (table, column, default) == (LAYER, "geom", 1)
    assert database.execute("SELECT column_name FROM gpkg_geometry_columns").fetchall() == [("geom",)]
    renderer = ElementTree.fromstring(qml.split("\n", 1)[1]).find("renderer-v2")
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "value")
    colours = {
        symbol.get("name"): symbol.find(".//Option[@name='color']").get("value") for symbol in renderer.iter("symbol")
    }
    categories = [(c.get("value"), c.get("label"), colours[c.get("symbol")]) for c in renderer.iter("category")]
    assert categories == [
        ("1", "water & ice", "0,0,255,255"), ("2", "Wald <dicht>", "34,136,51,255"), ("7", "été", "204,187,68,255"),
    ]  # fmt: skip


def test_parts_of_a_long_layer_are_all_written(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_WRITTEN_AT_ONCE", 7)
    classes = random_map(seed=2)
    table = written(tmp_path, classes)
    assert len(table["geometry"]) == components(classes) > 30
    np.testing.assert_array_equal(burnt(table, classes), classes)


def test_progress_rises_to_the_end(tmp_path, monkeypatch):
    events = []
    reporter = Reporter(events.append)
    written(tmp_path, random_map(), 3, 1.0, reporter=reporter, band=500, monkeypatch=monkeypatch)
    fractions = [event["fraction"] for event in events]
    assert fractions == sorted(fractions)
    assert len(fractions) > 10


@pytest.mark.parametrize("after", [0, 0.3, 0.5, 0.7])
def test_cancel_is_heard_in_every_phase(tmp_path, monkeypatch, after):
    monkeypatch.setattr(module, "_WRITTEN_AT_ONCE", 50)

    def stop(event):
        if event["event"] == "progress" and event["fraction"] >= after:
            reporter.cancel()

    reporter = Reporter(stop)
    with pytest.raises(Cancelled):
        written(tmp_path, random_map(300, 200), 3, 1.0, reporter=reporter)


def test_what_is_no_class_map_is_refused(tmp_path):
    with pytest.raises(SceneError, match="no class anywhere"):
        written(tmp_path, np.zeros((4, 4)))
    source = write_raster(tmp_path / "heights.tif", np.full((1, 4, 4), 700, np.int16))
    with pytest.raises(SceneError, match="values 700 to 700"):
        write_polygons(source, str(tmp_path / "p.gpkg"), LEGEND, 0, 0.0, Reporter())
    with pytest.raises(SceneError, match=r"nowhere\.tif"):
        write_polygons(str(tmp_path / "nowhere.tif"), str(tmp_path / "p.gpkg"), LEGEND, 0, 0.0, Reporter())
