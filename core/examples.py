"""Pictures of examples during training: some windows, what is known of them, and what the network makes of them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from ..models.losses import IGNORED
from .band_pictures import fullest_date, shown_channels
from .cards import SourceCard
from .chips import ChipDataset
from .legend import ClassLegend
from .windows import valid_pixels

Pixels = NDArray[np.uint8]

SHOWN = 4
"""Examples side by side."""

ROWS = 3
"""Image, labels and prediction, from the top."""

_SIDE, _GAP = 128, 4
_EMPTY = 96
"""Grey of what has no data or no label; neither paper nor ink of any theme."""


class ChipExamples:
    """Draws some labelled windows with what a segmentation network makes of them.

    Args:
        chips: The windows; those with most classes are shown.
        network: Takes images to logits; it is left in the mode in which it is found.
        legend: The classes and their colours.
        device: Where the network is.
    """

    def __init__(self, chips: ChipDataset, network: nn.Module, legend: ClassLegend, device: torch.device) -> None:
        self._chips, self._network, self._device = chips, network, device
        self._colours = colours_of(legend)
        counts = [len(np.unique(chips.labels.classes[pixels])) for _, pixels in chips.tiles]
        self._shown = sorted(sorted(range(len(chips)), key=lambda i: -counts[i])[:SHOWN])
        self._images: list[Pixels] = []

    def __call__(self) -> bytes:
        """Returns the picture as a PNG."""
        plain = [self._chips.plain(index) for index in self._shown]
        self._images = self._images or images_of([images for images, _, _ in plain], self._chips.sources)
        halo = self._chips.plan.halo
        inner = slice(halo, self._chips.plan.window_side - halo)
        columns = []
        for (images, target, _), image in zip(plain, self._images, strict=True):
            predicted = _logits(self._network, images, self._device).argmax(dim=0).numpy()
            known = np.where(target.numpy()[..., None] == IGNORED, image // 2 + _EMPTY // 2, self._of(target.numpy()))
            shown = np.where(self._valid(images)[..., None], self._of(predicted), _EMPTY)
            columns.append([pixels[inner, inner].astype(np.uint8) for pixels in (image, known, shown)])
        return composed(columns)

    def _valid(self, images: dict[str, Tensor]) -> NDArray[np.bool_]:
        return valid_pixels({role: image.numpy() for role, image in images.items()}, self._chips.sources)

    def _of(self, classes: NDArray[np.int64]) -> Pixels:
        """(y, x) class → its colour."""
        coloured: Pixels = self._colours[np.maximum(classes, 0)]
        return coloured


def composed(columns: Sequence[Sequence[Pixels]]) -> bytes:
    """Returns the rows of several examples, one beside the other, as a PNG.

    Args:
        columns: For each example its `ROWS` pictures, (y, x, 3) uint8.
    """
    width, height = (count * (_SIDE + _GAP) - _GAP for count in (len(columns), ROWS))
    canvas = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    for across, pictures in enumerate(columns):
        for down, pixels in enumerate(pictures):
            how = Image.Resampling.BOX if max(pixels.shape) > _SIDE else Image.Resampling.NEAREST
            tile = Image.fromarray(np.ascontiguousarray(pixels)).resize((_SIDE, _SIDE), how)
            canvas.paste(tile, (across * (_SIDE + _GAP), down * (_SIDE + _GAP)))
    file = io.BytesIO()
    canvas.quantize(256).save(file, "PNG", optimize=True)
    return file.getvalue()


def images_of(windows: Sequence[dict[str, Tensor]], sources: Sequence[SourceCard]) -> list[Pixels]:
    """Returns windows as (y, x, 3) uint8, stretched alike, in the first source of which there is data."""
    fine = [source for source in sources if source.step == 1]
    for source in fine:
        stack = [fullest_date(window[source.role].numpy(), len(source.bands)) for window in windows]
        shown = np.stack(stack)[:, shown_channels(source.bands)]
        if np.isfinite(shown).any():
            low, high = (np.nanpercentile(shown, share, axis=(0, 2, 3))[None, :, None, None] for share in (2.0, 98.0))
            values = np.clip((shown - low) / np.maximum(high - low, 1e-6), 0, 1)
            pixels = np.where(np.isfinite(values), np.nan_to_num(values) * 255, _EMPTY).astype(np.uint8)
            return list(np.moveaxis(np.repeat(pixels, 3 // pixels.shape[1], axis=1), 1, -1))
    side = windows[0][fine[0].role].shape[-1]
    return [np.full((side, side, 3), _EMPTY, np.uint8)] * len(windows)


def colours_of(legend: ClassLegend) -> Pixels:
    """Returns (class, 3) uint8."""
    return np.array([list(bytes.fromhex(entry.colour[1:])) for entry in legend], np.uint8)


@contextmanager
def as_it_classifies(network: nn.Module) -> Iterator[None]:
    """Puts a network into the mode of classifying, and afterwards each part back into its own."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training


def _logits(network: nn.Module, images: dict[str, Tensor], device: torch.device) -> Tensor:
    """(class, y, x) of one window, on the CPU."""
    with as_it_classifies(network):
        logits: Tensor = network({role: image[None].to(device) for role, image in images.items()})[0]
    return logits.float().cpu()
