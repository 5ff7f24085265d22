"""What scenes of a job become: of a time stack, which is no single image, one scene for each of its dates."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date

from ..coarse import SERIES
from ..grids import Grid
from ..scenes import Scene, Source, open_scene
from ..series import DatedSource
from ..specs import SourceSpec


def opened_dates(sources: Sequence[SourceSpec], grid: Grid | None, opened: ExitStack) -> tuple[Scene, Sequence[Scene]]:
    """Opens a scene; of one with time stacks also a scene for each date of the first one, in order, masked as it says.

    Each has of other stacks the date that is nearest, and of single images that one. A series beside a finer image
    stays whole.

    Args:
        sources: Its sources.
        grid: Its grid; None: that of the first source.
        opened: Closes what is opened.

    Returns:
        The scene, and those of its dates; without a time stack it is its own only one.

    Raises:
        LandSketchError: If a file cannot be read.
    """
    whole = opened.enter_context(open_scene(sources, grid))
    leading = next((s for s in whole.sources if isinstance(s, DatedSource) and s.role != SERIES), None)
    if leading is None:
        return whole, [whole]
    return whole, [
        opened.enter_context(Scene([_on(day, source) for source in whole.sources], whole.grid))
        for day in _alone(leading)
    ]


def _alone(source: DatedSource) -> list[DatedSource]:
    return [replace(source, images=(image,), doubts=()) for image in source.images]


def _on(leading: DatedSource, source: Source) -> Source:
    """Returns of a source what is nearest to the one date of another."""
    if source.role == leading.role:
        return leading
    if not isinstance(source, DatedSource) or source.role == SERIES:
        return source
    day = date.fromisoformat(leading.dates[0])
    nearest = min(_alone(source), key=lambda one: abs(date.fromisoformat(one.dates[0]) - day))
    return nearest
