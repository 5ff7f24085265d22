"""The picture of a run, from a simulated scene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from landsketch.core.class_rasters import LEGEND_TAG
from landsketch.core.errors import SceneError
from landsketch.core.picture import render
from landsketch.core.simulate import LEGEND, SimulatedScene, simulate
from landsketch.core.specs import VectorSpec
from PIL import Image


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> SimulatedScene:
    return simulate(str(tmp_path_factory.mktemp("scene")), seed=2, size=192)


def test_panels_stand_side_by_side_and_the_map_keeps_its_colours(scene: SimulatedScene, tmp_path: Path) -> None:
    labels = VectorSpec(scene.labels, field="class")
    render(str(tmp_path / "p.png"), scene.reference, scene.optical, scene.sar, labels, title="A run", panel=192)
    with Image.open(tmp_path / "p.png") as image:
        assert image.width == 16 + 4 * (192 + 16)
        pixels = np.asarray(image)
    top = 16 + 40 + 26
    shown = pixels[top : top + 192, -16 - 192 : -16]
    with rasterio.open(scene.reference) as raster:
        truth = raster.read(1)
    for entry in LEGEND:
        assert (shown[truth == entry.value] == list(bytes.fromhex(entry.colour[1:]))).all()


def test_optical_panel_is_neither_black_nor_white(scene: SimulatedScene, tmp_path: Path) -> None:
    render(str(tmp_path / "p.png"), scene.reference, scene.optical, panel=192)
    panel = np.asarray(Image.open(tmp_path / "p.png"))[90 : 90 + 180, 20 : 20 + 180]
    assert 40 < panel.mean() < 200
    assert panel.std() > 15


def test_labels_of_every_class_show_in_their_colour(scene: SimulatedScene, tmp_path: Path) -> None:
    labels = VectorSpec(scene.labels, field="value")
    render(str(tmp_path / "p.png"), scene.reference, labels=labels, panel=384)
    panel = np.asarray(Image.open(tmp_path / "p.png"))[82 : 82 + 384, 16 : 16 + 384].reshape(-1, 3).astype(int)
    for entry in LEGEND:
        assert (np.abs(panel - list(bytes.fromhex(entry.colour[1:]))).sum(axis=1) < 12).sum() > 10, entry.name


def test_title_says_simulated_only_when_it_is(scene: SimulatedScene, tmp_path: Path) -> None:
    plain = tmp_path / "plain.tif"
    with rasterio.open(scene.reference) as raster:
        profile, values, legend = raster.profile, raster.read(1), raster.tags()[LEGEND_TAG]
    with rasterio.open(plain, "w", **profile) as raster:
        raster.write(values, 1)
        raster.update_tags(**{LEGEND_TAG: legend})
    render(str(tmp_path / "simulated.png"), scene.reference, panel=192)
    render(str(tmp_path / "plain.png"), str(plain), panel=192)
    with Image.open(tmp_path / "simulated.png") as titled, Image.open(tmp_path / "plain.png") as untitled:
        assert titled.height - untitled.height == 40


def test_unreadable_map_is_named_and_leaves_no_picture(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match=r"missing\.tif"):
        render(str(tmp_path / "p.png"), str(tmp_path / "missing.tif"))
    assert not list(tmp_path.iterdir())
