"""New label layers, and drawing into them."""

from __future__ import annotations

import os
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsDefaultValue,
    QgsExpression,
    QgsField,
    QgsFields,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from ...algorithms.compat import (
    NO_WRITER_ERROR,
    POINT,
    POLYGON,
    WHOLE_NUMBER_FIELD,
    WITHOUT_FORM,
    save_default_style,
)
from ...algorithms.labels import CLASS_ATTRIBUTE
from ...algorithms.text import tr
from ...core.errors import LabelError
from .class_styles import class_attribute, start_style

_CLASSES_AT_FIRST = 2
_TABLE = "labels"
_OURS = "landsketch/labels"


def new_label_layer(path: str, points: bool, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    """Makes a label layer with two classes; its file holds names and colours of the classes too.

    Args:
        path: Of a GeoPackage that does not exist yet, or is to be replaced; empty: in memory only.
        points: Whether points are drawn, rather than polygons.
        crs: Of the labels.

    Raises:
        LabelError: If the file cannot be written.
    """
    fields = QgsFields()
    fields.append(QgsField(CLASS_ATTRIBUTE, WHOLE_NUMBER_FIELD))
    if path:
        layer = _in_file(path, fields, POINT if points else POLYGON, crs)
    else:
        kind = "Point" if points else "Polygon"
        layer = QgsVectorLayer(f"{kind}?field={CLASS_ATTRIBUTE}:integer", tr("Labels"), "memory")
        layer.setCrs(crs)
    layer.setCustomProperty(_OURS, True)
    start_style(layer, CLASS_ATTRIBUTE, _CLASSES_AT_FIRST)
    save_style(layer)
    return layer


def save_style(layer: QgsVectorLayer) -> None:
    """Saves the classes' names and colours in the layer's file, if the layer was made here."""
    if layer.customProperty(_OURS) and layer.providerType() == "ogr":
        # QGIS would ask whether to replace a style, in a window of its own, with every change.
        _, ids, names, *_ = layer.listStylesInDatabase()
        for number, name in zip(ids, names):
            if name == _TABLE:
                layer.deleteStyleFromDatabase(number)
        save_default_style(layer, _TABLE)


def prepare_drawing(layer: QgsVectorLayer, value: Any) -> None:
    """Makes a layer editable, and what is drawn next a feature of a class, without a form that asks.

    Raises:
        LabelError: If the layer cannot be edited, or its classes come from an expression.
    """
    attribute = class_attribute(layer)
    if attribute is None:
        raise LabelError(
            tr("The classes of layer '{layer}' come from an expression, which cannot be drawn.").format(
                layer=layer.name()
            ),
            tr("Style it by a field, or draw in QGIS's own way."),
        )
    if not layer.isEditable() and not layer.startEditing():
        raise LabelError(
            tr("Layer '{layer}' cannot be edited.").format(layer=layer.name()),
            tr("Save it as a GeoPackage (right-click ▸ Export), and choose that one."),
        )
    layer.setDefaultValueDefinition(attribute, QgsDefaultValue(QgsExpression.quotedValue(value)))
    form = layer.editFormConfig()
    form.setSuppress(WITHOUT_FORM)
    layer.setEditFormConfig(form)


def _in_file(path: str, fields: QgsFields, geometry: Any, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = _TABLE
    writer = QgsVectorFileWriter.create(path, fields, geometry, crs, QgsCoordinateTransformContext(), options)
    problem = writer.errorMessage() if writer.hasError() != NO_WRITER_ERROR else ""
    del writer  # closes the file
    if problem:
        raise LabelError(
            tr("The label layer '{path}' cannot be written: {problem}.").format(path=path, problem=problem),
            tr("Choose another folder or name."),
        )
    name = os.path.splitext(os.path.basename(path))[0]
    return QgsVectorLayer(f"{path}|layername={_TABLE}", name, "ogr")
