"""Whether the bands of an optical layer are what they are taken for.

A file without band names, or with wrong ones, can be read in a wrong order; nothing fails, and the map is ruined. But
light leaves traces: neighbouring wavelengths vary together, near infrared is bright and varies most over land, blue is
hazy, cirrus is dark. A statistical model of these (`core.spectral_model`) scores the order that a layer is read in and
the orders that files are commonly mistaken for. A layer is doubted only where another order fits far better, and fits
as well as real scenes do: clouds, snow and open water look like nothing the model knows, and prove nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .band_orders import Order, alternatives
from .spectral_model import MODEL, SpectralModel

MIN_GAIN = 2.0
"""How much better, in log-likelihood per band compared, another order must fit."""

FEW_BANDS = 4
FEW = 1.0
"""How much more is wanted where no more bands than this tell it."""

LIKENESS = -0.4
"""Log-likelihood per band above which the bands of real land scenes mostly lie."""

UNLIKE = 10.0
"""How much more must be gained for each unit that the other order lies below `LIKENESS`."""

MAX_PIXELS = 4000

DARK = 1000.0
"""Where no band's median reaches this reflectance × 10 000, the scene is open water or deep shadow."""

FLAT = 1.9
"""Where the brightest band is less than this times as bright as the lower quartile of bands, it is cloud or snow."""

_TAIL = 4.0
"""Degrees of freedom of the t-distributions: scenes differ more than a normal distribution allows."""

_FAINT = 0.003
"""Levels and contrasts below this fraction of the largest one are noise and quantisation."""

WIDE = np.array([[0.0, 2.0], [0.0, 2.0], [0.8, 0.7]])
"""Mean and spread of each statistic for bands that the model does not know, such as thermal ones."""


@dataclass(frozen=True)
class BetterOrder:
    """Another order that fits far better.

    Attributes:
        order: The order.
        gain: By how much its log-likelihood per band compared exceeds that of the assumed order.
        evidence: What was seen, in words with numbers.
    """

    order: Order
    gain: float
    evidence: str


def better_order(assumed: Order, pixels: NDArray[np.float32], calibrated: bool) -> BetterOrder | None:
    """Returns an order that fits a layer far better than the assumed one, or None.

    Args:
        assumed: What the bands are taken for.
        pixels: (band, pixel) of many pixels, all valid.
        calibrated: Whether values are reflectance × 10 000; else any units that are linear in it.
    """
    if not shows_land(assumed.sensor, pixels, calibrated):
        return None
    return better_than(assumed, pair_statistics(pixels, calibrated), MODEL)


def better_than(assumed: Order, statistics: NDArray[np.float64], model: SpectralModel) -> BetterOrder | None:
    """Returns an order that fits statistics of `pair_statistics` far better than the assumed one, or None."""
    known = sum(label >= 0 for label in assumed.readings[0])
    if known < 3:
        return None
    own, own_labels = best_reading(assumed, statistics, model)
    best: tuple[float, BetterOrder] | None = None
    for other in alternatives(assumed):
        reached, labels = best_reading(other, statistics, model)
        wanted = MIN_GAIN + FEW * (known <= FEW_BANDS) + other.unlikely
        if reached - own <= max(wanted, best[0] if best else 0.0):
            continue
        wanted += UNLIKE * max(LIKENESS - _likeness(statistics, labels, model), 0.0)
        if reached - own > wanted:
            best = (
                reached - own,
                BetterOrder(other, reached - own, _evidence(statistics, assumed, own_labels, labels, model)),
            )
    return best[1] if best else None


def best_reading(order: Order, statistics: NDArray[np.float64], model: SpectralModel) -> tuple[float, list[int]]:
    """Returns the log-likelihood of an order, as `fit` does, and the labels that give it."""
    return max((fit(statistics, labels, model), labels) for labels in order.readings)


