"""Random variations of labelled windows that leave radiometry as it is.

Geometry is the same for all sources and dates of a window, for its labels and for their weights. Values are never
mixed: a turned or enlarged window takes each of its pixels from the nearest one. (kornia's affine transforms fill with
zeros what comes from outside and know no NaN; here both are no data.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ..core.cards import SourceCard
from ..core.specs import AugmentationSpec
from .losses import IGNORED
from .orientations import ORIENTATIONS, in_orientation

Chip = tuple[dict[str, Tensor], Tensor, Tensor]
"""Per role (band, y, x) float32 in canonical units with NaN for no data; the target (y, x) int64; and (y, x) float32,
how much each labelled pixel counts."""


class Augmentation:
    """Varies chips at random, by PyTorch's own generator.

    Args:
        spec: What is varied.
        sources: What chips hold; of features made from images, only orientations vary.
    """

    def __init__(self, spec: AugmentationSpec, sources: Sequence[SourceCard]) -> None:
        self.spec = spec
        self.sources = tuple(sources)
        # A coarser source cannot be turned by any angle together with a finer one: its pixels would come to lie between
        # theirs.
        self._resamples = (spec.rotation > 0 or spec.scale > 1) and all(source.step == 1 for source in sources)

    def __call__(self, chip: Chip) -> Chip:
        """Returns a variation of a chip, which itself stays as it is."""
        if self._resamples:
            chip = self._resampled(chip)
        if self.spec.turns:
            chip = turned(chip, int(torch.randint(ORIENTATIONS, ())))
        images, target, weight = chip
        images = dict(images)
        for source in self.sources:
            if source.role in images:
                images[source.role] = self._varied(images[source.role], source)
        return self._without_one(images), target, weight

    def _resampled(self, chip: Chip) -> Chip:
        angle = math.radians(self.spec.rotation) * _between(-1, 1)
        factor = self.spec.scale ** _between(-1, 1)
        free = max(1 - 1 / factor, 0) / 2  # what an enlarged window leaves out, of which it may show another part
        return resampled(chip, angle, factor, (free * _between(-1, 1), free * _between(-1, 1)))

    def _varied(self, image: Tensor, source: SourceCard) -> Tensor:
        spec = self.spec
        if spec.speckle and source.role == "sar" and source.units == "db":
            image = speckled(image, spec.speckle)
        if spec.bands:
            image = with_hidden_bands(image, source, _some(len(source.bands), spec.bands))
        if spec.dates and len(source.dates) > 1:
            hidden = _some(len(source.dates), spec.dates).repeat_interleave(len(source.bands))
            image = torch.where(hidden[:, None, None], torch.nan, image)
        return image

    def _without_one(self, images: dict[str, Tensor]) -> dict[str, Tensor]:
        if len(images) > 1 and self.spec.sources and _between(0, 1) < self.spec.sources:
            return without(images, list(images)[int(torch.randint(len(images), ()))])
        return images


def turned(chip: Chip, turn: int) -> Chip:
    """Returns a chip in one of the eight orientations of the square."""
    images, target, weight = chip
    images = {role: in_orientation(image, turn) for role, image in images.items()}
    return images, in_orientation(target, turn), in_orientation(weight, turn)


def resampled(chip: Chip, angle: float, factor: float, shift: tuple[float, float]) -> Chip:
    """Returns a chip turned and enlarged about its centre; what comes from outside is no data and not labelled.

    Args:
        chip: The chip.
        angle: In radians, counter-clockwise.
        factor: Above 1 things become larger.
        shift: By which the part that is seen lies off the centre, along y and x, in sides of the chip.
    """
    images, target, weight = chip
    height, width = target.shape
    y = (torch.arange(height) - (height - 1) / 2)[:, None] / factor
    x = (torch.arange(width) - (width - 1) / 2)[None] / factor
    rows = (math.cos(angle) * y + math.sin(angle) * x + (height - 1) / 2 + shift[0] * height).round().long()
    columns = (-math.sin(angle) * y + math.cos(angle) * x + (width - 1) / 2 + shift[1] * width).round().long()
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    places = rows.clamp(0, height - 1), columns.clamp(0, width - 1)
    taken = {
        role: torch.where(inside, image[:, places[0], places[1]], torch.nan) for role, image in images.items()
    }  # fmt: skip
    return taken, torch.where(inside, target[places], IGNORED), torch.where(inside, weight[places], 0.0)


def speckled(image: Tensor, looks: float) -> Tensor:
    """Returns backscatter in dB with more speckle: power times a gamma variable of mean 1 and variance 1 / looks.

    Multi-look speckle in power is gamma-distributed (Lee 1980, Goodman 1976); in dB it is added.
    """
    power = torch.distributions.Gamma(looks, looks).sample(image.shape)
    return image + 10 * power.clamp_min(1e-6).log10()


def with_hidden_bands(image: Tensor, source: SourceCard, hidden: Tensor) -> Tensor:
    """Returns an image in which some bands have the value that a network takes for the middle, wherever they have data.

    Not NaN: to many networks a pixel that lacks a band is no data altogether.

    Args:
        image: (date × band, y, x).
        source: What it is.
        hidden: (band,) bool.
    """
    scaling = source.normalisation
    middle = sum(scaling.clip) / 2 if scaling.clip else 0.0
    values = torch.tensor(scaling.offset) + middle * torch.tensor(scaling.scale)
    dates = max(len(source.dates), 1)
    replaced = hidden.repeat(dates)[:, None, None] & ~image.isnan()
    return torch.where(replaced, values.to(image).repeat(dates)[:, None, None], image)


def without(images: dict[str, Tensor], role: str) -> dict[str, Tensor]:
    """Returns images of which one has no data."""
    return images | {role: torch.full_like(images[role], torch.nan)}


def _some(count: int, probability: float) -> Tensor:
    """(count,) bool, each True with a probability, but never all."""
    chosen = torch.rand(count) < probability
    if chosen.all():
        chosen[int(torch.randint(count, ()))] = False
    return chosen


def _between(low: float, high: float) -> float:
    return low + (high - low) * float(torch.rand(()))
