"""CROMA: a SAR encoder, an optical encoder, and one that joins both.

Fuller et al., "CROMA: Remote Sensing Representations with Contrastive Radar-Optical Masked Autoencoders", NeurIPS 2023.
The transformers are torchgeo's, whose names are those of the published weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torchgeo.models.croma import BaseTransformerCrossAttn, ViT

from ...core.cards import SourceCard
from ...core.errors import CheckpointError
from .tokens import TokenEncoder

PATCH = 8
HEADS = 16
"""Of both published sizes."""

BRANCHES = {"sar": "s1_encoder", "optical": "s2_encoder"}
JOINT = "joint_encoder"
BANDS = {"sar": 2, "optical": 12}
"""VV and VH; all bands of Sentinel-2 but B10."""


class CromaFeatures(TokenEncoder):
    """CROMA's tokens: those of the joint encoder, or of the SAR or the optical one where the scene has no other source.

    Args:
        sources: What is read of the scene: SAR, optical or both.
        width: Channels of its tokens.
        depth: Blocks of the optical encoder; the SAR and the joint one have half as many.
        image: Side in pixels of the images that it sees, a multiple of 8. Attention is biased by distance alone, so
            that other sides than the 120 pixels of pretraining work too.
        upsample: How many times the scene's windows are enlarged to that.

    Raises:
        CheckpointError: If images of that side cannot be cut into patches.
    """

    bias: Tensor

    def __init__(
        self, sources: Sequence[SourceCard], width: int = 768, depth: int = 12, image: int = 120, upsample: int = 1
    ) -> None:
        super().__init__(sources, image, PATCH, upsample, [width])
        self.roles = tuple(source.role for source in sources)
        self.absent = _absent(self.roles)
        self.croma = _network(self.roles, width, depth)
        self.register_buffer("bias", distance_bias(self.grid), persistent=False)

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: `s1_encoder`, `s2_encoder`, `joint_encoder`, as far as there are sources."""
        return self.croma

    def token_maps(self, images: Tensor) -> list[Tensor]:
        """See `TokenEncoder.token_maps`."""
        parts = images.split([BANDS[role] for role in self.roles], dim=1)
        tokens = {
            role: _encoded(self.croma[BRANCHES[role]], part, self.bias)
            for role, part in zip(self.roles, parts, strict=True)
        }
        if JOINT in self.croma:
            joint: Tensor = self.croma[JOINT](tokens["sar"], tokens["optical"], self.bias)
            return [joint]
        return list(tokens.values())


def _network(roles: Sequence[str], width: int, depth: int) -> nn.ModuleDict:
    """Returns the parts that are needed, named as in the published files."""
    depths = {"sar": depth // 2, "optical": depth}
    parts: dict[str, nn.Module] = {BRANCHES[role]: ViT(width, depths[role], BANDS[role]) for role in roles}
    if JOINT not in _absent(roles):
        parts[JOINT] = BaseTransformerCrossAttn(width, depth // 2, HEADS)
    return nn.ModuleDict(parts)


def _absent(roles: Sequence[str]) -> tuple[str, ...]:
    """Returns the parts that a scene with these sources has no use for."""
    missing = [branch for role, branch in BRANCHES.items() if role not in roles]
    return (*missing, JOINT) if missing else ()


def _encoded(branch: Any, images: Tensor, bias: Tensor) -> Tensor:
    """(window, band, y, x) → tokens (window, token, channel).

    As torchgeo's `ViT.forward`, except that its way to cut patches looks at shapes, which no trace can follow.
    """
    patches = images.unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH).permute(0, 2, 3, 1, 4, 5)
    tokens: Tensor = branch.transformer(branch.linear_input(patches.flatten(3).flatten(1, 2)), bias)
    return tokens


def distance_bias(side: int) -> Tensor:
    """Returns the bias of attention (1, head, token, token) among side × side tokens.

    Press et al., "Train Short, Test Long", ICLR 2022, in two dimensions: minus the Euclidean distance of two tokens
    times 2^(−(h + 1) / 2) for head h = 0, 1, ...
    """
    axis = torch.arange(side, dtype=torch.float32)
    places = torch.cartesian_prod(axis, axis)
    distances = (places[:, None] - places).norm(dim=-1)
    slopes = 2.0 ** (-(torch.arange(HEADS) + 1) / 2)
    return -slopes.view(1, -1, 1, 1) * distances


def from_published(weights: Mapping[str, Any]) -> tuple[dict[str, Tensor], dict[str, int]]:
    """Flattens the authors' file, which holds the weights of each part under its name.

    Its parts for whole images (`s1_GAP_FFN`, `s2_GAP_FFN`) are left out.

    Returns:
        The weights of all three encoders, named as in `CromaFeatures.pretrained_part`, and the arguments that fit them.

    Raises:
        CheckpointError: If a part is missing.
    """
    parts = [*BRANCHES.values(), JOINT]
    missing = [part for part in parts if not isinstance(weights.get(part), Mapping)]
    if missing:
        raise CheckpointError(
            f"The file is not CROMA as its authors publish it: {', '.join(missing)} is missing.",
            "Choose CROMA_base.pt or CROMA_large.pt.",
        )
    flat = {f"{part}.{name}": tensor for part in parts for name, tensor in weights[part].items()}
    optical = weights[BRANCHES["optical"]]
    layers = [int(name.split(".")[2]) for name in optical if name.startswith("transformer.layers.")]
    if "linear_input.weight" not in optical or not layers:
        raise CheckpointError("The file is not CROMA as its authors publish it: its optical encoder has no layers.")
    return flat, {"width": int(optical["linear_input.weight"].shape[0]), "depth": max(layers) + 1}
