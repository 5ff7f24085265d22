"""What a published file was trained with: told by the user, its name or checksum, or its tensors and the registry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..core.cards import Normalisation, SourceCard
from ..core.encoder_registry import EncoderEntry, encoder, encoders
from ..core.errors import CheckpointError
from ..core.sensors import SENSORS
from .recognition import Recognised

FREE_INPUT = ("resnet", "vit", "swin", "swin-v2")
"""Encoders that take any bands; what the others take follows from what they are."""


@dataclass(frozen=True)
class Claim:
    """What the user says of a file.

    Attributes:
        encoder: Id in the registry; empty: to be recognised.
        sensor: Sensor id of the input, where the registry does not know the file.
        bands: Canonical names of the input channels; or, with `adapt`, those that are left of them.
        mean: Mean of each input channel, in canonical units.
        std: Standard deviation of each input channel, in canonical units.
        adapt: Whether the first layer may be cut to the stated bands.
    """

    encoder: str = ""
    sensor: str = ""
    bands: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    adapt: bool = False

    @property
    def describes(self) -> bool:
        """Whether it describes an input that the registry need not know."""
        return bool(self.sensor or self.mean or self.std)


@dataclass(frozen=True)
class Identity:
    """What a file was trained with.

    Attributes:
        sources: Sensor, bands, units and scaling.
        entry: Its entry in the registry; None where it has none, or several that only differ in how they were trained.
        notes: What the user should know of how it was found out.
    """

    sources: tuple[SourceCard, ...]
    entry: EncoderEntry | None = None
    notes: tuple[str, ...] = ()


def identified(recognised: Recognised, claim: Claim, path: str, sha256: str) -> Identity:
    """Finds out what a file was trained with.

    Args:
        recognised: The encoder that its tensors are of.
        claim: What the user says of it.
        path: The file.
        sha256: Its checksum.

    Raises:
        CheckpointError: If the user says too little or what cannot be; or if nothing tells bands and scaling.
    """
    _check_consistent(claim, path)
    if claim.describes:
        return Identity((_stated_source(recognised, claim, path),))
    identity = _known(recognised, claim, path, sha256)
    bands = tuple(band for source in identity.sources for band in source.bands)
    if claim.bands and claim.bands != bands and not claim.adapt:
        raise CheckpointError(
            f"The encoder in '{path}' takes {', '.join(bands) or 'any bands'}; stated are {', '.join(claim.bands)}.",
            "Leave the bands empty, or set 'adapt' to cut the encoder to them.",
        )
    return identity


def _check_consistent(claim: Claim, path: str) -> None:
    if claim.describes and claim.encoder:
        raise CheckpointError(
            f"For '{path}', both an encoder ({claim.encoder}) and its input are stated.",
            "The registry says what the encoder takes: leave sensor, mean and std empty, or else the encoder.",
        )
    if claim.describes and claim.adapt:
        raise CheckpointError(
            f"For '{path}', the input is stated, and that the encoder be cut to fewer bands.",
            "Only encoders of the registry can be cut; state all their bands, or leave sensor, mean and std empty.",
        )


def _known(recognised: Recognised, claim: Claim, path: str, sha256: str) -> Identity:
    """Finds a file's entry, or entries that agree, in the registry."""
    if claim.encoder:
        entry = encoder(claim.encoder)
        return Identity(entry.sources, entry, _checksum_notes(entry, sha256))
    candidates = _candidates(recognised)
    named = [entry for entry in candidates if _is_named(entry, path, sha256)]
    if len(named) == 1:
        return Identity(named[0].sources, named[0], _checksum_notes(named[0], sha256))
    relatives = candidates or _family(recognised)
    if not relatives:
        raise CheckpointError(
            f"'{path}' holds an encoder ({_in_words(recognised)}), but nothing says which bands it was trained with, "
            "nor how they were scaled.",
            "Import the file, and state sensor, bands, mean and std, as its authors describe them.",
        )
    ids = [entry.id for entry in relatives]
    other = any(entry.architecture["name"] != recognised.architecture["name"] for entry in relatives)
    if other or len({entry.sources for entry in relatives}) > 1:
        raise CheckpointError(
            f"'{path}' holds an encoder ({_in_words(recognised)}) that may be one of several, which differ in bands, "
            f"scaling or use: {', '.join(ids)}.",
            "Import the file, and name the one it is, or state sensor, bands, mean and std.",
        )
    if not candidates:
        note = f"The file is like {' or '.join(ids)} but of another size; the same input is assumed."
    else:
        note = f"By its tensors the file is taken for {' or '.join(ids)}; if it is another, state what its input is."
    return Identity(relatives[0].sources, candidates[0] if len(candidates) == 1 else None, (note,))


