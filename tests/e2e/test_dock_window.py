"""The dock in a real QGIS window: from an empty label layer to an assessed map, and closing in the middle."""

import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, ogr
from windows import qgis_window

pytestmark = pytest.mark.slow

SQUARE, GAP = 7, 16


@pytest.fixture(scope="session")
def squares(scene):
    """Bounds of squares of one class each, for the two classes that have most of them."""
    dataset = gdal.Open(scene["reference"])
    truth, (west, pixel, _, north, _, _) = dataset.ReadAsArray(), dataset.GetGeoTransform()
    found = {}
    for row in range(GAP, truth.shape[0] - GAP, GAP):
        for column in range(GAP, truth.shape[1] - GAP, GAP):
            classes = np.unique(truth[row : row + SQUARE, column : column + SQUARE])
            if classes.size == 1 and classes[0]:
                x, y = west + column * pixel, north - row * pixel
                found.setdefault(int(classes[0]), []).append((x, y - SQUARE * pixel, x + SQUARE * pixel, y))
    most = sorted(found.values(), key=len)[-2:]
    assert min(map(len, most)) >= 6
    return [[bounds[place] for place in np.linspace(0, len(bounds) - 1, 6).astype(int)] for bounds in most]


@pytest.fixture(scope="session")
def dock_environment(qgis_environment, engine_python, tmp_path_factory):
    """Environment of a QGIS whose engine keeps its features and its log to itself."""
    home = tmp_path_factory.mktemp("home")
    return {**qgis_environment, "LANDSKETCH_PYTHON": engine_python, "LANDSKETCH_HOME": str(home)}


@pytest.fixture
def window(scene, squares, dock_environment, tmp_path):
    """Starts QGIS with a script; the folder of the session is the test's own."""
    return lambda script, **task: qgis_window(
        script, tmp_path, dock_environment, timeout=150, **scene, squares=squares, **task
    )


@pytest.fixture(scope="module")
def session(scene, squares, dock_environment, tmp_path_factory):
    """What a session with the dock left: pictures, outputs, `outcome.json`."""
    folder = Path(os.environ.get("LANDSKETCH_SCREENSHOTS") or tmp_path_factory.mktemp("dock"))
    with qgis_window("in_dock.py", folder, dock_environment, **scene, squares=squares) as running:
        outcome = running.outcome()
        return {**outcome, "left_over": running.left_over()}


def test_the_session_went_through(session):
    assert session["error"] == ""
    assert session["scene"] == ["optical", "sar"]
    assert session["modal"] == []  # no window came up that nobody had asked for


def test_without_an_engine_the_dock_says_so_and_offers_the_way(session):
    assert "The engine is not installed yet. Install it with" in session["no_engine"]


def test_labels_are_drawn_with_the_mouse(session):
    assert session["drawn"]["class"] == 2
    assert session["drawn"]["area"] == pytest.approx((10 * SQUARE) ** 2, rel=0.2)
    assert session["drawn"]["undo"]


def test_the_preview_appears_and_follows_the_labels(session):
    assert session["sketch"]["exists"] and "7 labels of 2 classes" in session["sketch"]["said"]
    assert session["change"] == {"renewed": True, "removed": True}


def test_a_killed_engine_is_named_and_started_anew(session):
    assert "ended unexpectedly" in session["killed"]["said"] and "SIGKILL" in session["killed"]["said"]
    assert session["killed"]["preview"]  # what was sketched before stays on screen
    assert session["killed"]["restarted"]


def test_cancelling_answers_within_a_second(session):
    assert session["stopped"]["seconds"] < 1 and not session["stopped"]["live"] and not session["stopped"]["bar"]
    assert session["cancelled"]["seconds"] < 1
    assert session["cancelled"]["left"] == []


def test_training_mapping_and_assessing_begin_in_the_dock(session):
    assert session["filled_in"] == {"OPTICAL": True, "SAR": True, "LABELS": True}
    assert session["trained"] and session["classifier"] > 0
    assert session["map"] == "paletted"
    accuracy = json.loads((session["folder"] / "accuracy.json").read_text(encoding="utf-8"))
    assert accuracy["metrics"]["oa"] > 0.8


def test_closing_asks_what_qgis_asks_and_ends_the_engine(session):
    # 'Close Project', QGIS's question about layers in its temporary folder, is not among them: a preview is no loss.
    asked = [question.split(":")[0] for question in session["asked"]]
    assert asked == ["Stop Editing", "Save Project"]
    assert session["exit"] == 0
    assert session["left_over"] == {}


@pytest.mark.parametrize("job", ["sketch", "training"])
def test_closing_in_the_middle_of_a_job(window, job):
    with window("in_closing.py", middle_of=job, killed=False) as running:
        outcome = running.outcome()
        assert running.left_over() == {}
    assert outcome["error"] == "" and outcome["exit"] == 0 and outcome["engines"] == 1
    assert any("Stop Editing" in question for question in outcome["asked"])  # QGIS asks about unsaved labels
    assert outcome["modal"] == []
    about_jobs = [question for question in outcome["asked"] if question.startswith("Active Tasks")]
    assert bool(about_jobs) == (job == "training")  # a sketch is not worth a question
    assert saved_labels(running.folder) == [1, 1, 1, 2, 2, 2, 2]
    assert_nothing_half_written(running.folder)


def test_a_qgis_that_is_killed_takes_the_engine_along(window):
    with window("in_closing.py", middle_of="training", killed=True) as running:
        deadline = time.monotonic() + 100
        while not (running.folder / "outcome.json").is_file() and time.monotonic() < deadline:
            time.sleep(0.1)
        running.process.send_signal(signal.SIGKILL)
        assert running.outcome()["engines"] == 1
        assert running.left_over() == {}
    assert saved_labels(running.folder) == [1, 1, 1, 2, 2, 2]  # those that had been saved
    assert_nothing_half_written(running.folder)


def saved_labels(folder):
    """Returns the classes of the labels in the file."""
    dataset = ogr.Open(str(folder / "drawn.gpkg"))
    return sorted(feature.GetField("class") for feature in dataset.GetLayer("labels"))


def assert_nothing_half_written(folder):
    left = {path.name for path in folder.iterdir()} - {"drawn.gpkg", "drawn.gpkg-wal", "drawn.gpkg-shm"}
    assert left <= {"temporary", "task.json", "outcome.json", "qgis.log"}
