"""What a scene offers to an encoder, and what the encoder takes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...core.cards import SourceCard, check_bands, check_roles
from ...core.sensors import BandMatch


@dataclass(frozen=True)
class SourceOffer:
    """One raster of a scene.

    Attributes:
        role: Its role in the scene.
        layer: Its name, for people.
        sensor: Sensor id, or `generic`.
        bands: Canonical names of its known bands, in file order.
        units: Canonical units of its values (`core.units`).
        gsd: Ground sampling distance in metres.
        dates: Of a time stack, the days it was taken, in order; empty: a single image.
    """

    role: str
    layer: str
    sensor: str
    bands: tuple[str, ...]
    units: str
    gsd: float
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class SceneOffer:
    """A scene.

    Attributes:
        sources: Its rasters.
        month: Month of acquisition, 1 to 12; None: unknown.
        longitude: Of its centre, in degrees.
        latitude: Of its centre, in degrees.
    """

    sources: tuple[SourceOffer, ...]
    month: int | None = None
    longitude: float = 0.0
    latitude: float = 0.0

    def source(self, role: str) -> SourceOffer | None:
        """Returns the raster of a role, or None."""
        return {source.role: source for source in self.sources}.get(role)


def exact_sources(sources: Sequence[SourceCard], scene: SceneOffer) -> tuple[SourceCard, ...]:
    """Returns what weights that need all bands of their sources read of a scene.

    Sources that the card calls optional are left out where the scene lacks them, as long as one is left.

    Raises:
        CheckpointError: If a source or a band is missing, or the scene has one that the weights do not know.
    """
    check_roles(sources, [offer.role for offer in scene.sources], "the chosen encoder")
    taken = []
    for source in sources:
        offer = scene.source(source.role)
        if offer is None:
            continue
        check_bands(source, BandMatch(offer.sensor, offer.bands), offer.layer, "the chosen encoder")
        taken.append(replace(source, sensor=offer.sensor, gsd=offer.gsd, optional=False))
    return tuple(taken)
