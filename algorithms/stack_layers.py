"""A time stack in the project: its footprints, and on request its images, played by QGIS's temporal controller."""

from __future__ import annotations

import os
from datetime import date, timedelta
from statistics import median
from typing import Dict, List, Optional, Sequence, Tuple

from qgis.core import (
    QgsDateTimeRange,
    QgsLayerTreeGroup,
    QgsMapLayer,
    QgsMultiBandColorRenderer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from ..core.errors import LandSketchError
from ..core.stack_file import StackItem, read_stack
from .compat import CUMULATIVE_CUT, FIELD_INSTANT, FIXED_RANGE, STRETCH, VECTOR_LAYER
from .text import tr

_TRUE_COLOUR = (("B04", "B03", "B02"), ("B4", "B3", "B2"), ("B3", "B2", "B1"), ("red", "green", "blue"))


def load_when_finished(path: str, images: bool, context: QgsProcessingContext) -> None:
    """Has the footprints of a stack loaded into the project once the algorithm is done, and its images if wanted."""
    name = os.path.splitext(os.path.basename(path))[0]
    details = QgsProcessingContext.LayerDetails(name, context.project(), name, VECTOR_LAYER)
    _awaiting[path] = _StackLoader(path, name, images)
    details.setPostProcessor(_awaiting[path])
    context.addLayerToLoadOnCompletion(path, details)


class _StackLoader(QgsProcessingLayerPostProcessorInterface):
    """Gives the footprints their dates, and adds the images; called by Processing in the main thread."""

    def __init__(self, path: str, name: str, images: bool) -> None:
        super().__init__()
        self._path = path
        self._name = name
        self._images = images

    def postProcessLayer(  # noqa: N802 - QGIS fixes this name
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        if isinstance(layer, QgsVectorLayer):
            date_footprints(layer)
            layer.setName(tr("Footprints of {stack}").format(stack=self._name))
        if self._images:
            try:
                add_images(self._path, context.project() or QgsProject.instance())
            except LandSketchError as error:
                feedback.pushWarning(str(error))


_awaiting: Dict[str, _StackLoader] = {}
"""QGIS takes no ownership of post-processors: without a reference here Python would delete them before they are called.
One per file, so that repeated runs do not add up."""


def date_footprints(layer: QgsVectorLayer) -> None:
    """Lets the temporal controller show each footprint on its day."""
    temporal = layer.temporalProperties()
    temporal.setMode(FIELD_INSTANT)
    temporal.setStartField("datetime")
    temporal.setIsActive(True)


def add_images(path: str, project: QgsProject) -> QgsLayerTreeGroup:
    """Adds the images of a stack to a project, a group for each kind, each shown from its day to that of the next one.

    Of an image with a file for each band, one band is shown.

    Raises:
        SceneError: If the stack cannot be read.
    """
    stack = read_stack(path)
    name = os.path.splitext(os.path.basename(path))[0]
    group = project.layerTreeRoot().insertGroup(0, name)
    titles = {"optical": tr("Optical images"), "sar": tr("Radar images")}
    for role in stack.roles:
        items = stack.of(role)
        under = group.addGroup(titles[role]) if len(stack.roles) > 1 else group
        for item, (start, end) in zip(items, _spans([item.date for item in items])):
            layer = image_layer(item, start, end)
            if layer is not None:
                project.addMapLayer(layer, False)
                under.addLayer(layer).setExpanded(False)
        under.setExpanded(False)
    return group


def image_layer(item: StackItem, start: date, end: date) -> Optional[QgsRasterLayer]:
    """Returns the layer of an image, in true colour where it has such bands; None where its file cannot be opened.

    Args:
        item: The image.
        start: First day on which it is shown.
        end: First day on which it is not shown any more.
    """
    shown = next((rgb for rgb in _TRUE_COLOUR if set(rgb) <= {band.name for band in item.bands}), ())
    bands = {band.name: band for band in item.bands}
    first = bands[shown[0]] if shown else item.bands[0]
    layer = QgsRasterLayer(first.path, f"{item.date} {item.id}")
    if not layer.isValid():
        return None
    if shown and all(bands[name].path == first.path for name in shown):
        numbers = [bands[name].index for name in shown]
        layer.setRenderer(QgsMultiBandColorRenderer(layer.dataProvider(), *numbers))
        layer.setContrastEnhancement(STRETCH, CUMULATIVE_CUT)
    temporal = layer.temporalProperties()
    temporal.setMode(FIXED_RANGE)
    temporal.setFixedTemporalRange(QgsDateTimeRange(_midnight(start), _midnight(end), True, False))
    temporal.setIsActive(True)
    return layer


def _spans(days: Sequence[str]) -> List[Tuple[date, date]]:
    """Returns from when to when each of several days, in order, is the latest one."""
    starts = [date.fromisoformat(day) for day in days]
    distinct = sorted(set(starts))
    steps = [later - earlier for earlier, later in zip(distinct, distinct[1:])]
    usual = timedelta(days=max(round(median(step.days for step in steps)), 1)) if steps else timedelta(days=1)
    following = dict(zip(distinct, [*distinct[1:], distinct[-1] + usual]))
    return [(start, following[start]) for start in starts]


def _midnight(day: date) -> QDateTime:
    return QDateTime(QDate(day.year, day.month, day.day), QTime(0, 0), Qt.TimeSpec.UTC)