def shows_land(sensor: str, pixels: NDArray[np.float32], calibrated: bool) -> bool:
    """Whether a scene shows enough land for its bands to be told, whatever their order."""
    if sensor == "aerial":
        return True
    levels = np.sort(np.median(pixels, axis=1))
    brightest, low = levels[-1], levels[len(levels) // 4]
    return bool(brightest >= FLAT * low and not (calibrated and brightest < DARK))


def pair_statistics(pixels: NDArray[np.float32], calibrated: bool) -> NDArray[np.float64]:
    """Statistics of each pair of bands that do not depend on a common factor of all bands.

    Args:
        pixels: (band, pixel), all valid.
        calibrated: Whether zero means no light; else the darkest value is taken for it, as in digital numbers of
            Landsat's level 1.

    Returns:
        (3, band, band): logarithm of the ratio of medians; logarithm of the ratio of the 10th to 90th percentile
        ranges; Fisher's z of the rank correlation.
    """
    pixels = pixels[:, :: max(pixels.shape[1] // MAX_PIXELS, 1)].astype(np.float64)
    low, middle, high = np.percentile(pixels, (10, 50, 90), axis=1)
    if not calibrated:
        middle = middle - np.percentile(pixels, 0.5, axis=1).min()
    ranks = np.stack([_ranks(band) for band in pixels])
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.nan_to_num(np.corrcoef(ranks))
    level, contrast = _log(middle), _log(high - low)
    association = np.arctanh(np.clip(correlation, -0.99, 0.99))
    return np.stack([level[:, None] - level, contrast[:, None] - contrast, association])


def fit(statistics: NDArray[np.float64], labels: Sequence[int], model: SpectralModel) -> float:
    """Returns the log-likelihood of bands being `labels`, summed over pairs, per band that each is compared with."""
    first, second = np.triu_indices(len(labels), 1)
    density = _densities(statistics, labels, model)
    return float(density[:, first, second].sum() / (len(labels) - 1))


def _likeness(statistics: NDArray[np.float64], labels: Sequence[int], model: SpectralModel) -> float:
    """Log-likelihood per band that the model knows, over pairs of such bands."""
    rows = [row for row, label in enumerate(labels) if label >= 0]
    known = [labels[row] for row in rows]
    return fit(statistics[:, np.array(rows)[:, None], rows], known, model) / len(rows)


def _densities(statistics: NDArray[np.float64], labels: Sequence[int], model: SpectralModel) -> NDArray[np.float64]:
    """(3, band, band): log-density of each statistic if the bands are `labels`, up to a constant."""
    rows = np.asarray(labels)
    means, spreads = model.means[:, rows[:, None], rows], model.spreads[:, rows[:, None], rows]
    unknown = (rows < 0)[:, None] | (rows < 0)
    means = np.where(unknown, WIDE[:, :1, None], means)
    spreads = np.where(unknown, WIDE[:, 1:, None], spreads)
    away = (statistics - means) / spreads
    densities: NDArray[np.float64] = -np.log(spreads) - (_TAIL + 1) / 2 * np.log1p(away**2 / _TAIL)
    return densities


def _evidence(
    statistics: NDArray[np.float64], assumed: Order, own: list[int], other: list[int], model: SpectralModel
) -> str:
    """Names the two bands whose brightness, contrast or correlation speaks most against the assumed order."""
    rows = np.asarray(own)
    lost = _densities(statistics, other, model) - _densities(statistics, own, model)
    lost[:, (rows < 0)[:, None] | (rows < 0)] = -np.inf
    lost[:, np.tri(len(rows), dtype=bool)] = -np.inf
    kind, i, j = (int(index) for index in np.unravel_index(np.argmax(lost), lost.shape))
    seen, usual = statistics[kind, i, j], model.means[kind, rows[i], rows[j]]
    first, second = assumed.bands[i], assumed.bands[j]
    if kind == 2:
        return f"{first} and {second} correlate by {np.tanh(seen):.2f}, usually by about {np.tanh(usual):.2f}"
    what = "bright" if kind == 0 else "contrasted"
    times = [f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}" for ratio in np.exp((seen, usual))]
    return f"{first} is {times[0]} times as {what} as {second}, usually about {times[1]} times"


def _log(values: NDArray[np.float64]) -> NDArray[np.float64]:
    largest = max(float(values.max()), 1e-12)
    logarithm: NDArray[np.float64] = np.log(np.maximum(values, _FAINT * largest))
    return logarithm


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks, the mean one for equal values."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks
