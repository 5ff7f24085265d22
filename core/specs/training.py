"""How a network is trained: what of it, with which loss, on which variations of the labelled windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict

from ..errors import SpecError
from ..sensors import AUTO

MODES = ("frozen", "decoder", "last", "lora", "full")
"""What fine-tuning trains: a light head on frozen features; the decoder; the decoder and the encoder's last stages; the
decoder and low-rank additions to the encoder's layers; all weights."""

POOLINGS = (AUTO, "statistics", "attention", "concatenate")
"""How the features of the dates of a time stack become one, for encoders of single images: their mean and standard
deviation, a learned attention over dates, or all dates side by side. `AUTO` takes encoders that know time as they are,
and statistics of others."""

LOSSES = ("cross-entropy", "focal", "dice", "cross-entropy+dice", "focal+dice")
"""What training makes small; all of them look at labelled pixels alone."""


@dataclass(frozen=True)
class AugmentationSpec:
    """Random variations of labelled windows. None of them changes how bright a class is in a band.

    Attributes:
        turns: One of the eight orientations of the square.
        rotation: Largest angle in degrees, 0 to 180, by which windows are turned besides.
        scale: Largest factor, from 1, by which windows are enlarged or reduced.
        speckle: Number of looks of the speckle that radar images get on top of their own; 0: none. The fewer, the
            stronger.
        bands: Probability with which a band is hidden.
        dates: Probability with which a date of a time stack is hidden; never all of them.
        sources: Probability with which one of several sources is hidden, so that the result also works without it. The
            light head on frozen features is fitted with and without each source where this is above 0.
    """

    turns: bool = True
    rotation: float = 0.0
    scale: float = 1.0
    speckle: float = 0.0
    bands: float = 0.0
    dates: float = 0.0
    sources: float = 0.0

    def __post_init__(self) -> None:
        for name in ("bands", "dates", "sources"):
            if not 0 <= getattr(self, name) < 1:
                raise SpecError(f"augmentation.{name} is {getattr(self, name)}.", "A probability below 1 is expected.")
        if not 0 <= self.rotation <= 180:
            raise SpecError(f"augmentation.rotation is {self.rotation}.", "Expected 0 to 180 degrees.")
        if not 1 <= self.scale <= 4:
            raise SpecError(f"augmentation.scale is {self.scale}.", "Expected a factor from 1 to 4.")
        if self.speckle < 0:
            raise SpecError(f"augmentation.speckle is {self.speckle}.", "Expected a number of looks, or 0 for none.")

    @property
    def only_turns(self) -> bool:
        """Whether windows are varied by the orientations of the square at most, which features of them follow."""
        return self in (AugmentationSpec(), AugmentationSpec(turns=False))


AUGMENTATIONS: Dict[str, AugmentationSpec] = {
    "none": AugmentationSpec(turns=False),
    "turns": AugmentationSpec(),
    "geometry": AugmentationSpec(rotation=180.0, scale=1.25),
    "full": AugmentationSpec(rotation=180.0, scale=1.25, speckle=16.0, bands=0.1, dates=0.2, sources=0.25),
}
"""Variations by name."""


def check_pooling(pooling: str, mode: str) -> None:
    """Checks that a way of pooling dates goes with what is trained.

    Raises:
        SpecError: If it does not.
    """
    if pooling == "attention" and mode == "frozen":
        raise SpecError(
            "'frozen' fits a light classifier only; attention over dates has to be trained.",
            "Train 'decoder' or 'full', or choose the pooling 'statistics'.",
        )
