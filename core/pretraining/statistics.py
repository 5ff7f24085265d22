"""What a new encoder expects of its sources: bands of the scenes, scaled by their common statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..cards import Normalisation, SourceCard
from ..coarse import SERIES
from ..dated_starts import MARGIN
from ..errors import SceneError
from ..scenes import Source
from .calendar import SLOTS
from .stepped import SteppedScene

PIXELS_PER_SCENE = 50_000
"""Enough for means and deviations to three digits; every scene counts the same, however large it is."""


def cards_of(scenes: Sequence[SteppedScene], union: bool = False, seed: int = 0) -> tuple[SourceCard, ...]:
    """Returns a card for each role that some scene has.

    Scaling is the seeds' 3-sigma, x' = clip((x − (μ − 3σ)) / 6σ, 0, 1), with μ and σ over pixels of all scenes.

    Args:
        scenes: The scenes.
        union: Whether bands are taken that only some scenes have; else those that all have.
        seed: Of the choice of pixels.

    Raises:
        SceneError: If scenes have no band of a role in common, or measure it in different units.
    """
    roles = sorted({role for scene in scenes for role in scene.roles})
    cards = (_card(role, [scene for scene in scenes if role in scene.roles], union, seed) for role in roles)
    return tuple(_with_slots(card, scenes) if card.role == SERIES else card for card in cards)


def _with_slots(card: SourceCard, scenes: Sequence[SteppedScene]) -> SourceCard:
    """A series is read by half-months, and on a grid with which that of none of the scenes loses detail."""
    step = min(scene.finest_step() for scene in scenes if SERIES in scene.roles)
    return replace(card, dates=SLOTS, step=step, margin=MARGIN)


def _card(role: str, scenes: Sequence[SteppedScene], union: bool, seed: int) -> SourceCard:
    sources = [scene.source(role) for scene in scenes]
    bands = _all_bands(sources) if union else _common_bands(sources)
    units = {source.conversion.canonical for source in sources}
    if len(units) > 1:
        raise SceneError(
            f"The {role} layers are in different units: {', '.join(sorted(units))}.",
            "Pretrain on layers of one kind, or state their sensor and units.",
        )
    generator = np.random.default_rng(seed)
    values: dict[str, list[np.ndarray]] = {band: [] for band in bands}
    for scene in scenes:
        known = [band for band in bands if band in scene.source(role).bands]
        for band, pixels in zip(known, _thinned(scene.sample(role, known), generator), strict=True):
            values[band].append(pixels.astype(np.float64))
    pooled = [np.concatenate(values[band]) for band in bands]
    mean = np.array([pixels.mean() for pixels in pooled])
    std = np.maximum([pixels.std() for pixels in pooled], 1e-6)
    scaling = Normalisation("3-sigma", tuple(map(float, mean - 3 * std)), tuple(map(float, 6 * std)), (0.0, 1.0))
    gsd = float(np.median([source.grid.gsd for source in sources]))
    return SourceCard(role, sources[0].match.sensor, bands, units.pop(), gsd, scaling)


def _all_bands(sources: Sequence[Source]) -> tuple[str, ...]:
    """Every band that some source has: those of the source with the most first, in its order."""
    ordered = sorted(sources, key=lambda source: -len(source.bands))
    return tuple(dict.fromkeys(band for source in ordered for band in source.bands))


def _common_bands(sources: Sequence[Source]) -> tuple[str, ...]:
    first, *others = sources
    common = tuple(band for band in first.bands if all(band in other.bands for other in others))
    if not common:
        other = next(source for source in others if not set(source.bands) & set(first.bands))
        raise SceneError(
            f"Layers '{first.layer}' ({' '.join(first.bands)}) and '{other.layer}' ({' '.join(other.bands)}) have no "
            "band in common.",
            "Pretrain on layers of one sensor, or state their bands.",
        )
    return common


def _thinned(pixels: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """At most `PIXELS_PER_SCENE` random pixels of (band, pixel)."""
    if pixels.shape[1] <= PIXELS_PER_SCENE:
        return pixels
    return pixels[:, generator.choice(pixels.shape[1], PIXELS_PER_SCENE, replace=False)]
