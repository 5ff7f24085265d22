"""Pretraining."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Dict, Tuple

from ..errors import SpecError
from ..sensors import AUTO
from .building import choice, given
from .inputs import SceneSpec
from .job import DEVICES, JobSpec


@dataclass(frozen=True)
class PretrainSpec(JobSpec):
    """Unlabelled scenes → encoder checkpoint, by self-supervision.

    Attributes:
        scenes: What to learn from.
        output: The checkpoint to write (`.safetensors`).
        method: A key of `models.pretraining.recipes`, such as `3dmae`.
        report: HTML page about the run; empty: none.
        network: Architecture or size of the encoder, one that the method knows; empty: its default.
        window: Side of the windows in pixels; 0: the method's.
        batch: Windows per batch; 0: the method's.
        accumulate: Batches per update of the weights.
        steps: Updates of the weights.
        rate: Highest learning rate; 0: the method's.
        options: The method's own, by name.
        seed: Seed of every random choice.
        device: `auto`, `cpu`, `cuda` or `mps`.
        devices: GPUs, or on a CPU processes, that train side by side on each machine.
        nodes: Machines that train together, each started with this very job (for instance by torchrun).
    """

    job: ClassVar[str] = "pretrain"

    scenes: Tuple[SceneSpec, ...]
    output: str
    method: str = "3dmae"
    report: str = ""
    network: str = ""
    window: int = 0
    batch: int = 0
    accumulate: int = 1
    steps: int = 2000
    rate: float = 0.0
    options: Dict[str, Any] = dataclasses.field(default_factory=dict)
    seed: int = 0
    device: str = AUTO
    devices: int = 1
    nodes: int = 1

    def __post_init__(self) -> None:
        if not self.scenes:
            raise SpecError("No scene was given.", "Give at least one.")
        given("output", self.output)
        given("method", self.method)
        choice("device", self.device, DEVICES)
        for name, least in (("window", 0), ("batch", 0), ("accumulate", 1), ("steps", 1), ("devices", 1), ("nodes", 1)):
            if getattr(self, name) < least:
                raise SpecError(f"{name} is {getattr(self, name)}; at least {least} is expected.")
        if self.rate < 0:
            raise SpecError(f"rate is {self.rate}; 0 (chosen) or more is expected.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.report) if path)
