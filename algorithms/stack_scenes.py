"""The dates of a time stack as scenes to learn from, one after the other."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date
from typing import Any, Dict, List, Optional, Sequence, Tuple

from qgis.core import QgsProcessingContext, QgsProcessingParameterFile

from ..core.errors import SceneError
from ..core.sensors import BandMatch
from ..core.specs import SourceSpec
from ..core.stack_file import StackItem, read_stack
from .base import LandSketchAlgorithm
from .images import file_image
from .sources import RasterSource
from .stacks import STACK, stack_filter
from .text import tr

Dated = Tuple[str, Tuple[RasterSource, ...]]
"""A day and the images of it."""


def add_training_stack(algorithm: LandSketchAlgorithm) -> None:
    """Declares a time stack whose dates are learned from."""
    algorithm.add(
        QgsProcessingParameterFile(STACK, tr("Time stack"), optional=True, fileFilter=stack_filter()),
        tr(
            "A .json file that 'Build a time stack' wrote. Its dates are learned from as a series of one place, each "
            "optical image together with the radar image of the nearest date. Clouds are not hidden: drop cloudy dates "
            "when building it."
        ),
    )


def stack_dates(
    algorithm: LandSketchAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext
) -> List[Dated]:
    """Returns the images of a time stack by date; none where none was given.

    Raises:
        SceneError: If it cannot be read, or an image is not a file of its own.
    """
    path = algorithm.parameterAsFile(parameters, STACK, context)
    if not path:
        return []
    stack = read_stack(path)
    _check_own_files(stack.items, os.path.basename(path))
    radar, optical = stack.of("sar"), stack.of("optical")
    dated = []
    for item in optical:
        nearest = _nearest(item, radar)
        dated.append((item.date, (_source(item), *([_source(nearest)] if nearest else []))))
    return dated or [(item.date, (_source(item),)) for item in radar]


def _check_own_files(items: Sequence[StackItem], name: str) -> None:
    """Learning reads one file for each image."""
    shared = Counter(path for item in items for path in {band.path for band in item.bands})
    for item in items:
        paths = {band.path for band in item.bands}
        if len(paths) > 1 or shared[next(iter(paths))] > 1:
            raise SceneError(
                tr("'{image}' of time stack '{stack}' is not one file of its own, which learning needs.").format(
                    image=item.id, stack=name
                ),
                tr("Merge its bands into a file, or make composites of the time stack first."),
            )


def _nearest(item: StackItem, others: Sequence[StackItem]) -> Optional[StackItem]:
    def days(other: StackItem) -> Tuple[int, str]:
        return abs((date.fromisoformat(other.date) - date.fromisoformat(item.date)).days), other.id

    return min(others, key=days) if others else None


def _source(item: StackItem) -> RasterSource:
    """Returns an image as a source of its own, with what the stack knows of it."""
    path = item.bands[0].path
    layer = file_image(path).layer()
    names = {band.index: band.name for band in item.bands}
    match = BandMatch(item.sensor, tuple(names.get(index, "") for index in range(1, layer.bandCount() + 1)))
    spec = SourceSpec(item.role, path, item.sensor, item.units, offset=item.offset)
    return RasterSource(item.id, spec, match, layer.extent(), layer.crs())
