"""What Sentinel-2 and Sentinel-1 would see of a made-up landscape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates, uniform_filter

from .landscape import BARE, BUILT, CELL, CROP, FOREST, GRASS, WATER, Grid, Landscape, noise

OPTICAL_BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12")
_GSD = (60, 10, 10, 10, 20, 20, 20, 10, 20, 60, 20, 20)
SAR_BANDS = ("VV", "VH")

LOOKS = 4.4
"""Equivalent number of looks of a Sentinel-1 IW GRD product at 10 m."""

_NOISE_FLOOR = (10**-2.5, 10**-2.8)
"""Thermal noise of Sentinel-1 as backscatter (VV, VH), linear power."""

_COVERS = {
    # Surface reflectance × 10 000 in the order of OPTICAL_BANDS, then backscatter VV and VH in dB. Round numbers in the
    # range of common spectral libraries and of published C-band statistics for a temperate May; no measured data.
    "clear water": (260, 300, 330, 210, 180, 160, 150, 130, 120, 110, 60, 40, -20.0, -26.5),
    "turbid water": (520, 620, 800, 660, 520, 330, 310, 260, 220, 200, 80, 50, -18.5, -26.0),
    "broadleaf": (210, 250, 500, 290, 850, 2400, 3000, 3150, 3300, 3300, 1500, 700, -9.0, -14.2),
    "conifer": (170, 200, 330, 220, 520, 1350, 1650, 1800, 1900, 1900, 850, 400, -9.6, -15.0),
    "meadow": (330, 410, 750, 580, 1180, 2550, 2950, 3150, 3300, 3300, 2350, 1320, -12.8, -19.2),
    "dry grass": (500, 640, 960, 980, 1500, 2250, 2500, 2700, 2850, 2850, 2750, 1900, -13.2, -20.2),
    "wheat": (300, 350, 680, 420, 1020, 2900, 3600, 3900, 4000, 4000, 1950, 950, -14.2, -20.5),
    "rapeseed": (380, 520, 1180, 950, 1480, 2850, 3350, 3600, 3750, 3750, 2250, 1250, -10.8, -15.8),
    "clover": (310, 370, 760, 470, 1150, 2900, 3500, 3700, 3800, 3800, 2050, 1080, -12.0, -18.0),
    "maize": (420, 520, 850, 760, 1300, 2450, 2850, 3050, 3150, 3150, 2500, 1600, -10.8, -17.6),
    "dark soil": (560, 680, 880, 1080, 1240, 1360, 1450, 1540, 1640, 1680, 2150, 1900, -12.2, -20.5),
    "bright soil": (900, 1120, 1500, 1900, 2150, 2300, 2420, 2550, 2680, 2720, 3350, 2950, -11.4, -20.8),
    "stubble": (620, 800, 1120, 1400, 1750, 2050, 2250, 2450, 2600, 2600, 3050, 2400, -12.6, -19.8),
    "asphalt": (820, 920, 1020, 1090, 1140, 1190, 1230, 1270, 1310, 1330, 1430, 1320, -12.5, -20.5),
    "gravel": (1150, 1350, 1600, 1800, 1920, 2000, 2060, 2130, 2200, 2220, 2500, 2250, -12.0, -20.0),
    "red roof": (760, 860, 1080, 1750, 1980, 2120, 2220, 2300, 2420, 2440, 2700, 2350, -3.0, -11.5),
    "grey roof": (1080, 1180, 1300, 1400, 1460, 1520, 1560, 1620, 1680, 1690, 1800, 1680, -3.5, -12.0),
    "bright roof": (2150, 2500, 2750, 2950, 3000, 3050, 3080, 3100, 3120, 3120, 3050, 2800, -1.0, -10.5),
}
_NAMES = tuple(_COVERS)
_SIGNATURES = np.array([_COVERS[name] for name in _NAMES], np.float32)
_CROPS = ("wheat", "rapeseed", "clover", "maize")


@dataclass(frozen=True)
class Mixture:
    """Two covers per cell and how much there is of the second; all arrays are (y, x).

    Attributes:
        first: Index of the main cover.
        second: Index of the other one.
        share: Of the second, 0 to 1.
        gain: Brightness of the cell relative to its covers: canopy shadow, moisture, slope towards the sun.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    share: Grid
    gain: Grid

    def of(self, signature: Grid) -> Grid:
        """Mixes a signature (one number per cover)."""
        return (1 - self.share) * signature[self.first] + self.share * signature[self.second]


