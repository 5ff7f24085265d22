"""The page LandSketch in QGIS's options: the engine's state, the machine's devices, preferences, kept features."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.gui import QgsOptionsPageWidget, QgsOptionsWidgetFactory, QgsScrollArea
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QFrame, QVBoxLayout, QWidget

from ..algorithms.provider import ICON
from ..algorithms.text import Number, tr
from ..bridge import environment
from ..bridge.install_log import last_installation
from .settings.cache_group import CacheGroup
from .settings.devices_group import DevicesGroup
from .settings.engine_group import EngineGroup
from .settings.preferences_group import PreferencesGroup

PAGE = "LandSketchOptions"
"""Object name of the page, by which QGIS opens its options there."""


class EnginePageFactory(QgsOptionsWidgetFactory):
    """Adds the page to QGIS's options.

    Args:
        install: Opens the dialog that installs the engine above a window, and returns when it is closed.
    """

    def __init__(self, install: Callable[[QWidget], None]) -> None:
        super().__init__()
        self._install = install
        self.setTitle("LandSketch")  # a product name, hence not translated
        self.setIcon(QIcon(ICON))

    def createWidget(self, parent: Optional[QWidget] = None) -> QgsOptionsPageWidget:  # noqa: N802 - QGIS's name
        """Returns a new page; QGIS makes one each time the options are opened."""
        return EnginePage(parent, self._install)


class EnginePage(QgsOptionsPageWidget):
    """The page.

    Args:
        parent: QGIS's options dialog.
        install: Opens the dialog that installs the engine above a window, and returns when it is closed.
    """

    def __init__(self, parent: Optional[QWidget], install: Callable[[QWidget], None]) -> None:
        super().__init__(parent)
        self.setObjectName(PAGE)
        self.engine = EngineGroup(install)
        self.devices = DevicesGroup(self._facts)
        self.preferences = PreferencesGroup()
        self.cache = CacheGroup()
        layout = _scrolled(self)
        for group in (self.engine, self.devices, self.preferences, self.cache):
            layout.addWidget(group)
        layout.addStretch(1)
        self.engine.changed.connect(self._allow)
        self.devices.measured.connect(self._show_size)
        self._allow()

    def apply(self) -> None:
        """Stores everything; QGIS calls this when the options are closed with OK."""
        for group in (self.engine, self.preferences, self.cache):
            group.apply()

    def refresh(self) -> None:
        """Shows whether the engine is installed, and where."""
        self.engine.refresh()
        self._allow()

    def _allow(self) -> None:
        # A Python that was chosen but not stored yet is not the one that a check would start.
        python = self.engine.python()
        self.devices.check_button.setEnabled(python is not None and python == environment.find_python())

    def _facts(self) -> str:
        """Returns what the copied report says of the engine; of one that is missing, how its installation went."""
        log = "" if self.engine.python() else last_installation(environment.log_folder())
        return "\n".join(filter(None, (self.engine.state.text(), self.engine.place.text(), log)))

    def _show_size(self, size: float) -> None:
        self.engine.state.setText(
            tr("The engine is installed and takes {size:.1f} GB.").format(size=Number(size / 1e9))
        )


def _scrolled(page: QWidget) -> QVBoxLayout:
    """Returns a layout whose contents scroll: QGIS 3.22 makes the dialog higher than the screen instead."""
    frame = QVBoxLayout(page)
    frame.setContentsMargins(0, 0, 0, 0)
    area = QgsScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    contents = QWidget()
    area.setWidget(contents)
    frame.addWidget(area)
    layout = QVBoxLayout(contents)
    layout.setContentsMargins(0, 0, 0, 0)
    return layout
