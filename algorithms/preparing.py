"""What the algorithms that prepare images share."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingParameterFileDestination

from ..core.errors import SceneError
from ..core.stack_file import Stack, is_stack, read_stack
from .base import LandSketchAlgorithm, Parameters
from .scene import layer_text
from .text import tr


class PreparingAlgorithm(LandSketchAlgorithm):
    """Base of the algorithms that prepare images."""

    def group(self) -> str:
        return tr("Preparing images")

    def groupId(self) -> str:  # noqa: N802 - QGIS fixes this name
        return "preparing"

    def prepare_job(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """There is nothing that has to be read in the main thread."""


def stack_destination(name: str, title: str, optional: bool = False) -> QgsProcessingParameterFileDestination:
    """Returns the parameter of a new time stack."""
    return QgsProcessingParameterFileDestination(
        name, title, tr("Time stack") + " (*.json)", optional=optional, createByDefault=not optional
    )


def time_stack(
    algorithm: LandSketchAlgorithm, parameters: Dict[str, Any], name: str, context: QgsProcessingContext
) -> Stack:
    """Returns the time stack of a parameter.

    Raises:
        SceneError: If it is none.
    """
    path = algorithm.parameterAsFile(parameters, name, context)
    if not is_stack(path):
        raise SceneError(
            tr("'{path}' is not a time stack.").format(path=path or layer_text(parameters.get(name))),
            tr("Choose the .json file of a time stack."),
        )
    return read_stack(path)


def image_files(stack: Stack) -> Tuple[str, ...]:
    """Returns the files of a stack, which no output may overwrite."""
    files = [band.path for item in stack.items for band in item.bands]
    masks = [item.mask.path for item in stack.items if item.mask]
    return (stack.path, *dict.fromkeys([*files, *masks]))
