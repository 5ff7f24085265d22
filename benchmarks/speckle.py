"""Speckle filters side by side: what they keep and what they remove, and the figure of `docs/preparing.md`.

    ./dev shell benchmarks/speckle.py [--figure docs/images/speckle.png] [--real FILE ...]

The scene is one of `core.simulate`, seen several times with new speckle, so that the truth is known. With `--real`, the
filters are also measured on the most homogeneous 31 × 31 pixels of real images (dB).
"""

from __future__ import annotations

import argparse
from unittest.mock import patch

import numpy as np
import rasterio
from landsketch.core import simulated_sensors
from landsketch.core.landscape import landscape
from landsketch.core.preparing.local_statistics import local_mean
from landsketch.core.preparing.looks import log_variations, looks_of
from landsketch.core.preparing.speckle import FILTERS, multitemporal
from landsketch.core.simulated_sensors import LOOKS, mixture
from PIL import Image, ImageDraw
from scipy.ndimage import sobel, uniform_filter

SIDE, DATES = 256, 8
CROP, ZOOM, TITLE = 128, 3, 26
STEEP = 0.02
"""Share of the pixels that count as edges: those where the truth is steepest."""


def simulated(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns (date, y, x) linear power of VV with speckle, and (y, x) without."""
    rng = np.random.default_rng(seed)
    land = landscape(rng, 2 * SIDE)
    mixed = mixture(rng, land)
    places = 2 * (np.arange(SIDE, dtype=np.float32) + 0.5)
    with patch.object(simulated_sensors, "LOOKS", 1e9):  # so many looks leave no speckle
        truth = simulated_sensors.backscatter(rng, land, mixed, places, places)[0].astype(np.float64)
    return truth * rng.gamma(LOOKS, 1 / LOOKS, (DATES, *truth.shape)), truth


def filtered(powers: np.ndarray, looks: float) -> dict[str, np.ndarray]:
    """Returns what each filter makes of the first date."""
    images = {"as received": powers[0], "mean of the window": local_mean(powers[0], 7)}
    titles = {"lee": "Lee", "refined-lee": "refined Lee", "gamma-map": "Gamma-MAP"}
    images |= {titles[name]: function(powers[0], looks, 7) for name, function in FILTERS.items()}
    if len(powers) > 1:
        images[f"multi-temporal, {len(powers)} dates"] = multitemporal(powers, 7)[0]
    return images


def looks_in(power: np.ndarray) -> float:
    """Returns the equivalent number of looks of a homogeneous patch."""
    return float(power.mean() ** 2 / power.var())


def patch_of(power: np.ndarray, side: int) -> tuple[slice, slice]:
    """Returns the place of the square with the most looks."""
    mean, squares = uniform_filter(power, side), uniform_filter(power * power, side)
    cut = side // 2 + 4
    looks = (mean**2 / (squares - mean**2))[cut:-cut, cut:-cut]
    row, column = np.unravel_index(looks.argmax(), looks.shape)
    return slice(row + 4, row + 4 + side), slice(column + 4, column + 4 + side)


def measure_simulated(powers: np.ndarray, truth: np.ndarray) -> None:
    """Prints, for each filter, the error against the truth, and the steepness of edges that is left."""
    looks = looks_of(log_variations(powers[0], 7)) or LOOKS
    steepness = np.hypot(sobel(truth, 0), sobel(truth, 1))
    edges = steepness >= np.quantile(steepness, 1 - STEEP)
    flat = steepness <= np.median(steepness)
    print(f"Simulated, {LOOKS} looks, estimated {looks:.1f}. Relative errors in dB; steepness of edges, truth = 1.")
    print(f"{'':28s}{'mean':>8s}{'flat dB':>9s}{'edges dB':>9s}{'steep':>7s}")
    for name, image in filtered(powers, looks).items():
        error = np.abs(10 * np.log10(image / truth))
        # Along the true slope: speckle itself is steep in every direction.
        slope = (sobel(image, 0) * sobel(truth, 0) + sobel(image, 1) * sobel(truth, 1))[edges].sum()
        share = slope / (steepness[edges] ** 2).sum()
        bias = image.mean() / powers[0].mean() - 1
        print(f"{name:28s}{bias:+8.2%}{error[flat].mean():9.2f}{error[edges].mean():9.2f}{share:7.2f}")


def measure_real(path: str) -> None:
    """Prints the mean that each filter keeps and the looks that it gains on a homogeneous patch."""
    with rasterio.open(path) as dataset:
        for band in range(1, dataset.count + 1):
            power = 10 ** (dataset.read(band).astype(np.float64) / 10)
            looks = looks_of(log_variations(power, 7)) or LOOKS
            place = patch_of(power, 31)
            own = looks_in(power[place])
            print(f"{path} band {band}: {own:.1f} looks in the patch, {looks:.1f} estimated")
            alone = filtered(power[place][None], looks)
            for name, image in filtered(power[None], looks).items():
                bias = alone[name].mean() / power[place].mean() - 1
                print(f"    {name:24s} mean {bias:+.2%}  looks × {looks_in(image[place]) / own:.1f}")


def draw(path: str, powers: np.ndarray) -> None:
    """Writes the figure: a part of the scene by each filter, in dB."""
    images = filtered(powers, looks_of(log_variations(powers[0], 7)) or LOOKS)
    low, high = np.percentile(10 * np.log10(images["mean of the window"]), (1, 99))
    side = CROP * ZOOM
    sheet = Image.new("L", (3 * side + 2 * 6, 2 * (side + TITLE)), 255)
    pen = ImageDraw.Draw(sheet)
    start = (SIDE - CROP) // 2
    for index, (name, image) in enumerate(images.items()):
        part = 10 * np.log10(image[start : start + CROP, start : start + CROP])
        grey = (((part - low) / (high - low)).clip(0, 1) * 255).astype(np.uint8)
        x, y = index % 3 * (side + 6), index // 3 * (side + TITLE)
        pen.text((x + 2, y + 4), name, fill=0, font_size=16)
        sheet.paste(Image.fromarray(grey).resize((side, side), Image.Resampling.NEAREST), (x, y + TITLE))
    sheet.quantize(64).save(path, optimize=True)


def main() -> None:
    """Measures, and draws on request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figure", help="where to write the figure")
    parser.add_argument("--real", nargs="*", default=[], help="radar images in dB")
    parser.add_argument("--seed", type=int, default=3)
    arguments = parser.parse_args()
    powers, truth = simulated(arguments.seed)
    measure_simulated(powers, truth)
    for path in arguments.real:
        measure_real(path)
    if arguments.figure:
        draw(arguments.figure, powers)


if __name__ == "__main__":
    main()
