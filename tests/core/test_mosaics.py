"""Virtual mosaics hold the pixels of their pieces, look like them, and can be moved with them."""

import json
import shutil
from xml.etree import ElementTree

import numpy as np
import pytest
import rasterio
from helpers import write_raster
from landsketch.core.errors import OutputError, SceneError
from landsketch.core.grids import Grid
from landsketch.core.joined_maps import join_maps
from landsketch.core.legend import ClassLegend, LegendClass
from landsketch.core.mosaics import Band, Piece, class_band, vrt_of
from landsketch.core.progress import Reporter
from rasterio.crs import CRS
from rasterio.enums import ColorInterp
from rasterio.transform import from_origin
from rasterio.windows import Window

LEGEND = ClassLegend((LegendClass(1, "water & ice", "#0044cc"), LegendClass(3, "<forest>", "#117711")))
WEST, NORTH = 500_000, 5_000_000
OTHERS = ClassLegend((LegendClass(1, "town", "#cc2211"),))


def class_map(path, values, column=0, row=0, legend=LEGEND, gsd=10.0, **changes):
    """Writes a class map whose upper left corner lies at a column and row of the common grid."""
    place = {"origin": (WEST + column * gsd, NORTH - row * gsd), "gsd": gsd}
    write_raster(path, np.asarray(values, np.uint8)[None], names=("class",), nodata=0, **place | changes)
    with rasterio.open(path, "r+") as dataset:
        colours = {entry.value: (*bytes.fromhex(entry.colour[1:]), 255) for entry in legend}
        dataset.write_colormap(1, {0: (0, 0, 0, 0), **colours})
        dataset.update_tags(LANDSKETCH_LEGEND=json.dumps(legend.to_json()), LANDSKETCH_CHECKPOINT="m.safetensors")
        dataset.update_tags(LANDSKETCH_DATE=str(path))
    return str(path)


def some_classes(height, width, seed):
    return np.random.default_rng(seed).choice(np.array([1, 3], np.uint8), (height, width))


def join(paths, output):
    """Joins maps; returns what was joined and the warnings."""
    events = []
    joined = join_maps([str(path) for path in paths], str(output), Reporter(events.append))
    return joined, [e["message"] for e in events if e["event"] == "log" and e["level"] == "warning"]


def read(path):
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def parts(folder, whole, side):
    """Writes an image in squares and returns them as pieces."""
    pieces = []
    for row in range(0, whole.shape[0], side):
        for column in range(0, whole.shape[1], side):
            part = whole[row : row + side, column : column + side]
            path = class_map(folder / f"{row}-{column}.tif", part, column, row)
            pieces.append(Piece(path, column, row, part.shape[1], part.shape[0]))
    return pieces


def grid_of(height, width):
    return Grid(CRS.from_epsg(32632), from_origin(WEST, NORTH, 10, 10), width, height)


# --- Parts of one map -------------------------------------------------------------------------------------------------


def test_parts_of_a_map_read_as_the_map(tmp_path):
    (tmp_path / "parts").mkdir()
    whole = some_classes(600, 700, 0)
    pieces = parts(tmp_path / "parts", whole, 256)
    vrt = tmp_path / "map.vrt"
    vrt.write_text(vrt_of(pieces, grid_of(600, 700), (class_band(LEGEND),), str(tmp_path), tags={"A": "<b> & 'c'"}))
    with rasterio.open(vrt) as dataset:
        assert np.array_equal(dataset.read(1), whole)
        assert Grid.of(dataset) == grid_of(600, 700)
        assert dataset.block_shapes == [(256, 256)]
        assert (dataset.nodata, dataset.dtypes, dataset.descriptions) == (0, ("uint8",), ("class",))
        assert dataset.colorinterp == (ColorInterp.palette,)
        assert dataset.colormap(1)[3] == (0x11, 0x77, 0x11, 255)
        assert dataset.colormap(1)[0][3] == 0
        assert dataset.tags()["A"] == "<b> & 'c'"
    names = [element.text or "" for element in ElementTree.parse(vrt).iter("Category")]
    assert names == ["", "water & ice", "", "<forest>"]


