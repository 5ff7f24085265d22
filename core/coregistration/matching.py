"""How far apart two windows lie: by phase correlation of values, or by the structure that two sensors both see.

A shift is (rows, columns): how far the image has to be moved for it to lie on the reference.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fftfreq, irfft2, next_fast_len, rfft2, rfftfreq
from scipy.ndimage import convolve1d, gaussian_filter
from skimage.filters import window as taper
from skimage.registration import phase_cross_correlation

Image = NDArray[np.float32]
"""(band, y, x), or (y, x)."""

Shift = NDArray[np.float64]

FINENESS = 50
"""Phase correlation is searched in steps of this part of a pixel."""

_BANDWIDTH = 0.16
"""Cycles per pixel up to which frequencies tell the fraction of a shift (standard deviation of a Gaussian)."""

_MOST_REFINED = 0.5

DIRECTIONS = 8
EDGE_WIDTH = 0.7
"""Standard deviation in pixels of the Gaussian whose derivative finds edges; what it finds is smoothed after."""

_MAD_TO_DEVIATION = 1.4826
_MOST_DEVIATIONS = 4.0


def evened(image: Image) -> Image:
    """Brings each band to a median of 0 and a robust deviation of 1; bright spots do not outweigh all else.

    Args:
        image: (band, y, x), finite.

    Returns:
        The same shape; a band that is constant comes back as zeros.
    """
    middle = np.median(image, axis=(-2, -1), keepdims=True)
    deviation = _MAD_TO_DEVIATION * np.median(np.abs(image - middle), axis=(-2, -1), keepdims=True)
    # Half of a window may be one value, such as water: the plain deviation then says what is left.
    deviation = np.where(deviation > 0, deviation, image.std(axis=(-2, -1), keepdims=True))
    scaled = np.divide(image - middle, deviation, out=np.zeros_like(image), where=deviation > 0)
    return np.clip(scaled, -_MOST_DEVIATIONS, _MOST_DEVIATIONS).astype(np.float32)


def phase_shift(reference: Image, image: Image, reach: int) -> Shift:
    """Finds the shift between two windows of one kind by phase correlation (Guizar-Sicairos et al. 2008).

    The image's window is cut again where the first pass says, so that both show the same ground. All frequencies find
    the shift; the lower ones then tell its fraction, since resampling, which most images have been through, displaces
    detail of a few pixels towards whole pixels.

    Args:
        reference: (y, x), `reach` pixels larger at each side than what is compared.
        image: The same place in the image.
        reach: Largest shift in pixels.

    Returns:
        The shift; NaN where the windows do not show any within reach.
    """
    whole = np.zeros(2)
    for prepared, fineness in ((_tapered, 1), (_tapered, FINENESS), (_even_spectrum, FINENESS)):
        base = np.round(whole)
        fixed, moving = (prepared(window) for window in _cut(reference, image, base, reach))
        kind = "phase" if prepared is _tapered else None
        found, _, _ = phase_cross_correlation(fixed, moving, upsample_factor=fineness, normalization=kind)
        if prepared is _even_spectrum and np.abs(base + found - whole).max() > _MOST_REFINED:
            break  # coarse tones differ between the images: the fine detail alone has to do
        whole = base + found
        if np.abs(whole).max() > reach:
            return np.full(2, np.nan)
    return whole


def structure(image: Image) -> Image:
    """Describes each pixel by the strength of edges in several directions, whichever side of them is brighter.

    After the channel features of orientated gradients (CFOG) of Ye et al. 2019, doi:10.1109/TGRS.2019.2924684, with
    the gradients of all bands together, and strengths relative to those nearby.

    Args:
        image: (band, y, x), finite.

    Returns:
        (`DIRECTIONS`, y, x), each pixel's vector at most 1 long.
    """
    scaled = evened(image)
    down = np.stack([gaussian_filter(band, EDGE_WIDTH, order=(1, 0)) for band in scaled])
    across = np.stack([gaussian_filter(band, EDGE_WIDTH, order=(0, 1)) for band in scaled])
    angles = np.pi * np.arange(DIRECTIONS) / DIRECTIONS
    strengths = [np.sqrt(np.square(across * np.cos(a) + down * np.sin(a)).sum(axis=0)) for a in angles]
    smooth = np.stack([gaussian_filter(strength, 1.0) for strength in strengths])
    smooth = convolve1d(smooth, (0.25, 0.5, 0.25), axis=0, mode="wrap")
    length = np.sqrt(np.square(smooth).sum(axis=0))
    # Where there is no edge, noise must not become one.
    return np.divide(smooth, length + 0.5 * np.median(length), out=np.zeros_like(smooth), where=length > 0)


def similarity(reference: Image, image: Image, reach: int) -> NDArray[np.float64]:
    """Returns the correlation of two descriptions for every whole shift within reach.

    Args:
        reference: (channel, y, x), `reach` pixels larger at each side than what is compared.
        image: The same place in the image; its inside is laid over every place of the reference.
        reach: Largest shift in pixels.

    Returns:
        (2 · reach + 1, 2 · reach + 1) from −1 to 1, the shift of none in the middle.
    """
    height, width = reference.shape[1:]
    inside = image[:, reach : height - reach, reach : width - reach]
    inside = inside - inside.mean(axis=(1, 2), keepdims=True)
    shape = next_fast_len(height, True), next_fast_len(width, True)
    ones = np.conj(rfft2(np.ones(inside.shape[1:], np.float64), shape))
    places = (slice(0, 2 * reach + 1), slice(0, 2 * reach + 1))
    common, energy = np.zeros((2, 2 * reach + 1, 2 * reach + 1))
    for fixed, moving in zip(reference.astype(np.float64), inside.astype(np.float64), strict=True):
        spectrum = rfft2(fixed, shape)
        common += irfft2(spectrum * np.conj(rfft2(moving, shape)), shape)[places]
        sums = irfft2(spectrum * ones, shape)[places]
        energy += irfft2(rfft2(fixed * fixed, shape) * ones, shape)[places] - sums**2 / moving.size
    scale = np.sqrt(np.maximum(energy, 0) * np.square(inside, dtype=np.float64).sum())
    return np.divide(common, scale, out=np.zeros_like(common), where=scale > 1e-9)


def peak(surface: NDArray[np.float64]) -> Shift:
    """Returns the shift at the top of a surface, between pixels by a paraboloid through the nine values around it.

    NaN where the top lies on the rim: what rises up to there has no top that is known.
    """
    reach = len(surface) // 2
    row, column = np.unravel_index(int(surface.argmax()), surface.shape)
    if not (0 < row < 2 * reach and 0 < column < 2 * reach) or surface[row, column] <= 0:
        return np.full(2, np.nan)
    y, x = (axis.ravel() for axis in np.mgrid[-1:2, -1:2])
    terms = np.column_stack([np.ones(9), y, x, y * y, x * x, x * y])
    values = surface[row - 1 : row + 2, column - 1 : column + 2].ravel()
    _, by_y, by_x, by_yy, by_xx, by_xy = np.linalg.lstsq(terms, values, rcond=None)[0]
    curvature = np.array([[2 * by_yy, by_xy], [by_xy, 2 * by_xx]])
    whole = np.array([row - reach, column - reach], np.float64)
    if np.linalg.eigvalsh(curvature).max() >= 0:
        return whole
    return whole + np.clip(-np.linalg.solve(curvature, [by_y, by_x]), -1, 1)


def _cut(reference: Image, image: Image, shift: Shift, reach: int) -> tuple[Image, Image]:
    """Cuts what is compared from both windows, where a whole shift says that they show the same."""
    side = len(reference) - 2 * reach
    row, column = (reach - shift).astype(int)
    inner = slice(reach, reach + side)
    return reference[inner, inner], image[row : row + side, column : column + side]


def _tapered(window: Image) -> Image:
    """Fades a window out towards its rim, whose edges are none of the image's."""
    centred: Image = (window - window.mean()) * taper("hann", window.shape).astype(np.float32)
    return centred


def _even_spectrum(window: Image) -> Image:
    """Gives all frequencies of a window the same strength, but for the high ones, which fade out."""
    spectrum = rfft2(_tapered(window))
    strength = np.abs(spectrum)
    rows, columns = fftfreq(window.shape[0])[:, None], rfftfreq(window.shape[1])[None]
    kept = np.exp(-(rows**2 + columns**2) / (2 * _BANDWIDTH**2))
    even = np.divide(spectrum, strength, out=np.zeros_like(spectrum), where=strength > 1e-6 * strength.max())
    return np.asarray(irfft2(even * kept, window.shape), np.float32)
