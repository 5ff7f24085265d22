"""The jobs' specifications: what crosses the process boundary, as frozen dataclasses that round-trip through JSON.

Standard library only, and Python 3.9, since QGIS's own Python reads this file too.

A job file for `python -m landsketch run` is `{"job": "classify", "spec": {...}}` with the fields below.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from typing import (
    Any,
    ClassVar,
    Dict,
    List,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from .errors import SpecError
from .legend import MAX_VALUE, ClassLegend
from .sensors import AUTO, GENERIC, SENSORS

MODES = ("frozen", "decoder", "full")
"""What fine-tuning trains: a light head on frozen features, the decoder, or all weights."""

UNITS = (AUTO, "dn", "reflectance", "raw", "db", "linear")
ROLES = ("optical", "sar", "embedding")
"""What a raster of a scene can be. The first one that a scene has gives the scene its grid."""

DEVICES = (AUTO, "cpu", "cuda", "mps")
RUNTIMES = (AUTO, "torch", "onnxruntime", "openvino")
"""What computes the network."""

PRECISIONS = (AUTO, "fp32", "bf16", "fp16")
FORMATS = ("cog", "gtiff")
"""Layout of result rasters: Cloud Optimized GeoTIFF, or a plain tiled one; BigTIFF where the size asks for it."""

SMOOTHINGS = ("majority", "bayes")

STORED = ("int8", "float16")
"""How features are stored in a raster."""

Spec = TypeVar("Spec", bound="JobSpec")


@dataclass(frozen=True)
class SourceSpec:
    """One raster of a scene.

    Attributes:
        role: One of `ROLES`.
        path: File or any name that GDAL opens.
        sensor: A sensor id of `core.sensors`, `generic`, or `auto`.
        units: Units of the stored values: `dn` (reflectance × 10 000), `reflectance` (0 to 1), `raw` (as stored),
            `db`, `linear` (power), or `auto`.
        bands: Canonical band names in file order; empty: taken from descriptions, then from the usual order.
        offset: Digital number that stands for zero reflectance (1000 from Sentinel-2 baseline 04.00 on); None: found.
    """

    role: str
    path: str
    sensor: str = AUTO
    units: str = AUTO
    bands: Tuple[str, ...] = ()
    offset: Optional[float] = None

    def __post_init__(self) -> None:
        _choice("role", self.role, ROLES)
        _choice("sensor", self.sensor, (AUTO, GENERIC, *SENSORS))
        _choice("units", self.units, UNITS)
        _given("path", self.path)
        profile = SENSORS.get(self.sensor)
        if profile and profile.role != self.role:
            raise SpecError(f"{profile.title} was given for '{self.path}' as {self.role}.", f"It is {profile.role}.")


@dataclass(frozen=True)
class VectorSpec:
    """Features of a vector file: labels, reference or mask.

    Attributes:
        path: Any vector file that GDAL opens.
        layer: Layer inside the file; empty: the first one.
        field: Attribute that holds the class; empty for masks.
        legend: Names and colours of the classes, as `ClassLegend.to_json`; empty: made from the attribute's values.
        keys: Attribute value of each legend class; empty: its map value.
    """

    path: str
    layer: str = ""
    field: str = ""
    legend: Tuple[Dict[str, Any], ...] = ()
    keys: Tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _given("path", self.path)
        if self.keys and len(self.keys) != len(self.legend):
            raise SpecError(f"{len(self.keys)} class keys were given for {len(self.legend)} legend classes.")

    def class_legend(self) -> Optional[ClassLegend]:
        """Returns the stated legend, or None when it is to be made from the attribute's values."""
        return ClassLegend.from_json(self.legend) if self.legend else None


