"""Rasters of precomputed embeddings: how their codes become values.

What is warped, GDAL decodes while it reads, by a small virtual raster: it then interpolates values and never codes.
What is not warped is decoded afterwards, which is ten times as fast.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from html import escape

import numpy as np
from numpy.typing import NDArray
from rasterio.io import DatasetReader

from .errors import SceneError
from .quantisation import LARGEST, NO_DATA, LinearCodes, PowerCodes
from .sensors import SENSORS

ALPHAEARTH = "alphaearth"

_LOOSE = 1.01
"""No component of a vector of unit length is larger, but for rounding."""

Codes = PowerCodes | LinearCodes

Law = Callable[[int], str]
"""From a band's number, from 1 on, to the elements of a virtual raster that decode it."""


def codes_of(dataset: DatasetReader, layer: str, sensor: str, sample: NDArray[np.generic]) -> Codes | None:
    """Returns what the stored codes of embeddings stand for; None where values are stored.

    Args:
        dataset: The raster.
        layer: Its name, for errors.
        sensor: Sensor id of `core.sensors`, or `generic`.
        sample: Stored values of many pixels.

    Raises:
        SceneError: If it is not known how the stored values become embeddings.
    """
    floating = np.issubdtype(sample.dtype, np.floating)
    if sensor == ALPHAEARTH:
        _check_alphaearth(layer, sample)
        return None if floating else PowerCodes()
    if any(scale != 1 for scale in dataset.scales) or any(dataset.offsets):
        return LinearCodes(tuple(dataset.scales), tuple(dataset.offsets), dataset.nodata)
    if not floating:
        raise SceneError(
            f"Layer '{layer}' holds whole numbers ({sample.dtype}) without a scale, and is not known to be AlphaEarth: "
            "they are codes of embeddings, not embeddings.",
            _hint(sensor),
        )
    return None


def decoding_raster(dataset: DatasetReader, codes: Codes) -> str:
    """Returns the text of a virtual raster of values, NaN for no data; GDAL opens it as it opens a file's name."""
    if isinstance(codes, PowerCodes):
        table = f"<LUT>{','.join(_code_pairs(codes))}</LUT>"
        return "".join(_lines(dataset, NO_DATA, lambda band: table))
    return "".join(_lines(dataset, codes.no_data, lambda band: _linear(codes, band - 1)))


def _hint(sensor: str) -> str:
    if sensor == "tessera":
        return (
            "Tessera's codes have one scale for each pixel in a second file; have GeoTessera write GeoTIFFs, which "
            "hold values (float32)."
        )
    return "Choose the kind of embeddings, or give each band its scale as GDAL metadata (gdal_edit -scale)."


def _check_alphaearth(layer: str, sample: NDArray[np.generic]) -> None:
    known = sample[np.isfinite(sample)] if np.issubdtype(sample.dtype, np.floating) else sample
    low, high = (known.min(), known.max()) if known.size else (0, 0)
    if np.issubdtype(sample.dtype, np.floating):
        if max(-low, high) > _LOOSE:
            raise SceneError(
                f"Layer '{layer}' was taken for AlphaEarth, but its values reach from {low:.3g} to {high:.3g}; those "
                "of unit vectors lie between -1 and 1.",
                "Use the original file with 8-bit codes, or choose another kind of embeddings.",
            )
    elif low < NO_DATA or high > LARGEST:
        raise SceneError(
            f"Layer '{layer}' was taken for AlphaEarth, but its codes ({sample.dtype}) reach from {low} to {high}; "
            f"they should lie between {NO_DATA} and {LARGEST}.",
            "Use the original file with signed 8-bit codes, or choose another kind of embeddings.",
        )


def _code_pairs(codes: PowerCodes) -> Iterator[str]:
    known = np.arange(-LARGEST, LARGEST + 1)
    return (f"{code}:{value:.9g}" for code, value in zip(known, codes.decode(known), strict=True))


def _linear(codes: LinearCodes, index: int) -> str:
    return f"<ScaleOffset>{codes.offsets[index]!r}</ScaleOffset><ScaleRatio>{codes.scales[index]!r}</ScaleRatio>"


def _lines(dataset: DatasetReader, no_data: float | None, law: Law) -> Iterator[str]:
    name = os.path.abspath(dataset.name) if os.path.exists(dataset.name) else dataset.name
    height, width = dataset.block_shapes[0]
    yield f'<VRTDataset rasterXSize="{dataset.width}" rasterYSize="{dataset.height}">'
    yield f"<SRS>{escape(dataset.crs.to_wkt())}</SRS>" if dataset.crs else ""
    yield f"<GeoTransform>{', '.join(repr(float(v)) for v in dataset.transform.to_gdal())}</GeoTransform>"
    for band in dataset.indexes:
        yield f'<VRTRasterBand dataType="Float32" band="{band}" blockXSize="{width}" blockYSize="{height}">'
        yield "<NoDataValue>nan</NoDataValue><ComplexSource>"
        yield f'<SourceFilename relativeToVRT="0">{escape(name)}</SourceFilename><SourceBand>{band}</SourceBand>'
        yield "" if no_data is None else f"<NODATA>{no_data!r}</NODATA>"
        yield f"{law(band)}</ComplexSource></VRTRasterBand>"
    yield "</VRTDataset>"


def titled(sensor: str) -> str:
    """Returns what a kind of embeddings is called."""
    return SENSORS[sensor].title if sensor in SENSORS else "embeddings of an unknown maker"
