"""Which class a drawn feature has: from an attribute, or from the layer's categorised renderer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from qgis.core import (
    NULL,
    QgsCategorizedSymbolRenderer,
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsRendererCategory,
    QgsVectorLayer,
)

from ..core.errors import LabelError
from ..core.legend import MAX_VALUE, NO_DATA, class_key
from .text import tr


@dataclass(frozen=True)
class Category:
    """A class of the renderer: its map value, name, colour as `#rrggbb`, and the attribute values that stand for it."""

    value: int
    name: str
    colour: str
    keys: Tuple[str, ...]


@dataclass(frozen=True)
class ClassReader:
    """Tells the class of features; made in the main thread, used in any.

    Attributes:
        attribute: A field's name, or an expression.
        is_field: Whether it is a field's name.
        categories: The shown categories of the renderer; empty where the attribute's own values are the classes.
        context: What the expression may refer to.
    """

    attribute: str
    is_field: bool
    categories: Tuple[Category, ...]
    context: QgsExpressionContext

    def keys(self) -> FeatureKeys:
        """Returns a function from feature to class key; it holds a prepared expression and belongs to one thread."""
        return FeatureKeys(self)


class FeatureKeys:
    """Callable from feature to class key: text, or None where a feature has no class.

    The key is the map value of the feature's category, or the attribute's value where there are no categories.
    """

    def __init__(self, reader: ClassReader) -> None:
        self._attribute = reader.attribute
        self._lookup: Optional[Dict[str, str]] = None
        if reader.categories:
            self._lookup = {}
            for category in reader.categories:
                for key in category.keys:
                    self._lookup.setdefault(key, str(category.value))
        self._expression: Optional[QgsExpression] = None
        if not reader.is_field:
            self._context = QgsExpressionContext(reader.context)
            self._expression = QgsExpression(reader.attribute)
            self._expression.prepare(self._context)

    def __call__(self, feature: QgsFeature) -> Optional[str]:
        key = value_key(self._value(feature))
        if key is None or self._lookup is None:
            return key
        return self._lookup.get(key)

    def _value(self, feature: QgsFeature) -> Any:
        if self._expression is None:
            return feature.attribute(self._attribute)
        self._context.setFeature(feature)
        value = self._expression.evaluate(self._context)
        return None if self._expression.hasEvalError() else value


def value_key(value: Any) -> Optional[str]:
    """Returns an attribute's value as the text under which classes are compared; None for no value."""
    if value is None or value == NULL or value != value:  # NaN differs from itself
        return None
    return class_key(value) or None


def class_reader(layer: QgsVectorLayer, field: str) -> ClassReader:
    """Returns how the features of a layer get their classes.

    Args:
        layer: The layer as it is on screen.
        field: The attribute that holds the class; empty: the one of the categorised renderer.

    Raises:
        LabelError: If there is no such field, or neither a field nor a categorised renderer.
    """
    if field and layer.fields().lookupField(field) < 0:
        raise LabelError(
            tr("Layer '{layer}' has no field '{field}'; it has {fields}.").format(
                layer=layer.name(), field=field, fields=", ".join(layer.fields().names()) or tr("no fields")
            ),
            tr("Choose the field that holds the class."),
        )
    context = layer.createExpressionContext()
    renderer = layer.renderer()
    if isinstance(renderer, QgsCategorizedSymbolRenderer):
        attribute, is_field = _attribute(renderer.classAttribute(), layer)
        if not field or (is_field and layer.fields().lookupField(field) == layer.fields().lookupField(attribute)):
            return ClassReader(attribute, is_field, _categories(renderer, layer), context)
    if not field:
        raise LabelError(
            tr("Layer '{layer}' has no classes yet.").format(layer=layer.name()),
            tr("Choose the field that holds the class, or give the layer a categorised style."),
        )
    return ClassReader(layer.fields().field(layer.fields().lookupField(field)).name(), True, (), context)


def _attribute(text: str, layer: QgsVectorLayer) -> Tuple[str, bool]:
    """Returns the renderer's attribute and whether it is a field: it may be a name, a quoted name or an expression."""
    if layer.fields().lookupField(text) >= 0:
        return text, True
    expression = QgsExpression(text)
    if expression.hasParserError():
        raise LabelError(
            tr(
                "The categorised style of layer '{layer}' uses '{text}', which is neither a field nor an expression."
            ).format(layer=layer.name(), text=text),
            tr("Correct the layer's style, or choose the field that holds the class."),
        )
    columns = list(expression.referencedColumns())
    if expression.isField() and len(columns) == 1 and layer.fields().lookupField(columns[0]) >= 0:
        return columns[0], True
    return text, False


def _categories(renderer: QgsCategorizedSymbolRenderer, layer: QgsVectorLayer) -> Tuple[Category, ...]:
    """Returns the categories that are ticked on and stand for a value: 'all other values' is not a class."""
    shown = [category for category in renderer.categories() if category.renderState()]
    keyed = [(category, keys) for category, keys in ((c, _category_keys(c)) for c in shown) if keys]
    if not keyed:
        raise LabelError(
            tr("The categorised style of layer '{layer}' shows no class.").format(layer=layer.name()),
            tr("Classify it in the layer's style and tick the classes, or choose the field that holds the class."),
        )
    values = _map_values([keys for _, keys in keyed])
    return tuple(
        Category(value, category.label().strip() or keys[0], category.symbol().color().name(), keys)
        for value, (category, keys) in zip(values, keyed)
    )


def _category_keys(category: QgsRendererCategory) -> Tuple[str, ...]:
    """Returns the attribute values of a category; several where values were merged into one."""
    value = category.value()
    values: Sequence[Any] = value if isinstance(value, (list, tuple)) else [value]
    keys = [value_key(item) for item in values]
    return tuple(key for key in keys if key is not None)


def _map_values(keys: List[Tuple[str, ...]]) -> List[int]:
    """Whole numbers from 1 to 255 stay the values of the map, as in `legend_of_values`; others are numbered from 1."""
    firsts = [key[0] for key in keys]
    codes = [int(key) for key in firsts if key.isdigit() and NO_DATA < int(key) <= MAX_VALUE]
    if len(codes) == len(set(codes)) == len(keys) and all(len(key) == 1 for key in keys):
        return codes
    return list(range(1, len(keys) + 1))
