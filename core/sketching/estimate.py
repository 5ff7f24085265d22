"""How accurate a sketch is, with an interval that says how little a few labels tell."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..splits import Split

Z = 1.959964
"""Of a 95 % interval."""


def wilson(share: float, count: int) -> tuple[float, float]:
    """Returns the 95 % interval of a share that was seen in `count` trials (Wilson 1927, JASA 22, 209).

    Trials that succeed in part spread less than those that succeed or fail: of them the interval is a little too wide.
    """
    middle = share + Z**2 / (2 * count)
    reach = Z * math.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    whole = 1 + Z**2 / count
    return max((middle - reach) / whole, 0.0), min((middle + reach) / whole, 1.0)


def estimate(shares: NDArray[np.float64], split: Split) -> dict[str, Any]:
    """Returns the accuracy over held-out labels.

    Each label counts once, however large it was drawn.

    Args:
        shares: (feature,) which share of each held-out feature gets its class.
        split: How they were held out.

    Returns:
        `value`, `low` and `high` (0 to 1), `held_out` (number of features) and `words`.
    """
    count = int(shares.size)
    value = float(shares.mean())
    low, high = wilson(value, count)
    words = (
        f"{value:.0%} of {count} held-out labels get their class (95 % interval {low:.0%} to {high:.0%}). It tells how "
        f"places like the labels are classified, which may be easier than others. {split.words}"
    )
    return {"value": value, "low": low, "high": high, "held_out": count, "words": words}
