"""From a library's image transform to the card's normalisation: numbers are taken from it, never typed again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import nn
from torchvision.transforms import v2

from ...core.cards import Normalisation

_GEOMETRIC = (v2.Resize, v2.CenterCrop, nn.Identity)
"""Steps for whole pictures, which maps must not take over: a resized scene has another ground sampling distance."""


def as_normalisation(
    transform: nn.Module, bands: int, unit: Sequence[float] = (1.0,), zero: float = 0.0
) -> Normalisation:
    """Returns a transform's `Normalize` steps, put together, as one normalisation.

    Args:
        transform: As it comes with the weights.
        bands: Number of bands.
        unit: Canonical units in one of the transform's, for each band or for all.
        zero: What is 0 for the transform, in canonical units.

    Returns:
        (x − offset) / scale with x in canonical units, not clipped.

    Raises:
        ValueError: If the transform has steps of another kind.
    """
    offset, scale = [0.0] * bands, [1.0] * bands
    for step in _steps(transform):
        if not isinstance(step, v2.Normalize):
            raise ValueError(f"the transform has a step {step}, which is no normalisation")
        # ((x − o) / s − m) / d = (x − (o + s m)) / (s d)
        offset = [o + s * m for o, s, m in zip(offset, scale, _each(step.mean, bands), strict=True)]
        scale = [s * d for s, d in zip(scale, _each(step.std, bands), strict=True)]
    units = _each(unit, bands)
    method = "z-score" if any(offset) else "constant"
    return Normalisation(
        method,
        tuple(zero + o * u for o, u in zip(offset, units, strict=True)),
        tuple(s * u for s, u in zip(scale, units, strict=True)),
    )


def _steps(transform: nn.Module) -> Iterator[nn.Module]:
    """Goes through a transform's steps, nested ones too, without the geometric ones."""
    if isinstance(transform, nn.Sequential):
        for step in transform:
            yield from _steps(step)
    elif not isinstance(transform, _GEOMETRIC):
        yield transform


def _each(numbers: Sequence[float], bands: int) -> list[float]:
    """One number stands for all bands."""
    return [float(number) for number in (list(numbers) * bands if len(numbers) == 1 else numbers)]
