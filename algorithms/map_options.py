"""The advanced parameters on what a map is like: smoothing, simpler polygons, file format."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import QgsProcessingContext, QgsProcessingParameterEnum, QgsProcessingParameterNumber

from ..core.specs import PolygonsSpec, SmoothingSpec
from .base import LandSketchAlgorithm, Parameters
from .compat import DECIMAL
from .text import tr

SMOOTHING = "SMOOTHING"
SMOOTHING_RADIUS = "SMOOTHING_RADIUS"
POLYGONS_SMALLEST = "POLYGONS_SMALLEST"
POLYGONS_TOLERANCE = "POLYGONS_TOLERANCE"
FORMAT = "FORMAT"

SMOOTHING_CHOICES = {"none": "", "majority": "majority", "Bayesian": "bayes"}
FORMAT_CHOICES = {"Cloud Optimized GeoTIFF": "cog", "tiled GeoTIFF": "gtiff"}
"""What the dialog and scripts say, and what the engine calls it."""


def add_map_options(algorithm: LandSketchAlgorithm) -> None:
    """Declares smoothing, what polygons are like, and the file format."""
    add_smoothing(algorithm)
    _add_polygon_options(algorithm)
    add_format(algorithm)


def add_format(algorithm: LandSketchAlgorithm) -> None:
    """Declares the file format."""
    algorithm.add(
        QgsProcessingParameterEnum(
            FORMAT,
            tr("Format of the rasters"),
            options=list(FORMAT_CHOICES),
            defaultValue=next(iter(FORMAT_CHOICES)),
            usesStaticStrings=True,
        ),
        tr(
            "Every GIS opens both. Of a Cloud Optimized GeoTIFF on a web server, programs can also read the part that "
            "they show; a tiled GeoTIFF is written a little faster."
        ),
        advanced=True,
    )


def add_smoothing(algorithm: LandSketchAlgorithm) -> None:
    """Declares whether and how a map is smoothed."""
    algorithm.add(
        QgsProcessingParameterEnum(
            SMOOTHING,
            tr("Smoothing"),
            options=list(SMOOTHING_CHOICES),
            defaultValue=next(iter(SMOOTHING_CHOICES)),
            usesStaticStrings=True,
        ),
        tr(
            "Frees the map of speckle, single pixels of another class. 'majority' gives each pixel the most frequent "
            "class around it. 'Bayesian' draws the probabilities of each pixel towards those around it, the more the "
            "less certain they are, and so keeps small things of which the classifier is sure."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterNumber(
            SMOOTHING_RADIUS, tr("Smoothing radius in pixels"), defaultValue=2, minValue=1, maxValue=32
        ),
        tr("How many pixels to each side of a pixel count when it is smoothed."),
        advanced=True,
    )


def _add_polygon_options(algorithm: LandSketchAlgorithm) -> None:
    algorithm.add(
        QgsProcessingParameterNumber(POLYGONS_SMALLEST, tr("Smallest polygons in pixels"), defaultValue=4, minValue=0),
        tr("Patches of fewer pixels join their largest neighbour and get no polygon of their own. 0: all are kept."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterNumber(
            POLYGONS_TOLERANCE, tr("Tolerance of polygons in pixels"), DECIMAL, defaultValue=1.0, minValue=0.0
        ),
        tr(
            "Borders of polygons may move by about this much to become simpler; neighbours stay neighbours, without "
            "gaps. 0: borders follow the pixels."
        ),
        advanced=True,
    )


def map_options(
    algorithm: LandSketchAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> Dict[str, Any]:
    """Returns what was chosen but for polygons, as fields of `ClassifySpec`."""
    method = SMOOTHING_CHOICES[algorithm.parameterAsEnumString(parameters, SMOOTHING, context)]
    radius = algorithm.parameterAsInt(parameters, SMOOTHING_RADIUS, context)
    return {
        "smoothing": SmoothingSpec(method, radius) if method else None,
        "format": FORMAT_CHOICES[algorithm.parameterAsEnumString(parameters, FORMAT, context)],
    }


def polygons_spec(
    algorithm: LandSketchAlgorithm, path: str, parameters: Parameters, context: QgsProcessingContext
) -> Optional[PolygonsSpec]:
    """Returns the polygons to write to `path`; None where that is empty."""
    if not path:
        return None
    return PolygonsSpec(
        path,
        algorithm.parameterAsInt(parameters, POLYGONS_SMALLEST, context),
        algorithm.parameterAsDouble(parameters, POLYGONS_TOLERANCE, context),
    )
