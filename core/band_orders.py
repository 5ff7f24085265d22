"""Orders in which the bands of an optical file may lie, and those that it is commonly mistaken for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from .sensors import SENSORS
from .spectral_model import BANDS, HAZY, TOP

RARE = 1.0
"""How much more is wanted for two bands swapped that are not commonly confused; there are many such pairs."""

HAZE = 5.0
"""How much more is wanted for level 1 of Sentinel-2 in place of level 2: haze looks the same."""

_LEVELS = ("sentinel-2-l1c", "sentinel-2-l2a")

_EQUALS = {
    "landsat-8": dict(
        zip(("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B9"), ("B01", "B02", "B03", "B04", "B8A", "B11", "B12", "B10"))
    ),
    "landsat-7": dict(zip(("B1", "B2", "B3", "B4", "B5", "B7"), ("B02", "B03", "B04", "B08", "B11", "B12"))),
    "aerial": {"red": "B04", "green": "B03", "blue": "B02", "nir": "B08"},
}
"""The Sentinel-2 band at about the wavelength of another sensor's band."""

_CONFUSED: tuple[set[str], ...] = ({"B02", "B04"}, {"B04", "B08"}, {"B02", "B08"}, {"B11", "B12"}, {"B12", ""})
"""Bands that files often have swapped: red first or blue first, near infrared first, thermal before or after."""


@dataclass(frozen=True)
class Order:
    """An order in which the bands of a file may lie.

    Attributes:
        sensor: Sensor id.
        bands: Its band names, one per band of the file.
        unlikely: How much more than `MIN_GAIN` is wanted before a file is believed to be so.
    """

    sensor: str
    bands: tuple[str, ...]
    unlikely: float = 0.0

    @property
    def readings(self) -> list[list[int]]:
        """Position of each band in the model, -1 where it does not know it.

        Sentinel-2's level is stated; other sensors' values may be of the ground or of the top of the atmosphere.
        """
        levels = (self.sensor,) if self.sensor in _LEVELS else _LEVELS
        return [[_label(self.sensor, band, level) for band in self.bands] for level in levels]


def alternatives(assumed: Order) -> Iterator[Order]:
    """Yields the orders that a layer may be mistaken for."""
    names = list(assumed.bands)
    for i, j in combinations(range(len(names)), 2):
        swapped = names.copy()
        swapped[i], swapped[j] = names[j], names[i]
        common = {_plain(assumed, names[i]), _plain(assumed, names[j])} in _CONFUSED
        yield Order(assumed.sensor, tuple(swapped), 0.0 if common else RARE)
    colours = [_named(assumed, band) for band in ("B04", "B03", "B02", "B08")]
    fine = [_named(assumed, band) for band in ("B02", "B03", "B04", "B08")]
    coarse = [_named(assumed, band) for band in ("B01", "B09", "B10")]
    middle = [_named(assumed, band) for band in ("B05", "B06", "B07", "B8A", "B11", "B12")]
    yield from (
        Order(assumed.sensor, tuple(order))
        for order in (
            names[::-1],
            names[1:] + names[:1],
            names[-1:] + names[:-1],
            _first(colours, names),
            _first([*fine, *middle], names),
            _last(coarse, names),
            _last(["B8A"], names),
        )
        if order != names
    )
    yield from (order for order in _other_products(assumed) if len(order.bands) == len(names) and order != assumed)


def _other_products(assumed: Order) -> Iterator[Order]:
    """Yields orders with bands of other products, which have other numbers, or that of colour infrared."""
    if assumed.sensor.startswith("landsat"):
        for sensor in ("landsat-7", "landsat-8"):
            yield from (Order(sensor, usual) for usual in SENSORS[sensor].orders)
    if assumed.sensor == "aerial":
        yield Order("aerial", ("nir", "red", "green"))
    if assumed.sensor in _LEVELS:
        yield Order(_LEVELS[0], tuple(band for band in SENSORS[_LEVELS[0]].names if band != "B8A"))
    if assumed.sensor in _LEVELS and {"B01", "B09"} & set(assumed.bands):
        to_top = assumed.sensor == _LEVELS[1]
        yield Order(_LEVELS[0] if to_top else _LEVELS[1], assumed.bands, HAZE if to_top else RARE)


def _first(wanted: Sequence[str], names: Sequence[str]) -> list[str]:
    return [band for band in wanted if band in names] + [band for band in names if band not in wanted]


def _last(wanted: Sequence[str], names: Sequence[str]) -> list[str]:
    return [band for band in names if band not in wanted] + [band for band in names if band in wanted]


@lru_cache(maxsize=512)
def _label(sensor: str, band: str, level: str) -> int:
    equal = band if sensor in _LEVELS else _EQUALS.get(sensor, {}).get(band, "")
    name = equal + TOP if level == _LEVELS[0] and equal in HAZY else equal
    return BANDS.index(name) if name in BANDS else -1


def _plain(assumed: Order, band: str) -> str:
    """The Sentinel-2 band of about the wavelength of a band, or ''."""
    label = _label(assumed.sensor, band, _LEVELS[1])
    return BANDS[label] if label >= 0 else ""


def _named(assumed: Order, wanted: str) -> str:
    """The name that a band of about the wavelength of a Sentinel-2 band has in the assumed order, or ''."""
    return next((band for band in assumed.bands if _plain(assumed, band) == wanted), "")
