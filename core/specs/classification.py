"""Classifying one scene, or many."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import ClassVar, Optional, Tuple

from ..errors import SpecError
from ..sensors import AUTO
from .building import choice, given
from .inputs import ExtentSpec, SourceSpec, VectorSpec, check_sources
from .job import DEVICES, JobSpec

RUNTIMES = (AUTO, "torch", "onnxruntime", "openvino")
"""What computes the network."""

PRECISIONS = (AUTO, "fp32", "bf16", "fp16")
FORMATS = ("cog", "gtiff")
"""Layout of result rasters: Cloud Optimized GeoTIFF, or a plain tiled one; BigTIFF where the size asks for it."""

SMOOTHINGS = ("majority", "bayes")


@dataclass(frozen=True)
class SmoothingSpec:
    """How a map is freed of speckle.

    Attributes:
        method: `majority`: the most frequent class around a pixel. `bayes`: the class after each pixel's probabilities
            were drawn towards those around it, the more the less certain they are.
        radius: Pixels to each side that count.
    """

    method: str
    radius: int = 2

    def __post_init__(self) -> None:
        choice("method", self.method, SMOOTHINGS)
        if not 1 <= self.radius <= 32:
            raise SpecError(f"radius is {self.radius}; 1 to 32 pixels are possible.")


@dataclass(frozen=True)
class PolygonsSpec:
    """The map as polygons.

    Attributes:
        path: GeoPackage to write.
        smallest: Patches of fewer pixels join their largest neighbour; 0 or 1: all are kept.
        tolerance: Borders may move by about this many pixels to become simpler; 0: they keep their steps.
    """

    path: str
    smallest: int = 4
    tolerance: float = 1.0

    def __post_init__(self) -> None:
        given("path", self.path)
        if self.smallest < 0 or self.tolerance < 0:
            raise SpecError(f"smallest is {self.smallest} and tolerance is {self.tolerance}; both are 0 or more.")


def weighted_checkpoints(
    checkpoint: str, members: Tuple[str, ...], weights: Tuple[float, ...]
) -> Tuple[Tuple[str, float], ...]:
    """Returns the checkpoints that make a map, each with its weight; those of weight 0 are left out.

    Args:
        checkpoint: The first one.
        members: Further ones.
        weights: One for each, the first one's first; empty: all count alike.

    Raises:
        SpecError: If a checkpoint is missing or given twice, or the weights are not one number of 0 or more for each.
    """
    paths = (checkpoint, *members)
    for path in paths:
        given("checkpoint", path)
    identities = [_identity(path) for path in paths]
    twice = [path for path, identity in zip(paths, identities) if identities.count(identity) > 1]
    if twice:
        raise SpecError(f"Checkpoint '{twice[-1]}' was given twice.", "Choose each once, and give it a weight.")
    if not weights:
        return tuple((path, 1.0) for path in paths)
    if len(weights) != len(paths):
        raise SpecError(f"{len(weights)} weights were given for {len(paths)} checkpoints.", "Give one for each.")
    if any(not math.isfinite(weight) or weight < 0 for weight in weights) or not any(weights):
        raise SpecError(f"weights is {list(weights)}.", "Numbers of 0 or more are expected, not all of them 0.")
    return tuple((path, weight) for path, weight in zip(paths, weights) if weight)


@dataclass(frozen=True)
class ClassifySpec(JobSpec):
    """Checkpoint + scene → class map.

    Attributes:
        checkpoint: A checkpoint with a legend, written by fine-tuning, or an ONNX network with a card.
        sources: The scene, with the roles that the checkpoint's card names.
        output: Class map (GeoTIFF, 8-bit, 0 is no data).
        confidence: Raster of the winning class's probability (0 to 1); empty: none.
        probabilities: Raster with one probability band per class, 8-bit with a scale of 1/250; empty: none.
        entropy: Raster of the probabilities' entropy over its largest possible value (0: certain, 1: all classes
            equally likely); empty: none.
        margin: Raster of the difference between the two highest probabilities (0 to 1); empty: none.
        polygons: The map as polygons; None: none.
        mask: Polygons outside which nothing is classified; None: the whole scene.
        extent: Rectangle that the map covers; None: the whole scene.
        smoothing: How speckle is removed; None: not at all.
        format: One of `FORMATS`.
        tile: Side of the tiles in pixels; 0: the checkpoint's.
        batch: Tiles per batch; 0: chosen by the engine.
        device: `auto`, `cpu`, `cuda` or `mps`.
        runtime: One of `RUNTIMES`; `auto`: the fastest by a short measurement that gives the same map.
        precision: One of `PRECISIONS`; `auto`: as for the runtime.
        threads: Most threads that compute; 0: one for each core.
        scheduler: Address of a Dask scheduler whose workers classify, such as `tcp://10.0.0.1:8786`; empty: this
            machine does. The workers must see the same files under the same paths.
        members: Further checkpoints with the same classes; the map is made from the mean of all probabilities.
        weights: How much the checkpoints count in the mean, that of `checkpoint` first; empty: all alike; one of 0 is
            left out.
    """

    job: ClassVar[str] = "classify"

    checkpoint: str
    sources: Tuple[SourceSpec, ...]
    output: str
    confidence: str = ""
    probabilities: str = ""
    entropy: str = ""
    margin: str = ""
    polygons: Optional[PolygonsSpec] = None
    mask: Optional[VectorSpec] = None
    extent: Optional[ExtentSpec] = None
    smoothing: Optional[SmoothingSpec] = None
    format: str = "cog"
    tile: int = 0
    batch: int = 0
    device: str = AUTO
    runtime: str = AUTO
    precision: str = AUTO
    threads: int = 0
    scheduler: str = ""
    members: Tuple[str, ...] = ()
    weights: Tuple[float, ...] = ()

    def __post_init__(self) -> None:
        self.weighted()
        check_sources(self.sources)
        given("output", self.output)
        choice("format", self.format, FORMATS)
        choice("device", self.device, DEVICES)
        choice("runtime", self.runtime, RUNTIMES)
        choice("precision", self.precision, PRECISIONS)
        for name in ("tile", "batch", "threads"):
            if getattr(self, name) < 0:
                raise SpecError(f"{name} is {getattr(self, name)}; 0 (chosen) or more is expected.")
        self._check_outputs()

    def weighted(self) -> Tuple[Tuple[str, float], ...]:
        """Returns the checkpoints that make the map, each with its weight.

        Raises:
            SpecError: See `weighted_checkpoints`.
        """
        return weighted_checkpoints(self.checkpoint, self.members, self.weights)

    def checkpoints(self) -> Tuple[str, ...]:
        """Returns the paths of the checkpoints that make the map."""
        return tuple(path for path, _ in self.weighted())

    def rasters(self) -> Tuple[str, ...]:
        """Returns the paths of the rasters that the job writes."""
        paths = (self.output, self.confidence, self.probabilities, self.entropy, self.margin)
        return tuple(path for path in paths if path)

    def outputs(self) -> Tuple[str, ...]:
        return self.rasters() + ((self.polygons.path,) if self.polygons else ())


@dataclass(frozen=True)
class ClassifyBatchSpec(JobSpec):
    """Checkpoint + many scenes → one class map each.

    Attributes:
        jobs: One for each scene, all with the same checkpoint or ensemble.
        manifest: JSON file that says what became of each scene; a later run with it goes on where this one stopped.
        mosaic: The class maps side by side, as a GDAL virtual raster (`.vrt`); empty: none.
        again: Whether scenes are classified again whose map is there and whose inputs did not change.
    """

    job: ClassVar[str] = "classifybatch"

    jobs: Tuple[ClassifySpec, ...]
    manifest: str
    mosaic: str = ""
    again: bool = False

    def __post_init__(self) -> None:
        if not self.jobs:
            raise SpecError("No scene was given.", "Give at least one.")
        given("manifest", self.manifest)
        if self.mosaic and not self.mosaic.lower().endswith(".vrt"):
            raise SpecError(f"mosaic is '{self.mosaic}'.", "It is a virtual raster; its name should end in .vrt.")
        if len({job.weighted() for job in self.jobs}) > 1:
            checkpoints = sorted({path for job in self.jobs for path in job.checkpoints()})
            raise SpecError(
                f"The scenes have the checkpoints {', '.join(checkpoints)}, not all of them the same.",
                "Give one batch for each checkpoint or ensemble.",
            )
        self._check_distinct()
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        maps = tuple(path for job in self.jobs for path in job.outputs())
        return maps + tuple(path for path in (self.manifest, self.mosaic) if path)

    def _check_distinct(self) -> None:
        """One scene must not write over another one's map, nor over what a later scene is to read."""
        taken = {_identity(source.path): source.path for job in self.jobs for source in job.sources}
        taken.update({_identity(job.mask.path): job.mask.path for job in self.jobs if job.mask})
        taken.update({_identity(path): path for path in self.jobs[0].checkpoints()})
        for path in self.outputs():
            if _identity(path) in taken:
                raise SpecError(f"The output '{path}' is given twice, or is an input too.", "Give each its own name.")
            taken[_identity(path)] = path


def _identity(path: str) -> str:
    """One text for each file, however its path is spelt."""
    return os.path.normcase(os.path.realpath(path))
