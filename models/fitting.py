"""Whether the tensors of a file are those of an encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ..core.errors import CheckpointError
from .recognition import FIRST_LAYERS

LEAST_MATCH = 0.95
"""Share of an encoder's tensors that a file must hold."""

_ESSENTIAL = (*FIRST_LAYERS, "pos_embed", "cls_token")
"""Without these, features are noise, however many other tensors match."""

_NAMES_SHOWN = 12


@dataclass(frozen=True)
class Report:
    """How a file's tensors fit the encoder.

    Attributes:
        matched: How many are taken over.
        missing: Names of the encoder's tensors that the file lacks; they keep their untrained values.
        unexpected: Names in the file, prefixes taken off, that the encoder has no use for.
    """

    matched: int
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Returns the report as plain JSON values."""
        return {"matched": self.matched, "missing": list(self.missing), "unexpected": list(self.unexpected)}


def compared(
    wanted: Mapping[str, Tensor], weights: Mapping[str, Tensor], given: Mapping[str, Tensor], what: str
) -> Report:
    """Compares names and shapes.

    Args:
        wanted: The encoder's tensors.
        weights: Those for it, by its names.
        given: All tensors of the file, by their names there.
        what: File and encoder, for errors.

    Raises:
        CheckpointError: If too many tensors are missing, an essential one is, or any has another shape.
    """
    missing = tuple(name for name in wanted if name not in weights)
    reshaped = tuple(n for n in wanted if n in weights and wanted[n].shape != weights[n].shape)
    matched = {name for name in wanted if name in weights and name not in reshaped}
    used = {id(weights[name]) for name in matched}
    unexpected = tuple(name for name, tensor in given.items() if id(tensor) not in used and name not in matched)
    essential = any(name.split(".", 1)[-1] in _ESSENTIAL or name in _ESSENTIAL for name in missing)
    if reshaped or essential or len(matched) < LEAST_MATCH * len(wanted):
        shapes = [f"{n} {tuple(weights[n].shape)} instead of {tuple(wanted[n].shape)}" for n in reshaped]
        raise CheckpointError(
            f"{what}: {len(matched)} of {len(wanted)} tensors match. "
            f"Missing: {in_short(missing)}. Of another shape: {in_short(shapes)}. "
            f"Unexpected: {in_short(unexpected)}.",
            "Choose another encoder or file.",
        )
    return Report(len(matched), missing, unexpected)


def in_short(names: Sequence[str]) -> str:
    """Returns names in a readable list, the first of them where there are many."""
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(names[:_NAMES_SHOWN]) + more or "none"
