"""Embeddings in eight bits: the codes of published rasters, and LandSketch's own.

Two laws are in use. AlphaEarth's is a power law with one code book for all bands: v = sign(q) · (|q| / 127.5)², and
−128 is no data. Others are linear with a scale and an offset for each band, as GDAL keeps them: v = offset + scale · q.
Values are always averaged, interpolated and normalised as v, never as q.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NO_DATA = -128
"""Code of no data; −127 to 127 are values."""

LARGEST = 127

_POWER_DIVISOR = 127.5
_TAIL = 0.05
"""Per cent of sampled values at each end of a band that may lie beyond the range that the codes cover."""

_FLATTEST = 1e-12


def _code_book() -> NDArray[np.float32]:
    """The values of the codes 0 to 127, then −128 to −1: the last eight bits of a code are its place."""
    codes = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float64)
    values = np.sign(codes) * (np.abs(codes) / _POWER_DIVISOR) ** 2
    return np.where(codes == NO_DATA, np.nan, values).astype(np.float32)


_CODE_BOOK = _code_book()


@dataclass(frozen=True)
class PowerCodes:
    """AlphaEarth's: −127 to 127 are −0.992 to 0.992, and −128 is no data.

    Source: the product's guide, "AlphaEarth Foundations Satellite Embedding". A linear q / 127 is wrong.
    """

    def decode(self, codes: NDArray[np.integer]) -> NDArray[np.float32]:
        """Codes of any shape and type, from −128 to 127 → values."""
        values: NDArray[np.float32] = np.take(_CODE_BOOK, codes.astype(np.uint8))
        return values


def unit_vectors(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scales the vectors (band, ...) of an image to length one, in place; zero and NaN stay what they are."""
    length = np.sqrt(np.einsum("b...,b...->...", image, image, dtype=np.float64))
    image /= np.where(length > 0, length, 1.0).astype(np.float32)
    return image


@dataclass(frozen=True)
class LinearCodes:
    """v = offset + scale · q, per band.

    Attributes:
        scales: Per band, not zero.
        offsets: Per band.
        no_data: Code of no data; None: there is none.
    """

    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    no_data: float | None = NO_DATA

    @classmethod
    def fitted(cls, samples: Sequence[NDArray[np.float32]]) -> LinearCodes:
        """Chooses codes that cover nearly all of the sampled values.

        The range is that between robust extremes: a few outliers would else make every step coarse. It need not lie
        around zero, since features behind a rectifier do not.

        Args:
            samples: Each (band, pixel), NaN for no data; at least one value of each band is finite.
        """
        values = np.concatenate(samples, axis=1)
        low, high = np.nanpercentile(values, (_TAIL, 100 - _TAIL), axis=1)
        scales = np.maximum((high - low) / (2 * LARGEST), _FLATTEST)
        return cls(tuple(map(float, scales)), tuple(map(float, (high + low) / 2)))

    def encode(self, values: NDArray[np.float32]) -> NDArray[np.int8]:
        """(band, ...) with NaN for no data → codes; what lies beyond their range gets the nearest one."""
        scales, offsets = self._columns(values.ndim)
        steps = np.rint((values - offsets) / scales)
        codes = np.clip(np.nan_to_num(steps), -LARGEST, LARGEST)
        return np.where(np.isnan(values), NO_DATA, codes).astype(np.int8)

    def decode(self, codes: NDArray[np.generic]) -> NDArray[np.float32]:
        """The inverse of `encode`, to half a scale where nothing was clipped."""
        scales, offsets = (column.astype(np.float32) for column in self._columns(codes.ndim))
        values = codes.astype(np.float32)
        values *= scales
        values += offsets
        if self.no_data is not None:
            values[codes == self.no_data] = np.nan
        return values

    def clipped(self, values: NDArray[np.float32]) -> int:
        """Returns how many values lie beyond the range of the codes."""
        scales, offsets = self._columns(values.ndim)
        return int(np.count_nonzero(np.abs(values - offsets) > (LARGEST + 0.5) * scales))

    def _columns(self, dimensions: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        shape = (-1,) + (1,) * (dimensions - 1)
        return np.array(self.scales).reshape(shape), np.array(self.offsets).reshape(shape)
