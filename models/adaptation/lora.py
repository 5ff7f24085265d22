"""Low-rank adaptation (Hu et al. 2022, LoRA): W' = W + B A, of which only the thin A and B learn.

The peft library does this for the models of the transformers library, which it brings along; PyTorch's own
parametrisation is all that is needed of it here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize


class LowRank(nn.Module):
    """A weight plus the product of two thin matrices, zero at first.

    Args:
        weight: (out, ...), any further axes taken together.
        rank: Rank of what is added.
    """

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        rows, columns = weight.shape[0], weight[0].numel()
        rank = min(rank, rows, columns)
        self.a = nn.Parameter(torch.randn(rank, columns, device=weight.device) / math.sqrt(rank))
        self.b = nn.Parameter(torch.zeros(rows, rank, device=weight.device))

    def forward(self, weight: Tensor) -> Tensor:
        """W → W + B A."""
        return weight + (self.b @ self.a).view_as(weight)


def add_low_rank(network: nn.Module, rank: int) -> list[nn.Parameter]:
    """Freezes a network and adds trainable matrices to its linear layers, or to its convolutions if it has none.

    What the network computes stays the same until they are trained.

    Returns:
        The matrices.
    """
    network.requires_grad_(False)
    added: list[nn.Parameter] = []
    for module, name in list(_weights(network)):
        low_rank = LowRank(getattr(module, name), rank)
        parametrize.register_parametrization(module, name, low_rank)
        added.extend(low_rank.parameters())
    return added


def merge_low_rank(network: nn.Module) -> None:
    """Puts what was added into the weights, so that the network is again what it was before, with other numbers."""
    for module in list(network.modules()):
        for name, chain in list(getattr(module, "parametrizations", {}).items()):
            if any(isinstance(step, LowRank) for step in chain):
                parametrize.remove_parametrizations(module, name, leave_parametrized=True)


def _weights(network: nn.Module) -> Iterator[tuple[nn.Module, str]]:
    """Yields the modules and the names of their weights that are adapted."""
    modules = list(network.modules())
    linear = [module for module in modules if isinstance(module, (nn.Linear, nn.MultiheadAttention))]
    convolutions = [module for module in modules if isinstance(module, nn.Conv2d) and module.groups == 1]
    for module in linear or convolutions:
        packed = isinstance(module, nn.MultiheadAttention)
        if not packed:
            yield module, "weight"
        elif module.in_proj_weight is not None:  # query, key and value in one
            yield module, "in_proj_weight"
