"""What the dock would run, as commands for `qgis_process`."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import Any, Dict, Mapping

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer

from ...algorithms.text import tr
from ...core.errors import LabelError


def command(algorithm: str, parameters: Mapping[str, Any]) -> str:
    """Returns a command line that runs an algorithm, with layers as the files behind them.

    Raises:
        LabelError: If a layer exists in QGIS alone.
    """
    words = ["qgis_process", "run", algorithm]
    words += [f"--{name}={_text(value)}" for name, value in parameters.items() if value not in (None, "")]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else " ".join(shlex.quote(word) for word in words)


def finetune_and_classify(finetune: Dict[str, Any], classify: Dict[str, Any], checkpoint: str, map_path: str) -> str:
    """Returns the two commands that make the map of the whole scene as the dock would."""
    trained = command("landsketch:finetune", {**finetune, "OUTPUT": checkpoint})
    return trained + "\n" + command("landsketch:classify", {**classify, "CHECKPOINT": checkpoint, "OUTPUT": map_path})


def _text(value: Any) -> str:
    layer = QgsProject.instance().mapLayer(value) if isinstance(value, str) else value
    if not isinstance(layer, QgsMapLayer):
        return str(value)
    if isinstance(layer, QgsVectorLayer) and (layer.providerType() == "memory" or layer.isModified()):
        raise LabelError(
            tr("Layer '{layer}' has labels that exist in QGIS alone.").format(layer=layer.name()),
            tr("Save the edits, and the layer to a file, before you copy the command."),
        )
    return str(layer.source())
