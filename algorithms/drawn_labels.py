"""The parameters that describe drawn labels: their layer, and the field of their classes."""

from __future__ import annotations

from qgis.core import QgsProcessingContext, QgsProcessingParameterFeatureSource, QgsProcessingParameterField

from .base import LandSketchAlgorithm, Parameters
from .compat import ANY_GEOMETRY
from .labels import FeatureInput, feature_input, field_name
from .text import tr

LABELS = "LABELS"
CLASS_FIELD = "CLASS_FIELD"


def add_labels(algorithm: LandSketchAlgorithm, help_text: str, field_help: str = "") -> None:
    """Declares the labels.

    Args:
        algorithm: That learns from them.
        help_text: What is said of the layer.
        field_help: What is said of the field; empty: what can be said of any.
    """
    algorithm.add(QgsProcessingParameterFeatureSource(LABELS, tr("Labels"), [ANY_GEOMETRY]), help_text)
    algorithm.add(
        QgsProcessingParameterField(CLASS_FIELD, tr("Class field"), parentLayerParameterName=LABELS, optional=True),
        field_help or tr("The field that holds the class. Empty: the one by which the layer is styled (categorised)."),
    )


def read_labels(algorithm: LandSketchAlgorithm, parameters: Parameters, context: QgsProcessingContext) -> FeatureInput:
    """Returns the labels with their classes; called in the main thread.

    Raises:
        LabelError: If there is no such layer, or its classes cannot be told.
    """
    return feature_input(algorithm, parameters, LABELS, context, field_name(parameters.get(CLASS_FIELD)))
