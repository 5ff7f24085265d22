"""Clearing the features of sketches from QGIS, which needs no engine; and where the user keeps them."""

import os

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsSettings


@pytest.fixture(autouse=True)
def no_preferences(qgis_app):
    QgsSettings().remove("landsketch")
    yield
    QgsSettings().remove("landsketch")


@pytest.fixture
def kept(tmp_path):
    """A folder with two blocks of features, and something of the user's own."""
    space = tmp_path / "kept" / ("a" * 32)
    space.mkdir(parents=True)
    (space / "0-0.npy").write_bytes(bytes(1_000_000))
    (space / "0-64.npy").write_bytes(bytes(500_000))
    (tmp_path / "kept" / "notes.txt").write_text("mine")
    return tmp_path / "kept"


def run(algorithm, **parameters):
    feedback = QgsProcessingFeedback()
    results, succeeded = algorithm("clearcache").run(parameters, QgsProcessingContext(), feedback)
    assert succeeded, feedback.textLog()
    return results, feedback.textLog()


def test_measuring_leaves_everything(algorithm, kept):
    results, log = run(algorithm, CACHE=str(kept), MEASURE=True)
    assert results == {"CACHE_FOLDER": str(kept), "BLOCKS": 2, "BYTES": 1_500_000, "LEFT": 1_500_000}
    assert "2 blocks of features, 2 MB" in log
    assert len(list(kept.glob("*/*.npy"))) == 2


def test_only_features_are_deleted(algorithm, kept):
    results, _ = run(algorithm, CACHE=str(kept))
    assert (results["BYTES"], results["LEFT"]) == (1_500_000, 0)
    assert os.listdir(kept) == ["notes.txt"]


def test_a_folder_that_is_not_there_holds_nothing(algorithm, tmp_path):
    results, _ = run(algorithm, CACHE=str(tmp_path / "none"))
    assert (results["BLOCKS"], results["BYTES"], results["LEFT"]) == (0, 0, 0)


def test_the_users_own_folder_is_meant_where_none_is_named(algorithm, kept, monkeypatch, tmp_path):
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path))
    kept.rename(tmp_path / "features")
    results, _ = run(algorithm)
    assert results["CACHE_FOLDER"] == str(tmp_path / "features") and results["BLOCKS"] == 2


def test_cancelling_stops_it(kept):
    from landsketch.algorithms.clear_cache import clear_features
    from landsketch.core.errors import Cancelled

    asked = iter([False, False, False, True])
    with pytest.raises(Cancelled):
        clear_features(str(kept), False, lambda: next(asked))
    assert len(list(kept.glob("*/*.npy"))) == 1


def test_the_algorithms_start_with_what_the_user_prefers(algorithm, tmp_path):
    from landsketch.algorithms import preferences

    assert algorithm("sketch").parameterDefinition("CACHE").defaultValue() is None
    assert algorithm("sketch").parameterDefinition("CACHE_MB").defaultValue() == 2000
    preferences.save_cache(str(tmp_path), 300)
    assert algorithm("sketch").parameterDefinition("CACHE").defaultValue() == str(tmp_path)
    assert algorithm("sketch").parameterDefinition("CACHE_MB").defaultValue() == 300
    assert algorithm("clearcache").parameterDefinition("CACHE").defaultValue() == str(tmp_path)
