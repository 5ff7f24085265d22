"""Scene classification: one class, or several, for each patch of a scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Dict, Optional, Tuple, Union

from ..errors import SpecError
from ..legend import ClassLegend
from ..sensors import AUTO
from .building import choice, given
from .inputs import ExtentSpec, SourceSpec, VectorSpec, check_sources
from .job import DEVICES, JobSpec

SCENE_MODES = ("frozen", "full")
"""What fine-tuning on patches trains: a light head on frozen features, or all weights."""

DEFAULT_SIDE = 16
"""Side of patches in pixels where nobody states one."""

SEPARATOR = ";"
"""Between the classes of a patch that has several."""


@dataclass(frozen=True)
class FinetuneScenesSpec(JobSpec):
    """Scene + patches with classes + encoder checkpoint → checkpoint that classifies patches.

    Attributes:
        sources: The scene.
        labels: Patches with a class: polygons as they are, and squares of `side` pixels around points. Or the path of
            a class raster, of which squares of `side` pixels get their classes.
        output: The checkpoint to write (`.safetensors`).
        report: HTML page about the run; empty: none.
        json: Accuracy as JSON; empty: none.
        legend: Names and colours of a class raster's classes, as `ClassLegend.to_json`; empty: those it holds itself.
        side: Side of square patches, in pixels of the scene.
        multilabel: Whether a patch may have several classes. In an attribute they are separated by semicolons; of a
            class raster, each class that covers more than `share` of a patch counts.
        share: See there.
        checkpoint: Checkpoint to start from; empty: the default encoder (frozen) or a network from scratch.
        mode: One of `SCENE_MODES`.
        seed: Seed of every random choice.
        epochs: Upper bound of training epochs (full).
        device: `auto`, `cpu`, `cuda` or `mps`.
    """

    job: ClassVar[str] = "finetunescenes"

    sources: Tuple[SourceSpec, ...]
    labels: Union[str, VectorSpec]
    output: str
    report: str = ""
    json: str = ""
    legend: Tuple[Dict[str, Any], ...] = ()
    side: int = DEFAULT_SIDE
    multilabel: bool = False
    share: float = 0.1
    checkpoint: str = ""
    mode: str = "frozen"
    seed: int = 0
    epochs: int = 60
    device: str = AUTO

    def __post_init__(self) -> None:
        check_sources(self.sources)
        if isinstance(self.labels, str):
            given("labels", self.labels)
        given("output", self.output)
        choice("mode", self.mode, SCENE_MODES)
        choice("device", self.device, DEVICES)
        if self.side < 1:
            raise SpecError(f"side is {self.side}; at least 1 pixel is needed.")
        if not 0 <= self.share < 1:
            raise SpecError(f"share is {self.share}; 0 up to, but not including, 1 is expected.")
        if self.epochs < 1:
            raise SpecError(f"epochs is {self.epochs}; at least 1 is needed.")
        self._check_outputs()

    def raster_legend(self) -> Optional[ClassLegend]:
        """Returns the stated classes of a class raster, or None."""
        return ClassLegend.from_json(self.legend) if self.legend else None

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.report, self.json) if path)


@dataclass(frozen=True)
class ClassifyScenesSpec(JobSpec):
    """Checkpoint + scene + patches → patches with class and scores.

    Attributes:
        checkpoint: A checkpoint that classifies patches.
        sources: The scene, with the roles that the checkpoint's card names.
        output: GeoPackage to write.
        patches: Polygons as they are, and squares around points; None: squares side by side over the scene. Where they
            name a field, its value is kept.
        side: Side of square patches, in pixels of the scene; 0: as the checkpoint was trained with.
        extent: Rectangle in which squares lie side by side; None: the whole scene.
        threshold: From this score on a patch has a class, where it may have several.
        tile: Side of the tiles in pixels; 0: the checkpoint's.
        device: `auto`, `cpu`, `cuda` or `mps`.
    """

    job: ClassVar[str] = "classifyscenes"

    checkpoint: str
    sources: Tuple[SourceSpec, ...]
    output: str
    patches: Optional[VectorSpec] = None
    side: int = 0
    extent: Optional[ExtentSpec] = None
    threshold: float = 0.5
    tile: int = 0
    device: str = AUTO

    def __post_init__(self) -> None:
        given("checkpoint", self.checkpoint)
        check_sources(self.sources)
        given("output", self.output)
        choice("device", self.device, DEVICES)
        if self.side < 0 or self.tile < 0:
            raise SpecError(f"side is {self.side} and tile is {self.tile}; 0 (chosen) or more is expected.")
        if not 0 < self.threshold < 1:
            raise SpecError(f"threshold is {self.threshold}; a number between 0 and 1 is expected.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return (self.output,)
