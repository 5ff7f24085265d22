"""A real QGIS window on a virtual display: an analyst's first map, clicked through."""

import os
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from windows import qgis_window

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session(scene, qgis_environment, tmp_path_factory):
    """Folder with what a session in QGIS's window left: screenshots, outputs, `outcome.json`."""
    folder = Path(os.environ.get("LANDSKETCH_SCREENSHOTS") or tmp_path_factory.mktemp("window"))
    with qgis_window("in_window.py", folder, qgis_environment, **scene) as running:
        return running.outcome()


def test_the_session_went_through(session):
    assert session["error"] == ""
    assert session["finetune"]["OUTPUT"].endswith("model.safetensors")
    assert Path(session["classify"]["OUTPUT"]).is_file()


def test_the_map_is_loaded_named_and_styled_with_the_labels_legend(session, scene):
    assert {"Class map of Sentinel-2", "Confidence of Sentinel-2"} <= set(session["layers"])
    styled = session["layers"]["Class map of Sentinel-2"]
    assert styled["renderer"] == "paletted"
    assert {tuple(c[1:]) for c in styled["classes"]} == {(e["name"], e["colour"]) for e in scene["legend"]}


def test_the_screenshot_shows_the_map(session, scene):
    red, green, blue = gdal.Open(str(session["folder"] / "4-map.png")).ReadAsArray()[:3].astype(int)
    pixels = (red << 16) + (green << 8) + blue
    shown = [
        entry["name"] for entry in scene["legend"] if np.count_nonzero(pixels == int(entry["colour"][1:], 16)) > 500
    ]
    assert len(shown) >= len(scene["legend"]) - 1, f"only {shown} are on the map"


def test_qgis_closes_without_a_crash(session):
    assert session["exit"] == 0
