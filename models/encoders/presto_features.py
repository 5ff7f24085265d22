"""Dense features of Presto: every pixel by itself, of an image or a time stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...core.cards import Normalisation, SourceCard, check_roles
from ...core.errors import CheckpointError
from ..context import REACH
from ..dated import by_date
from .encoder import Adapted, Encoder
from .monthly import monthly, timeline
from .offers import SceneOffer, SourceOffer
from .presto import GROUPS, S1_BANDS, S2_BANDS, Presto

BANDS = {"optical": S2_BANDS, "sar": S1_BANDS}
OFFSET = {"optical": 0.0, "sar": -25.0}
SCALE = {"optical": 10_000.0, "sar": 25.0}
"""Reflectance × 10 000 → reflectance; backscatter of −25 to 0 dB → 0 to 1."""

NDVI = "NDVI"
DEFAULT_MONTH = 7

CHUNK = 1024
"""Pixels of one month at once: more of them leave the processor's cache, and take longer each."""


class PrestoFeatures(Encoder):
    """Presto's embedding of each pixel, from the groups of bands that the scene has.

    Of a time stack it sees months, as in its pretraining: the mean of each month's dates, and missing ones hidden. It
    sees no surroundings; the band context beside it does.

    Args:
        sources: What is read of the scene; whole groups of Presto's bands.
        month: Month of the scene, 1 to 12, where it has no dates.
        longitude: Of the scene, in degrees.
        latitude: Of the scene, in degrees.
        arguments: Arguments of `models.encoders.presto.Presto`.
    """

    place: Tensor
    months: Tensor

    temporal = True
    alignment = 1
    halo = 2 * REACH  # for the band context, and for a head's convolutions
    ramp = 0
    tile = 128
    chip = 32
    strides = (1,)

    def __init__(
        self,
        sources: Sequence[SourceCard],
        month: int = DEFAULT_MONTH,
        longitude: float = 0.0,
        latitude: float = 0.0,
        **arguments: int,
    ) -> None:
        super().__init__(sources)
        self.presto = Presto(**arguments)
        self.channels = (self.presto.norm.normalized_shape[0],)
        self.bands = {source.role: source.bands for source in sources}
        self.groups = _groups([band for bands in self.bands.values() for band in bands])
        self.month = month
        self._begin()
        self.register_buffer("place", torch.tensor([[latitude, longitude]]), persistent=False)

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`."""
        return self.presto

    def bind(self, sources: Sequence[SourceCard]) -> None:
        """See `Encoder.bind`; any dates will do."""
        super().bind(sources)
        self._begin()

    def _begin(self) -> None:
        self.timeline = timeline(self.dates, self.month, self.presto.pos_embed.shape[1])
        self.register_buffer("months", torch.tensor([self.timeline.months]), persistent=False)
        self.to(self.presto.pos_embed.device)

    @classmethod
    def adapted(cls, sources: Sequence[SourceCard], arguments: dict[str, Any], scene: SceneOffer) -> Adapted:
        """See `Encoder.adapted`; Presto takes whatever whole groups of its bands the scene has."""
        if sources:
            check_roles(sources, [offer.role for offer in scene.sources], "the chosen encoder")
        warnings = [
            f"Presto was pretrained on Sentinel-2 L1C; '{offer.layer}' is L2A. The map is usually good all the same; "
            "with L1C it may be better."
            for offer in scene.sources
            if offer.sensor == "sentinel-2-l2a"
        ]
        if scene.month is None and not any(offer.dates for offer in scene.sources):
            warnings.append("The scene's date is not known; Presto takes it for July.")
        known = {
            "month": scene.month or DEFAULT_MONTH, "longitude": scene.longitude, "latitude": scene.latitude
        }  # fmt: skip
        return Adapted(tuple(map(source_card, scene.sources)), arguments | known, tuple(warnings))

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`; pixels without any data, and those that are not wanted, get zeros."""
        values, hidden = self._grouped(images)
        known = ~torch.stack(list(hidden.values())).all(dim=0).all(dim=-1)
        if torch.onnx.is_in_onnx_export():
            features = self._encoded(_flat(values), _flat(hidden), None) * known.reshape(-1, 1)
        else:
            asked = (known if wanted is None else known & wanted).reshape(-1)
            features = self._of_pixels(_flat(values), _flat(hidden), asked)
        return [features.view(*known.shape, -1).permute(0, 3, 1, 2)]

    def _grouped(self, images: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Returns per group values (batch, y, x, month, band) without NaN; (batch, y, x, month) bool where none are."""
        channels: dict[str, Tensor] = {}
        for role, bands in self.bands.items():
            steps = self.timeline.steps[role]
            image = monthly(images[role], len(bands), steps, len(self.timeline.months), role == "sar")
            months = by_date(self.normalisers[role](image), len(bands))
            channels.update(zip(bands, months.unbind(dim=2), strict=True))
        if NDVI in self.groups:
            channels[NDVI] = _ndvi(channels["B04"], channels["B08"])
        stacked = {
            name: torch.stack([channels[band] for band in GROUPS[name]], dim=-1).movedim(1, 3) for name in self.groups
        }
        hidden = {name: values.isnan().any(dim=-1) for name, values in stacked.items()}
        return {name: values.nan_to_num(0.0) for name, values in stacked.items()}, hidden

    def _of_pixels(self, values: dict[str, Tensor], hidden: dict[str, Tensor], asked: Tensor) -> Tensor:
        """Encodes the pixels (pixel,) that are asked for, those with all groups apart from those with some.

        Groups of months that none of the pixels has are left out.
        """
        steps = {name: (~mask[asked]).any(dim=0).nonzero()[:, 0] for name, mask in hidden.items()}
        steps = {name: some for name, some in steps.items() if len(some)}
        values = {name: values[name][:, some] for name, some in steps.items()}
        hidden = {name: hidden[name][:, some] for name, some in steps.items()}
        features = asked.new_zeros((asked.shape[0], self.channels[0]), dtype=torch.float32)
        if not steps:
            return features
        partial = torch.stack([mask.any(dim=1) for mask in hidden.values()]).any(dim=0)
        places, encoded = [], []
        for some, lacking in ((asked & ~partial, False), (asked & partial, True)):
            for chunk in some.nonzero()[:, 0].split(max(CHUNK // len(self.timeline.months), 64)):
                self.check_in()
                missing = {name: mask[chunk] for name, mask in hidden.items()} if lacking else None
                encoded.append(self._encoded({name: group[chunk] for name, group in values.items()}, missing, steps))
                places.append(chunk)
        return features.index_copy(0, torch.cat(places), torch.cat(encoded).to(features))

    def _encoded(
        self, values: dict[str, Tensor], hidden: dict[str, Tensor] | None, steps: dict[str, Tensor] | None
    ) -> Tensor:
        """Per group (pixel, month, band), and (pixel, month) bool where it is missing → (pixel, channel)."""
        count = next(iter(values.values())).shape[0]
        embedding: Tensor = self.presto(
            values, self.months.expand(count, -1), self.place.expand(count, 2), hidden, steps
        )
        return embedding


def _flat(images: dict[str, Tensor]) -> dict[str, Tensor]:
    """(batch, y, x, ...) → (pixel, ...)."""
    return {name: image.flatten(0, 2) for name, image in images.items()}


def _groups(bands: Sequence[str]) -> tuple[str, ...]:
    """Returns the groups of which all bands are there; NDVI is made from two of them."""
    derived = {NDVI} if {"B04", "B08"} <= set(bands) else set()
    return tuple(name for name, members in GROUPS.items() if set(members) <= {*bands, *derived})


def _ndvi(red: Tensor, near_infrared: Tensor) -> Tensor:
    total = near_infrared + red
    return (near_infrared - red) / torch.where(total > 0, total, torch.full_like(total, torch.inf))


def source_card(offer: SourceOffer) -> SourceCard:
    """Returns what Presto reads of a raster: those of its bands that form whole groups.

    Raises:
        CheckpointError: If there is no such group.
    """
    known = [band for band in BANDS[offer.role] if band in offer.bands]
    groups = [GROUPS[name] for name in _groups(known)]
    if not groups or not offer.sensor.startswith("sentinel"):
        raise CheckpointError(
            f"Presto needs Sentinel-1 (VV and VH) or Sentinel-2 bands ({' '.join(S2_BANDS)}); '{offer.layer}' was read "
            f"as {offer.sensor} with the bands {' '.join(offer.bands)}.",
            "State the sensor and bands of the layer, or choose another checkpoint.",
        )
    whole = tuple(band for band in known if any(band in group for group in groups))
    scaling = Normalisation("constant", (OFFSET[offer.role],) * len(whole), (SCALE[offer.role],) * len(whole))
    return SourceCard(offer.role, offer.sensor, whole, "db" if offer.role == "sar" else "dn", offer.gsd, scaling)
