"""How well ways of comparing windows find known shifts between Sentinel-1 and Sentinel-2, and between bands.

    ./dev shell benchmarks/coregistration.py FOLDER [FOLDER ...]

Each folder holds one place: a raster whose name has `S1` and one whose name has `S2L2A`, with named bands. The optical
image is displaced by cubic splines, and what is found is compared with that and with what is found for the image as it
is, since no real pair of images lies exactly right. Mutual information is here to compare with: LandSketch does not
use it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
from landsketch.core.coregistration.agreement import one_shift
from landsketch.core.coregistration.matching import Image, evened, peak
from landsketch.core.coregistration.pair import look, opened
from landsketch.core.progress import Reporter
from landsketch.core.specs import SourceSpec
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, shift
from skimage.metrics import normalized_mutual_information

SHIFTS = ((0.0, 0.0), (-3.7, 4.2), (1.3, -2.6), (0.5, 0.5), (4.2, -3.7))
"""Rows and columns in pixels; the first one leaves the image as it is."""

BANDS = ("B02", "B03", "B04", "B08")
PAIRS = (("B02", "B03"), ("B03", "B04"), ("B04", "B08"), ("B11", "B12"))
REACH = 10


def main() -> None:
    """Prints the errors of each way at each place."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    for folder in parser.parse_args().folders:
        radar, optical = (str(next(folder.glob(f"*{kind}*.tif"))) for kind in ("S1", "S2L2A"))
        for way in ("structure", "values"):
            _told(f"{folder.name}, S2 onto S1, {way}", [_found(optical, BANDS, s, radar, "sar", way) for s in SHIFTS])
        started = time.perf_counter()
        for band in BANDS:
            errors = [(_by_mutual_information(optical, band, s, radar) + s, np.nan) for s in SHIFTS]
            _told(f"{folder.name}, S2 {band} onto S1 VV, mutual information of the whole", errors)
        print(f"  {(time.perf_counter() - started) / len(SHIFTS) / len(BANDS):.1f} s each")
        for first, second in PAIRS:
            with tempfile.TemporaryDirectory() as work:
                reference = _displaced(optical, (first,), (0, 0), Path(work, "reference.tif"))
                errors = [_found(optical, (second,), s, reference, "optical", "values") for s in SHIFTS]
            _told(f"{folder.name}, {second} onto {first}, values", errors)


def _found(
    path: str, bands: tuple[str, ...], by: tuple[float, float], reference: str, role: str, way: str
) -> tuple[NDArray[np.float64], float]:
    """Returns how far from the truth the shift is, NaN where it is refused, and the share of agreeing windows."""
    with tempfile.TemporaryDirectory() as work:
        image = _displaced(path, bands, by, Path(work, "S2L2A.tif"))
        with opened(SourceSpec("optical", image), SourceSpec(role, reference)) as pair:
            verdict = one_shift(look(pair, way, REACH, False, Reporter()))
    return (np.full(2, np.nan) if verdict.shift is None else verdict.shift + by), verdict.share


def _told(title: str, errors: list[tuple[NDArray[np.float64], float]]) -> None:
    found = np.array([error for error, _ in errors])
    worst = np.abs(found - found[0]).max()
    share = min(share for _, share in errors)
    agree = "" if np.isnan(share) else f"; {share:.0%} of the windows or more agree"
    print(f"{title}: as it is {found[0].round(2)}; beyond that, worst error {worst:.2f} pixels{agree}", flush=True)


def _displaced(path: str, bands: tuple[str, ...], by: tuple[float, float], target: Path) -> str:
    with rasterio.open(path) as dataset:
        indexes = [dataset.descriptions.index(band) + 1 for band in bands]
        image = np.stack(
            [shift(band, by, order=3, mode="reflect") for band in dataset.read(indexes).astype(np.float32)]
        )
        profile = {**dataset.profile, "driver": "GTiff", "dtype": "float32", "count": len(bands)}
    with rasterio.open(target, "w", **profile) as dataset:
        dataset.write(image)
        for index, band in enumerate(bands, 1):
            dataset.set_band_description(index, band)
    return str(target)


def _by_mutual_information(path: str, band: str, by: tuple[float, float], radar: str) -> NDArray[np.float64]:
    """Returns the shift with the most mutual information of the whole images, smoothed against speckle."""
    with rasterio.open(radar) as dataset:
        fixed = _smoothed(dataset.read([1]).astype(np.float32))
    with rasterio.open(path) as dataset:
        image = dataset.read(dataset.descriptions.index(band) + 1).astype(np.float32)
    moving = _smoothed(shift(image, by, order=3, mode="reflect")[None])
    inside = moving[REACH:-REACH, REACH:-REACH]
    height, width = inside.shape
    places = range(2 * REACH + 1)
    surface = [
        [normalized_mutual_information(fixed[y : y + height, x : x + width], inside, bins=32) for x in places]
        for y in places
    ]
    return peak(np.array(surface))


def _smoothed(image: Image) -> Image:
    return np.asarray(gaussian_filter(evened(image)[0], 1.0))


if __name__ == "__main__":
    main()
