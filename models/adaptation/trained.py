"""What of a network learns, and how fast."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from ..segmenter import Segmenter
from .lora import add_low_rank
from .stages import stages_of

LEARNING_RATE = 1e-3
"""Of everything that starts untrained."""

PRETRAINED_RATE = 1e-4

LAST_SHARE = 0.25
"""Part of an encoder's stages that are its last ones: one of a Swin transformer's four, three of twelve blocks."""


@dataclass(frozen=True)
class Trained:
    """What of a network learns.

    Attributes:
        groups: Parameters with their learning rates, as optimisers take them.
        fixed: Module whose running statistics and dropout stay as they are when classifying; None: all follow training.
        words: What learns, for the report.
    """

    groups: list[dict[str, Any]]
    fixed: nn.Module | None
    words: str


def everything(network: Segmenter) -> Trained:
    """Returns a network of which nothing was trained before."""
    network.requires_grad_(True)
    return Trained(_groups(network, []), None, f"all {_count(network.parameters()):,} weights, from scratch")


def chosen_part(
    network: Segmenter, mode: str, layer_decay: float, rank: int, run: Callable[[], Sequence[Tensor]]
) -> Trained:
    """Chooses what learns of a network with a pretrained encoder, and freezes the rest.

    Args:
        network: The network.
        mode: One of `core.specs.MODES` but the light head.
        layer_decay: Factor by which each stage of the encoder learns more slowly than the next one.
        rank: Rank of low-rank additions.
        run: Runs the network's encoder once on what it will see.
    """
    part = network.encoder.pretrained_part()
    network.requires_grad_(True)
    part.requires_grad_(False)
    if mode == "decoder":
        return _described(network, _groups(network, []), part, "the decoder")
    if mode == "lora":
        add_low_rank(part, rank)
        return _described(network, _groups(network, []), part, f"the decoder and additions of rank {rank}")
    alike = mode == "full" and layer_decay == 1
    stages = [list(part.parameters())] if alike else stages_of(part, run)
    count = len(stages) if mode == "full" else math.ceil((len(stages) - 1) * LAST_SHARE)
    learned = stages[len(stages) - count :]
    part.requires_grad_(False)
    for stage in learned:
        for parameter in stage:
            parameter.requires_grad_(True)
    rates = [PRETRAINED_RATE * layer_decay**steps for steps in reversed(range(count))]
    groups = [{"params": stage, "lr": rate} for stage, rate in zip(learned, rates, strict=True) if stage]
    if mode == "full":
        return _described(network, _groups(network, groups), None, "the decoder and the encoder")
    return _described(
        network, _groups(network, groups), part, f"the decoder and the last {_stages(count)} of the encoder"
    )


def _groups(network: Segmenter, slower: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Adds a group of all that learns and is in none of some groups."""
    known = {id(parameter) for group in slower for parameter in group["params"]}
    rest = [p for p in network.parameters() if p.requires_grad and id(p) not in known]
    return [{"params": rest, "lr": LEARNING_RATE}, *slower]


def _described(network: Segmenter, groups: list[dict[str, Any]], fixed: nn.Module | None, what: str) -> Trained:
    learned = sum(_count(group["params"]) for group in groups)
    return Trained(groups, fixed, f"{what}: {learned:,} of {_count(network.parameters()):,} weights")


def _stages(count: int) -> str:
    return "stage" if count == 1 else f"{count} stages"


def _count(parameters: Any) -> int:
    return sum(parameter.numel() for parameter in parameters)
