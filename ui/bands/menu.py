"""The entry in the menu of raster layers that opens the dialog."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsMapLayer, QgsRasterLayer
from qgis.PyQt.QtWidgets import QWidget

from ...algorithms.compat import RASTER_TYPE, QAction
from ...algorithms.text import tr
from ...core.errors import LandSketchError
from ..dock.layer_guess import role_of

WINDOW = "LandSketchBands"


class BandMenu:
    """The entry.

    Args:
        iface: QGIS's window interface.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self.action = QAction(tr("LandSketch: bands and units…"), iface.mainWindow())
        self.action.setObjectName("LandSketch_bands")
        self.action.triggered.connect(lambda checked=False: self.open())
        iface.addCustomActionForLayerType(self.action, "", RASTER_TYPE, True)

    def open(self) -> Optional[QWidget]:
        """Opens the dialog for the layer that is chosen in the layer tree, or says why it cannot."""
        layer = self._iface.activeLayer()
        if not isinstance(layer, QgsRasterLayer):
            return None
        try:
            return open_bands(layer, role_of(layer) or "optical", True, self._iface.mainWindow())
        except LandSketchError as error:
            self._iface.messageBar().pushWarning(tr("LandSketch"), str(error))
            return None

    def remove(self) -> None:
        """Takes the entry out of the menu."""
        self._iface.removeCustomActionForLayerType(self.action)
        self.action.deleteLater()


def open_bands(layer: QgsMapLayer, role: str, any_role: bool, parent: Optional[QWidget]) -> QWidget:
    """Opens the dialog above a window, and returns at once.

    Raises:
        LandSketchError: If the layer is no file that can be opened.
    """
    from .dialog import BandDialog

    dialog = BandDialog(layer, role, any_role, parent)
    dialog.setObjectName(WINDOW)
    dialog.finished.connect(lambda result: dialog.deleteLater())
    dialog.open()
    return dialog
