"""What is known of the brightness, contrast and correlation of optical bands, from real scenes.

The numbers lie in `spectral_model.json`, which `benchmarks/plausibility.py --write` derives from Sentinel-2 scenes of
both levels; bands of other sensors are looked up by wavelength.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PATH = Path(__file__).with_suffix(".json")

HAZY = ("B01", "B02", "B03", "B04", "B09")
TOP = " at the top of the atmosphere"

BANDS = (
    *("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12"),
    *(band + TOP for band in HAZY),
)
"""Sentinel-2's bands, the rows and columns of the model. Haze and water vapour make some of them others at level 1."""


@dataclass(frozen=True, eq=False)
class SpectralModel:
    """Location and spread of statistics of pairs of bands, over scenes.

    The statistics are those of `core.spectral_order.pair_statistics`. Brightness and contrast of a pair are the
    difference of two numbers, one per band; correlations have one number per pair.

    Attributes:
        level: (band,) logarithm of the median.
        contrast: (band,) logarithm of the 10th to 90th percentile range.
        association: (band, band) Fisher's z of the rank correlation.
        spreads: (3, band, band) scale of a t-distribution about them.
    """

    level: NDArray[np.float64]
    contrast: NDArray[np.float64]
    association: NDArray[np.float64]
    spreads: NDArray[np.float64]

    @property
    def means(self) -> NDArray[np.float64]:
        """(3, band, band): the location of each statistic."""
        by_band = (self.level[:, None] - self.level, self.contrast[:, None] - self.contrast)
        return np.stack([*by_band, self.association])

    def to_json(self) -> dict[str, Any]:
        """Returns the model as plain JSON values, of symmetric tables only the part below the diagonal."""
        tables = dict(zip(_SPREADS, self.spreads))
        return {
            "level": np.round(self.level, 2).tolist(),
            "contrast": np.round(self.contrast, 2).tolist(),
            "association": _below(self.association),
            **{name: _below(table) for name, table in tables.items()},
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> SpectralModel:
        """Rebuilds a model."""
        return cls(
            level=np.array(values["level"]),
            contrast=np.array(values["contrast"]),
            association=_symmetric(values["association"]),
            spreads=np.stack([_symmetric(values[name]) for name in _SPREADS]),
        )


_SPREADS = ("level_spread", "contrast_spread", "association_spread")


def _below(table: NDArray[np.float64]) -> list[list[float]]:
    return [np.round(table[i, :i], 2).tolist() for i in range(1, len(table))]


def _symmetric(rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    table = np.ones((len(rows) + 1, len(rows) + 1))
    for i, row in enumerate(rows, 1):
        table[i, :i] = table[:i, i] = row
    return table


MODEL = SpectralModel.from_json(json.loads(PATH.read_text(encoding="utf-8")))
