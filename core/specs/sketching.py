"""Sketching: labels that are still being drawn → a map of what is on screen, in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Tuple

from ..errors import SpecError
from ..kept_features import DEFAULT_MB
from ..sensors import AUTO
from .building import choice, given
from .inputs import ExtentSpec, SourceSpec, VectorSpec, check_sources
from .job import DEVICES, JobSpec

SMALLEST_SIDE = 16


@dataclass(frozen=True)
class SketchSpec(JobSpec):
    """Scene + labels + encoder → preview of the map, at the scene's own resolution.

    The encoder's features are kept on disk, so that only what was never on screen is computed. With labels of fewer
    than two classes they are all that is computed.

    Attributes:
        sources: The scene.
        labels: Drawn features with a class; there may be none yet.
        extent: What is on screen.
        output: The preview (GeoTIFF, 8-bit, 0 is no data).
        checkpoint: Encoder, or a checkpoint that has one; empty: the default encoder.
        side: Most pixels of the preview along a side. Of a larger extent its middle is shown; a coarser preview of all
            of it would need the features of all of it.
        confidence: Raster of the winning class's probability (0 to 1); empty: none.
        margin: Raster of the difference between the two highest probabilities (0 to 1); empty: none.
        suggestions: How many places to suggest to label next.
        places: GeoPackage of these places, as points with `rank`, `class` (what the map says) and `margin`.
        classifier: Checkpoint to write that classifies as the preview does; empty: none.
        cache: Folder of the features; empty: the user's own.
        cache_mb: Megabytes that they may take there; 0: nothing is kept.
        seed: Seed of every random choice.
        device: `auto`, `cpu`, `cuda` or `mps`.
    """

    job: ClassVar[str] = "sketch"

    sources: Tuple[SourceSpec, ...]
    labels: VectorSpec
    extent: ExtentSpec
    output: str
    checkpoint: str = ""
    side: int = 512
    confidence: str = ""
    margin: str = ""
    suggestions: int = 0
    places: str = ""
    classifier: str = ""
    cache: str = ""
    cache_mb: int = DEFAULT_MB
    seed: int = 0
    device: str = AUTO

    def __post_init__(self) -> None:
        check_sources(self.sources)
        given("output", self.output)
        choice("device", self.device, DEVICES)
        if self.side < SMALLEST_SIDE:
            raise SpecError(f"side is {self.side}; at least {SMALLEST_SIDE} pixels are needed.")
        if self.cache_mb < 0 or self.suggestions < 0:
            raise SpecError(f"cache_mb is {self.cache_mb} and suggestions is {self.suggestions}; both are 0 or more.")
        if bool(self.places) != bool(self.suggestions):
            raise SpecError(
                f"suggestions is {self.suggestions} and places is '{self.places}'.",
                "Give both: how many places to suggest, and the file that holds them.",
            )
        self._check_outputs()

    def rasters(self) -> Tuple[str, ...]:
        """Returns the paths of the rasters that the job writes."""
        return tuple(path for path in (self.output, self.confidence, self.margin) if path)

    def outputs(self) -> Tuple[str, ...]:
        return self.rasters() + tuple(path for path in (self.places, self.classifier) if path)


@dataclass(frozen=True)
class ClearCacheSpec(JobSpec):
    """Deletes the features that sketching keeps on disk, and says how much they were.

    Attributes:
        cache: Their folder; empty: the user's own.
        measure: Whether they are only measured, and stay.
    """

    job: ClassVar[str] = "clearcache"

    cache: str = ""
    measure: bool = False
