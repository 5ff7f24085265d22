"""Vector layers as they are on screen, handed to the engine: labels, reference features and masks.

Memory layers, unsaved edits, filters and selections exist in QGIS alone, so the features are written to a temporary
GeoPackage in the layer's own CRS; the engine transforms and repairs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterator, Optional, Set, Tuple

from qgis.core import (
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsProperty,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ..core.errors import Cancelled, LabelError
from ..core.specs import VectorSpec
from .base import LandSketchAlgorithm
from .classes import ClassReader, class_reader
from .compat import (
    NO_GEOMETRY,
    NO_WRITER_ERROR,
    NULL_GEOMETRY_TYPE,
    SKIP_VALIDITY_CHECKS,
    TEXT_FIELD,
    UNKNOWN_GEOMETRY,
    UNKNOWN_GEOMETRY_TYPE,
)
from .scene import layer_text
from .sources import RasterSource
from .text import tr

CLASS_ATTRIBUTE = "class"


@dataclass(frozen=True)
class FeatureInput:
    """Features that a parameter stands for, with how they get their classes (None for a mask).

    Attributes:
        name: The layer's name, as in the layer tree.
        source: The features: the selected ones only where the user said so, unsaved edits included.
        reader: Tells each feature's class.
        transforms: The project's choice of coordinate transformations.
    """

    name: str
    source: QgsProcessingFeatureSource
    reader: Optional[ClassReader]
    transforms: QgsCoordinateTransformContext

    def features(self, request: Optional[QgsFeatureRequest] = None) -> Iterator[QgsFeature]:
        """Iterates the features; invalid geometries pass, since the engine repairs or names them."""
        return self.source.getFeatures(request or QgsFeatureRequest(), SKIP_VALIDITY_CHECKS)

    def check(self, image: RasterSource) -> None:
        """Checks, as far as possible without pixels, that the features can be used on an image.

        Raises:
            LabelError: If there are no features, too few classes, no CRS, or no overlap.
        """
        self.check_position(image)
        if self.reader is not None:
            self._check_classes(self.reader)

    def check_position(self, image: RasterSource) -> None:
        """Checks that the features lie on an image, whatever their classes are.

        Raises:
            LabelError: If there are no features, no CRS, or no overlap.
        """
        if QgsWkbTypes.geometryType(self.source.wkbType()) == NULL_GEOMETRY_TYPE:
            raise LabelError(tr("Layer '{layer}' is a table without geometries.").format(layer=self.name))
        if not self.source.sourceCrs().isValid():
            raise LabelError(
                tr("Layer '{layer}' has no coordinate system.").format(layer=self.name),
                tr("Set it in the layer's properties."),
            )
        self._check_overlap(image)

    def _check_classes(self, reader: ClassReader) -> None:
        key_of = reader.keys()
        found: Set[str] = set()
        for feature in self.features():
            key = key_of(feature)
            if key is not None and feature.hasGeometry():
                found.add(key)
                if len(found) > 1:
                    return
        names = {str(category.value): category.name for category in reader.categories}
        if found:
            only = next(iter(found))
            message = tr("All labels of layer '{layer}' have one class, '{only}'; at least two classes are needed.")
            raise LabelError(
                message.format(layer=self.name, only=names.get(only, only)), tr("Draw labels of another class as well.")
            )
        raise LabelError(
            tr("No feature of layer '{layer}' has a class in '{attribute}'.").format(
                layer=self.name, attribute=reader.attribute
            ),
            tr("Draw some labels and give each a class; with 'Selected features only', select some."),
        )

    def _check_overlap(self, image: RasterSource) -> None:
        if not image.crs.isValid():
            raise LabelError(
                tr("Layer '{image}' has no coordinate system, so '{layer}' cannot be laid over it.").format(
                    image=image.name, layer=self.name
                ),
                tr("Set the image's coordinate system in its properties and save it with it."),
            )
        to_layer = QgsCoordinateTransform(image.crs, self.source.sourceCrs(), self.transforms)
        try:
            # Densified: an extent's sides are curved in another CRS.
            request = QgsFeatureRequest().setFilterRect(to_layer.transformBoundingBox(image.extent))
        except QgsCsException:
            request = QgsFeatureRequest()
        if not any(feature.hasGeometry() for feature in self.features(request)):
            raise LabelError(
                tr("No feature of layer '{layer}' lies on '{image}'.").format(layer=self.name, image=image.name),
                tr("Check that both show the same place, and that their coordinate systems are right."),
            )

    def export(self, feedback: QgsProcessingFeedback) -> VectorSpec:
        """Writes the features to a temporary GeoPackage.

        Raises:
            LabelError: If the file cannot be written.
            Cancelled: If the user pressed Cancel.
        """
        path = QgsProcessingUtils.generateTempFilename("features.gpkg")
        written, skipped = self._write(path, feedback)
        if skipped:
            feedback.pushWarning(
                tr("{n} features of layer '{layer}' have no class or no geometry and are left out.").format(
                    n=skipped, layer=self.name
                )
            )
        if self.reader is None:
            return VectorSpec(path=path)
        used = tuple(category for category in self.reader.categories if str(category.value) in written)
        return VectorSpec(
            path=path,
            field=CLASS_ATTRIBUTE,
            legend=tuple({"value": c.value, "name": c.name, "colour": c.colour} for c in used),
            keys=tuple(str(c.value) for c in used),
        )

    def _write(self, path: str, feedback: QgsProcessingFeedback) -> Tuple[Set[str], int]:
        """Returns the classes written and the number of features left out."""
        key_of = self.reader.keys() if self.reader else None
        writer = self._writer(path)
        keys: Set[str] = set()
        skipped = 0
        for feature in self.features():
            if feedback.isCanceled():
                raise Cancelled()
            key = key_of(feature) if key_of else ""
            geometry = plain_geometry(feature.geometry())
            if key is None or geometry.isEmpty():
                skipped += 1
                continue
            row = QgsFeature(_FIELDS)
            row.setGeometry(geometry)
            row.setAttribute(CLASS_ATTRIBUTE, key)
            if not writer.addFeature(row):
                raise self._write_error(writer)
            keys.add(key)
        if not writer.flushBuffer():
            raise self._write_error(writer)
        return keys, skipped

    def _writer(self, path: str) -> QgsVectorFileWriter:
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.driverName = "GPKG"
        options.layerName = "features"
        writer = QgsVectorFileWriter.create(
            path, _FIELDS, _plain_type(self.source.wkbType()), self.source.sourceCrs(), self.transforms, options
        )
        if writer.hasError() != NO_WRITER_ERROR:
            raise self._write_error(writer)
        return writer

    def _write_error(self, writer: QgsVectorFileWriter) -> LabelError:
        return LabelError(
            tr("The features of layer '{layer}' cannot be written to the temporary folder: {problem}.").format(
                layer=self.name, problem=writer.errorMessage()
            ),
            tr("Check that the disk is not full."),
        )


def _class_fields() -> QgsFields:
    fields = QgsFields()
    fields.append(QgsField(CLASS_ATTRIBUTE, TEXT_FIELD))
    return fields


_FIELDS = _class_fields()


def _plain_type(wkb_type: Any) -> Any:
    """Returns the two-dimensional, straight, multi-part type of a geometry type; 'any' where the type is unusual."""
    plain = QgsWkbTypes.multiType(QgsWkbTypes.linearType(QgsWkbTypes.flatType(wkb_type)))
    unknown = QgsWkbTypes.geometryType(plain) == UNKNOWN_GEOMETRY_TYPE or plain == NO_GEOMETRY
    return UNKNOWN_GEOMETRY if unknown else plain


def plain_geometry(geometry: QgsGeometry) -> QgsGeometry:
    """Returns a geometry as every reader knows it: curves as segments, two-dimensional."""
    if geometry.isNull():
        return geometry
    plain = QgsGeometry(geometry.constGet().segmentize())
    plain.get().dropZValue()
    plain.get().dropMValue()
    return plain


def feature_input(
    algorithm: LandSketchAlgorithm,
    parameters: Dict[str, Any],
    name: str,
    context: QgsProcessingContext,
    field: Optional[str] = None,
) -> FeatureInput:
    """Reads which features a parameter stands for; called in the main thread.

    Args:
        algorithm: Whose parameter it is.
        parameters: The algorithm's parameters.
        name: Of the parameter.
        context: Processing's.
        field: The attribute that holds the class, '' for the categorised renderer's, None for no class (a mask).

    Raises:
        LabelError: If there is no such layer, or its classes cannot be told.
    """
    source = algorithm.parameterAsSource(parameters, name, context)
    layer = vector_layer(parameters.get(name), context)
    if source is None or layer is None or not layer.isValid():
        raise LabelError(
            tr("{title} '{value}' cannot be opened as a vector layer.").format(
                title=algorithm.parameterDefinition(name).description(), value=layer_text(parameters.get(name))
            ),
            tr("Choose a layer with points, lines or polygons."),
        )
    reader = None if field is None else class_reader(layer, field)
    return FeatureInput(layer.name(), source, reader, context.transformContext())


def field_name(value: Any) -> str:
    """Returns the name of a field parameter; scripts pass a list of one as well."""
    if isinstance(value, (list, tuple)):
        value = value[0] if value else ""
    return str(value) if value else ""


def vector_layer(value: Any, context: QgsProcessingContext) -> Optional[QgsVectorLayer]:
    """Returns the layer behind a feature source parameter, which may say 'selected features only' around it."""
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source
    if isinstance(value, QgsProperty):
        value, _ = value.valueAsString(context.expressionContext())
    if isinstance(value, QgsVectorLayer):
        return value
    layer = QgsProcessingUtils.mapLayerFromString(str(value), context)
    if not isinstance(layer, QgsVectorLayer):
        return None
    project = context.project()
    if project is None or project.mapLayer(layer.id()) is None:
        # Processing opens files without their style, and with it the names and colours of the classes.
        layer.loadDefaultStyle()
    return layer
