"""Which encoder a file's tensors are of, by their names and shapes.

Each kind of encoder has names that no other has. What they cannot tell is which bands it was trained with, and how
these were scaled; that is for the registry, or the user, to say (`published`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ..core.errors import CheckpointError
from .encoders import copernicus_fm, croma, pair, panopticon, presto, swin
from .encoders.galileo import from_published as galileo_from_published
from .published_files import without_prefix

Weights = Mapping[str, Tensor]
Read = tuple[dict[str, Any], dict[str, Tensor]]
"""An architecture entry, and weights named as in `Encoder.pretrained_part`."""

FIRST_LAYERS = ("conv1.weight", "patch_embed.proj.weight", "features.0.0.weight")
"""Layers whose second dimension is the input channels, for encoders of one source."""

_DEEPEST = 4
"""The most prefixes that a name has; 'module.model.encoder.backbone.' would be four."""


@dataclass(frozen=True)
class Recognised:
    """An encoder that tensors are of.

    Attributes:
        architecture: The card's `architecture["encoder"]` entry.
        weights: Named as in `Encoder.pretrained_part`.
        stripped: All tensors by the names they have after the prefixes were taken off.
    """

    architecture: dict[str, Any]
    weights: dict[str, Tensor]
    stripped: dict[str, Tensor]

    @property
    def channels(self) -> int:
        """Number of input channels; 0 where the first layer does not tell."""
        return next((self.weights[name].shape[1] for name in FIRST_LAYERS if name in self.weights), 0)


def recognise(tensors: Weights, path: str) -> Recognised:
    """Recognises an encoder.

    Args:
        tensors: By their names in the file, prefixes and all.
        path: The file, for errors.

    Raises:
        CheckpointError: If it is none that LandSketch knows.
    """
    for depth in range(_DEEPEST + 1):
        stripped = without_prefix(tensors, depth)
        kind = stripped and next((kind for kind in _KINDS if kind.is_in(stripped)), None)
        if stripped and kind:
            architecture, weights = kind.read(stripped)
            return Recognised({"name": kind.name, **architecture}, weights, stripped)
    first = ", ".join(list(tensors)[:5])
    raise CheckpointError(
        f"'{path}' is not an encoder that LandSketch knows: it holds {len(tensors)} tensors, the first of which are "
        f"{first}.",
        f"Known are {', '.join(dict.fromkeys(kind.title for kind in _KINDS))}.",
    )


@dataclass(frozen=True)
class _Kind:
    """A kind of encoder.

    Attributes:
        name: Its name in architecture entries.
        title: Its name for people.
        marks: Patterns of names that, together, only it has.
        read: From tensors to arguments and weights.
    """

    name: str
    title: str
    marks: tuple[str, ...]
    read: Callable[[Weights], Read]

    def is_in(self, tensors: Weights) -> bool:
        """Whether tensors are of this kind."""
        return all(any(re.match(mark, name) for name in tensors) for mark in self.marks)


def _arguments_last(read: Callable[[Weights], tuple[dict[str, Tensor], dict[str, Any]]]) -> Callable[[Weights], Read]:
    """Turns round what the encoders' own readers return."""

    def turned(tensors: Weights) -> Read:
        weights, arguments = read(tensors)
        return arguments, weights

    return turned


def _galileo(tensors: Weights) -> Read:
    network, arguments = galileo_from_published(dict(tensors))
    return dict(arguments), dict(network.state_dict())


def _croma(tensors: Weights) -> Read:
    parts: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        part, _, rest = name.partition(".")
        parts.setdefault(part, {})[rest] = tensor
    weights, arguments = croma.from_published(parts)
    return dict(arguments), weights


def _pair(tensors: Weights) -> Read:
    parts = {role: recognise(part, role) for role, part in pair.from_published(tensors).items()}
    encoders = {role: part.architecture for role, part in parts.items()}
    return {"encoders": encoders}, pair.together({role: part.weights for role, part in parts.items()})


def _dofa(tensors: Weights) -> Read:
    width = tensors["cls_token"].shape[-1]
    return {"width": width, "depth": _count(tensors, "blocks"), "heads": _heads(width)}, dict(tensors)


_RESNETS: dict[tuple[bool, tuple[int, ...]], str] = {
    (False, (2, 2, 2, 2)): "resnet18",
    (False, (3, 4, 6, 3)): "resnet34",
    (True, (3, 4, 6, 3)): "resnet50",
    (True, (3, 4, 23, 3)): "resnet101",
    (True, (3, 8, 36, 3)): "resnet152",
}
"""timm's names by whether blocks have a bottleneck, and the number of blocks of each stage."""


def _resnet(tensors: Weights) -> Read:
    bottleneck = "layer1.0.conv3.weight" in tensors
    blocks = tuple(_count(tensors, f"layer{stage}") for stage in range(1, 5))
    if (bottleneck, blocks) not in _RESNETS:
        raise CheckpointError(
            f"The file holds a ResNet with {', '.join(map(str, blocks))} blocks, which is none of the usual ones.",
            f"Known are {', '.join(_RESNETS.values())}.",
        )
    return {"model": _RESNETS[bottleneck, blocks]}, dict(tensors)


