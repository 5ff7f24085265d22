"""Values of a layer at places spread over it, read in the background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np
from qgis.core import Qgis, QgsRasterDataProvider, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import pyqtSignal

from ...algorithms.text import tr
from ..work import Work

WINDOWS = 3
SIDE = 128
MANY_BANDS = 16
"""3 × 3 windows of 128 × 128 pixels, smaller ones of rasters with more bands: a file of any size costs the same."""

PERCENTILES = (2, 50, 98)

_TYPES = {
    getattr(Qgis.DataType, name): kind
    for name, kind in (
        ("Byte", "u1"), ("Int8", "i1"), ("UInt16", "u2"), ("Int16", "i2"), ("UInt32", "u4"), ("Int32", "i4"),
        ("Float32", "f4"), ("Float64", "f8"),
    )
    if hasattr(Qgis.DataType, name)
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Sample:
    """Sampled values.

    Attributes:
        stored: (band, pixel) float32 values as the file has them, NaN where no band has data.
        spread: (band, 3) the 2nd, 50th and 98th percentile of each band, without pixels that are zero in all bands;
            NaN where there is no data.
    """

    stored: np.ndarray
    spread: np.ndarray


class SampleTask(Work):
    """Reads a sample; `sampled` hands it over in the main thread.

    Args:
        layer: The layer; only a copy of its data provider goes into the background.
    """

    sampled = pyqtSignal(object, str)
    """The `Sample`, or None and a sentence about what went wrong."""

    def __init__(self, layer: QgsRasterLayer) -> None:
        super().__init__()
        self._provider: QgsRasterDataProvider = layer.dataProvider().clone()
        self._sample: Optional[Sample] = None
        self._error = ""

    def run(self) -> bool:
        """See `Work.run`."""
        try:
            stored = self._read()
            if stored is not None:
                self._sample = summed_up(stored, self._fills())
        except Exception as error:  # noqa: BLE001 - nobody would hear of it, and the dialog would wait for ever
            self._error = tr("The values cannot be read: {error}.").format(error=error)
        return self._sample is not None

    def finished(self, succeeded: bool) -> None:
        """See `Work.finished`."""
        if not self.isCanceled():
            self.sampled.emit(self._sample, self._error)

    def _read(self) -> Optional[np.ndarray]:
        """Returns (band, pixel) stored values; None where it was cancelled."""
        bands = self._provider.bandCount()
        parts: List[np.ndarray] = []
        windows = spread_windows(self._provider.xSize(), self._provider.ySize(), bands)
        for window in windows:
            rows = []
            for band in range(1, bands + 1):
                if self.isCanceled():
                    return None
                rows.append(self._window(band, window))
            parts.append(np.stack(rows))
        return np.concatenate(parts, axis=1)

    def _window(self, band: int, window: Tuple[int, int, int, int]) -> np.ndarray:
        column, row, width, height = window
        extent = self._provider.extent()
        x, y = extent.width() / self._provider.xSize(), extent.height() / self._provider.ySize()
        west, north = extent.xMinimum() + column * x, extent.yMaximum() - row * y
        block = self._provider.block(
            band, QgsRectangle(west, north - height * y, west + width * x, north), width, height
        )
        if not block.isValid() or block.dataType() not in _TYPES:
            raise ValueError(tr("band {n} is no band of real numbers").format(n=band))
        values = np.frombuffer(bytes(block.data()), _TYPES[block.dataType()]).astype(np.float64)
        # QGIS applies the scale that a file states, the engine reads what is stored.
        scale, offset = self._provider.bandScale(band), self._provider.bandOffset(band)
        return ((values - offset) / (scale or 1.0)).astype(np.float32)

    def _fills(self) -> List[Optional[float]]:
        provider = self._provider
        return [
            float(provider.sourceNoDataValue(band)) if provider.sourceHasNoDataValue(band) else None
            for band in range(1, provider.bandCount() + 1)
        ]


def spread_windows(width: int, height: int, bands: int) -> List[Tuple[int, int, int, int]]:
    """Returns windows (column, row, width, height) spread over a raster."""
    side = max(int(SIDE * min(MANY_BANDS / bands, 1) ** 0.5), 1)
    return [
        (column, row, min(side, width), min(side, height))
        for row in _starts(height, side)
        for column in _starts(width, side)
    ]


def _starts(length: int, side: int) -> List[int]:
    last = max(length - side, 0)
    return sorted({round(last * i / (WINDOWS - 1)) for i in range(WINDOWS)})


def summed_up(stored: np.ndarray, fills: Sequence[Optional[float]]) -> Sample:
    """Returns a sample: no data is what the engine takes for it, a pixel that has none in any band."""
    gaps = ~np.isfinite(stored).all(axis=0)
    if all(fill is not None for fill in fills):
        fill: Any = np.array(fills, np.float32)[:, None]
        gaps |= (stored == fill).all(axis=0)
    stored = stored.copy()
    stored[:, gaps] = np.nan
    zero = (stored == 0).all(axis=0)
    spread = np.full((len(stored), len(PERCENTILES)), np.nan)
    seen = stored[:, ~gaps & ~zero]
    if seen.size:
        spread = np.percentile(seen, PERCENTILES, axis=1).T
    return Sample(stored, spread)
