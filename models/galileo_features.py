"""Dense features of Galileo for tiles of any size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..core.cards import Normalisation, SourceCard
from ..core.errors import CheckpointError
from .context import local_mean, spread_over_edges
from .galileo import BASE_GSD, CHANNELS, GROUPS, MEAN, S1_BANDS, S2_BANDS, STD, Galileo
from .normalisation import Normaliser

BANDS = {"optical": S2_BANDS, "sar": S1_BANDS}


class GalileoFeatures(nn.Module):
    """Encodes overlapping windows and joins their tokens to seamless maps.

    A pixel's features come from the tokens within `reach` pixels: it is upsampled from, and averaged over, them.

    Windows lie on a fixed lattice of `stride` pixels, so that a pixel's features depend on its place in the raster and
    not on the tile it was read with, as long as tiles start at multiples of `alignment` and their outer `halo` pixels
    are not used.

    Args:
        sources: What is read of the scene; bands may be a part of Galileo's, whose other groups are then hidden, as in
            its pretraining.
        month: Month of the scene, 1 to 12.
        arguments: Arguments of `models.galileo.Galileo`.
    """

    blend: Tensor
    patch_size = 4
    window = 32
    stride = 16
    reach = 8
    alignment = 16
    halo = 32
    ramp = 0
    tile = 448
    chip = 32
    batch = 16

    def __init__(self, sources: Sequence[SourceCard], month: int, **arguments: int) -> None:
        super().__init__()
        self.galileo = Galileo(**arguments)
        self.channels = (self.galileo.dim,)
        self.strides = (self.patch_size,)
        self.month = month
        self.gsd = sources[0].gsd or BASE_GSD
        self.check_in: Callable[[], None] = no_check
        self.bands = {source.role: source.bands for source in sources}
        self.normalisers = nn.ModuleDict({source.role: Normaliser(source.normalisation) for source in sources})
        weight = torch.sin(
            torch.pi * (torch.arange(self.window // self.patch_size) + 0.5) * self.patch_size / self.window
        )
        self.register_buffer("blend", (weight[:, None] * weight).square(), persistent=False)

    def pretrained_part(self) -> nn.Module:
        """Returns what stays frozen when only the decoder is trained."""
        return self.galileo

    def forward(self, images: dict[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """Encodes tiles.

        Args:
            images: Per role (batch, band, y, x) in canonical units, NaN for no data; sides are multiples of 16, at
                least 32.
            wanted: (batch, y, x) bool, pixels whose features matter; None: all. Windows far from them are skipped.

        Returns:
            One map (batch, dim, y / 4, x / 4): tokens averaged over the visible channel groups, and over 3 × 3 tokens,
            which steadies the head when labels are few (benchmarks/fewlabels.py); edges come from the band context.
        """
        channels, hidden = self._channels(images)
        near = _near(wanted, self.reach) if wanted is not None else torch.ones_like(hidden[:, 0])
        encoded = [self._encode_tile(c, h, n) for c, h, n in zip(channels, hidden, near, strict=True)]
        tokens = torch.stack([features for features, _ in encoded])
        visible = torch.stack([weight > 0 for _, weight in encoded])[:, None]
        return [spread_over_edges(local_mean(tokens, visible, 3), visible)]

    def _channels(self, images: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Returns (batch, channel, y, x) normalised without NaN, and (batch, group, y, x) bool of what is hidden."""
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
        return stacked.nan_to_num(0.5), hidden  # 0.5 is the mean in 2-sigma scaling

    def _encode_tile(self, channels: Tensor, hidden: Tensor, near: Tensor) -> tuple[Tensor, Tensor]:
        """Encodes one tile.

        Args:
            channels: (channel, y, x).
            hidden: (group, y, x) bool.
            near: (y, x) bool; windows without any such pixel are skipped.

        Returns:
            features (dim, y / 4, x / 4), and their weights, 0 where nothing was seen.
        """
        rows, columns = (range(0, side - self.window + 1, self.stride) for side in channels.shape[1:])
        # A token is hidden where most of its pixels are; the encoder looks at the first pixel of each.
        share = F.avg_pool2d(hidden.float()[None], self.patch_size)[0]
        hidden = F.interpolate((share > 0.5).float()[None], scale_factor=self.patch_size)[0] > 0.5
        corners = [
            (row, column)
            for row in rows
            for column in columns
            if self._cut(near[None], row, column).any() and not self._cut(hidden, row, column).all()
        ]
        shape = [side // self.patch_size for side in channels.shape[1:]]
        total = channels.new_zeros((self.galileo.dim, *shape))
        weight = channels.new_zeros(shape)
        for start in range(0, len(corners), self.batch):
            self.check_in()
            some = corners[start : start + self.batch]
            features, visible = self._encode_windows(
                torch.stack([self._cut(channels, *corner) for corner in some]),
                torch.stack([self._cut(hidden, *corner) for corner in some]),
            )
            for (row, column), feature, seen in zip(some, features, visible, strict=True):
                place = self._place(row, column)
                total[(slice(None), *place)] += feature * self.blend * seen
                weight[place] += self.blend * seen
        return total / weight.clamp_min(1e-9), weight

    def _cut(self, image: Tensor, row: int, column: int) -> Tensor:
        return image[:, row : row + self.window, column : column + self.window]

    def _place(self, row: int, column: int) -> tuple[slice, slice]:
        side = self.window // self.patch_size
        row, column = row // self.patch_size, column // self.patch_size
        return slice(row, row + side), slice(column, column + side)

    def _encode_windows(self, channels: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Encodes windows.

        Args:
            channels: (window, channel, y, x).
            hidden: (window, group, y, x) bool.

        Returns:
            features (window, dim, row, column), and (window, row, column) of 0 and 1: which tokens see anything.
        """
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
        return mean.permute(0, 3, 1, 2), visible.amax(dim=(-2, -1))


def _near(wanted: Tensor, reach: int) -> Tensor:
    """(batch, y, x) bool → the same with the surroundings of the wanted pixels."""
    return F.max_pool2d(wanted[:, None].float(), 2 * reach + 1, stride=1, padding=reach)[:, 0] > 0


def no_check() -> None:
    """Lets the encoder go on."""


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