def test_parts_side_by_side_are_read_without_a_look_at_no_data(tmp_path):
    pieces = [Piece("a.tif", 0, 0, 256, 256), Piece("b.tif", 256, 0, 256, 256), Piece("c.tif", 500, 0, 12, 256)]
    text = vrt_of(pieces, grid_of(256, 512), (class_band(LEGEND),), str(tmp_path))
    assert [text.count(f"<{kind}>") for kind in ("SimpleSource", "ComplexSource")] == [2, 1]


def test_probability_bands_keep_their_scale_and_names(tmp_path):
    values = np.random.default_rng(1).integers(0, 251, (2, 40, 50), np.uint8)
    values[:, 3, 4] = 255
    path = write_raster(tmp_path / "p.tif", values, nodata=255)
    bands = tuple(Band("uint8", 255, name, 1 / 250) for name in ("water", "forest"))
    (tmp_path / "p.vrt").write_text(vrt_of([Piece(path, 0, 0, 50, 40)], grid_of(40, 50), bands, str(tmp_path)))
    with rasterio.open(tmp_path / "p.vrt") as dataset:
        assert np.array_equal(dataset.read(), values)
        assert dataset.scales == (1 / 250, 1 / 250)
        assert dataset.descriptions == ("water", "forest")
        assert not dataset.read_masks(1)[3, 4]


@pytest.mark.parametrize("no_data", [-1.0, float("nan"), 0.1, None])
def test_any_no_data_value_is_kept(tmp_path, no_data):
    low = np.full((1, 8, 8), 0.25, np.float32)
    high = np.full((1, 8, 8), 0.75, np.float32)
    if no_data is not None:
        high[:, :4] = no_data
    paths = [write_raster(tmp_path / f"{i}.tif", image, nodata=no_data) for i, image in enumerate((low, high))]
    band = Band("float32", no_data)
    text = vrt_of([Piece(path, 0, 0, 8, 8) for path in paths], grid_of(8, 8), (band,), str(tmp_path))
    (tmp_path / "c.vrt").write_text(text)
    with rasterio.open(tmp_path / "c.vrt") as dataset:
        expected = np.where(np.arange(8)[:, None] < (0 if no_data is None else 4), 0.25, 0.75) * np.ones((8, 8))
        assert np.array_equal(dataset.read(1), expected.astype(np.float32))
        assert dataset.nodata == no_data or (np.isnan(dataset.nodata) and np.isnan(no_data))


def test_files_elsewhere_are_named_in_full(tmp_path):
    (tmp_path / "maps").mkdir()
    (tmp_path / "mosaic").mkdir()
    path = class_map(tmp_path / "maps" / "a.tif", some_classes(8, 8, 0))
    pieces = [Piece(path, 0, 0, 8, 8), Piece("/vsizip//no/such.zip/a.tif", 8, 0, 8, 8)]
    text = vrt_of(pieces, grid_of(8, 16), (class_band(LEGEND),), str(tmp_path / "mosaic"))
    named = {e.text: e.attrib["relativeToVRT"] for e in ElementTree.fromstring(text).iter("SourceFilename")}
    assert named == {path: "0", "/vsizip//no/such.zip/a.tif": "0"}


def test_a_mosaic_larger_than_gdal_can_count_is_refused(tmp_path):
    with pytest.raises(OutputError, match="3000000000 × 1 pixels"):
        vrt_of([], Grid(CRS.from_epsg(32632), from_origin(0, 0, 1, 1), 3_000_000_000, 1), (), str(tmp_path))


# --- Maps of several scenes -------------------------------------------------------------------------------------------


@pytest.fixture
def neighbours(tmp_path):
    """Three maps of one pixel grid: the second lies over a part of the first, with a hole; the third lies apart."""
    values = [some_classes(60, 80, seed) for seed in range(3)]
    values[1][:30, :15] = 0
    folder = tmp_path / "maps"
    folder.mkdir()
    places = [(5, 0), (65, 20), (-100, -40)]
    paths = [class_map(folder / f"{i}.tif", values[i], *places[i]) for i in range(3)]
    expected = np.zeros((120, 245), np.uint8)
    for image, (column, row) in zip(values, places, strict=True):
        window = expected[row + 40 : row + 100, column + 100 : column + 180]
        window[image > 0] = image[image > 0]
    return paths, expected


