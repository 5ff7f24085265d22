"""A raster of the scene in the dock: which layer, what it was taken for, and how to say otherwise."""

from __future__ import annotations

from typing import Iterable, Optional

from qgis.core import QgsRasterLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...algorithms.compat import RASTER_LAYERS
from ...algorithms.sources import RasterSource, raster_source
from ...algorithms.text import tr
from ...core.errors import LandSketchError
from ...core.sensors import AUTO, SENSORS, in_short
from .step import row, text_label


class LayerRow(QWidget):
    """A layer in a role; `changed` tells that another one, or another meaning, was chosen.

    Args:
        title: Of the role; its ampersand marks the letter that reaches it by keyboard.
        role: `optical`, `sar` or `embedding`.
        choices: Sensors (optical, embedding) or units (SAR) that the user can state, `auto` first.
        with_bands: Whether band names can be stated.
    """

    changed = pyqtSignal()

    def __init__(self, title: str, role: str, choices: Iterable[str], with_bands: bool = False) -> None:
        super().__init__()
        self.role = role
        self.combo = QgsMapLayerComboBox()
        self.combo.setFilters(RASTER_LAYERS)
        self.combo.setAllowEmptyLayer(True, tr("(none)"))
        self.combo.setLayer(None)
        # A long layer name must not make the dock wider.
        self.combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.combo.layerChanged.connect(lambda layer: self.changed.emit())
        self.title = QLabel(title)
        self.title.setBuddy(self.combo)
        self.found = text_label()
        self.fix = QToolButton()
        self.fix.setText(tr("Fix…"))
        self.fix.setCheckable(True)
        self.fix.setToolTip(tr("State what the bands of this layer are, if they were taken for something else."))
        self.stated = QComboBox()
        self.stated.addItems(list(choices))
        self.stated.currentTextChanged.connect(lambda text: self.changed.emit())
        self.band_names = QLineEdit()
        self.band_names.setPlaceholderText(tr("from the file"))
        self.band_names.setToolTip(tr("One name for each band, in the order of the file, separated by commas."))
        self.band_names.editingFinished.connect(self.changed.emit)
        self._form = self._corrections(tr("Units") if role == "sar" else tr("Sensor"), with_bands)
        self.fix.toggled.connect(self._form.setVisible)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row(self.title, self.combo))
        layout.addLayout(row(self.found, self.fix, stretch=0))
        layout.addWidget(self._form)

    def layer(self) -> Optional[QgsRasterLayer]:
        """Returns the chosen layer."""
        return self.combo.currentLayer()

    def layer_id(self) -> str:
        """Returns the chosen layer's id; empty for none."""
        layer = self.layer()
        return str(layer.id()) if layer else ""

    def choice(self) -> str:
        """Returns what the user stated; empty where that is nothing."""
        text = str(self.stated.currentText())
        return "" if text == AUTO or not self.layer() else text

    def bands(self) -> str:
        """Returns the band names that the user stated; empty where there are none."""
        return str(self.band_names.text()).strip() if self.layer() else ""

    def detect(self) -> None:
        """Shows what the layer was taken for."""
        layer = self.layer()
        self.fix.setVisible(layer is not None)
        self._form.setVisible(layer is not None and self.fix.isChecked())
        self.found.setVisible(layer is not None)
        if layer is None:
            return
        names = tuple(word.strip() for word in self.bands().split(",") if word.strip())
        stated = str(self.stated.currentText())
        try:
            if self.role == "sar":
                source = raster_source(layer, self.role, AUTO, stated, names)
            else:
                source = raster_source(layer, self.role, stated, AUTO, names)
            self.found.setText(_words(source))
        except LandSketchError as error:
            self.found.setText(str(error))
            self.fix.setChecked(True)

    def _corrections(self, title: str, with_bands: bool) -> QWidget:
        widget = QWidget()
        form = QFormLayout(widget)
        form.addRow(title, self.stated)
        if with_bands:
            form.addRow(tr("Bands"), self.band_names)
        widget.hide()
        return widget


def _words(source: RasterSource) -> str:
    """Returns what a layer was taken for, such as 'Sentinel-2 L2A · 10 bands: B02 … B12'."""
    sensor = SENSORS[source.match.sensor].title if source.match.sensor in SENSORS else tr("any bands")
    used = [band for band in source.match.bands if band]
    bands = tr("1 band") if len(used) == 1 else tr("{n} bands").format(n=len(used))
    parts = [sensor, f"{bands}: {in_short(used)}"]
    if source.spec.role == "sar":
        parts.append(tr("units found by their values") if source.spec.units == AUTO else source.spec.units)
    return " · ".join(parts)
