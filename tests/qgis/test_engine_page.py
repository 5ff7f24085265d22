"""The page in QGIS's options: the engine's state, and another Python for it."""

import pytest
from options_parts import shown, wait_until

pytest_plugins = ["options_parts"]


def test_an_installed_engine_is_shown_with_its_place(page, python):
    assert page.engine.state.text() == "The engine is installed."
    assert page.engine.place.text() == python
    assert not shown(page.engine.install_button)
    assert page.devices.check_button.isEnabled()


def test_a_missing_engine_is_explained_and_can_be_installed(page, options, monkeypatch, python):
    monkeypatch.delenv("LANDSKETCH_PYTHON")
    page.refresh()
    assert "not installed yet" in page.engine.state.text()
    assert shown(page.engine.install_button)
    assert not page.devices.check_button.isEnabled()
    assert page.engine.place.text() == ""

    monkeypatch.setenv("LANDSKETCH_PYTHON", python)  # what installing leads to
    page.engine.install_button.click()
    assert options.installed_over == [options]
    assert page.devices.check_button.isEnabled()
    assert not shown(page.engine.install_button)


@pytest.fixture
def own(monkeypatch, tmp_path, python):
    """LandSketch's own environment, and no variable that names another one."""
    from landsketch.bridge import environment

    monkeypatch.delenv("LANDSKETCH_PYTHON")
    folder = tmp_path / "environments" / f"py3.12-{environment.lock_key()}"
    path = folder / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.touch()
    (folder / "landsketch-ready").touch()
    return str(path)


@pytest.fixture
def other(tmp_path):
    """A Python of the user's own, as far as looking at it goes."""
    path = tmp_path / "other" / "python"
    path.parent.mkdir()
    return path


def answers(path, lacks=""):
    """Makes a program that answers as a Python with the engine's packages, all but some."""
    import json

    from landsketch.bridge.checked_python import PACKAGES

    found = {name: "" if name == lacks else "2.8.0" for name in PACKAGES}
    path.write_text(f"#!/bin/sh\necho '{json.dumps({'python': [3, 12, 1], 'packages': found})}'\n")
    path.chmod(0o755)
    return str(path)


def choose(page, path):
    page.engine.choose(path)
    assert page.engine.choose_button.text() == "Cancel" and shown(page.engine.waiting)
    wait_until(lambda: page.engine.choose_button.text() == "Choose…")


def test_a_python_of_the_users_own_is_tried_and_taken_with_ok(own, page, other):
    from landsketch.bridge import environment

    page.refresh()
    assert page.engine.place.text() == own and not shown(page.engine.own_button)
    path = answers(other)
    choose(page, path)
    assert "Python 3.12.1 with PyTorch 2.8.0" in page.engine.verdict.text()
    assert page.engine.place.text() == path
    assert environment.find_python() == own, "nothing is stored before the options are closed with OK"
    assert not page.devices.check_button.isEnabled(), "it would check another one than is shown"
    page.apply()
    assert environment.find_python() == path

    page.engine.own_button.click()
    assert page.engine.place.text() == own
    page.apply()
    assert environment.find_python() == own


def test_a_python_that_lacks_packages_is_refused_with_what_to_do(own, page, other):
    from landsketch.bridge import environment

    page.refresh()
    path = answers(other, lacks="rasterio")
    choose(page, path)
    assert f"'{path}' (Python 3.12.1) lacks rasterio." in page.engine.verdict.text()
    assert "-m pip install -r" in page.engine.verdict.text() and "engine.lock" in page.engine.verdict.text()
    assert page.engine.place.text() == own
    page.apply()
    assert environment.find_python() == own


def test_trying_a_python_can_be_cancelled(own, page, other):
    page.refresh()
    other.write_text("#!/bin/sh\nsleep 60\n")
    other.chmod(0o755)
    page.engine.choose(str(other))
    page.engine.choose_button.click()
    wait_until(lambda: page.engine.choose_button.text() == "Choose…")
    assert not shown(page.engine.verdict) and page.engine.place.text() == own


def test_the_variable_comes_before_the_choice(page, python):
    from landsketch.algorithms import preferences

    preferences.save_python("/some/python")
    page.refresh()
    assert page.engine.place.text() == python
    assert not page.engine.choose_button.isEnabled()
    assert "LANDSKETCH_PYTHON" in page.engine.choose_button.toolTip()


def test_a_chosen_python_that_is_gone_is_named_and_installing_leads_back(own, page, options):
    from landsketch.algorithms import preferences
    from landsketch.bridge import environment

    preferences.save_python("/gone/python")
    page.refresh()
    assert "options of LandSketch name '/gone/python'" in page.engine.state.text()
    page.engine.install_button.click()
    assert options.installed_over == [options]
    assert environment.find_python() == own and page.engine.place.text() == own
