"""The card of a checkpoint: everything needed to use its weights rightly, readable without torch.

A checkpoint is one safetensors file: eight bytes with the header's length, a JSON header, raw tensors. The card is JSON
text in the header's metadata, so that QGIS reads it with the standard library and checks a model against the chosen
layers before a long run. Weights are read in `models.checkpoints`. An ONNX file holds the same card in its metadata.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Dict, Optional, Sequence, Tuple

from .errors import CheckpointError
from .legend import ClassLegend
from .sensors import GENERIC, MANY_BANDS, SENSORS, BandMatch, in_short

SCHEMA = 3
"""2: a source may be optional, taken in part, of any sensor, or scaled by the scene's own statistics. 3: it may be a
series of dates, and coarser than the scene."""

METADATA_KEY = "landsketch_card"
SUFFIX = ".safetensors"
PUBLISHED_SUFFIXES = (".pt", ".pth", ".ckpt")
"""Weights as their authors publish them; fine-tuning starts from them, but they have no card and no classes."""

_LAYERS = {
    "optical": "an optical layer",
    "sar": "a SAR layer",
    "embedding": "an embedding raster",
    "series": "a time stack beside the optical layer",
}

ANY_SENSOR = "any"

BY_POSITION = "by-position"
"""In place of a sensor: a network that takes the first bands of any raster, in file order and as they are stored."""

SCENE_HEAD = "scene_head"
"""Entry of a card's `architecture` that makes it one of a network that classifies patches, not pixels: `multilabel`
(whether a patch may have several classes), `side` (of the patches it was trained with, in pixels), `context`, `spread`
and `norm` (see `models.scene_heads`)."""

SCENE_METHODS = ("scene-2-sigma", "scene-maximum", "scene-z-score")
"""Scalings by a scene's own statistics: to 0 to 1 by (x − (μ − 2σ)) / 4σ or (x − offset) / max(x − offset), or without
bounds by (x − μ) / σ."""


@dataclass(frozen=True)
class Normalisation:
    """y = (x − offset) / scale per band, then clipped to `clip` where that is given.

    Some encoders were trained on images scaled by their own statistics. Their normalisation has a method of
    `SCENE_METHODS` and no scale; it is filled in from the scene that the encoder is first used on.

    Attributes:
        method: What it stands for, in words: '2-sigma', '3-sigma', 'z-score', 'constant', or one of `SCENE_METHODS`.
        offset: Per band, in the source's units.
        scale: Per band, in the source's units; never zero.
        clip: Lower and upper bound of y, or None.
    """

    method: str
    offset: Tuple[float, ...]
    scale: Tuple[float, ...]
    clip: Optional[Tuple[float, float]] = None

    @property
    def is_open(self) -> bool:
        """Whether its scale is still to be taken from a scene."""
        return not self.scale


@dataclass(frozen=True)
class SourceCard:
    """What a model expects of one source.

    Attributes:
        role: `optical`, `sar`, `embedding` or `series`.
        sensor: Sensor id, or `generic`; `ANY_SENSOR` for an encoder that is told wavelengths.
        bands: Canonical band names in the model's order; none for `ANY_SENSOR`.
        units: Units in which `normalisation` is stated: `dn`, `raw` or `db`.
        gsd: Ground sampling distance in metres of the training scene; 0 where unknown.
        normalisation: How values become the network's input.
        optional: Whether the model also works without this source.
        partial: Whether it also works with a part of the bands.
        maker: For embeddings, which encoder or version made them, as in `BandMatch.maker`; empty: unknown.
        dates: Of a time stack: the days it was taken (`2020-05-14`), in order. Each has all bands, and the channels of
            the source are those of the first date, then those of the second one, and so on. Empty: a single image.
        step: Pixels of the scene's grid along a side of one of its pixels; above 1 for `series`.
        margin: Of its own pixels at each side of a tile that only serve as context, beside the tile's halo.
    """

    role: str
    sensor: str
    bands: Tuple[str, ...]
    units: str
    gsd: float
    normalisation: Normalisation
    optional: bool = False
    partial: bool = False
    maker: str = ""
    dates: Tuple[str, ...] = ()
    step: int = 1
    margin: int = 0

    @property
    def channels(self) -> int:
        """How many channels it has."""
        return len(self.bands) * max(len(self.dates), 1)

    def narrowed(self, bands: Sequence[str]) -> SourceCard:
        """Returns it with some of its bands."""
        places = [self.bands.index(band) for band in bands]
        scaling = replace(
            self.normalisation,
            offset=tuple(self.normalisation.offset[place] for place in places),
            scale=tuple(self.normalisation.scale[place] for place in places),
        )
        return replace(self, bands=tuple(bands), normalisation=scaling)


@dataclass(frozen=True)
class Card:
    """The card.

    Attributes:
        architecture: `{"name": ..., ...arguments}` from which `models.registry` builds the network.
        sources: One per role.
        tile: Side in pixels of the tiles the model is best run with.
        halo: Pixels at each tile side that only serve as context.
        legend: The classes; None for an encoder without a head.
        provenance: Method, data, labels, split, metrics, seed, versions, licence, parent.
        schema: Version of this layout.
    """

    architecture: Dict[str, Any]
    sources: Tuple[SourceCard, ...]
    tile: int
    halo: int
    legend: Optional[ClassLegend] = None
    provenance: Dict[str, Any] = field(default_factory=dict)
    schema: int = SCHEMA

    @property
    def roles(self) -> Tuple[str, ...]:
        """Roles of the sources, in order."""
        return tuple(source.role for source in self.sources)

    @property
    def classifies_scenes(self) -> bool:
        """Whether it gives a class to patches, not to pixels."""
        return SCENE_HEAD in self.architecture

    def source(self, role: str) -> SourceCard:
        """Returns what the model expects of a role.

        Raises:
            KeyError: If the model has no such source.
        """
        return {source.role: source for source in self.sources}[role]

    def to_json(self) -> Dict[str, Any]:
        """Returns the card as plain JSON values."""
        values = asdict(self)
        values["legend"] = self.legend.to_json() if self.legend else None
        return values

    @classmethod
    def from_json(cls, values: Dict[str, Any], path: str = "") -> Card:
        """Rebuilds a card.

        Raises:
            CheckpointError: If it was written by a newer LandSketch, or lacks fields.
        """
        schema = values.get("schema")
        if not isinstance(schema, int) or not 1 <= schema <= SCHEMA:
            raise CheckpointError(
                f"Checkpoint '{path}' has a card of schema {schema}; this LandSketch reads up to {SCHEMA}.",
                "Update LandSketch.",
            )
        try:
            for migrate in _MIGRATIONS[schema - 1 :]:
                values = migrate(values)
            return cls(
                architecture=dict(values["architecture"]),
                sources=tuple(source_from_json(source) for source in values["sources"]),
                tile=int(values["tile"]),
                halo=int(values["halo"]),
                legend=ClassLegend.from_json(values["legend"]) if values.get("legend") else None,
                provenance=dict(values.get("provenance") or {}),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"The card of checkpoint '{path}' is damaged: {error!r}.", "Write it anew."
            ) from error


def _to_schema_2(values: Dict[str, Any]) -> Dict[str, Any]:
    """In schema 1 every source and every band was needed."""
    needed = {"optional": False, "partial": False}
    return {**values, "sources": [{**source, **needed} for source in values["sources"]]}


_MIGRATIONS = (_to_schema_2, dict)
"""From each schema to the next one, by position; schema 3 added nothing that has no default."""


def source_from_json(values: Dict[str, Any]) -> SourceCard:
    """Rebuilds a source from plain JSON values."""
    scaling = values["normalisation"]
    return SourceCard(
        role=values["role"],
        sensor=values["sensor"],
        bands=tuple(values["bands"]),
        units=values["units"],
        gsd=float(values["gsd"]),
        normalisation=Normalisation(
            method=scaling["method"],
            offset=tuple(map(float, scaling["offset"])),
            scale=tuple(map(float, scaling["scale"])),
            clip=(float(scaling["clip"][0]), float(scaling["clip"][1])) if scaling.get("clip") else None,
        ),
        optional=bool(values["optional"]),
        partial=bool(values["partial"]),
        maker=str(values.get("maker", "")),
        dates=tuple(map(str, values.get("dates", ()))),
        step=int(values.get("step", 1)),
        margin=int(values.get("margin", 0)),
    )


def check_roles(sources: Sequence[SourceCard], roles: Sequence[str], checkpoint: str) -> None:
    """Checks that a scene has every source that a model needs, and no other.

    Raises:
        CheckpointError: If it has not.
    """
    known = [source.role for source in sources]
    missing = [_LAYERS[source.role] for source in sources if source.role not in roles and not source.optional]
    surplus = [_LAYERS[role] for role in roles if role not in known]
    if not missing and not set(known) & set(roles):
        missing = [" or ".join(_LAYERS[role] for role in known)]
    if missing:
        raise CheckpointError(f"Checkpoint '{checkpoint}' needs {' and '.join(missing)}.", "Choose it as well.")
    if surplus:
        raise CheckpointError(f"Checkpoint '{checkpoint}' does not use {' and '.join(surplus)}.", "Leave it empty.")


def check_bands(source: SourceCard, match: BandMatch, layer: str, checkpoint: str) -> None:
    """Checks that a layer is of the sensor that a model expects and has all its bands.

    Raises:
        CheckpointError: If it is not, naming both sides.
    """
    present = _listed([band for band in match.bands if band]) or "none with a known name"
    if source.sensor == BY_POSITION:
        if len(match.bands) < len(source.bands):
            raise CheckpointError(
                f"Layer '{layer}' has {len(match.bands)} bands; checkpoint '{checkpoint}' takes {len(source.bands)}, "
                "in the order of the file.",
                "Choose a layer with at least as many bands, or another checkpoint.",
            )
        return
    if source.sensor == ANY_SENSOR:
        if match.sensor == GENERIC:
            raise CheckpointError(
                f"Layer '{layer}' has bands of unknown wavelengths ({present}); checkpoint '{checkpoint}' needs them.",
                "State the layer's sensor.",
            )
        return
    wanted = _title(source.sensor)
    missing = [band for band in source.bands if band not in match.bands]
    if missing and (not source.partial or len(missing) == len(source.bands)):
        raise CheckpointError(
            f"Layer '{layer}' has {len(match.bands)} bands ({present}); checkpoint '{checkpoint}' needs "
            f"{_listed(source.bands)} ({len(source.bands)}) of {wanted}; missing: {_listed(missing)}.",
            "Choose a layer with these bands or another checkpoint.",
        )
    if family(source.sensor) != family(match.sensor):
        raise CheckpointError(
            f"Layer '{layer}' looks like {_title(match.sensor)}; checkpoint '{checkpoint}' was made for {wanted}.",
            "Choose another layer or checkpoint, or state the layer's sensor.",
        )
    if not _same_maker(source.maker, match.maker):
        raise CheckpointError(
            f"Layer '{layer}' holds embeddings of {match.maker}; checkpoint '{checkpoint}' was made for those of "
            f"{source.maker}, which mean something else.",
            "Choose a layer with embeddings of the same maker, or fine-tune anew on this one.",
        )


def _listed(bands: Sequence[str]) -> str:
    return in_short(bands) if len(bands) > MANY_BANDS else ", ".join(bands)


def _same_maker(first: str, second: str) -> bool:
    """Whether two embeddings lie in one space, as far as is known; files may be renamed, fingerprints stay."""
    return not first or not second or first.rpartition("@")[2] == second.rpartition("@")[2]


def _title(sensor: str) -> str:
    return SENSORS[sensor].title if sensor in SENSORS else "a generic raster"


def family(sensor: str) -> str:
    """Returns what sensors share whose bands mean the same: both levels of Sentinel-2, both products of Sentinel-1."""
    return "-".join(sensor.split("-")[:2]) if sensor.startswith("sentinel") else sensor
