"""Two encoders side by side: one for the optical source and one for the SAR source."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...core.cards import SourceCard, check_roles
from ...core.errors import CheckpointError
from .classes import encoder_class
from .encoder import Adapted, Encoder
from .offers import SceneOffer

PUBLISHED_PREFIXES = {"sar": "backbone1.", "optical": "backbone2."}
"""Of the Dual-SimCLR pairs (Scheibenreif et al., CVPR workshops 2022), before the names of each network's weights."""


class PairFeatures(Encoder):
    """An encoder of its own for each source; maps of the same resolution are joined.

    Of a scene with one source only, the encoder for that source is used.

    Args:
        sources: What is read of the scene: SAR, optical or both.
        encoders: Per role, an encoder's name and arguments, as in `architecture["encoder"]`.
        stand_in: Whether one encoder's features take the place of the other's where that one's source has no data, or
            is not there at all; for decoders that know both, of encoders that are alike.

    Raises:
        CheckpointError: If there is no encoder for a source, or features that are to stand in for others differ from
            them in number.
    """

    def __init__(
        self, sources: Sequence[SourceCard], encoders: Mapping[str, Mapping[str, Any]], stand_in: bool = False
    ) -> None:
        super().__init__(sources)
        self.stand_in = stand_in
        self.encoders = nn.ModuleDict({source.role: _built(source, encoders) for source in sources})
        self.absent = tuple(role for role in encoders if role not in self.encoders)
        members = self._members()
        self.strides = tuple(sorted({stride for member in members for stride in member.strides}))
        self.channels = tuple(sum(_channels_at(member, stride) for member in members) for stride in self.strides)
        self.alignment = math.lcm(*(member.alignment for member in members))
        self.halo = _up(max(member.halo for member in members), self.alignment)
        self.ramp = max(member.ramp for member in members)
        self.tile = _up(max(*(member.tile for member in members), 2 * self.halo + 1), self.alignment)
        self.chip = _up(max(member.chip for member in members), self.chip_alignment)
        if stand_in and len({(member.channels, member.strides) for member in members}) > 1:
            raise CheckpointError(
                "The network joins two encoders that are alike; these differ: "
                f"{'; '.join(f'{role} has maps of {member.channels}' for role, member in self._by_role().items())}.",
                "Choose two encoders of the same kind and size.",
            )

    @property
    def chip_alignment(self) -> int:
        """See `Encoder.chip_alignment`."""
        return math.lcm(*(member.chip_alignment for member in self._members()))

    def pretrained_part(self) -> nn.Module:
        """See `Encoder.pretrained_part`: those of the encoders, after their roles."""
        return nn.ModuleDict({role: member.pretrained_part() for role, member in self._by_role().items()})

    @classmethod
    def adapted(cls, sources: Sequence[SourceCard], arguments: dict[str, Any], scene: SceneOffer) -> Adapted:
        """See `Encoder.adapted`; each encoder adapts to its own source."""
        check_roles(sources, [offer.role for offer in scene.sources], "the chosen encoder")
        encoders = {role: dict(entry) for role, entry in arguments["encoders"].items()}
        taken: list[SourceCard] = []
        warnings: list[str] = []
        for source in sources:
            offer = scene.source(source.role)
            if offer is None:
                continue
            entry = encoders[source.role]
            name = entry.pop("name")
            one = encoder_class(name).adapted([source], entry, replace(scene, sources=(offer,)))
            encoders[source.role] = {"name": name, **one.arguments}
            taken.extend(one.sources)
            warnings.extend(one.warnings)
        return Adapted(tuple(taken), arguments | {"encoders": encoders}, tuple(warnings))

    def forward(self, images: Mapping[str, Tensor], wanted: Tensor | None = None) -> list[Tensor]:
        """See `Encoder.forward`; maps are ordered by stride, channels in the order of the sources."""
        members = self._by_role()
        present = [role for role in members if role in images] if self.stand_in else list(members)
        own: dict[str, list[Tensor]] = {}
        for role in present:
            members[role].check_in = self.check_in
            own[role] = members[role]({role: images[role]}, wanted)
        if self.stand_in and len(members) > 1:
            own = self._filled(own, images)
        maps: dict[int, list[Tensor]] = {stride: [] for stride in self.strides}
        for role, member in members.items():
            for stride, features in zip(member.strides, own[role], strict=True):
                maps[stride].append(features)
        return [torch.cat(features, dim=1) for features in maps.values()]

    def _filled(self, own: Mapping[str, list[Tensor]], images: Mapping[str, Tensor]) -> dict[str, list[Tensor]]:
        """Returns the features of both roles, each with the other's where only that one has data.

        Features of no data are no zero that a decoder could tell from an average place: without the other's, a network
        would take a missing image for a flat one.
        """
        (first, *rest) = own
        if not rest:
            return dict.fromkeys(self.encoders, own[first])
        (second,) = rest
        seen = {role: (~images[role].isnan().any(dim=1, keepdim=True)).to(images[role].dtype) for role in own}
        filled: dict[str, list[Tensor]] = {first: [], second: []}
        for stride, one, other in zip(self.strides, own[first], own[second], strict=True):
            there = {role: F.avg_pool2d(seen[role], stride) > 0 for role in own}
            filled[first].append(torch.where(there[second] & ~there[first], other, one))
            filled[second].append(torch.where(there[first] & ~there[second], one, other))
        return filled

    def _by_role(self) -> dict[str, Encoder]:
        return {role: member for role, member in self.encoders.items() if isinstance(member, Encoder)}

    def _members(self) -> list[Encoder]:
        return list(self._by_role().values())


def _built(source: SourceCard, encoders: Mapping[str, Mapping[str, Any]]) -> Encoder:
    if source.role not in encoders:
        raise CheckpointError(
            f"The card's pair has encoders for {', '.join(encoders) or 'nothing'}, and a source '{source.role}'.",
            "Correct the card.",
        )
    arguments = dict(encoders[source.role])
    return encoder_class(arguments.pop("name", ""))([source], **arguments)


def _channels_at(member: Encoder, stride: int) -> int:
    """Returns the channels of all maps that an encoder has at a stride."""
    return sum(count for count, step in zip(member.channels, member.strides, strict=True) if step == stride)


def _up(length: int, step: int) -> int:
    """Rounds up to a multiple of `step`."""
    return -(-length // step) * step


def from_published(weights: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """Splits the file of a pair into the weights of its two networks; what else there is served pretraining alone.

    Returns:
        Per role, weights named as in the network itself.

    Raises:
        CheckpointError: If it holds no pair.
    """
    parts = {
        role: {name.removeprefix(prefix): tensor for name, tensor in weights.items() if name.startswith(prefix)}
        for role, prefix in PUBLISHED_PREFIXES.items()
    }
    missing = [PUBLISHED_PREFIXES[role] for role, part in parts.items() if not part]
    if missing:
        raise CheckpointError(f"The file holds no pair of encoders: no weights begin with {' or '.join(missing)}.")
    return parts


def together(parts: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Joins the weights of a pair's encoders, per role, to those of `PairFeatures.pretrained_part`."""
    return {f"{role}.{name}": tensor for role, part in parts.items() for name, tensor in part.items()}
