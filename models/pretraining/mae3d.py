"""3DMAE: a masked autoencoder over the joint channels of several sensors, hidden as volumes (seed 000).

Nothing but the seed's slides is published; sizes and ratios follow its baselines SatViT and DINO-MM.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from timm.models.vision_transformer import Block
from torch import Tensor, nn

from ..encoders.mae3d import Mae3dFeatures, positions
from .losses import masked_mean
from .masking import volume_mask
from .method import Images, Method, Schedule


@dataclass(frozen=True)
class Mae3dOptions:
    """What can be chosen.

    Attributes:
        strategy: One of `masking.VERTICAL`.
        patch: Side of the patches in pixels.
        ratio: Share of the tokens that are hidden with all their channels, 0 to 1.
        channel_ratio: Probability that a channel is hidden, 0 to 1.
        by_modality: Whether each modality counts the same in the loss, rather than each channel; ten optical channels
            would drown two of SAR.
        standardise: Whether each token's target is standardised by its own mean and deviation.
        decoder_dim: Width of the decoder.
        decoder_depth: Its blocks.
    """

    strategy: str = "3DM"
    patch: int = 8
    ratio: float = 0.75
    channel_ratio: float = 0.3
    by_modality: bool = True
    standardise: bool = False
    decoder_dim: int = 128
    decoder_depth: int = 2


class Mae3d(Method):
    """Learns to fill in what was hidden of an image.

    Args:
        encoder: The encoder to pretrain.
        schedule: How.
        options: See there.
    """

    may_collapse = False

    def __init__(self, encoder: Mae3dFeatures, schedule: Schedule, options: Mae3dOptions) -> None:
        super().__init__(schedule)
        self.encoder, self.options = encoder, options
        self.groups = encoder.stack.groups
        network = encoder.network
        self.patch = network.patch
        width = options.decoder_dim
        self.bridge = nn.Linear(network.dim, width)
        self.mask_token = nn.Parameter(torch.zeros(width))
        self.decoder = nn.ModuleList(
            [Block(width, max(width // 32, 1), qkv_bias=True) for _ in range(options.decoder_depth)]
        )
        self.norm = nn.LayerNorm(width)
        self.prediction = nn.Linear(width, sum(self.groups) * self.patch**2)
        nn.init.normal_(self.mask_token, std=0.02)

    def encoder_module(self) -> Mae3dFeatures:
        """See `Method.encoder_module`."""
        return self.encoder

    def losses(self, batch: Images) -> tuple[dict[str, Tensor], Tensor]:
        """See `Method.losses`."""
        stacked = self.encoder.stacked(batch)
        missing = stacked.isnan()
        images = torch.where(missing, torch.zeros_like(stacked), stacked)
        spatial, volume = self.masks(images)
        predicted, features = self.reconstruct(images, spatial, volume)
        target = patches(images, self.patch)
        if self.options.standardise:
            target = standardised(target)
        # What was never there cannot be learned: only pixels that were hidden from the network and have data count.
        wanted = volume[..., None] & ~patches(missing, self.patch)
        return self.parts((predicted - target).square(), wanted), features.mean(dim=1)

    def reconstructions(self, batch: Images) -> dict[str, Tensor]:
        """See `Method.reconstructions`; visible parts of what is filled in are those that were seen."""
        stacked = self.encoder.stacked(batch)
        images = stacked.nan_to_num(0.0)
        rows = images.shape[-2] // self.patch
        spatial, volume = self.masks(images)
        predicted, _ = self.reconstruct(images, spatial, volume)
        hidden = pixels_of(volume[..., None].expand_as(predicted), self.patch, rows)
        filled = torch.where(hidden, pixels_of(predicted, self.patch, rows), images)
        return {"seen": stacked.masked_fill(hidden, torch.nan), "filled in": filled, "true": stacked}

    def channel_names(self) -> list[tuple[str, str]]:
        """See `Method.channel_names`."""
        return [(role, band) for role, bands in self.encoder.stack.layout.items() for band in bands]

    def masks(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Draws `volume_mask`s for (sample, channel, y, x)."""
        options = self.options
        tokens = (images.shape[-2] // self.patch) * (images.shape[-1] // self.patch)
        masks = volume_mask(
            options.strategy, len(images), tokens, self.groups, options.ratio, options.channel_ratio, self.draws()
        )
        return masks[0].to(images.device), masks[1].to(images.device)

    def reconstruct(self, images: Tensor, spatial: Tensor, volume: Tensor) -> tuple[Tensor, Tensor]:
        """Fills in images.

        Args:
            images: (sample, channel, y, x) standardised, without NaN.
            spatial: (sample, token) bool, tokens hidden as a whole; the same number in each sample.
            volume: (sample, token, channel) bool, all that is hidden.

        Returns:
            Predicted pixels (sample, token, channel, pixel), and the encoder's tokens (sample, kept token, dim).
        """
        rows, columns = images.shape[-2] // self.patch, images.shape[-1] // self.patch
        hidden = volume.transpose(1, 2).unflatten(2, (rows, columns))
        hidden = hidden.repeat_interleave(self.patch, 2).repeat_interleave(self.patch, 3)
        order = spatial.int().argsort(dim=1, stable=True)  # visible tokens first
        kept = order[:, : int((~spatial[0]).sum())]
        encoded = self.encoder.network(images.masked_fill(hidden, 0.0), kept)
        bridged = self.bridge(encoded)
        full = self.mask_token.expand(*spatial.shape, -1).to(bridged.dtype)
        tokens = full.scatter(1, kept[..., None].expand_as(bridged), bridged)
        tokens = tokens + positions(rows, columns, tokens.shape[-1]).to(tokens)
        for block in self.decoder:
            tokens = block(tokens)
        pixels = self.prediction(self.norm(tokens))
        return pixels.unflatten(2, (sum(self.groups), self.patch**2)), encoded

    def parts(self, errors: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        """Returns the mean error over what is wanted, by modality or over all channels.

        Args:
            errors: (sample, token, channel, pixel).
            wanted: The same shape, bool.
        """
        if not self.options.by_modality:
            return {"reconstruction": masked_mean(errors, wanted)}
        means = [
            masked_mean(error, mask)
            for error, mask in zip(errors.split(self.groups, dim=2), wanted.split(self.groups, dim=2), strict=True)
        ]
        return {role: mean / len(means) for role, mean in zip(self.encoder.stack.layout, means, strict=True)}


def patches(images: Tensor, patch: int) -> Tensor:
    """(sample, channel, y, x) → (sample, token, channel, pixel), tokens and pixels row by row."""
    batch, channels, height, width = images.shape
    cut = images.reshape(batch, channels, height // patch, patch, width // patch, patch)
    return cut.permute(0, 2, 4, 1, 3, 5).reshape(batch, -1, channels, patch * patch)


def pixels_of(cut: Tensor, patch: int, rows: int) -> Tensor:
    """Undoes `patches`: (sample, token, channel, pixel) → (sample, channel, y, x)."""
    batch, tokens, channels, _ = cut.shape
    grid = cut.reshape(batch, rows, tokens // rows, channels, patch, patch)
    return grid.permute(0, 3, 1, 4, 2, 5).reshape(batch, channels, rows * patch, -1)


def standardised(target: Tensor) -> Tensor:
    """Each token over all its values (sample, token, channel, pixel): mean 0, variance 1 (MAE's normalised target)."""
    mean = target.mean(dim=(2, 3), keepdim=True)
    variance = target.var(dim=(2, 3), keepdim=True)
    return (target - mean) / (variance + 1e-6).sqrt()
