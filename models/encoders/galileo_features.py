"""Dense features of Galileo for tiles of any size, of an image or a time stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...core.cards import Normalisation, SourceCard
from ...core.errors import CheckpointError
from ..dated import by_date
from .encoder import Adapted
from .galileo import BASE_GSD, CHANNELS, GROUPS, MEAN, S1_BANDS, S2_BANDS, STD, Galileo
from .monthly import monthly, timeline
from .offers import SceneOffer
from .windows import Encoded, WindowedEncoder, mostly

BANDS = {"optical": S2_BANDS, "sar": S1_BANDS}
DEFAULT_MONTH = 7


class GalileoFeatures(WindowedEncoder):
    """Galileo's tokens, averaged over the visible channel groups and months and over 3 × 3 tokens.

    Of a time stack it sees months, as in its pretraining: the mean of each month's dates, and missing ones hidden.
    Averaging steadies the head when labels are few (benchmarks/fewlabels.py); edges come from the band context.

    Args:
        sources: What is read of the scene; bands may be a part of Galileo's, whose other groups are then hidden, as in
            its pretraining.
        month: Month of the scene, 1 to 12, where it has no dates.
        arguments: Arguments of `models.encoders.galileo.Galileo`.
    """

    months: Tensor

    temporal = True
    patch_size = 4
    tile = 448
    chip = 32

    def __init__(self, sources: Sequence[SourceCard], month: int = DEFAULT_MONTH, **arguments: int) -> None:
        galileo = Galileo(**arguments)
        dated = any(source.dates for source in sources)
        super().__init__(sources, 32, 16, (self.patch_size,), (galileo.dim * (1 + dated),), smoothing=3)
        self.dated = dated
        self.galileo = galileo
        self.month = month
        self.gsd = sources[0].gsd or BASE_GSD
        self._begin()

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`."""
        return self.galileo

    def bind(self, sources: Sequence[SourceCard]) -> None:
        """See `Encoder.bind`; any dates will do."""
        super().bind(sources)
        self._begin()

    def _begin(self) -> None:
        self.timeline = timeline(self.dates, self.month, len(self.galileo.pos_embed))
        self.register_buffer("months", torch.tensor(self.timeline.months), persistent=False)
        self.to(self.galileo.pos_embed.device)

    @classmethod
    def adapted(cls, sources: Sequence[SourceCard], arguments: dict[str, Any], scene: SceneOffer) -> Adapted:
        """See `Encoder.adapted`; Galileo takes whatever whole groups of its bands the scene has."""
        warnings = [
            f"Galileo was pretrained on Sentinel-2 L1C; '{offer.layer}' is L2A. The map is usually good all the same; "
            "with L1C it may be better."
            for offer in scene.sources
            if offer.sensor == "sentinel-2-l2a"
        ]
        if scene.month is None and not any(offer.dates for offer in scene.sources):
            warnings.append("The scene's date is not known; Galileo takes it for July.")
        return Adapted(
            tuple(source_card(offer.role, offer.sensor, offer.bands, offer.gsd) for offer in scene.sources),
            arguments | {"month": scene.month or DEFAULT_MONTH},
            tuple(warnings),
        )

    def prepared(self, images: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """See `WindowedEncoder.prepared`; one group of bands of a month is hidden, and shown, as a whole.

        Channels and groups are those of the first month, then those of the second one, and so on.
        """
        any_image = next(iter(images.values()))
        steps = len(self.timeline.months)
        stacked = any_image.new_full((len(any_image), steps, len(CHANNELS), *any_image.shape[2:]), torch.nan)
        for role, bands in self.bands.items():
            image = monthly(images[role], len(bands), self.timeline.steps[role], steps, role == "sar")
            scaled = by_date(self.normalisers[role](image), len(bands))
            stacked[:, :, [CHANNELS.index(band) for band in bands]] = scaled
            if role == "optical" and {"B04", "B08"} <= set(bands):
                stacked[:, :, CHANNELS.index("NDVI")] = _ndvi(by_date(image, len(bands)), bands)
        missing = stacked.isnan()
        groups = [[CHANNELS.index(band) for band in bands] for bands in GROUPS.values()]
        hidden = torch.stack([missing[:, :, indexes].any(dim=2) for indexes in groups], dim=2).flatten(1, 2)
        # A token is hidden where most of its pixels are; the encoder looks at the first pixel of each.
        tokens = mostly(hidden, self.patch_size)
        hidden = tokens.repeat_interleave(self.patch_size, -2).repeat_interleave(self.patch_size, -1)
        return stacked.nan_to_num(0.5).flatten(1, 2), hidden  # 0.5 is the mean in 2-sigma scaling

    def encode_windows(self, channels: Tensor, hidden: Tensor) -> list[Encoded]:
        """See `WindowedEncoder.encode_windows`."""
        series, masks = by_date(channels, len(CHANNELS)), by_date(hidden, len(GROUPS))
        places = torch.arange(series.shape[1], device=channels.device)
        if len(places) > 1:
            # Months without any data have only hidden tokens, which take no part, but time.
            places = (~masks).any(dim=0).flatten(1).any(dim=1).nonzero()[:, 0]
            series, masks = series[:, places], masks[:, places]
        months = self.months[places].expand(len(channels), -1)
        tokens, unseen = self.galileo(
            series.permute(0, 3, 4, 1, 2), masks.permute(0, 3, 4, 1, 2), months, self.patch_size, self.gsd, places
        )
        visible = (~unseen)[..., None].to(tokens.dtype)
        features = (tokens * visible).sum(dim=(3, 4)) / visible.sum(dim=(3, 4)).clamp_min(1)
        if self.dated:
            features = torch.cat([features, _spread_in_time(tokens, visible)], dim=-1)
        return [(features.permute(0, 3, 1, 2), visible.amax(dim=(3, 4, 5)))]


def _spread_in_time(tokens: Tensor, visible: Tensor) -> Tensor:
    """Returns how much the tokens of a place differ from month to month, which their mean does not tell.

    Args:
        tokens: (window, row, column, month, group, dim).
        visible: (window, row, column, month, group, 1), 0 or 1.

    Returns:
        (window, row, column, dim), the standard deviation of the months' means over groups.
    """
    count = visible.sum(dim=4)
    months, seen = (tokens * visible).sum(dim=4) / count.clamp_min(1), (count > 0).to(tokens.dtype)
    number = seen.sum(dim=3, keepdim=True).clamp_min(1)
    apart = (months - (months * seen).sum(dim=3, keepdim=True) / number) * seen
    variance = apart.square().sum(dim=3) / number[..., 0, :]
    return (variance + 1e-6).sqrt() - 1e-3  # the root has no slope at zero


def _ndvi(images: Tensor, bands: Sequence[str]) -> Tensor:
    """NDVI normalised like the other channels, of (batch, date, band, y, x) reflectance × 10 000."""
    red, near_infrared = (images[:, :, bands.index(band)] for band in ("B04", "B08"))
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
