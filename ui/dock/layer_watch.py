"""Tells whenever a label layer has changed in a way that matters for the map."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal

_SIGNALS = (
    "featureAdded",
    "featureDeleted",
    "geometryChanged",
    "attributeValueChanged",
    "afterRollBack",
    "styleChanged",
    "subsetStringChanged",
)
"""Undo and redo are told by the first four as well."""


class LayerWatch(QObject):
    """Watches one layer at a time.

    Attributes:
        layer: The layer; None where there is none, or it was deleted.

    Args:
        parent: Its owner.
    """

    edited = pyqtSignal()
    editing = pyqtSignal()
    """Editing has begun or ended."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.layer: Optional[QgsVectorLayer] = None

    def watch(self, layer: Optional[QgsVectorLayer]) -> None:
        """Watches another layer, or none."""
        if self.layer is not None and not sip.isdeleted(self.layer):
            for name in _SIGNALS:
                getattr(self.layer, name).disconnect(self._tell)
            self.layer.editingStarted.disconnect(self.editing)
            self.layer.editingStopped.disconnect(self.editing)
            self.layer.willBeDeleted.disconnect(self._forget)
        self.layer = layer
        if layer is not None:
            for name in _SIGNALS:
                getattr(layer, name).connect(self._tell)
            layer.editingStarted.connect(self.editing)
            layer.editingStopped.connect(self.editing)
            layer.willBeDeleted.connect(self._forget)

    def _tell(self, *what: object) -> None:
        self.edited.emit()

    def _forget(self) -> None:
        self.layer = None
        self.edited.emit()
