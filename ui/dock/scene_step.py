"""Step 1: the layers of the scene, what they were taken for, and how to put that right."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from qgis.core import QgsProcessingContext, QgsProject
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QLabel, QWidget

from ...algorithms import scene
from ...algorithms.finetune import Finetune
from ...algorithms.sources import RasterSource
from ...algorithms.stacks import STACK, stack_filter
from ...algorithms.text import tr
from ...core.errors import LandSketchError
from .layer_guess import guess_roles
from .layer_row import LayerRow
from .step import Step, align, row, text_label


class SceneStep(Step):
    """The layers of the scene; `changed` tells that another scene was described.

    Args:
        parent: The dock's page.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("1  Scene"), parent)
        self._sources: Tuple[RasterSource, ...] = ()
        self._error: Optional[LandSketchError] = None
        self.optical = LayerRow(tr("&Optical, aerial"), "optical")
        self.optical.combo.setToolTip(tr("A satellite's image, or an aerial one (RGB, with or without infrared)."))
        self.sar = LayerRow(tr("&Radar (SAR)"), "sar")
        self.embedding = LayerRow(tr("E&mbeddings"), "embedding")
        for layer_row in (self.optical, self.sar, self.embedding):
            layer_row.changed.connect(self.refresh)
            self.contents.addWidget(layer_row)
        self.stack = QgsFileWidget()
        self.stack.setFilter(stack_filter())
        self.stack.lineEdit().setPlaceholderText(tr("none"))
        self.stack.setToolTip(tr("Images of many dates as one input: a .json file that 'Build a time stack' wrote."))
        self.stack.fileChanged.connect(lambda path: self.refresh())
        label = QLabel(tr("Time stac&k"))
        label.setBuddy(self.stack.lineEdit())
        align([self.optical.title, self.sar.title, self.embedding.title, label])
        self.stack_found = text_label()
        self.contents.addLayout(row(label, self.stack))
        self.contents.addWidget(self.stack_found)
        self.refresh()

    def guess(self) -> None:
        """Chooses the project's layers where none is chosen yet."""
        rows = (self.optical, self.sar, self.embedding)
        if any(layer_row.layer() for layer_row in rows) or self.stack.filePath():
            return
        roles = guess_roles(QgsProject.instance())
        for layer_row in rows:
            if layer_row.role in roles:
                layer_row.combo.setLayer(roles[layer_row.role])

    def parameters(self) -> Dict[str, Any]:
        """Returns the scene as the algorithms' parameters."""
        result = {
            scene.OPTICAL: self.optical.layer_id(),
            scene.SAR: self.sar.layer_id(),
            scene.EMBEDDING: self.embedding.layer_id(),
            STACK: self.stack.filePath(),
        }
        for layer_row in (self.optical, self.sar, self.embedding):
            result.update(scene.reading_parameters(layer_row.reading()))
        return {name: value for name, value in result.items() if value not in (None, "")}

    def sources(self) -> Tuple[RasterSource, ...]:
        """Returns the scene's rasters, the one that gives the grid first.

        Raises:
            LandSketchError: If there is none, or they do not fit together.
        """
        if self._error is not None:
            raise self._error
        return self._sources

    def refresh(self) -> None:
        """Reads the layers anew, and shows what they are."""
        self._sources, self._error = (), None
        for layer_row in (self.optical, self.sar, self.embedding):
            layer_row.detect()
        try:
            self._sources = _read(self.parameters())
        except LandSketchError as error:
            self._error = error
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        stacked = [source for source in self._sources if source.dates]
        self.stack_found.setVisible(bool(stacked))
        self.stack_found.setText(
            "\n".join(
                tr("{role}: {n} dates, {first} to {last}").format(
                    role=source.spec.role, n=len(source.dates), first=source.dates[0], last=source.dates[-1]
                )
                for source in stacked
            )
        )
        if self._error is not None:
            self.set_state(False, str(self._error))
        else:
            self.set_state(True, ", ".join(source.name for source in self._sources))


def _read(parameters: Dict[str, Any]) -> Tuple[RasterSource, ...]:
    """Reads the scene by the very code that the algorithms read it by."""
    algorithm, context = Finetune(), QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm.initAlgorithm({})
    return scene.scene_sources(algorithm, algorithm.canonical(parameters), context)
