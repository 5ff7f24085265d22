"""Builds the registry of encoders; `python -m landsketch.models.registry` writes it to where it is read."""

from __future__ import annotations

from ...core.encoder_registry import EncoderEntry
from . import many_sensors, others, torchgeo_weights


def build() -> tuple[EncoderEntry, ...]:
    """Returns all entries, in the order of their ids."""
    built = [entry for entry, _ in torchgeo_weights.offered()]
    return tuple(sorted([*built, *many_sensors.entries(), *others.entries()], key=lambda entry: entry.id))
