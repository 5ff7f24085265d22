"""The classes of a label layer, which are the categories of its style: read, added, renamed, coloured, removed.

The style is the only place where they are kept, so that the dock, QGIS' style panel and the algorithms agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Tuple

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsRendererCategory,
    QgsSimpleFillSymbolLayer,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from ...algorithms.classes import class_reader, value_key
from ...algorithms.labels import FeatureInput
from ...algorithms.text import tr
from ...core.errors import LabelError
from ...core.legend import MAX_VALUE
from .snapshot import Snapshot

COLOURS = (
    "#0072b2", "#117733", "#e69f00", "#d55e00", "#56b4e9", "#999933", "#cc79a7", "#f0e442", "#44aa99", "#882255",
    "#661100", "#888888",
)  # fmt: skip
"""Of new classes: those of Okabe and Ito and of Tol, which the colour-blind can tell apart too."""

_FILL_OPACITY = 0.35
"""The image has to be seen through a drawn label."""

_OUTLINE_MM = 0.6


@dataclass(frozen=True)
class DrawnClass:
    """A class of a label layer.

    Attributes:
        index: Of its category in the style.
        value: Of the attribute; what a drawn feature gets.
        name: Of the class.
        colour: As `#rrggbb`.
        count: How many features have it.
        key: Text by which the value is recognised; of the first one where several were merged.
    """

    index: int
    value: Any
    name: str
    colour: str
    count: int
    key: str


def labels_of(layer: QgsVectorLayer, transforms: Any) -> FeatureInput:
    """Returns the features of a layer as they are now, with their classes.

    Raises:
        LabelError: If the layer has no categorised style.
    """
    return FeatureInput(layer.name(), Snapshot(layer), class_reader(layer, ""), transforms)


def has_classes(layer: QgsVectorLayer) -> bool:
    """Whether a layer is styled by category."""
    try:
        return bool(class_reader(layer, "").categories)
    except LabelError:
        return False


def classes_of(layer: QgsVectorLayer, counts: Mapping[str, int]) -> Tuple[DrawnClass, ...]:
    """Returns the classes of a layer; none where it has no categorised style.

    Args:
        layer: The layer.
        counts: How many features have each value.
    """
    renderer = layer.renderer()
    if not has_classes(layer):
        return ()
    return tuple(
        DrawnClass(
            index,
            category.value(),
            category.label() or str(category.value()),
            category.symbol().color().name(),
            sum(counts.get(key, 0) for key in _keys(category)),
            _keys(category)[0],
        )
        for index, category in enumerate(renderer.categories())
        if _keys(category)
    )


def classify_by(layer: QgsVectorLayer, field: str) -> None:
    """Styles a layer by the values of a field, one class for each."""
    values = sorted(layer.uniqueValues(layer.fields().lookupField(field)), key=lambda value: (str(type(value)), value))
    renderer = QgsCategorizedSymbolRenderer(field, [])
    for number, value in enumerate(value for value in values if value_key(value) is not None):
        renderer.addCategory(_category(layer, value, str(value), COLOURS[number % len(COLOURS)]))
    _apply(layer, renderer)


def add_class(layer: QgsVectorLayer) -> None:
    """Adds a class with the next free value, which a field of text holds as its name."""
    renderer = _renderer(layer)
    taken = {key for category in renderer.categories() for key in _keys(category)}
    number = next(n for n in range(1, MAX_VALUE + 2) if str(n) not in taken and _name(n) not in taken)
    value = number if _is_number_field(layer, renderer.classAttribute()) else _name(number)
    renderer.addCategory(_category(layer, value, _name(number), COLOURS[(number - 1) % len(COLOURS)]))
    _apply(layer, renderer)


def rename_class(layer: QgsVectorLayer, index: int, name: str) -> None:
    """Gives a class another name; the features keep their value."""
    renderer = _renderer(layer)
    renderer.updateCategoryLabel(index, name)
    _apply(layer, renderer)


def recolour_class(layer: QgsVectorLayer, index: int, colour: QColor) -> None:
    """Gives a class another colour."""
    renderer = _renderer(layer)
    category = renderer.categories()[index]  # owns its symbol
    symbol = category.symbol().clone()
    _paint(symbol, colour)
    renderer.updateCategorySymbol(index, symbol)
    _apply(layer, renderer)


def remove_class(layer: QgsVectorLayer, index: int) -> None:
    """Removes a class from the style."""
    renderer = _renderer(layer)
    renderer.deleteCategory(index)
    _apply(layer, renderer)


def class_attribute(layer: QgsVectorLayer) -> Optional[int]:
    """Returns the index of the field by which a layer is styled; None where that is an expression."""
    reader = class_reader(layer, "")
    return int(layer.fields().lookupField(reader.attribute)) if reader.is_field else None


def start_style(layer: QgsVectorLayer, field: str, count: int) -> None:
    """Styles a new layer with so many classes."""
    layer.setRenderer(QgsCategorizedSymbolRenderer(field, []))
    for _ in range(count):
        add_class(layer)


def _renderer(layer: QgsVectorLayer) -> QgsCategorizedSymbolRenderer:
    """Returns a copy: a map that is being drawn may use the layer's own one."""
    return layer.renderer().clone()


def _apply(layer: QgsVectorLayer, renderer: QgsCategorizedSymbolRenderer) -> None:
    layer.setRenderer(renderer)
    layer.triggerRepaint()
    layer.emitStyleChanged()


def _category(layer: QgsVectorLayer, value: Any, name: str, colour: str) -> QgsRendererCategory:
    symbol = QgsSymbol.defaultSymbol(layer.geometryType())
    part = symbol.symbolLayer(0)
    if isinstance(part, QgsSimpleFillSymbolLayer):
        part.setStrokeWidth(_OUTLINE_MM)
        part.setFillColor(QColor.fromRgbF(0, 0, 0, _FILL_OPACITY))
    _paint(symbol, QColor(colour))
    return QgsRendererCategory(value, symbol, name)


def _paint(symbol: QgsSymbol, colour: QColor) -> None:
    """Gives a symbol a colour; a polygon stays as transparent as it was, in an opaque outline."""
    part = symbol.symbolLayer(0)
    fill = QColor(colour)
    fill.setAlphaF(symbol.color().alphaF())
    symbol.setColor(fill)
    if isinstance(part, QgsSimpleFillSymbolLayer):
        part.setStrokeColor(QColor(colour))


def _name(number: int) -> str:
    return str(tr("Class {n}").format(n=number))


def _is_number_field(layer: QgsVectorLayer, attribute: str) -> bool:
    index = layer.fields().lookupField(attribute)
    return index >= 0 and layer.fields().field(index).isNumeric()


def _keys(category: QgsRendererCategory) -> List[str]:
    value = category.value()
    values = value if isinstance(value, (list, tuple)) else [value]
    return [key for key in (value_key(item) for item in values) if key is not None]
