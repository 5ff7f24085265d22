"""Dense features of Galileo for tiles of any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...core.cards import Normalisation, SourceCard
from ...core.errors import CheckpointError
from .encoder import Adapted
from .galileo import BASE_GSD, CHANNELS, GROUPS, MEAN, S1_BANDS, S2_BANDS, STD, Galileo
from .offers import SceneOffer
from .windows import Encoded, WindowedEncoder, mostly

BANDS = {"optical": S2_BANDS, "sar": S1_BANDS}
DEFAULT_MONTH = 7


class GalileoFeatures(WindowedEncoder):
    """Galileo's tokens, averaged over the visible channel groups and over 3 × 3 tokens.

    Averaging steadies the head when labels are few (benchmarks/fewlabels.py); edges come from the band context.

    Args:
        sources: What is read of the scene; bands may be a part of Galileo's, whose other groups are then hidden, as in
            its pretraining.
        month: Month of the scene, 1 to 12.
        arguments: Arguments of `models.encoders.galileo.Galileo`.
    """

    patch_size = 4
    tile = 448
    chip = 32

    def __init__(self, sources: Sequence[SourceCard], month: int = DEFAULT_MONTH, **arguments: int) -> None:
        galileo = Galileo(**arguments)
        super().__init__(sources, 32, 16, (self.patch_size,), (galileo.dim,), smoothing=3)
        self.galileo = galileo
        self.month = month
        self.gsd = sources[0].gsd or BASE_GSD

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`."""
        return self.galileo

    @classmethod
    def adapted(cls, sources: Sequence[SourceCard], arguments: dict[str, Any], scene: SceneOffer) -> Adapted:
        """See `Encoder.adapted`; Galileo takes whatever whole groups of its bands the scene has."""
        warnings = [
            f"Galileo was pretrained on Sentinel-2 L1C; '{offer.layer}' is L2A. The map is usually good all the same; "
            "with L1C it may be better."
            for offer in scene.sources
            if offer.sensor == "sentinel-2-l2a"
        ]
        if scene.month is None:
            warnings.append("The scene's date is not known; Galileo takes it for July.")
        return Adapted(
            tuple(source_card(offer.role, offer.sensor, offer.bands, offer.gsd) for offer in scene.sources),
            arguments | {"month": scene.month or DEFAULT_MONTH},
            tuple(warnings),
        )

    def prepared(self, images: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """See `WindowedEncoder.prepared`; one group of bands is hidden, and shown, as a whole."""
        any_image = next(iter(images.values()))
        batch, _, height, width = any_image.shape
        stacked = any_image.new_full((batch, len(CHANNELS), height, width), torch.nan)
        for role, bands in self.bands.items():
            scaled = self.normalisers[role](images[role])
            stacked[:, [CHANNELS.index(band) for band in bands]] = scaled
        if {"B04", "B08"} <= set(self.bands.get("optical", ())):
            stacked[:, CHANNELS.index("NDVI")] = _ndvi(images["optical"], self.bands["optical"])
        missing = stacked.isnan()
        groups = [[CHANNELS.index(band) for band in bands] for bands in GROUPS.values()]
        hidden = torch.stack([missing[:, indexes].any(dim=1) for indexes in groups], dim=1)
        # A token is hidden where most of its pixels are; the encoder looks at the first pixel of each.
        tokens = mostly(hidden, self.patch_size)
        hidden = tokens.repeat_interleave(self.patch_size, -2).repeat_interleave(self.patch_size, -1)
        return stacked.nan_to_num(0.5), hidden  # 0.5 is the mean in 2-sigma scaling

    def encode_windows(self, channels: Tensor, hidden: Tensor) -> list[Encoded]:
        """See `WindowedEncoder.encode_windows`."""
        months = torch.full((len(channels), 1), self.month - 1, dtype=torch.long, device=channels.device)
        tokens, hidden = self.galileo(
            channels.permute(0, 2, 3, 1)[:, :, :, None],
            hidden.permute(0, 2, 3, 1)[:, :, :, None],
            months,
            self.patch_size,
            self.gsd,
        )
        visible = (~hidden[:, :, :, 0])[..., None].to(tokens.dtype)
        mean = (tokens[:, :, :, 0] * visible).sum(dim=-2) / visible.sum(dim=-2).clamp_min(1)
        return [(mean.permute(0, 3, 1, 2), visible.amax(dim=(-2, -1)))]


def _ndvi(image: Tensor, bands: Sequence[str]) -> Tensor:
    """NDVI normalised like the other channels, from (batch, band, y, x) reflectance × 10 000."""
    red, near_infrared = (image[:, bands.index(band)] for band in ("B04", "B08"))
    ndvi = (near_infrared - red) / (near_infrared + red).clamp_min(1e-6)
    mean, std = MEAN[-1], STD[-1]
    return (ndvi - (mean - 2 * std)) / (4 * std)


def source_card(role: str, sensor: str, bands: Sequence[str], gsd: float) -> SourceCard:
    """Returns what Galileo expects of a source that has these bands: its own ones among them, 2-sigma scaled.

    Raises:
        CheckpointError: If the source has no whole group of bands that Galileo knows.
    """
    wanted = tuple(band for band in BANDS[role] if band in bands)
    groups = [group for name, group in GROUPS.items() if name != "NDVI" and set(group) <= set(wanted)]
    if not groups or not sensor.startswith("sentinel"):
        raise CheckpointError(
            f"Galileo needs Sentinel-1 (VV and VH) or Sentinel-2 bands ({' '.join(S2_BANDS)}); the {role} layer was "
            f"read as {sensor} with the bands {' '.join(bands)}.",
            "State the sensor and bands of the layer, or leave the checkpoint empty.",
        )
    whole = tuple(band for band in wanted if any(band in group for group in groups))
    mean = [MEAN[CHANNELS.index(band)] for band in whole]
    std = [STD[CHANNELS.index(band)] for band in whole]
    scaling = Normalisation(
        "2-sigma", tuple(m - 2 * s for m, s in zip(mean, std, strict=True)), tuple(4 * s for s in std)
    )
    return SourceCard(role, sensor, whole, "db" if role == "sar" else "dn", gsd, scaling)
