"""How much accuracy depends on the number of labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional, Tuple

from ..errors import SpecError
from ..sensors import AUTO
from .building import choice, given
from .inputs import SourceSpec, VectorSpec, check_sources
from .job import DEVICES, JobSpec
from .training import MODES

SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Shares of the label features that are learned from, as in the seed documents."""


@dataclass(frozen=True)
class LabelRatioSpec(JobSpec):
    """Scene + labels + encoder → accuracy by the share of the labels that are learned from.

    Attributes:
        sources: The scene.
        labels: Drawn features with a class.
        csv: Table of all runs.
        png: Picture of the curves; empty: none.
        html: Page about the study; empty: none.
        held_out: Features to judge by, never learned from; None: a spatial part of `labels`.
        checkpoint: Pretrained encoder; empty: the default encoder alone.
        baseline: Whether the checkpoint is compared with the same network without its pretraining.
        mode: One of `MODES`.
        shares: Of the label features of each class, at least one each; above 0, up to 1.
        draws: Random choices of features for each share.
        seed: Seed of every random choice.
        epochs: Upper bound of training epochs (decoder and full).
        device: `auto`, `cpu`, `cuda` or `mps`.
    """

    job: ClassVar[str] = "labelratio"

    sources: Tuple[SourceSpec, ...]
    labels: VectorSpec
    csv: str
    png: str = ""
    html: str = ""
    held_out: Optional[VectorSpec] = None
    checkpoint: str = ""
    baseline: bool = True
    mode: str = "frozen"
    shares: Tuple[float, ...] = SHARES
    draws: int = 5
    seed: int = 0
    epochs: int = 100
    device: str = AUTO

    def __post_init__(self) -> None:
        check_sources(self.sources)
        given("csv", self.csv)
        choice("mode", self.mode, MODES)
        choice("device", self.device, DEVICES)
        if not self.shares or any(not 0 < share <= 1 for share in self.shares):
            raise SpecError(f"shares is {list(self.shares)}; numbers above 0 and up to 1 are expected.")
        if self.draws < 1 or self.epochs < 1:
            raise SpecError(f"draws is {self.draws} and epochs is {self.epochs}; at least 1 is needed.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.csv, self.png, self.html) if path)
