"""Networks run by PyTorch, on a CPU, an NVIDIA GPU or an Apple GPU."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...models.segmenter import Segmenter
from .runtime import FULL, Images

_TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


class TorchRuntime:
    """Runs a segmenter where its weights are moved to.

    Args:
        network: The network; it is moved and its memory layout changed.
        device: Where it runs.
        precision: `fp32`, `bf16` or `fp16`; the reduced ones by autocast, which keeps what needs it in float32.
        threads: Threads of each lane on a CPU.
        lanes: Windows computed side by side.
    """

    name = "torch"

    def __init__(
        self, network: Segmenter, device: torch.device, precision: str = "fp32", threads: int = 1, lanes: int = 1
    ) -> None:
        self.precision = precision
        self.lanes = lanes
        self._device = device
        self._threads = threads
        # Convolutions are faster on interleaved channels, in reduced precision by far.
        self._network = network.to(device).eval().to(memory_format=torch.channels_last)
        self._local = threading.local()

    def steps(self, images: Images, crop: int) -> NDArray[np.int16]:
        """See `Runtime.steps`."""
        if self._device.type == "cpu" and torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)  # holds for the calling thread
        with torch.inference_mode(), self._stream(), self._autocast():
            inputs = {role: self._sent(image) for role, image in images.items()}
            logits = self._network(inputs)
            height, width = logits.shape[-2:]
            inner = logits[..., crop : height - crop, crop : width - crop].float()
            steps = inner.softmax(dim=1).mul_(FULL).round_().to(torch.int16)
            return self._fetched(steps)

    def _sent(self, image: NDArray[np.float32]) -> Tensor:
        tensor = torch.from_numpy(image)
        if self._device.type == "cuda":
            # From pinned memory, copies run beside the other lane's computation.
            tensor = tensor.pin_memory().to(self._device, non_blocking=True)
        return tensor.to(self._device, memory_format=torch.channels_last)

    def _fetched(self, steps: Tensor) -> NDArray[np.int16]:
        if self._device.type != "cuda":
            result: NDArray[np.int16] = steps.cpu().contiguous().numpy()
            return result
        pinned = torch.empty(steps.shape, dtype=steps.dtype, pin_memory=True)
        pinned.copy_(steps, non_blocking=True)
        torch.cuda.current_stream(self._device).synchronize()
        result = pinned.numpy()
        return result

    def _stream(self) -> Any:
        """Each lane has a CUDA stream, so that one copies while the other computes."""
        if self._device.type != "cuda":
            return contextlib.nullcontext()
        if not hasattr(self._local, "stream"):
            self._local.stream = torch.cuda.Stream(self._device)
        return torch.cuda.stream(self._local.stream)

    def _autocast(self) -> Any:
        if self.precision == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self._device.type, _TYPES[self.precision])
