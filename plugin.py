"""The plugin: registers the Processing provider, and gives it a toolbar and a menu where QGIS has a window.

All in the language of QGIS, as far as it is translated.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from .algorithms.provider import LandSketchProvider
from .algorithms.text import install_translator

if TYPE_CHECKING:
    from .ui.toolbar import Toolbar


class LandSketchPlugin:
    """LandSketch in QGIS.

    Args:
        iface: QGIS's window interface; None in `qgis_process` and other programs without a window.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._provider: Optional[LandSketchProvider] = None
        self._toolbar: Optional[Toolbar] = None
        self._translator: Optional[QTranslator] = None

    def initProcessing(self) -> None:  # noqa: N802 - QGIS fixes this name
        """Adds the provider; `qgis_process` calls this instead of `initGui`."""
        if self._provider is None:
            self._translator = install_translator()  # first: parameters are named when they are declared
            self._provider = LandSketchProvider()
            QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:  # noqa: N802
        """Adds the provider, the toolbar and the menu."""
        self.initProcessing()
        if self._iface is not None:
            from .ui.toolbar import Toolbar

            self._toolbar = Toolbar(self._iface)

    def unload(self) -> None:
        """Removes everything that was added, and ends the engine's process."""
        if self._toolbar is not None:
            self._toolbar.remove()
            self._toolbar = None
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None
        _close_engine()


def _close_engine() -> None:
    """Ends the engine's process if one was ever needed; the client is not imported just for that."""
    client = sys.modules.get(f"{__package__}.bridge.client")
    if client is not None:
        client.engine().close()
