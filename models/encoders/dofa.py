"""DOFA as dense features: it makes its patch embedding from the wavelengths of the bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchgeo.models.dofa import DOFA, DOFAEmbedding, position_embedding

from ...core.cards import ANY_SENSOR, Normalisation, SourceCard, check_bands, check_roles
from ...core.errors import CheckpointError
from ...core.sensors import SENSORS, BandMatch
from .encoder import Adapted
from .offers import SceneOffer
from .positions import resampled
from .tokens import TokenEncoder

RADAR = 5.405
"""What the authors state for bands of Sentinel-1: their frequency in GHz, in the place of micrometres."""

PATCH = 16

LONGEST = 2.6
"""Micrometres: beyond, in the thermal infrared, DOFA has seen nothing."""


class DofaFeatures(TokenEncoder):
    """Patch tokens of DOFA (Xiong et al. 2024).

    The published weights end before a norm; torchgeo standardises what comes out of it, and so do the tokens here.

    DOFA was trained on bands that were standardised by statistics of each data set, in 8-bit units that scenes have no
    more. So bands are standardised by statistics of the scene, unless the card states others.

    Args:
        sources: What is read of the scene: bands of known wavelength.
        width: Channels of its tokens.
        depth: Number of its blocks.
        heads: Number of its attention heads.
        image: Side of the images that it sees, as published.
        upsample: How many times the scene's windows are enlarged to that.

    Raises:
        CheckpointError: If a band's wavelength is not known.
    """

    wavelengths: Tensor

    def __init__(
        self,
        sources: Sequence[SourceCard],
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        image: int = 224,
        upsample: int = 2,
    ) -> None:
        super().__init__(sources, image, PATCH, upsample, [width])
        self.network: Any = DOFA(image, PATCH, embed_dim=width, depth=depth, num_heads=heads, num_classes=0)
        self.network.fc_norm = nn.Identity()  # not among the published weights
        known = [wavelength(source.sensor, band) for source in sources for band in source.bands]
        self.register_buffer("wavelengths", torch.tensor(known), persistent=False)

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: `cls_token`, `pos_embed`, `patch_embed`, `blocks`."""
        return self.network

    @classmethod
    def adapted(cls, sources: Sequence[SourceCard], arguments: dict[str, Any], scene: SceneOffer) -> Adapted:
        """See `Encoder.adapted`; a source of any sensor takes all bands from the visible to the shortwave infrared."""
        check_roles(sources, [offer.role for offer in scene.sources], "the chosen encoder")
        if len(scene.sources) > 1:
            raise CheckpointError(
                f"DOFA was trained on one sensor at a time; {len(scene.sources)} layers are chosen.",
                "Choose the optical or the SAR layer.",
            )
        offer = scene.sources[0]
        source = {source.role: source for source in sources}[offer.role]
        if source.sensor != ANY_SENSOR:
            return super().adapted([source], arguments, scene)
        check_bands(source, BandMatch(offer.sensor, offer.bands), offer.layer, "the chosen encoder")
        taken = tuple(band for band in offer.bands if wavelength(offer.sensor, band) <= LONGEST or offer.role == "sar")
        if not taken:
            raise CheckpointError(
                f"Layer '{offer.layer}' has the bands {', '.join(offer.bands)}; DOFA needs some between 0.4 and "
                f"{LONGEST} micrometres.",
                "Choose another layer or checkpoint.",
            )
        left_out = [band for band in offer.bands if band not in taken]
        warnings = (
            (f"DOFA knows no thermal infrared; {', '.join(left_out)} of '{offer.layer}' are left out.",)
            if left_out
            else ()
        )
        adapted = replace(
            source,
            sensor=offer.sensor,
            bands=taken,
            units=offer.units,
            gsd=offer.gsd,
            normalisation=Normalisation("scene-z-score", (), ()),
            optional=False,
        )
        return Adapted((adapted,), arguments, warnings)

    def token_maps(self, images: Tensor) -> list[Tensor]:
        """See `TokenEncoder.token_maps`."""
        network = self.network
        weight, bias = patch_kernel(network.patch_embed, self.wavelengths)
        patches = F.conv2d(images, weight, bias, stride=PATCH, padding=1)
        tokens = patches.flatten(2).transpose(1, 2)
        tokens = tokens + resampled(network.pos_embed, self.grid, self.grid, 1)[:, 1:]
        first = (network.cls_token + network.pos_embed[:, :1]).expand(images.shape[0], -1, -1)
        tokens = torch.cat([first, tokens], dim=1)
        for block in network.blocks:
            tokens = block(tokens)
        return [F.layer_norm(tokens[:, 1:], self.channels, eps=1e-6)]


def patch_kernel(embedding: DOFAEmbedding, wavelengths: Tensor) -> tuple[Tensor, Tensor]:
    """Makes the convolution that embeds patches; the same as in torchgeo, in operations that ONNX has too.

    Args:
        embedding: Has the weights of a small transformer over the bands.
        wavelengths: (band,) in micrometres.

    Returns:
        Weight (channel, band, y, x) and bias (channel,).
    """
    generator, side = embedding.weight_generator, embedding.kernel_size
    waves = embedding.fclayer(position_embedding(embedding.dynamic_embed_dim, wavelengths * 1000))
    tokens = torch.cat([generator.weight_tokens, waves, generator.bias_token])
    for layer in generator.transformer_encoder.layers:
        attention = layer.self_attn
        mixed = F.linear(tokens, attention.in_proj_weight, attention.in_proj_bias)
        query, key, value = mixed.unflatten(1, (3, attention.num_heads, -1)).permute(1, 2, 0, 3).unbind()
        seen = F.scaled_dot_product_attention(query[None], key[None], value[None])[0]
        tokens = layer.norm1(tokens + attention.out_proj(seen.transpose(0, 1).flatten(1)))
        tokens = layer.norm2(tokens + layer.linear2(F.gelu(layer.linear1(tokens))))
    weight = generator.fc_weight(tokens[generator.wt_num : -1] + waves) * embedding.scaler
    bias = generator.fc_bias(tokens[-1]) * embedding.scaler
    return weight.view(-1, side, side, embedding.embed_dim).permute(3, 0, 1, 2), bias


def wavelength(sensor: str, band: str) -> float:
    """Returns what DOFA is told of a band: micrometres, or `RADAR`.

    Raises:
        CheckpointError: If the sensor or the band is not known.
    """
    profile = SENSORS.get(sensor)
    centre = {known.name: known.wavelength for known in profile.bands}.get(band) if profile else None
    if profile and profile.role == "sar":
        return RADAR
    if centre is None:
        raise CheckpointError(
            f"The wavelength of band '{band}' of sensor '{sensor}' is not known; DOFA needs it.",
            "State the layer's sensor and bands.",
        )
    return centre
