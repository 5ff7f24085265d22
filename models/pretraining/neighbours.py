"""A memory of features in which the neighbours of new ones are looked up."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Neighbours(nn.Module):
    """Finds neighbours among the windows of an earlier epoch, as they were seen then.

    Features are collected while those of the epoch before are searched. `refresh` exchanges them; so does a full
    collection, since epochs of random windows may have no end.

    Args:
        size: Features that are kept.
        dim: Their length.
        count: Neighbours of which one is picked.
    """

    searched: Tensor
    collected: Tensor
    filled: Tensor

    def __init__(self, size: int, dim: int, count: int) -> None:
        super().__init__()
        self.count = count
        self.register_buffer("searched", torch.zeros(size, dim))
        self.register_buffer("collected", torch.zeros(size, dim))
        self.register_buffer("filled", torch.zeros(2, dtype=torch.int64))  # of searched and of collected

    @torch.no_grad()
    def pick(self, features: Tensor, generator: torch.Generator) -> Tensor | None:
        """Returns for each feature (sample, dim) one of its nearest neighbours by angle; None while there are too few.

        Args:
            features: (sample, dim).
            generator: On the CPU.
        """
        known = self.searched[: int(self.filled[0])]
        if len(known) <= self.count:
            return None
        similarity = F.normalize(features.float(), dim=1) @ F.normalize(known, dim=1).T
        nearest = similarity.topk(self.count, dim=1).indices
        picked = torch.randint(self.count, (len(features), 1), generator=generator).to(nearest.device)
        return known[nearest.gather(1, picked)[:, 0]]

    @torch.no_grad()
    def remember(self, features: Tensor) -> None:
        """Collects features (sample, dim)."""
        for part in features.float().split(len(self.collected)):
            if int(self.filled[1]) + len(part) > len(self.collected):
                self.refresh()
            start = int(self.filled[1])
            self.collected[start : start + len(part)] = part
            self.filled[1] += len(part)

    def refresh(self) -> None:
        """Searches from now on what was collected, and collects anew."""
        if int(self.filled[1]) > self.count:
            self.searched.copy_(self.collected)
            self.filled[0] = self.filled[1]
            self.filled[1] = 0
