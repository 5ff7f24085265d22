"""What tests of the page in QGIS's options share."""

import pytest
from patience import waiting
from qgis.core import QgsSettings
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QWidget

wait_until = waiting(10)


@pytest.fixture
def no_preferences(qgis_app):
    """QGIS's settings without any of ours, before and after."""
    QgsSettings().remove("landsketch")
    yield
    QgsSettings().remove("landsketch")


@pytest.fixture
def python(monkeypatch, tmp_path):
    """The engine's Python, as far as the page looks at it."""
    path = tmp_path / "environment" / "bin" / "python"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(2_500_000_000)  # takes no space on the disk
    monkeypatch.setenv("LANDSKETCH_PYTHON", str(path))
    monkeypatch.setenv("LANDSKETCH_HOME", str(tmp_path))
    return str(path)


@pytest.fixture
def options(qgis_app):
    """QGIS's options, as a window that notes over which one the engine would have been installed."""
    window = QWidget()
    window.installed_over = []
    yield window
    if not sip.isdeleted(window):
        sip.delete(window)


@pytest.fixture
def page(no_preferences, options, python):
    from landsketch.ui.engine_page import EnginePageFactory

    return EnginePageFactory(options.installed_over.append).createWidget(options)


def shown(widget):
    return widget.isVisibleTo(widget.window())
