"""A copy of a network that follows it slowly, as a target that does not run away."""

from __future__ import annotations

import copy
from typing import TypeVar

from lightly.models.utils import deactivate_requires_grad
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def follower_of(network: Network) -> Network:
    """Returns a copy that learns nothing itself; `lightly.models.utils.update_momentum` lets it follow."""
    copied = copy.deepcopy(network)
    deactivate_requires_grad(copied)
    return copied
