"""Styles of the results, and of the layers that they are loaded as.

A raster's style is saved beside it, so that it opens styled anywhere; the engine puts that of polygons into their file.
"""

from __future__ import annotations

import os
from typing import Dict, Sequence

from qgis.core import (
    Qgis,
    QgsColorRampShader,
    QgsMapLayer,
    QgsMultiBandColorRenderer,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandGrayRenderer,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor

from ..core.legend import ClassLegend
from ..core.specs import ClassifySpec
from .compat import CUMULATIVE_CUT, STRETCH
from .text import tr

CONFIDENCE_COLOURS = ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725")
"""Viridis: even steps to the eye, also for the colour-blind and in print."""

DOUBT_COLOURS = ("#ffffff", "#fdd0a2", "#fd8d3c", "#d94801", "#7f2704")
"""White where the classifier is certain, dark where it is in doubt (Oranges of ColorBrewer)."""


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
    return _style_share(path, CONFIDENCE_COLOURS)


def style_entropy(path: str) -> bool:
    """Saves a style from white (0) to dark (1) as the default style of an entropy raster.

    Returns:
        Whether it could be saved.
    """
    return _style_share(path, DOUBT_COLOURS)


def style_margin(path: str) -> bool:
    """Saves a style from dark (0) to white (1) as the default style of a margin raster.

    Returns:
        Whether it could be saved.
    """
    return _style_share(path, DOUBT_COLOURS[::-1])


def style_features(path: str) -> bool:
    """Saves a style with the first three features as red, green and blue as the default style of a raster.

    Between 2 and 98 % of the values of each are spread over its colour; with fewer than three, the first is shown in
    grey.

    Returns:
        Whether it could be saved.
    """
    layer = _layer(path)
    provider = layer.dataProvider()
    if layer.bandCount() >= 3:
        layer.setRenderer(QgsMultiBandColorRenderer(provider, 1, 2, 3))
    else:
        layer.setRenderer(QgsSingleBandGrayRenderer(provider, 1))
    layer.setContrastEnhancement(STRETCH, CUMULATIVE_CUT)
    return _save(layer, path)


def shows_int8() -> bool:
    """Whether this QGIS and its GDAL know rasters of signed 8-bit numbers: QGIS 3.30 and GDAL 3.7 do.

    Earlier ones take negative numbers for large positive ones.
    """
    try:
        from osgeo import gdal
    except ImportError:  # without its Python module, nothing tells GDAL's version
        return False
    return hasattr(Qgis.DataType, "Int8") and hasattr(gdal, "GDT_Int8")


def style_rasters(spec: ClassifySpec, legend: ClassLegend) -> bool:
    """Saves the default styles of all rasters of a classification.

    Returns:
        Whether all could be saved.
    """
    saved = [style_class_map(spec.output, legend)]
    for path, style in (
        (spec.confidence, style_confidence),
        (spec.entropy, style_entropy),
        (spec.margin, style_margin),
    ):
        if path:
            saved.append(style(path))
    return all(saved)


def _style_share(path: str, colours: Sequence[str]) -> bool:
    """Saves even steps from the first colour (0) to the last (1) as a raster's default style."""
    layer = _layer(path)
    steps = len(colours) - 1
    ramp = QgsColorRampShader(0.0, 1.0)
    ramp.setColorRampItemList(
        [
            QgsColorRampShader.ColorRampItem(i / steps, QColor(colour), f"{100 * i // steps} %")
            for i, colour in enumerate(colours)
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

    Processing opens results without their default style, and the user's own settings may give them another one.

    Args:
        name: The layer's name.
        styled: Whether there is a style of ours: beside a raster, or inside a GeoPackage.
    """

    def __init__(self, name: str, styled: bool = True) -> None:
        super().__init__()
        self._name = name
        self._styled = styled

    def postProcessLayer(  # noqa: N802 - QGIS fixes this name
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Called by Processing in the main thread."""
        layer.setName(self._name)
        if self._styled:
            layer.loadDefaultStyle()
            layer.triggerRepaint()


_awaiting: Dict[str, StyledLayer] = {}
"""QGIS takes no ownership of post-processors: without a reference here Python would delete them before they are called.
One per file, so that repeated runs do not add up."""


def style_when_loaded(path: str, name: str, context: QgsProcessingContext, styled: bool = True) -> None:
    """Has the result at `path` named and styled if it is going to be loaded into the project."""
    if not context.willLoadLayerOnCompletion(path):
        return
    _awaiting[path] = StyledLayer(name, styled)
    context.layerToLoadOnCompletionDetails(path).setPostProcessor(_awaiting[path])


def default_name(kind: str, image: str) -> str:
    """Returns a layer name such as 'Class map of s2_july'."""
    return tr("{kind} of {image}").format(kind=kind, image=image)
