"""The tile engine on a network whose result is known exactly."""

import json
import subprocess
import sys

import numpy as np
import pytest
import rasterio
import shapely
from helpers import S2_12, SITE, write_features, write_raster
from landsketch.core.errors import EngineError, LabelError, SpecError
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from rasterio.transform import from_origin
from tiny_network import blobs, expected_steps, write_tiny_network

NO_DATA = 0


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return write_tiny_network(tmp_path_factory.mktemp("network") / "tiny.onnx")


def spec_of(network, raster, folder, **changes):
    source = {"role": "optical", "path": raster, "sensor": "sentinel-2-l2a", "offset": 0.0, "bands": list(S2_12)}
    return {"checkpoint": network, "sources": [source], "output": str(folder / "map.tif")} | changes


def classify(network, image, folder, profile=None, **changes):
    """Classifies an image (band, y, x) and returns the class map's values."""
    raster = write_raster(folder / "s2.tif", image, names=S2_12, **(profile or {}))
    spec = spec_of(network, raster, folder, **changes)
    run_job("classify", spec, Reporter())
    return read(spec["output"])


def read(path):
    with rasterio.open(path) as dataset:
        image = dataset.read()
        return image[0] if len(image) == 1 else image


def expected(image, valid=None):
    classes = expected_steps(image.astype(np.float64)).argmax(axis=0) + 1
    return classes if valid is None else np.where(valid, classes, NO_DATA)


def sure(image, margin=0.02):
    """Pixels whose class does not hang on rounding."""
    steps = np.sort(expected_steps(image.astype(np.float64)), axis=0)
    return steps[-1] - steps[-2] > margin


@pytest.mark.parametrize(
    ("height", "width"),
    [(200, 150), (64, 64), (128, 64), (1, 1), (1, 300), (300, 1), (65, 63), (30, 200), (5, 7)],
)
@pytest.mark.parametrize("tile", [0, 16, 300])
def test_the_map_is_the_network_s_own_whatever_the_size_and_the_tiles(network, tmp_path, height, width, tile):
    image = blobs(height, width)
    found = classify(network, image, tmp_path, tile=tile)
    assert found.shape == (height, width)
    inside = sure(image)
    assert (found == expected(image))[inside].all()


@pytest.mark.parametrize(
    "profile",
    [
        {"tiled": True, "blockxsize": 64, "blockysize": 64},
        {"tiled": True, "blockxsize": 128, "blockysize": 16, "compress": "deflate"},
        {"blockysize": 1},
        {"blockysize": 7, "compress": "lzw", "interleave": "pixel"},
    ],
)
def test_the_map_does_not_depend_on_how_the_file_is_blocked(network, tmp_path, profile):
    image = blobs(210, 330)
    image[:, 50:90, 100:140] = 0
    plain = classify(network, image, tmp_path)
    assert np.array_equal(classify(network, image, tmp_path, profile), plain)
    assert (plain[50:90, 100:140] == NO_DATA).all()
    assert (plain == NO_DATA).sum() == 1600


def test_tiles_batches_and_threads_change_nothing_but_rounding(network, tmp_path):
    image = blobs(260, 340)
    first = classify(network, image, tmp_path)
    for changes in ({"tile": 32}, {"tile": 128, "batch": 3}, {"tile": 48, "batch": 2, "threads": 1}, {"tile": 1024}):
        assert np.mean(classify(network, image, tmp_path, **changes) == first) > 0.999


