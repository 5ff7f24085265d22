"""The toolbar and the menu of QGIS's window, and the dialogs that they open."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from qgis.core import QgsApplication
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QDialog, QWidget

from ..algorithms.compat import QAction
from ..algorithms.text import tr
from .bands.menu import BandMenu
from .engine_page import PAGE, EnginePageFactory
from .training.training import Training

if TYPE_CHECKING:
    from .checkpoints.dialog import CheckpointDialog
    from .dock.dock import Dock

MENU = "LandSketch"
TOOLBAR_ALGORITHMS = ("landsketch:finetune", "landsketch:classify", "landsketch:assess")
INSTALL = "landsketch:installengine"

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Toolbar:
    """A button and a menu entry for each algorithm; made once the provider is there.

    Args:
        iface: QGIS's window interface.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._actions: List[QAction] = []
        self._dialogs: List[QDialog] = []
        self._dock: Optional[Dock] = None
        self._checkpoints: Optional[CheckpointDialog] = None
        self._toolbar = iface.addToolBar(MENU)
        self._toolbar.setObjectName("LandSketchToolbar")
        self._toolbar.addAction(self._add_dock())
        for algorithm_id in TOOLBAR_ALGORITHMS:
            self._toolbar.addAction(self._add_action(algorithm_id))
        self._add_checkpoints()
        self._add_training()
        self._add_action(INSTALL)
        self._add_options()
        self._bands = BandMenu(iface)

    def remove(self) -> None:
        """Closes the dialogs and removes all that was added to the window."""
        self.training.remove()
        if self._checkpoints is not None:
            self._checkpoints.remove()
            self._checkpoints = None
        if self._dock is not None:
            self._dock.remove()
            self._dock = None
        for dialog in self._open_dialogs():
            dialog.close()
        for action in self._actions:
            self._iface.removePluginMenu(MENU, action)
        self._actions = []
        self._bands.remove()
        self._iface.unregisterOptionsWidgetFactory(self._options)
        self._toolbar.deleteLater()

    def open_dialog(self, algorithm_id: str, parameters: Optional[Dict[str, Any]] = None) -> Optional[QWidget]:
        """Opens the dialog of an algorithm beside the map, or says in the message bar why it cannot run."""
        # Processing is a plugin itself, and may be loaded after this one.
        import processing

        algorithm = QgsApplication.processingRegistry().createAlgorithmById(algorithm_id)
        possible, reason = algorithm.canExecute()
        if not possible:
            self._iface.messageBar().pushWarning(tr("LandSketch"), reason)
            return None
        # Not modal, as from the toolbox: labels and layers stay within reach while the dialog is open.
        dialog = processing.createAlgorithmDialog(algorithm, parameters or {})
        self._dialogs = [*self._open_dialogs(), dialog]
        dialog.show()
        return dialog

    def show_dock(self, shown: bool) -> None:
        """Shows the dock, which is made when it is first wanted, or hides it."""
        if self._dock is None:
            from .dock.dock import Dock

            self._dock = Dock(self._iface, self.open_dialog)
            self._dock.setToggleVisibilityAction(self._dock_action)
            self._dock.manage.connect(self.show_checkpoints)
            self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._dock)
        self._dock.setUserVisible(shown)

    def show_checkpoints(self) -> None:
        """Shows the checkpoint manager, which is made when it is first wanted."""
        if self._checkpoints is None:
            from .checkpoints.dialog import CheckpointDialog

            self._checkpoints = CheckpointDialog(self._iface.mainWindow(), self.open_dialog, self._dock_choice)
            self._checkpoints.used.connect(self._use_in_dock)
        self._checkpoints.show()
        self._checkpoints.raise_()
        self._checkpoints.activateWindow()

    def _dock_choice(self) -> Optional[str]:
        """Returns the checkpoint that the dock is set to: a path, '' for the default encoder, None without a dock."""
        return None if self._dock is None else self._dock.model.chosen()

    def _use_in_dock(self, path: str) -> None:
        """Chooses a checkpoint in the dock."""
        self.show_dock(True)
        if self._dock is not None:
            self._dock.model.choose(path)

    def _add_dock(self) -> QAction:
        """Adds the menu entry that shows the dock."""
        self._dock_action = action = QAction(_icon(""), tr("LandSketch dock"), self._iface.mainWindow())
        action.setObjectName("LandSketch_dock")
        action.setToolTip(tr("Draw a few labels, and see the map follow them."))
        action.setCheckable(True)
        action.triggered.connect(self.show_dock)
        self._iface.addPluginToMenu(MENU, action)
        self._actions.append(action)
        return action

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

    def _add_checkpoints(self) -> None:
        """Adds the menu entry that opens the checkpoint manager."""
        action = QAction(_icon(""), tr("Checkpoints…"), self._iface.mainWindow())
        action.setObjectName("LandSketch_checkpoints")
        action.setToolTip(tr("Shows all checkpoints with their cards; imports, downloads, exports and deletes them."))
        action.triggered.connect(lambda checked=False: self.show_checkpoints())
        self._iface.addPluginToMenu(MENU, action)
        self._actions.append(action)

    def _add_training(self) -> None:
        """Adds the menu entry that opens the training view."""
        self.training = Training(self._iface, _icon(""), self.open_dialog)
        self._iface.addPluginToMenu(MENU, self.training.action)
        self._actions.append(self.training.action)

    def _add_options(self) -> None:
        """Adds the page of QGIS's options, and a menu entry that opens it."""
        self._options = EnginePageFactory(self._install_engine)
        self._iface.registerOptionsWidgetFactory(self._options)
        action = QAction(_icon(""), tr("Engine and devices…"), self._iface.mainWindow())
        action.setObjectName("LandSketch_options")
        action.setToolTip(tr("Shows what LandSketch computes with, and lets you choose."))
        action.triggered.connect(
            lambda checked=False: self._iface.showOptionsDialog(self._iface.mainWindow(), currentPage=PAGE)
        )
        self._iface.addPluginToMenu(MENU, action)
        self._actions.append(action)

    def _install_engine(self, options: QWidget) -> None:
        """Opens the dialog that installs the engine above QGIS's options, and returns when it is closed."""
        import processing

        dialog = processing.createAlgorithmDialog(INSTALL, {})
        # The options are modal: as a child of the main window, the dialog would open behind them, out of reach.
        dialog.setParent(options, dialog.windowFlags())
        dialog.exec()
        if not sip.isdeleted(dialog):
            # An installation that goes on needs its dialog, which must outlive the options.
            dialog.setParent(self._iface.mainWindow(), dialog.windowFlags())

    def _open_dialogs(self) -> List[QDialog]:
        """Returns the dialogs that Processing has not deleted; it does so when they are closed."""
        return [dialog for dialog in self._dialogs if not sip.isdeleted(dialog)]


def _icon(algorithm_id: str) -> QIcon:
    """Returns the icon of an algorithm, or the plugin's where it has none of its own."""
    own = os.path.join(_ROOT, "ui", "icons", algorithm_id.partition(":")[2] + ".svg")
    return QIcon(own if os.path.isfile(own) else os.path.join(_ROOT, "icon.svg"))
