"""Panopticon: a vision transformer for any set of optical bands and polarisations.

Waldmann et al., "Panopticon: Advancing Any-Sensor Foundation Models for Earth Observation", CVPR workshops 2025.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import timm
import torch
from torch import Tensor, nn
from torchgeo.models.copernicusfm import resize_abs_pos_embed
from torchgeo.models.panopticon import PanopticonPE

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from .encoder import Adapted
from .offers import SceneOffer
from .spectra import centre, sources_of_any_sensor
from .tokens import TokenEncoder

IMAGE = 224
PATCH = 14
FUSION_HEADS = 16

SENTINEL_2 = {
    "B01": 443, "B02": 493, "B03": 560, "B04": 665, "B05": 704, "B06": 741, "B07": 782, "B08": 828, "B8A": 865,
    "B09": 945, "B10": 1373, "B11": 1614, "B12": 2204,
}  # fmt: skip
"""Nanometres by which the authors' configuration of pretraining names the bands."""

POLARISATIONS = {"VV": -1, "VH": -2, "HH": -3, "HV": -4}
"""The same for radar, where it is not known whether the orbit ascends or descends."""


class PanopticonFeatures(TokenEncoder):
    """Patch tokens of Panopticon; the bands of all sources are fused into one token per patch.

    Args:
        sources: What is read of the scene: bands of known wavelength, and polarisations.
        width: Channels of its tokens.
        depth: Number of its blocks.
        heads: Number of its attention heads.
        fusion: Channels in which bands are fused, a multiple of 16.
        upsample: How many times the scene's windows are enlarged to the 224 pixels that it sees.

    Raises:
        CheckpointError: If a band's wavelength is not known.
    """

    names: Tensor
    batch = 4  # fusing works on every band by itself, in three times the width of the tokens

    def __init__(
        self,
        sources: Sequence[SourceCard],
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        fusion: int = 2304,
        upsample: int = 2,
    ) -> None:
        super().__init__(sources, IMAGE, PATCH, upsample, [width])
        names = [channel_name(source.sensor, band) for source in sources for band in source.bands]
        self.network = _network(width, depth, heads, fusion)
        self.register_buffer("names", torch.tensor([names], dtype=torch.float32), persistent=False)

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: `cls_token`, `pos_embed`, `patch_embed`, `blocks`, `norm`."""
        return self.network

    @classmethod
    def adapted(cls, sources: Sequence[SourceCard], arguments: dict[str, Any], scene: SceneOffer) -> Adapted:
        """See `Encoder.adapted`; Panopticon has no statistics of its own."""
        taken, warnings = sources_of_any_sensor(sources, scene, "Panopticon")
        return Adapted(taken, arguments, warnings)

    def token_maps(self, images: Tensor) -> list[Tensor]:
        """See `TokenEncoder.token_maps`."""
        network: Any = self.network  # whose parts timm types loosely
        tokens = torch.cat([network.cls_token.expand(images.shape[0], -1, -1), self._fused(images)], dim=1)
        tokens = tokens + network.pos_embed
        for block in network.blocks:
            tokens = block(tokens)
        return [network.norm(tokens)[:, 1:]]

    def _fused(self, images: Tensor) -> Tensor:
        """(window, band, y, x) → (window, token, channel): as torchgeo's, without its checks, which stop a trace."""
        embedding: Any = self.network.patch_embed
        fusion = embedding.chnfus
        patches, _, _ = embedding.conv3d(images)  # (window, band, token, fusion)
        # A copy of the names, since they are rounded in place.
        patches = patches + fusion.chnemb(self.names.clone())[:, :, None]
        bands = patches.transpose(1, 2).flatten(0, 1)
        fused = fusion.xattn(fusion.query.expand(bands.shape[0], -1, -1), bands, bands)
        tokens: Tensor = embedding.proj(fused.view(images.shape[0], -1, bands.shape[-1]))
        return tokens


def _network(width: int, depth: int, heads: int, fusion: int) -> nn.Module:
    """Returns the network as torchgeo puts it together, of any size."""
    network = timm.create_model(
        "vit_base_patch14_dinov2", img_size=IMAGE, num_classes=0, embed_dim=width, depth=depth, num_heads=heads
    )
    network.patch_embed = PanopticonPE(fusion, width, PATCH, {"attn_cfg": {"num_heads": FUSION_HEADS}}, IMAGE)
    return network


def channel_name(sensor: str, band: str) -> int:
    """Returns the number by which Panopticon knows a band: nanometres, or a negative one for a polarisation.

    Raises:
        CheckpointError: If it does not know it.
    """
    known = POLARISATIONS.get(band) if sensor.startswith("sentinel-1") else None
    if sensor.startswith("sentinel-2"):
        known = SENTINEL_2.get(band)
    wavelength = centre(sensor, band)
    if known is None and wavelength is None:
        raise CheckpointError(
            f"The wavelength of band '{band}' of sensor '{sensor}' is not known; Panopticon needs it.",
            "State the layer's sensor and bands.",
        )
    return known if known is not None else round(wavelength or 0)


def from_published(weights: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, int]]:
    """Takes over the authors' file, with its position embeddings resampled from 37 × 37 to the 16 × 16 tokens in use.

    Returns:
        Weights named as in `PanopticonFeatures.pretrained_part`, and the arguments that fit them.

    Raises:
        CheckpointError: If it is none of Panopticon.
    """
    network = {name.removeprefix("model."): tensor for name, tensor in weights.items()}
    network.pop("mask_token", None)  # for pretraining alone
    blocks = [int(name.split(".")[1]) for name in network if name.startswith("blocks.")]
    query = network.get("patch_embed.chnfus.query")
    if query is None or "pos_embed" not in network or not blocks:
        raise CheckpointError("The file is not Panopticon: its fusion of bands, positions or blocks are missing.")
    side = math.isqrt(network["pos_embed"].shape[1] - 1)
    network["pos_embed"] = resize_abs_pos_embed(network["pos_embed"], IMAGE // PATCH, side)
    width = int(network["pos_embed"].shape[-1])
    arguments = {"width": width, "depth": max(blocks) + 1, "heads": max(width // 64, 1), "fusion": int(query.shape[-1])}
    return network, arguments
