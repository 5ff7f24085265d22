"""Fine-tuning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Tuple, Union

from ..errors import SpecError
from ..networks import FUSIONS, NETWORKS, SIZES, check_network
from ..sensors import AUTO
from .building import choice, given
from .inputs import SourceSpec, VectorSpec, check_sources
from .job import DEVICES, JobSpec
from .training import AUGMENTATIONS, LOSSES, MODES, POOLINGS, AugmentationSpec, check_pooling


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
        epochs: Upper bound of training epochs (all modes but frozen).
        loss: One of `LOSSES` (all modes but frozen, which is fitted by cross-entropy).
        augmentation: A name of `AUGMENTATIONS`, or the variations themselves.
        layer_decay: Each stage of the encoder learns by this factor more slowly than the one after it (last and full).
        lora_rank: Rank of what is added to the encoder's layers (lora).
        device: `auto`, `cpu`, `cuda` or `mps`.
        timm_encoder: timm name of the encoder of a U-Net from scratch.
        network: One of `core.networks.NETWORKS`; `auto`: a light classifier, a U-Net, or a decoder on the checkpoint.
        checkpoint_2: The other encoder's checkpoint, for networks of two.
        size: One of `core.networks.SIZES`, for Swin transformers from scratch.
        fusion: One of `core.networks.FUSIONS`, for networks that fuse two encoders.
        pooling: One of `POOLINGS`, for scenes with time stacks.
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
    network: str = AUTO
    checkpoint_2: str = ""
    size: str = AUTO
    fusion: str = FUSIONS[0]
    pooling: str = AUTO
    loss: str = LOSSES[0]
    augmentation: Union[str, AugmentationSpec] = "turns"
    layer_decay: float = 1.0
    lora_rank: int = 8

    def __post_init__(self) -> None:
        check_sources(self.sources)
        given("output", self.output)
        choice("mode", self.mode, MODES)
        choice("network", self.network, (AUTO, *NETWORKS))
        choice("size", self.size, SIZES)
        choice("fusion", self.fusion, FUSIONS)
        choice("pooling", self.pooling, POOLINGS)
        check_pooling(self.pooling, self.mode)
        check_network(self.network, self.mode, self.checkpoints(), [source.role for source in self.sources])
        choice("device", self.device, DEVICES)
        if self.epochs < 1:
            raise SpecError(f"epochs is {self.epochs}; at least 1 is needed.")
        choice("loss", self.loss, LOSSES)
        if isinstance(self.augmentation, str):
            choice("augmentation", self.augmentation, tuple(AUGMENTATIONS))
        if not 0 < self.layer_decay <= 1:
            raise SpecError(f"layer_decay is {self.layer_decay}; a factor above 0 and up to 1 is expected.")
        if self.lora_rank < 1:
            raise SpecError(f"lora_rank is {self.lora_rank}; at least 1 is needed.")
        self._check_outputs()

    @property
    def variations(self) -> AugmentationSpec:
        """The variations, also where they were given by name."""
        return AUGMENTATIONS[self.augmentation] if isinstance(self.augmentation, str) else self.augmentation

    def checkpoints(self) -> Tuple[str, ...]:
        """Returns the checkpoints that are given."""
        return tuple(path for path in (self.checkpoint, self.checkpoint_2) if path)

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.report) if path)
