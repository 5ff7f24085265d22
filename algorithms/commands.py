"""What an algorithm was asked for: as plain values, and as a command for `qgis_process`."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from qgis.core import (
    NULL,
    QgsCategorizedSymbolRenderer,
    QgsMapLayer,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterField,
    QgsProject,
    QgsProperty,
    QgsVectorLayer,
)

from ..bridge.history import Call
from ..core.errors import LabelError
from .text import tr

if TYPE_CHECKING:
    from .base import LandSketchAlgorithm


def command(algorithm: str, parameters: Mapping[str, Any]) -> str:
    """Returns a command line that runs an algorithm, with layers as the files behind them.

    Raises:
        LabelError: If a layer exists in QGIS alone.
    """
    words = ["qgis_process", "run", algorithm]
    for name, value in parameters.items():
        if value not in (None, ""):
            # Several values of one parameter are said one by one.
            several = value if isinstance(value, (list, tuple)) else [value]
            words += [f"--{name}={_text(one)}" for one in several]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else " ".join(shlex.quote(word) for word in words)


def call_of(algorithm: LandSketchAlgorithm, parameters: Mapping[str, Any], project: QgsProject) -> Call:
    """Describes a call of an algorithm, so that it can be repeated; in the main thread, where layers live.

    Args:
        algorithm: The algorithm.
        parameters: As it was given them.
        project: Whose layers they may name.
    """
    known = {p.name() for p in algorithm.parameterDefinitions()}
    layers = {name: _layers(value, project) for name, value in parameters.items() if name in known}
    values = {name: _plain(value, project) for name, value in parameters.items() if name in known}
    line, note = "", ""
    try:
        for found in layers.values():
            for layer in found:
                _text(layer)
        if any(_selected_only(value) for value in parameters.values()):
            raise LabelError(
                tr("Only the selected features were used, which a command cannot say."),
                tr("Save them to a layer of their own."),
            )
        line = command(algorithm.id(), {**values, **_fields(algorithm, values, layers)})
    except LabelError as error:
        note = str(error)
    return Call(algorithm.id(), algorithm.displayName(), values, line, note)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    layer = QgsProject.instance().mapLayer(value) if isinstance(value, str) else value
    if not isinstance(layer, QgsMapLayer):
        return str(value)
    if isinstance(layer, QgsVectorLayer) and (layer.providerType() == "memory" or layer.isModified()):
        raise LabelError(
            tr("Layer '{layer}' has labels that exist in QGIS alone.").format(layer=layer.name()),
            tr("Save the edits, and the layer to a file, before you copy the command."),
        )
    return str(layer.source())


def _plain(value: Any, project: QgsProject) -> Any:
    """Returns a parameter's value as JSON knows it; a layer as its file, or as its id where it has none."""
    value = _static(value)
    if isinstance(value, dict):
        return {str(name): _plain(one, project) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one, project) for one in value]
    layer = project.mapLayer(value) if isinstance(value, str) else value
    if isinstance(layer, QgsMapLayer):
        return layer.id() if layer.providerType() == "memory" else layer.source()
    return value if isinstance(value, (bool, int, float, str)) or value is None else str(value)


def _static(value: Any) -> Any:
    """Returns what stands in the wrappings that Processing may put around a value."""
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink
    if isinstance(value, QgsProperty):
        value = value.staticValue()
    return None if value == NULL else value


def _selected_only(value: Any) -> bool:
    return isinstance(value, QgsProcessingFeatureSourceDefinition) and bool(value.selectedFeaturesOnly)


def _layers(value: Any, project: QgsProject) -> List[QgsMapLayer]:
    """Returns the layers that a value stands for."""
    value = _static(value)
    if isinstance(value, (list, tuple)):
        return [layer for one in value for layer in _layers(one, project)]
    layer = project.mapLayer(value) if isinstance(value, str) else value
    return [layer] if isinstance(layer, QgsMapLayer) else []


def _fields(
    algorithm: LandSketchAlgorithm, values: Mapping[str, Any], layers: Mapping[str, List[QgsMapLayer]]
) -> Dict[str, str]:
    """Returns the fields that were left to the style of a layer, which a command does not see."""
    fields = [p for p in algorithm.parameterDefinitions() if isinstance(p, QgsProcessingParameterField)]
    parents = {definition.name(): definition.parentLayerParameterName() for definition in fields}
    found = {}
    for name, parent in {**parents, **dict(algorithm.CLASS_FIELDS)}.items():
        styled = _styled_by((layers.get(parent) or [None])[0])
        if not values.get(name) and styled:
            found[name] = styled
    return found


def _styled_by(layer: Optional[QgsMapLayer]) -> str:
    """Returns the field by which a layer is styled; empty where it is none."""
    renderer = layer.renderer() if isinstance(layer, QgsVectorLayer) else None
    if layer is None or not isinstance(renderer, QgsCategorizedSymbolRenderer):
        return ""
    attribute = str(renderer.classAttribute())
    return attribute if layer.fields().indexOf(attribute) >= 0 else ""
