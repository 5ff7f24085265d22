import numpy as np
import pytest
from landsketch.core.blending import RowBlender
from landsketch.core.grids import Grid
from landsketch.core.prefetch import prefetched
from landsketch.core.tiles import Tile, TilePlan, plan_tiles, tiles_with_pixels
from rasterio.crs import CRS
from rasterio.transform import from_origin


def grid(width, height):
    return Grid(CRS.from_epsg(32632), from_origin(0, 0, 10, 10), width, height)


def blended(plan, classes, tile_values, valid=lambda tile, shape: np.ones(shape, bool)):
    """Runs a blender over a plan and joins its strips."""
    blender = RowBlender(plan, classes)
    strips = []
    for row in plan.rows():
        for tile in row:
            shape = (plan.window_side, plan.window_side)
            blender.add(tile, tile_values(tile, shape), valid(tile, shape))
        strips.extend(blender.finish_row(row[0].row))
    rows = [strip.row for strip in strips]
    heights = [strip.valid.shape[0] for strip in strips]
    assert rows == list(np.cumsum([0, *heights[:-1]]))
    return np.concatenate([s.probabilities for s in strips], axis=1), np.concatenate([s.valid for s in strips])


@pytest.mark.parametrize(("width", "height"), [(100, 70), (64, 64), (1, 1), (1, 200), (65, 64), (200, 31)])
@pytest.mark.parametrize("ramp", [0, 8])
def test_tiles_cut_from_one_picture_give_that_picture_back(width, height, ramp):
    plan = plan_tiles(grid(width, height), 32, 16, ramp, 16)
    rng = np.random.default_rng(0)
    picture = rng.random((3, height + 200, width + 200), dtype=np.float32)

    def cut(tile, shape):
        y, x = tile.row - plan.halo + 100, tile.column - plan.halo + 100
        return picture[:, y : y + shape[0], x : x + shape[1]]

    joined, valid = blended(plan, 3, cut)
    assert joined.shape == (3, height, width)
    assert valid.all()
    assert np.allclose(joined, picture[:, 100 : 100 + height, 100 : 100 + width], atol=1e-6)


def test_neighbouring_tiles_fade_into_each_other_without_a_step():
    plan = TilePlan(grid(128, 32), 64, 16, 16)
    joined, _ = blended(plan, 1, lambda tile, shape: np.full((1, *shape), float(tile.column > 0), np.float32))
    profile = joined[0, 16]
    assert profile[40] == 0
    assert profile[90] == 1
    assert (np.diff(profile) >= 0).all()
    assert np.diff(profile).max() < 0.06


def test_pixels_without_data_do_not_fade_into_their_neighbours():
    plan = TilePlan(grid(128, 64), 64, 16, 16)

    def values(tile, shape):
        return np.full((1, *shape), 0.3 if tile.column == 0 else 0.9, np.float32)

    joined, valid = blended(plan, 1, values, lambda tile, shape: np.full(shape, tile.column == 0))
    assert np.allclose(joined[0][valid], 0.3)
    assert not valid[:, 90:].any()


def test_tiles_and_halos_keep_to_the_alignment():
    plan = plan_tiles(grid(1000, 500), 300, 50, 20, 32)
    assert plan.side % 32 == 0
    assert plan.halo % 32 == 0
    assert plan.side >= 300


def test_a_plan_is_no_larger_than_the_grid_needs():
    assert plan_tiles(grid(100, 60), 512, 32, 0, 16).side == 112


def test_reading_ahead_keeps_the_order_and_passes_errors_on():
    assert [value for _, value in prefetched(lambda x: x * x, range(50), 4)] == [x * x for x in range(50)]
    with pytest.raises(ZeroDivisionError):
        list(prefetched(lambda x: 1 // x, [1, 0, 1], 1))


def test_every_pixel_belongs_to_the_tile_that_it_lies_in():
    plan = TilePlan(grid(100, 70), 32, 0, 0)
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(0, 70, 50), rng.integers(0, 100, 50)
    seen = []
    for tile, pixels in tiles_with_pixels(plan, rows, columns):
        assert (rows[pixels] // 32 * 32 == tile.row).all()
        assert (columns[pixels] // 32 * 32 == tile.column).all()
        seen.extend(pixels)
    assert sorted(seen) == list(range(50))
    assert tiles_with_pixels(plan, rows[:0], columns[:0]) == []
    assert tiles_with_pixels(plan, np.array([69]), np.array([99]))[0][0] == Tile(64, 96)
