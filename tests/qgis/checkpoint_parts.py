"""What tests of the checkpoint manager share: a folder, the manager, and what is done with them."""

import os
import shutil

import pytest
from patience import idle, waiting
from qgis.core import QgsSettings
from qgis.PyQt.QtWidgets import QMainWindow

wait = waiting(30.0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of checkpoints, empty; what is set is set for this process alone, since tests may run side by side."""
    from landsketch.ui.checkpoints import store

    own = f"landsketch-test-{os.getpid()}"
    monkeypatch.setattr(store, "_FOLDER", f"{own}/folder")
    monkeypatch.setattr(store, "_ADDED", f"{own}/added")
    result = tmp_path / "shelf"
    result.mkdir()
    store.set_folder(str(result))
    yield result
    QgsSettings().remove(own)


@pytest.fixture
def opened():
    """The dialogs of algorithms that were opened, with what was filled in."""
    return []


@pytest.fixture
def choice():
    """What the dock is set to, to be changed by a test."""
    return [None]


@pytest.fixture
def main_window(qgis_app):
    result = QMainWindow()
    yield result
    result.close()


@pytest.fixture
def manager(main_window, provider, project, folder, opened, choice):
    """Opens the manager, and waits until it has read the folder."""
    from landsketch.ui.checkpoints.dialog import CheckpointDialog

    made = []

    def open_manager():
        dialog = CheckpointDialog(main_window, lambda name, given: opened.append((name, given)), lambda: choice[0])
        made.append(dialog)
        dialog.show()
        wait(lambda: dialog.table.checkpoints.entries)
        return dialog

    yield open_manager
    for dialog in made:
        dialog.remove()
    wait(idle)


def names(dialog, state=""):
    return [entry.name for entry in dialog.table.checkpoints.entries if state in ("", entry.state)]


def choose(dialog, path):
    assert dialog.table.choose(str(path))


def press(dialog, name):
    button = dialog.commands.buttons[name]
    assert button.isVisible() and button.isEnabled()
    button.click()


def put(folder, build, name, provenance=None, **card):
    """Writes a checkpoint into the folder."""
    made = build.card_of(**card)
    made = build.replace(made, provenance=provenance or {})
    shutil.move(build.written(name, made), folder / name)
    return str(folder / name)
