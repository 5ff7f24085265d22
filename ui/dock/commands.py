"""What the dock would run, as commands for `qgis_process`."""

from __future__ import annotations

from typing import Any, Dict

from ...algorithms.commands import command


def finetune_and_classify(finetune: Dict[str, Any], classify: Dict[str, Any], checkpoint: str, map_path: str) -> str:
    """Returns the two commands that make the map of the whole scene as the dock would."""
    trained = command("landsketch:finetune", {**finetune, "OUTPUT": checkpoint})
    return trained + "\n" + command("landsketch:classify", {**classify, "CHECKPOINT": checkpoint, "OUTPUT": map_path})
