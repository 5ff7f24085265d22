"""Mean and standard deviation of each band over a whole image, in one pass and exactly."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import SceneError

FORMAT = "landsketch band statistics 1"


@dataclass(frozen=True)
class BandStatistics:
    """What is known of a band's values.

    Attributes:
        name: The band's description; '' where it has none.
        mean: Mean of its valid pixels.
        deviation: Their standard deviation (divided by their number, not by one less).
        count: How many there are.
        minimum: The least of them.
        maximum: The largest.
    """

    name: str
    mean: float = 0.0
    deviation: float = 0.0
    count: int = 0
    minimum: float = math.inf
    maximum: float = -math.inf

    def joined(self, values: NDArray[np.float64]) -> BandStatistics:
        """Returns the statistics with more values, any of which may be NaN.

        Chan, Golub & LeVeque (1983, The American Statistician 37), eq. 2.1: sums of squared deviations from the means
        are joined, so that large means lose no digits.
        """
        known = values[np.isfinite(values)]
        if not known.size:
            return self
        mean = float(known.mean())
        squares = float(np.square(known - mean).sum())
        count = self.count + known.size
        difference = mean - self.mean
        squares += self.deviation**2 * self.count + difference**2 * self.count * known.size / count
        return BandStatistics(
            self.name,
            self.mean + difference * known.size / count,
            math.sqrt(squares / count),
            count,
            min(self.minimum, float(known.min())),
            max(self.maximum, float(known.max())),
        )


def statistics_text(image: str, bands: Sequence[BandStatistics]) -> str:
    """Returns the statistics of an image as a JSON file's text."""
    values = {"format": FORMAT, "image": PurePath(image).name, "bands": [asdict(band) for band in bands]}
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def read_statistics(path: str, names: Sequence[str]) -> list[BandStatistics]:
    """Reads the statistics that an image is to be scaled with.

    Args:
        path: A file that `statistics_text` made.
        names: Descriptions of the image's bands: if all are in the file, bands are matched by them, else by position.

    Raises:
        SceneError: If it is none, or is of other bands.
    """
    try:
        with open(path, encoding="utf-8") as file:
            values: dict[str, Any] = json.load(file)
        if values["format"] != FORMAT:
            raise ValueError(f"its format is '{values['format']}'")
        bands = [BandStatistics(**band) for band in values["bands"]]
        sound = all(math.isfinite(band.mean) and 0 <= band.deviation < math.inf for band in bands)
        if not sound:
            raise ValueError("a mean or deviation is no number")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SceneError(
            f"'{path}' holds no band statistics: {error}.", "Choose a file that this algorithm has written before."
        ) from error
    by_name = {band.name: band for band in bands}
    if all(names) and len(set(names)) == len(names) and set(names) <= set(by_name):
        return [by_name[name] for name in names]
    if len(bands) != len(names):
        raise SceneError(
            f"The statistics '{PurePath(path).name}' are of {len(bands)} bands, the image has {len(names)}.",
            "Choose the statistics of an image with the same bands.",
        )
    return bands
