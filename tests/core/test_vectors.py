"""Features as they are read from real files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine
from landsketch.core.errors import LabelError
from landsketch.core.specs import VectorSpec
from landsketch.core.vectors import burn_window, mask_window, read_features, reproject
from rasterio.crs import CRS
from rasterio.windows import Window, transform
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

UTM = CRS.from_epsg(32632)
GRID = Affine(10, 0, 500_000, 0, -10, 5_000_100)
"""10 × 10 pixels of 10 m from (500000, 5000100) down to (500100, 5000000)."""


def layer(
    path: Path,
    geometries: list[Any],
    kinds: list[Any],
    crs: str | None = "EPSG:32632",
    name: str = "drawn",
    **options: Any,
) -> str:
    """Writes a vector file with the class field 'kind' and returns its path."""
    values = np.array(kinds, dtype=object) if any(isinstance(kind, str) for kind in kinds) else np.array(kinds)
    mask = np.array([kind is None for kind in kinds])
    if values.dtype == object and not any(isinstance(kind, str) for kind in kinds):
        values = np.array([0 if kind is None else kind for kind in kinds])
    pyogrio.raw.write(
        str(path), shapely.to_wkb(np.array(geometries, dtype=object)), [values], ["kind"], field_mask=[mask],
        geometry_type="Unknown", crs=crs, layer=name, **options,
    )  # fmt: skip
    return str(path)


def test_classes_and_geometries_come_as_drawn(tmp_path: Path) -> None:
    path = layer(
        tmp_path / "l.gpkg", [box(0, 0, 10, 10), Point(5, 5), LineString([(0, 0), (9, 9)])], ["water", " oak ", "oak"]
    )
    features = read_features(VectorSpec(path, field="kind"))
    assert features.keys == ("water", "oak", "oak")
    assert [g.geom_type for g in features.geometries] == ["Polygon", "Point", "LineString"]
    assert features.crs == UTM
    assert (features.repaired, features.skipped, len(features)) == (0, 0, 3)


@pytest.mark.parametrize("codes", [[3, 7], [3.0, 7.0]])
def test_whole_numbers_are_one_class_however_they_are_stored(tmp_path: Path, codes: list[float]) -> None:
    path = layer(tmp_path / "l.gpkg", [Point(0, 0), Point(1, 1)], codes)
    assert read_features(VectorSpec(path, field="kind")).keys == ("3", "7")


def test_number_field_with_null_still_yields_whole_numbers(tmp_path: Path) -> None:
    path = layer(tmp_path / "l.gpkg", [Point(0, 0), Point(1, 1)], [3, None])
    features = read_features(VectorSpec(path, field="kind"))
    assert features.keys == ("3",)
    assert features.skipped == 1


def test_features_without_geometry_or_class_are_counted(tmp_path: Path) -> None:
    geometries = [box(0, 0, 1, 1), None, Polygon(), box(0, 0, 1, 1), box(2, 2, 3, 3)]
    path = layer(tmp_path / "l.gpkg", geometries, ["a", "a", "a", None, " "])
    features = read_features(VectorSpec(path, field="kind"))
    assert features.keys == ("a",)
    assert features.skipped == 4


def test_crossed_polygon_is_repaired_and_stays_a_polygon(tmp_path: Path) -> None:
    bow_tie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    with_spike = Polygon([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0), (-5, 0), (0, 0)])
    features = read_features(VectorSpec(layer(tmp_path / "l.gpkg", [bow_tie, with_spike], ["a", "b"]), field="kind"))
    assert features.repaired == 2
    assert isinstance(features.geometries[0], MultiPolygon)
    assert features.geometries[0].area == pytest.approx(50)
    assert features.geometries[1].geom_type in ("Polygon", "MultiPolygon")
    assert features.geometries[1].area == pytest.approx(100)


def test_mask_needs_no_field_and_no_class(tmp_path: Path) -> None:
    path = layer(tmp_path / "l.gpkg", [box(0, 0, 1, 1), box(2, 2, 3, 3)], [None, "a"])
    assert read_features(VectorSpec(path)).keys == ("", "")


def test_heights_are_dropped(tmp_path: Path) -> None:
    path = layer(tmp_path / "l.geojson", [Point(1, 2, 3)], ["a"], crs="EPSG:4326", driver="GeoJSON")
    assert not read_features(VectorSpec(path, field="kind")).geometries[0].has_z


def test_named_layer_is_read_and_the_first_one_otherwise(tmp_path: Path) -> None:
    path = layer(tmp_path / "l.gpkg", [Point(0, 0)], ["a"], name="one")
    layer(tmp_path / "l.gpkg", [Point(0, 0)], ["b"], name="two", append=True)
    assert read_features(VectorSpec(path, field="kind")).keys == ("a",)
    assert read_features(VectorSpec(path, layer="two", field="kind")).keys == ("b",)


def test_wrong_input_is_named(tmp_path: Path) -> None:
    path = layer(tmp_path / "l.gpkg", [Point(0, 0)], ["a"])
    unclassed = layer(tmp_path / "null.gpkg", [Point(0, 0)], [None])
    with pytest.warns(UserWarning, match="crs"):
        bare = layer(tmp_path / "bare.shp", [Point(0, 0)], ["a"], crs=None, name="bare")
    text = tmp_path / "text.gpkg"
    text.write_text("not a layer")
    cases = {
        "does not exist": VectorSpec(str(tmp_path / "missing.gpkg"), field="kind"),
        "cannot be read": VectorSpec(str(text), field="kind"),
        "no layer 'x'; it has 'drawn'": VectorSpec(path, layer="x", field="kind"),
        "no field 'class'; it has 'kind'": VectorSpec(path, field="class"),
        "None of the 1 features": VectorSpec(unclassed, field="kind"),
        "no coordinate reference system": VectorSpec(bare, field="kind"),
    }
    for message, spec in cases.items():
        with pytest.raises(LabelError, match=message):
            read_features(spec)


def test_reprojection_moves_a_point_to_its_known_place() -> None:
    """The central meridian of UTM zone 32 is 9° east, where easting is 500 km."""
    (point,) = reproject([Point(9, 0)], CRS.from_epsg(4326), UTM)
    assert (point.x, point.y) == pytest.approx((500_000, 0), abs=1e-3)


def test_geometry_outside_the_target_system_becomes_empty_and_order_is_kept() -> None:
    moved = reproject([Point(9, 95), Point(9, 0), GeometryCollection([Point(9, 1)])], CRS.from_epsg(4326), UTM)
    assert [geometry.is_empty for geometry in moved] == [True, False, False]
    assert not mask_window(moved[:1], GRID, (10, 10)).any()


def test_polygon_covers_the_pixels_whose_centre_it_holds() -> None:
    mask = mask_window([box(500_000, 5_000_080, 500_034, 5_000_100)], GRID, (10, 10))
    expected = np.zeros((10, 10), bool)
    expected[:2, :3] = True
    np.testing.assert_array_equal(mask, expected)


def test_point_covers_its_pixel() -> None:
    mask = mask_window([Point(500_099, 5_000_001)], GRID, (10, 10))
    assert np.argwhere(mask).tolist() == [[9, 9]]


def test_window_without_features_is_empty() -> None:
    assert not mask_window([], GRID, (10, 10)).any()
    assert not mask_window([box(0, 0, 1, 1)], GRID, (10, 10)).any()


def test_windows_join_into_the_whole() -> None:
    shapes = [Point(500_050, 5_000_050).buffer(37), LineString([(500_001, 5_000_001), (500_099, 5_000_070)])]
    values = np.array([4, 9], np.int32)
    whole = burn_window(shapes, values, GRID, (10, 10))
    left = burn_window(shapes, values, GRID, (10, 5))
    right = burn_window(shapes, values, transform(Window(5, 0, 5, 10), GRID), (10, 5))
    np.testing.assert_array_equal(np.hstack([left, right])[whole != 9], whole[whole != 9])
    assert set(np.unique(whole)) == {0, 4, 9}


def test_later_feature_stays_on_top() -> None:
    square = box(500_000, 5_000_000, 500_100, 5_000_100)
    assert (burn_window([square, square], np.array([1, 2], np.int32), GRID, (10, 10)) == 2).all()
