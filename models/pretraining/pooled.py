"""One vector per window from an encoder's maps."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..encoders.encoder import Encoder
from .method import Images


def last_map(encoder: Encoder, images: Images) -> Tensor:
    """Returns the encoder's last map (sample, channel, row, column)."""
    return encoder(images)[-1]


def pooled(encoder: Encoder, images: Images) -> Tensor:
    """Returns the mean of the encoder's last map over what has data, (sample, channel)."""
    features = last_map(encoder, images).float()  # sums over many elements
    return mean_of_seen(features, *images.values())


def mean_of_seen(features: Tensor, *images: Tensor) -> Tensor:
    """Returns the mean (sample, channel) of a map over what has data in some image of its ground."""
    seen = torch.stack([_seen(image, features) for image in images]).amax(dim=0)
    return (features * seen).sum(dim=(-2, -1)) / seen.sum(dim=(-2, -1))


class Projected(nn.Module):
    """An encoder, whose last map is averaged, and a head.

    Args:
        encoder: The encoder.
        head: (sample, channel) → (sample, dim).
    """

    def __init__(self, encoder: Encoder, head: nn.Module) -> None:
        super().__init__()
        self.encoder, self.head = encoder, head

    def forward(self, images: Images) -> Tensor:
        """Returns vectors (sample, dim) of images, see `Images`."""
        projection: Tensor = self.head(pooled(self.encoder, images))
        return projection


def _seen(image: Tensor, features: Tensor) -> Tensor:
    """Returns the share of pixels with data under each element of a map, (sample, 1, row, column), never quite zero."""
    data = image.isfinite().flatten(1, -3).any(dim=1, keepdim=True)
    return F.adaptive_avg_pool2d(data.to(features), (features.shape[-2], features.shape[-1])) + 1e-6
