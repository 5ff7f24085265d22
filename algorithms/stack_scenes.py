"""A time stack among the scenes to learn from: its own dates, or a series beside finer images."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from qgis.core import QgsProcessingContext, QgsProcessingParameterFile

from ..core.errors import SceneError
from ..core.sensors import AUTO
from .base import LandSketchAlgorithm
from .sources import RasterSource
from .stacks import STACK, stack_filter, stack_sources
from .text import tr


def add_training_stack(algorithm: LandSketchAlgorithm) -> None:
    """Declares a time stack whose dates are learned from."""
    algorithm.add(
        QgsProcessingParameterFile(STACK, tr("Time stack"), optional=True, fileFilter=stack_filter()),
        tr(
            "A .json file that 'Build a time stack' wrote. Its dates are learned from one by one, as a series of one "
            "place, each optical image together with the radar image of the nearest date; what its cloud masks hide is "
            "left out. With the network 'two-branch' its optical dates are the series beside each optical image."
        ),
    )


def own_stack(
    algorithm: LandSketchAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext
) -> Tuple[RasterSource, ...]:
    """Returns the sources of the time stack in place of layers; none where none was given.

    Raises:
        SceneError: If it cannot be read.
    """
    return tuple(stack_sources(algorithm, parameters, context, (), AUTO))


def series_beside(
    algorithm: LandSketchAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext
) -> Optional[RasterSource]:
    """Returns the optical dates of the time stack as a series beside images; None where none was given.

    Raises:
        SceneError: If it cannot be read, or has no optical dates.
    """
    sources = stack_sources(algorithm, parameters, context, ("optical",), AUTO)
    series = next((source for source in sources if source.spec.role == "series"), None)
    if sources and series is None:
        raise SceneError(
            tr("Time stack '{stack}' holds radar images only.").format(stack=sources[0].name),
            tr("Give one with optical images."),
        )
    return series
