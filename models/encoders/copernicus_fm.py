"""Copernicus-FM: a vision transformer that makes its patch embedding from wavelengths and bandwidths.

Wang et al., "Towards a Unified Copernicus Foundation Model for Earth Vision", ICCV 2025.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchgeo.models import CopernicusFM

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from .encoder import Adapted
from .offers import SceneOffer
from .spectra import centre, sources_of_any_sensor
from .tokens import TokenEncoder

IMAGE = 224
PATCH = 16
SMALLEST_AREA = 1e-3
"""Square kilometres: the smallest token that its code of areas can tell."""

RADAR = (5e7, 1e9)
"""What the authors state for Sentinel-1: wavelength and bandwidth in nanometres."""

SENTINEL_2 = {
    "B01": (440, 20), "B02": (490, 65), "B03": (560, 35), "B04": (665, 30), "B05": (705, 15), "B06": (740, 15),
    "B07": (783, 20), "B08": (842, 115), "B8A": (860, 20), "B09": (940, 20), "B10": (1370, 30), "B11": (1610, 90),
    "B12": (2190, 180),
}  # fmt: skip
"""Wavelength and bandwidth in nanometres, as the authors rounded those of ESA
(github.com/zhu-xlab/Copernicus-FM, Copernicus-Bench/src/configs/dataset/cobench_dfc2020_s2.yaml)."""

BANDWIDTHS = {
    "landsat-8": {"B1": 20, "B2": 60, "B3": 60, "B4": 30, "B5": 30, "B6": 80, "B7": 180, "B8": 180, "B9": 20},
    "landsat-7": {"B1": 70, "B2": 80, "B3": 60, "B4": 130, "B5": 200, "B7": 260, "B8": 380},
    "aerial": {"red": 60, "green": 54, "blue": 72, "nir": 87},
}
"""Nanometres: USGS, "What are the band designations for the Landsat satellites?"; aerial: Leica ADS80."""


class CopernicusFMFeatures(TokenEncoder):
    """Patch tokens of Copernicus-FM; each source is encoded by itself, as in pretraining, and tokens lie side by side.

    The published weights end before a norm; torchgeo standardises what comes out of it, and so do the tokens here. The
    date is left unknown, as it often was in pretraining: a scene states its month, the code is one of days.

    Args:
        sources: What is read of the scene: bands of known wavelength, and polarisations.
        longitude: Of the scene in degrees; None: unknown.
        latitude: Of the scene in degrees; None: unknown.
        width: Channels of the tokens of one source.
        depth: Number of its blocks.
        heads: Number of its attention heads.
        hyper: Channels of the network that makes the patch embedding.
        upsample: How many times the scene's windows are enlarged to the 224 pixels that it sees.

    Raises:
        CheckpointError: If a band's wavelength or bandwidth is not known.
    """

    def __init__(
        self,
        sources: Sequence[SourceCard],
        longitude: float | None = None,
        latitude: float | None = None,
        width: int = 768,
        depth: int = 12,
        heads: int = 12,
        hyper: int = 128,
        upsample: int = 2,
    ) -> None:
        super().__init__(sources, IMAGE, PATCH, upsample, [width * len(sources)])
        spectra = [torch.tensor([spectrum(source.sensor, band) for band in source.bands]) for source in sources]
        self.network = _network(width, depth, heads, hyper)
        self.width = width
        self.counts = [len(source.bands) for source in sources]
        for index, (source, known) in enumerate(zip(sources, spectra, strict=True)):
            self.register_buffer(f"spectrum{index}", self._spectral_code(known), persistent=False)
            area = (source.gsd * PATCH / upsample / 1000) ** 2
            self.register_buffer(f"area{index}", self._area_code(area, width), persistent=False)
        self.register_buffer("place", self._place_code(longitude, latitude, width), persistent=False)

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: `cls_token`, `pos_embed`, `patch_embed_spectral`, `blocks`, ..."""
        return self.network

    @classmethod
    def adapted(cls, sources: Sequence[SourceCard], arguments: dict[str, Any], scene: SceneOffer) -> Adapted:
        """See `Encoder.adapted`."""
        taken, warnings = sources_of_any_sensor(sources, scene, "Copernicus-FM")
        place = {"longitude": scene.longitude, "latitude": scene.latitude}
        return Adapted(taken, arguments | place, warnings)

    def token_maps(self, images: Tensor) -> list[Tensor]:
        """See `TokenEncoder.token_maps`."""
        parts = images.split(self.counts, dim=1)
        return [torch.cat([self._tokens(part, index) for index, part in enumerate(parts)], dim=-1)]

    def _tokens(self, images: Tensor, source: int) -> Tensor:
        """(window, band, y, x) of one source → (window, token, channel): torchgeo's network, up to its pooling."""
        network = self.network
        positions = network.pos_embed + self._metadata(source)
        first = (network.cls_token + positions[:, :1]).expand(images.shape[0], -1, -1)
        tokens = torch.cat([first, self._patches(images, source) + positions[:, 1:]], dim=1)
        for block in network.blocks:
            tokens = block(tokens)
        return F.layer_norm(tokens[:, 1:], [self.width])

    def _patches(self, images: Tensor, source: int) -> Tensor:
        embed = self.network.patch_embed_spectral
        weight, bias = embed.weight_generator(embed.fclayer(getattr(self, f"spectrum{source}")))
        kernel = weight.view(-1, PATCH, PATCH, embed.embed_dim).permute(3, 0, 1, 2) * embed.scaler
        patches = F.conv2d(images, kernel, bias.view(-1) * embed.scaler, stride=PATCH, padding=1)
        return patches.flatten(2).transpose(1, 2)

    def _metadata(self, source: int) -> Tensor:
        """Returns (1, 1, channel): codes of place, area and date; a learned one for what is not known."""
        network = self.network
        place, area = self.place, getattr(self, f"area{source}")
        code: Tensor = (
            network.coord_fc(place if place is not None else network.coord_token)
            + network.scale_fc(area if area is not None else network.scale_token)
            + network.time_fc(network.time_token)
        )
        return code

    def _spectral_code(self, known: Tensor) -> Tensor:
        """(band, 2) wavelengths and bandwidths → (band, channel)."""
        embed = self.network.patch_embed_spectral
        wavelength: Tensor = embed.spectrum_central_expansion(known[:, 0], embed.hyper_dim)
        return wavelength + embed.spectrum_bandwidth_expansion(known[:, 1], embed.hyper_dim)

    def _area_code(self, area: float, width: int) -> Tensor | None:
        """Area of a token in square kilometres; none is known where the scene's pixels are of unknown size."""
        return self.network.get_area_pos_embed(torch.tensor([area]), width) if area >= SMALLEST_AREA else None

    def _place_code(self, longitude: float | None, latitude: float | None, width: int) -> Tensor | None:
        if longitude is None or latitude is None:
            return None
        code: Tensor = self.network.get_coord_pos_embed(torch.tensor([longitude]), torch.tensor([latitude]), width)
        return code