def mixture(rng: np.random.Generator, land: Landscape) -> Mixture:
    """Decides what grows in each parcel and how the cells within it vary."""
    side = land.cover.shape[0]
    parcels = int(land.parcel.max()) + 1
    crop = np.array([_NAMES.index(name) for name in _CROPS])[rng.choice(len(_CROPS), parcels, p=(0.4, 0.2, 0.16, 0.24))]
    sparse = rng.beta(1.3, 4.0, parcels).astype(np.float32)[land.parcel]
    dryness = rng.beta(1.8, 2.4, parcels).astype(np.float32)[land.parcel]
    brightness = rng.beta(1.5, 1.5, parcels).astype(np.float32)[land.parcel]
    stubble = (rng.random(parcels) < 0.25)[land.parcel]
    patches = noise(rng, side, 40)
    grain = rng.standard_normal((side, side)).astype(np.float32)

    shore = np.clip(0.25 + 0.2 * patches + 0.5 * (1 - land.depth), 0, 1)
    by_class: dict[int, tuple[str | NDArray[np.intp], str, Grid, Grid]] = {
        WATER: ("clear water", "turbid water", shore, 1 + 0.02 * grain),
        FOREST: ("broadleaf", "conifer", land.conifer, 1 + 0.2 * grain + 0.05 * patches),
        GRASS: ("meadow", "dry grass", dryness + 0.12 * patches, 1 + 0.04 * grain),
        CROP: (crop[land.parcel], "dark soil", sparse + 0.08 * patches + 0.1 * land.rows, 1 + 0.04 * grain),
        BARE: ("dark soil", "bright soil", brightness + 0.1 * patches, 1 + 0.05 * grain + 0.04 * land.rows),
        BUILT: ("meadow", "broadleaf", 0.5 + 0.4 * grain, 1 + 0.15 * grain),
    }
    first = np.zeros((side, side), np.intp)
    second, share, gain = first.copy(), np.zeros((side, side), np.float32), np.ones((side, side), np.float32)
    for value, (main, other, part, bright) in by_class.items():
        here = land.cover == value
        first[here] = _NAMES.index(main) if isinstance(main, str) else main[here]
        second[here] = _NAMES.index(other)
        share[here], gain[here] = part[here], bright[here]
    # Fields that were cropped look like bare soil with straw on it.
    straw = stubble & (land.cover == BARE)
    first[straw] = _NAMES.index("stubble")
    for surface, name in enumerate(("asphalt", "red roof", "grey roof", "bright roof"), start=1):
        here = land.surface == surface
        first[here] = _NAMES.index(name)
        second[here] = _NAMES.index("gravel")
        share[here] = np.clip(0.25 + 0.15 * grain[here], 0, 1)
    field = np.exp(0.09 * rng.standard_normal(parcels)).astype(np.float32)[land.parcel]
    gain *= np.where(np.isin(land.cover, (GRASS, CROP, BARE)), field, 1) * _illumination(land.height)
    return Mixture(first, second, np.clip(share, 0, 1).astype(np.float32), gain.astype(np.float32))


