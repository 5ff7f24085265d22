import numpy as np
import pytest
from landsketch.core.grids import Grid
from landsketch.core.mapping.blending import RowBlender
from landsketch.core.runtimes.runtime import FULL, to_steps
from landsketch.core.tiles import Tile, TilePlan, even_side, plan_tiles, tiles_with_pixels
from rasterio.crs import CRS
from rasterio.transform import from_origin
from rasterio.windows import Window


def grid(width, height):
    return Grid(CRS.from_epsg(32632), from_origin(0, 0, 10, 10), width, height)


def blended(plan, classes, tile_values, valid=lambda tile, shape: np.ones(shape, bool), area=None):
    """Runs a blender over an area and joins its strips."""
    area = area or Window(0, 0, plan.grid.width, plan.grid.height)
    blender = RowBlender(plan, area, classes)
    side = plan.side + 2 * plan.ramp
    strips = []
    for row in plan.rows(area):
        for tile in row:
            blender.add(tile, to_steps(tile_values(tile, (side, side))), valid(tile, (side, side)))
        strips.extend(strip.copy() for strip in blender.finish_row(row[0].row))
    return np.concatenate(strips, axis=1)


def from_picture(plan, picture, margin=200):
    """Gives each tile its cut of a picture that reaches over the grid by a margin."""

    def cut(tile, shape):
        y, x = tile.row - plan.ramp + margin, tile.column - plan.ramp + margin
        return picture[:, y : y + shape[0], x : x + shape[1]]

    return cut


SIZES = [(100, 70), (64, 64), (1, 1), (1, 200), (65, 64), (200, 31), (32, 32), (33, 31)]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("ramp", [0, 8, 16])
def test_tiles_cut_from_one_picture_give_that_picture_back(width, height, ramp):
    plan = plan_tiles(grid(width, height), 32, 16, ramp, 16)
    picture = np.random.default_rng(0).random((3, height + 500, width + 500), dtype=np.float32)
    joined = blended(plan, 3, from_picture(plan, picture))
    assert joined.shape == (3, height, width)
    assert np.allclose(joined / FULL, picture[:, 200 : 200 + height, 200 : 200 + width], atol=3 / FULL)


@pytest.mark.parametrize("seed", range(8))
def test_any_area_blends_to_the_very_same_steps_as_the_whole(seed):
    rng = np.random.default_rng(seed)
    plan = plan_tiles(grid(150, 130), 32, 16, 12, 16)
    # Tiles that do not agree, so that the ramps matter.
    pictures = {}

    def values(tile, shape):
        return pictures.setdefault(tile, rng.random((2, *shape), dtype=np.float32))

    whole = blended(plan, 2, values)
    row, column = int(rng.integers(0, 129)), int(rng.integers(0, 149))
    height, width = int(rng.integers(1, 131 - row)), int(rng.integers(1, 151 - column))
    part = blended(plan, 2, values, area=Window(column, row, width, height))
    assert np.array_equal(part, whole[:, row : row + height, column : column + width])


def test_neighbouring_tiles_fade_into_each_other_without_a_step():
    plan = TilePlan(grid(128, 32), 64, 16, 16)
    joined = blended(plan, 1, lambda tile, shape: np.full((1, *shape), float(tile.column > 0), np.float32))
    profile = joined[0, 16] / FULL
    assert profile[40] == 0
    assert profile[90] == 1
    assert (np.diff(profile) >= 0).all()
    assert np.diff(profile).max() < 0.06


def test_pixels_without_data_stay_without_and_do_not_fade_into_their_neighbours():
    plan = TilePlan(grid(128, 64), 64, 16, 16)
    hole = np.zeros((400, 400), bool)
    hole[210:230, 250:290] = True  # across the border of the tiles

    def valid(tile, shape):
        y, x = tile.row - plan.ramp + 200, tile.column - plan.ramp + 200
        return ~hole[y : y + shape[0], x : x + shape[1]]

    joined = blended(plan, 2, lambda tile, shape: np.full((2, *shape), 0.5, np.float32), valid)
    inside = hole[200:264, 200:328]
    assert (joined[:, inside] == 0).all()
    assert np.abs(joined[:, ~inside] - FULL // 2).max() <= 2


def test_tiles_and_halos_keep_to_the_alignment():
    plan = plan_tiles(grid(1000, 500), 300, 50, 20, 32)
    assert plan.side % 32 == 0
    assert plan.halo % 32 == 0
    assert plan.side >= 300


def test_a_plan_is_no_larger_than_the_grid_needs():
    assert plan_tiles(grid(100, 60), 512, 32, 0, 16).side == 112


@pytest.mark.parametrize(
    ("width", "height", "side"),
    [(2048, 2048, 512), (1100, 1100, 368), (100, 60, 64), (513, 200, 272), (512, 512, 256), (3000, 1100, 384)],
)
def test_tiles_are_cut_so_that_little_is_computed_beyond_the_edge(width, height, side):
    found = even_side(grid(width, height), 512, 48, 16)
    assert found == side
    assert found % 16 == 0


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
