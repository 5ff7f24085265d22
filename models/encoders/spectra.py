"""What encoders for any sensor take of a scene: the bands whose wavelengths are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...core.cards import ANY_SENSOR, Normalisation, SourceCard, check_bands, check_roles
from ...core.errors import CheckpointError
from ...core.sensors import SENSORS, BandMatch
from .offers import SceneOffer, SourceOffer

LONGEST = 2600.0
"""Nanometres: beyond, in the thermal infrared, these encoders have seen nothing."""


def centre(sensor: str, band: str) -> float | None:
    """Returns a band's centre wavelength in nanometres; None for radar and where it is not known."""
    bands = SENSORS[sensor].bands if sensor in SENSORS else ()
    micrometres = {known.name: known.wavelength for known in bands}.get(band)
    return round(micrometres * 1000, 1) if micrometres else None


def sources_of_any_sensor(
    sources: Sequence[SourceCard], scene: SceneOffer, network: str
) -> tuple[tuple[SourceCard, ...], tuple[str, ...]]:
    """Chooses what an encoder that is told wavelengths reads of a scene.

    Of a source that the card leaves open it reads all bands up to the shortwave infrared, standardised by the scene's
    statistics; of one whose sensor and normalisation the card states, those of its bands that are there.

    Args:
        sources: What the weights were trained with.
        scene: What the scene offers.
        network: Name of the encoder, for people.

    Returns:
        The sources, and what the user should know of them.

    Raises:
        CheckpointError: If a source is missing, or has no such band.
    """
    check_roles(sources, [offer.role for offer in scene.sources], "the chosen encoder")
    taken, warnings = [], []
    for source in sources:
        offer = scene.source(source.role)
        if offer is None:
            continue
        check_bands(source, BandMatch(offer.sensor, offer.bands), offer.layer, "the chosen encoder")
        chosen = _open(offer, network) if source.sensor == ANY_SENSOR else _stated(source, offer)
        taken.append(chosen)
        left_out = [band for band in offer.bands if band not in chosen.bands]
        if left_out:
            warnings.append(f"{network} does not know {', '.join(left_out)} of '{offer.layer}'; they are left out.")
        if source.sensor not in (ANY_SENSOR, offer.sensor):
            trained, given = SENSORS[source.sensor].title, SENSORS[offer.sensor].title
            warnings.append(f"{network} was pretrained on {trained}; '{offer.layer}' is {given}.")
    return tuple(taken), tuple(warnings)


def _open(offer: SourceOffer, network: str) -> SourceCard:
    bands = offer.bands
    if offer.role == "optical":
        bands = tuple(band for band in bands if (centre(offer.sensor, band) or LONGEST + 1) <= LONGEST)
    if not bands:
        raise CheckpointError(
            f"Layer '{offer.layer}' has the bands {', '.join(offer.bands)}; {network} needs some of known wavelengths, "
            f"up to {LONGEST:g} nanometres.",
            "State the layer's sensor and bands, or choose another checkpoint.",
        )
    return SourceCard(offer.role, offer.sensor, bands, offer.units, offer.gsd, Normalisation("scene-z-score", (), ()))


def _stated(source: SourceCard, offer: SourceOffer) -> SourceCard:
    """The part of a source that the scene has, with its normalisation."""
    places = [place for place, band in enumerate(source.bands) if band in offer.bands]
    scaling = source.normalisation
    kept = replace(
        scaling,
        offset=tuple(scaling.offset[place] for place in places) if scaling.offset else (),
        scale=tuple(scaling.scale[place] for place in places) if scaling.scale else (),
    )
    return replace(
        source,
        sensor=offer.sensor,
        bands=tuple(source.bands[place] for place in places),
        gsd=offer.gsd,
        normalisation=kept,
        optional=False,
        partial=False,
    )