def optical_band(
    rng: np.random.Generator, land: Landscape, mixed: Mixture, band: int, haze: Grid
) -> NDArray[np.uint16]:
    """Sees one Sentinel-2 band: pixels of its own size, blurred by the optics, on the 10 m grid, with noise.

    Args:
        rng: Source of randomness.
        land: The landscape; its side in cells is a multiple of 12, so that whole 60 m pixels fit.
        mixed: What covers its cells.
        band: Position in `OPTICAL_BANDS`.
        haze: Thin haze over the cells, mean 0 and standard deviation 1.

    Returns:
        numbers: (y, x) reflectance × 10 000, without the offset of processing baseline 04.00.
    """
    # Leaf angle, pigments and moisture make each field of a crop a little different in each band.
    own = np.exp(0.05 * rng.standard_normal(int(land.parcel.max()) + 1)).astype(np.float32)
    own_share = np.where(np.isin(land.cover, (GRASS, CROP, BARE, FOREST)), own[land.parcel], 1)
    signal = mixed.of(_SIGNATURES[:, band]) * mixed.gain * own_share
    signal += 30 * np.exp(-band / 3) * (1 + haze)
    step = int(_GSD[band] / CELL)
    seen = gaussian_filter(_averaged(signal, step), 0.4, mode="nearest")
    seen *= 1 + 0.006 * rng.standard_normal(seen.shape)
    seen += 8 * rng.standard_normal(seen.shape)
    repeat = _GSD[band] // 10
    numbers: NDArray[np.uint16] = (
        np.clip(np.rint(seen), 1, 10_000).astype(np.uint16).repeat(repeat, 0).repeat(repeat, 1)
    )
    return numbers


def backscatter(
    rng: np.random.Generator, land: Landscape, mixed: Mixture, rows: Grid, columns: Grid
) -> NDArray[np.float32]:
    """Sees Sentinel-1 gamma nought, with speckle, at its own pixel centres.

    Args:
        rng: Source of randomness.
        land: The landscape.
        mixed: What covers its cells.
        rows: Pixel centres in cells from the upper edge.
        columns: Pixel centres in cells from the left edge.

    Returns:
        power: (band, y, x), linear.
    """
    parcels = int(land.parcel.max()) + 1
    side = land.cover.shape[0]
    # Soil moisture and roughness are a field's own, and the same in both polarisations for the larger part.
    moisture = 1.0 * rng.standard_normal(parcels).astype(np.float32)[land.parcel]
    corners = np.where(land.surface >= 2, 4.5 * rng.standard_normal((side, side)).astype(np.float32) - 2.0, 0)
    facing = 6.0 * np.gradient(gaussian_filter(land.height, 3), CELL, axis=1)
    bands = []
    for band, floor in enumerate(_NOISE_FLOOR):
        roughness = 0.6 * rng.standard_normal(parcels).astype(np.float32)[land.parcel]
        decibel = mixed.of(_SIGNATURES[:, len(OPTICAL_BANDS) + band]) + corners + facing
        decibel += np.where(np.isin(land.cover, (GRASS, CROP, BARE)), moisture + roughness, 0)
        seen = uniform_filter(10 ** (decibel / 10), round(10 / CELL), mode="nearest") + floor
        mean = map_coordinates(seen, np.meshgrid(rows - 0.5, columns - 0.5, indexing="ij"), order=1, mode="nearest")
        bands.append(mean * rng.gamma(LOOKS, 1 / LOOKS, mean.shape))
    return np.stack(bands).astype(np.float32)


def majority(cover: NDArray[np.int32], classes: int) -> NDArray[np.uint8]:
    """Returns the class that fills most of each 10 m pixel; ties go to the surroundings."""
    step = int(10 / CELL)
    shares = [
        gaussian_filter(_averaged((cover == value).astype(np.float32), step), 0.4) for value in range(1, classes + 1)
    ]
    return np.asarray(np.argmax(shares, axis=0) + 1, np.uint8)


def _averaged(cells: Grid, step: int) -> Grid:
    rows, columns = (size // step for size in cells.shape)
    return np.asarray(cells.reshape(rows, step, columns, step).mean(axis=(1, 3)), np.float32)


def _illumination(height: Grid) -> Grid:
    """Brightness of slopes under a sun 55° high in the south-south-east, relative to flat ground."""
    down, right = np.gradient(height, CELL)
    elevation, azimuth = np.deg2rad(55), np.deg2rad(150)
    facing = np.sin(elevation) + np.cos(elevation) * (down * np.cos(azimuth) - right * np.sin(azimuth))
    flat = np.sin(elevation) * np.sqrt(1 + down**2 + right**2)
    return np.asarray(np.clip(facing / flat, 0.6, 1.3), np.float32)
