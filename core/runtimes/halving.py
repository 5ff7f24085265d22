"""Going on when a batch does not fit into memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..errors import EngineError
from .runtime import Images, Runtime

_TEXTS = ("out of memory", "can't allocate memory", "not enough memory", "failed to allocate", "bad_alloc")
"""How torch, ONNX Runtime and OpenVINO say it; only torch has an exception of its own for a GPU."""


class Halving:
    """Computes a batch that does not fit into memory in halves, and later batches in parts that do.

    Args:
        runtime: What computes.
        say: Takes a sentence when the batch has to become smaller.
    """

    def __init__(self, runtime: Runtime, say: Callable[[str], None]) -> None:
        self.name, self.precision, self.lanes = runtime.name, runtime.precision, runtime.lanes
        self._runtime, self._say = runtime, say
        self._largest = 0  # windows that are known to be the most that fit; 0: unknown

    def steps(self, images: Images, crop: int) -> NDArray[np.int16]:
        """See `Runtime.steps`.

        Raises:
            EngineError: If not even one window fits into memory.
        """
        count = len(next(iter(images.values())))
        if self._largest and count > self._largest:
            return self._in_parts(images, crop, self._largest)
        try:
            return self._runtime.steps(images, crop)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if count == 1:
                raise EngineError(
                    "The memory is too small for a single tile.",
                    "Choose smaller tiles, fewer threads, or the device 'cpu', or close other programs.",
                ) from error
        # Outside the handler: the error holds on to the tensors of the failed batch.
        half = count // 2
        if not self._largest or half < self._largest:
            self._largest = half
            self._say(f"The memory is too small for {count} tiles at once; going on with {half}.")
        return self._in_parts(images, crop, half)

    def _in_parts(self, images: Images, crop: int, size: int) -> NDArray[np.int16]:
        count = len(next(iter(images.values())))
        parts = [
            self.steps({role: image[start : start + size] for role, image in images.items()}, crop)
            for start in range(0, count, size)
        ]
        return np.concatenate(parts)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of any runtime means that memory ran out."""
    return isinstance(error, MemoryError) or any(text in str(error).lower() for text in _TEXTS)
