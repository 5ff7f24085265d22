"""Features of a scene, and clusters of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional, Tuple, Union

from ..errors import SpecError
from ..legend import MAX_VALUE
from ..sensors import AUTO
from .building import choice, given
from .classification import FORMATS, SmoothingSpec
from .inputs import ExtentSpec, SourceSpec, VectorSpec, check_sources
from .job import DEVICES, JobSpec

STORED = ("int8", "float16")
"""How features are stored in a raster."""


@dataclass(frozen=True)
class EmbedSpec(JobSpec):
    """Encoder + scene → raster of features.

    Attributes:
        checkpoint: An encoder, or a checkpoint that has one.
        sources: The scene.
        output: Raster with one band per feature (GeoTIFF), on the grid of the encoder's finest feature map.
        stored: `int8` (with a scale for each band) or `float16`.
        extent: Rectangle that it covers; None: the whole scene.
        tile: Side of the tiles in pixels; 0: the encoder's.
        device: `auto`, `cpu`, `cuda` or `mps`.
    """

    job: ClassVar[str] = "embed"

    checkpoint: str
    sources: Tuple[SourceSpec, ...]
    output: str
    stored: str = "int8"
    extent: Optional[ExtentSpec] = None
    tile: int = 0
    device: str = AUTO

    def __post_init__(self) -> None:
        given("checkpoint", self.checkpoint)
        check_sources(self.sources)
        given("output", self.output)
        choice("stored", self.stored, STORED)
        choice("device", self.device, DEVICES)
        if self.tile < 0:
            raise SpecError(f"tile is {self.tile}; 0 (chosen) or more is expected.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return (self.output,)


@dataclass(frozen=True)
class ClusterSpec(JobSpec):
    """Scene → map of clusters, found without labels.

    Attributes:
        sources: The scene.
        output: The map (GeoTIFF, 8-bit, 0 is no data, 1 is the largest cluster).
        clusters: How many to find.
        checkpoint: Encoder whose features are clustered, or a checkpoint that has one; empty: the default features.
        classifier: Checkpoint to write that finds the same clusters in other scenes; empty: none.
        reference: Class raster or features with a class that the clusters are compared with; None: nothing.
        named: Whether clusters take over the names and colours of the classes that they are matched with.
        json: What was found as JSON; empty: none.
        html: What was found as a page; empty: none.
        extent: Rectangle that is clustered; None: the whole scene.
        smoothing: How speckle is removed; None: not at all.
        format: One of `FORMATS`.
        seed: Seed of every random choice.
        device: `auto`, `cpu`, `cuda` or `mps`.
    """

    job: ClassVar[str] = "cluster"

    sources: Tuple[SourceSpec, ...]
    output: str
    clusters: int = 8
    checkpoint: str = ""
    classifier: str = ""
    reference: Union[str, VectorSpec, None] = None
    named: bool = False
    json: str = ""
    html: str = ""
    extent: Optional[ExtentSpec] = None
    smoothing: Optional[SmoothingSpec] = None
    format: str = "cog"
    seed: int = 0
    device: str = AUTO

    def __post_init__(self) -> None:
        check_sources(self.sources)
        given("output", self.output)
        choice("format", self.format, FORMATS)
        choice("device", self.device, DEVICES)
        if not 2 <= self.clusters <= MAX_VALUE:
            raise SpecError(f"clusters is {self.clusters}; 2 to {MAX_VALUE} are possible.")
        if self.named and not self.reference:
            raise SpecError("named asks for the names of a reference; there is none.", "Give a reference.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.classifier, self.json, self.html) if path)
