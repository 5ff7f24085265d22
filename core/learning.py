"""What every way of fine-tuning works on, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..models.segmenter import Segmenter
from .errors import LabelError
from .labels import Labels
from .progress import Reporter
from .scenes import Scene
from .specs import FinetuneSpec
from .splits import Split
from .starts import Start


@dataclass(frozen=True)
class Run:
    """What is learned from.

    Attributes:
        spec: The job.
        scene: The images.
        labels: What was drawn.
        split: Which features are held out.
        start: The encoder.
        device: Where to compute.
        reporter: Takes progress and stops the job.
    """

    spec: FinetuneSpec
    scene: Scene
    labels: Labels
    split: Split
    start: Start
    device: torch.device
    reporter: Reporter

    @property
    def spares_sources(self) -> bool:
        """Whether the result learns to do without each of its sources."""
        return self.spec.variations.sources > 0 and len(self.start.sources) > 1


@dataclass(frozen=True)
class Fit:
    """A trained network and how it was judged.

    Attributes:
        network: The segmenter.
        head: The card's `architecture["head"]` entry.
        confusion: (reference, predicted) counts over held-out pixels; None where nothing could be held out.
        history: Per epoch its losses; empty for a light head.
        words: How the held-out features were chosen and used.
        training: What the card tells about the training: names and values.
        warnings: What the user should not miss.
    """

    network: Segmenter
    head: dict[str, Any]
    confusion: NDArray[np.int64] | None
    history: list[dict[str, float]]
    words: str
    training: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def check_classes(labels: Labels, pixels: Labels) -> None:
    """Checks that the labels that are left name two classes.

    Args:
        labels: All labels.
        pixels: Those that are left.

    Raises:
        LabelError: If they do not, naming what is left.
    """
    left = np.unique(pixels.classes)
    if left.size < 2:
        names = ", ".join(labels.legend.names[i] for i in left) or "none"
        raise LabelError(
            f"Labels of at least two classes must lie where every layer has data; those that do name {names}.",
            "Draw labels where the scene has data.",
        )
