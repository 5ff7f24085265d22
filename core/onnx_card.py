"""The metadata of an ONNX file and what its network takes and gives, read with the standard library alone.

An ONNX file is one protobuf message, ModelProto. The network is one of its fields; it can have hundreds of megabytes,
which are stepped over unread.
"""

from __future__ import annotations

import io
import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import BinaryIO, Dict, Iterator, List, Set, Tuple

from .errors import CheckpointError
from .protobuf import TruncatedError, fields, text

ONNX_SUFFIX = ".onnx"
TILING_KEY = "landsketch_tiling"
OUTPUT = "probabilities"
"""The output of every network that LandSketch exports; its inputs are the card's roles."""

FLOAT, FLOAT16, DOUBLE = 1, 10, 11
"""Types of elements (onnx.TensorProto.DataType) that images come in."""

_HINT = "Choose an .onnx file that LandSketch wrote."

_IR_VERSION, _GRAPH, _OPSET_IMPORT, _METADATA = 1, 7, 8, 14
"""Fields of onnx.ModelProto. The first three are in every valid file."""

_KEY, _VALUE = 1, 2
"""Fields of onnx.StringStringEntryProto."""

_INITIALIZER, _INPUT, _OUTPUT = 5, 11, 12
"""Fields of onnx.GraphProto."""

_TENSOR_NAME = 8
"""Field of onnx.TensorProto."""

_NAME, _TYPE, _TENSOR_TYPE, _ELEMENT, _SHAPE, _DIMENSION, _SIZE = 1, 2, 1, 1, 2, 1, 1
"""Fields of ValueInfoProto, TypeProto, TypeProto.Tensor, TensorShapeProto and TensorShapeProto.Dimension."""

_MAX_ENTRY = 100_000_000
"""The most bytes that are read as one metadata entry, as for the header of a checkpoint."""


