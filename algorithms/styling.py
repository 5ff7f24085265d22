"""Styles of the results: saved beside each raster, so that it opens styled anywhere, and given to loaded layers."""

from __future__ import annotations

import os
from typing import Dict, Optional

from qgis.core import (
    QgsColorRampShader,
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor

from ..core.legend import ClassLegend
from .text import tr

CONFIDENCE_COLOURS = ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725")
"""Viridis: even steps to the eye, also for the colour-blind and in print."""


def style_class_map(path: str, legend: ClassLegend) -> bool:
    """Saves the legend's names and colours as the default style of a class map.

    Returns:
        Whether it could be saved.
    """
    layer = _layer(path)
    classes = [QgsPalettedRasterRenderer.Class(c.value, QColor(c.colour), c.name) for c in legend]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    return _save(layer, path)


def style_confidence(path: str) -> bool:
    """Saves a style from dark (0) to bright (1) as the default style of a confidence raster.

    Returns:
        Whether it could be saved.
    """
    layer = _layer(path)
    steps = len(CONFIDENCE_COLOURS) - 1
    ramp = QgsColorRampShader(0.0, 1.0)
    ramp.setColorRampItemList(
        [
            QgsColorRampShader.ColorRampItem(i / steps, QColor(colour), f"{100 * i // steps} %")
            for i, colour in enumerate(CONFIDENCE_COLOURS)
        ]
    )
    shader = QgsRasterShader(0.0, 1.0)
    shader.setRasterShaderFunction(ramp)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(0.0)
    renderer.setClassificationMax(1.0)
    layer.setRenderer(renderer)
    return _save(layer, path)


def style_path(path: str) -> str:
    """Returns where QGIS looks for the default style of a raster file."""
    return os.path.splitext(path)[0] + ".qml"


def _layer(path: str) -> QgsRasterLayer:
    options = QgsRasterLayer.LayerOptions()
    options.loadDefaultStyle = False  # one of an earlier run may lie there
    return QgsRasterLayer(path, os.path.basename(path), "gdal", options)


def _save(layer: QgsRasterLayer, path: str) -> bool:
    _, saved = layer.saveNamedStyle(style_path(path))
    return bool(saved)


class StyledLayer(QgsProcessingLayerPostProcessorInterface):
    """Names a result and gives it its style once it is in the project.

    Loading a file applies its default style, but the user's own settings of Processing may lay another one over it.

    Args:
        name: The layer's name.
        style: Path of its style; empty: the layer keeps what it has.
    """

    def __init__(self, name: str, style: str = "") -> None:
        super().__init__()
        self._name = name
        self._style = style

    def postProcessLayer(  # noqa: N802 - QGIS fixes this name
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Called by Processing in the main thread."""
        layer.setName(self._name)
        if self._style and os.path.isfile(self._style):
            layer.loadNamedStyle(self._style)
            layer.triggerRepaint()


_awaiting: Dict[str, StyledLayer] = {}
"""QGIS takes no ownership of post-processors: without a reference here Python would delete them before they are called.
One per file, so that repeated runs do not add up."""


def style_when_loaded(path: str, name: str, context: QgsProcessingContext, style: Optional[str] = None) -> None:
    """Has the result at `path` named and styled if it is going to be loaded into the project."""
    if not context.willLoadLayerOnCompletion(path):
        return
    _awaiting[path] = StyledLayer(name, style_path(path) if style is None else style)
    context.layerToLoadOnCompletionDetails(path).setPostProcessor(_awaiting[path])


def default_name(kind: str, image: str) -> str:
    """Returns a layer name such as 'Class map of s2_july'."""
    return tr("{kind} of {image}").format(kind=kind, image=image)