def test_every_raster_says_the_same(network, tmp_path):
    image = blobs(300, 280)
    image[:, :20, :] = 0
    names = ("confidence", "probabilities", "entropy", "margin")
    paths = {name: str(tmp_path / f"{name}.tif") for name in names}
    classes = classify(network, image, tmp_path, **paths)
    steps = expected_steps(image.astype(np.float64))
    valid = classes != NO_DATA
    assert valid[20:].all()
    assert not valid[:20].any()
    inside = np.zeros_like(valid)
    inside[30:] = True  # away from the no data, which the network sees as zero
    ordered = np.sort(steps, axis=0)
    shares = np.clip(steps, 1e-12, 1)
    wanted = {
        "confidence": ordered[-1],
        "margin": ordered[-1] - ordered[-2],
        "entropy": -(shares * np.log(shares)).sum(axis=0) / np.log(3),
    }
    for name, values in wanted.items():
        found = read(paths[name])
        assert (found[~valid] == -1).all()
        assert np.abs(found - values)[inside].max() < 0.004, name
    probabilities = read(paths["probabilities"])
    assert (probabilities[:, ~valid] == 255).all()
    assert np.abs(probabilities / 250 - steps)[:, inside].max() < 0.004
    with rasterio.open(paths["probabilities"]) as dataset:
        assert dataset.descriptions == ("dark", "middle", "bright")
        assert dataset.scales == (1 / 250,) * 3


