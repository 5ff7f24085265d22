"""What the user prefers, and the features that are kept: in QGIS's options, and as the algorithms' defaults."""

import pytest
from options_parts import wait_until
from qgis.core import QgsSettings

pytest_plugins = ["options_parts"]
pytestmark = pytest.mark.usefixtures("no_preferences")


@pytest.fixture
def kept(tmp_path, python):
    """The folder of features, with two blocks."""
    space = tmp_path / "features" / ("0" * 32)
    space.mkdir(parents=True)
    for name in ("0-0.npy", "64-0.npy"):
        with (space / name).open("wb") as file:
            file.truncate(700_000_000)  # takes no space on the disk
    return space


def test_kept_features_are_measured_in_the_background_and_cleared(kept, page):
    assert page.cache.kept.text() == "Measuring …" and not page.cache.clear_button.isEnabled()
    wait_until(lambda: page.cache.kept.text() == "1.4 GB are kept now.")
    assert page.cache.clear_button.isEnabled()
    page.cache.clear()
    wait_until(lambda: page.cache.kept.text() == "Nothing is kept now.")
    assert not page.cache.clear_button.isEnabled() and not kept.exists()


@pytest.mark.parametrize("agreed", [True, False])
def test_features_are_cleared_only_where_the_user_agrees(kept, page, agreed):
    from qgis.PyQt.QtCore import QTimer
    from qgis.PyQt.QtWidgets import QApplication, QMessageBox

    def answer():
        question = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible())
        buttons = {button.text().replace("&", ""): button for button in question.buttons()}
        buttons["Clear" if agreed else "Cancel"].click()

    wait_until(page.cache.clear_button.isEnabled)
    QTimer.singleShot(100, answer)
    page.cache.clear_button.click()
    wait_until(page.cache.clear_button.isEnabled if not agreed else lambda: not kept.exists())
    assert kept.exists() is not agreed


def test_another_folder_is_measured_and_stored_with_ok(kept, page, tmp_path, options):
    from landsketch.algorithms import preferences
    from landsketch.ui.engine_page import EnginePage

    assert page.cache.folder.lineEdit().placeholderText() == str(kept.parent)
    page.cache.folder.setFilePath(str(tmp_path / "elsewhere"))
    page.cache.most.setValue(300)
    wait_until(lambda: page.cache.kept.text() == "Nothing is kept now.")
    assert preferences.cache_folder() == "" and preferences.cache_megabytes() == 2000
    page.apply()
    assert (preferences.cache_folder(), preferences.cache_megabytes()) == (str(tmp_path / "elsewhere"), 300)
    again = EnginePage(options, print)
    assert again.cache.folder.filePath() == str(tmp_path / "elsewhere") and again.cache.most.value() == 300


def test_without_preferences_all_is_automatic(qgis_app):
    from landsketch.algorithms import preferences

    assert (preferences.device(), preferences.threads()) == ("auto", 0)
    assert (preferences.runtime(), preferences.precision()) == ("auto", "auto")


def test_the_page_stores_what_was_chosen_and_shows_it_again(page, options, python):
    from landsketch.algorithms import preferences
    from landsketch.ui.engine_page import EnginePage

    page.preferences.device.setCurrentIndex(page.preferences.device.findData("cpu"))
    page.preferences.threads.setValue(3)
    page.preferences.runtime.setCurrentIndex(page.preferences.runtime.findData("openvino"))
    page.preferences.precision.setCurrentIndex(page.preferences.precision.findData("bf16"))
    assert preferences.device() == "auto", "nothing is stored before the options are closed with OK"
    page.apply()
    chosen = ("cpu", 3, "openvino", "bf16")
    assert (
        preferences.device(),
        preferences.threads(),
        preferences.runtime(),
        preferences.precision(),
    ) == chosen
    again = EnginePage(options, print)
    assert (
        again.preferences.device.currentData(),
        again.preferences.threads.value(),
        again.preferences.runtime.currentData(),
        again.preferences.precision.currentData(),
    ) == chosen


def test_the_page_offers_all_that_the_engine_takes(page):
    from landsketch.core.specs import DEVICES, PRECISIONS, RUNTIMES

    for box, choices in (
        (page.preferences.device, DEVICES),
        (page.preferences.runtime, RUNTIMES),
        (page.preferences.precision, PRECISIONS),
    ):
        assert [box.itemData(index) for index in range(box.count())] == list(choices)


@pytest.mark.parametrize(("stored", "threads"), [("4", 4), (2, 2), ("many", 0), (-3, 0), ("99999", 1024), (None, 0)])
def test_settings_that_somebody_has_edited_do_no_harm(qgis_app, stored, threads):
    from landsketch.algorithms import preferences

    QgsSettings().setValue("landsketch/threads", stored)
    QgsSettings().setValue("landsketch/device", "quantum")
    assert preferences.threads() == threads
    assert preferences.device() == "auto"


def test_algorithms_start_with_the_preferred_device(algorithm):
    from landsketch.algorithms import preferences

    preferences.save("cpu", 0, "auto", "auto")
    for name in ("finetune", "classify"):
        assert algorithm(name).parameterDefinition("DEVICE").defaultValue() == "cpu"
