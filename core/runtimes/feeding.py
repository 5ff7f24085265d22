"""Windows as a network's file wants them: values scaled, and so many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .runtime import Images, Runtime


class Feeding:
    """Feeds a runtime.

    Args:
        runtime: What computes.
        scale: What values are divided by before they go in.
        batch: The only number of windows that it takes at once; 0: any.
    """

    def __init__(self, runtime: Runtime, scale: float, batch: int) -> None:
        self.name, self.precision, self.lanes = runtime.name, runtime.precision, runtime.lanes
        self._runtime, self._factor, self._batch = runtime, np.float32(1 / scale), batch

    def steps(self, images: Images, crop: int) -> NDArray[np.int16]:
        """See `Runtime.steps`."""
        if self._factor != 1:
            images = {role: image * self._factor for role, image in images.items()}
        count = len(next(iter(images.values())))
        if not self._batch or count == self._batch:
            return self._runtime.steps(images, crop)
        return np.concatenate([self._part(images, start, crop) for start in range(0, count, self._batch)])

    def _part(self, images: Images, start: int, crop: int) -> NDArray[np.int16]:
        """Computes up to `batch` windows; where there are fewer, the last one is repeated."""
        count = len(next(iter(images.values())))
        wanted = np.minimum(np.arange(start, start + self._batch), count - 1)
        steps = self._runtime.steps({role: image[wanted] for role, image in images.items()}, crop)
        return steps[: count - start]
