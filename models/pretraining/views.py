"""Random views of windows, for methods that learn what two views of a place have in common.

Geometry is drawn once per sample and is the same for all its images, whatever their resolution, so that sensors stay
aligned. Radiometry is drawn for each image on its own, for all dates of a series alike. All draws take a generator, so
that a seed fixes them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import torch
from kornia.filters import gaussian_blur2d
from torch import Tensor, nn
from torch.nn import functional as F

from ...core.errors import SpecError
from ..normalisation import Normaliser
from .method import Images


@dataclass(frozen=True)
class ViewOptions:
    """What views may differ in.

    Attributes:
        area: Smallest share of the area that a crop keeps, above 0, at most 1; crops are resized to the window.
        symmetries: Whether windows are flipped and turned by quarters.
        brightness: Largest shift, as a share of the range of normalised values.
        contrast: Contrast is multiplied by 1 − this to 1 + this, below 1.
        blur: Probability of a Gaussian blur.
        sigma: Its largest standard deviation in pixels.
        erasing: Probability that a rectangle is erased.
        erased: Largest share of the area that it takes.
        dates: Probability with which a date of a series is hidden; never all of them.
    """

    area: float = 0.2
    symmetries: bool = True
    brightness: float = 0.2
    contrast: float = 0.2
    blur: float = 0.5
    sigma: float = 2.0
    erasing: float = 0.5
    erased: float = 0.2
    dates: float = 0.2


VIEWS = {
    "hameln": ViewOptions(),
    "geometry and blur": ViewOptions(brightness=0.0, contrast=0.0, erasing=0.0),
}
"""Sets of options: of seed 001, whose slides give no number but the 20 % of the crop, nor say that dates are hidden;
and of seed 003 for single bands, whose brightness means nothing."""


def view_options(name: str) -> ViewOptions:
    """Returns a set of options.

    Raises:
        SpecError: If there is none of this name.
    """
    if name not in VIEWS:
        raise SpecError(f"Option views is '{name}'.", f"Expected one of {', '.join(VIEWS)}.")
    return VIEWS[name]


_SMALLEST_SIGMA = 0.1
_DEVIATIONS = 6.0
"""Where normalised values have no bounds, their range is taken as this many standard deviations."""


class Views(nn.Module):
    """Draws views.

    Args:
        normalisers: Per role, as in `Encoder.normalisers`.
        options: What may differ.
        margins: Per role of a coarser image how many of its pixels at each side lie beyond the ground of the others.
    """

    def __init__(
        self, normalisers: nn.ModuleDict, options: ViewOptions, margins: Mapping[str, int] | None = None
    ) -> None:
        super().__init__()
        self.normalisers = normalisers
        self.options = options
        self.margins = dict(margins or {})

    @torch.no_grad()
    def forward(self, images: Images, generator: torch.Generator) -> dict[str, Tensor]:
        """Draws one view of each sample.

        Args:
            images: Per role (sample, date × band, y, x) or (sample, date, band, y, x), square, in canonical units, NaN
                for no data. Roles may have other resolutions but show the same ground, and what is around it where
                they have a margin.
            generator: On the CPU.

        Returns:
            The same shapes and units.
        """
        count = len(next(iter(images.values())))
        affine = random_affines(count, self.options, generator)
        places = {role: _around(affine, image, self.margins.get(role, 0)) for role, image in images.items()}
        seen = {role: warped(image, places[role]) for role, image in images.items()}
        return {role: self._radiometry(role, image, generator) for role, image in seen.items()}

    def _radiometry(self, role: str, image: Tensor, generator: torch.Generator) -> Tensor:
        options, count = self.options, len(image)
        normaliser = cast(Normaliser, self.normalisers[role])
        draws = torch.rand(4, count, generator=generator)
        if options.brightness or options.contrast:
            shift, contrast = (2 * draws[:2] - 1) * torch.tensor([[options.brightness], [options.contrast]])
            image = normaliser.restored(_jittered(normaliser(image), normaliser, shift, 1 + contrast))
        if options.blur:
            sigma = _SMALLEST_SIGMA + draws[2] * (options.sigma - _SMALLEST_SIGMA)
            image = torch.where(_per_sample(draws[3] < options.blur, image), blurred(image, sigma), image)
        if options.erasing:
            hidden = random_rectangles(count, image.shape[-2:], options, generator).to(image.device)
            image = image.masked_fill(hidden.view(count, *[1] * (image.ndim - 3), *hidden.shape[-2:]), torch.nan)
        dates = image.shape[1] // normaliser.offset.shape[1]
        if options.dates and image.ndim == 4 and dates > 1:
            image = _with_dates_hidden(image, dates, options.dates, generator)
        return image


def random_affines(count: int, options: ViewOptions, generator: torch.Generator) -> Tensor:
    """Draws which part of its window each view shows, and which way up.

    Returns:
        (sample, 2, 3), as `torch.nn.functional.affine_grid` takes them: coordinates in the view, −1 to 1, to those in
        the window.
    """
    side = (options.area + (1 - options.area) * torch.rand(count, generator=generator)).sqrt()
    shift = (2 * torch.rand(count, 2, generator=generator) - 1) * (1 - side)[:, None]
    turns = torch.randint(4, (count,), generator=generator) * options.symmetries
    mirror = 1.0 - 2.0 * torch.randint(2, (count,), generator=generator) * options.symmetries
    # Exact sines and cosines, so that pixels of turned windows meet pixels.
    cosine, sine = torch.tensor([1.0, 0, -1, 0])[turns], torch.tensor([0.0, 1, 0, -1])[turns]
    rotation = torch.stack([cosine * mirror, -sine, sine * mirror, cosine], dim=1).view(count, 2, 2)
    return torch.cat([side[:, None, None] * rotation, shift[..., None]], dim=2)


def _around(affine: Tensor, image: Tensor, margin: int) -> Tensor:
    """Returns what a view shows of an image with a margin; the view has one too, reduced or enlarged like the rest."""
    inner = image.shape[-1] - 2 * margin
    return torch.cat([affine[..., :2], affine[..., 2:] * inner / image.shape[-1]], dim=2)


def _with_dates_hidden(image: Tensor, dates: int, probability: float, generator: torch.Generator) -> Tensor:
    """(sample, date × band, y, x) → the same with some dates of each sample NaN, but one that has data."""
    series = image.unflatten(1, (dates, -1))
    chances = torch.rand(series.shape[:2], generator=generator).to(image.device)
    seen = series.isfinite().flatten(2).any(dim=2)
    kept = (chances >= probability) | (chances == (chances * seen).amax(dim=1, keepdim=True))
    return series.masked_fill(~kept[:, :, None, None, None], torch.nan).flatten(1, 2)


def warped(image: Tensor, affine: Tensor) -> Tensor:
    """Resamples images bilinearly; pixels that would be mostly no data are.

    Args:
        image: (sample, ..., band, y, x), NaN for no data.
        affine: (sample, 2, 3), see `random_affines`.
    """
    size = [len(image), 1, *image.shape[-2:]]
    with torch.autocast(image.device.type, enabled=False):  # half precision would round values in canonical units
        grid = F.affine_grid(affine.to(image), size, align_corners=False)
        mixed = F.grid_sample(_without_gaps(image), grid, padding_mode="border", align_corners=False)
    return _with_gaps(mixed, 0.5, image)


def blurred(image: Tensor, sigma: Tensor) -> Tensor:
    """Blurs images; gaps neither grow nor shrink, and nothing of them gets into what surrounds them.

    Args:
        image: (sample, ..., band, y, x), NaN for no data.
        sigma: (sample,) standard deviations in pixels, on the CPU.
    """
    side = 2 * math.ceil(2 * float(sigma.max())) + 1
    deviations = sigma.to(image)[:, None].expand(-1, 2)
    with torch.autocast(image.device.type, enabled=False):
        mixed = gaussian_blur2d(_without_gaps(image), (side, side), deviations, border_type="constant")
    return _with_gaps(mixed, 0.0, image).masked_fill(image.isnan(), torch.nan)


def random_rectangles(count: int, shape: torch.Size, options: ViewOptions, generator: torch.Generator) -> Tensor:
    """Draws what is erased (Zhong et al., "Random Erasing", AAAI 2020).

    What is erased becomes no data, as under a cloud, which encoders know how to take.

    Returns:
        (sample, y, x) bool.
    """
    area, aspect, down, across, chance = torch.rand(5, count, generator=generator)
    area = 0.02 + area * (options.erased - 0.02)
    ratio = (0.3 ** (2 * aspect - 1)).sqrt()
    sides = torch.stack([area.sqrt() * ratio, area.sqrt() / ratio], dim=1).clamp_max(1)
    start = torch.stack([down, across], dim=1) * (1 - sides)
    inside = [
        (centre >= start[:, axis, None]) & (centre < (start + sides)[:, axis, None])
        for axis, centre in enumerate((torch.arange(length) + 0.5) / length for length in shape)
    ]
    return inside[0][:, :, None] & inside[1][:, None] & (chance < options.erasing)[:, None, None]


def _jittered(scaled: Tensor, normaliser: Normaliser, shift: Tensor, contrast: Tensor) -> Tensor:
    """Changes brightness and contrast of normalised images (sample, ..., y, x), of all bands alike; NaN stays NaN."""
    mean = scaled.nanmean(dim=(-2, -1), keepdim=True)
    if normaliser.clip:
        lowest, highest = normaliser.clip
        moved = _per_sample(shift, scaled) * (highest - lowest)
    else:
        deviation = (scaled - mean).square().nanmean(dim=(-2, -1), keepdim=True).sqrt()
        moved = _per_sample(shift, scaled) * _DEVIATIONS * deviation
    changed = mean + (scaled - mean) * _per_sample(contrast, scaled) + moved
    return changed.clamp(*normaliser.clip) if normaliser.clip else changed


def _without_gaps(image: Tensor) -> Tensor:
    """(sample, ..., y, x), NaN for no data → (sample, 2 × layer, y, x): values or zero, and where values are."""
    layers = image.flatten(1, -3)
    return torch.cat([layers.nan_to_num(0.0), (~layers.isnan()).to(layers)], dim=1)


def _with_gaps(mixed: Tensor, least: float, like: Tensor) -> Tensor:
    """Undoes `_without_gaps` after pixels were mixed; where less than `least` of a pixel is data, there is none."""
    total, share = mixed.chunk(2, dim=1)
    return torch.where(share > least, total / share.clamp_min(1e-6), torch.nan).view_as(like)


def _per_sample(values: Tensor, image: Tensor) -> Tensor:
    """(sample,) → a shape that goes with the image's, on its device."""
    return values.to(image.device).view(-1, *[1] * (image.ndim - 1))