@pytest.mark.parametrize("layout", ["cog", "gtiff"])
def test_both_layouts_are_tiled_compressed_and_have_overviews(network, tmp_path, layout):
    image = blobs(600, 700)
    classify(network, image, tmp_path, format=layout, confidence=str(tmp_path / "c.tif"))
    for name in ("map.tif", "c.tif"):
        with rasterio.open(tmp_path / name) as dataset:
            assert dataset.block_shapes == [(256, 256)]
            assert dataset.compression.name == "deflate"
            assert dataset.overviews(1)[:2] == [2, 4] if name == "map.tif" else dataset.overviews(1)
            assert (dataset.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG") == (layout == "cog")
    with rasterio.open(tmp_path / "map.tif", overview_level=0) as dataset:
        assert set(np.unique(dataset.read(1))) <= {1, 2, 3}


def test_an_extent_gives_exactly_that_part_of_the_map(network, tmp_path):
    image = blobs(220, 240)
    whole = classify(network, image, tmp_path)
    bounds = [500_000 + 315.0, 5_000_000 - 1203.0, 500_000 + 1500.0, 5_000_000 - 400.0]
    spec = spec_of(network, str(tmp_path / "s2.tif"), tmp_path, extent={"bounds": bounds, "crs": "EPSG:32632"})
    run_job("classify", spec, Reporter())
    with rasterio.open(spec["output"]) as dataset:
        assert dataset.transform == from_origin(500_310, 5_000_000 - 400, 10, 10)
        assert np.array_equal(dataset.read(1), whole[40:121, 31:150])


def test_an_extent_in_degrees_covers_what_it_names(network, tmp_path):
    image = blobs(100, 100)
    whole = classify(network, image, tmp_path)
    from rasterio.warp import transform_bounds

    bounds = transform_bounds("EPSG:32632", "EPSG:4326", 500_200, 4_999_500, 500_600, 4_999_800)
    spec = spec_of(network, str(tmp_path / "s2.tif"), tmp_path, extent={"bounds": list(bounds), "crs": "EPSG:4326"})
    run_job("classify", spec, Reporter())
    with rasterio.open(spec["output"]) as dataset:
        assert dataset.bounds.left <= 500_200
        assert dataset.bounds.right >= 500_600
        assert dataset.width < 44
        row, column = (5_000_000 - dataset.bounds.top) / 10, (dataset.bounds.left - 500_000) / 10
        cut = whole[int(row) : int(row) + dataset.height, int(column) : int(column) + dataset.width]
        assert np.array_equal(dataset.read(1), cut)


@pytest.mark.parametrize(
    ("extent", "words"),
    [
        ({"bounds": [0.0, 0.0, 10.0, 10.0], "crs": "EPSG:32632"}, "does not lie on the scene"),
        ({"bounds": [500_000.0, 4_999_000.0, 500_500.0, 4_999_500.0], "crs": "EPSG:99"}, "cannot be brought"),
    ],
)
def test_an_extent_elsewhere_is_named(network, tmp_path, extent, words):
    with pytest.raises(SpecError, match=words):
        classify(network, blobs(64, 64), tmp_path, extent=extent)


def test_a_mask_limits_the_map_and_tiles_outside_are_not_read(network, tmp_path):
    image = blobs(300, 300)
    whole = classify(network, image, tmp_path)
    box = shapely.box(500_000 + 1000, 5_000_000 - 2500, 500_000 + 1400, 5_000_000 - 2000)
    mask = write_features(tmp_path / "mask.gpkg", [box], ["x"])
    found = classify(network, image, tmp_path, mask={"path": mask})
    inside = np.zeros((300, 300), bool)
    inside[200:250, 100:140] = True
    assert np.array_equal(found[inside], whole[inside])
    assert (found[~inside] == NO_DATA).all()


def test_a_mask_elsewhere_is_named(network, tmp_path):
    mask = write_features(tmp_path / "mask.gpkg", [shapely.box(0, 0, 1, 1)], ["x"])
    with pytest.raises(LabelError, match="does not lie"):
        classify(network, blobs(64, 64), tmp_path, mask={"path": mask})


# Bayesian smoothing leaves alone what the network is sure of, which this one mostly is.
@pytest.mark.parametrize(("method", "left"), [("majority", 0.8), ("bayes", 0.98)])
def test_smoothing_takes_speckle_away_and_is_the_same_in_any_extent(network, tmp_path, method, left):
    image = blobs(200, 220)
    speckled = image.copy()
    rng = np.random.default_rng(0)
    for row, column in rng.integers(10, 190, (60, 2)):
        speckled[:, row : row + 3, column : column + 3] += 1000
    smoothing = {"method": method, "radius": 4}
    rough, smooth = (classify(network, speckled, tmp_path, smoothing=one) for one in (None, smoothing))

    def borders(classes):
        return int((np.diff(classes.astype(int), axis=1) != 0).sum())

    assert borders(smooth) < left * borders(rough)
    extent = {"bounds": [500_450.0, 4_998_700.0, 501_700.0, 4_999_400.0], "crs": "EPSG:32632"}
    part = classify(network, speckled, tmp_path, smoothing=smoothing, extent=extent)
    assert np.array_equal(part, smooth[60:130, 45:170])


def test_polygons_cover_the_map(network, tmp_path):
    import pyogrio

    image = blobs(150, 160)
    image[:, :30, :30] = 0
    polygons = str(tmp_path / "map.gpkg")
    classes = classify(network, image, tmp_path, polygons={"path": polygons, "smallest": 0, "tolerance": 0.0})
    _, _, wkb, (values, names) = pyogrio.raw.read(polygons, columns=["value", "class"])
    area = shapely.area(shapely.from_wkb(wkb))
    for value, name in enumerate(("dark", "middle", "bright"), 1):
        assert area[values == value].sum() == pytest.approx(100 * (classes == value).sum())
        assert set(names[values == value]) == {name}


def test_a_network_of_one_window_size_is_run_with_that_size(tmp_path):
    fixed = write_tiny_network(tmp_path / "fixed.onnx", halo=8, ramp=4, tile=48, side=64)
    image = blobs(130, 150)
    assert (classify(fixed, image, tmp_path) == expected(image))[sure(image)].all()
    with pytest.raises(SpecError, match="only takes tiles of 48"):
        classify(fixed, image, tmp_path, tile=128)


def test_onnx_networks_need_no_torch(network, tmp_path):
    raster = write_raster(tmp_path / "s2.tif", blobs(150, 150), names=S2_12)
    (tmp_path / "spec.json").write_text(json.dumps(spec_of(network, raster, tmp_path)))
    code = (
        "import sys, json; sys.path.insert(0, sys.argv[1])\n"
        "from landsketch.core.jobs import run_job\n"
        "from landsketch.core.progress import Reporter\n"
        "run_job('classify', json.load(open(sys.argv[2])), Reporter())\n"
        "assert 'torch' not in sys.modules, 'torch was imported'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(SITE), str(tmp_path / "spec.json")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "map.tif").exists()


def test_a_runtime_that_is_not_there_is_named_with_those_that_are(network, tmp_path):
    with pytest.raises(EngineError, match="ONNX Runtime in fp32"):
        classify(network, blobs(64, 64), tmp_path, runtime="torch")
