"""Whether a scene is what a checkpoint was made for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from .cards import BY_POSITION, Card, SourceCard, check_bands, check_roles
from .errors import CheckpointError
from .input_range import out_of_range
from .scenes import Scene, Source
from .sensors import AUTO, GENERIC
from .specs import SourceSpec

GSD_TOLERANCE = 1.25
"""Pixel sizes that differ by no more than this factor look the same to a network."""

JUDGED_PIXELS = 20_000

SEASON_DAYS = 31
"""Dates that lie no further apart in the year show about the same."""


def check_scene(card: Card, scene: Scene, path: str) -> None:
    """Checks that a scene has what a checkpoint needs.

    Raises:
        CheckpointError: If it has not, naming both.
    """
    check_roles(card.sources, scene.roles, path)
    check_layers(card, scene, path)


def check_layers(card: Card, scene: Scene, path: str) -> None:
    """Checks that the layers that a checkpoint reads of a scene have its bands and dates.

    Raises:
        CheckpointError: If they have not, naming both.
    """
    for source in _present(card, scene):
        check_bands(source, scene.source(source.role).match, scene.source(source.role).layer, path)
        _check_dates(source, scene.source(source.role), path)


def _check_dates(card: SourceCard, layer: Source, path: str) -> None:
    if card.dates and not layer.dates:
        raise CheckpointError(
            f"Checkpoint '{path}' was made for time stacks; '{layer.layer}' is a single image.",
            "Choose a time stack (.json), or another checkpoint.",
        )
    if layer.dates and not card.dates:
        raise CheckpointError(
            f"Checkpoint '{path}' was made for single images; '{layer.layer}' is a time stack of {len(layer.dates)} "
            "dates.",
            "Choose one of its images or a composite of them, or another checkpoint.",
        )


def specs_for(card: Card, specs: Sequence[SourceSpec]) -> tuple[SourceSpec, ...]:
    """Returns how layers are to be read for a model: as they are stored where it takes bands by their position."""
    plain = {source.role for source in card.sources if source.sensor == BY_POSITION}
    return tuple(
        replace(spec, sensor=GENERIC, bands=(), units=AUTO, offset=None) if spec.role in plain else spec
        for spec in specs
    )


def bound(card: Card, scene: Scene) -> tuple[SourceCard, ...]:
    """Returns a model's sources as a scene has them.

    Where the model takes bands by their position, they have the names of the scene's. Time stacks have the scene's
    dates: another year, and other gaps.
    """
    return tuple(
        _bound(source, scene.source(source.role)) if source.role in scene.roles else source for source in card.sources
    )


def _bound(card: SourceCard, layer: Source) -> SourceCard:
    bands = layer.bands[: len(card.bands)] if card.sensor == BY_POSITION else card.bands
    return replace(card, bands=bands, dates=layer.dates)


def days_apart(first: str, second: str) -> int:
    """Returns how many days apart two dates (`2020-05-14`) lie in the year, at most half of one."""
    days = abs(date.fromisoformat(first).timetuple().tm_yday - date.fromisoformat(second).timetuple().tm_yday)
    return min(days, 365 - days)


def positions(card: Card, scene: Scene) -> list[str]:
    """Returns a sentence for each layer whose bands are taken by their position."""
    lines = []
    for source, taken in zip(card.sources, bound(card, scene), strict=True):
        if source.sensor == BY_POSITION:
            layer = scene.source(source.role)
            lines.append(
                f"The network takes the first {len(taken.bands)} of {len(layer.bands)} bands of '{layer.layer}', in "
                f"the order of the file and as they are stored: {', '.join(taken.bands)}."
            )
    return lines


def differences(card: Card, scene: Scene) -> list[str]:
    """Returns in words where a scene is like, but not the same as, what a checkpoint was trained on."""
    lines = []
    for source in _present(card, scene):
        layer = scene.source(source.role)
        if source.maker and not layer.match.maker:
            needed = f"the checkpoint needs embeddings of {source.maker}"
            lines.append(f"'{layer.layer}' does not say what made it; {needed}.")
        if layer.match.sensor != source.sensor and source.sensor != BY_POSITION:
            lines.append(f"'{layer.layer}' is {layer.match.sensor}; the checkpoint was trained on {source.sensor}.")
        if source.gsd and not 1 / GSD_TOLERANCE < layer.grid.gsd / source.gsd < GSD_TOLERANCE:
            sizes = f"has pixels of {layer.grid.gsd:.3g} m; the checkpoint was trained on {source.gsd:.3g} m"
            lines.append(f"'{layer.layer}' {sizes}.")
    return [*lines, *strange_values(bound(card, scene), scene)]


def _present(card: Card, scene: Scene) -> list[SourceCard]:
    """Returns a model's sources that a scene has; optional ones may be missing."""
    return [source for source in card.sources if source.role in scene.roles]


def strange_values(sources: Sequence[SourceCard], scene: Scene) -> list[str]:
    """Returns in words where a scene's values lie far outside of what normalisations expect, whatever the cause."""
    lines = []
    for source in sources:
        judged = source.role in scene.roles and source.role != "embedding" and not source.normalisation.is_open
        if judged and set(source.bands) <= set(scene.source(source.role).bands):
            pixels = scene.sample(source.role, source.bands)
            pixels = pixels[:, :: max(pixels.shape[1] // JUDGED_PIXELS, 1)]
            lines += out_of_range(source, scene.source(source.role).layer, pixels)
    return lines
