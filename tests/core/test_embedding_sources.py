"""Rasters of precomputed embeddings as sources of a scene."""

import numpy as np
import pytest
import rasterio
from affine import Affine
from helpers import S2_12, two_class_s2, write_raster
from landsketch.core.cards import Card
from landsketch.core.embedding_cards import embedding_card, embedding_notes
from landsketch.core.errors import CheckpointError, SceneError
from landsketch.core.fit import check_scene, differences
from landsketch.core.quantisation import PowerCodes
from landsketch.core.scenes import describe, open_scene
from landsketch.core.specs import SourceSpec
from rasterio.windows import Window

A64 = tuple(f"A{i:02d}" for i in range(64))


def alphaearth_codes(height=40, width=48, seed=0):
    """Codes (64, y, x) of smooth fields of unit vectors."""
    rng = np.random.default_rng(seed)
    corners = rng.normal(size=(4, 64, 1, 1))
    y, x = np.linspace(0, 1, height)[None, :, None], np.linspace(0, 1, width)[None, None]
    field = corners[0] * (1 - y) * (1 - x) + corners[1] * y * (1 - x) + corners[2] * (1 - y) * x + corners[3] * y * x
    unit = field / np.linalg.norm(field, axis=0)
    return np.rint(np.sign(unit) * np.sqrt(np.abs(unit)) * 127.5).clip(-127, 127).astype(np.int8)


def embedding(path, sensor="auto"):
    return SourceSpec(role="embedding", path=str(path), sensor=sensor)


def read(scene, role="embedding", window=None):
    window = window or Window(0, 0, scene.grid.width, scene.grid.height)
    return scene.read(window, {role: scene.source(role).bands})[role]


def test_alphaearth_is_read_as_values_with_no_data_as_nan(tmp_path):
    codes = alphaearth_codes()
    codes[:, :4, :6] = -128
    codes[:5, 20, 20] = [-127, 0, 64, 127, 1]
    path = write_raster(tmp_path / "aef.tif", codes, nodata=-128)
    with open_scene([embedding(path)]) as scene:
        image = read(scene)
        assert describe(scene) == ["embedding: 'aef.tif' read as AlphaEarth embeddings from codes, bands A00 to A63."]
        assert embedding_notes(scene, scene.source("embedding")) == []
    np.testing.assert_allclose(image, PowerCodes().decode(codes), atol=1e-7)
    np.testing.assert_allclose(image[:4, 20, 20], [-0.9921722, 0, 0.2519646, 0.9921722], atol=1e-7)
    assert np.isnan(image[:, :4, :6]).all() and np.isfinite(image).all(axis=0).sum() == 40 * 48 - 24


@pytest.mark.parametrize("names", [(), A64])
def test_alphaearth_is_known_by_its_bands(tmp_path, names):
    path = write_raster(tmp_path / "x.tif", alphaearth_codes(), names=names)
    with open_scene([embedding(path)]) as scene:
        assert scene.source("embedding").match.sensor == "alphaearth"
        assert scene.source("embedding").bands == A64


def test_alphaearth_is_interpolated_as_values_and_then_normalised(tmp_path):
    codes = alphaearth_codes()
    embedded = write_raster(tmp_path / "aef.tif", codes, nodata=-128)
    optical = write_raster(tmp_path / "s2.tif", two_class_s2(96), names=S2_12, gsd=5.0)
    with open_scene([SourceSpec(role="optical", path=optical), embedding(embedded)]) as scene:
        image = read(scene)
    valid = np.isfinite(image).all(axis=0)
    np.testing.assert_allclose(np.linalg.norm(image[:, valid], axis=0), 1, atol=1e-6)
    values = PowerCodes().decode(codes).astype(np.float64)
    # A quarter of the way from pixel (10, 10) to the next ones, down and right.
    expected = np.einsum("y,x,byx->b", [0.75, 0.25], [0.75, 0.25], values[:, 10:12, 10:12])
    np.testing.assert_allclose(image[:, 21, 21], expected / np.linalg.norm(expected), atol=1e-5)


