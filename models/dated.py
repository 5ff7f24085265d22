"""Time stacks as tensors: the channels of a source with dates, taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import torch
from torch import Tensor


def by_date(image: Tensor, bands: int) -> Tensor:
    """(batch, date × band, y, x) → (batch, date, band, y, x)."""
    batch, channels, height, width = image.shape
    return image.reshape(batch, channels // bands, bands, height, width)


def seen(series: Tensor) -> Tensor:
    """(batch, date, band, y, x) with NaN for no data → (batch, date, y, x) bool: True where all bands have data."""
    return ~series.isnan().any(dim=2)


def days_since(dates: Sequence[str], reference: str) -> Tensor:
    """Returns (date,) float32, the days from a reference day (`2018-09-01`) to each date; negative before it."""
    start = date.fromisoformat(reference)
    return torch.tensor([float((date.fromisoformat(day) - start).days) for day in dates])


def days_of_year(dates: Sequence[str]) -> Tensor:
    """Returns (date,) float32, the days since 1 January of the year of each date."""
    return torch.tensor([float(date.fromisoformat(day).timetuple().tm_yday - 1) for day in dates])


def months(dates: Sequence[str]) -> Tensor:
    """Returns (date,) int64, 0 for January."""
    return torch.tensor([date.fromisoformat(day).month - 1 for day in dates])