_VITS = {
    (False, 192, 12, 16): "vit_tiny_patch16_224",
    (False, 384, 12, 16): "vit_small_patch16_224",
    (False, 768, 12, 16): "vit_base_patch16_224",
    (False, 1024, 24, 16): "vit_large_patch16_224",
    (False, 1280, 32, 14): "vit_huge_patch14_224",
    (True, 384, 12, 14): "vit_small_patch14_dinov2",
    (True, 768, 12, 14): "vit_base_patch14_dinov2",
    (True, 1024, 24, 14): "vit_large_patch14_dinov2",
}
"""timm's names by whether there is LayerScale, width, depth and patch."""


def _vit(tensors: Weights) -> Read:
    if "register_tokens" in tensors or "reg_token" in tensors:
        raise CheckpointError(
            "The file holds a vision transformer with registers, which LandSketch does not import yet.",
            "Choose one without.",
        )
    width, _, patch, _ = tensors["patch_embed.proj.weight"].shape
    depth, scaled = _count(tensors, "blocks"), "blocks.0.ls1.gamma" in tensors
    arguments: dict[str, Any] = {"model": _VITS.get((scaled, width, depth, patch), "")}
    if not arguments["model"]:
        arguments = {
            "model": "vit_small_patch14_dinov2" if scaled else "vit_small_patch16_224",
            "embed_dim": width,
            "depth": depth,
            "num_heads": _heads(width),
            "patch_size": patch,
        }
    classes = int("cls_token" in tensors)
    if not classes:
        # A token of a transformer is no password.
        arguments |= {"class_token": False, "global_pool": "avg"}  # nosec B105
    side = math.isqrt(tensors["pos_embed"].shape[1] - classes) * patch
    return arguments | ({"published": side} if side != 224 else {}), dict(tensors)


def _swin(tensors: Weights) -> Read:
    weights = swin.from_original(tensors)
    tables = [f"layers.{stage}.blocks.0.attn.relative_position_bias_table" for stage in range(4)]
    size = {
        "embed_dim": weights["patch_embed.proj.weight"].shape[0],
        "depths": [_count(weights, f"layers.{stage}.blocks") for stage in range(4)],
        "num_heads": [weights[table].shape[1] for table in tables],
        "window_size": (math.isqrt(weights[tables[0]].shape[0]) + 1) // 2,
    }
    tiny = {"embed_dim": 96, "depths": [2, 2, 6, 2], "num_heads": [3, 6, 12, 24], "window_size": 7}
    return {"model": "swin_tiny_patch4_window7_224", **({} if size == tiny else size)}, weights


def _swin_v2(tensors: Weights) -> Read:
    width = tensors["features.0.0.weight"].shape[0]
    depths = [_count(tensors, f"features.{2 * stage + 1}") for stage in range(4)]
    usual: dict[tuple[int, tuple[int, ...]], str] = {
        (96, (2, 2, 6, 2)): "swin_v2_t",
        (96, (2, 2, 18, 2)): "swin_v2_s",
        (128, (2, 2, 18, 2)): "swin_v2_b",
    }
    if (width, tuple(depths)) in usual:
        return {"model": usual[width, tuple(depths)]}, dict(tensors)
    return {"model": "swin_v2_b" if width == 128 else "swin_v2_t", "depths": depths}, dict(tensors)


def _count(tensors: Weights, list_name: str) -> int:
    """Returns how many modules a list has."""
    start = f"{list_name}."
    numbers = [name.removeprefix(start).split(".")[0] for name in tensors if name.startswith(start)]
    return 1 + max((int(number) for number in numbers if number.isdigit()), default=-1)


def _heads(width: int) -> int:
    """Tensors do not tell the number of attention heads; nearly all have 64 channels each."""
    return max(width // 64, 1)


_KINDS = (
    _Kind("pair", "pairs of Dual-SimCLR", (r"backbone1\.", r"backbone2\."), _pair),
    _Kind("galileo", "Galileo", (r"(backbone\.)?s_t_channel_embed$",), _galileo),
    _Kind("presto", "Presto", (r"encoder\.eo_patch_embed\.",), _arguments_last(presto.from_published)),
    _Kind("croma", "CROMA", (r"s1_encoder\.", r"s2_encoder\.", r"joint_encoder\."), _croma),
    _Kind(
        "copernicus-fm", "Copernicus-FM", (r"patch_embed_spectral\.weight_generator",),
        _arguments_last(copernicus_fm.from_published),
    ),
    _Kind("dofa", "DOFA", (r"patch_embed\.weight_generator", r"cls_token$"), _dofa),
    _Kind("panopticon", "Panopticon", (r"patch_embed\.chnfus\.query$",), _arguments_last(panopticon.from_published)),
    _Kind(
        "swin", "Swin transformers",
        (r"patch_embed\.proj\.weight$", r"layers\.0\.blocks\.0\.attn\.relative_position_bias_table"), _swin,
    ),
    _Kind(
        "swin-v2", "Swin transformers V2", (r"features\.0\.0\.weight$", r"features\.1\.0\.attn\.logit_scale$"),
        _swin_v2,
    ),
    _Kind("vit", "vision transformers", (r"patch_embed\.proj\.weight$", r"pos_embed$", r"blocks\.0\."), _vit),
    _Kind("resnet", "ResNets", (r"conv1\.weight$", r"layer1\.0\.", r"layer4\.0\."), _resnet),
)  # fmt: skip
"""More particular ones first."""
