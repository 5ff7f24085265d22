"""Pictures of patches during training: what they show, their classes, and the classes that the network gives."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..examples import SHOWN, Pixels, as_it_classifies, colours_of, composed, images_of
from .accuracy import THRESHOLD
from .chips import PatchChips
from .light_head import scores_of

_NONE = np.array([[96, 96, 96]], np.uint8)
"""Colour of a patch without a class."""


class PatchExamples:
    """Draws some patches; a patch of several classes is striped in their colours.

    Args:
        chips: The patches; some of different classes are shown.
        network: The classifier; it is left in the mode in which it is found.
        multilabel: Whether a patch may have several classes.
        device: Where the network is.
    """

    def __init__(self, chips: PatchChips, network: nn.Module, multilabel: bool, device: torch.device) -> None:
        self._network, self._multilabel, self._device = network, multilabel, device
        self._colours = colours_of(chips.windows.labels.legend)
        _, first = np.unique(chips.targets, axis=0, return_index=True)
        others = [place for place in range(len(chips)) if place not in first]
        self._shown = [chips[int(place)] for place in sorted([*first, *others][:SHOWN])]
        self._images = images_of([images for images, _, _ in self._shown], chips.windows.sources)

    def __call__(self) -> bytes:
        """Returns the picture as a PNG."""
        columns = []
        for (images, inside, target), image in zip(self._shown, self._images, strict=True):
            batch = {role: tensor[None].to(self._device) for role, tensor in images.items()}
            with as_it_classifies(self._network):
                logits = self._network(batch, inside[None].to(self._device)).float().cpu().numpy()
            scores = scores_of(logits, self._multilabel)[0]
            given = scores >= THRESHOLD if self._multilabel else scores == scores.max()
            outside = np.where(inside.numpy()[..., None], image, image // 3 + 32).astype(np.uint8)
            columns.append([outside, self._striped(target.numpy() > 0, image), self._striped(given, image)])
        return composed(columns)

    def _striped(self, classes: NDArray[np.bool_], like: Pixels) -> Pixels:
        colours = self._colours[classes] if classes.any() else _NONE
        rows = np.arange(like.shape[0]) * len(colours) // like.shape[0]
        return np.ascontiguousarray(np.broadcast_to(colours[rows][:, None], like.shape))
