"""Windows of scenes with time stacks, as networks read them: beside each other, and on grids of their own."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers import write_raster
from landsketch.core.cards import Card, Normalisation, SourceCard
from landsketch.core.coarse import own_grid, own_window, read_series, steps_of
from landsketch.core.errors import CheckpointError, SceneError
from landsketch.core.fit import bound, check_scene, days_apart
from landsketch.core.mapping import reading
from landsketch.core.mapping.reading import TileImages, WindowReader
from landsketch.core.progress import Reporter
from landsketch.core.runtimes.onnx_model import OnnxModel
from landsketch.core.scenes import open_scene
from landsketch.core.specs import SourceSpec
from landsketch.core.starts import offer_of, three_sigma_card
from landsketch.core.tiles import plan_tiles
from landsketch.core.windows import read_window, valid_pixels
from rasterio.windows import Window
from stacks import image_item, write_stack

BANDS = ("B02", "B03", "B04", "B08")
SIDE = 96


def stack(tmp_path, dates=3, side=SIDE, gsd=10.0, origin=(500_000, 5_000_000), name="stack.json"):
    """Writes a stack of random images; the first date lacks its left upper corner."""
    items = []
    for number in range(dates):
        image = np.random.default_rng(number).integers(100, 3000, (4, side, side)).astype(np.uint16)
        if number == 0:
            image[:, : side // 4, : side // 4] = 0
        path = write_raster(tmp_path / f"{name}_{number}.tif", image, names=BANDS, gsd=gsd, origin=origin, tiled=True,
                            blockxsize=32, blockysize=32)  # fmt: skip
        items.append(image_item(f"2020-0{number + 1}-01", path, BANDS))
    return write_stack(tmp_path / name, items)


def aerial(tmp_path, side=512, gsd=1.0):
    image = np.random.default_rng(9).integers(1, 255, (4, side, side)).astype(np.uint8)
    return SourceSpec(
        "optical", write_raster(tmp_path / "aerial.tif", image, names=("red", "green", "blue", "nir"), gsd=gsd)
    )


def card(source, step=1, margin=0, **changes):
    scaling = Normalisation("constant", (0.0,) * len(source.bands), (1.0,) * len(source.bands))
    values = {"dates": source.dates, "step": step, "margin": margin} | changes
    return SourceCard(source.role, source.match.sensor, source.bands, "dn", 10.0, scaling, **values)


@pytest.mark.parametrize(
    ("fine", "coarse", "step"),
    [(0.2, 10, 32), (1, 10, 8), (10, 10, 1), (10, 20, 2), (3, 10, 2), (0.05, 10, 32), (10, 5, 1), (2.5000001, 10, 4)],
)
def test_steps_are_the_largest_power_of_two(fine, coarse, step):
    assert steps_of(fine, coarse) == step


def test_a_pixel_is_valid_where_some_date_has_all_bands():
    image = np.ones((6, 4, 4), np.float32)  # three dates of two bands
    image[0, 0] = np.nan  # one band of the first date
    image[3, 0, 0] = image[4, 0, 0] = np.nan  # and of each other one
    image[:, 3, 3] = np.nan
    dated = card_of("optical", 2, dates=("2020-01-01", "2020-02-01", "2020-03-01"))
    beside = card_of("series", 2, dates=("2020-01-01",))
    valid = valid_pixels({"optical": image, "series": np.full((2, 1, 1), np.nan, np.float32)}, [dated, beside])
    expected = np.ones((4, 4), bool)
    expected[0, 0] = expected[3, 3] = False
    assert np.array_equal(valid, expected)


def card_of(role, bands, **changes):
    names = tuple(f"b{i}" for i in range(bands))
    return SourceCard(
        role, "generic", names, "raw", 10.0, Normalisation("constant", (0.0,) * bands, (1.0,) * bands), **changes
    )


def test_a_series_is_read_on_its_own_coarser_grid(tmp_path):
    path = stack(tmp_path, side=96, gsd=10.0, origin=(499_800, 5_000_200))
    with open_scene([aerial(tmp_path), SourceSpec("series", path)]) as scene:
        series = scene.source("series")
        step = steps_of(scene.grid.gsd, series.grid.gsd)
        assert step == 8
        read = card(series, step, margin=2)
        tensor = read_series(scene, read, Window(64, 128, 128, 128))
        assert tensor.shape == (12, 16 + 4, 16 + 4)
        again = read_series(scene, read, Window(96, 128, 64, 64))
        assert np.array_equal(again, tensor[:, :12, 4:16]), "a cell depends on the window it is read with"
        outside = read_series(scene, read, Window(-64, -64, 64, 64))
        assert np.isnan(outside[:, :6]).all()
        assert np.isfinite(outside[4:, 8:10, 8:10]).all(), "the margin around the scene has data in the files"
        with pytest.raises(ValueError, match="not in multiples of 8 pixels"):
            own_window(Window(4, 0, 64, 64), 8, 0)


def test_cells_of_a_series_lie_where_they_should(tmp_path):
    east = np.arange(96, dtype=np.float32)[None, None].repeat(96, 1) * 10 + 500_000 - 200 + 5
    path = write_raster(tmp_path / "x.tif", east, names=("x",), origin=(499_800, 5_000_200))
    written = write_stack(tmp_path / "s.json", [image_item("2020-01-01", path, ("x",), sensor="generic")])
    with open_scene([aerial(tmp_path), SourceSpec("series", written)]) as scene:
        values = read_series(scene, card(scene.source("series"), 8, 1), Window(64, 0, 64, 64))[0]
        grid = own_grid(scene.grid, 8, 1)
    assert grid.transform.c == 500_000 - 8
    assert np.allclose(values[5], 500_000 + 64 + 4 + 8 * np.arange(-1, 9), atol=0.1)


@pytest.mark.parametrize("free", [1 << 40, 1], ids=["kept", "tile by tile"])
def test_tiles_are_read_like_windows(tmp_path, monkeypatch, free):
    monkeypatch.setattr(reading, "read_memory", lambda: (free, free))
    specs = [SourceSpec("optical", stack(tmp_path)), SourceSpec("sar", radar(tmp_path)),
             SourceSpec("series", stack(tmp_path, 2, 30, 40.0, name="coarse.json"))]  # fmt: skip
    with open_scene(specs) as scene, ThreadPoolExecutor(2) as pool:
        cards = [card(scene.source("optical")), card(scene.source("sar")), card(scene.source("series"), 4, 1)]
        plan = plan_tiles(scene.grid, 32, 8, 8, 8)
        reader = WindowReader(scene, cards, plan, None, pool, 3, Reporter())
        tiles = list(reader.read(plan.rows(Window(0, 0, SIDE, SIDE))))
        assert len(tiles) == 9
        for read in tiles:
            assert isinstance(read, TileImages)
            expected = read_window(scene, cards, plan.window(read.tile))
            assert sorted(read.images) == ["optical", "sar", "series"]
            for role, image in expected.items():
                assert np.array_equal(read.images[role], image, equal_nan=True), role
            assert np.array_equal(read.valid, valid_pixels(expected, cards))


def radar(tmp_path):
    image = np.random.default_rng(0).normal(-12, 2, (2, SIDE, SIDE)).astype(np.float32)
    return write_raster(tmp_path / "s1.tif", image - np.array([[[0]], [[6]]], np.float32), names=("VV", "VH"))


def test_a_checkpoint_takes_the_dates_of_the_scene(tmp_path):
    path = stack(tmp_path)
    with open_scene([SourceSpec("optical", path)]) as scene:
        source = scene.source("optical")
        trained = three_sigma_card(scene, source)
        assert trained.dates == ("2020-01-01", "2020-02-01", "2020-03-01")
        assert trained.channels == 12
        assert offer_of(scene).sources[0].dates == trained.dates
        other = card(source, dates=("2018-05-01",))
        assert bound(checkpoint(other), scene)[0].dates == source.dates
        check_scene(checkpoint(trained), scene, "c.safetensors")
        with pytest.raises(CheckpointError, match=r"made for single images; 'stack\.json' is a time stack of 3 dates"):
            check_scene(checkpoint(card(source, dates=())), scene, "c.safetensors")


def checkpoint(*cards):
    return Card({}, cards, 64, 8)


def test_a_temporal_checkpoint_refuses_a_single_image(tmp_path):
    with open_scene([aerial(tmp_path)]) as scene:
        trained = card(scene.source("optical"), dates=("2018-05-01",))
        with pytest.raises(CheckpointError, match=r"made for time stacks; 'aerial\.tif' is a single image"):
            check_scene(checkpoint(trained), scene, "c.safetensors")


def test_a_series_must_be_a_stack(tmp_path):
    spec = aerial(tmp_path)
    with pytest.raises(SceneError, match=r"'aerial\.tif' is a single image; a time stack is expected"):
        open_scene([spec, SourceSpec("series", spec.path)])


def test_days_are_compared_within_the_year():
    assert days_apart("2020-05-14", "2018-05-20") == 5
    assert days_apart("2020-12-28", "2019-01-03") == 5


def test_an_exported_network_is_for_its_own_dates():
    model = OnnxModel.__new__(OnnxModel)
    trained = card_of("optical", 2, dates=("2020-01-01", "2020-06-01"))
    model.card, model._path, model._notes = checkpoint(trained), "net.onnx", ()
    with pytest.raises(CheckpointError, match=r"network for 2 dates \(optical\); the scene has 1"):
        model.bind([card_of("optical", 2, dates=("2020-01-01",))])
    model.bind([card_of("optical", 2, dates=("2021-01-09", "2021-06-11"))])
    assert model.place("cpu").warnings == ()
    model.bind([card_of("optical", 2, dates=("2021-01-09", "2021-09-11"))])
    (warning,) = model.place("cpu").warnings
    assert "up to 101 days from those" in warning
