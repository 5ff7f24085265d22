"""Step 2: the label layer, its classes, and drawing."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional, Tuple

from qgis.core import QgsCoordinateReferenceSystem, QgsFieldProxyModel, QgsProject, QgsVectorLayer
from qgis.gui import QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QLabel, QMenu, QPushButton, QSizePolicy, QWidget

from ...algorithms.compat import FEATURE_LAYERS
from ...algorithms.labels import FeatureInput
from ...algorithms.text import tr
from ...core.errors import LabelError, LandSketchError
from . import class_styles
from .class_counts import ClassCounts
from .class_table import ClassTable
from .label_layers import new_label_layer, prepare_drawing, save_style
from .layer_watch import LayerWatch
from .step import Step, button, row

_COUNT_AFTER_MS = 100
_NEEDED_CLASSES = 2


class LabelsStep(Step):
    """The labels.

    Args:
        parent: The dock's page.
        iface: QGIS's window interface.
        crs: Returns the CRS in which new labels are drawn.
    """

    edited = pyqtSignal()
    """A label or a class was changed, or another layer chosen."""

    def __init__(self, parent: QWidget, iface: Any, crs: Callable[[], QgsCoordinateReferenceSystem]) -> None:
        super().__init__(tr("2  Classes and labels"), parent)
        self._iface = iface
        self._crs = crs
        self._count = QTimer(self)
        self._count.setSingleShot(True)
        self._count.setInterval(_COUNT_AFTER_MS)
        self._count.timeout.connect(self.refresh)
        self._counts = ClassCounts(self)
        self._counts.counted.connect(self._show)
        self._watch = LayerWatch(self)
        self._watch.edited.connect(self._on_edit)
        self._watch.editing.connect(lambda: self._count.start())
        self._choose_layer()
        self._choose_field()
        self.table = ClassTable(self)
        self.table.draw.connect(self.draw)
        self.table.renamed.connect(lambda place, name: self._restyle(class_styles.rename_class, place, name))
        self.table.recoloured.connect(lambda place, colour: self._restyle(class_styles.recolour_class, place, colour))
        self.table.currentCellChanged.connect(lambda *cells: self._allow())
        self.add_button = button(tr("&Add class"), self.add_class)
        self.remove_button = button(tr("R&emove class"), self.remove_class)
        self.contents.addWidget(self.table)
        self.contents.addLayout(row(self.add_button, self.remove_button, QLabel()))
        self.take(self.combo.currentLayer())

    def layer(self) -> Optional[QgsVectorLayer]:
        """Returns the label layer."""
        return self._watch.layer

    def classes(self) -> Tuple[class_styles.DrawnClass, ...]:
        """Returns the classes with their numbers of labels."""
        return self.table.classes

    def labels(self) -> FeatureInput:
        """Returns the labels as they are at this moment; there may be none yet.

        Raises:
            LabelError: If there is no label layer, or it has no classes.
        """
        layer = self.layer()
        if layer is None:
            raise LabelError(tr("There is no label layer."), tr("Make one, or choose an existing one."))
        return class_styles.labels_of(layer, QgsProject.instance().transformContext())

    def new_layer(self, points: bool, path: Optional[str] = None) -> None:
        """Makes a label layer and takes it.

        Args:
            points: Whether points are drawn, rather than polygons.
            path: Of the file; empty: in memory only; None: asks.
        """
        if path is None:
            path, _ = QFileDialog.getSaveFileName(self, tr("New label layer"), "labels.gpkg", "GeoPackage (*.gpkg)")
            if not path:
                return
            path = path if path.lower().endswith(".gpkg") else f"{path}.gpkg"
        try:
            layer = new_label_layer(path, points, self._crs())
        except LandSketchError as error:
            self.set_state(False, str(error))
            return
        QgsProject.instance().addMapLayer(layer, False)
        QgsProject.instance().layerTreeRoot().insertLayer(0, layer)
        self.combo.setLayer(layer)

    def take(self, layer: Optional[QgsVectorLayer]) -> None:
        """Takes a layer as the labels."""
        self._watch.watch(layer if isinstance(layer, QgsVectorLayer) else None)
        self.field.setLayer(self.layer())
        self.refresh()
        self.edited.emit()

    def draw(self, place: int) -> None:
        """Starts drawing the class of a row with QGIS' own tool."""
        layer, entry = self.layer(), self.classes()[place]
        if layer is None:
            return
        try:
            prepare_drawing(layer, entry.value)
        except LabelError as error:
            self.table.mark_drawn(-1)
            self.set_state(False, str(error))
            return
        self._iface.setActiveLayer(layer)
        self._iface.actionAddFeature().trigger()
        self.table.mark_drawn(place)
        self.table.selectRow(place)

    def add_class(self) -> None:
        """Adds a class."""
        layer = self.layer()
        if layer is not None:
            class_styles.add_class(layer)
            self._restyled(layer)
            self.table.selectRow(self.table.rowCount() - 1)

    def remove_class(self) -> None:
        """Removes the class of the current row, which has no labels."""
        entry = self.table.chosen()
        if entry is not None:
            self._restyle(class_styles.remove_class, self.table.currentRow())

    def show_held_out(self, result: Mapping[str, Any]) -> None:
        """Shows how many labels of each class a sketch has held out.

        Args:
            result: Of the job `sketch`.
        """
        if not self.classes():
            return  # the layer was removed, or restyled, meanwhile
        rounds = {entry["value"]: entry["held_out"] for entry in result["classes"]}
        reader = self.labels().reader
        categories = reader.categories if reader is not None else ()
        by_key = {key: rounds.get(category.value, []) for category in categories for key in category.keys}
        self.table.show_held_out([by_key.get(entry.key, []) for entry in self.classes()])

    def refresh(self) -> None:
        """Counts the labels of the layer, and shows its classes."""
        self._counts.count(self.layer())
        self._show()

    def _show(self) -> None:
        """Shows the classes with their numbers of labels."""
        layer = self.layer()
        classes = class_styles.classes_of(layer, self._counts.last) if layer is not None else ()
        self.table.show_classes(classes)
        if layer is None or not layer.isEditable():
            self.table.mark_drawn(-1)
        drawn = sum(1 for entry in classes if entry.count)
        text = tr("{n} labels of {k} classes").format(n=sum(entry.count for entry in classes), k=drawn)
        self.set_state(drawn >= _NEEDED_CLASSES, text if drawn >= _NEEDED_CLASSES else self._missing(drawn))
        if self._counts.busy:
            self.set_state(self.done, tr("Counting labels …"))
        self._field_row.setVisible(layer is not None and not classes)
        self._allow()

    def _missing(self, drawn: int) -> str:
        """Returns what has to be done before there is something to learn from."""
        if self.layer() is None:
            return str(tr("Make a label layer, or choose one."))
        if not self.classes():
            return str(tr("This layer has no classes yet: choose the field that holds them."))
        if drawn == 0:
            return str(tr("Press a pencil and draw on the map: a few labels of each class."))
        return str(tr("Draw labels of a second class."))

    def _allow(self) -> None:
        entry = self.table.chosen()
        self.table.setEnabled(bool(self.classes()))
        self.add_button.setEnabled(bool(self.classes()))
        self.remove_button.setEnabled(entry is not None and not entry.count and not self._counts.busy)
        self.remove_button.setToolTip(
            tr("Delete its labels first.") if entry is not None and entry.count else tr("Removes the chosen class.")
        )

    def _restyle(self, change: Callable[..., None], place: int, *what: Any) -> None:
        layer = self.layer()
        if layer is not None:
            change(layer, self.classes()[place].index, *what)
            self._restyled(layer)

    def _restyled(self, layer: QgsVectorLayer) -> None:
        save_style(layer)
        self.refresh()

    def _on_edit(self) -> None:
        self._count.start()
        self.edited.emit()

    def _choose_layer(self) -> None:
        self.combo = QgsMapLayerComboBox()
        self.combo.setFilters(FEATURE_LAYERS)
        self.combo.setAllowEmptyLayer(True, tr("(none)"))
        self.combo.setLayer(None)
        self.combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.combo.layerChanged.connect(self.take)
        label = QLabel(tr("La&bels"))
        label.setBuddy(self.combo)
        self.new_button = QPushButton(tr("&New"))
        menu = QMenu(self.new_button)
        menu.addAction(tr("Polygons, in a file…"), lambda: self.new_layer(points=False))
        menu.addAction(tr("Points, in a file…"), lambda: self.new_layer(points=True))
        menu.addAction(tr("Polygons, in memory only"), lambda: self.new_layer(points=False, path=""))
        menu.addAction(tr("Points, in memory only"), lambda: self.new_layer(points=True, path=""))
        self.new_button.setMenu(menu)
        self.contents.addLayout(row(label, self.combo, self.new_button, stretch=1))

    def _choose_field(self) -> None:
        self.field = QgsFieldComboBox()
        self.field.setAllowEmptyFieldName(True)
        self.field.setFilters(QgsFieldProxyModel.Filter.AllTypes)
        self.field.fieldChanged.connect(self._classify_by)
        label = QLabel(tr("Class &field"))
        label.setBuddy(self.field)
        self._field_row = QWidget()
        self._field_row.setLayout(row(label, self.field))
        self.contents.addWidget(self._field_row)

    def _classify_by(self, field: str) -> None:
        layer = self.layer()
        if layer is not None and field and not class_styles.has_classes(layer):
            class_styles.classify_by(layer, field)
            self.refresh()
            self.edited.emit()
