"""ONNX networks: classified with, without PyTorch; LandSketch's own, and others with Deepness' keys."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..card_files import read_card
from ..cards import METADATA_KEY, SourceCard
from ..deepness_keys import read_foreign
from ..ensembles import Member
from ..errors import CheckpointError, EngineError
from ..fit import SEASON_DAYS, days_apart
from ..onnx_card import read_metadata, read_tiling
from ..processor import usable_cores
from . import openvino_runtime
from .feeding import Feeding
from .model import Candidate, Choice, Place, lanes_of
from .onnx_runtime import COREML, CPU, CUDA, DIRECTML, OnnxRuntime, available_providers
from .openvino_runtime import OpenVinoRuntime

GPUS = {
    "cuda": (CUDA, "an NVIDIA GPU"),
    "mps": (COREML, "Apple's CoreML"),
    "directml": (DIRECTML, "a GPU through DirectML"),
}
"""What ONNX Runtime calls the devices beside the CPU, by ours, and in words."""


class OnnxModel:
    """See `Model`.

    Args:
        path: A file that `models.onnx_export` wrote, or a network of others with Deepness' keys.

    Raises:
        CheckpointError: If it is neither, or is damaged.
    """

    def __init__(self, path: str) -> None:
        self.card = read_card(path)
        self.members = (Member(path, self.card),)
        self.fastest: dict[Choice, tuple[str, str]] = {}
        self._model: str | bytes = path
        self._path = path
        self._notes: tuple[str, ...] = ()
        self._off_season: tuple[str, ...] = ()
        self._batch = 0
        if METADATA_KEY in read_metadata(path):
            tiling = read_tiling(path)
        else:
            from .foreign_onnx import conformed  # with a library that LandSketch's own files do not need

            foreign = read_foreign(path)
            tiling = foreign.tiling
            self._model, self._notes = conformed(path, foreign)
            self._batch = foreign.batch
        self.alignment, self.ramp, self.window_side = tiling.alignment, tiling.ramp, tiling.side
        self._scale = tiling.scale

    def bind(self, sources: Sequence[SourceCard]) -> None:
        """See `Model.bind`. The dates of its time stacks are part of the network."""
        warnings = []
        for own, taken in zip(self.card.sources, sources, strict=True):
            if len(own.dates) != len(taken.dates):
                raise CheckpointError(
                    f"'{self._path}' is a network for {len(own.dates)} dates ({own.role}); the scene has "
                    f"{len(taken.dates)}.",
                    "Choose a time stack with as many dates, or classify with the checkpoint that was exported.",
                )
            apart = max((days_apart(*pair) for pair in zip(own.dates, taken.dates, strict=True)), default=0)
            if apart > SEASON_DAYS:
                warnings.append(
                    f"The dates of the time stack ({own.role}) lie up to {apart} days from those that the network was "
                    "made for, and it cannot know. The checkpoint that was exported can."
                )
        self._off_season = tuple(warnings)

    def place(self, wanted: str) -> Place:
        """See `Model.place`. A GPU that does not start with this network is left for the CPU."""
        available = available_providers()
        if wanted in GPUS and GPUS[wanted][0] not in available:
            raise EngineError(
                f"ONNX Runtime cannot use {GPUS[wanted][1]} ({GPUS[wanted][0]}); it has {', '.join(available)}.",
                "Choose the device 'auto' or 'cpu'.",
            )
        failed = []
        for device in _wished(wanted, available):
            provider, title = GPUS[device]
            try:
                runtime = self._on_gpu(provider)
            except (CheckpointError, EngineError) as error:
                failed.append(f"{title} was to compute, but fails with this network: {error.message}")
                continue
            if runtime.provider == provider:
                return self._place(device, f"Runs on {title} with ONNX Runtime ({provider}).", failed)
            failed.append(f"{title} was to compute, but ONNX Runtime could not start {provider}; see its log.")
        reason = "as asked" if wanted == "cpu" else "the GPU failed"
        if wanted != "cpu" and not failed:
            reason = f"ONNX Runtime has no GPU here, only {', '.join(available)}"
        return self._place("cpu", f"Runs on the CPU with up to {usable_cores()} cores ({reason}).", failed)

    def _place(self, device: str, words: str, failed: Sequence[str]) -> Place:
        warnings = tuple(f"{text} The CPU computes instead." if device == "cpu" else text for text in failed)
        return Place(device, " ".join([words, *self._notes]), (*self._off_season, *warnings))

    def candidates(self, device: str, cores: int, check: Callable[[], None]) -> list[Candidate]:
        """See `Model.candidates`."""
        if device in GPUS:
            found = [Candidate("onnxruntime", "fp32", lambda: self._on_gpu(GPUS[device][0]))]
        else:
            found = cpu_candidates(lambda: self._model, self.card.roles, cores)
        return [replace(one, build=self._fed(one)) for one in found]

    def _on_gpu(self, provider: str) -> OnnxRuntime:
        # DirectML's sessions take one call at a time.
        return OnnxRuntime(self._model, self.card.roles, 2, 1 if provider == DIRECTML else 2, (provider, CPU))

    def _fed(self, candidate: Candidate) -> Callable[[], Feeding]:
        return lambda: Feeding(candidate.build(), self._scale, self._batch)


def _wished(wanted: str, available: Sequence[str]) -> list[str]:
    """Returns the devices beside the CPU to try for a wish, the best first."""
    if wanted != "auto":
        return [device for device in GPUS if device == wanted]
    # CUDA first: it is the fastest. DirectML is Windows' own.
    there = [device for device, (provider, _) in GPUS.items() if provider in available]
    return [device for device in there if device != "directml" or sys.platform == "win32"]


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
