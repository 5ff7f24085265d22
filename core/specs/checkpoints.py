"""Checkpoints from and for other programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Tuple

from ..errors import SpecError
from ..sensors import GENERIC, SENSORS
from .building import choice, given
from .job import JobSpec


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
        given("output", self.output)
        if not self.path and not self.encoder:
            raise SpecError("Neither a file nor an encoder was given.", "Give the file, or the encoder to download.")
        if self.sensor:
            choice("sensor", self.sensor, (GENERIC, *SENSORS))
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
        given("checkpoint", self.checkpoint)
        given("output", self.output)
        if self.side < 0:
            raise SpecError(f"side is {self.side}; 0 (any) or more is expected.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.item) if path)
