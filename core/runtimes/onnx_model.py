"""ONNX networks with a card: classified with, without PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..cards import read_card
from ..errors import EngineError
from ..onnx_card import read_tiling
from ..processor import usable_cores
from . import openvino_runtime
from .model import Candidate, Choice, Place, lanes_of
from .onnx_runtime import CPU, CUDA, OnnxRuntime, available_providers
from .openvino_runtime import OpenVinoRuntime


class OnnxModel:
    """See `Model`.

    Args:
        path: A file that `models.onnx_export` wrote.
    """

    def __init__(self, path: str) -> None:
        tiling = read_tiling(path)
        self.card = read_card(path)
        self.alignment, self.ramp, self.window_side = tiling.alignment, tiling.ramp, tiling.side
        self.fastest: dict[Choice, tuple[str, str]] = {}
        self._path = path

    def place(self, wanted: str) -> Place:
        """See `Model.place`."""
        cuda = CUDA in available_providers()
        if wanted == "mps" or (wanted == "cuda" and not cuda):
            raise EngineError(
                f"ONNX Runtime cannot use the device '{wanted}'; it has {', '.join(available_providers())}.",
                "Choose the device 'auto' or 'cpu'.",
            )
        if cuda and wanted != "cpu":
            return Place("cuda", "Runs on an NVIDIA GPU with ONNX Runtime.")
        reason = "as asked" if wanted == "cpu" else "this ONNX Runtime has no GPU support"
        return Place("cpu", f"Runs on the CPU with up to {usable_cores()} cores ({reason}).")

    def candidates(self, device: str, cores: int, check: Callable[[], None]) -> list[Candidate]:
        """See `Model.candidates`."""
        if device == "cuda":
            return [
                Candidate("onnxruntime", "fp32", lambda: OnnxRuntime(self._path, self.card.roles, 2, 2, (CUDA, CPU)))
            ]
        return cpu_candidates(lambda: self._path, self.card.roles, cores)


def cpu_candidates(model: Callable[[], bytes | str], roles: Sequence[str], cores: int) -> list[Candidate]:
    """Returns the runtimes that take ONNX on a CPU.

    Args:
        model: Returns the content of an ONNX file, or its path.
        roles: The network's inputs.
        cores: CPU cores that may be used.
    """
    lanes = lanes_of(cores)
    found = [Candidate("onnxruntime", "fp32", lambda: OnnxRuntime(model(), roles, cores, lanes))]
    if openvino_runtime.available():
        found.append(Candidate("openvino", "fp32", lambda: OpenVinoRuntime(model(), roles, cores, lanes)))
    if openvino_runtime.supports_bf16():
        found.append(Candidate("openvino", "bf16", lambda: OpenVinoRuntime(model(), roles, cores, lanes, "bf16")))
    return found