def test_southern_rows_first_reads_as_northern_rows_first(tmp_path):
    codes = alphaearth_codes()
    codes[:, :3, :10] = -128
    upright = write_raster(tmp_path / "north.tif", codes, nodata=-128)
    transform = Affine(10, 0, 500_000, 0, 10, 5_000_000 - 400)
    flipped = write_raster(tmp_path / "south.tif", codes[:, ::-1], nodata=-128, transform=transform)
    optical = write_raster(tmp_path / "s2.tif", two_class_s2(40)[:, :, :30], names=S2_12)
    images = []
    for path in (upright, flipped):
        with open_scene([embedding(path)]) as alone:
            assert alone.grid.transform.e == -10 and alone.grid.transform.f == 5_000_000
            images.append(read(alone))
        with open_scene([SourceSpec(role="optical", path=optical), embedding(path)]) as beside:
            np.testing.assert_allclose(read(beside), images[-1][:, :40, :30], atol=2e-2)
            window = Window(5, 7, 11, 13)
            np.testing.assert_allclose(read(beside, window=window), read(beside)[:, 7:20, 5:16], atol=1e-6)
    length = np.linalg.norm(images[0], axis=0)
    np.testing.assert_allclose(images[1], images[0] / length, atol=1e-5)


def test_codes_that_are_no_codes_are_refused(tmp_path):
    codes = alphaearth_codes().astype(np.int16)
    with open_scene([embedding(write_raster(tmp_path / "wide.tif", codes, nodata=-128))]) as scene:
        np.testing.assert_allclose(read(scene), PowerCodes().decode(codes), atol=1e-7)
    codes[0, 0, 0] = 3000
    with pytest.raises(SceneError, match=r"'large.tif' was taken for AlphaEarth.*reach from -?\d+ to 3000"):
        open_scene([embedding(write_raster(tmp_path / "large.tif", codes))])
    with pytest.raises(SceneError, match="unit vectors lie between -1 and 1"):
        open_scene([embedding(write_raster(tmp_path / "float.tif", alphaearth_codes().astype(np.float32)))])


