"""The plugin loads, with a window and without one, and leaves nothing behind."""

import configparser
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QMainWindow

ROOT = Path(__file__).resolve().parents[2]


class Interface:
    """The part of QGIS's window interface that the plugin uses, on a real window."""

    def __init__(self):
        self.window = QMainWindow()
        self.menu = []
        self.layer_menu = []
        self.options = []
        self.opened = []
        self.warnings = []

    def mainWindow(self):
        return self.window

    def addToolBar(self, name):
        return self.window.addToolBar(name)

    def addPluginToMenu(self, name, action):
        self.menu.append(action)

    def removePluginMenu(self, name, action):
        self.menu.remove(action)

    def addCustomActionForLayerType(self, action, menu, kind, all_layers):
        self.layer_menu.append(action)

    def removeCustomActionForLayerType(self, action):
        self.layer_menu.remove(action)

    def registerOptionsWidgetFactory(self, factory):
        self.options.append(factory)

    def unregisterOptionsWidgetFactory(self, factory):
        self.options.remove(factory)

    def showOptionsDialog(self, parent, currentPage):
        self.opened.append(currentPage)

    def messageBar(self):
        return self

    def pushWarning(self, title, text):
        self.warnings.append(text)


@pytest.fixture
def plugin(qgis_app, qgis_processing):
    import landsketch

    interface = Interface()
    result = landsketch.classFactory(interface)
    result.initGui()
    yield result, interface
    if interface.menu:
        result.unload()


def test_toolbar_and_menu_list_the_algorithms(plugin):
    _, interface = plugin
    titles = ["LandSketch dock", "Fine-tune a classifier", "Classify an image", "Assess a map"]
    titles += ["Checkpoints…", "Training runs…", "Install engine", "Engine and devices…"]
    assert [action.text() for action in interface.menu] == titles
    assert all(not action.icon().isNull() for action in interface.menu)


def test_unloading_removes_everything(plugin):
    result, interface = plugin
    result.unload()
    assert interface.menu == []
    assert interface.layer_menu == []
    assert interface.options == []
    assert QgsApplication.processingRegistry().providerById("landsketch") is None


def test_the_menu_opens_the_page_among_qgis_options(plugin):
    _, interface = plugin
    interface.menu[-1].trigger()
    (factory,) = interface.options
    page = factory.createWidget(interface.window)
    assert interface.opened == [page.objectName()]
    assert factory.title() == "LandSketch"
    assert not factory.icon().isNull()


def test_without_an_environment_the_toolbar_says_what_is_missing(plugin, monkeypatch):
    _, interface = plugin
    monkeypatch.setenv("LANDSKETCH_PYTHON", "/no/such/python")
    interface.menu[1].trigger()
    (warning,) = interface.warnings
    assert "/no/such/python" in warning


def test_the_package_imports_nothing_until_qgis_asks(tmp_path):
    (tmp_path / "landsketch").symlink_to(ROOT, target_is_directory=True)
    program = """
        import sys
        import landsketch
        print([name for name in sys.modules if name.startswith(("landsketch.", "qgis"))])
        plugin = landsketch.classFactory(None)
        print("landsketch.bridge" in sys.modules, "processing" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
    )
    assert done.stdout.splitlines() == ["[]", "False False"]


def test_metadata_has_all_that_the_plugin_repository_requires():
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    general = metadata["general"]
    required = [
        "name",
        "description",
        "version",
        "qgisMinimumVersion",
        "author",
        "email",
        "about",
        "tracker",
        "repository",
        "homepage",
    ]
    assert all(general[field].strip() for field in required)
    assert (general["qgisMinimumVersion"], general["qgisMaximumVersion"]) == ("3.22", "4.99")
    assert general["hasProcessingProvider"] == "yes"
    assert general["experimental"] == "True"
    assert "PyTorch" in general["about"]
    assert (ROOT / general["icon"]).is_file()
    assert "plugin" not in general["name"].lower()
    assert "/" not in general["author"]