@dataclass(frozen=True)
class Tiling:
    """What planning tiles needs to know of a network, beyond its card.

    Attributes:
        alignment: Tiles start at, and have sides of, multiples of this many pixels.
        ramp: Half the width in pixels over which neighbouring tiles fade into each other; 0 for none.
        side: Side in pixels of the only windows that the network takes; 0 where it takes any.
        scale: What values in canonical units are divided by before they go in.
    """

    alignment: int
    ramp: int
    side: int
    scale: float = 1.0

    def to_json(self) -> Dict[str, float]:
        """Returns the numbers as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Port:
    """An input or an output of a network.

    Attributes:
        name: Its name.
        element: Type of its elements, a number of onnx.TensorProto.DataType; 0 where it is no tensor.
        shape: Its sizes; 0 where a size is free.
    """

    name: str
    element: int
    shape: Tuple[int, ...]


@dataclass(frozen=True)
class Ports:
    """What a network takes and gives.

    Attributes:
        inputs: In order, without those that are weights.
        outputs: In order.
    """

    inputs: Tuple[Port, ...]
    outputs: Tuple[Port, ...]


def read_tiling(path: str) -> Tiling:
    """Reads what planning tiles needs to know from an ONNX file that LandSketch wrote.

    Raises:
        CheckpointError: If it is none, or is damaged.
    """
    content = read_metadata(path).get(TILING_KEY)
    if content is None:
        raise CheckpointError(f"'{path}' is an ONNX model that says nothing on tiling.", "Export it anew.")
    try:
        values = json.loads(content)
        return Tiling(
            int(values["alignment"]), int(values["ramp"]), int(values["side"]), float(values.get("scale", 1.0))
        )
    except (ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"The tiling of '{path}' is damaged: {error!r}.", "Export it anew.") from error


def read_metadata(path: str) -> Dict[str, str]:
    """Reads the metadata of an ONNX file, without reading its network.

    Raises:
        CheckpointError: If the file is missing, is no ONNX model, or is truncated.
    """
    metadata: Dict[str, str] = {}
    with _opened(path) as (file, model):
        for number, length in model:
            if number == _METADATA:
                key, value = _entry(file, length)
                metadata[key] = value
    return metadata


def read_ports(path: str) -> Ports:
    """Reads what the network of an ONNX file takes and gives, without reading its weights.

    Raises:
        CheckpointError: If the file is missing, is no ONNX model, or is truncated.
    """
    inputs: List[Port] = []
    outputs: List[Port] = []
    weights: Set[str] = set()
    with _opened(path) as (file, model):
        for number, length in model:
            if number != _GRAPH:
                continue
            for part in fields(file, file.tell() + length):
                if part.number in (_INPUT, _OUTPUT):
                    (inputs if part.number == _INPUT else outputs).append(_port(file, part.length))
                elif part.number == _INITIALIZER:
                    # Old files list weights among the inputs as well.
                    weights.add(_tensor_name(file, part.length))
    return Ports(tuple(port for port in inputs if port.name not in weights), tuple(outputs))


@contextmanager
def _opened(path: str) -> Iterator[Tuple[BinaryIO, Iterator[Tuple[int, int]]]]:
    """Yields the file and its fields, as number and length; what is wrong with the file becomes a clear error."""
    seen: Set[int] = set()

    def noted(file: BinaryIO) -> Iterator[Tuple[int, int]]:
        for field in fields(file, os.fstat(file.fileno()).st_size):
            seen.add(field.number)
            yield field.number, field.length

    try:
        with open(path, "rb") as file:
            yield file, noted(file)
    except OSError as error:
        raise CheckpointError(f"Checkpoint '{path}' cannot be read: {error.strerror}.", _HINT) from error
    except TruncatedError as error:
        if _IR_VERSION not in seen:
            raise CheckpointError(f"'{path}' is not an ONNX model.", _HINT) from error
        raise CheckpointError(f"Checkpoint '{path}' is truncated.", "Copy it again.") from error
    except ValueError as error:
        raise CheckpointError(f"'{path}' is not an ONNX model, or is damaged.", _HINT) from error
    if not {_IR_VERSION, _GRAPH, _OPSET_IMPORT} <= seen:
        raise CheckpointError(f"'{path}' is not a whole ONNX model.", _HINT)


def _entry(file: BinaryIO, length: int) -> Tuple[str, str]:
    """Reads a StringStringEntryProto of so many bytes."""
    if length > _MAX_ENTRY:
        raise ValueError("A metadata entry of this size is none.")
    content = io.BytesIO(file.read(length))
    texts = {field.number: text(content, field.length) for field in fields(content, length)}
    return texts.get(_KEY, ""), texts.get(_VALUE, "")


def _tensor_name(file: BinaryIO, length: int) -> str:
    """Reads the name of a TensorProto, stepping over its elements."""
    end = file.tell() + length
    return "".join(text(file, field.length) for field in fields(file, end) if field.number == _TENSOR_NAME)


def _port(file: BinaryIO, length: int) -> Port:
    """Reads a ValueInfoProto."""
    name, element = "", 0
    shape: Tuple[int, ...] = ()
    for field in fields(file, file.tell() + length):
        if field.number == _NAME:
            name = text(file, field.length)
        elif field.number == _TYPE:
            for kind in fields(file, file.tell() + field.length):
                if kind.number == _TENSOR_TYPE:
                    element, shape = _tensor_type(file, kind.length)
    return Port(name, element, shape)


def _tensor_type(file: BinaryIO, length: int) -> Tuple[int, Tuple[int, ...]]:
    """Reads a TypeProto.Tensor: the elements' type, and the sizes."""
    element = 0
    shape: List[int] = []
    for field in fields(file, file.tell() + length):
        if field.number == _ELEMENT:
            element = field.value
        elif field.number == _SHAPE:
            for dimension in fields(file, file.tell() + field.length):
                if dimension.number == _DIMENSION:
                    end = file.tell() + dimension.length
                    sizes = [part.value for part in fields(file, end) if part.number == _SIZE]
                    shape.append(sizes[0] if sizes else 0)
    return element, tuple(shape)
