"""The features of a layer at one moment, unsaved edits included, to be read in another thread."""

from __future__ import annotations

from typing import Any, Iterator

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)

from ...algorithms.compat import WITHOUT_GEOMETRY


class Snapshot:
    """A layer's features; has the methods of `QgsProcessingFeatureSource` that reading labels needs.

    Args:
        layer: Read in the main thread, and free to be edited afterwards.
    """

    def __init__(self, layer: QgsVectorLayer) -> None:
        self._source = QgsVectorLayerFeatureSource(layer)
        self._type = layer.wkbType()
        self._crs = layer.crs()

    def getFeatures(self, request: QgsFeatureRequest, flags: Any = None) -> Iterator[QgsFeature]:  # noqa: N802
        """Iterates the features; invalid geometries pass, as `flags` says wherever this is called."""
        # As a generator, since QGIS closes an iterator when its source is gone.
        yield from self._source.getFeatures(request)

    def attributes(self, position: int) -> Iterator[QgsFeature]:
        """Iterates the features with one attribute and without geometries."""
        request = QgsFeatureRequest().setFlags(WITHOUT_GEOMETRY).setSubsetOfAttributes([position])
        yield from self._source.getFeatures(request)

    def wkbType(self) -> Any:  # noqa: N802
        """Type of the geometries."""
        return self._type

    def sourceCrs(self) -> QgsCoordinateReferenceSystem:  # noqa: N802
        """The layer's CRS."""
        return self._crs
