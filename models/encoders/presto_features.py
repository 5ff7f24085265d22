"""Dense features of Presto: every pixel by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...core.cards import Normalisation, SourceCard, check_roles
from ...core.errors import CheckpointError
from ..context import REACH
from .encoder import Adapted, Encoder
from .offers import SceneOffer, SourceOffer
from .presto import GROUPS, S1_BANDS, S2_BANDS, Presto

BANDS = {"optical": S2_BANDS, "sar": S1_BANDS}
OFFSET = {"optical": 0.0, "sar": -25.0}
SCALE = {"optical": 10_000.0, "sar": 25.0}
"""Reflectance × 10 000 → reflectance; backscatter of −25 to 0 dB → 0 to 1."""

NDVI = "NDVI"
DEFAULT_MONTH = 7

CHUNK = 1024
"""Pixels at once: more of them leave the processor's cache, and take longer each."""


class PrestoFeatures(Encoder):
    """Presto's embedding of each pixel at one date, from the groups of bands that the scene has.

    It sees no surroundings; the band context beside it does.

    Args:
        sources: What is read of the scene; whole groups of Presto's bands.
        month: Month of the scene, 1 to 12.
        longitude: Of the scene, in degrees.
        latitude: Of the scene, in degrees.
        arguments: Arguments of `models.encoders.presto.Presto`.
    """

    place: Tensor

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
        self.register_buffer("place", torch.tensor([[latitude, longitude]]), persistent=False)

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`."""
        return self.presto

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
        if scene.month is None:
            warnings.append("The scene's date is not known; Presto takes it for July.")
        known = {
            "month": scene.month or DEFAULT_MONTH, "longitude": scene.longitude, "latitude": scene.latitude
        }  # fmt: skip
        return Adapted(tuple(map(source_card, scene.sources)), arguments | known, tuple(warnings))

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`; pixels without any data, and those that are not wanted, get zeros."""
        values, hidden = self._grouped(images)
        known = ~torch.stack(list(hidden.values())).all(dim=0)
        if torch.onnx.is_in_onnx_export():
            features = self._encoded(_flat(values), _flat(hidden)) * known.reshape(-1, 1)
        else:
            asked = (known if wanted is None else known & wanted).reshape(-1)
            features = self._of_pixels(_flat(values), _flat(hidden), asked)
        return [features.view(*known.shape, -1).permute(0, 3, 1, 2)]

    def _grouped(self, images: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Returns per group the values (batch, y, x, band) without NaN, and (batch, y, x) bool where there are none."""
        channels: dict[str, Tensor] = {}
        for role, bands in self.bands.items():
            channels.update(zip(bands, self.normalisers[role](images[role]).unbind(dim=1), strict=True))
        if NDVI in self.groups:
            channels[NDVI] = _ndvi(channels["B04"], channels["B08"])
        stacked = {name: torch.stack([channels[band] for band in GROUPS[name]], dim=-1) for name in self.groups}
        hidden = {name: values.isnan().any(dim=-1) for name, values in stacked.items()}
        return {name: values.nan_to_num(0.0) for name, values in stacked.items()}, hidden

    def _of_pixels(self, values: dict[str, Tensor], hidden: dict[str, Tensor], asked: Tensor) -> Tensor:
        """Encodes the pixels (pixel,) that are asked for, those with all groups apart from those with some."""
        partial = torch.stack(list(hidden.values())).any(dim=0)
        width = self.channels[0]
        features = next(iter(values.values())).new_zeros(asked.shape[0], width)
        places, encoded = [], []
        for some, lacking in ((asked & ~partial, False), (asked & partial, True)):
            for chunk in some.nonzero()[:, 0].split(CHUNK):
                self.check_in()
                missing = {name: mask[chunk] for name, mask in hidden.items()} if lacking else None
                encoded.append(self._encoded({name: group[chunk] for name, group in values.items()}, missing))
                places.append(chunk)
        return features.index_copy(0, torch.cat(places), torch.cat(encoded).to(features)) if places else features

    def _encoded(self, values: dict[str, Tensor], hidden: dict[str, Tensor] | None) -> Tensor:
        """Per group (pixel, band), and (pixel,) bool where it is missing → (pixel, channel)."""
        count = next(iter(values.values())).shape[0]
        months = torch.full_like(self.place[:, :1], self.month - 1, dtype=torch.long).expand(count, 1)
        embedding: Tensor = self.presto(
            {name: group[:, None] for name, group in values.items()},
            months,
            self.place.expand(count, 2),
            {name: mask[:, None] for name, mask in hidden.items()} if hidden else None,
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
