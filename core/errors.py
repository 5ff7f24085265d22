"""Errors that say what was given, what was expected and what to do.

Standard library only: the worker sends them over the process boundary as `{kind, message, hint}` and the QGIS side
raises them again as Processing exceptions.
"""

from __future__ import annotations

from typing import Dict


class LandSketchError(Exception):
    """A failure that the user can act on.

    Args:
        message: What was given and what was expected, in one or two sentences that name the input.
        hint: What to do about it.
    """

    kind = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def to_json(self) -> Dict[str, str]:
        """Returns the error as it travels from the engine to QGIS."""
        return {"kind": self.kind, "message": self.message, "hint": self.hint}


class SpecError(LandSketchError):
    """A job's specification is incomplete or contradicts itself."""

    kind = "spec"


class SceneError(LandSketchError):
    """A raster cannot be read, or is not what the job needs."""

    kind = "scene"


class LabelError(LandSketchError):
    """The labels cannot be used: wrong field, no overlap with the scene, one class only."""

    kind = "labels"


class CheckpointError(LandSketchError):
    """A checkpoint is not one, is damaged, or does not fit the layers."""

    kind = "checkpoint"


class OutputError(LandSketchError):
    """A result cannot be written: no such folder, no permission, disk full."""

    kind = "output"


class EngineError(LandSketchError):
    """The engine's environment is missing, or its process ended unexpectedly."""

    kind = "engine"


class Cancelled(LandSketchError):
    """The user stopped the job."""

    kind = "cancelled"

    def __init__(self, message: str = "The job was cancelled.", hint: str = "") -> None:
        super().__init__(message, hint)
