"""A raster of the scene in the dock: which layer, what it was taken for, and how to say otherwise."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsRasterLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt import sip
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ...algorithms.compat import RASTER_LAYERS
from ...algorithms.readings import PROPERTY, Reading, kept_reading
from ...algorithms.sources import RasterSource, raster_source
from ...algorithms.text import tr
from ...core.errors import LandSketchError
from ...core.sensors import AUTO, SENSORS, in_short
from ..bands.menu import open_bands
from ..bands.value_box import unit_title
from .step import row, text_label


class LayerRow(QWidget):
    """A layer in a role; `changed` tells that another one, or another meaning, was chosen.

    Args:
        title: Of the role; its ampersand marks the letter that reaches it by keyboard.
        role: `optical`, `sar` or `embedding`.
    """

    changed = pyqtSignal()

    def __init__(self, title: str, role: str) -> None:
        super().__init__()
        self.role = role
        self._layer: Optional[QgsRasterLayer] = None
        self.combo = QgsMapLayerComboBox()
        self.combo.setFilters(RASTER_LAYERS)
        self.combo.setAllowEmptyLayer(True, tr("(none)"))
        self.combo.setLayer(None)
        # A long layer name must not make the dock wider.
        self.combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.combo.layerChanged.connect(self._watch)
        self.title = QLabel(title)
        self.title.setBuddy(self.combo)
        self.found = text_label()
        self.fix = QToolButton()
        self.fix.setText(tr("Fix…"))
        self.fix.setAccessibleName(tr("Bands and units of the layer: {role}").format(role=title.replace("&", "")))
        self.fix.setToolTip(tr("State what the bands of this layer are, and how their values are read."))
        self.fix.clicked.connect(lambda checked=False: self.open_bands())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row(self.title, self.combo))
        layout.addLayout(row(self.found, self.fix, stretch=0))

    def layer(self) -> Optional[QgsRasterLayer]:
        """Returns the chosen layer."""
        return self.combo.currentLayer()

    def layer_id(self) -> str:
        """Returns the chosen layer's id; empty for none."""
        layer = self.layer()
        return str(layer.id()) if layer else ""

    def reading(self) -> Optional[Reading]:
        """Returns what the user stated about the layer in this role; None where that is nothing."""
        layer = self.layer()
        kept = kept_reading(layer) if layer is not None else None
        return kept if kept is not None and kept.role == self.role else None

    def open_bands(self) -> Optional[QWidget]:
        """Opens the dialog that states what the bands are."""
        layer = self.layer()
        try:
            return open_bands(layer, self.role, False, self.window()) if layer is not None else None
        except LandSketchError as error:
            self.found.setText(str(error))
            return None

    def detect(self) -> None:
        """Shows what the layer is taken for."""
        layer = self.layer()
        self.fix.setVisible(layer is not None)
        self.found.setVisible(layer is not None)
        if layer is None:
            return
        try:
            self.found.setText(_words(raster_source(layer, self.role), self.reading()))
        except LandSketchError as error:
            self.found.setText(str(error))

    def _watch(self, layer: Optional[QgsRasterLayer]) -> None:
        """Follows what is stated about the layer, wherever that is done."""
        if self._layer is not None and not sip.isdeleted(self._layer):
            self._layer.customPropertyChanged.disconnect(self._hear)
        self._layer = layer
        if layer is not None:
            layer.customPropertyChanged.connect(self._hear)
        self.changed.emit()

    def _hear(self, name: str) -> None:
        if name == PROPERTY:
            self.changed.emit()


def _words(source: RasterSource, stated: Optional[Reading]) -> str:
    """Returns what a layer was taken for, such as 'Sentinel-2 L2A · 10 bands: B02 … B12'."""
    sensor = SENSORS[source.match.sensor].title if source.match.sensor in SENSORS else tr("any bands")
    used = [band for band in source.match.bands if band]
    bands = tr("1 band") if len(used) == 1 else tr("{n} bands").format(n=len(used))
    parts = [sensor, f"{bands}: {in_short(used)}"]
    if source.spec.units != AUTO:
        parts.append(unit_title(source.spec.units))
    elif source.spec.role == "sar":
        parts.append(tr("units found by their values"))
    if source.spec.offset is not None:
        parts.append(tr("offset {offset:g}").format(offset=source.spec.offset))
    if stated is not None:
        parts.append(tr("as you stated"))
    return " · ".join(parts)
