"""The plugin: registers the Processing provider, and gives it a toolbar and a menu where QGIS has a window."""

from __future__ import annotations

import os
import sys
from typing import Any, List, Optional

from qgis.core import QgsApplication
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QDialog, QToolBar, QWidget

from .algorithms.compat import QAction
from .algorithms.provider import LandSketchProvider
from .algorithms.text import tr

MENU = "LandSketch"
TOOLBAR_ALGORITHMS = ("landsketch:finetune", "landsketch:classify", "landsketch:assess")
INSTALL = "landsketch:installengine"


class LandSketchPlugin:
    """LandSketch in QGIS.

    Args:
        iface: QGIS's window interface; None in `qgis_process` and other programs without a window.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._provider: Optional[LandSketchProvider] = None
        self._toolbar: Optional[QToolBar] = None
        self._actions: List[QAction] = []
        self._dialogs: List[QDialog] = []

    def initProcessing(self) -> None:  # noqa: N802 - QGIS fixes this name
        """Adds the provider; `qgis_process` calls this instead of `initGui`."""
        if self._provider is None:
            self._provider = LandSketchProvider()
            QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:  # noqa: N802
        """Adds the provider, the toolbar and the menu."""
        self.initProcessing()
        if self._iface is None:
            return
        self._toolbar = self._iface.addToolBar(MENU)
        self._toolbar.setObjectName("LandSketchToolbar")
        for algorithm_id in TOOLBAR_ALGORITHMS:
            self._toolbar.addAction(self._add_action(algorithm_id))
        self._add_action(INSTALL)

    def unload(self) -> None:
        """Removes everything that was added, and ends the engine's process."""
        for dialog in self._open_dialogs():
            dialog.close()
        for action in self._actions:
            self._iface.removePluginMenu(MENU, action)
        self._actions = []
        if self._toolbar is not None:
            self._toolbar.deleteLater()
            self._toolbar = None
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
        _close_engine()

    def _add_action(self, algorithm_id: str) -> QAction:
        """Adds a menu entry that opens the dialog of an algorithm."""
        algorithm = QgsApplication.processingRegistry().algorithmById(algorithm_id)
        action = QAction(_icon(algorithm_id), algorithm.displayName(), self._iface.mainWindow())
        action.setObjectName(f"LandSketch_{algorithm.name()}")
        action.setToolTip(f"{algorithm.displayName()}\n{algorithm.shortDescription()}")
        action.triggered.connect(lambda checked=False, chosen=algorithm_id: self.open_dialog(chosen))
        self._iface.addPluginToMenu(MENU, action)
        self._actions.append(action)
        return action

    def open_dialog(self, algorithm_id: str) -> Optional[QWidget]:
        """Opens the dialog of an algorithm beside the map, or says in the message bar why it cannot run."""
        # Processing is a plugin itself, and may be loaded after this one.
        import processing

        algorithm = QgsApplication.processingRegistry().createAlgorithmById(algorithm_id)
        possible, reason = algorithm.canExecute()
        if not possible:
            self._iface.messageBar().pushWarning(tr("LandSketch"), reason)
            return None
        # Not modal, as from the toolbox: labels and layers stay within reach while the dialog is open.
        dialog = processing.createAlgorithmDialog(algorithm, {})
        self._dialogs = [*self._open_dialogs(), dialog]
        dialog.show()
        return dialog

    def _open_dialogs(self) -> List[QDialog]:
        """Returns the dialogs that Processing has not deleted; it does so when they are closed."""
        return [dialog for dialog in self._dialogs if not sip.isdeleted(dialog)]


def _icon(algorithm_id: str) -> QIcon:
    """Returns the icon of an algorithm, or the plugin's where it has none of its own."""
    folder = os.path.dirname(__file__)
    own = os.path.join(folder, "algorithms", "icons", algorithm_id.partition(":")[2] + ".svg")
    return QIcon(own if os.path.isfile(own) else os.path.join(folder, "icon.svg"))


def _close_engine() -> None:
    """Ends the engine's process if one was ever needed; the client is not imported just for that."""
    client = sys.modules.get(f"{__package__}.bridge.client")
    if client is not None:
        client.engine().close()
