"""Whether a scene is what a checkpoint was made for."""

from __future__ import annotations

from .cards import Card, check_bands, check_roles
from .scenes import Scene

GSD_TOLERANCE = 1.25
"""Pixel sizes that differ by no more than this factor look the same to a network."""


def check_scene(card: Card, scene: Scene, path: str) -> None:
    """Checks that a scene has what a checkpoint needs.

    Raises:
        CheckpointError: If it has not, naming both.
    """
    check_roles(card.sources, scene.roles, path)
    for source in card.sources:
        check_bands(source, scene.source(source.role).match, scene.source(source.role).layer, path)


def differences(card: Card, scene: Scene) -> list[str]:
    """Returns in words where a scene is like, but not the same as, what a checkpoint was trained on."""
    lines = []
    for source in card.sources:
        layer = scene.source(source.role)
        if layer.match.sensor != source.sensor:
            lines.append(f"'{layer.layer}' is {layer.match.sensor}; the checkpoint was trained on {source.sensor}.")
        if source.gsd and not 1 / GSD_TOLERANCE < layer.grid.gsd / source.gsd < GSD_TOLERANCE:
            sizes = f"has pixels of {layer.grid.gsd:.3g} m; the checkpoint was trained on {source.gsd:.3g} m"
            lines.append(f"'{layer.layer}' {sizes}.")
    return lines