def _candidates(recognised: Recognised) -> list[EncoderEntry]:
    """Returns the registry's entries whose tensors have the same names and shapes."""
    architecture = recognised.architecture
    # Scale-MAE is such a transformer, with positions of its own.
    twins = ["scalemae"] if architecture == {"name": "vit", "model": "vit_large_patch16_224"} else []
    return [
        entry
        for entry in encoders()
        if (entry.architecture == architecture or entry.architecture["name"] in twins)
        and recognised.channels in (0, sum(len(source.bands) for source in entry.sources))
    ]


def _family(recognised: Recognised) -> list[EncoderEntry]:
    """Returns the registry's entries of other sizes, for encoders whose input follows from what they are."""
    name = recognised.architecture["name"]
    return [entry for entry in encoders() if entry.architecture["name"] == name and name not in (*FREE_INPUT, "pair")]


def _is_named(entry: EncoderEntry, path: str, sha256: str) -> bool:
    """Whether a file is an entry's: by its checksum where that is known in full, else by its name."""
    if len(entry.sha256) == len(sha256):
        return entry.sha256 == sha256
    return not entry.manual and entry.file_name == Path(path).name


def _checksum_notes(entry: EncoderEntry, sha256: str) -> tuple[str, ...]:
    if not entry.sha256 or sha256.startswith(entry.sha256):
        return ()
    return (
        f"The file's checksum ({sha256[:8]}…) is not that of {entry.id} as it was published ({entry.sha256[:8]}…): "
        "its weights are other ones.",
    )


def _stated_source(recognised: Recognised, claim: Claim, path: str) -> SourceCard:
    """Returns the source that the user describes."""
    given = {"sensor": claim.sensor, "bands": claim.bands, "mean": claim.mean, "std": claim.std}
    lacking = [name for name, value in given.items() if not value]
    if lacking:
        raise CheckpointError(
            f"Of the input of '{path}', {', '.join(lacking)} is not stated.", "State sensor, bands, mean and std."
        )
    if recognised.architecture["name"] not in FREE_INPUT:
        raise CheckpointError(
            f"'{path}' holds {recognised.architecture['name']}, whose input is known.", "Leave sensor and bands empty."
        )
    if len(claim.bands) != recognised.channels:
        raise CheckpointError(
            f"{len(claim.bands)} bands are stated ({', '.join(claim.bands)}); the encoder in '{path}' takes "
            f"{recognised.channels}.",
            "State one band for each input channel, in their order.",
        )
    if any(value <= 0 for value in claim.std):
        raise CheckpointError(f"std is {', '.join(map(str, claim.std))}.", "Standard deviations are greater than 0.")
    profile = SENSORS.get(claim.sensor)
    unknown = [band for band in claim.bands if profile and band not in profile.names]
    if profile and unknown:
        raise CheckpointError(
            f"{profile.title} has no band {', '.join(unknown)}.", f"Its bands are {', '.join(profile.names)}."
        )
    scaling = Normalisation("z-score", claim.mean, claim.std)
    gsd = min(band.gsd for band in profile.bands) if profile and profile.bands else 0.0
    role, units = (profile.role, profile.units) if profile else ("optical", "raw")
    return SourceCard(role, claim.sensor, claim.bands, units, gsd, scaling)


def _in_words(recognised: Recognised) -> str:
    model = recognised.architecture.get("model", recognised.architecture["name"])
    return f"{model}, {recognised.channels} input channels" if recognised.channels else str(model)
