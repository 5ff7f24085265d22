"""What every runtime offers: windows in, class probabilities out."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Images = dict[str, NDArray[np.float32]]
"""Per role (window, band, y, x) in canonical units, NaN for no data."""

FULL = 32_000
"""Steps of a probability of one. Probabilities travel as 16-bit steps: half the memory of float32, finer than any
output, and their sums do not depend on the order."""


class Runtime(Protocol):
    """A network made ready to run on a device.

    Attributes:
        name: `torch`, `onnxruntime` or `openvino`.
        precision: `fp32`, `bf16` or `fp16`.
        lanes: How many threads may call `steps` side by side, to good effect.
    """

    name: str
    precision: str
    lanes: int

    def steps(self, images: Images, crop: int) -> NDArray[np.int16]:
        """Computes class probabilities.

        Args:
            images: Windows of one size.
            crop: Pixels at each side of a window that are left out of the result.

        Returns:
            (window, class, y, x) probabilities in steps of 1 / `FULL`.
        """


def to_steps(probabilities: NDArray[np.float32]) -> NDArray[np.int16]:
    """Probabilities (0 to 1) → steps of 1 / `FULL`."""
    scaled = np.multiply(probabilities, np.float32(FULL))
    return np.rint(scaled, out=scaled).astype(np.int16)
