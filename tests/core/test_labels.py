import numpy as np
import pytest
import shapely
from helpers import squares, write_features
from landsketch.core.errors import LabelError
from landsketch.core.grids import Grid
from landsketch.core.labels import read_labels
from landsketch.core.specs import VectorSpec
from landsketch.core.splits import Split, split_features
from landsketch.core.vectors import reproject
from rasterio.crs import CRS
from rasterio.transform import from_origin

GRID = Grid(CRS.from_epsg(32632), from_origin(500_000, 5_000_000, 10, 10), 96, 96)


def labels_of(path, **options):
    return read_labels(VectorSpec(path, field="class", **options), GRID, "scene.tif")


def test_squares_label_the_pixels_under_them(tmp_path):
    labels = labels_of(write_features(tmp_path / "l.gpkg", *squares()))
    assert labels.legend.values == (1, 2)
    assert labels.rows.size == 8 * 36
    assert set(labels.columns[labels.classes == 0]) < set(range(48))
    assert set(labels.columns[labels.classes == 1]) <= set(range(48, 96))


def test_another_crs_gives_the_same_pixels(tmp_path):
    shapes, classes = squares()
    there = reproject(shapes, CRS.from_epsg(32632), CRS.from_epsg(4326))
    here = labels_of(write_features(tmp_path / "a.gpkg", shapes, classes))
    back = labels_of(write_features(tmp_path / "b.gpkg", there, classes, crs="EPSG:4326"))
    same = set(zip(here.rows, here.columns, strict=True)) & set(zip(back.rows, back.columns, strict=True))
    assert len(same) > 0.95 * here.rows.size


def test_points_label_one_pixel_and_small_polygons_too(tmp_path):
    shapes = [shapely.Point(500_105, 4_999_895), shapely.box(500_301, 4_999_501, 500_302, 4_999_502)]
    labels = labels_of(write_features(tmp_path / "l.gpkg", shapes, ["a", "b"]))
    assert list(zip(labels.rows, labels.columns, strict=True)) == [(10, 10), (49, 30)]
    assert labels.legend.names == ("a", "b")


def test_pixels_of_two_classes_are_left_out_and_said(tmp_path):
    boxes = [shapely.box(500_000, 4_999_900, 500_100, 5_000_000), shapely.box(500_050, 4_999_900, 500_200, 5_000_000)]
    labels = labels_of(write_features(tmp_path / "l.gpkg", boxes, [1, 2]))
    assert labels.rows.size == 50 + 100
    assert any("more than one class" in warning for warning in labels.warnings)


def test_legend_names_colours_and_keys_are_kept(tmp_path):
    shapes, classes = squares()
    path = write_features(tmp_path / "l.gpkg", shapes, [{1: "w", 2: "f"}[c] for c in classes])
    legend = ({"value": 7, "name": "Forest", "colour": "#00ff00"}, {"value": 3, "name": "Water", "colour": "#0000ff"})
    labels = labels_of(path, legend=legend, keys=("f", "w"))
    assert labels.legend.to_json() == list(legend)
    assert set(labels.columns[labels.classes == 0]) <= set(range(48, 96))


def test_labels_elsewhere_name_layer_and_scene(tmp_path):
    shapes = [shapely.Point(0, 0), shapely.Point(1, 1)]
    with pytest.raises(LabelError, match=r"None of the 2 label features of .*l.gpkg' lies on the scene 'scene.tif'"):
        labels_of(write_features(tmp_path / "l.gpkg", shapes, [1, 2]))


def test_one_class_only_is_refused(tmp_path):
    shapes, _ = squares()
    with pytest.raises(LabelError, match="only one class on the scene"):
        labels_of(write_features(tmp_path / "l.gpkg", shapes, [1] * len(shapes)))


def test_an_unknown_field_lists_the_known_ones(tmp_path):
    path = write_features(tmp_path / "l.gpkg", *squares())
    with pytest.raises(LabelError, match=r"no field 'kind'; it has 'class'"):
        read_labels(VectorSpec(path, field="kind"), GRID, "scene.tif")


def test_features_never_straddle_folds_and_neighbours_are_held_out_together():
    rng = np.random.default_rng(0)
    centres = rng.uniform(0, 1000, (60, 2))
    classes = rng.integers(0, 3, 60)
    split = split_features(classes, centres, seed=0)
    assert "spatial blocks" in split.words
    cells = (centres // 250).astype(int)
    for cell in np.unique(cells, axis=0):
        members = (cells == cell).all(axis=1)
        assert np.unique(split.folds[members]).size == 1 or split.count < 3 or "4 × 4" not in split.words


def test_every_fold_leaves_every_class_to_learn_from():
    rng = np.random.default_rng(1)
    for seed in range(20):
        classes = rng.integers(0, 4, 25)
        split = split_features(classes, rng.uniform(0, 1, (25, 2)), seed)
        for fold in range(split.count):
            assert set(classes[split.folds == fold]) <= set(classes[split.folds != fold])


def test_too_few_features_for_blocks_are_split_one_by_one_and_said():
    split = split_features(np.array([0, 0, 1, 1]), np.array([[0, 0], [1, 0], [0, 1], [1, 1.0]]), 0)
    assert split.count == 2
    assert "single features" in split.words


def test_a_class_with_one_feature_is_never_held_out():
    split = split_features(np.array([0, 0, 0, 1]), np.arange(8).reshape(4, 2).astype(float), 0)
    assert split.folds[3] == -1
    assert "never held out" in split.words


def test_nothing_is_claimed_where_nothing_can_be_held_out():
    split = split_features(np.array([0, 1]), np.zeros((2, 2)), 0)
    assert split.count == 0
    assert "Nothing was held out" in split.words


def test_the_most_telling_fold_holds_the_most_classes():
    split = Split(np.array([0, 0, 1, 1, 1, -1]), "by hand")
    assert split.most_telling(np.array([0, 0, 1, 2, 1, 3])) == 1


def test_what_is_drawn_outside_the_scene_takes_no_part(tmp_path):
    shapes, classes = squares()
    away = [shapely.box(600_000 + i, 4_000_000, 600_050 + i, 4_000_050) for i in (0, 100)]
    labels = labels_of(write_features(tmp_path / "l.gpkg", [*away, *shapes], [3, 1, *classes]))
    assert labels.legend.values == (1, 2)
    assert labels.feature_classes.tolist() == [c - 1 for c in classes]
    assert np.isfinite(labels.centres).all()
    assert [entry["features"] for entry in labels.summary()] == [4, 4]
    split = split_features(labels.feature_classes, labels.centres, 0)
    assert split.folds.shape == (8,)
    assert any("not learned: 3" in warning for warning in labels.warnings)
