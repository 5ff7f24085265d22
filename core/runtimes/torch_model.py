"""Checkpoints that PyTorch reads; other runtimes get them through ONNX."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import torch

from ...models.checkpoints import load_segmenter
from ...models.onnx_export import onnx_of_any_side
from ..cards import SourceCard
from ..devices import choose_device
from ..ensembles import Member
from .model import Candidate, Choice, Place, lanes_of
from .onnx_model import cpu_candidates
from .runtime import Runtime
from .torch_runtime import TorchRuntime


class TorchModel:
    """See `Model`.

    Args:
        path: A checkpoint that classifies.
    """

    def __init__(self, path: str) -> None:
        self.card, self.network = load_segmenter(path)
        self.members = (Member(path, self.card),)
        self.alignment = int(self.network.encoder.alignment)
        self.ramp = int(self.network.encoder.ramp)
        self.window_side = 0
        self.fastest: dict[Choice, tuple[str, str]] = {}
        self._sources: tuple[SourceCard, ...] = self.card.sources
        self._exported: bytes | None = None

    def bind(self, sources: Sequence[SourceCard]) -> None:
        """See `Model.bind`."""
        if [source.dates for source in sources] != [source.dates for source in self._sources]:
            # The dates are written into the exported network; how fast it is depends on how many there are.
            self._exported = None
            self.fastest.clear()
        self._sources = tuple(sources)
        self.network.encoder.bind(sources)

    def place(self, wanted: str) -> Place:
        """See `Model.place`."""
        device, words = choose_device(wanted)
        return Place(str(device), words)

    def candidates(self, device: str, cores: int, check: Callable[[], None]) -> list[Candidate]:
        """See `Model.candidates`."""
        self.network.encoder.check_in = check
        if device != "cpu":
            precisions = _precisions(torch.device(device))
            return [Candidate("torch", precision, self._torch(device, precision, 1, 2)) for precision in precisions]
        lanes = lanes_of(cores)
        found = [Candidate("torch", "fp32", self._torch(device, "fp32", max(cores // lanes, 1), lanes))]
        if _cpu_has_bf16():
            found.append(Candidate("torch", "bf16", self._torch(device, "bf16", max(cores // lanes, 1), lanes)))
        return found + cpu_candidates(self._onnx, self.card.roles, cores)

    def _torch(self, device: str, precision: str, threads: int, lanes: int) -> Callable[[], Runtime]:
        return functools.partial(TorchRuntime, self.network, torch.device(device), precision, threads, lanes)

    def _onnx(self) -> bytes:
        if self._exported is None:
            # Trials and maps have windows of different sizes; one that takes a single size would help neither.
            self._exported = onnx_of_any_side(self.network.cpu(), self._sources)
        return self._exported


def _precisions(device: torch.device) -> tuple[str, ...]:
    if device.type == "cuda":
        # Before Ampere, bfloat16 is emulated, and slower than float32.
        return ("fp32", "bf16" if torch.cuda.get_device_capability(device) >= (8, 0) else "fp16")
    return ("fp32", "fp16")


def _cpu_has_bf16() -> bool:
    """Whether PyTorch has bfloat16 instructions to use (AVX512-BF16, AMX); emulated, they only cost."""
    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    except (AttributeError, RuntimeError):
        return False
