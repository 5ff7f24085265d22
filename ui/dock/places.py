"""Suggested places as a point layer: step through them, and turn each into a label."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsMarkerSymbol,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)
from qgis.PyQt import sip

from ...algorithms.compat import POINT_GEOMETRY_TYPE, POLYGON_GEOMETRY_TYPE
from ...algorithms.sources import RasterSource
from ...algorithms.text import tr
from ...core.errors import LabelError
from .class_styles import class_attribute
from .preview import Preview

_PIXELS_AROUND = 40
"""How much of the image is shown at each side of a place: enough to recognise what it is."""


class Places:
    """The suggested places of a project that were not answered yet.

    Args:
        project: The project.
        preview: Whose group the layer joins.
    """

    def __init__(self, project: QgsProject, preview: Preview) -> None:
        self._project = project
        self._preview = preview
        self._layer: Optional[QgsVectorLayer] = None
        self._ids: List[int] = []
        self._current = 0

    def load(self, path: str) -> int:
        """Takes the places of a file in place of the last ones; returns how many there are."""
        self.clear()
        found = QgsVectorLayer(path, tr("Suggested places"), "ogr")
        layer = found.materialize(QgsFeatureRequest())
        layer.setName(tr("Suggested places"))
        symbol = QgsMarkerSymbol.createSimple(
            {"name": "circle", "size": "4", "color": "0,0,0,0", "outline_color": "#ffffff", "outline_width": "0.8"}
        )
        layer.setRenderer(QgsSingleSymbolRenderer(symbol))
        layer.setCustomProperty("skipMemoryLayersCheck", 1)  # to lose them is no loss
        self._project.addMapLayer(layer, False)
        self._preview.place().insertLayer(0, layer)
        self._layer = layer
        self._ids = [feature.id() for feature in sorted(layer.getFeatures(), key=lambda feature: feature["rank"])]
        self._current = 0
        return len(self._ids)

    def clear(self) -> None:
        """Removes the places and their layer."""
        layer, self._layer, self._ids = self._layer, None, []
        if layer is not None and not sip.isdeleted(layer):
            self._project.removeMapLayer(layer.id())

    @property
    def count(self) -> int:
        """How many places wait for an answer."""
        if self._layer is not None and sip.isdeleted(self._layer):
            self._layer, self._ids = None, []
        return len(self._ids)

    @property
    def current(self) -> int:
        """Position of the current place, from 0."""
        return self._current

    def step(self, by: int) -> None:
        """Goes on to another place; after the last comes the first."""
        if self.count:
            self._current = (self._current + by) % self.count

    def feature(self) -> Optional[QgsFeature]:
        """Returns the current place; None where there is none."""
        if not self.count or self._layer is None:
            return None
        return self._layer.getFeature(self._ids[self._current])

    def zoom(self, canvas: Any, source: RasterSource) -> None:
        """Shows the current place with some pixels of the image around it."""
        feature = self.feature()
        if feature is None or self._layer is None:
            return
        point = feature.geometry().asPoint()
        reach = _PIXELS_AROUND * pixel_size(source)
        around = QgsRectangle(point.x() - reach, point.y() - reach, point.x() + reach, point.y() + reach)
        to_map = QgsCoordinateTransform(self._layer.crs(), canvas.mapSettings().destinationCrs(), self._project)
        canvas.setExtent(to_map.transformBoundingBox(around))
        canvas.refresh()

    def answer(self, labels: QgsVectorLayer, value: Any, source: RasterSource) -> None:
        """Makes a label of the current place, which can be undone as if it was drawn, and goes on to the next.

        Raises:
            LabelError: If the label layer cannot take it.
        """
        feature = self.feature()
        if feature is None or self._layer is None:
            return
        _add_label(labels, feature.geometry().asPoint(), self._layer, value, pixel_size(source))
        self._layer.dataProvider().deleteFeatures([self._ids.pop(self._current)])
        self._layer.triggerRepaint()
        self._current = self._current % len(self._ids) if self._ids else 0


def pixel_size(source: RasterSource) -> float:
    """Returns the side of a scene's pixel, in units of its CRS."""
    from osgeo import gdal

    dataset = gdal.Open(source.spec.path) if not source.dates else None
    if dataset is None:  # a time stack has many files
        return max(source.extent.width(), source.extent.height()) / 1000
    return float(abs(dataset.GetGeoTransform()[1]))


def _add_label(labels: QgsVectorLayer, point: QgsPointXY, places: QgsVectorLayer, value: Any, pixel: float) -> None:
    attribute = class_attribute(labels)
    kind = labels.geometryType()
    if attribute is None or kind not in (POINT_GEOMETRY_TYPE, POLYGON_GEOMETRY_TYPE):
        raise LabelError(
            tr("Layer '{layer}' takes no point and no small square as a label.").format(layer=labels.name()),
            tr("Choose a layer of points or polygons whose classes are in a field."),
        )
    if not labels.isEditable() and not labels.startEditing():
        raise LabelError(tr("Layer '{layer}' cannot be edited.").format(layer=labels.name()))
    if kind == POINT_GEOMETRY_TYPE:
        geometry = QgsGeometry.fromPointXY(point)
    else:  # the pixel around the point
        half = pixel / 2
        geometry = QgsGeometry.fromRect(
            QgsRectangle(point.x() - half, point.y() - half, point.x() + half, point.y() + half)
        )
    geometry.transform(QgsCoordinateTransform(places.crs(), labels.crs(), QgsProject.instance()))
    feature = QgsVectorLayerUtils.createFeature(labels, geometry, {attribute: value})
    (fitting,) = QgsVectorLayerUtils.makeFeatureCompatible(feature, labels)[:1]
    labels.beginEditCommand(tr("Label a suggested place"))
    labels.addFeature(fitting)
    labels.endEditCommand()
    labels.triggerRepaint()