@dataclass(frozen=True)
class JobSpec:
    """Base of the specs: JSON in, JSON out, unknown fields named."""

    job: ClassVar[str] = ""

    def to_json(self) -> Dict[str, Any]:
        """Returns the spec as plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls: Type[Spec], values: Dict[str, Any]) -> Spec:
        """Builds a spec from plain JSON values.

        Raises:
            SpecError: If a field is unknown, missing, or of the wrong type.
        """
        return _build(cls, values, cls.job)

    def outputs(self) -> Tuple[str, ...]:
        """Returns the paths of the files that the job writes."""
        return ()

    def _check_outputs(self) -> None:
        for path in self.outputs():
            folder = os.path.dirname(os.path.abspath(path))
            if not os.path.isdir(folder):
                raise SpecError(f"The folder '{folder}' of the output '{path}' does not exist.", "Create it first.")


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
        _scene(self.sources)
        _given("output", self.output)
        _choice("mode", self.mode, MODES)
        _choice("device", self.device, DEVICES)
        if self.epochs < 1:
            raise SpecError(f"epochs is {self.epochs}; at least 1 is needed.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.report) if path)


@dataclass(frozen=True)
class ExtentSpec:
    """A rectangle.

    Attributes:
        bounds: West, south, east and north.
        crs: Their coordinate reference system, as `EPSG:32632` or WKT.
    """

    bounds: Tuple[float, ...]
    crs: str

    def __post_init__(self) -> None:
        _given("crs", self.crs)
        if len(self.bounds) != 4 or self.bounds[0] >= self.bounds[2] or self.bounds[1] >= self.bounds[3]:
            raise SpecError(f"bounds is {list(self.bounds)}.", "Expected west, south, east and north.")


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
        _choice("method", self.method, SMOOTHINGS)
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
        _given("path", self.path)
        if self.smallest < 0 or self.tolerance < 0:
            raise SpecError(f"smallest is {self.smallest} and tolerance is {self.tolerance}; both are 0 or more.")


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

    def __post_init__(self) -> None:
        _given("checkpoint", self.checkpoint)
        _scene(self.sources)
        _given("output", self.output)
        _choice("format", self.format, FORMATS)
        _choice("device", self.device, DEVICES)
        _choice("runtime", self.runtime, RUNTIMES)
        _choice("precision", self.precision, PRECISIONS)
        for name in ("tile", "batch", "threads"):
            if getattr(self, name) < 0:
                raise SpecError(f"{name} is {getattr(self, name)}; 0 (chosen) or more is expected.")
        self._check_outputs()

    def rasters(self) -> Tuple[str, ...]:
        """Returns the paths of the rasters that the job writes."""
        paths = (self.output, self.confidence, self.probabilities, self.entropy, self.margin)
        return tuple(path for path in paths if path)

    def outputs(self) -> Tuple[str, ...]:
        return self.rasters() + ((self.polygons.path,) if self.polygons else ())


@dataclass(frozen=True)
class AssessSpec(JobSpec):
    """Map + reference → accuracy.

    Attributes:
        map: A class map.
        reference: Path of a class raster, or features with a class.
        json: Metrics as JSON; empty: none.
        html: Metrics as a page; empty: none.
        mask: Polygons outside which nothing is compared; None: everywhere.
    """

    job: ClassVar[str] = "assess"

    map: str
    reference: Union[str, VectorSpec]
    json: str = ""
    html: str = ""
    mask: Optional[VectorSpec] = None

    def __post_init__(self) -> None:
        _given("map", self.map)
        if isinstance(self.reference, str):
            _given("reference", self.reference)
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.json, self.html) if path)


@dataclass(frozen=True)
class ClassifyBatchSpec(JobSpec):
    """Checkpoint + many scenes → one class map each.

    Attributes:
        jobs: One for each scene, all with the same checkpoint.
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
        _given("manifest", self.manifest)
        if self.mosaic and not self.mosaic.lower().endswith(".vrt"):
            raise SpecError(f"mosaic is '{self.mosaic}'.", "It is a virtual raster; its name should end in .vrt.")
        checkpoints = sorted({job.checkpoint for job in self.jobs})
        if len(checkpoints) > 1:
            raise SpecError(
                f"The scenes have the checkpoints {', '.join(checkpoints)}.", "Give one batch for each checkpoint."
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
        taken[_identity(self.jobs[0].checkpoint)] = self.jobs[0].checkpoint
        for path in self.outputs():
            if _identity(path) in taken:
                raise SpecError(f"The output '{path}' is given twice, or is an input too.", "Give each its own name.")
            taken[_identity(path)] = path


@dataclass(frozen=True)
class ImportSpec(JobSpec):
    """A published encoder's file → a checkpoint of LandSketch.

    Attributes:
        output: The checkpoint to write (`.safetensors`).
        path: The downloaded file; empty: it is downloaded from where the registry says.
        encoder: Id in the registry of encoders; empty: recognised by the file's name and tensors.
        sensor: Sensor id of the encoder's input, where the registry does not know the file; empty otherwise.
        bands: Canonical names of its input channels, as for `sensor`; or, with `adapt`, the bands that are left of it.
        mean: Mean of each input channel, in canonical units, as for `sensor`.
        std: Standard deviation of each input channel, in canonical units, as for `sensor`.
        adapt: Whether the first layer may be cut to the stated bands.
    """

    job: ClassVar[str] = "importcheckpoint"

    output: str
    path: str = ""
    encoder: str = ""
    sensor: str = ""
    bands: Tuple[str, ...] = ()
    mean: Tuple[float, ...] = ()
    std: Tuple[float, ...] = ()
    adapt: bool = False

    def __post_init__(self) -> None:
        _given("output", self.output)
        if not self.path and not self.encoder:
            raise SpecError("Neither a file nor an encoder was given.", "Give the file, or the encoder to download.")
        if self.sensor:
            _choice("sensor", self.sensor, (GENERIC, *SENSORS))
        if len({len(values) for values in (self.bands, self.mean, self.std) if values}) > 1:
            raise SpecError("bands, mean and std have different lengths.", "Give one of each for every input channel.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return (self.output,)


@dataclass(frozen=True)
class ExportSpec(JobSpec):
    """Checkpoint that classifies → ONNX network with its card, and a STAC item that describes it.

    Attributes:
        checkpoint: A checkpoint with a legend.
        output: The network to write (`.onnx`).
        item: STAC item with the machine learning model extension (`.json`); empty: none.
        side: Side in pixels of the only windows that the network takes; 0: any, where the network allows it.
    """

    job: ClassVar[str] = "exportonnx"

    checkpoint: str
    output: str
    item: str = ""
    side: int = 0

    def __post_init__(self) -> None:
        _given("checkpoint", self.checkpoint)
        _given("output", self.output)
        if self.side < 0:
            raise SpecError(f"side is {self.side}; 0 (any) or more is expected.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.item) if path)


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
        _given("checkpoint", self.checkpoint)
        _scene(self.sources)
        _given("output", self.output)
        _choice("stored", self.stored, STORED)
        _choice("device", self.device, DEVICES)
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
        _scene(self.sources)
        _given("output", self.output)
        _choice("format", self.format, FORMATS)
        _choice("device", self.device, DEVICES)
        if not 2 <= self.clusters <= MAX_VALUE:
            raise SpecError(f"clusters is {self.clusters}; 2 to {MAX_VALUE} are possible.")
        if self.named and not self.reference:
            raise SpecError("named asks for the names of a reference; there is none.", "Give a reference.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.classifier, self.json, self.html) if path)


@dataclass(frozen=True)
class SceneSpec:
    """A scene to learn from.

    Attributes:
        sources: Its rasters, each role once.
        series: Scenes with the same text here are dates of one place, in the order in which they are given; empty: it
            stands alone.
    """

    sources: Tuple[SourceSpec, ...]
    series: str = ""

    def __post_init__(self) -> None:
        _scene(self.sources)


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
        _given("output", self.output)
        _given("method", self.method)
        _choice("device", self.device, DEVICES)
        for name, least in (("window", 0), ("batch", 0), ("accumulate", 1), ("steps", 1), ("devices", 1), ("nodes", 1)):
            if getattr(self, name) < least:
                raise SpecError(f"{name} is {getattr(self, name)}; at least {least} is expected.")
        if self.rate < 0:
            raise SpecError(f"rate is {self.rate}; 0 (chosen) or more is expected.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.report) if path)


@dataclass(frozen=True)
class InspectSpec(JobSpec):
    """The machine → what it can compute with: devices, processor, runtimes; there is nothing to choose."""

    job: ClassVar[str] = "inspect"


SPECS: Dict[str, Type[JobSpec]] = {
    spec.job: spec
    for spec in (
        FinetuneSpec,
        ClassifySpec,
        ClassifyBatchSpec,
        AssessSpec,
        ImportSpec,
        ExportSpec,
        EmbedSpec,
        ClusterSpec,
        PretrainSpec,
        InspectSpec,
    )
}
"""Spec class of each job."""


def spec_from_json(job: str, values: Dict[str, Any]) -> JobSpec:
    """Builds the spec of a job from plain JSON values.

    Raises:
        SpecError: If there is no such job, or the values do not fit it.
    """
    _choice("job", job, tuple(SPECS))
    return SPECS[job].from_json(values)


def _scene(sources: Tuple[SourceSpec, ...]) -> None:
    if not sources:
        raise SpecError("No image was given.", "Give an optical, a SAR or an embedding layer.")
    roles = [source.role for source in sources]
    if len(set(roles)) != len(roles):
        raise SpecError(f"The scene has the sources {', '.join(roles)}.", "Give each role once.")


def _identity(path: str) -> str:
    """One text for each file, however its path is spelt."""
    return os.path.normcase(os.path.realpath(path))


def _given(name: str, value: str) -> None:
    if not value:
        raise SpecError(f"'{name}' is missing.")


def _choice(name: str, value: str, choices: Tuple[str, ...]) -> None:
    if value not in choices:
        raise SpecError(f"{name} is '{value}'.", f"Expected one of {', '.join(choices)}.")


def _build(cls: type, values: Any, where: str) -> Any:
    """Builds the dataclass `cls` from plain JSON values, naming the field where they do not fit."""
    if not isinstance(values, dict):
        raise SpecError(f"{where} is {type(values).__name__}; an object with fields is expected.")
    hints = get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise SpecError(f"{where} has unknown fields: {', '.join(unknown)}.", f"Known ones: {', '.join(fields)}.")
    required = [
        n for n, f in fields.items() if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    missing = [name for name in required if name not in values]
    if missing:
        raise SpecError(f"{where} lacks the fields {', '.join(missing)}.")
    return cls(**{name: _convert(hints[name], value, f"{where}.{name}") for name, value in values.items()})


def _convert(hint: Any, value: Any, where: str) -> Any:
    """Converts a JSON value to the annotated type of its field."""
    if hint is Any:
        return value
    if get_origin(hint) is Union:
        return _convert_union(get_args(hint), value, where)
    if get_origin(hint) is tuple:
        if not isinstance(value, (list, tuple)):
            raise SpecError(f"{where} is {value!r}; a list is expected.")
        return tuple(_convert(get_args(hint)[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if dataclasses.is_dataclass(hint):
        return value if isinstance(value, hint) else _build(hint, value, where)  # type: ignore[arg-type]
    expected: Any = (int, float) if hint is float else get_origin(hint) or hint
    if not isinstance(value, expected) or (isinstance(value, bool) and hint is not bool):
        raise SpecError(f"{where} is {value!r}; {getattr(hint, '__name__', hint)} is expected.")
    return value


def _convert_union(options: Tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in options:
        return None
    problems: List[SpecError] = []
    for option in options:
        if option is type(None):
            continue
        try:
            return _convert(option, value, where)
        except SpecError as error:
            problems.append(error)
    raise problems[-1]