def test_vectors_that_are_not_of_unit_length_are_reported(tmp_path):
    path = write_raster(tmp_path / "aef.tif", (alphaearth_codes() // 2).astype(np.int8))
    with open_scene([embedding(path)]) as scene:
        (note,) = embedding_notes(scene, scene.source("embedding"))
    assert "'aef.tif' have a mean length of 0.2" in note


def tessera(path, version="v1.1", **profile):
    values = np.random.default_rng(0).normal(2, 3, (128, 30, 32)).astype(np.float32)
    values[:, 5, 6] = np.nan
    written = write_raster(path, values, names=[f"Tessera_Band_{i}" for i in range(128)], **profile)
    with rasterio.open(path, "r+") as dataset:
        dataset.update_tags(TESSERA_DATASET_VERSION=version, TESSERA_YEAR="2024")
    return written, values


def test_tessera_is_read_as_geotessera_writes_it(tmp_path):
    path, values = tessera(tmp_path / "grid_0.05_51.95_2024.tiff")
    with open_scene([embedding(path)]) as scene:
        assert scene.source("embedding").match.sensor == "tessera"
        assert "read as Tessera embeddings of Tessera v1.1, bands T000 to T127" in describe(scene)[0]
        np.testing.assert_array_equal(read(scene), values)


def test_a_part_of_tessera_keeps_the_names_of_its_bands(tmp_path):
    values = np.ones((3, 20, 20), np.float32) * np.arange(3, dtype=np.float32)[:, None, None]
    path = write_raster(tmp_path / "x.tif", values, names=[f"Tessera_Band_{i}" for i in (0, 7, 100)])
    with open_scene([embedding(path)]) as scene:
        assert scene.source("embedding").bands == ("T000", "T007", "T100")


def test_codes_with_a_scale_for_each_band_become_values(tmp_path):
    codes = np.random.default_rng(0).integers(-127, 128, (128, 30, 32)).astype(np.int8)
    codes[:, 4, 4] = -128
    path = write_raster(tmp_path / "tessera.tif", codes, nodata=-128)
    with pytest.raises(SceneError, match="whole numbers \\(int8\\) without a scale") as refused:
        open_scene([embedding(path)])
    assert "GeoTessera" in refused.value.hint
    scales, offsets = np.linspace(0.01, 0.1, 128), np.linspace(-1, 1, 128)
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets = scales, offsets
    with open_scene([embedding(path)]) as scene:
        image = read(scene)
    expected = codes * scales[:, None, None] + offsets[:, None, None]
    assert np.isnan(image[:, 4, 4]).all()
    expected[:, 4, 4] = np.nan
    np.testing.assert_allclose(image, expected, atol=1e-5)


def test_any_other_values_are_embeddings_of_an_unknown_maker(tmp_path):
    values = np.random.default_rng(0).normal(size=(20, 20, 20)).astype(np.float32)
    with open_scene([embedding(write_raster(tmp_path / "x.tif", values))]) as scene:
        assert scene.source("embedding").match.sensor == "generic"
        assert "read as embeddings of an unknown maker, bands band 1 to band 20" in describe(scene)[0]


def test_holes_of_floating_values_do_not_spread_by_warping(tmp_path):
    path, _ = tessera(tmp_path / "t.tif")
    optical = write_raster(tmp_path / "s2.tif", two_class_s2(30)[:, :, :32], names=S2_12, origin=(500_002, 5_000_000))
    with open_scene([SourceSpec(role="optical", path=optical), embedding(path)]) as scene:
        missing = np.isnan(read(scene)).any(axis=0)
    assert missing[5, 6] and missing.sum() <= 2


def card_for(scene):
    return Card({}, (embedding_card(scene, scene.source("embedding")),), 240, 8)


def test_embeddings_of_another_version_are_refused_by_name(tmp_path):
    with open_scene([embedding(tessera(tmp_path / "one.tif", "v1.0")[0])]) as scene:
        card = Card.from_json(card_for(scene).to_json())
        assert card.sources[0].maker == "Tessera v1.0"
        check_scene(card, scene, "map.safetensors")
        assert differences(card, scene) == []
    with open_scene([embedding(tessera(tmp_path / "two.tif", "v1.1")[0])]) as other:  # noqa: SIM117
        with pytest.raises(CheckpointError, match=r"'two.tif' holds embeddings of Tessera v1.1; .* of Tessera v1.0"):
            check_scene(card, other, "map.safetensors")
    with open_scene([embedding(write_raster(tmp_path / "aef.tif", alphaearth_codes()))]) as other:  # noqa: SIM117
        with pytest.raises(CheckpointError, match=r"'aef.tif' has 64 bands"):
            check_scene(card, other, "map.safetensors")
    values = np.ones((128, 20, 20), np.float32)
    with open_scene([embedding(write_raster(tmp_path / "untold_tessera.tif", values))]) as other:
        check_scene(card, other, "map.safetensors")
        assert "does not say what made it" in differences(card, other)[0]


def test_alphaearth_is_scaled_by_a_constant_and_others_by_the_scene(tmp_path):
    with open_scene([embedding(write_raster(tmp_path / "aef.tif", alphaearth_codes()))]) as scene:
        scaling = embedding_card(scene, scene.source("embedding")).normalisation
        assert scaling.method == "constant" and scaling.scale == (0.125,) * 64
    path, values = tessera(tmp_path / "t.tif")
    with open_scene([embedding(path)]) as scene:
        scaling = embedding_card(scene, scene.source("embedding")).normalisation
    pixels = values.reshape(128, -1)
    assert scaling.method == "z-score"
    np.testing.assert_allclose(scaling.offset, np.nanmean(pixels, axis=1), atol=1e-4)
    np.testing.assert_allclose(scaling.scale, np.nanstd(pixels, axis=1), atol=1e-4)
