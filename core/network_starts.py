"""Where a network that the user chose starts from: its encoder, with weights or without, and its decoder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from ..models.checkpoints import fill
from ..models.encoders.classes import encoder_class
from ..models.encoders.encoder import Encoder
from ..models.encoders.pair import PairFeatures
from ..models.encoders.swin import SWINS, SwinBlocks
from ..models.encoders.whole_tiles import WholeTileEncoder
from .coarse import SERIES
from .dated_starts import utae
from .devices import choose_device
from .errors import CheckpointError
from .networks import NETWORKS, check_stacks
from .pretrained import Pretrained, read_pretrained
from .scenes import Scene
from .sensors import AUTO
from .specs import FinetuneSpec
from .starts import Start, adapted_start, new_start

Head = dict[str, Any]
"""A card's `architecture["head"]` entry."""

ALL_LEVELS = {"levels": [1, 2, 3, 4]}
"""Decoders read all four stages; features for light classifiers leave out the last one."""

COARSEST = 32
"""Pixels per element of the coarsest map."""


def network_start(spec: FinetuneSpec, scene: Scene) -> Start:
    """Returns the network of a spec, ready for fine-tuning on a scene.

    Raises:
        SpecError: If the network reads single images, and the scene has a time stack.
        CheckpointError: If a checkpoint cannot be read, or does not fit the scene or the network.
    """
    check_stacks(spec.network, [s.layer for s in scene.sources if s.dates and s.role != SERIES])
    start = _BUILDERS[spec.network](spec, scene)
    if spec.mode not in ("frozen", "full") and not start.pretrained:
        title = NETWORKS[spec.network].title
        line = f"Without a checkpoint there is no trained encoder to keep: the whole {title} is trained from scratch."
        start = replace(start, warnings=(*start.warnings, line))
    return start


def _unet(spec: FinetuneSpec, scene: Scene) -> Start:
    """From scratch a whole U-Net; with a checkpoint a U-Net's decoder on its encoder."""
    if not spec.checkpoints():
        return new_start(scene, {"name": spec.network, "encoder": spec.timm_encoder}, ())
    pretrained = _pretrained(spec)
    if pretrained.entry["name"] == spec.network:
        return _continued(scene, pretrained, pretrained.entry, lambda _: {"name": "linear", "context": False})
    return _continued(scene, pretrained, _pyramid(spec, pretrained), lambda _: {"name": "unet", "context": True})


def _swin_unet(spec: FinetuneSpec, scene: Scene) -> Start:
    """Swin-UNet and STMIM-UNet."""
    return _swin_start(spec, scene, {"name": "swin-unet"})


def _dual_swin_unet(spec: FinetuneSpec, scene: Scene) -> Start:
    """DualSTMIM-UNet: as STMIM-UNet, of two encoders."""
    return _swin_start(spec, scene, {"name": "swin-unet", "fusion": spec.fusion})


def _dual_swin(spec: FinetuneSpec, scene: Scene) -> Start:
    """A decoder for each of two encoders."""
    return _swin_start(spec, scene, {"name": "dual-swin"})


def _utae(spec: FinetuneSpec, scene: Scene) -> Start:
    """U-TAE from scratch."""
    return new_start(scene, utae(scene), ())


def _two_branch(spec: FinetuneSpec, scene: Scene) -> Start:
    """The network of two branches, from scratch or pretrained."""
    if not spec.checkpoints():
        return new_start(scene, {"name": spec.network, "encoder": spec.timm_encoder}, ())
    pretrained = _pretrained(spec)
    if pretrained.entry["name"] != spec.network:
        raise CheckpointError(
            f"'{pretrained.path}' holds the encoder '{pretrained.entry['name']}', not a network of two branches.",
            "Pretrain one on an image and a time stack beside it, or leave out the checkpoint.",
        )
    return _continued(scene, pretrained, pretrained.entry, lambda _: {"name": "linear", "context": False})


def _swin_start(spec: FinetuneSpec, scene: Scene, head: Head) -> Start:
    """A Swin transformer, or a pair of them, under a decoder that mirrors it."""
    if not spec.checkpoints():
        start = new_start(scene, _new_swin(spec), ())
        return replace(start, head=_mirrored(spec, head)(start.encoder))
    pretrained = _pretrained(spec)
    start = _continued(scene, pretrained, _pyramid(spec, pretrained), _mirrored(spec, head))
    if "stmim" in spec.network and pretrained.method and "STMIM" not in pretrained.method:
        title = NETWORKS[spec.network].title
        line = f"'{pretrained.path}' was {pretrained.method}, not by STMIM; {title} was made for encoders by STMIM."
        start = replace(start, warnings=(*start.warnings, line))
    return start


def _new_swin(spec: FinetuneSpec) -> dict[str, Any]:
    """Returns the entry of a Swin transformer from scratch, or of one for each source of a network of two."""
    size = spec.size
    if size == AUTO:
        size = "nano" if choose_device(spec.device)[0].type == "cpu" else "tiny"
    swin = SWINS[f"swin-{size}"]
    entry = swin | ALL_LEVELS | {"image": COARSEST * swin["window_size"]}
    roles = NETWORKS[spec.network].roles
    return _as_pair(dict.fromkeys(roles, entry)) if roles else entry


