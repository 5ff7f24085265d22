"""The preview in the layer tree: a group of rasters whose files are exchanged with every sketch."""

from __future__ import annotations

import os
import shutil
from typing import Any, Callable, Dict, Iterable, Mapping, Optional

from qgis.core import (
    QgsLayerTreeGroup,
    QgsLayerTreeLayer,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtGui import QColor

from ...algorithms.styling import style_confidence, style_margin
from ...algorithms.text import tr

GROUP = "LandSketch"
CLASSES, CONFIDENCE, MARGIN = "preview", "confidence", "margin"
VIEWS = (CLASSES, CONFIDENCE, MARGIN)
_STYLES: Mapping[str, Callable[[str], bool]] = {CONFIDENCE: style_confidence, MARGIN: style_margin}
_OURS = "landsketch/preview"


class Preview:
    """The group LandSketch of a project, in which one view is seen at a time.

    Args:
        project: The project.
    """

    def __init__(self, project: QgsProject) -> None:
        self._project = project
        self._view = CLASSES
        self._opacity = 0.7
        self._folder = ""

    def show(self, result: Mapping[str, Any], legend: Iterable[Mapping[str, Any]]) -> None:
        """Shows the rasters of a sketch in place of the last one's.

        Args:
            result: Their paths, by view.
            legend: Value, name and colour of each class.
        """
        for view in VIEWS:
            path = result.get(view)
            if path:
                self._show(view, path, legend)
        self.choose(self._view)
        self._forget_last(os.path.dirname(result[CLASSES]))

    def choose(self, view: str) -> None:
        """Makes one view visible and hides the others."""
        self._view = view
        for name in VIEWS:
            node = self._node(name)
            if node is not None:
                node.setItemVisibilityChecked(name == view)

    def set_opacity(self, opacity: float) -> None:
        """Sets the opacity of all views, 0 to 1."""
        self._opacity = opacity
        for view in VIEWS:
            layer = self.layer(view)
            if layer is not None:
                layer.setOpacity(opacity)
                layer.triggerRepaint()

    def hide(self, hidden: bool) -> None:
        """Hides the whole group, so that the image is seen, or shows it again."""
        group = self.group()
        if group is not None:
            group.setItemVisibilityChecked(not hidden)

    def layer(self, view: str) -> Optional[QgsRasterLayer]:
        """Returns the layer of a view; None where there is none."""
        node = self._node(view)
        return node.layer() if node is not None else None

    def group(self) -> Optional[QgsLayerTreeGroup]:
        """Returns the group; None where there is none."""
        return self._project.layerTreeRoot().findGroup(GROUP)

    def place(self) -> QgsLayerTreeGroup:
        """Returns the group, made above the topmost raster where there is none: labels stay on top."""
        root = self._project.layerTreeRoot()
        group = root.findGroup(GROUP)
        if group is not None:
            return group
        nodes = root.children()
        rasters = (place for place, node in enumerate(nodes) if _is_raster(node))
        return root.insertGroup(next(rasters, len(nodes)), GROUP)

    def _show(self, view: str, path: str, legend: Iterable[Mapping[str, Any]]) -> None:
        layer = self.layer(view)
        if layer is None:
            layer = self._add(view, path)
        else:
            # The same layer with another file: the canvas keeps the old picture until the new one is drawn.
            layer.setDataSource(path, layer.name(), "gdal", False)
        if view == CLASSES:
            classes = [QgsPalettedRasterRenderer.Class(c["value"], QColor(c["colour"]), c["name"]) for c in legend]
            layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
            layer.setOpacity(self._opacity)  # which belongs to the renderer
            layer.emitStyleChanged()
        layer.triggerRepaint()

    def _add(self, view: str, path: str) -> QgsRasterLayer:
        options = QgsRasterLayer.LayerOptions()
        options.loadDefaultStyle = view in _STYLES and _STYLES[view](path)
        layer = QgsRasterLayer(path, _titles()[view], "gdal", options)
        layer.setOpacity(self._opacity)
        layer.setCustomProperty(_OURS, view)
        self._project.addMapLayer(layer, False)
        self.place().addLayer(layer).setExpanded(view == CLASSES)
        return layer

    def _node(self, view: str) -> Optional[QgsLayerTreeLayer]:
        group = self.group()
        for node in group.findLayers() if group is not None else ():
            layer = node.layer()
            if isinstance(layer, QgsRasterLayer) and layer.customProperty(_OURS) == view:
                return node
        return None

    def _forget_last(self, folder: str) -> None:
        """Deletes the last sketch's files; a file that is still being drawn stays until QGIS ends."""
        if self._folder and self._folder != folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = folder


def is_preview(layer: Any) -> bool:
    """Whether a layer is one of ours."""
    return bool(layer.customProperty(_OURS))


def _is_raster(node: Any) -> bool:
    if isinstance(node, QgsLayerTreeGroup):
        return any(isinstance(child.layer(), QgsRasterLayer) for child in node.findLayers())
    return isinstance(node.layer(), QgsRasterLayer)


def _titles() -> Dict[str, str]:
    return {CLASSES: tr("Sketch"), CONFIDENCE: tr("Confidence of the sketch"), MARGIN: tr("Uncertainty of the sketch")}
