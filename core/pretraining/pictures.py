"""What a pretrained encoder makes of images, as pictures to look at."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from ...models.pretraining.method import Method
from ..band_pictures import fullest_date, shown_channels
from ..cards import SourceCard

ROWS, NEIGHBOURS = 4, 5
ENLARGED = 2
"""Pixels of the picture for each pixel of a window."""


@dataclass(frozen=True)
class Gallery:
    """A row of pictures.

    Attributes:
        captions: One for each.
        pictures: PNG files as data addresses.
    """

    captions: tuple[str, ...]
    pictures: tuple[str, ...]


def reconstructions(method: Method, batch: Mapping[str, Tensor]) -> list[Gallery]:
    """Shows what the network saw of some windows, what it made of it, and what was there; none for other methods."""
    with torch.inference_mode():
        stages = method.reconstructions(batch)
    galleries = []
    for index in range(min(ROWS, len(next(iter(stages.values()))) if stages else 0)):
        shown = [(name, stack[index]) for name, stack in stages.items()]
        galleries += [
            Gallery(
                tuple(f"{name} ({role})" for name, _ in shown),
                tuple(_png(stack[channels].cpu().numpy() / 6 + 0.5) for _, stack in shown),
            )
            for role, channels in _views(method.channel_names())
        ]
    return galleries


def neighbours(method: Method, sources: Sequence[SourceCard], windows: Sequence[Mapping[str, Tensor]]) -> list[Gallery]:
    """Shows some windows, and beside each those that the encoder takes for most alike."""
    features = F.normalize(torch.stack([_features(method, window) for window in windows]), dim=1)
    similarity = features @ features.T
    similarity.fill_diagonal_(-torch.inf)
    # Windows that are far from each other, so that the rows do not all show the same.
    asked = [0]
    while len(asked) < min(ROWS, len(windows)):
        asked.append(int((features @ features[asked].T).amax(dim=1).argmin()))
    galleries = []
    for window in asked:
        nearest = similarity[window].topk(min(NEIGHBOURS, len(windows) - 1)).indices.tolist()
        captions = ("window", *(f"alike: {float(similarity[window, other]):.2f}" for other in nearest))
        pictures = tuple(_picture(windows[one], sources) for one in [window, *nearest])
        galleries.append(Gallery(captions, pictures))
    return galleries


def _features(method: Method, window: Mapping[str, Tensor]) -> Tensor:
    with torch.inference_mode():
        return method.features({role: image[None] for role, image in window.items()})[0]


def _picture(window: Mapping[str, Tensor], sources: Sequence[SourceCard]) -> str:
    """A window in the first source of which it has data."""
    for source in sources:
        image = fullest_date(window[source.role].numpy(), len(source.bands))
        if np.isfinite(image).any():
            offset, scale = (
                np.array(values)[:, None, None] for values in (source.normalisation.offset, source.normalisation.scale)
            )
            ((_, channels), *_) = _views([(source.role, band) for band in source.bands])
            return _png(((image - offset) / scale)[channels])
    return _png(np.zeros((1, 8, 8)))


def _views(names: Sequence[tuple[str, str]]) -> list[tuple[str, list[int]]]:
    """Which channels are shown for each role."""
    views = []
    for role in dict.fromkeys(role for role, _ in names):
        bands = {band: index for index, (other, band) in enumerate(names) if other == role}
        places = list(bands.values())
        views.append((role, [places[place] for place in shown_channels(list(bands))]))
    return views


def _png(image: NDArray[Any]) -> str:
    """(1 or 3, y, x), mostly 0 to 1, NaN for what is not there → a data address."""
    known = np.isfinite(image).all(axis=0)
    # Reflectance crowds in the darker half of three standard deviations.
    stretched = np.clip((np.nan_to_num(image) - 0.25) / 0.5, 0, 1)
    pixels = np.where(known, np.rint(stretched * 255), 40).astype(np.uint8)
    picture = Image.fromarray(np.moveaxis(np.repeat(pixels, 3 // len(pixels), axis=0), 0, -1))
    picture = picture.resize((ENLARGED * picture.width, ENLARGED * picture.height), Image.Resampling.NEAREST)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
