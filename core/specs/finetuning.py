"""Fine-tuning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Tuple

from ..errors import SpecError
from ..sensors import AUTO
from .building import choice, given
from .inputs import SourceSpec, VectorSpec, check_sources
from .job import DEVICES, JobSpec

MODES = ("frozen", "decoder", "full")
"""What fine-tuning trains: a light head on frozen features, the decoder, or all weights."""


@dataclass(frozen=True)
class FinetuneSpec(JobSpec):
    """Scene + labels + encoder checkpoint → checkpoint.

    Attributes:
        sources: The scene: at most one raster of each role. The optical one's grid is the map's; without one, the SAR
            raster's; without both, the embedding's.
        labels: Drawn features with a class.
        output: The checkpoint to write (`.safetensors`).
        report: HTML page about the run; empty: none.
        checkpoint: Checkpoint to start from; empty: the default encoder (frozen) or a network from scratch.
        mode: One of `MODES`.
        seed: Seed of every random choice.
        epochs: Upper bound of training epochs (decoder and full).
        device: `auto`, `cpu`, `cuda` or `mps`.
        timm_encoder: timm name of the encoder of a network from scratch.
    """

    job: ClassVar[str] = "finetune"

    sources: Tuple[SourceSpec, ...]
    labels: VectorSpec
    output: str
    report: str = ""
    checkpoint: str = ""
    mode: str = "frozen"
    seed: int = 0
    epochs: int = 100
    device: str = AUTO
    timm_encoder: str = "resnet18"

    def __post_init__(self) -> None:
        check_sources(self.sources)
        given("output", self.output)
        choice("mode", self.mode, MODES)
        choice("device", self.device, DEVICES)
        if self.epochs < 1:
            raise SpecError(f"epochs is {self.epochs}; at least 1 is needed.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.report) if path)
