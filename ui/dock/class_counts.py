"""How many labels each class has: counted at once where they are few, in the background where they are many."""

from __future__ import annotations

from typing import Callable, Dict, Optional

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...algorithms.classes import class_reader, value_key
from ...core.errors import LabelError
from ..work import Work
from .snapshot import Snapshot

AT_ONCE = 5000
"""So many features are read in some hundredths of a second."""


class ClassCounts(QObject):
    """Counts the labels of one layer at a time.

    Attributes:
        last: What was counted last of the layer, by class.

    Args:
        parent: Its owner.
    """

    counted = pyqtSignal()
    """Counting in the background has ended."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.last: Dict[str, int] = {}
        self._layer = ""
        self._task: Optional[_CountTask] = None

    @property
    def busy(self) -> bool:
        """Whether `counted` is still to come."""
        return self._task is not None

    def count(self, layer: Optional[QgsVectorLayer]) -> None:
        """Counts how many features have each class, unsaved ones included; many of them in the background."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        name = "" if layer is None else str(layer.id())
        if name != self._layer:
            self.last, self._layer = {}, name
        position = -1 if layer is None else _class_field(layer)
        if layer is None or position < 0:
            self.last = {}
        elif 0 <= layer.featureCount() <= AT_ONCE:
            self.last = _count(Snapshot(layer), position, lambda: False)
        else:
            self._task = _CountTask(Snapshot(layer), position)
            self._task.ended.connect(self._end)
            self._task.start()

    def _end(self, task: _CountTask) -> None:
        if task is self._task:
            self._task, self.last = None, task.counts
            self.counted.emit()


class _CountTask(Work):
    """Counts in a background thread.

    Args:
        features: To count.
        position: Of the attribute with the class.
    """

    ended = pyqtSignal(object)
    """This task."""

    def __init__(self, features: Snapshot, position: int) -> None:
        super().__init__()
        self.counts: Dict[str, int] = {}
        self._features = features
        self._position = position

    def run(self) -> bool:
        """See `Work.run`."""
        self.counts = _count(self._features, self._position, self.isCanceled)
        return not self.isCanceled()

    def finished(self, succeeded: bool) -> None:
        """See `Work.finished`."""
        if succeeded:
            self.ended.emit(self)


def _class_field(layer: QgsVectorLayer) -> int:
    """Returns the index of the field by which a layer is styled; -1 where there is none."""
    try:
        reader = class_reader(layer, "")
    except LabelError:
        return -1
    return int(layer.fields().lookupField(reader.attribute)) if reader.is_field else -1


def _count(features: Snapshot, position: int, cancelled: Callable[[], bool]) -> Dict[str, int]:
    counts: Dict[str, int] = {}
    for feature in features.attributes(position):
        if cancelled():
            break
        key = value_key(feature.attribute(position))
        if key is not None:
            counts[key] = counts.get(key, 0) + 1
    return counts
