"""The parameters that describe a reference: a class raster, or features with a class."""

from __future__ import annotations

from typing import Union

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterString,
    QgsRasterLayer,
    QgsVectorLayer,
)

from ..core.errors import LabelError
from ..core.sensors import GENERIC
from .base import LandSketchAlgorithm, Parameters
from .compat import ANY_GEOMETRY, RASTER
from .labels import FeatureInput, feature_input, field_name
from .scene import check_overlap, layer_text, raster_layer
from .sources import RasterSource, raster_path, raster_source
from .text import tr

REFERENCE = "REFERENCE"
REFERENCE_FIELD = "REFERENCE_FIELD"


def add_reference(algorithm: LandSketchAlgorithm, help_text: str, optional: bool = False) -> None:
    """Declares the reference and the field of its classes."""
    algorithm.add(
        QgsProcessingParameterMapLayer(REFERENCE, tr("Reference"), optional=optional, types=[RASTER, ANY_GEOMETRY]),
        help_text,
    )
    algorithm.add(
        # No list of fields: QGIS crashes where such a list belongs to a layer that may be a raster, and is one.
        QgsProcessingParameterString(REFERENCE_FIELD, tr("Class field of the reference"), optional=True),
        tr(
            "For a reference with features: the field that holds the class, as its name or its map value. Empty: the "
            "one by which the layer is styled (categorised)."
        ),
    )


def read_reference(
    algorithm: LandSketchAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> Union[str, FeatureInput]:
    """Returns the path of a class raster, or features with a class.

    Raises:
        LandSketchError: If it is neither, or its classes cannot be read.
    """
    layer = algorithm.parameterAsLayer(parameters, REFERENCE, context)
    if isinstance(layer, QgsRasterLayer) and layer.isValid():
        return raster_path(layer)
    if isinstance(layer, QgsVectorLayer) and layer.isValid():
        return feature_input(algorithm, parameters, REFERENCE, context, field_name(parameters.get(REFERENCE_FIELD)))
    raise LabelError(
        tr("Reference '{value}' cannot be opened as a raster or vector layer.").format(
            value=layer_text(parameters.get(REFERENCE))
        ),
        tr("Choose a class raster, or a layer with points, lines or polygons."),
    )


def check_reference(
    algorithm: LandSketchAlgorithm, parameters: Parameters, context: QgsProcessingContext, image: RasterSource
) -> None:
    """Checks that the reference lies where a map or an image does.

    Raises:
        LandSketchError: If it does not, or cannot be read.
    """
    reference = read_reference(algorithm, parameters, context)
    if isinstance(reference, FeatureInput):
        reference.check_position(image)
    else:
        other = class_raster(algorithm, parameters, REFERENCE, context)
        check_overlap(image, other, tr("Choose a reference of the same place."), context)


def class_raster(
    algorithm: LandSketchAlgorithm, parameters: Parameters, name: str, context: QgsProcessingContext
) -> RasterSource:
    """Reads a raster whose first band holds classes."""
    return raster_source(raster_layer(algorithm, parameters, name, context), "optical", GENERIC)