def test_the_mosaic_of_neighbouring_maps_is_right_pixel_by_pixel(neighbours, tmp_path):
    paths, expected = neighbours
    joined, warnings = join(paths, tmp_path / "mosaic.vrt")
    assert (joined, warnings) == (tuple(paths), [])
    with rasterio.open(tmp_path / "mosaic.vrt") as mosaic, rasterio.open(paths[0]) as first:
        assert np.array_equal(mosaic.read(1), expected)
        assert mosaic.transform == from_origin(WEST - 1000, NORTH + 400, 10, 10)
        assert mosaic.crs == first.crs
        assert mosaic.colormap(1) == first.colormap(1)
        assert (mosaic.nodata, mosaic.descriptions) == (0, ("class",))
        assert mosaic.tags()["LANDSKETCH_CHECKPOINT"] == "m.safetensors"
        assert json.loads(mosaic.tags()["LANDSKETCH_LEGEND"]) == LEGEND.to_json()
        assert "LANDSKETCH_DATE" not in mosaic.tags(), "the maps do not agree on it"
    names = [element.text or "" for element in ElementTree.parse(tmp_path / "mosaic.vrt").iter("Category")]
    assert names == ["", "water & ice", "", "<forest>"]


def test_the_folder_can_be_moved_with_its_mosaic(neighbours, tmp_path):
    paths, expected = neighbours
    join(paths, tmp_path / "mosaic.vrt")
    new = tmp_path / "elsewhere"
    new.mkdir()
    shutil.move(tmp_path / "maps", new / "maps")
    shutil.move(tmp_path / "mosaic.vrt", new / "mosaic.vrt")
    assert np.array_equal(read(new / "mosaic.vrt"), expected)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"crs": "EPSG:32633"}, "its coordinate system is EPSG:32633, not EPSG:32632"),
        ({"gsd": 20.0}, r"its pixels of 20 × 20 differ from those of 10 × 10"),
        ({"column": 0.5}, "its pixels lie between those"),
        ({"legend": OTHERS}, "its classes, or their names or colours"),
    ],
)
def test_a_map_that_does_not_fit_is_left_out_and_named(neighbours, tmp_path, changes, reason):
    paths, expected = neighbours
    odd = class_map(tmp_path / "odd.tif", np.ones((5, 5)), **changes)
    joined, (warning,) = join([odd, *paths], tmp_path / "mosaic.vrt")
    assert joined == tuple(paths)
    assert warning.startswith("'odd.tif' is not in the mosaic: ")
    assert reason.replace("\\", "") in warning
    assert np.array_equal(read(tmp_path / "mosaic.vrt"), expected)


def test_a_hundredth_of_a_pixel_does_not_matter(neighbours, tmp_path):
    paths, expected = neighbours
    close = class_map(tmp_path / "close.tif", np.full((60, 80), 3), -99.995, -40)
    joined, warnings = join([*paths, close], tmp_path / "mosaic.vrt")
    assert (len(joined), warnings) == (4, [])
    expected[:60, :80] = 3
    assert np.array_equal(read(tmp_path / "mosaic.vrt"), expected)


def test_a_damaged_map_is_left_out_and_named(neighbours, tmp_path):
    paths, _ = neighbours
    (tmp_path / "junk.tif").write_bytes(b"junk")
    joined, (warning,) = join([tmp_path / "junk.tif", *paths], tmp_path / "mosaic.vrt")
    assert joined == tuple(paths)
    assert warning == "'junk.tif' is not in the mosaic: it cannot be read."
    with pytest.raises(SceneError, match="None of the maps"):
        join([tmp_path / "junk.tif"], tmp_path / "none.vrt")
    assert not (tmp_path / "none.vrt").exists()


def test_windows_and_coarse_views_read_from_the_pieces(neighbours, tmp_path):
    paths, expected = neighbours
    join(paths, tmp_path / "mosaic.vrt")
    with rasterio.open(tmp_path / "mosaic.vrt") as mosaic:
        assert np.array_equal(mosaic.read(1, window=Window(150, 50, 60, 30)), expected[50:80, 150:210])
        assert set(np.unique(mosaic.read(1, out_shape=(30, 61)))) == {0, 1, 3}