def _network(width: int, depth: int, heads: int, hyper: int) -> CopernicusFM:
    """Returns torchgeo's network without what maps have no use for: other kinds of input, and pooling."""
    network = CopernicusFM(IMAGE, PATCH, embed_dim=width, depth=depth, num_heads=heads, hyper_dim=hyper)
    del network.patch_embed_variable, network.fc_norm
    return network


def spectrum(sensor: str, band: str) -> tuple[float, float]:
    """Returns centre wavelength and bandwidth in nanometres, as Copernicus-FM is told them.

    Raises:
        CheckpointError: If they are not known.
    """
    if sensor.startswith("sentinel-1"):
        return RADAR
    if sensor.startswith("sentinel-2") and band in SENTINEL_2:
        return SENTINEL_2[band]
    wavelength, bandwidth = centre(sensor, band), BANDWIDTHS.get(sensor, {}).get(band)
    if wavelength is None or bandwidth is None:
        raise CheckpointError(
            f"Wavelength and bandwidth of band '{band}' of sensor '{sensor}' are not known; Copernicus-FM needs them.",
            "State the layer's sensor and bands.",
        )
    return wavelength, float(bandwidth)


def from_published(weights: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, int]]:
    """Takes over what maps need of the authors' file.

    Returns:
        Weights named as in `CopernicusFMFeatures.pretrained_part`, and the arguments that fit them.

    Raises:
        CheckpointError: If it is none of Copernicus-FM.
    """
    unused = ("patch_embed_variable.", "fc_norm.", "norm.", "head.", "mask_token")
    network = {name: tensor for name, tensor in weights.items() if not name.startswith(unused)}
    blocks = [int(name.split(".")[1]) for name in network if name.startswith("blocks.")]
    generator = network.get("patch_embed_spectral.weight_generator.weight_tokens")
    if generator is None or "cls_token" not in network or not blocks:
        raise CheckpointError(
            "The file is not Copernicus-FM: its spectral embedding, class token or blocks are missing."
        )
    width = int(network["cls_token"].shape[-1])
    arguments = {
        "width": width,
        "depth": max(blocks) + 1,
        "heads": max(width // 64, 1),
        "hyper": int(generator.shape[-1]),
    }
    return network, arguments
