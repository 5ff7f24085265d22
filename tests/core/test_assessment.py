"""A map compared with references of all kinds, from real files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine
from landsketch.core import class_rasters
from landsketch.core.assessment import assess, compare
from landsketch.core.errors import Cancelled, LabelError, LandSketchError, OutputError, SceneError, SpecError
from landsketch.core.progress import Reporter
from landsketch.core.specs import AssessSpec, VectorSpec
from landsketch.core.vectors import reproject
from shapely.geometry import Point, box

WEST, NORTH = 500_000.0, 5_000_000.0
LEGEND = [
    {"value": 1, "name": "water", "colour": "#0000ff"},
    {"value": 2, "name": "forest", "colour": "#008000"},
    {"value": 5, "name": "town", "colour": "#ff0000"},
]


def raster(
    path: Path, values: Any, legend: list[dict[str, Any]] | None = None, pixel: float = 10.0, west: float = WEST,
    north: float = NORTH, crs: str = "EPSG:32632", dtype: str = "uint8", nodata: float | None = 0,
) -> str:  # fmt: skip
    values = np.asarray(values, dtype)
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1, dtype=dtype, crs=crs,
        transform=Affine(pixel, 0, west, 0, -pixel, north), nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values, 1)
        if legend:
            file.update_tags(LANDSKETCH_LEGEND=json.dumps(legend))
    return str(path)


def features(path: Path, geometries: list[Any], kinds: list[Any], crs: str = "EPSG:32632") -> VectorSpec:
    column = np.array(kinds, dtype=object if isinstance(kinds[0], str) else None)
    wkb = shapely.to_wkb(np.array(geometries, dtype=object))
    pyogrio.raw.write(str(path), wkb, [column], ["kind"], geometry_type="Unknown", crs=crs, layer="reference")
    return VectorSpec(str(path), field="kind")


def squares(*cells: tuple[int, int, int, int]) -> list[Any]:
    """Rectangles over whole pixels: first row, first column, rows, columns."""
    return [box(WEST + 10 * c, NORTH - 10 * (r + h), WEST + 10 * (c + w), NORTH - 10 * r) for r, c, h, w in cells]


def compared(map_path: str, reference: str | VectorSpec, mask: VectorSpec | None = None) -> Any:
    return compare(AssessSpec(map=map_path, reference=reference, mask=mask), Reporter())


@pytest.fixture
def quarters() -> np.ndarray:
    """20 × 20 pixels: water above, forest and town below."""
    values = np.ones((20, 20), np.uint8)
    values[10:, :10] = 2
    values[10:, 10:] = 5
    return values


@pytest.fixture
def quarter_map(tmp_path: Path, quarters: np.ndarray) -> str:
    return raster(tmp_path / "map.tif", quarters, LEGEND)


def test_reference_raster_on_the_same_grid(tmp_path: Path, quarters: np.ndarray, quarter_map: str) -> None:
    truth = quarters.copy()
    truth[0, :4] = 2
    truth[19, 19] = 0
    result = compared(quarter_map, raster(tmp_path / "truth.tif", truth))
    assert result.accuracy.matrix == ((196, 0, 0), (4, 100, 0), (0, 0, 99))
    assert result.accuracy.names == ("water", "forest", "town")
    assert [entry.colour for entry in result.matching.classes] == ["#0000ff", "#008000", "#ff0000"]


def test_reference_raster_in_another_system_and_resolution(tmp_path: Path, quarters: np.ndarray) -> None:
    """A reference in geographic coordinates at half the pixel size meets its own pixels again."""
    geographic = raster(tmp_path / "map.tif", quarters, LEGEND, pixel=0.001, west=9, north=45, crs="EPSG:4326")
    fine = np.kron(quarters, np.ones((2, 2), np.uint8))
    truth = raster(tmp_path / "truth.tif", fine, pixel=0.0005, west=9, north=45, crs="EPSG:4258")
    result = compared(geographic, truth)
    assert result.accuracy.oa == 1
    assert result.accuracy.count == 400


def test_reference_raster_smaller_than_the_map_counts_only_where_it_is(
    tmp_path: Path, quarters: np.ndarray, quarter_map: str
) -> None:
    """Even without a declared no-data value, the outside of the reference is not class 0."""
    part = raster(tmp_path / "part.tif", quarters[8:12, 5:9], west=WEST + 50, north=NORTH - 80, nodata=None)
    result = compared(quarter_map, part)
    assert result.accuracy.matrix == ((8, 0, 0), (0, 8, 0), (0, 0, 0))


def test_polygons_lines_and_points_are_compared_by_name(tmp_path: Path, quarter_map: str) -> None:
    shapes = [*squares((0, 0, 2, 3), (12, 12, 2, 2)), Point(WEST + 5, NORTH - 195)]
    result = compared(quarter_map, features(tmp_path / "r.gpkg", shapes, ["Water", "forest", "FOREST"]))
    assert result.accuracy.matrix == ((6, 0, 0), (0, 1, 4), (0, 0, 0))
    assert result.counts["features"] == 3
    assert any("town" in warning for warning in result.warnings)


def test_features_in_another_system_fall_on_the_same_pixels(tmp_path: Path, quarter_map: str) -> None:
    here, there = rasterio.crs.CRS.from_epsg(32632), rasterio.crs.CRS.from_epsg(4326)
    inner = [shape.buffer(-1) for shape in squares((0, 0, 2, 3), (12, 12, 2, 2))]
    spec = features(tmp_path / "r.gpkg", list(reproject(inner, here, there)), [1, 5], crs="EPSG:4326")
    assert compared(quarter_map, spec).accuracy.matrix == ((6, 0, 0), (0, 0, 0), (0, 0, 4))


def test_numbers_in_the_reference_are_map_values(tmp_path: Path, quarter_map: str) -> None:
    result = compared(quarter_map, features(tmp_path / "r.gpkg", squares((0, 0, 1, 4), (12, 12, 1, 4)), [1, 5]))
    assert result.accuracy.oa == 1
    assert result.accuracy.names == ("water", "forest", "town")


def test_names_win_over_values_that_were_numbered_anew(tmp_path: Path, quarters: np.ndarray, quarter_map: str) -> None:
    """The reference numbers forest 1 and water 2; its legend says so."""
    renumbered = np.choose(np.searchsorted([1, 2, 5], quarters), [2, 1, 5]).astype(np.uint8)
    legend = [dict(LEGEND[0], value=2), dict(LEGEND[1], value=1), LEGEND[2]]
    assert compared(quarter_map, raster(tmp_path / "truth.tif", renumbered, legend)).accuracy.oa == 1


def test_stated_legend_translates_attribute_values(tmp_path: Path, quarter_map: str) -> None:
    spec = features(tmp_path / "r.gpkg", squares((0, 0, 1, 4), (12, 0, 1, 4)), ["W", "F"])
    legend = ({"value": 1, "name": "forest", "colour": "#008000"}, {"value": 2, "name": "water", "colour": "#0000ff"})
    result = compared(quarter_map, VectorSpec(spec.path, field="kind", legend=legend, keys=("F", "W")))
    assert result.accuracy.oa == 1


def test_class_the_map_does_not_have_keeps_its_row_and_is_reported(tmp_path: Path, quarter_map: str) -> None:
    result = compared(
        quarter_map, features(tmp_path / "r.gpkg", squares((0, 0, 1, 4), (2, 0, 1, 3)), ["water", "reed"])
    )
    assert result.accuracy.names == ("water", "forest", "town", "reed")
    assert result.accuracy.matrix[3] == (3, 0, 0, 0)
    assert any("'reed'" in warning and "3 pixels" in warning for warning in result.warnings)


def test_no_data_of_the_map_is_not_compared(tmp_path: Path, quarters: np.ndarray) -> None:
    holes = quarters.copy()
    holes[0] = 0
    result = compared(raster(tmp_path / "m.tif", holes, LEGEND), raster(tmp_path / "truth.tif", quarters))
    assert result.accuracy.count == 380


def test_nothing_outside_the_mask_is_compared_or_counted_as_area(
    tmp_path: Path, quarters: np.ndarray, quarter_map: str
) -> None:
    mask = VectorSpec(features(tmp_path / "mask.gpkg", squares((8, 0, 4, 10)), ["x"]).path)
    result = compared(quarter_map, raster(tmp_path / "truth.tif", quarters), mask)
    assert result.accuracy.matrix == ((20, 0), (0, 20))
    assert [entry.mapped for entry in result.areas.classes] == pytest.approx([0.2, 0.2])


def test_overlapping_features_of_two_classes_are_left_out(tmp_path: Path, quarter_map: str) -> None:
    spec = features(tmp_path / "r.gpkg", squares((0, 0, 2, 2), (1, 0, 2, 2), (0, 0, 1, 1)), ["water", "town", "water"])
    result = compared(quarter_map, spec)
    assert result.counts["pixels_in_conflict"] == 2
    assert result.accuracy.count == 4


def test_polygon_intervals_come_with_a_warning_about_dependence(tmp_path: Path, quarter_map: str) -> None:
    result = compared(
        quarter_map, features(tmp_path / "r.gpkg", squares((0, 0, 2, 3), (12, 12, 2, 2)), ["water", "town"])
    )
    assert any("too narrow" in note for note in result.notes)
    points = [Point(WEST + 10 * x + 5, NORTH - 5) for x in range(4)]
    single = compared(quarter_map, features(tmp_path / "p.gpkg", points, ["water"] * 4))
    assert not any("too narrow" in note for note in single.notes)


def test_areas_are_hectares_in_any_projection(tmp_path: Path, quarters: np.ndarray, quarter_map: str) -> None:
    """400 pixels of 10 m are 4 ha; of 0.001° at 45° north they are 400 × 0.8765 ha (111.13 m × 78.85 m)."""
    metric = compared(quarter_map, raster(tmp_path / "t.tif", quarters))
    assert sum(entry.area.value for entry in metric.areas.classes) == pytest.approx(4)
    options = {"pixel": 0.001, "west": 9, "north": 45.01, "crs": "EPSG:4326"}
    degrees = compared(
        raster(tmp_path / "m.tif", quarters, LEGEND, **options), raster(tmp_path / "u.tif", quarters, **options)
    )
    assert sum(entry.area.value for entry in degrees.areas.classes) == pytest.approx(400 * 0.8763, rel=1e-3)


def test_result_does_not_depend_on_the_windows(
    tmp_path: Path, quarters: np.ndarray, quarter_map: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = [Point(WEST + 100, NORTH - 100).buffer(70), *squares((0, 0, 3, 20))]
    spec = features(tmp_path / "r.gpkg", shapes, ["forest", "water"])
    whole = compared(quarter_map, spec)
    monkeypatch.setattr(class_rasters, "_WINDOW", 7)
    cut = compared(quarter_map, spec)
    assert cut.accuracy.to_json() == whole.accuracy.to_json()
    assert [c.area.value for c in cut.areas.classes] == pytest.approx([c.area.value for c in whole.areas.classes])
    assert cut.counts == whole.counts


def test_codes_beyond_a_byte_and_below_zero_are_kept_apart(tmp_path: Path, quarters: np.ndarray) -> None:
    codes = np.where(quarters == 1, -7, 40_000).astype(np.int32)
    path = raster(tmp_path / "m.tif", codes, dtype="int32", nodata=None)
    result = compared(path, path)
    assert result.accuracy.names == ("-7", "40000")
    assert result.accuracy.matrix == ((200, 0), (0, 200))


def test_json_and_page_are_written_and_announced(tmp_path: Path, quarters: np.ndarray, quarter_map: str) -> None:
    events: list[dict[str, Any]] = []
    out = tmp_path / "out"
    out.mkdir()
    spec = AssessSpec(
        map=quarter_map,
        reference=raster(tmp_path / "t.tif", quarters),
        json=str(out / "a.json"),
        html=str(out / "a.html"),
    )
    result = assess(spec, Reporter(events.append))
    assert sorted(os.listdir(out)) == ["a.html", "a.json"]
    document = json.loads((out / "a.json").read_text("utf-8"))
    assert document["metrics"] == result["metrics"]
    assert document["metrics"]["oa"] == 1
    assert [entry["name"] for entry in document["classes"]] == ["water", "forest", "town"]
    assert document["counts"]["pixels"] == 400
    assert "Confusion matrix" in (out / "a.html").read_text("utf-8")
    assert {e["kind"] for e in events if e["event"] == "artifact"} == {"metrics", "report"}
    assert (result["json"], result["html"]) == (spec.json, spec.html)


def test_metrics_come_back_without_any_file(tmp_path: Path, quarters: np.ndarray, quarter_map: str) -> None:
    result = assess(AssessSpec(map=quarter_map, reference=raster(tmp_path / "t.tif", quarters)), Reporter())
    assert result["metrics"]["oa"] == 1
    assert (result["json"], result["html"]) == ("", "")


def bad_inputs(
    folder: Path, quarters: np.ndarray
) -> dict[str, tuple[type[LandSketchError], str, Any, VectorSpec | None]]:
    """Expected message → kind, map, reference, mask."""
    good = raster(folder / "map.tif", quarters, LEGEND)
    truth = raster(folder / "truth.tif", quarters)
    text = folder / "text.tif"
    text.write_text("no raster")
    cut = folder / "cut.tif"
    cut.write_bytes(Path(raster(folder / "whole.tif", np.ones((900, 900)))).read_bytes()[:300_000])
    noisy = raster(folder / "p.tif", np.full((20, 20), 0.25), dtype="float32")
    far = raster(folder / "far.tif", quarters, west=WEST + 9000)
    empty = raster(folder / "empty.tif", np.zeros((20, 20)))
    other = features(folder / "names.gpkg", squares((0, 0, 2, 2)), ["swamp"])
    outside = features(folder / "outside.gpkg", squares((100, 100, 2, 2)), ["water"])
    tiny = features(folder / "tiny.gpkg", [box(WEST, NORTH - 2, WEST + 2, NORTH)], ["water"])
    return {
        "map '.*missing.tif' cannot be read": (SceneError, str(folder / "missing.tif"), truth, None),
        "map '.*text.tif' cannot be read": (SceneError, str(text), truth, None),
        "cut.tif' cannot be read to its end": (SceneError, str(cut), truth, None),
        "holds values such as 0.25": (SceneError, noisy, truth, None),
        "reference '.*text.tif' cannot be read": (SceneError, good, str(text), None),
        "'.*far.tif' does not overlap the map": (SceneError, good, far, None),
        "'.*outside.gpkg' does not overlap the map": (LabelError, good, outside, None),
        "nothing to compare: no pixel": (LabelError, good, empty, None),
        "has both a class and a reference class": (LabelError, good, tiny, None),
        "reference class inside the mask": (LabelError, good, truth, VectorSpec(outside.path)),
        "no field 'class'; it has 'kind'": (LabelError, good, VectorSpec(other.path, field="class"), None),
        "No class field is given": (LabelError, good, VectorSpec(other.path), None),
        "has the classes 'swamp'; the map has 'water', 'forest', 'town'": (LabelError, good, other, None),
    }


def test_bad_input_is_named_and_leaves_no_output(tmp_path: Path, quarters: np.ndarray) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for message, (kind, map_path, reference, mask) in bad_inputs(tmp_path, quarters).items():
        spec = AssessSpec(
            map=map_path, reference=reference, mask=mask, json=str(out / "a.json"), html=str(out / "a.html")
        )
        with pytest.raises(kind, match=message):
            assess(spec, Reporter())
        assert os.listdir(out) == [], message


def test_cancel_leaves_no_output(tmp_path: Path, quarters: np.ndarray, quarter_map: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    reporter = Reporter()
    reporter.cancel()
    with pytest.raises(Cancelled):
        assess(AssessSpec(map=quarter_map, reference=quarter_map, json=str(out / "a.json")), reporter)
    assert os.listdir(out) == []


def test_missing_output_folder_is_named(tmp_path: Path, quarter_map: str) -> None:
    with pytest.raises((SpecError, OutputError), match="does not exist"):
        assess(AssessSpec(map=quarter_map, reference=quarter_map, json=str(tmp_path / "no" / "a.json")), Reporter())