def _as_pair(entries: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    return {"name": "pair", "encoders": dict(entries), "stand_in": True}


def _mirrored(spec: FinetuneSpec, head: Head) -> Callable[[Encoder], Head]:
    """Returns what gives a decoder the blocks of an encoder.

    Raises:
        CheckpointError: On a network that is no Swin transformer.
    """

    def mirror(encoder: Encoder) -> Head:
        members = list(encoder.encoders.values()) if isinstance(encoder, PairFeatures) else [encoder]
        found = {_blocks_of(member, spec) for member in members}
        if len(found) > 1:
            raise CheckpointError(
                f"{NETWORKS[spec.network].title} joins two encoders that are alike; these differ in blocks or windows.",
                "Choose two encoders of the same kind and size.",
            )
        (blocks,) = found
        return head | {"depths": list(blocks.depths[:-1]), "heads": list(blocks.heads[:-1]), "window": blocks.window}

    return mirror


def _blocks_of(encoder: nn.Module, spec: FinetuneSpec) -> SwinBlocks:
    blocks = getattr(encoder, "blocks", None)
    if not isinstance(blocks, SwinBlocks):
        raise CheckpointError(
            f"{NETWORKS[spec.network].title} mirrors a Swin transformer; the checkpoint's encoder is none.",
            f"Choose an encoder that is one, or the network {NETWORKS['unet'].title}.",
        )
    return blocks


def _pretrained(spec: FinetuneSpec) -> Pretrained:
    """Reads the checkpoint, or the checkpoints of a pair's encoders as one."""
    read = [read_pretrained(path) for path in spec.checkpoints()]
    if len(read) == 1:
        return read[0]
    roles = [source.role for pretrained in read for source in pretrained.sources]
    wanted = NETWORKS[spec.network].roles
    if sorted(roles) != sorted(wanted):
        found = "; ".join(f"'{p.path}' reads {' and '.join(s.role for s in p.sources)}" for p in read)
        raise CheckpointError(
            f"{NETWORKS[spec.network].title} takes one encoder for each of {' and '.join(wanted)}: {found}.",
            "Choose two checkpoints of one image each.",
        )
    return _joined(read)


def _joined(read: Sequence[Pretrained]) -> Pretrained:
    """Two encoders of one source each as a pair."""
    by_role = {pretrained.sources[0].role: pretrained for pretrained in read}
    return Pretrained(
        path=" and ".join(pretrained.path for pretrained in read),
        entry={"name": "pair", "encoders": {role: pretrained.entry for role, pretrained in by_role.items()}},
        sources=tuple(source for pretrained in read for source in pretrained.sources),
        weights={
            f"encoders.{role}.{name}": tensor
            for role, pretrained in by_role.items()
            for name, tensor in pretrained.weights.items()
        },
        licence=" and ".join(sorted({pretrained.licence for pretrained in read})),
        method=" and ".join(sorted({pretrained.method for pretrained in read} - {""})),
    )


def _pyramid(spec: FinetuneSpec, pretrained: Pretrained) -> dict[str, Any]:
    """Returns an encoder's entry with all its stages as maps.

    Raises:
        CheckpointError: If it has no such stages, or is a pair where one encoder is wanted, or the other way round.
    """
    network = NETWORKS[spec.network]
    entry = pretrained.entry
    encoders = entry["encoders"] if entry["name"] == "pair" else {"": entry}
    if len(encoders) != max(len(network.roles), 1):
        raise CheckpointError(
            f"{network.title} takes {'a pair of encoders' if network.roles else 'one encoder'}; '{pretrained.path}' "
            f"holds {'a pair' if len(encoders) > 1 else 'one'}.",
            "Give the checkpoint of the other encoder as well." if network.roles else "Choose a network of two images.",
        )
    for one in encoders.values():
        if not issubclass(encoder_class(one["name"]), WholeTileEncoder):
            raise CheckpointError(
                f"{network.title} decodes maps of several resolutions; the encoder '{one['name']}' of "
                f"'{pretrained.path}' has none such.",
                "Choose a ResNet or a Swin transformer, or leave the network at 'auto'.",
            )
    all_levels = {role: one | ALL_LEVELS for role, one in encoders.items()}
    return _as_pair(all_levels) if network.roles else all_levels[""]


def _continued(
    scene: Scene, pretrained: Pretrained, entry: dict[str, Any], head_of: Callable[[Encoder], Head]
) -> Start:
    """Puts pretrained weights under a decoder: the one that they were trained with, where it is the same."""
    start = adapted_start(scene, entry, pretrained.sources, pretrained.licence)
    start = replace(start, head=head_of(start.encoder))
    architecture = start.card.architecture | {"head": start.head}
    if pretrained.whole is not None and pretrained.whole.card.architecture == architecture:
        previous = pretrained.whole.rebuilt()
        return replace(start, encoder=previous.encoder, previous=previous)
    fill(start.encoder, start.encoder.used(pretrained.weights), pretrained.path)
    return start


_BUILDERS: dict[str, Callable[[FinetuneSpec, Scene], Start]] = {
    "unet": _unet,
    "double-unet": _unet,
    "swin-unet": _swin_unet,
    "stmim-unet": _swin_unet,
    "dual-stmim-unet": _dual_swin_unet,
    "dual-swin": _dual_swin,
    "utae": _utae,
    "two-branch": _two_branch,
}
"""How each network of `NETWORKS` is put together."""
